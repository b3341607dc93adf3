"""Names of images and videos, from each form of a source."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from rekog import models
from rekog.emulator import Emulator, TruthError
from rekog.emulator.truth.names import name_of
from tests.emulator.truth.declarations import IMAGE

OBJECT = models.S3Object(bucket="photos", name="cat.png")


def test_bytes_file_and_hash_give_the_same_name(tmp_path: Path) -> None:
    file = tmp_path / "image.png"
    file.write_bytes(IMAGE)
    name = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"
    assert {name_of(IMAGE), name_of(file), name_of(str(file)), name_of(name)} == {name}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("s3://bucket", "s3://BUCKET/KEY"),
        ("s3://", "a bucket"),
        ("s3://photos/\ud800", "half a"),
        ("sha256:12", "64 lowercase"),
    ],
)
def test_a_source_that_names_no_image_is_refused(source: str, message: str) -> None:
    with pytest.raises(TruthError, match=message):
        name_of(source)


@pytest.mark.parametrize("model", [OBJECT, models.Image(s3_object=OBJECT), models.Video(s3_object=OBJECT)])
def test_a_model_of_an_object_gives_the_objects_name(model: models.Image | models.Video | models.S3Object) -> None:
    assert name_of(model) == "s3://photos/cat.png"


def test_a_model_with_bytes_gives_the_name_of_the_bytes() -> None:
    assert name_of(models.Image(bytes=IMAGE)) == name_of(IMAGE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (5, "image must be bytes, a file, .*, an Image, a Video or an S3Object, not int"),
        (None, "image must be bytes, a file, .*, not NoneType"),
        (models.Image(), r"image must be bytes, a file, .*, not Image\(\)"),
        (models.Image(bytes=IMAGE, s3_object=OBJECT), "image must be bytes, a file, .*, not Image"),
        (models.Point(x=0, y=0), "image must be bytes, a file, .*, not Point"),
        (models.S3Object(bucket="photos"), "image: an S3Object must have a bucket and a name, and no version"),
        (
            models.S3Object(bucket="photos", name="cat.png", version="1"),
            "image: .*, and no version",
        ),
    ],
)
def test_a_source_of_another_type_is_refused(emulator: Emulator, source: Any, message: str) -> None:
    with pytest.raises(TruthError, match=message):
        emulator.declare(source, labels=[])


def test_a_missing_file_is_the_systems_own_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cat\.png"):
        emulator.declare(tmp_path / "cat.png", labels=[])
