"""Places of captions: near their outlines, inside the image, beside one another. No pixel is read or drawn here.

A caption tries places above, below and beside its outline, then in it, and takes the one that crosses the fewest other
outlines and landmarks. A place that another caption has is never taken. The layout is tried with the full captions in
smaller and smaller letters, then with short captions, until each has a place; at last the layout with the most captions
is used, and the others are left out. Texts that were read, such as those of a page, are written over the words
themselves if there is no free place near each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import dist
from typing import NamedTuple, TypeAlias

Point: TypeAlias = tuple[float, float]
Measure: TypeAlias = Callable[[str, float], float]
"""Returns the width of a text in letters of a size."""

ELLIPSIS = "…"
_SMALLER = 0.8
_SHORT = 0.3
"""Outlines that a caption crosses rather than be without its confidence."""
_LARGE = 8
"""Times that an outline is larger than a plate in it which hides little of it."""
PAD = 0.25
"""Space around a text on its plate, as a share of the size of its letters."""
_LEAST_OVER = 0.75
"""Size of letters over a word that is lower than the smallest captions, as a share of those."""


class Rectangle(NamedTuple):
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Rectangle) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)

    def contains(self, other: Rectangle) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def has(self, point: Point) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


class Captioned(NamedTuple):
    """An outline, the landmarks in it, and its caption in the full and in a short form."""

    outline: Sequence[Point]
    points: Sequence[Point]
    text: str
    short: str
    is_read: bool = False

    @property
    def around(self) -> Rectangle:
        xs, ys = [x for x, _ in self.outline], [y for _, y in self.outline]
        return Rectangle(min(xs), min(ys), max(xs), max(ys))


class Caption(NamedTuple):
    """A text in letters of a size, and the plate behind it; the outline itself is the plate of one that fills it."""

    text: str
    size: float
    plate: Rectangle
    fills: bool = False


class Layout:
    """An image of a size, with the `gap` between an outline and its caption."""

    def __init__(self, width: float, height: float, *, gap: float, measure: Measure) -> None:
        self.width, self.height = width, height
        self.gap = gap
        self._measure = measure

    def captions(self, marks: Sequence[Captioned], largest: float, smallest: float) -> list[Caption | None]:
        """Return the caption of each mark, or None for one without a place."""
        sizes = [largest]
        while sizes[-1] > smallest:
            sizes.append(max(smallest, sizes[-1] * _SMALLER))
        boxes = [mark.around for mark in marks]
        best = self._placed(marks, boxes, largest, is_short=False)
        for is_short, size in list(product((False, True), sizes))[1:]:
            if not any(best.cost):
                break
            best = min(best, self._placed(marks, boxes, size, is_short=is_short), key=lambda placed: placed.cost)
        if any(best.cost) and any(mark.is_read for mark in marks):
            return [self._over(mark, largest, smallest * _LEAST_OVER) for mark in marks]
        return best.captions

    def _placed(
        self, marks: Sequence[Captioned], boxes: Sequence[Rectangle], size: float, *, is_short: bool
    ) -> _Placed:
        """Return captions in letters of one size."""
        placed: list[Caption | None] = []
        plates: list[Rectangle] = []
        crossed = 0
        for mark, box in zip(marks, boxes, strict=True):
            text = self._fitting(mark.short if is_short else mark.text, size)
            places = self._places(box, self._measure(text, size) + 2 * PAD * size, size + 2 * PAD * size)
            free = (place for place in places if not any(map(place.overlaps, plates)))
            cheapest = _cheapest((_crossed(place, box, mark.points, boxes), place) for place in free)
            if cheapest is None:
                placed.append(None)
                continue
            crossed += cheapest[0]
            plates.append(cheapest[1])
            placed.append(Caption(text, size, cheapest[1]))
        return _Placed(placed, crossed + is_short * _SHORT * len(marks))

    def _fitting(self, text: str, size: float) -> str:
        """Return a text, shortened until it fits in the image."""
        while self._measure(text, size) + 2 * PAD * size > self.width and len(text) > 2:
            text = text[:-2].rstrip() + ELLIPSIS
        return text

    def _places(self, around: Rectangle, width: float, height: float) -> Iterator[Rectangle]:
        """Yield plates above, below, beside and in an outline, all inside the image."""
        left, top, right, bottom = around
        ends = (left, right - width, (left + right - width) / 2)
        above, below = top - height - self.gap, bottom + self.gap
        near = [(x, y) for y in (above, below) for x in ends if self._is_inside(y, height, self.height)]
        beside = [
            (x, y)
            for x in (right + self.gap, left - width - self.gap)
            for y in (top, bottom - height)
            if self._is_inside(x, width, self.width)
        ]
        inner = [(x, y) for y in (top + self.gap, bottom - height - self.gap) for x in ends]
        for wished_x, wished_y in (*near, *beside, *inner):
            x, y = max(0.0, min(wished_x, self.width - width)), max(0.0, min(wished_y, self.height - height))
            yield Rectangle(x, y, x + width, y + height)

    @staticmethod
    def _is_inside(start: float, length: float, limit: float) -> bool:
        return start >= 0 and start + length <= limit

    def _over(self, mark: Captioned, largest: float, smallest: float) -> Caption:
        """Return a text over the word that was read, in letters that fill its outline."""
        first, second, *_, last = mark.outline
        share = dist(first, second) / self._measure(mark.text, largest)
        size = max(smallest, min(largest, largest * share, dist(first, last)))
        left, top, right, bottom = mark.around
        x, y, half = (left + right) / 2, (top + bottom) / 2, self._measure(mark.text, size) / 2
        return Caption(mark.text, size, Rectangle(x - half, y - size / 2, x + half, y + size / 2), fills=True)


class _Placed(NamedTuple):
    """Captions with their places, and the number of outlines and landmarks that they cross."""

    captions: list[Caption | None]
    crossed: float

    @property
    def cost(self) -> tuple[int, float]:
        return self.captions.count(None), self.crossed


def _crossed(plate: Rectangle, own: Rectangle, points: Sequence[Point], boxes: Sequence[Rectangle]) -> int:
    """Return the number of outlines and landmarks behind a plate, of which its own outline counts in any case.

    A plate in a much larger outline crosses nothing. Landmarks of other results are in their outlines.
    """
    large = _LARGE * plate.area
    crossed = sum(plate.overlaps(box) and not (box.contains(plate) and box.area > large) for box in boxes)
    return crossed + own.contains(plate) + sum(map(plate.has, points))


def _cheapest(places: Iterable[tuple[int, Rectangle]]) -> tuple[int, Rectangle] | None:
    """Return the first place of the lowest cost; no further one is computed after a cost of 0."""
    best: tuple[int, Rectangle] | None = None
    for cost, place in places:
        if best is None or cost < best[0]:
            best = cost, place
        if cost == 0:
            break
    return best
