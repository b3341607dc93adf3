"""The gallery of celebrities, as somebody fills it."""

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
    from ...truth.names import File

_MOST_URLS = 255


def enrol(
    context: Context,
    name: str,
    images: Sequence[File],
    *,
    celebrity_id: str | None = None,
    urls: Sequence[str] = (),
    gender: str | None = None,
) -> str:
    """Keep a celebrity with the largest face of each picture, in place of who had its id, and return the id."""
    check_texts(name=name, urls="".join(urls))
    chosen = celebrities.id_of(name) if celebrity_id is None else celebrity_id
    _check(name, chosen, urls, gender, images)
    embeddings = [_embedding(context, image, place) for place, image in enumerate(images, 1)]
    with context.state.write() as connection:
        celebrities.put(connection, chosen, name=name, urls=urls, gender=gender, embeddings=embeddings)
    return chosen


def _check(name: str, celebrity_id: str, urls: Sequence[str], gender: str | None, images: Sequence[File]) -> None:
    if not name.strip():
        raise ValueError("name must not be empty")
    if not re.fullmatch("[0-9A-Za-z]+", celebrity_id):
        raise ValueError(f"id must be letters and digits, not {celebrity_id!r}")
    if len(urls) > _MOST_URLS:
        raise ValueError(f"urls may be {_MOST_URLS} at most, not {len(urls)}")
    if gender is not None and gender not in list(models.KnownGenderType):
        raise ValueError(f"gender must be one of {', '.join(models.KnownGenderType)}, not {gender!r}")
    if not images:
        raise ValueError("pictures must hold at least one picture of the celebrity")


def _embedding(context: Context, image: File, place: int) -> bytes:
    try:
        found = faces_in(context, _source(context, image), "enrol_celebrity")
    except RefusalError as error:
        raise ValueError(f"picture {place}: {error.message}") from error
    if not found:
        raise ValueError(f"picture {place}: no face is found in it")
    return found[0].embed()


def _source(context: Context, image: File) -> ImageSource:
    if is_bytes(image):
        return ImageSource(bytes(image))
    if isinstance(image, str) and image.startswith("s3://"):
        bucket, _, key = image.removeprefix("s3://").partition("/")
        return read_source(context, models.Image(s3_object=models.S3Object(bucket=bucket, name=key)))
    with open(image, "rb") as file:
        return ImageSource(file.read())
