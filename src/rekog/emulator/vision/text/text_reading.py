"""Reading of a line of text: a crop of the line, and the characters that a network recognises in it.

The network returns scores of all characters for each step of eight pixels, and a blank between characters (CTC: Graves
et al. 2006). Equal characters of neighbouring steps are one character.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..networks import Network, weights_file
from .text_words import SPACE, Character, brightness, gaps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..networks import Floats
    from .text_areas import TextArea

    Pixels = NDArray[np.uint8]

HEIGHT = 48
"""Height of the network's input."""
_WIDTHS = (96, 160, 240, 320, 480, 640, 960, 1280, 1920, 2560, 3840)
"""Widths of the network's input: few, because OpenCV plans the network anew for each."""
_LONGEST = _WIDTHS[-1]
"""A longer line is read in pieces: 16 MB of scores are kept for each thousand pixels."""
_CUT_AFTER = _LONGEST * 3 // 4
_SPACE_WIDTH = 8
"""Minimum width of a space, in pixels."""
_ORIENTATION_WIDTH = 192
"""Width of the input of the network for the orientation."""


class Reader:
    """Reads lines of text."""

    def __init__(self) -> None:
        self._network = Network("text_recognition", "logits")
        self._orientation = Network("text_orientation", "probabilities")
        classes = weights_file("text_recognition").with_suffix(".txt").read_text("utf-8").split("\n")
        self._characters = [SPACE if each.isspace() else each for each in classes]  # one is an ideographic space

    def read(self, line: Pixels) -> list[Character]:
        """Return the characters of a line: an array (48, width, 3), blue first."""
        characters: list[Character] = []
        for start, piece, space in _pieces(line):
            characters += [Character(SPACE, 1.0, start)] if space else []
            characters += self._piece(piece, start)
        return characters

    def upright(self, line: Pixels) -> float:
        """Return the probability that a line is not upside down."""
        (probabilities,) = self._orientation.run(_input(_resized(line, _ORIENTATION_WIDTH), _ORIENTATION_WIDTH))
        return float(probabilities[0, 0])

    def _piece(self, line: Pixels, first: int) -> list[Character]:
        """Return the characters of a piece of a line, which begins at a column."""
        width = line.shape[1]
        (logits,) = self._network.run(_input(line, next(each for each in _WIDTHS if each >= width)))
        return [
            Character(text, probability, first + min(middle, width))
            for text, probability, middle in self._decoded(logits[0, :, 0])
        ]

    def _decoded(self, logits: Floats) -> Iterator[tuple[str, float, float]]:
        """Yield each character, its probability, and the position of its middle, in columns of the piece."""
        steps_first = np.asarray(cv2.transpose(logits), np.float32)  # so that the scores of a step are neighbours
        best = steps_first.argmax(axis=1)
        steps = best.nonzero()[0]  # a softmax of all steps, blanks too, would take a tenth of the network's own time
        scores = steps_first[steps]
        scores -= scores.max(axis=1, keepdims=True)
        certainties = np.zeros(len(best))
        certainties[steps] = 1.0 / np.exp(scores, out=scores).sum(axis=1)
        probabilities: list[float] = certainties.tolist()
        start = 0
        for kind, group in groupby(best.tolist()):
            end = start + sum(1 for _ in group)
            if kind:
                yield self._characters[kind], max(probabilities[start:end]), (start + end) * 4.0
            start = end


def crop(pixels: Pixels, area: TextArea) -> Pixels:
    """Return the text of an area of an image, upright and 48 pixels high."""
    width = max(8, round(HEIGHT * area.width / area.height))
    finer = max(1, int(area.height / HEIGHT))  # scaled down without aliasing
    size = width * finer, HEIGHT * finer
    start, end, _, below = np.array(area.corners())
    matrix = np.stack([(end - start) / size[0], (below - start) / size[1], start], axis=1)
    turned = cv2.warpAffine(
        pixels, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return _resized(np.asarray(turned, np.uint8), width)


def _resized(line: Pixels, width: int) -> Pixels:
    if line.shape[:2] == (HEIGHT, width):
        return line
    return np.asarray(cv2.resize(line, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _input(line: Pixels, width: int) -> Floats:
    blob = np.zeros((1, 3, HEIGHT, width), np.float32)
    used = blob[0, :, :, : line.shape[1]]
    used[:] = line.transpose(2, 0, 1)
    used *= 1 / 127.5
    used -= 1.0
    return blob


def _pieces(line: Pixels) -> Iterator[tuple[int, Pixels, bool]]:
    """Yield the pieces of a line with their first columns, and whether there is a space before each."""
    start, space = 0, False
    while line.shape[1] - start > _LONGEST:
        window = line[:, start + _CUT_AFTER : start + _LONGEST]
        gap = max(gaps(brightness(window)), key=lambda each: each.width, default=None)
        end = start + _CUT_AFTER + ((gap.start + gap.end) // 2 if gap else window.shape[1])
        yield start, line[:, start:end], space
        start, space = end, gap is not None and gap.width >= _SPACE_WIDTH
    yield start, line[:, start:], space
