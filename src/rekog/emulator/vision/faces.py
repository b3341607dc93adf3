"""Face detection: the Protocol, and the faces that a detector returns.

All lengths are pixels of the upright image, with the origin at the top left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..._values.frozen import Frozen
from .boxes import Box, Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .images import DecodedImage

__all__ = ["Box", "DetectedFace", "FaceDetector", "Landmarks", "Point"]


class Landmarks(NamedTuple):
    """The five points of a face. Left and right are the viewer's (assumed): `eye_left` of an upright face is left."""

    eye_left: Point
    eye_right: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point


class DetectedFace(Frozen, public="rekog.emulator"):
    """A detected face, with the detector's confidence, 0 to 1."""

    box: Box
    confidence: float
    landmarks: Landmarks


class FaceDetector(Protocol):
    """Detects faces. Several threads may call it at once."""

    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        """Return all faces of an image, in any order."""
        ...


for _public in (Landmarks, FaceDetector):
    _public.__module__ = "rekog.emulator"  # the public module, for pickles and tracebacks
