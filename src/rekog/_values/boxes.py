"""Boxes as four numbers: left, top, width and height, as ratios of an image's sides."""

from __future__ import annotations

from typing import TypeAlias

Sides: TypeAlias = tuple[float, float, float, float]


def overlap(one: Sides, other: Sides) -> float:
    """Return the part of the union of two boxes that is in both, 0 to 1.

    >>> overlap((0.0, 0.0, 0.5, 0.5), (0.0, 0.0, 0.5, 0.25))
    0.5
    """
    wide, high = (
        max(0.0, min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis]))
        for axis in (0, 1)
    )
    union = one[2] * one[3] + other[2] * other[3] - wide * high
    return wide * high / union if union > 0 else 0.0
