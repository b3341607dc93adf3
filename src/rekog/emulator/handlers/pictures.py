"""The picture of a request: from its bytes or from the object store, decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import refusals
from ..vision import needs_extra

if TYPE_CHECKING:
    from ... import models
    from ..context import Context
    from ..vision.pictures import Picture


MAX_OBJECT_BYTES = 15 * 1024 * 1024
"""Of a picture in S3; a picture in the request is bounded by the model's own constraint."""


def load_picture(context: Context, image: models.Image) -> Picture:
    """Return the decoded picture that an `Image` means, or refuse it as the service does."""
    data = _data(context, image)
    with needs_extra():
        from ..vision import pictures
    return pictures.decode(data)


def _data(context: Context, image: models.Image) -> bytes:
    if image.bytes is not None and image.s3_object is not None:
        raise refusals.invalid_parameter("Requested image should contain either bytes or s3 object, not both.")  # [I]
    if image.bytes is not None:
        return image.bytes
    source = image.s3_object
    if source is None:
        raise refusals.invalid_parameter("Requested image should either contain bytes or s3 object.")
    if not source.bucket or not source.name:
        raise refusals.object_unreadable()
    data = context.objects.read(source.bucket, source.name, source.version, limit=MAX_OBJECT_BYTES)
    if len(data) > MAX_OBJECT_BYTES:
        raise refusals.image_bytes(MAX_OBJECT_BYTES)
    return data
