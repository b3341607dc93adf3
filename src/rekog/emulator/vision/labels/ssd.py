"""SSD MobileNet v2: objects of 80 classes of COCO, with boxes.

The network returns, for each of 1917 anchors, a box relative to it and a score for each class. The anchors are those of
TensorFlow's configuration of the network: a grid for each of six layers, with boxes of several shapes in each cell.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..boxes import Box
from ..images import blue_first, remembered
from ..networks import Network, network_input, sigmoid

if TYPE_CHECKING:
    from ..images import DecodedImage
    from ..networks import Floats

_SIDE = 300
_GRIDS = (19, 10, 5, 3, 2, 1)
"""Cells along a side of each layer."""
_SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
"""Size of each layer's anchors in parts of the image; the last one is the size above the last layer's."""
_FIRST_SHAPES = ((0.1, 1.0), (0.2, 2.0), (0.2, 0.5))
"""Scale and aspect ratio of the anchors of the first layer, which has fewer than the others."""
_ASPECT_RATIOS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
_POSITION, _SIZE = 10.0, 5.0
"""Factors by which the network multiplies the positions and the sizes of boxes."""
_SAME_OBJECT = 0.6
"""Two boxes of one class with a larger overlap than this are one object."""
_SAME_PLACE = 0.85
"""Two boxes of any classes with a larger overlap than this are one object, such as a car that might be a truck."""


class DetectedObject(NamedTuple):
    """An object: its class number in COCO, 1 to 90, the score, 0 to 1, and the box in pixels, inside the image."""

    number: int
    score: float
    box: Box


class SsdMobileNet:
    """Detects objects."""

    def __init__(self) -> None:
        self._network = Network("ssd_mobilenet_v2", "boxes", "classes")

    def detect(self, image: DecodedImage, min_score: float) -> list[DetectedObject]:
        """Return the objects with at least a score, the surest first. Each place has one object."""
        return remembered(image, (self, min_score), lambda: self._detect(image, min_score))

    def _detect(self, image: DecodedImage, min_score: float) -> list[DetectedObject]:
        pixels = network_input(blue_first(image, _SIDE, _SIDE), 1 / 127.5, (127.5, 127.5, 127.5))
        offsets, logits = self._network.run(pixels)
        classes = logits[0, :, 1:]  # without the background
        likely = np.flatnonzero(sigmoid(classes.max(axis=1)) >= min_score)
        scores = sigmoid(classes[likely])
        corners = _corners(offsets[0, likely], _anchors()[likely])
        objects = [
            DetectedObject(int(row.argmax()) + 1, float(row.max()), _box(image, sides))
            for row, sides in zip(scores, corners, strict=True)
        ]
        return _distinct(sorted(objects, key=lambda each: -each.score))


@cache
def _anchors() -> Floats:
    """Return the anchors: y and x of the centre, height and width, in parts of the image."""
    rows: list[tuple[float, float, float, float]] = []
    for layer, cells in enumerate(_GRIDS):
        shapes = [(_SCALES[layer], ratio) for ratio in _ASPECT_RATIOS]
        shapes.append(((_SCALES[layer] * _SCALES[layer + 1]) ** 0.5, 1.0))
        for y in range(cells):
            for x in range(cells):
                rows += [
                    ((y + 0.5) / cells, (x + 0.5) / cells, scale / ratio**0.5, scale * ratio**0.5)
                    for scale, ratio in (shapes if layer else _FIRST_SHAPES)
                ]
    return np.array(rows, np.float32)


def _corners(offsets: Floats, anchors: Floats) -> Floats:
    """Return the left, top, right and bottom of boxes in parts of the image, cut at its edges."""
    centres = offsets[:, :2] / _POSITION * anchors[:, 2:] + anchors[:, :2]
    halves = np.exp(offsets[:, 2:] / _SIZE) * anchors[:, 2:] / 2
    corners: Floats = np.concatenate([(centres - halves)[:, ::-1], (centres + halves)[:, ::-1]], axis=1).clip(0.0, 1.0)
    return corners


def _box(image: DecodedImage, sides: Floats) -> Box:
    left, top, right, bottom = (float(side) for side in sides)
    return Box(left, top, right - left, bottom - top).scaled(image.width, image.height)


def _distinct(objects: list[DetectedObject]) -> list[DetectedObject]:
    """Return the objects without those that overlap a surer one; the surest come first."""
    kept: list[DetectedObject] = []
    for each in objects:
        if each.box.area > 0.0 and not any(_same(each, other) for other in kept):
            kept.append(each)
    return kept


def _same(one: DetectedObject, other: DetectedObject) -> bool:
    return one.box.overlap(other.box) > (_SAME_OBJECT if one.number == other.number else _SAME_PLACE)
