"""Attributes that are measured between the points of a face: open eyes and mouth, a smile, the direction of the eyes.

A score becomes a confidence by a logistic curve around its threshold. Thresholds and widths were chosen on the faces of
`benchmarks/vision/faces/__init__.py`; docs/vision.md shows how often each attribute is right.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .face_attributes import GazeEstimate, Verdict
from .face_landmarks import EYE_LEFT, EYE_RIGHT, five_landmarks
from .pose import estimate_pose

if TYPE_CHECKING:
    from .face_mesh import Mesh
    from .iris import Eye

_UPPER_LIP, _LOWER_LIP, _LIP_LEFT, _LIP_RIGHT = 13, 14, 78, 308
"""The inner edges of the lips."""
_MOUTH_LEFT, _MOUTH_RIGHT = 61, 291
_EYE_RADII = 2.5
"""Distance of an eye's corners (30 mm), in radii of the eyeball (12 mm)."""
_LEVEL = -0.06
"""Position of the iris of an eye that looks straight ahead: a little above the line between the corners."""
_GAZE_CONFIDENCE = 0.8
"""Confidence in the direction of open eyes; docs/vision.md has the angle between it and the camera's direction of
faces that look into the camera."""


class Curve(NamedTuple):
    """A logistic curve: the score at which both answers are equally likely, the width of the transition, and the
    maximum confidence of either answer."""

    threshold: float
    width: float
    surest_false: float
    surest_true: float

    def verdict(self, score: float, reliability: float = 1.0) -> Verdict:
        """Return the answer for a score; an unreliable one has a confidence near 0.5."""
        exponent = min(max((self.threshold - score) / self.width, -60.0), 60.0)
        probability = 1.0 / (1.0 + math.exp(exponent))
        value = probability >= 0.5
        surest = self.surest_true if value else self.surest_false
        sure = max(probability, 1.0 - probability)
        return Verdict(value, 0.5 + (sure - 0.5) * (2.0 * surest - 1.0) * reliability)


_EYES_OPEN = Curve(0.17, 0.02, 0.97, 0.99)
_MOUTH_OPEN = Curve(0.115, 0.02, 0.98, 0.98)
_SMILE = Curve(0.0, 1.0, 0.97, 0.97)


def eyes_open(mesh: Mesh, left: Eye, right: Eye, reliability: float) -> Verdict:
    """Return whether the lids are apart; the eye that is turned towards the camera counts more."""
    return _EYES_OPEN.verdict(_opening(mesh, left, right), reliability)


def mouth_open(mesh: Mesh, reliability: float) -> Verdict:
    """Return whether the lips are apart; a smile that shows teeth counts, as it does in the service."""
    return _MOUTH_OPEN.verdict(_gap(mesh), reliability)


def smile(mesh: Mesh, happy: float, reliability: float) -> Verdict:
    """Return whether a face smiles: it looks `happy` (probability), and its mouth is wide."""
    width = _distance(mesh, _MOUTH_LEFT, _MOUTH_RIGHT) / _distance(mesh, EYE_LEFT[0], EYE_RIGHT[0])
    return _SMILE.verdict(4.0 * (happy - 0.6) + 25.0 * (width - 0.6), reliability)


def gaze(mesh: Mesh, left: Eye, right: Eye, reliability: float) -> GazeEstimate:
    """Return the direction of the eyes: that of the head, and that of the irises between their corners."""
    head = estimate_pose(five_landmarks(mesh))
    weights = _weights(mesh)
    across = float(np.average([left.across, right.across], weights=weights))
    down = float(np.average([left.down, right.down], weights=weights)) - _LEVEL
    yaw, pitch = head.yaw + _turn(across), head.pitch - _turn(down)
    seen = _EYES_OPEN.verdict(_opening(mesh, left, right))
    opened = seen.confidence if seen.value else 1.0 - seen.confidence
    return GazeEstimate(_within(yaw), _within(pitch), _GAZE_CONFIDENCE * opened * reliability)


def _turn(offset: float) -> float:
    return math.degrees(math.asin(min(max(_EYE_RADII * offset, -1.0), 1.0)))


def _within(angle: float) -> float:
    return min(max(angle, -180.0), 180.0)


def _opening(mesh: Mesh, left: Eye, right: Eye) -> float:
    return float(np.average([left.opening, right.opening], weights=_weights(mesh)))


def _weights(mesh: Mesh) -> tuple[float, float]:
    """Return how much of each eye is visible: the distance of its corners."""
    return max(_distance(mesh, *EYE_LEFT), 1e-6), max(_distance(mesh, *EYE_RIGHT), 1e-6)


def _gap(mesh: Mesh) -> float:
    return _distance(mesh, _UPPER_LIP, _LOWER_LIP) / max(_distance(mesh, _LIP_LEFT, _LIP_RIGHT), 1e-6)


def _distance(mesh: Mesh, one: int, other: int) -> float:
    return float(np.hypot(*(mesh.points[one] - mesh.points[other])))
