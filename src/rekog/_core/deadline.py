"""How much longer a call may take: its total timeout, counted down over attempts, pauses and body chunks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._values.errors import CallTimeoutError

if TYPE_CHECKING:
    from ..config import Timeout

EARLY = 0.02  # seconds: a timer that was cut to the deadline may go off this much before it


class Deadline:
    """The moment when a call must be over: `total` seconds after this was made, or never when `total` is None."""

    __slots__ = ("_clock", "_end", "total")

    def __init__(self, total: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self._clock = clock
        self._end = math.inf if total is None else clock() + total

    def left(self) -> float:
        """Return the seconds that remain: infinite without a total, zero or less when the moment is past."""
        return math.inf if self.total is None else self._end - self._clock()

    def clip(self, timeout: Timeout) -> Timeout:
        """Return the timeout of a request sent now: its total is what remains, and no part is longer than that."""
        if self.total is None:
            return timeout
        left = self.left()
        if left <= 0:
            raise self.error("no time is left to send the request")
        from ..config import Timeout

        return Timeout(connect=min(timeout.connect, left), read=min(timeout.read, left), total=left)

    def __str__(self) -> str:
        return f"the call's total timeout of {self.total:g} s"

    def error(self, reason: str, *, operation: str = "", attempts: int = 1) -> CallTimeoutError:
        """Return the error for a call that this deadline ends."""
        text = f"{self} ran out: {reason}; raise Timeout(total=...)"
        return CallTimeoutError(text, operation=operation, attempts=attempts)
