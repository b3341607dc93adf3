"""MoveNet MultiPose: persons with boxes and 17 key points.

The network's own selection of persons, which returns six at most, is no part of the file; this module does it for any
number. A person is a local maximum of the map of centres; the box is that of the same cell. A key point is the cell of
the largest product of its heat map and a Gaussian around the position that the centre's cell predicts, within the box.

Centres alone are no evidence: a coffee cup gets 0.57, a flower 0.64, an officer 0.96. Key points make the difference:
a person's score is that of the centre times the mean of the five surest key points, and the cup has 0.06, the flower
0.05, the officer 0.70.

The network detects persons of a third of the image or more best at its own 256 pixels, where a portrait's box is that
of the whole person; smaller persons need 512 pixels. So a large image gets both passes, and the second one keeps small
persons only. docs/design/vision-persons.md has the measurements.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..boxes import Box
from ..images import blue_first, remembered
from ..networks import Network, network_input, sigmoid
from . import DetectedPerson, KeyPoint, KeyPoints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..images import DecodedImage
    from ..networks import Floats

_OUTPUTS = ("centers", "box_scales", "box_offsets", "keypoint_vectors", "keypoint_heatmaps", "keypoint_offsets")
_COARSE, _FINE = 256, 512
"""Sides of the network's input in the two passes."""
_SMALL = 0.35
"""Maximum size of a person of the fine pass: the longer side of the box as a ratio of the image's longer side."""
_COVERED = 0.8
"""Share of a small person's box inside a large one's from which it is a part of the large person."""
_CELL = 4
"""Pixels of the network's input in a cell of its maps."""
_MIN_CENTRE = 0.3
_MIN_SCORE = 0.28
_HALF_SCORE, _SLOPE = 0.22, 16.0
_SUREST = 5
"""Key points that count for the score: a person from the shoulders up shows seven, one from behind the limbs."""
_SAME_PERSON = 0.6
"""Two boxes with a larger overlap than this are one person."""
_SPREAD = 0.1
"""Standard deviation of the Gaussian as a ratio of the box's longer side; at least one cell."""
_NEIGHBOURS = np.ones((3, 3), np.uint8)


class MoveNet:
    """Detects persons, with a network for each pass: OpenCV plans a network anew for each input size."""

    def __init__(self) -> None:
        self._coarse = Network("movenet_multipose", *_OUTPUTS)
        self._fine = Network("movenet_multipose", *_OUTPUTS)

    def detect(self, image: DecodedImage) -> list[DetectedPerson]:
        """Return the persons of an image: the large ones first, and of each size the surest first."""
        return remembered(image, self, lambda: self._detect(image))

    def _detect(self, image: DecodedImage) -> list[DetectedPerson]:
        large = _search(self._coarse, image, _COARSE)
        longer = max(image.width, image.height)
        if longer <= _COARSE:
            return large
        small = [
            person
            for person in _search(self._fine, image, _FINE)
            if max(person.box.width, person.box.height) <= _SMALL * longer
            and not any(_is_part(person.box, other.box) for other in large)
        ]
        return large + small


def _search(network: Network, image: DecodedImage, side: int) -> list[DetectedPerson]:
    """Return the persons of an image that is scaled into a square, the surest first."""
    scale = side / max(image.width, image.height)
    width, height = (max(1, round(length * scale)) for length in (image.width, image.height))
    square = np.zeros((side, side, 3), np.uint8)
    square[:height, :width] = blue_first(image, width, height)
    maps = _Maps(*(output[0] for output in network.run(network_input(square))))
    across, down = image.width / width * _CELL, image.height / height * _CELL
    persons: list[tuple[float, DetectedPerson]] = []
    for row, column in maps.persons():
        points = [KeyPoint(x * across, y * down, sure) for x, y, sure in maps.key_points(row, column)]
        surest = sorted((point.confidence for point in points), reverse=True)[:_SUREST]
        score = maps.score(row, column) * sum(surest) / _SUREST
        box = _inside(maps.box(row, column).scaled(across, down), image.width, image.height)
        if score >= _MIN_SCORE and box.area > 0:
            persons.append((score, DetectedPerson(box, confidence(score), KeyPoints(*points))))
    return [person for _, person in sorted(persons, key=lambda each: -each[0])]


def confidence(score: float) -> float:
    """Return the confidence, 0 to 1, for a score: 0.72 for the minimum of 0.28, 0.94 for 0.4, and 0.9995 for 0.7.

    On 240 photographs and drawings half of the candidates of 0.2 to 0.25 were persons, 16 of 20 of 0.28 to 0.4, and
    all above.
    """
    return 1.0 / (1.0 + math.exp(-_SLOPE * (score - _HALF_SCORE)))


class _Maps:
    """The maps of the network for an image. Lengths are cells; vectors in the maps are y, then x."""

    def __init__(
        self, centers: Floats, scales: Floats, offsets: Floats, vectors: Floats, heatmaps: Floats, shifts: Floats
    ) -> None:
        self._centers = sigmoid(centers[0])
        self._rows, self._columns = self._centers.shape
        self._scales, self._offsets = scales, offsets
        self._vectors = vectors.reshape(17, 2, self._rows, self._columns)
        self._heatmaps = sigmoid(heatmaps)
        self._shifts = shifts.reshape(17, 2, self._rows, self._columns)

    def persons(self) -> list[tuple[int, int]]:
        """Return the cells of the centres of persons, the surest first; of boxes that overlap only the surest one."""
        peaks = (self._centers == cv2.dilate(self._centers, _NEIGHBOURS)) & (self._centers >= _MIN_CENTRE)
        cells = [(int(row), int(column)) for row, column in np.argwhere(peaks)]
        kept: dict[tuple[int, int], Box] = {}
        for cell in sorted(cells, key=lambda cell: -self.score(*cell)):
            box = self.box(*cell)
            if box.area > 0 and all(box.overlap(other) <= _SAME_PERSON for other in kept.values()):
                kept[cell] = box
        return list(kept)

    def score(self, row: int, column: int) -> float:
        """Return the score of the centre in a cell, 0 to 1."""
        return float(self._centers[row, column])

    def box(self, row: int, column: int) -> Box:
        """Return the box of the person whose centre is in a cell."""
        height, width = (max(0.0, float(size)) for size in self._scales[:, row, column])
        down, across = (float(offset) for offset in self._offsets[:, row, column])
        return Box(column + across - width / 2, row + down - height / 2, width, height)

    def key_points(self, row: int, column: int) -> Iterator[tuple[float, float, float]]:
        """Yield x, y and confidence of each key point of the person whose centre is in a cell."""
        box = self.box(row, column)
        top, bottom = max(0, int(box.top) - 1), min(self._rows, int(box.bottom) + 2)
        left, right = max(0, int(box.left) - 1), min(self._columns, int(box.right) + 2)
        rows, columns = np.mgrid[top:bottom, left:right]
        variance = 2 * max(_SPREAD * max(box.width, box.height), 1.0) ** 2
        for vector, heat, shift in zip(self._vectors, self._heatmaps, self._shifts, strict=True):
            y, x = row + vector[0, row, column], column + vector[1, row, column]
            near = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / variance)
            weighted = heat[top:bottom, left:right] * near
            best_row, best_column = divmod(int(weighted.argmax()), right - left)
            cell = (top + best_row, left + best_column)
            yield (
                cell[1] + float(shift[(1, *cell)]),
                cell[0] + float(shift[(0, *cell)]),
                float(weighted[best_row, best_column]),
            )


def _inside(box: Box, width: int, height: int) -> Box:
    """Return the part of a box inside the image."""
    left, top = max(0.0, box.left), max(0.0, box.top)
    return Box(left, top, max(0.0, min(width, box.right) - left), max(0.0, min(height, box.bottom) - top))


def _is_part(small: Box, large: Box) -> bool:
    """Tell whether most of a box is inside another one."""
    across = min(small.right, large.right) - max(small.left, large.left)
    down = min(small.bottom, large.bottom) - max(small.top, large.top)
    return max(0.0, across) * max(0.0, down) >= _COVERED * small.area
