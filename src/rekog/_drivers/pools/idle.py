"""The idle connections of a pool: open, and used by no request.

The connection used last is used next. So the few connections of a busy client stay warm, and the others expire.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

IDLE_LIMIT = 30.0  # seconds that an idle connection is kept


class IdleConnection(Protocol):
    """The part of a connection that `IdleConnections` uses."""

    idle_since: float

    def is_usable(self) -> bool:
        """Return whether it is still open, with nothing to read on it."""
        ...

    def close(self) -> None:
        """Close it at once."""
        ...


C = TypeVar("C", bound=IdleConnection)


class IdleConnections(Generic[C]):
    """A stack of idle connections, for any number of threads: each operation on the deque is atomic."""

    def __init__(self, clock: Callable[[], float] | None) -> None:
        self._clock = clock
        self._stack: deque[C] = deque()
        self._closed = False

    def take(self) -> C | None:
        """Remove and return the usable connection that was used last, or None without one."""
        oldest = (self._clock or time.monotonic)() - IDLE_LIMIT
        try:
            while True:
                connection = self._stack.pop()
                if connection.idle_since >= oldest and connection.is_usable():
                    return connection
                connection.close()
        except IndexError:
            return None

    def keep(self, connection: C) -> None:
        """Add a connection, and close those that have been idle for too long."""
        connection.idle_since = (self._clock or time.monotonic)()
        self._stack.append(connection)
        if self._closed:  # `close` may have run in another thread just before, without this connection
            self.close()
        self._expire(connection.idle_since - IDLE_LIMIT)

    def clear(self) -> None:
        """Close all connections."""
        self._expire(float("inf"))

    def close(self) -> None:
        """Close all connections, and from now on each one that is added."""
        self._closed = True
        self.clear()

    def _expire(self, oldest: float) -> None:
        try:
            while self._stack[0].idle_since < oldest:
                self._stack.popleft().close()
        except IndexError:  # the stack is empty, perhaps because another thread was faster
            return
