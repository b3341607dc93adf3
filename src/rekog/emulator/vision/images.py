"""Decoding of images as the service accepts them: PNG or JPEG, turned upright, within its limits."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin

from .. import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from .boxes import Box

_ORIENTATION_TAG = 0x0112
_TURNS: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Transposition that turns an image upright, by the value of its EXIF orientation tag."""

# The plugins themselves, not `Image.open`: they open these two formats only, and return the size of an image that
# Pillow would reject as too large before we can raise the service's error.
_FORMATS: Mapping[bytes, Callable[[io.BytesIO], Image.Image]] = {
    b"\x89PNG\r\n\x1a\n": PngImagePlugin.PngImageFile,
    b"\xff\xd8\xff": JpegImagePlugin.JpegImageFile,
}


class ImageLimits(NamedTuple):
    """Minimum and maximum of width and height in pixels."""

    minimum: int = 80
    maximum: int = 10_000


class DecodedImage:
    """Decoded pixels of an upright image or frame: its size, and its pixels at any scale."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self.width: int = image.width
        self.height: int = image.height

    def pixels(self, width: int | None = None, height: int | None = None) -> NDArray[np.uint8]:
        """Return the pixels as an array (height, width, 3) of RGB, scaled to a size if one is given."""
        size = (width or self.width, height or self.height)
        return np.asarray(self._image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0), dtype=np.uint8)

    def crop(self, box: Box) -> DecodedImage:
        """Return the part of the image inside a box, cut at the image's edges: at least one pixel."""
        x, y = _clamp(box.left, 0, self.width - 1), _clamp(box.top, 0, self.height - 1)
        right, bottom = _clamp(box.right, x + 1, self.width), _clamp(box.bottom, y + 1, self.height)
        return DecodedImage(self._image.crop((x, y, right, bottom)))


def decode(data: bytes, limits: ImageLimits = ImageLimits()) -> DecodedImage:  # noqa: B008 (immutable)
    """Decode a PNG or JPEG, and turn a JPEG by its EXIF orientation; raise the service's errors."""
    open_image = next((opener for start, opener in _FORMATS.items() if data.startswith(start)), None)
    if open_image is None:
        raise refusals.image_format()
    try:
        image = open_image(io.BytesIO(data))
        _check_size(*image.size, limits)
        return DecodedImage(_upright(_rgb(image), image))
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError):
        raise refusals.image_encoding() from None


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if max(width, height) > limits.maximum:
        raise refusals.image_dimensions(width, height, limits.maximum)
    if min(width, height) < limits.minimum:
        raise refusals.image_small(width, height, limits.minimum)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255 and not scale down
        grey = np.asarray(image).astype(np.uint32) >> 8
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    return image.convert("RGB")


def _upright(image: Image.Image, source: Image.Image) -> Image.Image:
    if not isinstance(source, JpegImagePlugin.JpegImageFile):
        return image
    try:
        orientation: object = source.getexif().get(_ORIENTATION_TAG)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, struct.error):  # ignore broken EXIF
        return image
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _clamp(value: float, minimum: int, maximum: int) -> int:
    return min(max(round(value), minimum), maximum)


DecodedImage.__module__ = "rekog.emulator"  # the public module, for pickles and tracebacks
