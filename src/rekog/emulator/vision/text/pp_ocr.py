"""PP-OCRv6 tiny: lines and words of text at any angle, by three small networks.

One network finds the areas of lines, one reads a line, and one tells whether a line is upside down. The last errs on
one short word of ten, as a comparison of both readings does, but on other words, so it only has a say when both
readings are doubtful. docs/design/vision-text.md gives the reasons and the measurements behind the numbers here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..boxes import Point
from ..images import blue_first, kept_size, remembered
from . import Corners, TextLine, TextWord
from .text_areas import TextArea, TextAreas
from .text_reading import Reader, crop
from .text_words import brightness, certainty, ink, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..images import DecodedImage
    from .text_words import Character

    Pixels = NDArray[np.uint8]

_MIN_CERTAINTY = 0.5
"""Minimum certainty of a line."""
_SURE = 0.97
"""A reading of this certainty is taken without a comparison with the other directions."""
_ORIENTATION_WEIGHT = 0.2
_DIRECTION_WEIGHT = 0.1
_OBLONG = 1.5
"""The text of an area that is longer than this runs along its longer side."""
_ALONG = 0.7
"""Minimum cosine of the angle between directions that count as one."""
_SHORT = 4
"""A word of up to so many characters may make sense upside down, too."""


_MAX_COLUMNS = 40_000
"""Maximum width of all crops of an image together: a hundred words take about 15,000 columns."""
_MAX_DOUBTS = 20
"""Doubtful areas that are read in all directions. Further ones are read in the likely direction only: an image full of
strokes has hundreds, each of which would take two to four readings and as many runs of the network for directions."""


class _Reading(NamedTuple):
    """A reading of an area in one direction."""

    area: TextArea
    line: Pixels
    characters: Sequence[Character]

    @property
    def certainty(self) -> float:
        return certainty(self.characters)

    def detected(self, scale: tuple[float, float]) -> TextLine:
        """Return the line with its words, its lengths multiplied by two factors. The confidence of a line is the mean
        of its words'."""
        height, width, _ = self.line.shape
        light = brightness(self.line)
        edges = ink(light)

        def corners(left: float, right: float) -> Corners:
            points = self.area.corners(left / width, edges.top / height, right / width, edges.bottom / height)
            return Corners(*(Point(x * scale[0], y * scale[1]) for x, y in points))

        found = [
            TextWord(part.text, part.confidence, corners(part.start, part.end))
            for part in words(self.characters, light)
        ]
        confidence = sum(word.confidence for word in found) / len(found)
        return TextLine(" ".join(word.text for word in found), confidence, corners(edges.left, edges.right), found)


class PpOcr:
    """Detects text."""

    def __init__(self) -> None:
        self._areas = TextAreas()
        self._reader = Reader()

    def detect(self, image: DecodedImage) -> list[TextLine]:
        """Return all lines of an image, at most 200, at any angle."""
        return remembered(image, self, lambda: self._detect(image))

    def _detect(self, image: DecodedImage) -> list[TextLine]:
        width, height = kept_size(image.width, image.height)
        pixels = blue_first(image, width, height)
        areas = self._areas.find(pixels)
        scale = image.width / width, image.height / height
        return [reading.detected(scale) for reading in _Page(self._reader, pixels).readings(areas)]


class _Page:
    """An image whose lines are read one after another. Most lines of an image have one direction: that of the lines
    read so far is tried first, and decides in doubt."""

    def __init__(self, reader: Reader, pixels: Pixels) -> None:
        self._reader = reader
        self._pixels = pixels
        self._direction = np.array([0.01, 0.0])  # upright before any line is read
        self._columns = 0
        self._doubts = 0

    def readings(self, areas: Sequence[TextArea]) -> list[_Reading]:
        """Return the readings of areas that are text, the longest first."""
        readings: list[_Reading] = []
        for area in sorted(areas, key=lambda each: -each.width):
            if self._columns > _MAX_COLUMNS:
                break
            turns = self._turns(area)
            reading = self._best(turns if self._doubts < _MAX_DOUBTS else turns[:1], _SURE)
            self._doubts += reading.certainty < _SURE
            if reading.certainty >= _MIN_CERTAINTY and not self._stray(reading):
                readings.append(reading)
                letters = sum(each.probability for each in reading.characters)
                self._direction += letters * _vector(reading.area)
        return [self._second_look(reading) for reading in readings]

    def _stray(self, reading: _Reading) -> bool:
        """Return whether a reading is one character across the direction of the others: any stroke looks like a 1."""
        return len(reading.characters) == 1 and self._with_others(reading.area) < _ALONG

    def _second_look(self, reading: _Reading) -> _Reading:
        """Return a short line in the direction of the others if it can be read in that direction as well."""
        if len(reading.characters) > _SHORT or self._with_others(reading.area) >= 0:
            return reading
        return self._best([reading.area.turned(2), reading.area], math.inf)

    def _turns(self, area: TextArea) -> list[TextArea]:
        """Return the directions in which the text of an area may run, the likely ones first."""
        turns = (0, 2) if area.width > _OBLONG * area.height else (0, 1, 2, 3)
        directions = [area.turned(turn) for turn in turns]
        return sorted(directions, key=self._with_others, reverse=True)

    def _best(self, directions: Sequence[TextArea], sure: float) -> _Reading:
        """Return the first reading that is sure, else the best one."""
        readings: list[_Reading] = []
        for area in directions:
            line = crop(self._pixels, area)
            self._columns += line.shape[1]
            readings.append(_Reading(area, line, self._reader.read(line)))
            if readings[-1].certainty >= sure:
                return readings[-1]
        return max(readings, key=self._score) if len(readings) > 1 else readings[0]

    def _score(self, reading: _Reading) -> float:
        upright = self._reader.upright(reading.line)
        return reading.certainty + _ORIENTATION_WEIGHT * upright + _DIRECTION_WEIGHT * self._with_others(reading.area)

    def _with_others(self, area: TextArea) -> float:
        """Return the cosine of the angle between an area's direction and that of the lines read so far."""
        return float(_vector(area) @ self._direction / np.linalg.norm(self._direction))


def _vector(area: TextArea) -> NDArray[np.float64]:
    angle = math.radians(area.angle)
    return np.array([math.cos(angle), math.sin(angle)])
