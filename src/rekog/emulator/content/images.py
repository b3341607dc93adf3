"""The picture of a request: from its bytes or from the object store, decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .. import refusals
from ..vision import needs_extra

if TYPE_CHECKING:
    from ... import models
    from ..context import Context
    from ..vision.images import DecodedImage


MAX_OBJECT_BYTES = 15 * 1024 * 1024
"""Of a picture in S3; a picture in the request is bounded by the model's own constraint."""
LEAST_SIDE = 80
GREATEST_SIDE = 10_000
"""Pixels; some operations have limits of their own, as the service's documentation says."""


class ImageSource(NamedTuple):
    """The undecoded bytes of a picture, and the object that they came from, if any."""

    data: bytes
    bucket: str | None = None
    key: str | None = None
    version: str | None = None


def decode_image(source: ImageSource, *, least: int = LEAST_SIDE, greatest: int = GREATEST_SIDE) -> DecodedImage:
    """Return the decoded picture, or refuse it as the service does; the limits are of width and height in pixels."""
    with needs_extra():
        from ..vision import images
    return images.decode(source.data, images.ImageLimits(least, greatest))


def read_source(context: Context, image: models.Image, *, most_bytes: int | None = None) -> ImageSource:
    """Return the bytes that an `Image` means, or refuse it as the service does.

    `most_bytes` is a limit of the operation's own for a picture in the request.
    """
    if image.bytes is not None and image.s3_object is not None:
        raise refusals.invalid_parameter("Requested image should contain either bytes or s3 object, not both.")  # ours
    if image.bytes is not None:
        if most_bytes is not None and len(image.bytes) > most_bytes:
            raise refusals.image_bytes(most_bytes)
        return ImageSource(image.bytes)
    place = image.s3_object
    if place is None:
        raise refusals.invalid_parameter("Requested image should either contain bytes or s3 object.")
    if not place.bucket or not place.name:
        raise refusals.object_unreadable()
    data = context.objects.read(place.bucket, place.name, place.version, limit=MAX_OBJECT_BYTES)
    if len(data) > MAX_OBJECT_BYTES:
        raise refusals.image_bytes(MAX_OBJECT_BYTES)
    return ImageSource(data, place.bucket, place.name, place.version)
