"""Tracking of persons through the frames of a video: one number for each person as long as it is seen.

A person is the one of an earlier frame whose box overlaps most and whose colours are most alike. One that has not been
seen for two seconds gets a new number, so memory does not grow with the length of a video.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from ..images import blue_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..boxes import Box
    from ..images import DecodedImage

KEPT_MILLIS = 2000
"""Time without a sighting after which a person is forgotten (assumed)."""
_COLOUR_WEIGHT = 0.4
_MIN_SCORE = 0.35
_MIN_OVERLAP, _MIN_LIKENESS = 0.1, 0.9
"""One of both is needed: a person who moves fast keeps the colours, and one in other light the place."""
_JUMP_MILLIS = 500
"""Time within which the colours alone are enough: dark clothes are alike."""
_OTHER_COLOURS = 0.3
"""Likeness of colours below which a person in the same place is another one: after a cut, for example."""
_SAMPLE = (32, 64)
_BINS = (8, 4, 4)
"""Bins of hue, saturation and value."""


class Sighting(NamedTuple):
    """A person in a frame: a box in ratios of its size, and the colours as a vector of length 1."""

    box: Box
    colours: NDArray[np.float32]


class _Track(NamedTuple):
    number: int
    millis: int
    sighting: Sighting


class Tracker:
    """Numbers the persons of a video in order of appearance."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._count = 0

    def forget(self) -> None:
        """Give all persons from now on new numbers, because another scene begins."""
        self._tracks = []

    def numbers(self, millis: int, sightings: Sequence[Sighting]) -> list[int]:
        """Return the number of each person in the next frame, which appears at this time."""
        tracks = [track for track in self._tracks if millis - track.millis <= KEPT_MILLIS]
        scores = sorted(
            (
                (-_score(track, millis, sighting), track.number, position)
                for track in tracks
                for position, sighting in enumerate(sightings)
            ),
        )
        numbers: dict[int, int] = {}
        for score, number, position in scores:
            if score <= -_MIN_SCORE and position not in numbers and number not in numbers.values():
                numbers[position] = number
        for position in range(len(sightings)):
            if position not in numbers:
                numbers[position] = self._count
                self._count += 1
        current = [_Track(numbers[position], millis, sighting) for position, sighting in enumerate(sightings)]
        self._tracks = [track for track in tracks if track.number not in numbers.values()] + current
        return [numbers[position] for position in range(len(sightings))]


def _score(track: _Track, millis: int, sighting: Sighting) -> float:
    """Return how likely a sighting at a time is one of a track, 0 to 1.4."""
    before = track.sighting
    overlap, likeness = before.box.overlap(sighting.box), float(before.colours @ sighting.colours)
    is_jump = likeness >= _MIN_LIKENESS and millis - track.millis <= _JUMP_MILLIS
    if likeness < _OTHER_COLOURS or (overlap < _MIN_OVERLAP and not is_jump):
        return 0.0
    return overlap + _COLOUR_WEIGHT * likeness


def colours_in(image: DecodedImage, box: Box) -> NDArray[np.float32]:
    """Return the histogram of hue, saturation and value in a box in pixels, as a vector of length 1."""
    pixels = blue_first(image.crop(box), *_SAMPLE)
    hsv = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)
    histogram = cv2.calcHist([hsv], [0, 1, 2], None, list(_BINS), [0, 180, 0, 256, 0, 256]).ravel()
    return np.asarray(histogram / np.linalg.norm(histogram), np.float32)
