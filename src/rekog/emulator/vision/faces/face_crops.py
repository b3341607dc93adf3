"""Square parts of an image around a face, turned upright: the inputs of the networks of faces."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from ..boxes import Point  # noqa: TC001 (NamedTuple)
from ..images import warped
from ..networks import network_input

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..images import DecodedImage

    Floats = NDArray[np.float32]
    Points = NDArray[np.float64]


class Square(NamedTuple):
    """A square of an image: its centre and its side in pixels, and its tilt in degrees, clockwise."""

    centre: Point
    side: float
    tilt: float


class SquareCrop(NamedTuple):
    """The pixels (side, side, 3; blue first) of a square, and the matrix (2, 3) that maps points of the image to it."""

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
        return network_input(self.pixels, scale)


def square_crop(image: DecodedImage, square: Square, side: int) -> SquareCrop:
    """Return a square of an image, turned upright and scaled; pixels beyond the image repeat those at its edges."""
    x, y = square.centre
    matrix = np.array(cv2.getRotationMatrix2D((x, y), square.tilt, side / square.side), np.float64)
    matrix[:, 2] += side / 2 - x, side / 2 - y
    return SquareCrop(warped(image, matrix, side, side), matrix)


def _mapped(matrix: Points, points: Points) -> Points:
    result: Points = points @ matrix[:, :2].T + matrix[:, 2]
    return result
