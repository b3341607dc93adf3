"""The default transport for asyncio: a pool of keep-alive connections, each an `asyncio.Protocol`.

It keeps to the same rules as the pool for threads. A protocol hears at once when an idle connection is closed, so no
check is needed before it is used again. Each event loop has connections of its own, which end with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

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
from .._core.http import HttpResponse
from .failures import EARLY, failure, late
from .http11 import Http11
from .idle import Idle
from .sockets import StaleError
from .target import parse_target

if TYPE_CHECKING:
    import ssl

    from .._core.http import HttpRequest

GOODBYE = 1.0  # seconds: a closed connection is gone after a turn or two of its loop

# An error is a result here: a future's exception that nobody came to fetch would be reported as lost.
Outcome: TypeAlias = HttpResponse | TransportError


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
            raise _late_or(ConnectTimeoutError, request, deadline) from error
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
        raise _late_or(PoolTimeoutError, request, deadline) from None


def _late_or(kind: type[TransportError], request: HttpRequest, deadline: Deadline) -> TransportError:
    return late(request) if deadline.left() <= EARLY else failure(kind, request)


class Connection(asyncio.Protocol):
    """One connection and the protocol on it: a timer and a future are all that an exchange needs."""

    def __init__(self, loop: asyncio.AbstractEventLoop, all_open: set[Connection]) -> None:
        self._loop = loop
        self._all_open = all_open
        self._transport: asyncio.Transport
        self._outcome: asyncio.Future[Outcome] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._deadline: Deadline
        self._timer: asyncio.TimerHandle | None = None
        self._used = False
        self._is_open = True
        self._whole_sent = True
        self._unsent = 0
        self._last_sign = 0.0
        self.gone: asyncio.Future[None] = loop.create_future()
        self.http = Http11()
        self.idle_since = 0.0

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its answer; `StaleError` when an earlier one's end had closed the connection."""
        reused, self._used = self._used, True
        self._outcome = coming = self._loop.create_future()
        try:
            pieces = self.http.begin(request)
            self._deadline, self._last_sign = deadline, self._loop.time()
            self._look()
            if not self._is_open:
                self._end(failure(ConnectionLostError, request))
            if not coming.done():
                await self._send(pieces, coming)
            outcome = await coming
        finally:
            if self._timer is not None:
                self._timer.cancel()
            self._outcome = self._timer = None
        if isinstance(outcome, HttpResponse):
            return outcome
        if reused and not self.http.began_answer and isinstance(outcome, ConnectionLostError):
            raise StaleError from outcome
        raise outcome

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
        return self.http.reuse() and self._is_open and self._whole_sent

    def is_usable(self) -> bool:
        """Tell whether neither side has closed it."""
        return self._is_open

    def close(self) -> None:
        """Close at once: what matters has been read, and a TLS peer that does not say goodbye is not waited for."""
        self._is_open = False
        self._transport.abort()

    async def _send(self, pieces: Sequence[bytes | memoryview[int]], coming: asyncio.Future[Outcome]) -> None:
        for number, piece in enumerate(pieces):
            if number > 0:
                await asyncio.sleep(0)  # hear what the peer says, and let other tasks go on
                if self._writable is not None:
                    await asyncio.wait((self._writable, coming), return_when=asyncio.FIRST_COMPLETED)
                if coming.done():  # before the end of the request
                    self._whole_sent = False
                    return
            self._transport.write(piece)
            self._unsent = self._transport.get_write_buffer_size()

    def _look(self) -> None:
        """End the exchange if the peer has been silent for too long; else look again when it may have been."""
        request, now = self.http.request, self._loop.time()
        unsent = self._transport.get_write_buffer_size()
        if unsent < self._unsent:  # it takes what it is sent
            self._last_sign = now
        self._unsent = unsent
        left = min(self._last_sign + request.timeout.read - now, self._deadline.left())
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._end(_late_or(WriteTimeoutError if unsent else ReadTimeoutError, request, self._deadline))

    def _end(self, outcome: Outcome) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)

    def _take(self, data: bytes) -> None:
        if self._outcome is None or self._outcome.done():
            self.close()  # nobody asked: never let such bytes become the next request's answer
            return
        try:
            answer = self.http.receive(data)
        except TransportError as error:
            self._end(error)
        else:
            if answer is not None:
                self._end(answer)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # cast: TCP and TLS have both directions
        self._all_open.add(self)

    def data_received(self, data: bytes) -> None:
        self._last_sign = self._loop.time()
        self._take(data)

    def eof_received(self) -> None:
        self._is_open = False
        self._take(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_open = False
        self._all_open.discard(self)
        if exc is not None and self._outcome is not None:
            self._end(failure(ConnectionLostError, self.http.request, exc))
        else:
            self._take(b"")
        self.resume_writing()
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        self._last_sign = self._loop.time()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None
