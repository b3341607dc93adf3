"""Decoding of images as the service accepts them: PNG or JPEG, turned upright, within its limits.

A JPEG that ends before its end marker is refused as a damaged one (assumed): Pillow can't tell whether only the marker
is missing. Transparency is ignored: a transparent pixel counts with its colour.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin

from ..._values.lazy import LazyModule
from ..._values.public import publish
from .. import refusals
from .boxes import Box  # noqa: TC001 (for tools that evaluate annotations)
from .image_files import JPEG, PNG, split_jpeg, still_png
from .pixel_budget import BUDGET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy import typing as npt
else:  # for tools that evaluate annotations
    npt = LazyModule("numpy.typing")

KEPT_PIXELS = 8_000_000
"""Pixels that are kept of a larger image, scaled down: the detectors scale an image to a megapixel, and a face to a
few hundred pixels. 40 requests at once then hold 1.3 GB at most, four bytes a pixel."""

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
_SIDEWAYS = range(5, 9)
"""Values of the tag that exchange width and height."""
_ROUNDING = 1e-6
"""Part of a pixel that a rounding error may add."""
_GREY_MODES = ("1", "L", "LA")


class ImageLimits(NamedTuple):
    """Minimum and maximum of width and height in pixels."""

    minimum: int = 80
    maximum: int = 10_000


class DecodedImage:
    """Decoded pixels of an upright image or frame: its size, and its pixels at any scale.

    Of an image with more than eight megapixels a smaller copy is kept. `width`, `height` and all boxes are still those
    of the image itself.
    """

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self._part = (0.0, 0.0, float(image.width), float(image.height))
        self.width: int = image.width
        self.height: int = image.height

    def pixels(self, width: int | None = None, height: int | None = None) -> npt.NDArray[np.uint8]:
        """Return the pixels as an array (height, width, 3) of RGB, scaled to a size if one is given."""
        size = (width or self.width, height or self.height)
        scaled = self._image.resize(size, Image.Resampling.BILINEAR, box=self._part, reducing_gap=2.0)
        return np.asarray(scaled, dtype=np.uint8)

    def crop(self, box: Box) -> DecodedImage:
        """Return the part of the image inside a box, cut at the image's edges: at least one pixel."""
        x, y = _clamp(box.left, 0, self.width - 1), _clamp(box.top, 0, self.height - 1)
        right, bottom = _clamp(box.right, x + 1, self.width), _clamp(box.bottom, y + 1, self.height)
        left, top, across, down = self._part[0], self._part[1], *self._kept_per_pixel()
        kept = (left + x * across, top + y * down, left + right * across, top + bottom * down)
        # whole pixels of the smaller copy, because pixels beyond the box must not count when the part is scaled
        whole = math.floor(kept[0]), math.floor(kept[1]), math.ceil(kept[2] - _ROUNDING), math.ceil(kept[3] - _ROUNDING)
        part = scaled_down(self._image.crop(whole), right - x, bottom - y)
        size = part._image.size
        part._part = (
            kept[0] - whole[0],
            kept[1] - whole[1],
            min(kept[2] - whole[0], size[0]),
            min(kept[3] - whole[1], size[1]),
        )
        return part

    def _kept_per_pixel(self) -> tuple[float, float]:
        """Return the width and height of a pixel of the image in pixels of the copy that is kept."""
        left, top, right, bottom = self._part
        return (right - left) / self.width, (bottom - top) / self.height


def scaled_down(image: Image.Image, width: int, height: int) -> DecodedImage:
    """Return an image of this width and height of which a smaller copy is kept."""
    decoded = DecodedImage(image)
    decoded.width, decoded.height = width, height
    return decoded


def decode(data: bytes, limits: ImageLimits = ImageLimits()) -> DecodedImage:  # noqa: B008 (immutable)
    """Decode a PNG or JPEG, and turn a JPEG by its EXIF orientation; raise the service's errors."""
    orientation = None
    try:
        # The plugins themselves, not `Image.open`: they open these two formats only, and return the size of an image
        # that Pillow would reject as too large before we can raise the service's error.
        if data.startswith(PNG):
            image: Image.Image = PngImagePlugin.PngImageFile(io.BytesIO(still_png(data)))
        elif data.startswith(JPEG):
            jpeg = split_jpeg(data)
            image, orientation = JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg.data)), jpeg.orientation
        else:
            raise refusals.image_format()
        width, height = image.size
        _check_size(width, height, limits)
        with BUDGET.reserve(width * height):
            kept = _kept(image)
            del image  # its pixels are freed before others may decode
    except refusals.RefusalError:
        raise
    except Exception:  # damaged files make Pillow raise errors of many kinds, IndexError and AssertionError among them
        raise refusals.image_encoding() from None
    turn = _TURNS.get(orientation or 1)
    if turn is not None:
        kept = kept.transpose(turn)
    if orientation in _SIDEWAYS:
        width, height = height, width
    return scaled_down(kept, width, height)


def kept_size(width: int, height: int) -> tuple[int, int]:
    """Return the size of the copy that is kept of an image of this size: its own if it is not too large.

    >>> kept_size(640, 480), kept_size(8_000, 4_000)
    ((640, 480), (4000, 2000))
    """
    scale = min(1.0, math.sqrt(KEPT_PIXELS / (width * height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if max(width, height) > limits.maximum:
        raise refusals.image_dimensions(width, height, limits.maximum)
    if min(width, height) < limits.minimum:
        raise refusals.image_small(width, height, limits.minimum)


def _kept(image: Image.Image) -> Image.Image:
    """Decode an image, and return the RGB pixels to keep, with as few large copies as possible."""
    size = kept_size(*image.size)
    image.draft(None, size)  # a JPEG is decoded at a half, a quarter or an eighth if that is large enough
    image.load()
    grey = image.mode in _GREY_MODES
    image.info.pop("transparency", None)  # Pillow warns when it converts a palette with transparency
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255 and not scale down
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode not in ("L", "RGB"):
        image = image.convert("L" if grey else "RGB")
    if image.size != size:
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return image if image.mode == "RGB" else image.convert("RGB")


def _clamp(value: float, minimum: int, maximum: int) -> int:
    return min(max(round(value), minimum), maximum)


publish("rekog.emulator", DecodedImage)
