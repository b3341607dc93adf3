"""The image of a request: read from the request or from the object store, and decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .. import refusals
from ..truth.names import name_of, object_name
from ..vision import needs_extra

if TYPE_CHECKING:
    from ... import models
    from ..context import Context
    from ..vision.images import DecodedImage


MAX_OBJECT_BYTES = 15 * 1024 * 1024
"""Maximum size of an image in S3; the model's own constraint limits an image in the request."""
MIN_SIDE = 80
MAX_SIDE = 10_000
"""Pixels; some operations document limits of their own."""


def _digest(source: ImageSource) -> str:
    return name_of(source.data)


@attrs.frozen
class ImageSource:
    """The undecoded bytes of an image, and the S3 object that they were read from, if any."""

    data: bytes = attrs.field(repr=False)
    bucket: str | None = None
    key: str | None = None
    version: str | None = None
    digest: str = attrs.field(default=attrs.Factory(_digest, takes_self=True), repr=False)
    """`sha256:` and the hex digest of the bytes: the name for declarations about them."""

    @property
    def names(self) -> list[str]:
        """The names under which content may be declared: the bytes have precedence over the S3 object."""
        if self.bucket and self.key:
            return [self.digest, object_name(self.bucket, self.key)]
        return [self.digest]


def decode_image(
    context: Context,
    source: ImageSource,
    *,
    min_side: int = MIN_SIDE,
    max_side: int = MAX_SIDE,
    enough: int | None = None,
) -> DecodedImage:
    """Return the decoded image, or refuse it as the service does; the limits apply to width and height in pixels.

    An image that was decoded before may still be remembered, with the results of the networks. `enough` is the side of
    a copy that the operation needs at first.
    """
    recent = context.vision.recent_images
    image = recent.find(source.digest)
    if image is not None and min_side <= min(image.width, image.height) <= max(image.width, image.height) <= max_side:
        return image
    with needs_extra():
        from ..vision import decoding
    image = decoding.decode(source.data, decoding.ImageLimits(min_side, max_side), enough=enough)
    recent.add(source.digest, image)
    return image


def read_source(context: Context, image: models.Image, *, max_bytes: int | None = None) -> ImageSource:
    """Return the bytes of an `Image`, or refuse it as the service does.

    `max_bytes` is the operation's own limit for an image in the request.
    """
    if image.bytes is not None and image.s3_object is not None:
        raise refusals.invalid_parameter(
            "Requested image should contain either bytes or s3 object, not both."
        )  # our wording
    if image.bytes is not None:
        if max_bytes is not None and len(image.bytes) > max_bytes:
            raise refusals.image_bytes(max_bytes)
        return ImageSource(image.bytes, digest=(context.name_of or name_of)(image.bytes))
    location = image.s3_object
    if location is None:
        raise refusals.invalid_parameter("Requested image should either contain bytes or s3 object.")
    if not location.bucket or not location.name:
        raise refusals.object_unreadable()
    data = context.objects.read(location.bucket, location.name, location.version, limit=MAX_OBJECT_BYTES)
    if len(data) > MAX_OBJECT_BYTES:
        raise refusals.image_bytes(MAX_OBJECT_BYTES)
    return ImageSource(data, location.bucket, location.name, location.version)
