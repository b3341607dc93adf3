"""Enrolment of celebrities: `Emulator.add_celebrity` adds them to the gallery."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .... import models
from ...._values.narrow import is_bytes
from ...content.faces import faces_in
from ...content.images import ImageSource, read_source
from ...refusals import RefusalError
from ...state.rows import celebrities
from ...texts import check_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...context import Context
    from ...truth.names import ImageFile

_MAX_URLS = 255


def add_celebrity(
    context: Context,
    name: str,
    images: Sequence[ImageFile],
    *,
    celebrity_id: str | None = None,
    urls: Sequence[str] = (),
    gender: str | None = None,
) -> str:
    """Store a celebrity with the largest face of each image, replacing any celebrity with this id; return the id."""
    check_texts(name=name, urls="".join(urls))
    chosen = celebrities.id_of(name) if celebrity_id is None else celebrity_id
    _check(name, chosen, urls, gender, images)
    embeddings = [_embedding(context, image, index) for index, image in enumerate(images)]
    with context.state.write() as connection:
        celebrities.put(connection, chosen, name=name, urls=urls, gender=gender, embeddings=embeddings)
    return chosen


def _check(name: str, celebrity_id: str, urls: Sequence[str], gender: str | None, images: Sequence[ImageFile]) -> None:
    if not name.strip():
        raise ValueError("name must not be empty")
    if not re.fullmatch("[0-9A-Za-z]+", celebrity_id):
        raise ValueError(f"id must be letters and digits, not {celebrity_id!r}")
    if len(urls) > _MAX_URLS:
        raise ValueError(f"urls must have at most {_MAX_URLS} entries, not {len(urls)}")
    if gender is not None and gender not in list(models.KnownGenderType):
        raise ValueError(f"gender must be one of {', '.join(models.KnownGenderType)}, not {gender!r}")
    if not images:
        raise ValueError("images must have at least one image of the celebrity")


def _embedding(context: Context, image: ImageFile, index: int) -> bytes:
    try:
        faces = faces_in(context, _source(context, image), "add_celebrity")
    except RefusalError as error:
        raise ValueError(f"images[{index}]: {error.message}") from error
    if not faces:
        raise ValueError(f"images[{index}]: no face is detected; each image must show the celebrity's face")
    return faces[0].embed()


def _source(context: Context, image: ImageFile) -> ImageSource:
    if is_bytes(image):
        return ImageSource(bytes(image))
    if isinstance(image, str) and image.startswith("s3://"):
        bucket, _, key = image.removeprefix("s3://").partition("/")
        return read_source(context, models.Image(s3_object=models.S3Object(bucket=bucket, name=key)))
    with open(image, "rb") as file:
        return ImageSource(file.read())
