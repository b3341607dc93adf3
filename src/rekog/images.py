"""Images and videos that the methods take, and the conversion of other images.

An image is raw bytes, a path, `s3://bucket/key`, a file object, an image of Pillow, a `FittedImage`, an `S3Object` or
an `Image`; a video one of the forms in S3. They are checked before anything is sent: the service reads PNG and JPEG
files of up to 5 242 880 bytes, by its documentation. `client.call` takes wire-shaped dicts and does not check images.

`fit` converts and shrinks any image that Pillow reads, and `from_array` an array, which has no order of channels of its
own. `crop` and `pixel_box` apply the boxes of a response to the image, and `draw` draws its results. They need Pillow,
from the extra `images`. `to_supervision` returns the results for the library supervision.
"""

from __future__ import annotations

import math
import os
from numbers import Integral
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from ._core.media import MAX_BYTES, is_pillow
from ._values.errors import ParamValidationError
from ._values.fitted_image import FittedImage
from ._values.lazy import LazyModule
from ._values.model import Response  # noqa: TC001 (for tools that evaluate annotations)
from ._values.narrow import is_bytes
from ._values.public import publish

if TYPE_CHECKING:
    import supervision
    from numpy import typing as npt
    from PIL import Image as pillow  # noqa: N813 (a module)

    from . import models
else:  # for tools that evaluate annotations
    models, npt, pillow, supervision = map(LazyModule, ("rekog.models", "numpy.typing", "PIL.Image", "supervision"))

__all__ = [
    "MAX_BYTES", "Channels", "FittedImage", "ImageInput", "LocalImage", "PixelBox", "VideoInput", "crop", "draw",
    "fit", "from_array", "pixel_box", "to_supervision",
]  # fmt: skip

Channels: TypeAlias = Literal["RGB", "BGR", "RGBA", "BGRA", "L"]
"""The order of an array's channels; L is grey."""

if TYPE_CHECKING:
    ImageInput: TypeAlias = (
        models.Image | models.ImageDict | models.S3Object | models.S3ObjectDict | FittedImage | pillow.Image
        | IO[bytes] | bytes | bytearray | memoryview | os.PathLike[str] | str
    )  # fmt: skip
    """An image; a text is a path or `s3://bucket/key`, a dict has the fields of an `Image` or an `S3Object`."""
    VideoInput: TypeAlias = models.Video | models.VideoDict | models.S3Object | models.S3ObjectDict | str
    """A video; a text is `s3://bucket/key`, a dict has the fields of a `Video` or an `S3Object`."""
    LocalImage: TypeAlias = (
        FittedImage | pillow.Image | IO[bytes] | bytes | bytearray | memoryview | os.PathLike[str] | str
    )
    """An image that is not in S3."""
else:

    def __getattr__(name: str) -> object:
        """Return an alias for tools that evaluate annotations; a call of a client loads no models for it."""
        if name not in ("ImageInput", "VideoInput", "LocalImage"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        in_s3 = models.S3Object | models.S3ObjectDict | str
        files = bytes | bytearray | memoryview | os.PathLike[str] | FittedImage | IO[bytes]
        globals()["ImageInput"] = models.Image | models.ImageDict | in_s3 | files | Any
        globals()["VideoInput"] = models.Video | models.VideoDict | in_s3
        globals()["LocalImage"] = files | str | Any
        return globals()[name]


class PixelBox(NamedTuple):
    """A box in whole pixels; `right` and `bottom` are outside it, as in Pillow's `crop`."""

    left: int
    top: int
    right: int
    bottom: int


def fit(source: LocalImage, *, max_bytes: int = MAX_BYTES, max_side: int | None = None) -> FittedImage:
    """Return an image as a JPEG or PNG file that the service reads, upright and without metadata.

    `source` is any image that Pillow reads, as bytes, a path, a file object or Pillow's image; HEIC files need the
    extra `heic`. A JPEG or PNG file that fits keeps its pixels as they are stored. Any other image becomes a JPEG of
    the highest quality that fits in `max_bytes`; it is scaled down if its greater side has more than `max_side` pixels
    (at most 10,000), or if no quality fits. Its colours are converted to sRGB, and transparent pixels become white.
    EXIF, XMP and the like are removed: they may contain the place of a photograph. Raise `ParamValidationError` for a
    file that is no image, and `ConfigError` without Pillow.

    >>> fitted = fit("examples/images/astronaut.jpg", max_side=256)
    >>> fitted.width, fitted.height, fitted.media_type
    (256, 256, 'image/jpeg')
    """
    from ._core.image_files.fitting import fit_bytes, fit_image

    _check_whole("fit", max_bytes=max_bytes, **({} if max_side is None else {"max_side": max_side}))
    if is_pillow(source):
        image: Any = source
        return fit_image(image, max_bytes, max_side)
    return fit_bytes(_read(source), max_bytes, max_side)


def from_array(array: npt.NDArray[Any], *, channels: Channels) -> FittedImage:
    """Return an array of bytes, of the shape (height, width, channels) or (height, width) for L, as `fit` does.

    `channels` has no default: arrays of Pillow are RGB, those of OpenCV BGR, and nothing but worse results would show
    that they were confused. Raise `ParamValidationError` for another type or shape.

    >>> import numpy
    >>> from_array(numpy.zeros((80, 100, 3), numpy.uint8), channels="BGR").width
    100
    """
    from ._core.image_files.fitting import fit_image, new_image

    if channels not in get_args(Channels):
        raise _invalid("from_array", f"channels: must be one of {', '.join(get_args(Channels))}, not {channels!r}")
    shape: tuple[int, ...] = getattr(array, "shape", ())
    wanted = (len(channels),) if channels != "L" else ()
    if str(getattr(array, "dtype", "")) != "uint8" or len(shape) < 2 or shape[2:] != wanted or 0 in shape:
        form = f"{type(array).__name__} of {getattr(array, 'dtype', 'objects')} with the shape {shape}"
        sides = ", ".join(["height", "width", *map(str, wanted)])
        raise _invalid("from_array", f"array: must be a uint8 array of the shape ({sides}), not {form}")
    if channels.startswith("BGR"):
        array = array[:, :, [2, 1, 0, 3][: len(channels)]]
    return fit_image(new_image(array), MAX_BYTES, None)


def pixel_box(box: models.BoundingBox, *, width: int, height: int) -> PixelBox:
    """Return a box of a response, whose sides are ratios, in pixels of an image of this size, cut at its edges.

    Sides are rounded outwards, so that the whole box is inside. It has at least one pixel.

    >>> from rekog.models import BoundingBox
    >>> pixel_box(BoundingBox(left=-0.1, top=0.25, width=0.5, height=0.5), width=101, height=200)
    PixelBox(left=0, top=50, right=41, bottom=150)
    """
    sides = [box.left * width, box.top * height, (box.left + box.width) * width, (box.top + box.height) * height]
    left, top, right, bottom = (round(side, 6) for side in sides)  # 0.3 + 0.6 is a little more than 0.9
    x, y = min(max(0, math.floor(left)), width - 1), min(max(0, math.floor(top)), height - 1)
    return PixelBox(x, y, max(x + 1, min(width, math.ceil(right))), max(y + 1, min(height, math.ceil(bottom))))


def crop(source: LocalImage, box: models.BoundingBox, *, margin: float = 0.0) -> pillow.Image:
    """Return the part of an image inside a box of a response, as Pillow's image.

    The image is turned upright first, as the service does. `margin` is added on each side, as a ratio of the box's own
    width and height.

    >>> from rekog.models import BoundingBox
    >>> crop("examples/images/astronaut.jpg", BoundingBox(left=0.25, top=0.25, width=0.5, height=0.25)).size
    (256, 128)
    """
    from .models import BoundingBox

    image = opened(source)
    wider = BoundingBox(
        left=box.left - margin * box.width,
        top=box.top - margin * box.height,
        width=box.width * (1 + 2 * margin),
        height=box.height * (1 + 2 * margin),
    )
    return image.crop(pixel_box(wider, width=image.width, height=image.height))


def draw(
    source: LocalImage,
    answer: Response,
    *,
    min_confidence: float | None = None,
    side: Literal["source", "target"] = "target",
    font: os.PathLike[str] | str | None = None,
) -> pillow.Image:
    """Return a copy of an image with the results of a response drawn on it, as Pillow's image.

    `answer` is the response for this image: of the faces, labels, text, custom labels, celebrities or protective
    equipment in it, of `index_faces` or `search_faces_by_image`, or of `compare_faces`, where `side` says for which of
    its two images. Results whose confidence (of a match: similarity) is below `min_confidence` are left out. The image
    is turned upright first, as the service does. `font` is a TrueType or OpenType file for captions in other letters
    than those of ASCII. Raise `ParamValidationError` for a response of another operation.

    >>> from rekog.models import BoundingBox, DetectFacesResponse, FaceDetail
    >>> face = FaceDetail(bounding_box=BoundingBox(left=0.35, top=0.12, width=0.18, height=0.22), confidence=99.9)
    >>> draw("examples/images/astronaut.jpg", DetectFacesResponse(face_details=[face])).size
    (512, 512)
    """
    from ._core.answers.drawing import drawn
    from ._core.answers.marks import marks_of
    from ._core.image_files.fitting import open_rgb

    _check_side("draw", side)
    marks = marks_of(answer, side=side, min_confidence=min_confidence)
    given: Any = source
    image = open_rgb(given if is_pillow(source) else _read(source))
    return drawn(image, marks, None if font is None else os.fspath(font))


def to_supervision(
    answer: Response,
    *,
    width: int,
    height: int,
    classes: dict[str, int] | None = None,
    min_confidence: float | None = None,
    side: Literal["source", "target"] = "target",
) -> supervision.Detections:
    """Return the results of a response as `supervision.Detections`, for its annotators, trackers and metrics.

    They are the results that `draw` draws, in the same order, in pixels of the upright image, which has `width` and
    `height`, cut at its edges. `confidence` is 0 to 1, as other detectors have it, NaN where it is absent.
    `data["class_name"]` has the label, the name of the celebrity, the type of the equipment (HAND_COVER), "face",
    "person", "match", "no match" and so on, or the text that was read; texts are one class, and have their polygons
    in `data["xyxyxyxy"]`. Class ids count from 0 in each response. Pass the same dict `classes` for many images, to
    keep the ids: each new class is added to it. supervision is imported by this function only; `ConfigError` without
    it, `ParamValidationError` for a response without places.

    >>> from rekog.models import BoundingBox, DetectFacesResponse, FaceDetail
    >>> face = FaceDetail(bounding_box=BoundingBox(left=0.25, top=0.5, width=0.5, height=0.25), confidence=99.0)
    >>> found = to_supervision(DetectFacesResponse(face_details=[face]), width=400, height=200)
    >>> found.xyxy.tolist(), found.data["class_name"].tolist()
    ([[100.0, 100.0, 300.0, 150.0]], ['face'])
    """
    from ._core.answers.detections import detections
    from ._core.answers.marks import marks_of

    _check_whole("to_supervision", width=width, height=height)
    _check_side("to_supervision", side)
    marks = marks_of(answer, side=side, min_confidence=min_confidence)
    return detections(marks, width, height, {} if classes is None else classes)


def opened(source: LocalImage) -> pillow.Image:
    """Return an image of Pillow, upright."""
    from ._core.image_files.fitting import open_upright

    given: Any = source
    return open_upright(given if is_pillow(source) else _read(source))


def _check_whole(function: str, **given: object) -> None:
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise _invalid(function, f"{name}: must be a whole number, 1 or more, not {value!r}")


def _check_side(function: str, side: object) -> None:
    if side not in ("source", "target"):
        raise _invalid(function, f"side: must be 'source' or 'target', not {side!r}")


def _read(source: object) -> bytes:
    """Return the bytes of a local image."""
    if isinstance(source, FittedImage):
        return source.data
    if is_bytes(source):
        return bytes(source)
    if isinstance(source, str) and source.startswith("s3://"):
        raise _unread("must be a local image: the object in S3 may be passed to a call as it is")
    if isinstance(source, str | os.PathLike):
        return _read_file(source)
    if not hasattr(source, "read"):
        forms = "bytes, a path, a file object in binary mode, an image of Pillow or a FittedImage"
        remedy = ": from_array(array, channels='RGB' or 'BGR') converts it" if hasattr(source, "__array__") else ""
        raise _unread(f"must be {forms}, not {type(source).__name__}{remedy}")
    from ._core.image_files.file_objects import UnreadableError, read_object

    try:
        return read_object(source)
    except UnreadableError as error:
        raise _unread(f"{error}") from error.__cause__


def _read_file(path: Any) -> bytes:
    try:
        with open(path, "rb") as file:
            content: bytes = file.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise _unread(f"{os.fspath(path)!r} cannot be read: {reason}") from error
    return content


def _unread(problem: str) -> ParamValidationError:
    return ParamValidationError(f"rekog.images: source: {problem}", problems=[f"source: {problem}"])


def _invalid(function: str, text: str) -> ParamValidationError:
    return ParamValidationError(f"images.{function}: {text}", problems=[text])


publish("rekog.images", PixelBox, fit, from_array, pixel_box, crop, draw, to_supervision)


def __dir__() -> list[str]:
    return sorted(__all__)
