"""Decoding of images as the service accepts them: PNG or JPEG, turned upright, within its limits.

A JPEG that ends before its end marker is refused as a damaged one (assumed): the decoders can't tell whether only the
marker is missing. Transparency is ignored: a transparent pixel counts with its colour.

Pillow reads the header of each image, because it tells the kinds of images apart, and it decodes PNGs and the unusual
JPEGs. OpenCV decodes the usual ones: the pixels are the same, and it takes a third less time, because Pillow would copy
them three times. Its libjpeg writes a line to stderr for a JPEG that is damaged but readable.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin

from .. import refusals
from .image_files import JPEG, PNG, split_jpeg, still_png
from .images import KEPT_PIXELS, colours_of, kept_size, scaled_down
from .pixel_budget import BUDGET

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from .images import DecodedImage

    Pixels = NDArray[np.uint8]

_TURNS: Mapping[int, tuple[int, bool]] = {
    2: (0, True),
    3: (2, False),
    4: (2, True),
    5: (3, True),
    6: (3, False),
    7: (1, True),
    8: (1, False),
}
"""Quarter turns, counter-clockwise, and then an exchange of left and right, that turn an image upright, by the value of
its EXIF orientation tag."""
_SIDEWAYS = range(5, 9)
"""Values of the tag that exchange width and height."""
_GREY_MODES = ("1", "L", "LA")
_USUAL_MODES = ("L", "RGB")
"""Modes of JPEGs that OpenCV decodes to the same pixels as Pillow."""
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
"""OpenCV's flags by the divisor of the size."""


class ImageLimits(NamedTuple):
    """Minimum and maximum of width and height in pixels."""

    minimum: int = 80
    maximum: int = 10_000


def decode(
    data: bytes,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 (immutable)
    *,
    enough: int | None = None,
) -> DecodedImage:
    """Decode a PNG or JPEG, and turn a JPEG by its EXIF orientation; raise the service's errors.

    With `enough`, a side in pixels, a larger JPEG is decoded at a half, a quarter or an eighth of its size that is not
    smaller. It is decoded again when more is asked of it.
    """
    with _refused_if_damaged():
        file = _opened(data)
        width, height = file.header.size
        _check_size(width, height, limits)
        part = _smallest_part(width, height, enough) if file.is_jpeg else 1
        pixels = _pixels(file, part)
    if file.orientation in _SIDEWAYS:
        width, height = height, width
    return scaled_down(pixels, width, height, None if part == 1 else partial(_whole_pixels, data))


def _whole_pixels(data: bytes) -> Pixels:
    with _refused_if_damaged():
        return _pixels(_opened(data), 1)


@contextmanager
def _refused_if_damaged() -> Generator[None]:
    try:
        yield
    except refusals.RefusalError:
        raise
    except Exception:  # damaged files make Pillow raise errors of many kinds, IndexError and AssertionError among them
        raise refusals.image_encoding() from None


class _File(NamedTuple):
    """A file whose header was read: its content, and the value of its orientation tag."""

    content: bytes
    header: Image.Image
    is_jpeg: bool
    orientation: int | None


def _opened(data: bytes) -> _File:
    # The plugins themselves, not `Image.open`: they open these two formats only, and return the size of an image that
    # Pillow would reject as too large before we can raise the service's error.
    if data.startswith(PNG):
        content = still_png(data)
        return _File(content, PngImagePlugin.PngImageFile(io.BytesIO(content)), is_jpeg=False, orientation=None)
    if data.startswith(JPEG):
        content, orientation = split_jpeg(data)
        return _File(content, JpegImagePlugin.JpegImageFile(io.BytesIO(content)), is_jpeg=True, orientation=orientation)
    raise refusals.image_format()


def _pixels(file: _File, part: int) -> Pixels:
    """Decode an image, or a JPEG at a part of its size, and return the upright pixels to keep, blue first."""
    width, height = file.header.size
    with BUDGET.reserve(width * height):
        is_usual = file.is_jpeg and file.header.mode in _USUAL_MODES and width * height <= KEPT_PIXELS * part * part
        pixels = _read(file.content, part) if is_usual else _kept(file.header, part)
        file.header.close()  # its pixels are freed before others may decode
        return _turned(pixels, file.orientation)


def _read(jpeg: bytes, part: int) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), _REDUCED[part] | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise ValueError("the JPEG is damaged")
    return np.asarray(pixels, np.uint8)


def _smallest_part(width: int, height: int, enough: int | None) -> int:
    """Return the divisor, 1, 2, 4 or 8, by which an image is decoded smaller, but not smaller than a side."""
    return (
        1 if enough is None else max(part for part in (1, 2, 4, 8) if part == 1 or min(width, height) >= part * enough)
    )


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if max(width, height) > limits.maximum:
        raise refusals.image_dimensions(width, height, limits.maximum)
    if min(width, height) < limits.minimum:
        raise refusals.image_small(width, height, limits.minimum)


def _kept(image: Image.Image, part: int) -> Pixels:
    """Decode an image, or a JPEG at a part of its size, and return the pixels to keep, with few large copies."""
    size = kept_size(*image.size)
    # a JPEG is decoded at a half, a quarter or an eighth if that is large enough
    image.draft(None, size if part == 1 else (image.width // part, image.height // part))
    image.load()
    grey = image.mode in _GREY_MODES
    image.info.pop("transparency", None)  # Pillow warns when it converts a palette with transparency
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255 and not scale down
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode not in ("L", "RGB"):
        image = image.convert("L" if grey else "RGB")
    if image.width * image.height > size[0] * size[1]:
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return colours_of(image)


def _turned(pixels: Pixels, orientation: int | None) -> Pixels:
    """Return pixels turned upright, by the value of the EXIF orientation tag."""
    turns, mirrored = _TURNS.get(orientation or 1, (0, False))
    if turns == 0 and not mirrored:
        return pixels
    turned = np.rot90(pixels, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)
