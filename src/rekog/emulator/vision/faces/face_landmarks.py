"""The service's landmarks of a face among the points of the mesh.

Left and right are the viewer's. MediaPipe publishes the numbers of the points as a drawing of the mesh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....models import LandmarkType
from ..boxes import Point
from . import Landmarks

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from .face_mesh import Mesh
    from .iris import Eye

EYE_LEFT, EYE_RIGHT = (33, 133), (263, 362)
"""The outer and inner corners of the eyes."""
_NOSE, _MOUTH_LEFT, _MOUTH_RIGHT = 4, 61, 291

_POINTS: Mapping[LandmarkType, int] = {
    LandmarkType.LEFT_EYE_BROW_LEFT: 70,
    LandmarkType.LEFT_EYE_BROW_RIGHT: 55,
    LandmarkType.LEFT_EYE_BROW_UP: 105,
    LandmarkType.RIGHT_EYE_BROW_LEFT: 285,
    LandmarkType.RIGHT_EYE_BROW_RIGHT: 300,
    LandmarkType.RIGHT_EYE_BROW_UP: 334,
    LandmarkType.LEFT_EYE_LEFT: 33,
    LandmarkType.LEFT_EYE_RIGHT: 133,
    LandmarkType.LEFT_EYE_UP: 159,
    LandmarkType.LEFT_EYE_DOWN: 145,
    LandmarkType.RIGHT_EYE_LEFT: 362,
    LandmarkType.RIGHT_EYE_RIGHT: 263,
    LandmarkType.RIGHT_EYE_UP: 386,
    LandmarkType.RIGHT_EYE_DOWN: 374,
    LandmarkType.NOSE_LEFT: 98,
    LandmarkType.NOSE_RIGHT: 327,
    LandmarkType.MOUTH_UP: 0,
    LandmarkType.MOUTH_DOWN: 17,
}
_JAW: Mapping[LandmarkType, int] = {
    LandmarkType.UPPER_JAWLINE_LEFT: 127,
    LandmarkType.MID_JAWLINE_LEFT: 172,
    LandmarkType.CHIN_BOTTOM: 152,
    LandmarkType.MID_JAWLINE_RIGHT: 397,
    LandmarkType.UPPER_JAWLINE_RIGHT: 356,
}


def further_landmarks(mesh: Mesh, left: Eye, right: Eye) -> Mapping[LandmarkType, Point]:
    """Return the 25 landmarks beyond the five of a detector, in the service's order."""
    return {
        **_located(mesh, _POINTS),
        LandmarkType.LEFT_PUPIL: left.pupil,
        LandmarkType.RIGHT_PUPIL: right.pupil,
        **_located(mesh, _JAW),
    }


def five_landmarks(mesh: Mesh) -> Landmarks:
    """Return the points of a mesh that correspond to the five of a detector."""
    points = mesh.points
    places = [(points[outer] + points[inner]) / 2 for outer, inner in (EYE_LEFT, EYE_RIGHT)]
    places += [points[_NOSE], points[_MOUTH_LEFT], points[_MOUTH_RIGHT]]
    return Landmarks(*(_point(place) for place in places))


def _located(mesh: Mesh, numbers: Mapping[LandmarkType, int]) -> dict[LandmarkType, Point]:
    return {name: _point(mesh.points[number]) for name, number in numbers.items()}


def _point(place: NDArray[np.float64]) -> Point:
    return Point(float(place[0]), float(place[1]))
