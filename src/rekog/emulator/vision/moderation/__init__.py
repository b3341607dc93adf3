"""Detection of content to be moderated: the Protocol, and the labels that a detector returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ...._values.frozen import Frozen
from ...._values.lazy import LazyModule
from ...._values.public import publish

if TYPE_CHECKING:
    from .. import images
else:  # for tools that evaluate annotations; the module loads NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")


class DetectedModeration(Frozen, public="rekog.emulator"):
    """A name of the service's moderation taxonomy, such as `Weapons`, with the detector's confidence, 0 to 1.

    The emulator adds the names above it.
    """

    name: str
    confidence: float


class ModerationDetector(Protocol):
    """Detects content to be moderated. Several threads may call it at once."""

    def detect(self, image: images.DecodedImage) -> Sequence[DetectedModeration]:
        """Return the moderation labels of an image, in any order."""
        ...


publish("rekog.emulator", ModerationDetector)
