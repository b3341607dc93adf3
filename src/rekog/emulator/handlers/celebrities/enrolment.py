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
    check_texts(urls="".join(urls))
    check_name(name)
    chosen = celebrities.id_of(name) if celebrity_id is None else celebrity_id
    _check(chosen, urls, gender, images)
    embeddings: list[bytes] = []
    for index, image in enumerate(images):
        try:
            embeddings.append(face_of(context, image))
        except ValueError as error:
            raise ValueError(f"images[{index}]: {error}") from error
    with context.state.write() as connection:
        celebrities.put(connection, chosen, name=name, urls=urls, gender=gender, embeddings=embeddings)
    return chosen


def check_name(name: str) -> None:
    """Raise `ValueError` for a text that is no name."""
    check_texts(name=name)
    if not name.strip():
        raise ValueError("name must not be empty")


def _check(celebrity_id: str, urls: Sequence[str], gender: str | None, images: Sequence[ImageFile]) -> None:
    if not re.fullmatch("[0-9A-Za-z]+", celebrity_id):
        raise ValueError(f"id must be letters and digits, not {celebrity_id!r}")
    if len(urls) > _MAX_URLS:
        raise ValueError(f"urls must have at most {_MAX_URLS} entries, not {len(urls)}")
    if gender is not None and gender not in list(models.KnownGenderType):
        raise ValueError(f"gender must be one of {', '.join(models.KnownGenderType)}, not {gender!r}")
    if not images:
        raise ValueError("images must have at least one image of the celebrity")


def face_of(context: Context, image: ImageFile) -> bytes:
    """Return the embedding of the largest face of an image; raise `ValueError` if it has none."""
    try:
        faces = faces_in(context, _source(context, image), "add_celebrity")
    except RefusalError as error:
        raise ValueError(error.message) from error
    if not faces:
        raise ValueError("no face is detected; each image must show the celebrity's face")
    return faces[0].embed()


def _source(context: Context, image: ImageFile) -> ImageSource:
    if is_bytes(image):
        return ImageSource(bytes(image))
    if isinstance(image, str) and image.startswith("s3://"):
        bucket, _, key = image.removeprefix("s3://").partition("/")
        return read_source(context, models.Image(s3_object=models.S3Object(bucket=bucket, name=key)))
    with open(image, "rb") as file:
        return ImageSource(file.read())
