"""Square parts of an image around a face, turned upright: the inputs of the networks of faces."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from ..boxes import Box, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..images import DecodedImage

    Floats = NDArray[np.float32]
    Points = NDArray[np.float64]

_FINER = 2.0
"""Scale, relative to that of the crop, to which pixels are scaled down before they are turned: turning takes the mean
of neighbouring pixels only, so a larger scale would skip some."""


class Square(NamedTuple):
    """A square of an image: its centre and its side in pixels, and its tilt in degrees, clockwise."""

    centre: Point
    side: float
    tilt: float


class SquareCrop(NamedTuple):
    """The RGB pixels (side, side, 3) of a square, and the matrix (2, 3) that maps points of the image into it."""

    pixels: NDArray[np.uint8]
    matrix: Points

    def to_image(self, points: Points) -> Points:
        """Return points (n, 2) of the crop in pixels of the image."""
        return _mapped(np.asarray(cv2.invertAffineTransform(self.matrix), np.float64), points)

    def from_image(self, points: Points) -> Points:
        """Return points (n, 2) of the image in pixels of the crop."""
        return _mapped(self.matrix, points)

    def blob(self, scale: float = 1.0) -> Floats:
        """Return the pixels, times a scale, as the input of a network: (1, 3, side, side)."""
        return self.pixels.astype(np.float32).transpose(2, 0, 1)[np.newaxis] * np.float32(scale)


def square_crop(image: DecodedImage, square: Square, side: int) -> SquareCrop:
    """Return a square of an image, turned upright and scaled; pixels beyond the image repeat those at its edges."""
    half = square.side / math.sqrt(2)  # a turned square reaches as far as its diagonal
    x, y = square.centre
    left, top = _clamp(math.floor(x - half), image.width), _clamp(math.floor(y - half), image.height)
    right, bottom = _clamp(math.ceil(x + half), image.width), _clamp(math.ceil(y + half), image.height)
    part = image.crop(Box(left, top, max(1, right - left), max(1, bottom - top)))
    finer = min(1.0, _FINER * side / square.side)
    width, height = (max(1, round(length * finer)) for length in (part.width, part.height))
    matrix = np.array(cv2.getRotationMatrix2D((x, y), square.tilt, side / square.side), np.float64)
    matrix[:, 2] += side / 2 - x, side / 2 - y
    scaled = np.array([[part.width / width, 0, left], [0, part.height / height, top], [0, 0, 1]], np.float64)
    turned = cv2.warpAffine(
        part.pixels(width, height),
        matrix @ scaled,
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return SquareCrop(cast("NDArray[np.uint8]", turned), matrix)  # cast: OpenCV's stubs do not say the type


def _clamp(value: int, maximum: int) -> int:
    return min(max(value, 0), maximum)


def _mapped(matrix: Points, points: Points) -> Points:
    result: Points = points @ matrix[:, :2].T + matrix[:, 2]
    return result
