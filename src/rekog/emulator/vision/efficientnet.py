"""EfficientNet-Lite0: the class of an image among ImageNet's 1000, and features from which other classes are learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .images import blue_first, prepared
from .networks import Network, network_input

if TYPE_CHECKING:
    from collections.abc import Callable

    from .images import DecodedImage
    from .networks import Floats

_SIDE = 224


class Classified(NamedTuple):
    """Probabilities of the 1000 classes, in ImageNet's order, and the 1280 features of an image."""

    probabilities: Floats
    features: Floats


class EfficientNet:
    """Classifies images."""

    def __init__(self) -> None:
        self._network = Network("efficientnet_lite0", "logits", "features")

    def classify(self, image: DecodedImage) -> Classified:
        """Return probabilities and features of a whole image, which is resized to a square."""
        return self.prepared(image)()

    def prepared(self, image: DecodedImage) -> Callable[[], Classified]:
        """Return the function that classifies; the pixels are read before."""
        return prepared(image, self, lambda: _input(image), self._classify)

    def _classify(self, pixels: Floats) -> Classified:
        logits, features = self._network.run(pixels)
        return Classified(softmax(logits[0]), features[0])


def _input(image: DecodedImage) -> Floats:
    return network_input(blue_first(image, _SIDE, _SIDE), 1 / 128, (127.0, 127.0, 127.0))


def softmax(logits: Floats) -> Floats:
    """Return the probabilities of the classes along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return result
