"""A lock and a clock for state that the threads and tasks of a client share."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..flow import Flow, Sleep

if TYPE_CHECKING:
    from threading import Lock as LockType

SHORTEST = 0.0005  # seconds: with shorter pauses a wait would be repeated many times, because timers are not exact
RESOLUTION = 0.02  # seconds: the clock advances in this time; on Windows in steps of 16 ms


class ForkLock:
    """A lock that is free in a forked child, even if another thread held it at the moment of the fork.

    Use it as `with lock.get():`. The context manager is the lock itself, which is written in C: an exception of a
    signal handler cannot leave it locked.
    """

    __slots__ = ("_lock", "_process")

    def __init__(self) -> None:
        self._process, self._lock = os.getpid(), threading.Lock()

    @property
    def is_inherited(self) -> bool:
        """Whether the process is a child that has not used the lock yet."""
        return self._process != os.getpid()

    def get(self) -> LockType:
        """Return the lock of this process."""
        if self.is_inherited:
            self._lock, self._process = threading.Lock(), os.getpid()
        return self._lock


class WaitingClock:
    """A clock in seconds that advances during the pauses of a wait, also while the program's clock stands still.

    Tools such as freezegun stop `time.monotonic`. A wait for a rate would never end then. So a pause that the clock
    does not show is added to it.
    """

    __slots__ = ("_added", "_clock")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._added = 0.0

    def __call__(self) -> float:
        return self._clock() + self._added

    def pause(self, seconds: float) -> Flow[None]:
        """Pause for some seconds, at least `SHORTEST`."""
        before, seconds = self(), max(seconds, SHORTEST)
        yield Sleep(seconds)
        if self() == before and seconds < RESOLUTION:
            yield Sleep(RESOLUTION)
            seconds += RESOLUTION
        if self() == before:
            self._added += seconds
