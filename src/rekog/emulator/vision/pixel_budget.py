"""Limit on the pixels that are decoded at once, so that many large images do not exhaust the memory.

A PNG of 300 kB may have 10,000 x 10,000 pixels, and decoding it takes half a gigabyte. So the threads of a process
decode such images one at a time, and small ones side by side.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

DECODED_AT_ONCE = 100_000_000
"""Pixels: one image of the largest size that the service accepts, or eight photographs of 12 megapixels."""
_LARGE = 8_000_000
"""Pixels of an image after which free memory is returned to the system."""


class PixelBudget:
    """A number of pixels that several threads share; threads are served in their order of arrival."""

    def __init__(self, pixels: int = DECODED_AT_ONCE) -> None:
        self._size = self._free = pixels
        self._turn = threading.Lock()  # held by the first thread that waits, so that small images can't overtake it
        self._released = threading.Condition()

    @contextmanager
    def reserve(self, pixels: int) -> Generator[None]:
        """Wait until this many pixels are free, and hold them; more than the whole budget waits for the whole."""
        share = min(pixels, self._size)
        with self._turn, self._released:
            self._released.wait_for(lambda: self._free >= share)
            self._free -= share
        try:
            yield
        finally:
            if pixels > _LARGE:
                return_free_memory()
            with self._released:
                self._free += share
                self._released.notify_all()


def return_free_memory() -> None:
    """Return the memory that all threads have freed to the system, where the allocator keeps it."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    """Return glibc's `malloc_trim`, or None with another allocator.

    glibc keeps freed blocks of 16 MB, the size that Pillow allocates, in an arena of each thread: eight threads that
    had decoded 100 megapixels in turn held 3.5 GB. Other allocators return large blocks by themselves.
    """
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


BUDGET = PixelBudget()
"""The budget of this process, for images and frames of all emulators."""
