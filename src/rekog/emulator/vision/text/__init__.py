"""Text detection: the Protocol, and the lines and words that a detector returns.

All lengths are pixels of the upright image, with the origin at the top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ...._values.frozen import Frozen
from ...._values.lazy import LazyModule
from ...._values.public import publish
from ..boxes import Point

if TYPE_CHECKING:
    from .. import images
else:  # for tools that evaluate annotations; the module loads NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")

__all__ = ["Corners", "Point", "TextDetector", "TextLine", "TextWord"]


class Corners(NamedTuple):
    """Corners of a line or word, named as its reader sees them: `top_left` of text upside down is at the bottom right
    of the image. In this order they go clockwise."""

    top_left: Point
    top_right: Point
    bottom_right: Point
    bottom_left: Point


class TextWord(Frozen, public="rekog.emulator"):
    """A word of a line, with the detector's confidence, 0 to 1."""

    text: str
    confidence: float
    corners: Corners


class TextLine(Frozen, public="rekog.emulator"):
    """A line of text, with the detector's confidence, 0 to 1, and its words in reading order."""

    text: str
    confidence: float
    corners: Corners
    words: Sequence[TextWord]


class TextDetector(Protocol):
    """Detects text. Several threads may call it at once."""

    def detect(self, image: images.DecodedImage) -> Sequence[TextLine]:
        """Return all lines of an image, in any order."""
        ...


publish("rekog.emulator", Corners, TextDetector)
