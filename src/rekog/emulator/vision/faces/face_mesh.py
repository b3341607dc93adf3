"""MediaPipe Face Mesh: 468 points of a face, and the probability that there is a face at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..boxes import Point
from ..images import remembered
from ..networks import Network
from .face_crops import Square, square_crop
from .upright import roll

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..images import DecodedImage
    from . import DetectedFace

_SIDE = 192
_AROUND = 1.5
"""Side of the crop, in sides of the face's box."""
_BELOW = 0.05
"""Distance of the crop's centre below that of the box, in sides of the box."""


class Mesh(NamedTuple):
    """The 468 points of a face in MediaPipe's order, in pixels of the image, and the square that they were seen in.

    `depths` are those of the points, in pixels of the image too: they grow away from the viewer. `face` is the
    probability, 0 to 1, that there is a face.
    """

    points: NDArray[np.float64]
    depths: NDArray[np.float64]
    face: float
    square: Square


class FaceMesh:
    """Locates the points of faces."""

    def __init__(self) -> None:
        self._network = Network("face_mesh", "points", "face")

    def locate(self, image: DecodedImage, face: DetectedFace) -> Mesh:
        """Return the points of a face at any tilt."""
        return remembered(image, (self, face), lambda: self._locate(image, face))

    def _locate(self, image: DecodedImage, face: DetectedFace) -> Mesh:
        square = face_square(face, _AROUND, _BELOW)
        crop = square_crop(image, square, _SIDE)
        points, probability = self._network.run(crop.blob(1 / 255))
        located = points.reshape(-1, 3).astype(np.float64)
        return Mesh(
            crop.to_image(located[:, :2]), located[:, 2] * square.side / _SIDE, float(probability.ravel()[0]), square
        )


def face_square(face: DetectedFace, around: float, below: float = 0.0) -> Square:
    """Return the square of `around` sides of a face's box that is as tilted as the face.

    Its centre is `below` sides of the box below the centre of the box, in the direction of the chin.
    """
    box, tilt = face.box, roll(face.landmarks)
    side, angle = max(box.width, box.height, 1.0), math.radians(tilt)
    centre = Point(
        box.left + box.width / 2 - math.sin(angle) * below * side,
        box.top + box.height / 2 + math.cos(angle) * below * side,
    )
    return Square(centre, around * side, tilt)
