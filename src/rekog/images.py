"""Forms of images and videos that the methods take.

An image is an `Image`, an `S3Object`, raw bytes, a path, or `s3://bucket/key`; a video one of the forms in S3. They are
checked before anything is sent: the service reads PNG and JPEG files of up to 5 242 880 bytes, by its documentation.
`client.call` takes wire-shaped dicts and does not check images.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from ._core.media import MAX_BYTES

if TYPE_CHECKING:
    from .models import Image, ImageDict, S3Object, S3ObjectDict, Video, VideoDict

__all__ = ["MAX_BYTES", "ImageInput", "VideoInput"]

if TYPE_CHECKING:
    ImageInput: TypeAlias = (
        Image | ImageDict | S3Object | S3ObjectDict | bytes | bytearray | memoryview | os.PathLike[str] | str
    )
    """An image; a text is a path or `s3://bucket/key`, a dict has the fields of an `Image` or an `S3Object`."""
    VideoInput: TypeAlias = Video | VideoDict | S3Object | S3ObjectDict | str
    """A video; a text is `s3://bucket/key`, a dict has the fields of a `Video` or an `S3Object`."""
else:

    def __getattr__(name: str) -> object:
        """Return an alias for tools that evaluate annotations; a call of a client loads no models for it."""
        if name not in ("ImageInput", "VideoInput"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import models as m

        in_s3 = m.S3Object | m.S3ObjectDict | str
        files = bytes | bytearray | memoryview | os.PathLike[str]
        globals()["ImageInput"] = m.Image | m.ImageDict | in_s3 | files
        globals()["VideoInput"] = m.Video | m.VideoDict | in_s3
        return globals()[name]


def __dir__() -> list[str]:
    return sorted(__all__)
