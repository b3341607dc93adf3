"""Copies of an image's pixels in several sizes, and the ways to scale them.

A network that needs 300 pixels a side reads a copy of 300 to 600, made once for all networks, instead of the image
itself. A copy of half the size is made by OpenCV's exact mean of 2 x 2 pixels, which takes a tenth of the time of a
resize by another factor.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


class PixelCopies:
    """Pixels (height, width, 3; blue first) of an image. Several threads may use them at once.

    `first` is a copy of any size. `whole` returns a copy of the full size, if `first` is a smaller one.
    """

    def __init__(self, first: Pixels, whole: Callable[[], Pixels] | None = None) -> None:
        self._lock = threading.Lock()
        self._copies = [frozen(first)]
        self._whole = whole

    @property
    def largest(self) -> Pixels:
        """The largest copy that was made so far."""
        return self._copies[0]

    def at_least(self, width: float, height: float) -> Pixels:
        """Return the smallest copy of at least this size, which is less than twice as large; else the largest copy."""
        with self._lock:
            if self._whole is not None and not _covers(self._copies[0], width, height):
                self._copies.insert(0, frozen(self._whole()))
                self._whole = None
            chosen = next((copy for copy in reversed(self._copies) if _covers(copy, width, height)), self._copies[0])
            while min(chosen.shape[:2]) > 1 and _covers(chosen, 2 * width, 2 * height):
                chosen = frozen(_halved(chosen))
                self._copies.append(chosen)
                self._copies.sort(key=lambda copy: -copy.shape[1])
            return chosen


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels in another size: halved while possible, and then linear between neighbouring pixels.

    A side that shrinks to less than a half while the other one does not gets the means of areas instead.
    """
    while _covers(pixels, 2 * width, 2 * height):
        pixels = _halved(pixels)
    narrow, low = pixels.shape[1] >= 2 * width, pixels.shape[0] >= 2 * height
    if narrow or low:
        size = width if narrow else pixels.shape[1], height if low else pixels.shape[0]
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.shape[:2] != (height, width):
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return pixels


def _halved(pixels: Pixels) -> Pixels:
    size = (pixels.shape[1] + 1) // 2, (pixels.shape[0] + 1) // 2
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _covers(pixels: Pixels, width: float, height: float) -> bool:
    return bool(pixels.shape[1] >= width and pixels.shape[0] >= height)


def frozen(pixels: Pixels) -> Pixels:
    """Return a read-only view of pixels, which several networks share."""
    view = pixels.view()
    view.flags.writeable = False
    return view
