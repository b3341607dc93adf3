"""Open NSFW: how likely an image is pornographic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..images import blue_first, prepared
from ..networks import Network, network_input

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..images import DecodedImage
    from ..networks import Floats

_RESIZED, _SIDE = 256, 224
_MEAN = (104.0, 117.0, 123.0)
"""Of blue, green and red."""


class OpenNsfw:
    """Estimates one probability; it does not say why, or where."""

    def __init__(self) -> None:
        self._network = Network("open_nsfw", "probabilities")

    def estimate(self, image: DecodedImage) -> float:
        """Return the probability, 0 to 1, that an image is pornographic, by its middle."""
        return self.prepared(image)()

    def prepared(self, image: DecodedImage) -> Callable[[], float]:
        """Return the function that estimates; the pixels are read before."""
        return prepared(image, self, lambda: _input(image), self._estimate)

    def _estimate(self, pixels: Floats) -> float:
        (probabilities,) = self._network.run(pixels)
        return float(probabilities[0, 1])


def _input(image: DecodedImage) -> Floats:
    edge = (_RESIZED - _SIDE) // 2
    pixels = blue_first(image, _RESIZED, _RESIZED)[edge : edge + _SIDE, edge : edge + _SIDE]
    return network_input(pixels, mean=_MEAN, blue_first=True)
