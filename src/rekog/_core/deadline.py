"""Time that remains for a call: its total timeout, shared by attempts, pauses and body chunks."""

from __future__ import annotations

import math
from collections.abc import Callable

from .._settings.timeout import Timeout
from .._values.clocks import monotonic
from .._values.errors import CallTimeoutError

EARLY = 0.02  # seconds: a timer set to the deadline may fire this much before it


class Deadline:
    """The end of a call: `total` seconds after this object was created, or never when `total` is None."""

    __slots__ = ("_clock", "_end", "total")

    def __init__(self, total: float | None, clock: Callable[[], float] = monotonic) -> None:
        self.total = total
        self._clock = clock
        self._end = math.inf if total is None else clock() + total

    def left(self) -> float:
        """Return the seconds that remain: infinite without a total, zero or less after the end."""
        return math.inf if self.total is None else self._end - self._clock()

    def clip(self, timeout: Timeout) -> Timeout:
        """Return the timeout of a request sent now: its total is the remaining time, which bounds the other limits."""
        if self.total is None:
            return timeout
        left = self.left()
        if left <= 0:
            raise self.error("no time is left to send the request")
        pool = None if timeout.pool is None else min(timeout.pool, left)
        return Timeout(left, connect=min(timeout.connect, left), read=min(timeout.read, left), pool=pool)

    def __str__(self) -> str:
        return f"the call's total timeout of {self.total:g} s"

    def error(self, reason: str, *, operation: str = "", attempts: int = 1) -> CallTimeoutError:
        """Return the error of a call that this deadline ends."""
        text = f"{self} ran out: {reason}; increase Timeout(total=...)"
        return CallTimeoutError(text, operation=operation, attempts=attempts)
