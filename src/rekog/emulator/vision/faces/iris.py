"""MediaPipe Iris: the contour of an eye, and its iris."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..boxes import Point
from ..images import remembered
from ..networks import Network
from .face_crops import Square, square_crop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..images import DecodedImage

_SIDE = 64
_AROUND = 2.3
"""Side of the crop, in distances of the eye's corners."""
_CONTOUR = 71
_OUTER, _INNER = 0, 8
_LOWER, _UPPER = slice(3, 6), slice(11, 14)


class Eye(NamedTuple):
    """An eye: the middle of the iris in pixels of the image, and its place between the corners.

    `opening` is the distance of the lids, and `across` and `down` are the position of the iris relative to the middle
    of the corners, all divided by the distance of the corners; across grows to the viewer's right, down to the chin.
    """

    pupil: Point
    opening: float
    across: float
    down: float


class Iris:
    """Locates irises."""

    def __init__(self) -> None:
        self._network = Network("iris", "points")

    def locate(
        self, image: DecodedImage, outer: NDArray[np.float64], inner: NDArray[np.float64], *, mirrored: bool
    ) -> Eye:
        """Return the eye between an outer and an inner corner, in pixels of the image.

        The network knows one eye only, whose outer corner is at the viewer's left of an upright face; the other eye is
        `mirrored`.
        """
        key = (self, *outer.tolist(), *inner.tolist(), mirrored)
        return remembered(image, key, lambda: self._locate(image, outer, inner, mirrored=mirrored))

    def _locate(
        self, image: DecodedImage, outer: NDArray[np.float64], inner: NDArray[np.float64], *, mirrored: bool
    ) -> Eye:
        axis = outer - inner if mirrored else inner - outer
        tilt = math.degrees(math.atan2(axis[1], axis[0]))
        middle, distance = (outer + inner) / 2, max(1.0, float(np.hypot(*axis)))
        crop = square_crop(image, Square(Point(*middle.tolist()), _AROUND * distance, tilt), _SIDE)
        pixels = crop.blob(1 / 255)
        (output,) = self._network.run(np.ascontiguousarray(pixels[..., ::-1]) if mirrored else pixels)
        points = output.reshape(-1, 3)[:, :2].astype(np.float64)
        if mirrored:
            points[:, 0] = _SIDE - points[:, 0]
        contour, pupil = points[:_CONTOUR], points[_CONTOUR]
        corners = contour[[_OUTER, _INNER]]
        width = max(1e-6, float(np.hypot(*(corners[1] - corners[0]))))
        lids = np.linalg.norm(contour[_UPPER] - contour[_LOWER], axis=1)
        across, down = (pupil - corners.mean(axis=0)) / width
        (x, y), *_ = crop.to_image(pupil[np.newaxis]).tolist()
        return Eye(Point(x, y), float(lids.mean()) / width, float(across), float(down))
