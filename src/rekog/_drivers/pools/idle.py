"""The connections that are open and unused.

The one used last is used next, so that a client's few busy connections stay warm and the others expire.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

IDLE = 30.0  # seconds that an unused connection is kept


class Kept(Protocol):
    """What a connection must know to be kept."""

    idle_since: float

    def is_usable(self) -> bool:
        """Tell whether it is still open, with nothing to read on it."""
        ...

    def close(self) -> None:
        """Close it at once."""
        ...


C = TypeVar("C", bound=Kept)


class Idle(Generic[C]):
    """A stack of connections that any number of threads may use: each step on the deque is atomic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: deque[C] = deque()
        self._closed = False

    def take(self) -> C | None:
        """Return the connection used last, or None when no usable one is left."""
        oldest = self._clock() - IDLE
        try:
            while True:
                connection = self._kept.pop()
                if connection.idle_since >= oldest and connection.is_usable():
                    return connection
                connection.close()
        except IndexError:
            return None

    def keep(self, connection: C) -> None:
        """Keep a connection for later, and let go of those that nobody has used for long."""
        connection.idle_since = self._clock()
        self._kept.append(connection)
        if self._closed:  # meanwhile, perhaps: `close` may not have seen this one
            self.close()
        self._expire(connection.idle_since - IDLE)

    def clear(self) -> None:
        """Close all of them."""
        self._expire(float("inf"))

    def close(self) -> None:
        """Close all of them, and those that are still to come as they come."""
        self._closed = True
        self.clear()

    def _expire(self, oldest: float) -> None:
        try:
            while self._kept[0].idle_since < oldest:
                self._kept.popleft().close()
        except IndexError:  # there are no more, or another thread was faster
            return
