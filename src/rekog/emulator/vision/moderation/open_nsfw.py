"""Open NSFW: how likely an image is pornographic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..networks import Network

if TYPE_CHECKING:
    from ..images import DecodedImage

_RESIZED, _SIDE = 256, 224
_MEAN = np.array([104.0, 117.0, 123.0], np.float32)
"""Of blue, green and red."""


class OpenNsfw:
    """Estimates one probability; it does not say why, or where."""

    def __init__(self) -> None:
        self._network = Network("open_nsfw", "probabilities")

    def estimate(self, image: DecodedImage) -> float:
        """Return the probability, 0 to 1, that an image is pornographic, by its middle."""
        edge = (_RESIZED - _SIDE) // 2
        pixels = image.pixels(_RESIZED, _RESIZED)[edge : edge + _SIDE, edge : edge + _SIDE, ::-1]
        blob = (pixels.astype(np.float32) - _MEAN).transpose(2, 0, 1)[np.newaxis]
        (probabilities,) = self._network.run(np.ascontiguousarray(blob))
        return float(probabilities[0, 1])
