"""Messages for arguments in the form of another library, or in the wrong order, name the remedy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from rekog import Image, S3Object, Video
from rekog.errors import ParamValidationError
from rekog.models import Attribute
from tests.kit.backends import PNG, Backend, Unused

Call: TypeAlias = Callable[[Any], Any]

URLS = "the only URLs accepted are 's3://bucket/key', as text"
FILE = "No such file or directory"
FORMS = "must be bytes, a path, 's3://bucket/key', a file object, an image of Pillow, an S3Object or an Image, not dict"
VIDEO_FORMS = "must be 's3://bucket/key', an S3Object or a Video"
CALL = "or use client.call, which takes boto3's dicts"
ORDER = "; is this the collection_id? {}(collection_id=..., image=...)"


def error_text(backend: Backend, call: Call) -> str:
    """Return the text of the error for a call's arguments."""
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: call(client))
    return str(caught.value)


BOTO3: dict[str, tuple[Call, str]] = {
    "bytes": (
        lambda c: c.detect_faces({"Bytes": PNG}),
        f"detect_faces: image: {FORMS}: pass the bytes themselves, {CALL}",
    ),
    "object": (
        lambda c: c.detect_faces({"S3Object": {"Bucket": "b", "Name": "n"}}),
        f"detect_faces: image: {FORMS}: pass 's3://bucket/key' or an S3Object, {CALL}",
    ),
    "video": (
        lambda c: c.start_face_detection({"S3Object": {"Bucket": "b", "Name": "n"}}),
        f"start_face_detection: video: {VIDEO_FORMS}, not dict: pass 's3://bucket/key' or an S3Object, {CALL}",
    ),
    "text for a list": (
        lambda c: c.detect_faces(PNG, attributes="ALL"),
        'detect_faces: attributes: must be a list, not str: write ["ALL"]',
    ),
    "member for a list": (
        lambda c: c.detect_faces(PNG, attributes=Attribute.SMILE),
        'detect_faces: attributes: must be a list, not Attribute: write ["SMILE"]',
    ),
    "text for a list of a wire dict": (
        lambda c: c.call("DetectFaces", {"Image": {"Bytes": PNG}, "Attributes": "ALL"}),
        'DetectFaces: Attributes: must be a list, not str: write ["ALL"]',
    ),
    "unknown text for a list": (
        lambda c: c.detect_faces(PNG, attributes="ALLE"),
        "detect_faces: attributes: must be a list, not str: put it in a list, [...]",
    ),
    "text for a list of ids": (
        lambda c: c.delete_faces("people", face_ids="secret"),
        "delete_faces: face_ids: must be a list, not str: put it in a list, [...]",
    ),
}


@pytest.mark.parametrize(("call", "text"), BOTO3.values(), ids=BOTO3)
def test_an_argument_in_another_form_is_answered_with_the_right_one(backend: Backend, call: Call, text: str) -> None:
    assert error_text(backend, call) == text


def test_text_in_place_of_structures_has_no_remedy() -> None:
    from rekog import models, to_wire

    wrong: Any = "cat"
    with pytest.raises(ParamValidationError, match=r"^Label: instances: must be a list, not str$"):
        to_wire(models.Label(name="Cat", confidence=9.0, instances=wrong))


SWAPPED: dict[str, Any] = {
    "path": "group.jpg",
    "path in capitals": "GROUP.JPG",
    "another ending of a JPEG": "group.jpeg",
    "PNG file": "group.png",
    "bytearray": bytearray(PNG),
    "video": Video(),
    "path object": Path("group.jpg"),
    "bytes": PNG,
    "image": Image(bytes=PNG),
    "object": S3Object(bucket="b", name="n"),
    "URL": "s3://bucket/key",
}


@pytest.mark.parametrize("image", SWAPPED.values(), ids=SWAPPED)
@pytest.mark.parametrize("collection", ["staff", "staff.2024"])
def test_swapped_arguments_are_pointed_out(backend: Backend, image: Any, collection: str) -> None:
    text = error_text(backend, lambda client: client.index_faces(image, collection))
    assert text == f"index_faces: image: {collection!r} cannot be read: {FILE}{ORDER.format('index_faces')}"


def test_a_path_without_a_suffix_may_be_the_id(backend: Backend) -> None:
    text = error_text(backend, lambda client: client.search_faces_by_image("staff", "visitor"))
    order = ORDER.format("search_faces_by_image")
    assert text == f"search_faces_by_image: image: 'visitor' cannot be read: {FILE}{order}"


def test_a_directory_may_be_the_id(backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "staff").mkdir()
    text = error_text(backend, lambda client: client.index_faces("group.jpg", "staff"))
    assert text == f"index_faces: image: 'staff' is a directory, not an image{ORDER.format('index_faces')}"


def test_an_arn_in_place_of_an_image_is_pointed_out(backend: Backend) -> None:
    order = "; is this the project_version_arn? detect_custom_labels(project_version_arn=..., image=...)"
    for arn in ("arn:aws:rekognition:us-east-1:1:project/p/version/p.2024-01-01T00.00.00/1", "arn:aws:project.2024"):
        for other in ("cat.jpg", "an-id"):
            call = partial(call_custom_labels, arn, other)
            text = f"detect_custom_labels: image: {arn!r} cannot be read: {FILE}{order}"
            assert error_text(backend, call) == text


def call_custom_labels(arn: str, other: str, client: Any) -> Any:
    return client.detect_custom_labels(image=arn, project_version_arn=other)


def test_an_id_in_place_of_a_video_is_pointed_out(backend: Backend) -> None:
    text = error_text(
        backend, lambda client: client.start_face_search(video="people", collection_id="s3://bucket/film.mp4")
    )
    assert text == (
        f"start_face_search: video: {VIDEO_FORMS}, not other text"
        "; is this the collection_id? start_face_search(collection_id=..., video=...)"
    )


MISSING: dict[str, Call] = {
    "right order": lambda c: c.index_faces("staff", "missing.jpg"),
    "id with a dot": lambda c: c.index_faces("staff.2024", "missing.jpg"),
    "no other argument": lambda c: c.detect_faces("missing"),
    "two images": lambda c: c.compare_faces("missing", PNG),
    "URL": lambda c: c.index_faces("staff", "https://host.test/a"),
}


@pytest.mark.parametrize("call", MISSING.values(), ids=MISSING)
def test_a_missing_file_is_not_taken_for_an_id(backend: Backend, call: Call) -> None:
    text = error_text(backend, call)
    assert text.endswith((f"cannot be read: {FILE}", f"{FILE}: {URLS}"))
