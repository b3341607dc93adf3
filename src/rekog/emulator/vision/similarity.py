"""The service's similarity, 0 to 100, computed from the cosine of two embeddings.

A logistic curve through two anchors, 80 at a cosine of 0.42 and 99 at 0.55, scaled so that a cosine of 1 is 100. 80 is
the service's default threshold: 0.42 is in the gap between the most similar faces of two people (0.35) and nearly all
images of one person. docs/design/similarity.md has the measurements.
"""

from __future__ import annotations

import math

LIKE = (0.42, 80.0)
"""A cosine and its similarity: from here on, two faces are likely those of one person."""
CERTAIN = (0.55, 99.0)
"""A cosine and its similarity: 19 of 20 pairs of images of one person are above it."""

_DIGITS = 5
"""Digits to keep: further ones differ between machines, and would make 99.9999999 of 100."""


def _logit(percent: float) -> float:
    return math.log(percent / (100.0 - percent))


_STEEPNESS = (_logit(CERTAIN[1]) - _logit(LIKE[1])) / (CERTAIN[0] - LIKE[0])
_MIDDLE = LIKE[0] - _logit(LIKE[1]) / _STEEPNESS


def similarity(cosine: float) -> float:
    """Return the similarity of two faces whose embeddings have this cosine.

    >>> similarity(1.0), similarity(0.75), similarity(0.47), similarity(0.13)
    (100.0, 99.99276, 93.21668, 0.31043)
    """
    return round(100.0 * _logistic(min(1.0, max(-1.0, cosine))) / _TOP, _DIGITS)


def minimum_cosine(threshold: float) -> float:
    """Return a cosine below which no similarity reaches a threshold; just above it, some do not reach it either."""
    share = (threshold - 10.0**-_DIGITS) / 100.0 * _TOP
    return _MIDDLE + _logit(100.0 * share) / _STEEPNESS - 1e-6 if share > 0.0 else -math.inf


def _logistic(cosine: float) -> float:
    return 1.0 / (1.0 + math.exp(-_STEEPNESS * (cosine - _MIDDLE)))


_TOP = _logistic(1.0)
