"""Brightness and sharpness of a face, measured from the pixels in its box.

Brightness is the mean luma in percent of white. Sharpness is measured on the face scaled to 112 x 112 pixels, so that a
small face counts as less sharp. It compares the differences of neighbouring pixels (the standard deviation of the
Laplacian) with those of all pixels (their own standard deviation), so that dark or flat light does not count as
unsharp. The ratio r becomes 100 * (1 - exp(-(r / 0.15) ** 2)): about 99 for a face in focus (r = 0.3), 25 for one
blurred over a fiftieth of its width (r = 0.08). The service's own formulas are not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .boxes import Box
    from .images import DecodedImage

_SIDE = 112
_HALFWAY = 0.15
LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue by ITU-R BT.601."""


class Quality(NamedTuple):
    """Brightness and sharpness, 0 to 100."""

    brightness: float
    sharpness: float


def measure_quality(image: DecodedImage, box: Box) -> Quality:
    """Measure the part of an image inside a box."""
    grey = image.crop(box).pixels(_SIDE, _SIDE) @ LUMA
    spread = float(grey.std())
    middle = grey[1:-1, 1:-1]
    laplacian = 4 * middle - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    ratio = float(laplacian.std()) / spread if spread > 0 else 0.0
    return Quality(float(grey.mean()) / 2.55, 100.0 * (1.0 - float(np.exp(-((ratio / _HALFWAY) ** 2)))))
