"""S3 objects: those that were put, and those of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rekog.emulator import Emulator
from rekog.emulator.refusals import RefusalError
from rekog.emulator.services.objects import Objects
from tests.kit.wire import ASTRONAUT, WireClient, image_file, plain_image

MISSING = (
    "InvalidS3ObjectException",
    "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
)


def detect(wire: WireClient, **s3: str) -> tuple[str, str] | int:
    answer = wire("DetectFaces", Image={"S3Object": s3})
    return len(answer.body["FaceDetails"]) if answer.status == 200 else answer.refusal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_bytes(b"secret")
    bucket = tmp_path / "root" / "photos"
    (bucket / "2026").mkdir(parents=True)
    (bucket / "2026" / "one.jpg").write_bytes(b"one")
    (bucket.parent / "other").mkdir()
    (bucket.parent / "other" / "two.jpg").write_bytes(b"two")
    return bucket.parent


def test_an_image_that_was_put_is_looked_at(emulator: Emulator, wire: WireClient) -> None:
    emulator.put_object("photos", "people/astronaut.jpg", ASTRONAUT.read_bytes())
    assert detect(wire, Bucket="photos", Name="people/astronaut.jpg") == 1


def test_an_image_in_the_folder_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "astronaut.jpg").write_bytes(ASTRONAUT.read_bytes())
    with Emulator(s3_root=tmp_path) as emulator:
        assert detect(WireClient(emulator), Bucket="photos", Name="astronaut.jpg") == 1


def test_an_object_that_nobody_put_is_refused(wire: WireClient) -> None:
    assert detect(wire, Bucket="photos", Name="astronaut.jpg") == MISSING


@pytest.mark.parametrize("s3", [{"Bucket": "photos"}, {"Name": "one.jpg"}, {}])
def test_a_reference_without_bucket_or_name_is_refused(wire: WireClient, s3: dict[str, str]) -> None:
    assert detect(wire, **s3) == MISSING


def test_the_newest_version_is_read_unless_one_is_named(emulator: Emulator, wire: WireClient) -> None:
    face = emulator.put_object("photos", "one", ASTRONAUT.read_bytes())
    none = emulator.put_object("photos", "one", image_file(plain_image()))
    name = {"Bucket": "photos", "Name": "one"}
    assert [detect(wire, **name), detect(wire, **name, Version=none), detect(wire, **name, Version=face)] == [0, 0, 1]
    assert detect(wire, **name, Version="another") == MISSING


def test_what_was_put_stands_before_the_folder(root: Path) -> None:
    objects = Objects(root)
    objects.put("photos", "2026/one.jpg", b"put")
    assert objects.read("photos", "2026/one.jpg", limit=10) == b"put"


def test_files_of_the_folder_have_no_versions(root: Path) -> None:
    with pytest.raises(RefusalError):
        Objects(root).read("photos", "2026/one.jpg", "1", limit=10)


def test_no_more_is_read_than_the_limit_and_one_byte(root: Path) -> None:
    objects = Objects(root)
    objects.put("photos", "long", b"12345")
    assert objects.read("photos", "long", limit=2) == b"123"
    assert objects.read("photos", "2026/one.jpg", limit=1) == b"on"


@pytest.mark.parametrize(
    ("bucket", "key"),
    [
        ("photos", "../other/two.jpg"),
        ("photos", "../../secret.txt"),
        ("photos", "2026/../../../secret.txt"),
        ("photos", "2026/./one.jpg"),
        ("photos", "2026//one.jpg"),
        ("photos", "/2026/one.jpg"),
        ("photos", "2026/one.jpg/"),
        ("photos", "2026"),
        ("photos", "2026\\..\\..\\..\\secret.txt"),
        ("photos", "C:\\secret.txt"),
        ("photos", "2026/one.jpg\0"),
        ("photos", "a" * 1024),
        ("..", "secret.txt"),
        (".", "photos/2026/one.jpg"),
        ("photos/2026", "one.jpg"),
        ("", "secret.txt"),
        ("nobody", "one.jpg"),
    ],
)
def test_nothing_outside_of_the_bucket_is_reached(root: Path, bucket: str, key: str) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(root).read(bucket, key, limit=10)


def test_an_absolute_path_reaches_nothing(root: Path) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(root).read("photos", str(root.parent / "secret.txt"), limit=10)


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege on Windows")
@pytest.mark.parametrize("target", ["../../secret.txt", "../other/two.jpg", "loop"])
def test_a_link_out_of_the_bucket_reaches_nothing(root: Path, target: str) -> None:
    (root / "photos" / "loop").symlink_to(target)
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(root).read("photos", "loop", limit=10)


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="s3_root must be an existing folder"):
        Emulator(s3_root=tmp_path / "none")


def test_an_object_of_more_than_15_megabytes_is_refused(emulator: Emulator, wire: WireClient) -> None:
    image = image_file(plain_image())
    emulator.put_object("photos", "fits", image + bytes(15 * 1024 * 1024 - len(image)))
    emulator.put_object("photos", "large", image + bytes(15 * 1024 * 1024 - len(image) + 1))
    assert detect(wire, Bucket="photos", Name="fits") == 0
    assert detect(wire, Bucket="photos", Name="large") == (
        "ImageTooLargeException",
        "Input image size exceeds the maximum of 15728640 bytes",
    )


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ({}, "Requested image should either contain bytes or s3 object."),
        (
            {"Bytes": image_file(plain_image()), "S3Object": {"Bucket": "photos", "Name": "one"}},
            "Requested image should contain either bytes or s3 object, not both.",
        ),
    ],
)
def test_an_image_is_bytes_or_an_object(wire: WireClient, image: dict[str, object], text: str) -> None:
    assert wire("DetectFaces", Image=image).refusal == ("InvalidParameterException", text)


# --- Versions, and what is written --------------------------------------------------------------------------------


@pytest.fixture
def versioned(root: Path) -> Path:
    older = root / "photos" / ".versions" / "2026" / "one.jpg"
    older.mkdir(parents=True)
    (older / "v1").write_bytes(b"first")
    return root


def test_an_older_version_is_a_file_of_its_own(versioned: Path) -> None:
    objects = Objects(versioned)
    assert objects.read("photos", "2026/one.jpg", "v1", limit=10) == b"first"
    assert objects.read("photos", "2026/one.jpg", limit=10) == b"one"


@pytest.mark.parametrize("version", ["v2", "..", ".", "../one.jpg/v1", "../../../2026/one.jpg", "/v1", "v1/"])
def test_a_version_that_is_not_there_is_refused(versioned: Path, version: str) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(versioned).read("photos", "2026/one.jpg", version, limit=10)


def test_the_folder_of_versions_is_no_key(versioned: Path) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(versioned).read("photos", ".versions/2026/one.jpg/v1", limit=10)


@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bucket=st.lists(st.sampled_from(["..", ".", "/", "photos", "other", "\\", "\0", "~", "%2e"]), max_size=4).map(
        "".join
    ),
    key=st.lists(
        st.sampled_from(["..", ".", "/", "secret.txt", "2026", "two.jpg", "\\", "\0", "%2e%2e"]), max_size=9
    ).map("".join),
)
def test_no_name_leads_out_of_its_bucket(root: Path, bucket: str, key: str) -> None:
    try:
        data = Objects(root).read(bucket, key, limit=10)
    except RefusalError:
        return
    assert data == {"photos": b"one", "other": b"two"}[bucket]


@pytest.mark.parametrize("text", ["\ud800", "one\0", "one\ud800/two"])
def test_a_name_that_is_no_text_is_refused(root: Path, text: str) -> None:
    for bucket, key, version in (("photos", text, None), (text, "one", None), ("photos", "2026/one.jpg", text)):
        with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
            Objects(root).read(bucket, key, version, limit=10)


def test_what_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        first = emulator.put_object("photos", "one", b"first")
        emulator.put_object("photos", "one", b"second")
    with Emulator(data=tmp_path) as emulator:
        assert emulator.get_object("photos", "one") == b"second"
        assert emulator.get_object("photos", "one", first) == b"first"


def test_what_the_service_writes_is_read_like_what_was_put(root: Path) -> None:
    objects = Objects(root)
    objects.write("photos", "results.jsonl", b"{}")
    assert objects.read("photos", "results.jsonl", limit=10) == b"{}"
    assert not (root / "photos" / "results.jsonl").exists()


def test_an_empty_object_is_one(root: Path) -> None:
    objects = Objects(root)
    objects.put("photos", "empty", b"")
    assert objects.read("photos", "empty", limit=10) == b""


def test_getting_an_object_that_is_not_there_is_a_lookup_error(emulator: Emulator) -> None:
    with pytest.raises(LookupError, match="there is no object 'one' in bucket 'photos'"):
        emulator.get_object("photos", "one")


@pytest.mark.parametrize("form", [str, Path])
def test_the_file_of_a_path_can_be_put(emulator: Emulator, tmp_path: Path, form: Callable[[Path], str | Path]) -> None:
    (tmp_path / "one").write_bytes(b"1")
    emulator.put_object("photos", "one", form(tmp_path / "one"))
    assert emulator.get_object("photos", "one") == b"1"


def test_a_file_that_is_not_there_can_not_be_put(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        emulator.put_object("photos", "one", tmp_path / "nothing")


@pytest.mark.parametrize(
    ("bucket", "key", "data", "told"),
    [
        ("photos", "one", 5, "data must be bytes or the path of a file, not int"),
        ("photos", "one", None, "data must be bytes or the path of a file, not NoneType"),
        (5, "one", b"", "bucket must be a non-empty text, not 5"),
        ("photos", "", b"", "key must be a non-empty text, not ''"),
        ("photos", "\ud800", b"", "key must be text, without half a surrogate pair"),
    ],
)
def test_what_makes_no_object_is_refused(emulator: Emulator, bucket: Any, key: Any, data: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        emulator.put_object(bucket, key, data)
