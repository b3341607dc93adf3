"""Stretches of black frames in a video, found in the thumbnails of all frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .moments import Moment

MIN_FRAMES = 5
"""Black frames in a row that are reported (assumed): a single one is a flash or a fault."""
_BT_709 = np.array([0.2126, 0.7152, 0.0722])
_LEVELS = 255
_TOLERANCE = 2.0
"""Levels by which the conversion from the file's colours to RGB may be wrong."""


class BlackLimits(NamedTuple):
    """Limits of the request: luminance up to which a pixel is black, 0 to 1, and percent of the pixels that must be."""

    pixel: float = 0.2
    coverage: float = 99.0


class BlackStretch(NamedTuple):
    """Black frames in a row, up to the first frame that is not; `coverage` is the mean percent of black pixels."""

    start: Moment
    end: Moment
    coverage: float


class BlackStretches:
    """Collects the stretches of black frames of a video, frame by frame."""

    def __init__(self, limits: BlackLimits) -> None:
        self._limits = limits
        self._start: Moment | None = None
        self._frames = 0
        self._sum = 0.0

    def add(self, moment: Moment, thumbnail: NDArray[np.uint8]) -> Iterator[BlackStretch]:
        """Take the next frame, and yield the stretch that has ended with it."""
        coverage = black_coverage(thumbnail, self._limits.pixel)
        if coverage < self._limits.coverage:
            yield from self.finish(moment)
            return
        self._start = self._start or moment
        self._frames += 1
        self._sum += coverage

    def finish(self, end: Moment) -> Iterator[BlackStretch]:
        """Yield the stretch that ends at a moment, if there is one."""
        if self._start is not None and self._frames >= MIN_FRAMES:
            yield BlackStretch(self._start, end, self._sum / self._frames)
        self._start, self._frames, self._sum = None, 0, 0.0


def black_coverage(pixels: NDArray[np.uint8], limit: float) -> float:
    """Return the percent of the pixels whose luminance is at most `limit` of the range.

    >>> import numpy as np
    >>> black_coverage(np.array([[[51, 51, 51], [60, 60, 60]]], np.uint8), 0.2)
    50.0
    """
    return 100.0 * float((pixels @ _BT_709 <= limit * _LEVELS + _TOLERANCE).mean())
