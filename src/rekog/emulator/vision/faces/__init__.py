"""Face detection: the Protocol, and the faces that a detector returns.

All lengths are pixels of the upright image, with the origin at the top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ...._values.frozen import Frozen
from ...._values.lazy import LazyModule
from ...._values.public import publish
from ..boxes import Box, Point

if TYPE_CHECKING:
    from .. import images
else:  # for tools that evaluate annotations; the module loads NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")

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

    def detect(self, image: images.DecodedImage) -> Sequence[DetectedFace]:
        """Return all faces of an image, in any order."""
        ...


publish("rekog.emulator", Landmarks, FaceDetector)
