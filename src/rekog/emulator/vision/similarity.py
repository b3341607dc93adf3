"""From the cosine of two embeddings to the service's similarity, 0 to 100.

A logistic curve through two anchors, 80 at a cosine of 0.47 and 20 at 0.29, stretched by a hair so that a face is 100
like itself. 80 is the service's default threshold: 0.47 lies between the most alike two people (0.42) and the least
alike pictures of one (0.55). docs/design/similarity.md has the measurements.
"""

from __future__ import annotations

import math

LIKE = (0.47, 80.0)
"""From here on two faces are likely one person's: a cosine, and its similarity."""
UNLIKE = (0.29, 20.0)
"""Up to here two faces are likely two people's."""

_DIGITS = 5
"""The digits that are given; what is behind them differs between machines, and would keep 99.9999999 from being 100."""


def _logit(percent: float) -> float:
    return math.log(percent / (100.0 - percent))


_STEEPNESS = (_logit(LIKE[1]) - _logit(UNLIKE[1])) / (LIKE[0] - UNLIKE[0])
_MIDDLE = LIKE[0] - _logit(LIKE[1]) / _STEEPNESS


def similarity(cosine: float) -> float:
    """Return how similar two faces are whose embeddings have this cosine.

    >>> similarity(1.0), similarity(0.75), similarity(0.47), similarity(0.13)
    (100.0, 99.67335, 80.0057, 2.08212)
    """
    return round(100.0 * _logistic(min(1.0, max(-1.0, cosine))) / _TOP, _DIGITS)


def least_cosine(threshold: float) -> float:
    """Return a cosine below which no similarity reaches a threshold; some just above it may not reach it either."""
    share = (threshold - 10.0**-_DIGITS) / 100.0 * _TOP
    return _MIDDLE + _logit(100.0 * share) / _STEEPNESS - 1e-6 if share > 0.0 else -math.inf


def _logistic(cosine: float) -> float:
    return 1.0 / (1.0 + math.exp(-_STEEPNESS * (cosine - _MIDDLE)))


_TOP = _logistic(1.0)
