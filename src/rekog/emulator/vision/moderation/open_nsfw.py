"""Open NSFW: how likely an image is pornographic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..images import blue_first, remembered
from ..networks import Network, network_input

if TYPE_CHECKING:
    from ..images import DecodedImage

_RESIZED, _SIDE = 256, 224
_MEAN = (104.0, 117.0, 123.0)
"""Of blue, green and red."""


class OpenNsfw:
    """Estimates one probability; it does not say why, or where."""

    def __init__(self) -> None:
        self._network = Network("open_nsfw", "probabilities")

    def estimate(self, image: DecodedImage) -> float:
        """Return the probability, 0 to 1, that an image is pornographic, by its middle."""
        return remembered(image, self, lambda: self._estimate(image))

    def _estimate(self, image: DecodedImage) -> float:
        edge = (_RESIZED - _SIDE) // 2
        pixels = blue_first(image, _RESIZED, _RESIZED)[edge : edge + _SIDE, edge : edge + _SIDE]
        (probabilities,) = self._network.run(network_input(pixels, mean=_MEAN, blue_first=True))
        return float(probabilities[0, 1])
