"""The similarity of embeddings as in docs/design/similarity.md: a logistic curve through 80 at 0.42 and 99 at 0.55."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Vector: TypeAlias = tuple[float, float, float]

_STEEPNESS = (math.log(99 / 1) - math.log(80 / 20)) / (0.55 - 0.42)
_MIDDLE = 0.42 - math.log(80 / 20) / _STEEPNESS


def similarity(one: Vector, other: Vector) -> float:
    """Return the similarity of two embeddings of length one, 0 to 100.

    >>> similarity((1, 0, 0), (1, 0, 0)), round(similarity((1, 0, 0), (0.42, 0.9075, 0)))
    (100.0, 80)
    """
    cosine = sum(a * b for a, b in zip(one, other, strict=True))
    return round(100 * _curve(cosine) / _curve(1.0), 5)


def mean_direction(vectors: Sequence[Vector]) -> Vector:
    """Return the mean of embeddings, scaled to length one."""
    x, y, z = (sum(vector[location] for vector in vectors) for location in range(3))
    length = math.hypot(x, y, z)
    return (x / length, y / length, z / length)


def _curve(cosine: float) -> float:
    return 1 / (1 + math.exp(-_STEEPNESS * (cosine - _MIDDLE)))
