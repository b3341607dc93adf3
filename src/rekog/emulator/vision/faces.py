"""Faces in a picture: what a detector gives. All lengths are pixels of the picture as it is seen, origin top left."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .images import DecodedImage


class Point(NamedTuple):
    """A place in the picture."""

    x: float
    y: float


class Box(NamedTuple):
    """A rectangle; it may reach past the picture's edges."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends across."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Where it ends down."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """Its area, the part outside of the picture included."""
        return self.width * self.height

    def overlap(self, other: Box) -> float:
        """Return the area that both share, divided by the area that either covers: 0 to 1."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(0.0, across) * max(0.0, down)
        return shared / (self.area + other.area - shared)


class Landmarks(NamedTuple):
    """The five points of a face. Left and right are the viewer's (assumed): upright, `eye_left` lies left."""

    eye_left: Point
    eye_right: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point


class DetectedFace(NamedTuple):
    """A face that was found, and how sure the detector is of it, 0 to 1."""

    box: Box
    confidence: float
    landmarks: Landmarks


class FaceDetector(Protocol):
    """Finds faces. It may be called from several threads at once."""

    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        """Return all faces of a picture, in any order."""
        ...
