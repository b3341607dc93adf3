"""Moderation labels by two networks: Open NSFW, and the classes of EfficientNet-Lite0 that are moderation labels.

Open NSFW returns one number, the probability that an image is pornographic. It becomes `Explicit Nudity`, at the second
level, with `Explicit` above it: the number says nothing about parts of the body, acts or toys, which are the names
below and beside.

A label of classes has the sum of their probabilities. Classes that only resemble a label are left out: a cocktail
shaker is no drink, and a pill bottle was seen in a printed page (0.66). docs/vision.md has the false alarms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import DetectedModeration
from .open_nsfw import OpenNsfw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..efficientnet import EfficientNet
    from ..images import DecodedImage

EXPLICIT = "Explicit Nudity"
CLASSES: Mapping[str, Sequence[int]] = {
    "Alcoholic Beverages": (440, 441, 907, 966),  # beer bottle, beer glass, wine bottle, red wine
    "Female Swimwear or Underwear": (445, 459, 638, 639),  # bikini, brassiere, maillot (one-piece; tank suit)
    "Gambling": (800,),  # slot machine
    "Male Swimwear or Underwear": (842,),  # swimming trunks
    "Weapons": (413, 763, 764),  # assault rifle, revolver, rifle
}
"""Indices of ImageNet's classes by moderation label."""
MIN_CONFIDENCE = 0.5
"""The service's default threshold, at which the false alarms were counted."""


class ModerationNetworks:
    """Detects content to be moderated, by the whole image."""

    def __init__(self, classifier: EfficientNet) -> None:
        self._classifier = classifier
        self._nsfw = OpenNsfw()

    def detect(self, image: DecodedImage) -> list[DetectedModeration]:
        """Return the labels of at least half confidence."""
        estimate = self._nsfw.prepared(image)
        probabilities = self._classifier.classify(image).probabilities
        confidences = {
            EXPLICIT: estimate(),
            **{name: float(sum(probabilities[index] for index in indices)) for name, indices in CLASSES.items()},
        }
        return [DetectedModeration(*each) for each in confidences.items() if each[1] >= MIN_CONFIDENCE]
