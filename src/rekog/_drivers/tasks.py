"""The default transport for asyncio: a pool of keep-alive connections, each an `asyncio.Protocol`.

It keeps to the same rules as the pool for threads. A protocol hears at once when an idle connection is closed, so no
check is needed before it is used again. Each event loop has connections of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from .._core.deadline import Deadline
from .._core.errors import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    PoolTimeoutError,
    ReadTimeoutError,
    TransportError,
    WriteTimeoutError,
)
from .failures import EARLY, failure, late
from .http11 import Http11
from .sockets import IDLE, StaleError
from .target import parse_target

if TYPE_CHECKING:
    import ssl

    from .._core.http import HttpRequest, HttpResponse


class TaskPool:
    """Sends requests to one endpoint from any number of tasks, over at most `max_connections` at once."""

    def __init__(
        self, tls: ssl.SSLContext | None, max_connections: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tls = tls
        self._max_connections = max_connections
        self._clock = clock
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopPool] = WeakKeyDictionary()
        self._closed = False

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        pool = self._pool()
        deadline = Deadline(request.timeout.total)
        if pool.free.locked():
            await _wait_for_one(pool.free, request, deadline)
        else:
            await pool.free.acquire()
        try:
            connection = self._reusable(pool)
            if connection is not None:
                try:
                    return await self._exchanged(pool, connection, request, deadline)
                except StaleError:
                    pass
            connection = await self._connected(request, deadline)
            return await self._exchanged(pool, connection, request, deadline)
        finally:
            pool.free.release()

    async def close(self) -> None:
        """Close the idle connections of this loop now, the busy ones as they become idle."""
        self._closed = True
        idle = self._pool().idle
        closing = [connection.close() for connection in idle]
        idle.clear()
        if closing:
            await asyncio.wait(closing, timeout=1.0)  # a TLS peer that does not say goodbye is not waited for

    def _pool(self) -> _LoopPool:
        loop = asyncio.get_running_loop()
        try:
            return self._loops[loop]
        except KeyError:
            pool = self._loops[loop] = _LoopPool(self._max_connections)
            return pool

    def _reusable(self, pool: _LoopPool) -> Connection | None:
        oldest = self._clock() - IDLE
        while pool.idle:
            connection = pool.idle.pop()
            if connection.idle_since >= oldest and connection.is_open:
                return connection
            connection.close()
        return None

    async def _exchanged(
        self, pool: _LoopPool, connection: Connection, request: HttpRequest, deadline: Deadline
    ) -> HttpResponse:
        try:
            answer = await connection.exchange(request, deadline)
        except BaseException:
            connection.abort()
            raise
        if connection.is_open and connection.http.reuse() and not self._closed:
            connection.idle_since = self._clock()
            pool.idle.append(connection)
        else:
            connection.close()
        return answer

    async def _connected(self, request: HttpRequest, deadline: Deadline) -> Connection:
        target = parse_target(request.url)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(min(request.timeout.connect, deadline.left())):
                _, connection = await loop.create_connection(
                    lambda: Connection(loop),
                    target.host,
                    target.port,
                    ssl=self._tls,
                    server_hostname=target.host if self._tls else None,
                )
        except TimeoutError as error:
            raise late(request) if deadline.left() <= EARLY else failure(ConnectTimeoutError, request) from error
        except (OSError, UnicodeError) as error:
            raise failure(ConnectError, request, error) from error
        return connection


class _LoopPool:
    """What belongs to one event loop."""

    def __init__(self, max_connections: int) -> None:
        self.free = asyncio.Semaphore(max_connections)
        self.idle: list[Connection] = []


async def _wait_for_one(free: asyncio.Semaphore, request: HttpRequest, deadline: Deadline) -> None:
    try:
        async with asyncio.timeout(min(request.timeout.read, deadline.left())):
            await free.acquire()
    except TimeoutError:
        raise (late(request) if deadline.left() <= EARLY else failure(PoolTimeoutError, request)) from None


class Connection(asyncio.Protocol):
    """One connection and the protocol on it: a timer and a future are all that an exchange needs."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[HttpResponse] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._gone: asyncio.Future[None] = loop.create_future()
        self._request: HttpRequest
        self._used = False
        self._sending = False
        self._last_sign = 0.0
        self.http = Http11()
        self.idle_since = 0.0
        self.is_open = True

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its answer; `StaleError` when an earlier one's end had closed the connection."""
        reused, self._used = self._used, True
        self._request = request
        self._answer = self._loop.create_future()
        pieces = self.http.begin(request)
        self._sending, self._last_sign = True, self._loop.time()
        timer = _Silence(self, deadline)
        try:
            for piece in pieces:
                self._transport.write(piece)
                if self._writable is not None:
                    await asyncio.wait((self._writable, self._answer), return_when=asyncio.FIRST_COMPLETED)
                if self._answer.done():
                    break
            self._sending = False
            return await self._answer
        except ConnectionLostError as error:
            if reused and not self.http.began_answer:
                raise StaleError from error
            raise
        finally:
            timer.cancel()
            self._answer = None

    def fail(self, error: Exception) -> None:
        """End the exchange with an error."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def close(self) -> asyncio.Future[None]:
        """Begin to close, and return a future that is done when that is."""
        self.is_open = False
        self._transport.close()
        return self._gone

    def abort(self) -> None:
        """Close at once."""
        self.is_open = False
        self._transport.abort()

    def silence(self, deadline: Deadline) -> float:
        """Return the seconds that the peer may still be silent; at zero or less the exchange has been ended."""
        left = min(self._last_sign + self._request.timeout.read - self._loop.time(), deadline.left())
        if left <= 0:
            kind: type[TransportError] = WriteTimeoutError if self._sending else ReadTimeoutError
            self.fail(late(self._request) if deadline.left() <= EARLY else failure(kind, self._request))
        return left

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # cast: TCP and TLS have both directions

    def data_received(self, data: bytes) -> None:
        self._last_sign = self._loop.time()
        if self._answer is None or self._answer.done():
            self.abort()  # nobody asked: never let such bytes become the next request's answer
            return
        self._take(data)

    def eof_received(self) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._take(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            if exc is None:
                self._take(b"")
            else:
                self.fail(failure(ConnectionLostError, self._request, exc))
        self.resume_writing()
        if not self._gone.done():
            self._gone.set_result(None)

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        self._last_sign = self._loop.time()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def _take(self, data: bytes) -> None:
        try:
            answer = self.http.receive(data)
        except TransportError as error:
            self.fail(error)
            return
        if answer is not None and self._answer is not None:
            self._answer.set_result(answer)
        elif not data:
            self.fail(failure(ConnectionLostError, self._request))


class _Silence:
    """Ends an exchange whose peer is silent for too long; looks again whenever the time may be up."""

    __slots__ = ("_connection", "_deadline", "_handle")

    def __init__(self, connection: Connection, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._handle: asyncio.TimerHandle
        self._look()

    def _look(self) -> None:
        left = self._connection.silence(self._deadline)
        if left > 0:
            self._handle = asyncio.get_running_loop().call_later(left, self._look)

    def cancel(self) -> None:
        self._handle.cancel()
