"""Object store: objects that were stored, and objects of a folder."""

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
from tests.emulator.services.detection import MISSING, detect
from tests.kit.wire import ASTRONAUT, WireClient, image_file, plain_image


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_bytes(b"secret")
    bucket = tmp_path / "root" / "photos"
    (bucket / "2026").mkdir(parents=True)
    (bucket / "2026" / "one.jpg").write_bytes(b"one")
    (bucket.parent / "other").mkdir()
    (bucket.parent / "other" / "two.jpg").write_bytes(b"two")
    return bucket.parent


def test_a_stored_image_is_analysed(emulator: Emulator, wire: WireClient) -> None:
    emulator.put_object("photos", "people/astronaut.jpg", ASTRONAUT.read_bytes())
    assert detect(wire, Bucket="photos", Name="people/astronaut.jpg") == 1


def test_an_image_in_the_folder_is_analysed(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "astronaut.jpg").write_bytes(ASTRONAUT.read_bytes())
    with Emulator(s3_root=tmp_path) as emulator:
        assert detect(WireClient(emulator), Bucket="photos", Name="astronaut.jpg") == 1


def test_a_missing_object_is_an_error(wire: WireClient) -> None:
    assert detect(wire, Bucket="photos", Name="astronaut.jpg") == MISSING


@pytest.mark.parametrize("s3", [{"Bucket": "photos"}, {"Name": "one.jpg"}, {}])
def test_a_reference_without_bucket_or_name_is_an_error(wire: WireClient, s3: dict[str, str]) -> None:
    assert detect(wire, **s3) == MISSING


def test_the_newest_version_is_read_by_default(emulator: Emulator, wire: WireClient) -> None:
    face = emulator.put_object("photos", "one", ASTRONAUT.read_bytes())
    none = emulator.put_object("photos", "one", image_file(plain_image()))
    name = {"Bucket": "photos", "Name": "one"}
    assert [detect(wire, **name), detect(wire, **name, Version=none), detect(wire, **name, Version=face)] == [0, 0, 1]
    assert detect(wire, **name, Version="another") == MISSING


def test_a_stored_object_may_be_empty(root: Path) -> None:
    with Emulator(s3_root=root) as emulator:
        emulator.put_object("photos", "2026/one.jpg", b"")
        assert emulator.get_object("photos", "2026/one.jpg") == b""


def test_a_stored_object_hides_that_of_the_folder(root: Path) -> None:
    objects = Objects(root)
    objects.put("photos", "2026/one.jpg", b"put")
    assert objects.read("photos", "2026/one.jpg", limit=10) == b"put"


def test_the_newest_of_many_versions_is_read_by_default(emulator: Emulator) -> None:
    for number in range(10):
        emulator.put_object("photos", "key", b"%d" % number)  # version ids are random
        assert emulator.get_object("photos", "key") == b"%d" % number


def test_files_of_the_folder_have_no_versions(root: Path) -> None:
    with pytest.raises(RefusalError):
        Objects(root).read("photos", "2026/one.jpg", "1", limit=10)


def test_a_read_returns_at_most_one_byte_more_than_its_limit(root: Path) -> None:
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
        ("unknown", "one.jpg"),
    ],
)
def test_a_path_out_of_the_bucket_is_an_error(root: Path, bucket: str, key: str) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(root).read(bucket, key, limit=10)


def test_an_absolute_path_is_an_error(root: Path) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(root).read("photos", str(root.parent / "secret.txt"), limit=10)


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege on Windows")
@pytest.mark.parametrize("target", ["../../secret.txt", "../other/two.jpg", "loop"])
def test_a_link_out_of_the_bucket_is_an_error(root: Path, target: str) -> None:
    (root / "photos" / "loop").symlink_to(target)
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(root).read("photos", "loop", limit=10)


def test_a_root_that_is_not_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="s3_root must be an existing folder"):
        Emulator(s3_root=tmp_path / "none")


def test_an_image_of_more_than_15_megabytes_is_an_error(emulator: Emulator, wire: WireClient) -> None:
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
def test_an_image_has_either_bytes_or_an_object(wire: WireClient, image: dict[str, object], text: str) -> None:
    assert wire("DetectFaces", Image=image).refusal == ("InvalidParameterException", text)


# --- Versions and writes -------------------------------------------------------------------------------------------


@pytest.fixture
def versioned(root: Path) -> Path:
    older = root / "photos" / ".versions" / "2026" / "one.jpg"
    older.mkdir(parents=True)
    (older / "v1").write_bytes(b"first")
    return root


def test_an_older_version_is_read_from_its_file(versioned: Path) -> None:
    objects = Objects(versioned)
    assert objects.read("photos", "2026/one.jpg", "v1", limit=10) == b"first"
    assert objects.read("photos", "2026/one.jpg", limit=10) == b"one"


@pytest.mark.parametrize("version", ["v2", "..", ".", "../one.jpg/v1", "../../../2026/one.jpg", "/v1", "v1/"])
def test_a_missing_version_is_an_error(versioned: Path, version: str) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(versioned).read("photos", "2026/one.jpg", version, limit=10)


def test_the_folder_of_versions_is_not_a_key(versioned: Path) -> None:
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
def test_no_name_reaches_a_file_outside_its_bucket(root: Path, bucket: str, key: str) -> None:
    try:
        data = Objects(root).read(bucket, key, limit=10)
    except RefusalError:
        return
    assert data == {"photos": b"one", "other": b"two"}[bucket]


@pytest.mark.parametrize("text", ["\ud800", "one\0", "one\ud800/two"])
def test_a_name_with_invalid_characters_is_an_error(root: Path, text: str) -> None:
    for bucket, key, version in (("photos", text, None), (text, "one", None), ("photos", "2026/one.jpg", text)):
        with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
            Objects(root).read(bucket, key, version, limit=10)


def test_stored_objects_survive_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        first = emulator.put_object("photos", "one", b"first")
        emulator.put_object("photos", "one", b"second")
    with Emulator(data=tmp_path) as emulator:
        assert emulator.get_object("photos", "one") == b"second"
        assert emulator.get_object("photos", "one", first) == b"first"


def test_an_object_that_the_service_writes_is_stored(root: Path) -> None:
    objects = Objects(root)
    objects.write("photos", "results.jsonl", b"{}")
    assert objects.read("photos", "results.jsonl", limit=10) == b"{}"
    assert not (root / "photos" / "results.jsonl").exists()


def test_an_empty_object_is_read(root: Path) -> None:
    objects = Objects(root)
    objects.put("photos", "empty", b"")
    assert objects.read("photos", "empty", limit=10) == b""


def test_getting_a_missing_object_is_a_lookup_error(emulator: Emulator) -> None:
    with pytest.raises(LookupError, match="there is no object 'one' in bucket 'photos'"):
        emulator.get_object("photos", "one")


@pytest.mark.parametrize("form", [str, Path])
def test_a_file_is_stored_by_its_path(emulator: Emulator, tmp_path: Path, form: Callable[[Path], str | Path]) -> None:
    (tmp_path / "one").write_bytes(b"1")
    emulator.put_object("photos", "one", form(tmp_path / "one"))
    assert emulator.get_object("photos", "one") == b"1"


def test_storing_a_missing_file_is_an_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        emulator.put_object("photos", "one", tmp_path / "nothing")


@pytest.mark.parametrize(
    ("bucket", "key", "data", "message"),
    [
        ("photos", "one", 5, "data must be bytes or the path of a file, not int"),
        ("photos", "one", None, "data must be bytes or the path of a file, not NoneType"),
        (5, "one", b"", "bucket must be a non-empty text, not 5"),
        ("photos", "", b"", "key must be a non-empty text, not ''"),
        ("photos", "\ud800", b"", "key must be text, without half a surrogate pair"),
    ],
)
def test_invalid_arguments_of_put_object_are_errors(
    emulator: Emulator, bucket: Any, key: Any, data: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        emulator.put_object(bucket, key, data)
