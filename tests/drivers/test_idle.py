"""Idle connections, without a pool."""

from __future__ import annotations

import time

from rekog._drivers.pools.idle import IdleConnections


class FakeConnection:
    """A connection that only records whether it was closed."""

    idle_since = 0.0
    closed = False

    def is_usable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def test_a_connection_that_becomes_idle_after_close_is_closed() -> None:
    idle: IdleConnections[FakeConnection] = IdleConnections(time.monotonic)
    late = FakeConnection()
    idle.close()
    idle.keep(late)
    assert late.closed
    assert idle.take() is None
