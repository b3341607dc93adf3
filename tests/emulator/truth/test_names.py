"""Names of images and videos, from each form of a source."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from rekog import models
from rekog.emulator import Emulator, TruthError
from rekog.emulator.truth.names import name_of, object_name
from tests.emulator.truth.declarations import IMAGE

OBJECT = models.S3Object(bucket="photos", name="cat.png")
BOTH = models.Image(bytes=IMAGE, s3_object=OBJECT)
UNNAMED = [
    models.S3Object(bucket="photos"),
    models.S3Object(name="cat.png"),
    models.S3Object(bucket="photos", name="cat.png", version="1"),
]
NAMES = "must name a bucket and a key: s3://BUCKET/KEY"
DIGITS = "must have 64 lowercase hex digits after sha256:"
RULE = "image must be bytes, a file, s3://BUCKET/KEY, sha256:HEX, an Image, a Video or an S3Object"
OBJECT_RULE = (
    "image: an S3Object must have a bucket and a name, and no version: declared content holds for all versions"
)


def test_bytes_file_and_hash_give_the_same_name(tmp_path: Path) -> None:
    file = tmp_path / "image.png"
    file.write_bytes(IMAGE)
    name = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"
    assert {name_of(IMAGE), name_of(file), name_of(str(file)), name_of(name)} == {name}


UNNAMING = [
    ("s3://bucket", f"'s3://bucket' {NAMES}"),
    ("s3://bucket/", f"'s3://bucket/' {NAMES}"),
    ("s3:///key", f"'s3:///key' {NAMES}"),
    ("s3://", f"'s3://' {NAMES}"),
    ("s3://photos/\ud800", r"'s3://photos/\ud800' must be text, without half a surrogate pair"),
    ("sha256:12", f"'sha256:12' {DIGITS}"),
    (f"sha256:{'A' * 64}", f"'sha256:{'A' * 64}' {DIGITS}"),
    (f"sha256:{'a' * 65}", f"'sha256:{'a' * 65}' {DIGITS}"),
]
"""Texts that name no image, with the problem."""


def test_a_source_that_names_no_image_is_refused() -> None:
    for source, message in UNNAMING:
        with pytest.raises(TruthError) as caught:
            name_of(source)
        assert str(caught.value) == message


def test_the_first_slash_ends_the_bucket() -> None:
    assert name_of("s3://photos/2026//a/") == object_name("photos", "2026//a/") == "s3://photos/2026//a/"


@pytest.mark.parametrize("model", [OBJECT, models.Image(s3_object=OBJECT), models.Video(s3_object=OBJECT)])
def test_a_model_of_an_object_gives_the_objects_name(model: models.Image | models.Video | models.S3Object) -> None:
    assert name_of(model) == "s3://photos/cat.png"


def test_a_model_with_bytes_gives_the_name_of_the_bytes() -> None:
    assert name_of(models.Image(bytes=IMAGE)) == name_of(IMAGE)


OTHERS: list[tuple[Any, str]] = [
    (5, f"{RULE}, not int"),
    (None, f"{RULE}, not NoneType"),
    (models.Image(), f"{RULE}, not Image()"),
    (models.Video(), f"{RULE}, not Video()"),
    (BOTH, f"{RULE}, not {BOTH!r}"),
    (models.Point(x=0, y=0), f"{RULE}, not {models.Point(x=0, y=0)!r}"),
    *((each, f"{OBJECT_RULE}; not {each!r}") for each in UNNAMED),
    *((models.Image(s3_object=each), f"{OBJECT_RULE}; not {each!r}") for each in UNNAMED),
]


def test_a_source_of_another_type_is_refused(emulator: Emulator) -> None:
    for source, message in OTHERS:
        with pytest.raises(TruthError) as caught:
            emulator.declare(source, labels=[])
        assert str(caught.value) == message


def test_a_missing_file_is_the_systems_own_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cat\.png"):
        emulator.declare(tmp_path / "cat.png", labels=[])
