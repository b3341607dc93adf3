"""Image and video arguments: converted to models, and checked before anything is sent.

`rekog.images` describes the forms.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .._generated.shapes import SHAPES
from .._values.errors import ParamValidationError
from .._values.model import Model, as_model
from .._values.narrow import BytesLike, is_bytes, is_mapping
from .flow import Flow, run_blocking
from .names import snake

if TYPE_CHECKING:
    from ..models import Image, S3Object, Video
    from .deadline import Deadline
    from .operation import Operation

M = TypeVar("M")

MAX_BYTES = 5_242_880
LONGEST_PATH = 4096
_START = 256  # bytes from which another format is recognised
FORMATS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class _Limits(NamedTuple):
    """Limits of an operation for an image in a request: bytes, and minimum and maximum of its sides in pixels."""

    bytes: int = MAX_BYTES
    smallest: int = 80
    largest: int = 10_000


_LIMITS = {
    "DetectCustomLabels": _Limits(4 * 1024 * 1024),
    "DetectProtectiveEquipment": _Limits(4 * 1024 * 1024, 64, 4096),
}
"""Operations with limits of their own, by the service's documentation."""
_BASE64_STARTS = (b"/9j/", b"iVBORw0KGgo", b"data:")
_BASE64_TEXT = re.compile(r"(data:[\w/+.-]*;base64,|/9j/|iVBORw0KGgo)[A-Za-z0-9+/=\s]*")
_S3_URL = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)


def load_media(
    operation: Operation[Any, Any],
    name: str,
    arguments: Mapping[str, object],
    deadline: Deadline,
    *,
    strict: bool = False,
) -> Flow[Image | Video]:
    """Return the argument of this name as the model to send; a file is read outside the event loop, until the deadline.

    A named pipe, or a file of a network share, may never be readable. `strict` checks the image's header as well.
    """
    try:
        media = yield from _load(arguments[name], deadline, is_video=name == "video")
        if strict and name != "video":
            _check_header(operation.name, media)
        return media
    except TimeoutError as error:  # the driver's
        raise deadline.error(f"{name} was not read yet", operation=operation.name, attempts=0) from error
    except _InvalidMedia as error:
        text = f"{name}: {error}"
        if isinstance(error, _NoSuchMedia):
            text += _other_argument(operation, name, arguments)
        whole = f"{operation.method_name}: {text}"
        raise ParamValidationError(whole, operation=operation.name, problems=[text]) from error.__cause__


class _InvalidMedia(Exception):  # noqa: N818 (it never leaves this module)
    """The broken rule of an image or a video."""


class _NoSuchMedia(_InvalidMedia):
    """A text that identifies no image or video."""


def _other_argument(operation: Operation[Any, Any], name: str, arguments: Mapping[str, object]) -> str:
    """Return a question for arguments that seem to be in the wrong order: the text may be the id of a resource."""
    required = [snake(wire) for wire in SHAPES[f"{operation.name}Request"].required]
    others = [argument for argument in required if argument not in operation.media]
    if len(others) != 1:
        return ""
    text = str(arguments[name])
    if "." in os.path.basename(text) and not text.startswith("arn:") and not _is_media(arguments.get(others[0])):
        return ""
    return f"; is this the {others[0]}? {operation.method_name}({others[0]}=..., {name}=...)"


def _is_media(value: object) -> bool:
    """Return whether the value of another argument looks like an image or a video."""
    from ..models import Image, S3Object, Video

    if isinstance(value, str):
        return value.startswith("s3://") or value.lower().endswith((".jpg", ".jpeg", ".png"))
    return is_bytes(value) or isinstance(value, os.PathLike | Image | S3Object | Video)


def _kind(value: object, *, is_video: bool) -> str:
    """Return the type of a value that is no image or video, and the remedy for the most frequent types."""
    kind = type(value)
    module = "rekog.models" if isinstance(value, Model) else kind.__module__
    name = kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"
    if not is_mapping(value):
        is_array = hasattr(value, "__array__") and not is_video
        return f"{name}: rekog.images.from_array(array, channels='RGB' or 'BGR') converts it" if is_array else name
    in_s3 = not {"S3Object", "s3_object"}.isdisjoint(value)
    form = "'s3://bucket/key' or an S3Object" if in_s3 else "the bytes themselves"
    return f"{name}: pass {form}, or use client.call, which takes boto3's dicts"


def _load(value: object, deadline: Deadline, *, is_video: bool) -> Flow[Image | Video]:
    from ..models import Image, S3Object, Video

    if isinstance(value, str) and value.startswith("s3://"):
        value = _s3_object(value)
    if is_mapping(value):
        value = as_model("S3Object", as_model("Video" if is_video else "Image", value))
    if isinstance(value, S3Object):
        value = Video(s3_object=value) if is_video else Image(s3_object=value)
    if is_video:
        if not isinstance(value, Video):
            forms = "'s3://bucket/key', an S3Object or a Video"
            if isinstance(value, str):
                raise _NoSuchMedia(f"must be {forms}, not other text")
            raise _InvalidMedia(f"must be {forms}, not {_kind(value, is_video=is_video)}")
        if value.s3_object is None:
            raise _InvalidMedia("must have an s3_object: the service reads videos from S3 only")
        return _in_s3(value, value.s3_object)
    if isinstance(value, str | os.PathLike):
        return Image(bytes=(yield from _file(os.fspath(value), deadline)))
    if is_bytes(value):
        return Image(bytes=_checked(value))
    if not isinstance(value, Image):
        data = yield from _other_form(value, deadline)
        if data is not None:
            return Image(bytes=_checked(data))
        forms = "bytes, a path, 's3://bucket/key', a file object, an image of Pillow, an S3Object or an Image"
        raise _InvalidMedia(f"must be {forms}, not {_kind(value, is_video=is_video)}")
    return _image(value)


def _other_form(value: object, deadline: Deadline) -> Flow[bytes | None]:
    """Return the bytes of a `FittedImage`, an image of Pillow or a file object; None for another value."""
    from .._values.fitted_image import FittedImage

    if isinstance(value, FittedImage):
        return value.data
    if is_pillow(value):
        from .image_files.fitting import fit_image

        image: Any = value
        fitted = yield from run_blocking(lambda: fit_image(image, MAX_BYTES, None), deadline.left())
        return fitted.data
    if hasattr(value, "read"):
        return (yield from run_blocking(lambda: _read_object(value), deadline.left()))
    return None


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


def quick_wire(value: object) -> dict[str, object] | None:
    """Return the wire dict of an image in a frequent form, bytes or an S3 URL; None if it needs another way.

    It is the one that `load_media`, the codec and the check of minimums accept, in a fifth of the time.
    """
    if isinstance(value, bytes):
        is_valid = value.startswith(FORMATS) and len(value) <= MAX_BYTES
        return {"Bytes": value} if is_valid else None
    match = _S3_URL.fullmatch(value) if isinstance(value, str) else None
    if match is None or len(match["bucket"]) < (SHAPES["S3Bucket"].min or 0):
        return None
    return {"S3Object": {"Bucket": match["bucket"], "Name": match["key"]}}


def _checked(data: BytesLike, path: str = "", size: int = 0) -> bytes:
    """Return an image's bytes; for a file that is too large, its first bytes and its size are enough."""
    file = f"{path!r} " if path else ""
    if isinstance(data, memoryview):
        data = _flat(data)
    size = size or len(data)
    if size == 0:
        raise _InvalidMedia(f"{file}has no bytes: the image is empty")
    if bytes(data[:16]).startswith(_BASE64_STARTS):
        raise _InvalidMedia(f"{file}is base64 text: give the image's raw bytes, the client encodes them itself")
    if size > MAX_BYTES:
        rule = f"more than the {MAX_BYTES} that fit in a request: rekog.images.fit(image) shrinks it, or put it in S3"
        raise _InvalidMedia(f"{file}has {size} bytes, {rule}")
    if not bytes(data[:8]).startswith(FORMATS):
        raise _InvalidMedia(f"{file}{_other_format(bytes(data[:_START]))}")
    return data  # type: ignore[return-value]  # any buffer works: it is only read, and a copy costs megabytes


def _other_format(start: bytes) -> str:
    """Return the problem of bytes that are neither a JPEG nor a PNG image."""
    from .image_files.header import READABLE, other_format

    name = other_format(start)
    if name is None:
        rule = "is neither a JPEG nor a PNG image, the only formats that the service reads"
        return f"{rule}: rekog.images.fit(image) converts an image of another format"
    remedy = ": rekog.images.fit(image) converts it" if name in READABLE else ""
    return f"is {name} file; the service reads JPEG and PNG only{remedy}"


def _check_header(operation: str, media: Image | Video) -> None:
    """Refuse an image whose header breaks a limit of the operation, or whose end is missing."""
    from .image_files.header import is_complete, size_of

    data: BytesLike | None = getattr(media, "bytes", None)
    if data is None:
        return
    content, limits = bytes(data), _LIMITS.get(operation, _Limits())
    if len(content) > limits.bytes:
        raise _InvalidMedia(f"has {len(content)} bytes, more than the {limits.bytes} that {operation} takes")
    size = size_of(content)
    if size is None:
        raise _InvalidMedia("has a damaged header: it does not tell the image's size")
    if min(size) < limits.smallest or max(size) > limits.largest:
        rule = f"{operation} takes {limits.smallest} to {limits.largest} pixels a side"
        raise _InvalidMedia(f"has {size.width} x {size.height} pixels; {rule}")
    if not is_complete(content):
        raise _InvalidMedia("is cut off: its end marker is missing")


def is_pillow(value: object) -> bool:
    """Tell whether a value is an image of Pillow; a program without Pillow has none."""
    # Without the class, another thread is importing the module, and there is no image yet.
    image: Any = getattr(sys.modules.get("PIL.Image"), "Image", None)
    return image is not None and isinstance(value, image)


def _read_object(file: Any) -> bytes:
    """Return the rest of a file object, or as much as shows that it is too large."""
    from .image_files.file_objects import UnreadableError, read_object

    try:
        return read_object(file, MAX_BYTES + 1)
    except UnreadableError as error:
        raise _InvalidMedia(str(error)) from error.__cause__


def _flat(view: memoryview[int]) -> bytes | memoryview[int]:
    """Return the bytes of a view of any shape, copied only if they have gaps or another order."""
    return view.cast("B") if view.c_contiguous and view.nbytes else view.tobytes()


def _file(path: str | bytes, deadline: Deadline) -> Flow[bytes]:
    if isinstance(path, bytes):
        raise _InvalidMedia("must be a text path, not a bytes path")
    if _BASE64_TEXT.fullmatch(path):
        raise _InvalidMedia(
            "is base64 text in place of a path or raw bytes: decode it, the client encodes bytes itself"
        )
    if len(path) > LONGEST_PATH:
        raise _InvalidMedia(f"is a text of {len(path)} characters, which cannot be a path")
    return (yield from run_blocking(lambda: _read(path), deadline.left()))


def _read(path: str) -> bytes:
    try:
        if os.path.isdir(path):
            raise _NoSuchMedia(f"{path!r} is a directory, not an image")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
            size = max(len(data), os.fstat(file.fileno()).st_size)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        text = f"{path!r} cannot be read: {reason}"
        if ":/" in path:
            raise _InvalidMedia(f"{text}: the only URLs accepted are 's3://bucket/key', as text") from error
        raise _NoSuchMedia(text) from error
    return _checked(data, path, size)
