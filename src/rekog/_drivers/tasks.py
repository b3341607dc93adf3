"""The default transport for asyncio: a pool of keep-alive connections.

It keeps to the same rules as the pool for threads. Each event loop has connections of its own, which end with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING

from .._core.deadline import Deadline
from .._core.errors import ConnectError, ConnectTimeoutError, PoolTimeoutError
from .failures import failure, late_or
from .idle import Idle
from .protocol import Connection
from .sockets import StaleError
from .target import parse_target

if TYPE_CHECKING:
    import ssl

    from .._core.http import HttpRequest, HttpResponse

GOODBYE = 1.0  # seconds: a closed connection is gone after a turn or two of its loop


class TaskPool:
    """Sends requests to one endpoint from any number of tasks, over at most `max_connections` at once."""

    def __init__(
        self, tls: ssl.SSLContext | None, max_connections: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tls = tls
        self._max_connections = max_connections
        self._clock = clock
        self._loops: dict[asyncio.AbstractEventLoop, _LoopPool] = {}
        self._closed = False

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        loop = asyncio.get_running_loop()
        pool = self._loops.get(loop) or await self._joined(loop)
        deadline = Deadline(request.timeout.total)
        if pool.free.locked():
            await _wait_for_one(pool.free, request, deadline)
        else:
            await pool.free.acquire()
        try:
            connection = pool.idle.take()
            if connection is not None:
                try:
                    return await self._exchanged(pool, connection, request, deadline)
                except StaleError:
                    pass
            connection = await self._connected(pool, loop, request, deadline)
            return await self._exchanged(pool, connection, request, deadline)
        finally:
            pool.free.release()

    async def close(self) -> None:
        """Close the idle connections of this loop now, those of other loops soon, the busy ones as they become idle."""
        self._closed = True
        here = asyncio.get_running_loop()
        for loop, pool in list(self._loops.items()):
            with contextlib.suppress(RuntimeError):  # the loop has ended, or is at its end and doing this itself
                if loop is here:
                    await pool.ending.aclose()
                else:
                    loop.call_soon_threadsafe(pool.idle.close)

    async def _joined(self, loop: asyncio.AbstractEventLoop) -> _LoopPool:
        for other in [other for other in list(self._loops) if other.is_closed()]:
            self._loops.pop(other, None)
        pool = self._loops[loop] = _LoopPool(self._max_connections, self._clock)
        pool.ending = self._until_the_end(loop, pool)
        await anext(pool.ending)
        return pool

    async def _until_the_end(self, loop: asyncio.AbstractEventLoop, pool: _LoopPool) -> AsyncGenerator[None]:
        # `asyncio.run` ends the generators that are left over in its loop, and so the loop's connections.
        try:
            yield
        finally:
            self._loops.pop(loop, None)
            await pool.close()

    async def _exchanged(
        self, pool: _LoopPool, connection: Connection, request: HttpRequest, deadline: Deadline
    ) -> HttpResponse:
        try:
            answer = await connection.exchange(request, deadline)
        except BaseException:
            connection.close()
            raise
        if connection.reuse() and not self._closed:
            pool.idle.keep(connection)
        else:
            connection.close()
        return answer

    async def _connected(
        self, pool: _LoopPool, loop: asyncio.AbstractEventLoop, request: HttpRequest, deadline: Deadline
    ) -> Connection:
        target = parse_target(request.url)
        try:
            async with asyncio.timeout(min(request.timeout.connect, deadline.left())):
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, pool.open),
                    target.host,
                    target.port,
                    ssl=self._tls,
                    server_hostname=target.server_name if self._tls else None,
                )
        except TimeoutError as error:
            raise late_or(ConnectTimeoutError, request, deadline) from error
        except (OSError, UnicodeError) as error:
            raise failure(ConnectError, request, error) from error
        return connection


class _LoopPool:
    """What belongs to one event loop."""

    def __init__(self, max_connections: int, clock: Callable[[], float]) -> None:
        self.free = asyncio.Semaphore(max_connections)
        self.idle: Idle[Connection] = Idle(clock)
        self.open: set[Connection] = set()
        self.ending: AsyncGenerator[None]

    async def close(self) -> None:
        """Close the idle connections, and wait until all closed ones are gone."""
        self.idle.close()
        closing = [connection.gone for connection in self.open if not connection.is_usable()]
        if closing:
            await asyncio.wait(closing, timeout=GOODBYE)


async def _wait_for_one(free: asyncio.Semaphore, request: HttpRequest, deadline: Deadline) -> None:
    try:
        async with asyncio.timeout(min(request.timeout.read, deadline.left())):
            await free.acquire()
    except TimeoutError:
        raise late_or(PoolTimeoutError, request, deadline) from None
