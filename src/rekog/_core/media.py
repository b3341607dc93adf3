"""Image and video arguments: converted to models, and checked before anything is sent.

`rekog.images` describes the forms.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, TypeVar

from .._values.errors import ValidationError
from .._values.model import as_model
from .._values.narrow import BytesLike, is_bytes, is_mapping
from .flow import Flow, run_blocking

if TYPE_CHECKING:
    from ..models import Image, S3Object, Video

M = TypeVar("M")

MAX_BYTES = 5_242_880
LONGEST_PATH = 4096
FORMATS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_BASE64_STARTS = (b"/9j/", b"iVBORw0KGgo", b"data:")
_BASE64_TEXT = re.compile(r"(data:[\w/+.-]*;base64,|/9j/|iVBORw0KGgo)[A-Za-z0-9+/=\s]*")
_S3_URL = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)


def load_media(value: object, operation: str, name: str) -> Flow[Image | Video]:
    """Return an argument as the model to send; a file is read outside the event loop."""
    try:
        return (yield from _load(value, is_video=name == "video"))
    except _InvalidMedia as error:
        text = f"{name}: {error}"
        raise ValidationError(f"{operation}: {text}", operation=operation, problems=[text]) from error.__cause__


class _InvalidMedia(Exception):  # noqa: N818 (it never leaves this module)
    """The broken rule of an image or a video."""


def _load(value: object, *, is_video: bool) -> Flow[Image | Video]:
    from ..models import Image, S3Object, Video

    if isinstance(value, str) and value.startswith("s3://"):
        value = _s3_object(value)
    if is_mapping(value):
        value = as_model("S3Object", as_model("Video" if is_video else "Image", value))
    if isinstance(value, S3Object):
        value = Video(s3_object=value) if is_video else Image(s3_object=value)
    if is_video:
        if not isinstance(value, Video):
            raise _InvalidMedia(f"must be 's3://bucket/key', an S3Object or a Video, not {_kind(value)}")
        if value.s3_object is None:
            raise _InvalidMedia("must have an s3_object: the service reads videos from S3 only")
        return _in_s3(value, value.s3_object)
    if isinstance(value, str | os.PathLike):
        return Image(bytes=(yield from _file(os.fspath(value))))
    if is_bytes(value):
        return Image(bytes=_checked(value))
    if not isinstance(value, Image):
        forms = "bytes, a path, 's3://bucket/key', an S3Object or an Image"
        raise _InvalidMedia(f"must be {forms}, not {_kind(value)}")
    return _image(value)


def _kind(value: object) -> str:
    if is_mapping(value):
        return f"dict (its keys are {', '.join(map(repr, value))}; only client.call takes the service's names)"
    return "other text" if isinstance(value, str) else type(value).__name__


def _image(image: Image) -> Image:
    from ..models import Image

    if (image.bytes is None) == (image.s3_object is None):
        present = "neither is there" if image.bytes is None else "both are there"
        raise _InvalidMedia(f"must have either bytes or s3_object, and {present}")
    data: object = image.bytes  # an untyped caller may have assigned anything
    if is_bytes(data):
        return Image(bytes=_checked(data))
    if isinstance(data, str):
        raise _InvalidMedia("bytes must be raw bytes, not text: give the file's bytes, the client encodes them itself")
    return _in_s3(image, image.s3_object)


def _in_s3(media: M, location: object) -> M:
    from ..models import S3Object

    if isinstance(location, S3Object) and not (location.bucket and location.name):
        raise _InvalidMedia("its s3_object must have both a bucket and a name")
    return media  # the validator reports any other value in place of an S3Object


def _s3_object(url: str) -> S3Object:
    from ..models import S3Object

    match = _S3_URL.fullmatch(url)
    if match is None:
        raise _InvalidMedia("must be 's3://bucket/key' with both a bucket and a key")
    return S3Object(bucket=match["bucket"], name=match["key"])


def _checked(data: BytesLike, path: str = "", size: int = 0) -> bytes:
    """Return an image's bytes; for a file that is too large, its first bytes and its size are enough."""
    file = f"{path!r} " if path else ""
    size = size or (data.nbytes if isinstance(data, memoryview) else len(data))
    if size == 0:
        raise _InvalidMedia(f"{file}has no bytes: the image is empty")
    if bytes(data[:16]).startswith(_BASE64_STARTS):
        raise _InvalidMedia(f"{file}is base64 text: give the image's raw bytes, the client encodes them itself")
    if size > MAX_BYTES:
        rule = f"more than the {MAX_BYTES} that fit in a request: shrink it or put it in S3"
        raise _InvalidMedia(f"{file}has {size} bytes, {rule}")
    if not bytes(data[:8]).startswith(FORMATS):
        raise _InvalidMedia(f"{file}is neither a JPEG nor a PNG image: the service reads only these two formats")
    if isinstance(data, memoryview) and not data.c_contiguous:
        return data.tobytes()
    return data  # type: ignore[return-value]  # any buffer works: it is only read, and a copy costs megabytes


def _file(path: str | bytes) -> Flow[bytes]:
    if isinstance(path, bytes):
        raise _InvalidMedia("must be a text path, not a bytes path")
    if _BASE64_TEXT.fullmatch(path):
        raise _InvalidMedia(
            "is base64 text in place of a path or raw bytes: decode it, the client encodes bytes itself"
        )
    if len(path) > LONGEST_PATH:
        raise _InvalidMedia(f"is a text of {len(path)} characters, which cannot be a path")
    return (yield from run_blocking(lambda: _read(path)))


def _read(path: str) -> bytes:
    try:
        if os.path.isdir(path):
            raise _InvalidMedia(f"{path!r} is a directory, not an image")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
            size = max(len(data), os.fstat(file.fileno()).st_size)
    except (OSError, ValueError) as error:
        hint = ": the only URLs accepted are 's3://bucket/key', as text" if ":/" in path else ""
        reason = error.strerror if isinstance(error, OSError) else error
        raise _InvalidMedia(f"{path!r} cannot be read: {reason}{hint}") from error
    return _checked(data, path, size)
