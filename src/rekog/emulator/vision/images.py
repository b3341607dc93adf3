"""Decoded images: their size, their pixels at any scale, and what networks saw in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import cv2
import numpy as np
from PIL import Image  # noqa: TC002 (for tools that evaluate annotations)

from ..._values.lazy import LazyModule
from ..._values.public import publish
from .boxes import Box  # noqa: TC001 (for tools that evaluate annotations)
from .pixel_copies import PixelCopies, frozen, resized

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy import typing as npt
else:  # for tools that evaluate annotations
    npt = LazyModule("numpy.typing")

Result = TypeVar("Result")
Input = TypeVar("Input")

KEPT_PIXELS = 8_000_000
"""Pixels that are kept of a larger image, scaled down: the detectors scale an image to a megapixel, and a face to a
few hundred pixels."""

_ROUNDING = 1e-6
"""Part of a pixel that a rounding error may add."""


class _Part(NamedTuple):
    """The edges of a part of an image, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


class _View(NamedTuple):
    """A part of an image: the copies of the whole image, its size, and the results of networks for the part."""

    copies: PixelCopies
    part: _Part
    whole: tuple[int, int]
    results: dict[Hashable, object]

    def at_least(self, across: float, down: float) -> npt.NDArray[np.uint8]:
        """Return a copy of the whole image with at least so many pixels for each of its own."""
        return self.copies.at_least(min(1.0, across) * self.whole[0], min(1.0, down) * self.whole[1])

    def copied(self, copy: npt.NDArray[np.uint8]) -> tuple[float, float]:
        """Return the width and height of a pixel of the image in pixels of a copy."""
        return copy.shape[1] / self.whole[0], copy.shape[0] / self.whole[1]


class DecodedImage:
    """Decoded pixels of an upright image or frame: its size, and its pixels at any scale.

    Of an image with more than eight megapixels a smaller copy is kept. `width`, `height` and all boxes are still those
    of the image itself.
    """

    width: int
    height: int

    def __init__(self, image: Image.Image) -> None:
        size = image.width, image.height
        self._view = _View(PixelCopies(colours_of(image)), _Part(0, 0, *size), size, {})
        self.width, self.height = size

    def pixels(self, width: int | None = None, height: int | None = None) -> npt.NDArray[np.uint8]:
        """Return the pixels as a read-only array (height, width, 3) of RGB, scaled to a size if one is given."""
        return frozen(np.asarray(cv2.cvtColor(self._blue_first(width, height), cv2.COLOR_BGR2RGB), np.uint8))

    def _blue_first(self, width: int | None, height: int | None) -> npt.NDArray[np.uint8]:
        width, height = width or self.width, height or self.height
        part, whole = self._view.part, self._view.whole
        copy = self._view.at_least(width / self.width, height / self.height)
        if part == (0, 0, *whole):
            return resized(copy, width, height)
        across, down = self._view.copied(copy)
        kept = (part.left * across, part.top * down, part.right * across, part.bottom * down)
        # whole pixels of the copy, because pixels beyond the box must not count
        left, top = math.floor(kept[0] + _ROUNDING), math.floor(kept[1] + _ROUNDING)
        right, bottom = math.ceil(kept[2] - _ROUNDING), math.ceil(kept[3] - _ROUNDING)
        inside = copy[top : max(bottom, top + 1), left : max(right, left + 1)]
        if max(abs(one - other) for one, other in zip(kept, (left, top, right, bottom), strict=True)) <= _ROUNDING:
            return resized(inside, width, height)
        matrix = np.zeros((2, 3))
        for axis, (size, start, end, first) in enumerate(((width, kept[0], kept[2], left), (height, *kept[1::2], top))):
            scale = size / (end - start)
            # places count from the middle of the first pixel
            matrix[axis, axis], matrix[axis, 2] = scale, (first + 0.5 - start) * scale - 0.5
        return _moved(inside, matrix, (width, height), cv2.BORDER_REPLICATE)

    def crop(self, box: Box) -> DecodedImage:
        """Return the part of the image inside a box, cut at the image's edges: at least one pixel."""
        x, y = _clamp(box.left, 0, self.width - 1), _clamp(box.top, 0, self.height - 1)
        right, bottom = _clamp(box.right, x + 1, self.width), _clamp(box.bottom, y + 1, self.height)
        left, top = self._view.part.left, self._view.part.top
        part = _Part(left + x, top + y, left + right, top + bottom)
        return _located(self._view._replace(part=part, results={}))


def _located(view: _View) -> DecodedImage:
    image = DecodedImage.__new__(DecodedImage)
    image._view = view  # pyright: ignore[reportPrivateUsage]  # of this module
    image.width, image.height = view.part.right - view.part.left, view.part.bottom - view.part.top
    return image


def _view(image: DecodedImage) -> _View:
    return image._view  # pyright: ignore[reportPrivateUsage]  # of this module


def blue_first(image: DecodedImage, width: int | None = None, height: int | None = None) -> npt.NDArray[np.uint8]:
    """Return the pixels as `DecodedImage.pixels` does, but in the order blue, green, red.

    Copies have this order, because the detectors of OpenCV and half of our networks need it, and a network's input can
    exchange the channels at no cost. So only other implementations pay for RGB.
    """
    return image._blue_first(width, height)  # pyright: ignore[reportPrivateUsage]  # of this module


def remembered(image: DecodedImage, key: Hashable, compute: Callable[[], Result]) -> Result:
    """Return what a network sees in an image: computed at the first call with a key, and then the same again.

    Operations on one image share its results. A key contains the network and its other arguments.
    """
    results = _view(image).results
    if key not in results:
        results[key] = compute()
    return cast("Result", results[key])  # cast: a key has one type of result


def prepared(
    image: DecodedImage, key: Hashable, read: Callable[[], Input], run: Callable[[Input], Result]
) -> Callable[[], Result]:
    """Return the function that returns what a network sees in an image, as `remembered` does, after reading its input.

    A run of a network displaces the pixels from the processor's caches. So an operation with two networks reads the
    inputs of both before it runs the first one: the second input then takes half the time.
    """
    if key in _view(image).results:
        return lambda: remembered(image, key, lambda: run(read()))
    pixels = read()
    return lambda: remembered(image, key, lambda: run(pixels))


def warped(
    image: DecodedImage,
    matrix: npt.NDArray[np.float64],
    width: int,
    height: int,
    *,
    border: int = cv2.BORDER_REPLICATE,
) -> npt.NDArray[np.uint8]:
    """Return the pixels (height, width, 3; blue first) of an image, moved by an affine matrix (2, 3).

    The matrix maps places of the image to places of the result, both counted from the middle of the first pixel.
    `border` is OpenCV's number of the way to fill places beyond the edges of the image that was decoded.
    """
    view = _view(image)
    (a, b, _), (c, d, _) = matrix.tolist()
    scale = math.sqrt(abs(a * d - b * c))
    copy = view.at_least(scale, scale)
    across, down = view.copied(copy)
    left, top = 0.5 / across - 0.5 - view.part.left, 0.5 / down - 0.5 - view.part.top
    from_copy = np.array([[1 / across, 0.0, left], [0.0, 1 / down, top], [0.0, 0.0, 1.0]])
    return _moved(copy, matrix @ from_copy, (width, height), border)


def _moved(
    pixels: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], size: tuple[int, int], border: int
) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8)


def scaled_down(
    pixels: npt.NDArray[np.uint8],
    width: int,
    height: int,
    whole: Callable[[], npt.NDArray[np.uint8]] | None = None,
) -> DecodedImage:
    """Return an image of this width and height of which a smaller copy is kept: the pixels, blue first.

    `whole` returns the copy to use instead when more pixels are needed.
    """
    return _located(_View(PixelCopies(pixels, whole), _Part(0, 0, width, height), (width, height), {}))


def colours_of(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Return the pixels of an image (height, width, 3), blue first."""
    if image.mode == "L":
        return np.asarray(cv2.cvtColor(np.asarray(image), cv2.COLOR_GRAY2BGR), np.uint8)
    data = (image if image.mode == "RGB" else image.convert("RGB")).tobytes("raw", "BGR")
    return np.frombuffer(data, np.uint8).reshape(image.height, image.width, 3)


def kept_size(width: int, height: int) -> tuple[int, int]:
    """Return the size of the copy that is kept of an image of this size: its own if it is not too large.

    >>> kept_size(640, 480), kept_size(8_000, 4_000)
    ((640, 480), (4000, 2000))
    """
    scale = min(1.0, math.sqrt(KEPT_PIXELS / (width * height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _clamp(value: float, minimum: int, maximum: int) -> int:
    return min(max(round(value), minimum), maximum)


publish("rekog.emulator", DecodedImage)
