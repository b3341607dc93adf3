"""Areas of polygons and of their intersections, exact for every polygon that does not cross itself.

A polygon is the sum of the triangles from its first point to each of its edges, positive or negative by their
orientation. So the intersection of two polygons is the sum over pairs of triangles. Triangles are convex, so each pair
can be clipped edge by edge (Sutherland and Hodgman).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Point: TypeAlias = tuple[float, float]
Polygon: TypeAlias = "Sequence[Point]"


def signed_area(polygon: Polygon) -> float:
    """Return the area of a polygon; positive when its points go clockwise in an image, where y grows downwards.

    >>> signed_area([(0, 0), (2, 0), (2, 1), (0, 1)])
    2.0
    """
    if not polygon:
        return 0.0
    # relative to the first point, so that a small polygon far from the origin loses no digits
    (x, y), *others = polygon
    moved = [(a - x, b - y) for a, b in others]
    return sum(a * d - c * b for (a, b), (c, d) in pairwise(moved)) / 2.0


def shared_area(one: Polygon, other: Polygon) -> float:
    """Return the area of the intersection of two polygons, of either orientation.

    >>> shared_area([(0, 0), (2, 0), (2, 2), (0, 2)], [(1, 1), (1, 3), (3, 3), (3, 1)])
    1.0
    """
    total = sum(_shared(first, second) for first in _triangles(one) for second in _triangles(other))
    return abs(total)


def share_inside(polygon: Polygon, other: Polygon) -> float:
    """Return the share of a polygon's area that is inside another, 0 to 1; 0 for a polygon without area."""
    area = abs(signed_area(polygon))
    return min(1.0, shared_area(polygon, other) / area) if area > 0 else 0.0


def corners(left: float, top: float, width: float, height: float) -> list[Point]:
    """Return a box as a polygon."""
    return [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]


def _triangles(polygon: Polygon) -> Iterator[Polygon]:
    for second, third in pairwise(polygon[1:]):
        yield (polygon[0], second, third)


def _shared(one: Polygon, other: Polygon) -> float:
    sign_one, sign_other = signed_area(one), signed_area(other)
    if sign_one == 0 or sign_other == 0:
        return 0.0
    clip = other if sign_other > 0 else other[::-1]
    left = one  # its orientation does not matter
    for start, end in zip(clip, [*clip[1:], clip[0]], strict=True):
        left = _clipped(left, start, end)
    return abs(signed_area(left)) * (1 if (sign_one > 0) == (sign_other > 0) else -1)


def _clipped(polygon: Polygon, start: Point, end: Point) -> list[Point]:
    """Return the part of a convex polygon on the inner side of an edge."""
    sides = [_side(point, start, end) for point in polygon]
    kept: list[Point] = []
    for index, point in enumerate(polygon):
        before, side_before, side = polygon[index - 1], sides[index - 1], sides[index]
        if (side_before < 0 < side) or (side < 0 < side_before):
            part = side_before / (side_before - side)
            kept.append((before[0] + part * (point[0] - before[0]), before[1] + part * (point[1] - before[1])))
        if side >= 0:
            kept.append(point)
    return kept


def _side(point: Point, start: Point, end: Point) -> float:
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
