"""Words of a line of text: its characters, parted at spaces, and their edges along the line.

The network of `text_reading` returns the middle of a character only, to a sixth of the line's height. So the edges of
words are taken from the pixels: between two words there are columns without ink. The network often overlooks the space
beside a punctuation mark; a gap there that is as wide as the spaces of the line parts two words, too.
"""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Brightness = NDArray[np.uint16]

SPACE = " "
_MARGIN = 4
"""Rows at the upper and lower edge that don't count: they may show the neighbouring lines."""
_INK = 0.25
"""A column has ink if its contrast is more than this share of the line's."""
_MIN_GAP = 3
"""Minimum width of a gap between words, in columns of a line 48 pixels high."""
_AS_WIDE = 0.65
"""A gap beside a punctuation mark of at least this share of the recognised spaces' median is a space: so were 182 of
182 overlooked spaces in four fonts, and none of 1463 other gaps."""
_EVIDENCE = 4
"""Characters that are needed as evidence of text."""
_NEVER_FIRST = frozenset(".,:;!?)]}%")
"""Punctuation marks that begin no word, except after a recognised space."""


class Character(NamedTuple):
    """A recognised character, its probability, and the position of its middle, in columns of the line."""

    text: str
    probability: float
    position: float


class Part(NamedTuple):
    """A word of a line, its confidence, and its first column and its end."""

    text: str
    confidence: float
    start: float
    end: float


class Gap(NamedTuple):
    """Columns without ink."""

    start: int
    end: int

    @property
    def width(self) -> int:
        """Number of the columns."""
        return self.end - self.start


class Ink(NamedTuple):
    """The box of a line's ink: the first column and row with ink, and the ends of the last ones."""

    left: float
    top: float
    right: float
    bottom: float


def certainty(characters: Iterable[Character]) -> float:
    """Return the mean probability of the characters that are no spaces; 0 for none."""
    probabilities = [each.probability for each in characters if each.text != SPACE]
    return sum(probabilities) / len(probabilities) if probabilities else 0.0


def brightness(line: Pixels) -> Brightness:
    """Return the sums of the channels of a line, an array (48, width, 3)."""
    return line[:, :, 0].astype(np.uint16) + line[:, :, 1] + line[:, :, 2]


def gaps(line: Brightness) -> list[Gap]:
    """Return the gaps of a line from its start to its end."""
    empty = ~_with_ink(line[_MARGIN:-_MARGIN], 0)
    edges: list[int] = np.diff(empty, prepend=False, append=False).nonzero()[0].tolist()
    runs = [Gap(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return [gap for gap in runs if gap.width >= _MIN_GAP]


def ink(line: Brightness) -> Ink:
    """Return the box of the ink of a line; of a line without ink, the whole of it."""
    height, width = line.shape
    columns, rows = _with_ink(line[_MARGIN:-_MARGIN], 0).nonzero()[0], _with_ink(line, 1).nonzero()[0]
    if not (columns.size and rows.size):
        return Ink(0.0, 0.0, float(width), float(height))
    return Ink(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def _with_ink(line: Brightness, axis: int) -> NDArray[np.bool_]:
    """Return for each column (axis 0) or row (axis 1) whether it has ink."""
    contrast = line.max(axis=axis) - line.min(axis=axis)
    result: NDArray[np.bool_] = contrast > _INK * contrast.max()
    return result


def words(characters: Sequence[Character], line: Brightness) -> list[Part]:
    """Return the words of a line from its first to its last column with ink."""
    parted = _parted(characters, gaps(line))
    edges = ink(line)
    inner = [_edges(before[-1], after[0], gap) for (before, _), (after, gap) in pairwise(parted)]
    starts, ends = [edges.left, *(start for _, start in inner)], [*(end for end, _ in inner), edges.right]
    return [
        Part("".join(each.text for each in word), _confidence(word), start, end)
        for (word, _), start, end in zip(parted, starts, ends, strict=False)
    ]


def _confidence(word: Sequence[Character]) -> float:
    """Return the probability that all characters of a word are right. A shorter word counts as one of four characters
    that are as probable: in photographs, single strokes and holes look like letters."""
    product = math.prod(each.probability for each in word)
    return product ** max(1.0, _EVIDENCE / len(word))


def _parted(characters: Sequence[Character], empty: Sequence[Gap]) -> list[tuple[list[Character], Gap | None]]:
    """Return the characters of each word, and the gap before it, if there is one."""
    visible = [each for each in characters if each.text != SPACE]
    spaces = {after for after, each in enumerate(_spaces_before(characters)) if each}
    between = [_widest(empty, before.position, after.position) for before, after in pairwise(visible)]
    widths = [gap.width for after, gap in enumerate(between, start=1) if gap and after in spaces]
    space = _AS_WIDE * median(widths) if widths else math.inf
    result: list[tuple[list[Character], Gap | None]] = []
    for index, (each, gap) in enumerate(zip(visible, [None, *between], strict=False)):
        wide = gap is not None and gap.width >= space
        if not result or index in spaces or (wide and _may_part(visible[index - 1].text, each.text)):
            result.append(([], gap))
        result[-1][0].append(each)
    return result


def _may_part(before: str, after: str) -> bool:
    """Return whether the network may have overlooked a space between two characters."""
    return not (before.isalnum() and after.isalnum()) and after not in _NEVER_FIRST


def _spaces_before(characters: Sequence[Character]) -> list[bool]:
    """Return for each visible character whether a space was recognised before it."""
    return [
        index > 0 and characters[index - 1].text == SPACE for index, each in enumerate(characters) if each.text != SPACE
    ]


def _widest(empty: Sequence[Gap], start: float, end: float) -> Gap | None:
    """Return the widest gap between two positions."""
    inside = [gap for gap in empty if start <= (gap.start + gap.end) / 2 <= end]
    return max(inside, key=lambda gap: gap.width, default=None)


def _edges(before: Character, after: Character, gap: Gap | None) -> tuple[float, float]:
    """Return the end of a word and the start of the next one."""
    if gap:
        return float(gap.start), float(gap.end)
    distance = after.position - before.position  # of one character, a space and one character: four parts
    return before.position + distance * 0.35, after.position - distance * 0.35
