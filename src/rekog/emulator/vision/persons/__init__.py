"""Person detection: the Protocol, and the persons that a detector returns.

All lengths are pixels of the upright image, with the origin at the top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ...._values.frozen import Frozen
from ...._values.lazy import LazyModule
from ...._values.public import publish
from ..boxes import Box  # noqa: TC001 (for tools that evaluate annotations)

if TYPE_CHECKING:
    from .. import images
else:  # for tools that evaluate annotations; the module loads NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")


class KeyPoint(NamedTuple):
    """A position of the body, with the detector's confidence, 0 to 1; a hidden one has a low confidence."""

    x: float
    y: float
    confidence: float


class KeyPoints(NamedTuple):
    """The 17 key points of a person. Left and right are the person's own."""

    nose: KeyPoint
    left_eye: KeyPoint
    right_eye: KeyPoint
    left_ear: KeyPoint
    right_ear: KeyPoint
    left_shoulder: KeyPoint
    right_shoulder: KeyPoint
    left_elbow: KeyPoint
    right_elbow: KeyPoint
    left_wrist: KeyPoint
    right_wrist: KeyPoint
    left_hip: KeyPoint
    right_hip: KeyPoint
    left_knee: KeyPoint
    right_knee: KeyPoint
    left_ankle: KeyPoint
    right_ankle: KeyPoint


class DetectedPerson(Frozen, public="rekog.emulator"):
    """A detected person, with the detector's confidence, 0 to 1. The box is that of the visible part."""

    box: Box
    confidence: float
    key_points: KeyPoints


class PersonDetector(Protocol):
    """Detects persons. Several threads may call it at once."""

    def detect(self, image: images.DecodedImage) -> Sequence[DetectedPerson]:
        """Return all persons of an image, in any order."""
        ...


publish("rekog.emulator", KeyPoint, KeyPoints, PersonDetector)
