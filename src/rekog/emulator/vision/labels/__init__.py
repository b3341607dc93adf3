"""Label detection: the Protocol, and the labels that a detector returns.

All lengths are pixels of the upright image, with the origin at the top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ...._values.frozen import Frozen
from ...._values.lazy import LazyModule
from ...._values.public import publish
from ..boxes import Box  # noqa: TC001 (for tools that evaluate annotations)

if TYPE_CHECKING:
    from .. import images
else:  # for tools that evaluate annotations; the module loads NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")


class LabelBox(Frozen, public="rekog.emulator"):
    """The box of one object of a label, with the detector's confidence in it, 0 to 1."""

    box: Box
    confidence: float


class DetectedLabel(Frozen, public="rekog.emulator"):
    """A label of an image, with the detector's confidence, 0 to 1; `boxes` are its objects, if they were located.

    The emulator adds the parents, aliases and categories of a `name` that it knows, and the parents as labels.
    """

    name: str
    confidence: float
    boxes: Sequence[LabelBox] = ()


class LabelDetector(Protocol):
    """Detects labels. Several threads may call it at once."""

    def detect(self, image: images.DecodedImage) -> Sequence[DetectedLabel]:
        """Return the labels of an image, in any order, each name once."""
        ...


publish("rekog.emulator", LabelDetector)
