"""Limit on the requests that analyse images at once, so that many requests take little more memory than a few.

A network leaves up to 20 MB of freed blocks in the allocator's arena of each thread that ran it. So the free memory of
all threads is returned to the system when one of several requests ends; a request alone does not pay for that.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from .pixel_budget import return_free_memory

if TYPE_CHECKING:
    from types import TracebackType

IMAGES_AT_ONCE = 4
"""Requests of one emulator that decode and analyse images at the same time; others wait."""


class Admission:
    """A context in which at most a number of threads are at once."""

    def __init__(self, limit: int = IMAGES_AT_ONCE) -> None:
        self._places = threading.Semaphore(limit)
        self._lock = threading.Lock()
        self._present = 0
        self._is_crowded = False

    def __enter__(self) -> None:
        """Wait for a place."""
        with self._lock:
            self._present += 1
            self._is_crowded = self._is_crowded or self._present > 1
        self._places.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the place to the next thread."""
        with self._lock:
            self._present -= 1
            was_crowded = self._is_crowded
            self._is_crowded = was_crowded and self._present > 0
        if was_crowded:
            return_free_memory()
        self._places.release()
