"""Areas of an image that contain a line of text, found by a network that marks the pixels of text.

The network marks the core of a line, about 40 % of its height. The outline of each marked region becomes a rectangle at
any angle, which is then enlarged to the whole line (Differentiable Binarization, Liao et al. 2020).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from ..boxes import Point
from ..networks import Network
from ..pixel_copies import resized
from . import Corners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..networks import Floats

    Pixels = NDArray[np.uint8]

_PIXELS = 700_000
"""Pixels that an image is scaled down to: those of 960 x 720."""
_ENLARGED = 2.5
"""Maximum factor by which a smaller image is enlarged; more blurs it so much that less is detected."""
_MULTIPLE = 32
"""The sides of the network's input are multiples of it."""
_NUMBERS = [
    ((np.arange(256) / 255 - mean) / deviation).astype(np.float32)
    for mean, deviation in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))
]
"""The network's numbers for the 256 values of each channel: the value, less a mean, divided by a deviation."""
_MARKED = 0.3
"""A pixel of this probability belongs to text."""
_MIN_SCORE = 0.5
"""Minimum mean probability in the rectangle of a region."""
_MIN_SIDE = 3
"""Minimum side of a marked region, in pixels of the network's input."""
_ENLARGEMENT = 1.6
"""A region grows at each side by this factor, times its area, divided by its outline."""
_MAX_AREAS = 200
"""Maximum number of areas of an image, the upper ones first: a response has at most 100 words."""


class TextArea(NamedTuple):
    """A rectangle at any angle: its centre, the lengths along the text and across it, and the angle of the text in
    degrees clockwise, 0 for upright text."""

    x: float
    y: float
    width: float
    height: float
    angle: float

    def turned(self, turns: int) -> TextArea:
        """Return the same rectangle with the text read in a direction turned clockwise by quarter turns."""
        width, height = (self.height, self.width) if turns % 2 else (self.width, self.height)
        return self._replace(width=width, height=height, angle=self.angle + 90.0 * turns)

    def corners(self, left: float = 0.0, top: float = 0.0, right: float = 1.0, bottom: float = 1.0) -> Corners:
        """Return the corners of the area or of a part of it, whose edges are 0 to 1 as the reader sees them."""
        angle = math.radians(self.angle)
        along = (math.cos(angle) * self.width, math.sin(angle) * self.width)
        down = (-math.sin(angle) * self.height, math.cos(angle) * self.height)
        return Corners(
            *(
                Point(
                    self.x + (u - 0.5) * along[0] + (v - 0.5) * down[0],
                    self.y + (u - 0.5) * along[1] + (v - 0.5) * down[1],
                )
                for u, v in ((left, top), (right, top), (right, bottom), (left, bottom))
            )
        )


class TextAreas:
    """Finds the areas of lines of text."""

    def __init__(self) -> None:
        self._network = Network("text_detection", "probabilities")

    def find(self, pixels: Pixels) -> list[TextArea]:
        """Return the areas of all lines of an image (blue first) from top to bottom, at most 200, in pixels of the
        array. The angle is that of the longer side, above -90 and up to 90 degrees: the text may be read in this
        direction or in the opposite one."""
        across, down = pixels.shape[1], pixels.shape[0]
        width, height = _input_size(across, down)
        (probabilities,) = self._network.run(_input(pixels, width, height))
        areas = _areas(probabilities[0, 0], (across / width, down / height))
        return sorted(areas, key=lambda area: area.y)[:_MAX_AREAS]


def _input_size(width: int, height: int) -> tuple[int, int]:
    scale = min(_ENLARGED, math.sqrt(_PIXELS / (width * height)))
    across, down = (max(1, round(side * scale / _MULTIPLE)) * _MULTIPLE for side in (width, height))
    return across, down


def _input(pixels: Pixels, width: int, height: int) -> Floats:
    scaled = resized(pixels, width, height)
    blob = np.empty((1, 3, height, width), np.float32)
    for target, plane, numbers in zip(blob[0], cv2.split(scaled), _NUMBERS, strict=True):
        cv2.LUT(plane, numbers, target)
    return blob


def _areas(probabilities: Floats, ratio: tuple[float, float]) -> list[TextArea]:
    marked = (probabilities > _MARKED).astype(np.uint8)
    outlines, _ = cv2.findContours(marked, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found: list[TextArea] = []
    for outline in outlines:
        rectangle = cv2.minAreaRect(outline)
        (x, y), (width, height), angle = rectangle
        if min(width, height) < _MIN_SIDE or _score(probabilities, _points(rectangle)) < _MIN_SCORE:
            continue
        growth = 2 * width * height * _ENLARGEMENT / (2 * (width + height))
        grown = (x, y), (width + growth, height + growth), angle
        found.append(_rectangle(_points(grown) * np.array(ratio, np.float32)))
    return found


def _points(rectangle: tuple[Sequence[float], Sequence[float], float]) -> Floats:
    return np.asarray(cv2.boxPoints(rectangle), np.float32)


def _score(probabilities: Floats, corners: Floats) -> float:
    left, top, width, height = cv2.boundingRect(corners)
    left, top = max(0, left), max(0, top)
    part = probabilities[top : top + height, left : left + width]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(part, mask)[0])


def _rectangle(corners: Floats) -> TextArea:
    """Return a rectangle with its longer side along the text."""
    x, y = corners.mean(axis=0)
    sides = corners[1] - corners[0], corners[2] - corners[1]
    first, second = (float(np.linalg.norm(side)) for side in sides)
    along = sides[0] if first >= second else sides[1]
    angle = math.degrees(math.atan2(along[1], along[0]))
    angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
    return TextArea(float(x), float(y), max(first, second), min(first, second), angle)
