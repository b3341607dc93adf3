"""Brightness and sharpness of a face, measured from the pixels in its box.

The service's formulas are not known; these are close to recorded responses. Brightness is the fourth root of the mean
luma: recorded are 76, 93, 86 and 68 for faces of 43, 62, 49 and 40 % luma, and the formula gives 81, 89, 84 and 80.

Sharpness is measured on the face scaled to 112 x 112 pixels. It compares the differences of neighbouring pixels (the
standard deviation of the Laplacian) with those of all pixels (their own standard deviation), so that dark or flat light
does not count as unsharp. The ratio r becomes 100 * (1 - exp(-(r / 0.15) ** 2)): about 99 for a face in focus (r =
0.3), 25 for one blurred over a fiftieth of its width (r = 0.08). A smaller face has fewer details: its sharpness is
multiplied by (side / 112) ** 1.5. For faces of 17 to 50 pixels in a video, 8 was recorded on average, where the
sharpness without this factor is 50.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from .images import blue_first

if TYPE_CHECKING:
    from .boxes import Box
    from .images import DecodedImage

_SIDE = 112
_HALFWAY = 0.15
_SIZE_EXPONENT = 1.5
LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue by ITU-R BT.601."""


class Quality(NamedTuple):
    """Brightness and sharpness, 0 to 100."""

    brightness: float
    sharpness: float


def measure_quality(image: DecodedImage, box: Box) -> Quality:
    """Measure the part of an image inside a box."""
    pixels = blue_first(image.crop(box), _SIDE, _SIDE)
    grey = cv2.cvtColor(pixels.astype(np.float32), cv2.COLOR_BGR2GRAY)  # BT.601, as `LUMA`
    mean, spread = _statistics(grey)
    _, edges = _statistics(cv2.Laplacian(grey, cv2.CV_32F)[1:-1, 1:-1])
    ratio = edges / spread if spread > 0 else 0.0
    detail = min(1.0, max(box.width, box.height) / _SIDE) ** _SIZE_EXPONENT
    sharpness = 100.0 * detail * (1.0 - math.exp(-((ratio / _HALFWAY) ** 2)))
    return Quality(100.0 * (mean / 255.0) ** 0.25, sharpness)


def _statistics(numbers: cv2.typing.MatLike) -> tuple[float, float]:
    """Return the mean and the standard deviation."""
    means, deviations = cv2.meanStdDev(numbers)
    return float(means[0, 0]), float(deviations[0, 0])
