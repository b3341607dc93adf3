"""A clock for waits that the threads and tasks of a client share."""

from __future__ import annotations

from collections.abc import Callable

from ..flow import Flow, Sleep

SHORTEST = 0.0005  # seconds: with shorter pauses a wait would be repeated many times, because timers are not exact
RESOLUTION = 0.02  # seconds: the clock advances in this time; on Windows in steps of 16 ms


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
