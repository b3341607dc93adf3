"""A connection of the pool for asyncio.

Theory of operation. The connection is an `asyncio.Protocol`: the event loop calls its methods when bytes arrive, when
the write buffer fills or drains, and when the connection ends. An exchange needs two objects beside it:

- `_outcome`, a future. `exchange` writes the request and waits for it. The first complete response or error ends it.
- `_timer`, a timer of the loop. `_last_progress` is the time of the last byte received, or seen to leave the write
  buffer. When the timer expires, `_check_timeouts` compares this time with the read timeout and the deadline. It ends
  the exchange, or starts the timer again for the moment when the first of them can have passed. So a byte that arrives
  moves no timer, and a timer that outlives its exchange serves the next one.

A large request is written in chunks. Between them other tasks run, and the connection waits until the write buffer has
drained. A response that is complete before the request ends the exchange: the connection then has half a request on it
and is not used again. Bytes that arrive while no exchange waits for them close the connection, so they never become the
response of a later request.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from ..._core.deadline import EARLY
from ..._core.flow import HttpResponse
from ..._values import errors
from ..._values.errors import ConnectionLostError, TransportError
from ..transport_errors import deadline_error, transport_error
from .http11 import BUFFER_SIZE, CHUNK_SIZE, JOIN_LIMIT, Http11
from .socket_connection import is_ready

if TYPE_CHECKING:
    from ..._core.deadline import Deadline
    from ..._core.flow import HttpRequest

# An error is a result of the future, not its exception: asyncio logs an exception that is never retrieved.
Outcome: TypeAlias = HttpResponse | TransportError


class AsyncioConnection(asyncio.Protocol):
    """One connection and the HTTP protocol on it; used as it is for TLS.

    All connections of an event loop read into the same `buffer`, one after the other.
    """

    chunk_size = BUFFER_SIZE
    """Bytes of a request written at a time. Under TLS the write buffer shows no more than this as not yet sent."""

    def __init__(self, loop: asyncio.AbstractEventLoop, buffer: memoryview[int]) -> None:
        self._loop = loop
        self._buffer = buffer
        self._transport: asyncio.Transport
        self._outcome: asyncio.Future[Outcome] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._ends_at: float
        self._timer: asyncio.TimerHandle | None = None  # outlives an exchange: most end long before it expires
        self._timer_at: float
        self._used = False
        self.is_open = True
        """Whether neither side is known to have closed it."""
        self._sent_all = True
        self._unsent = 0
        self._last_progress: float
        self.closed: asyncio.Future[None] = loop.create_future()
        """Done when the event loop has dropped the connection."""
        self.http = Http11()
        self.idle_since: float

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its response; the errors are those of `PooledConnection.exchange`."""
        reused, self._used = self._used, True
        self._outcome = future = self._loop.create_future()
        try:
            await self._send(self.http.begin(request, self.chunk_size), future, deadline)
            outcome = await future
        finally:
            self._outcome = None
        if isinstance(outcome, HttpResponse):
            if outcome.status >= 400 and sum(map(len, request.content)) > JOIN_LIMIT:
                self._sent_all = False  # TLS may hold a rest of the refused request, which no write buffer shows
            return outcome
        if reused and not self.http.began_response and isinstance(outcome, ConnectionLostError):
            raise transport_error(errors.StaleConnectionError, request) from outcome
        try:
            raise outcome
        finally:
            del outcome, future  # the error refers to this frame, which must not refer back

    def prepare_for_reuse(self) -> bool:
        """Get ready for the next request; return False when this connection cannot take one."""
        unsent = self._transport.get_write_buffer_size()
        return self.http.prepare_for_reuse() and self.is_open and self._sent_all and not unsent

    def is_usable(self) -> bool:
        """Return whether it is open with nothing to read, also when a busy event loop has not noticed its end yet."""
        sock: socket.socket | None = self._transport.get_extra_info("socket") if self.is_open else None
        return sock is not None and not is_ready(sock, 0, writing=False)

    def close(self) -> None:
        """Close at once, without a TLS shutdown: the response was read, and a peer may never confirm the shutdown."""
        self.is_open = False
        self._transport.abort()

    def abandon(self) -> None:
        """Close it if it is connected: its caller was cancelled. uvloop may log an error when it does this itself."""
        if hasattr(self, "_transport"):
            self.close()

    async def _send(
        self, chunks: Sequence[memoryview[int]], outcome: asyncio.Future[Outcome], deadline: Deadline
    ) -> None:
        self._last_progress = self._loop.time()
        self._ends_at = self._last_progress + deadline.left()  # in the time of the loop, as the timer
        self._check_timeouts()
        if not self.is_open:
            self._finish(transport_error(ConnectionLostError, self.http.request))
        if outcome.done():
            return
        for number, chunk in enumerate(chunks):
            if number > 0:
                await asyncio.sleep(0)  # read from the peer, and let other tasks run
                if self._writable is not None:
                    await asyncio.wait((self._writable, outcome), return_when=asyncio.FIRST_COMPLETED)
                if outcome.done():  # before the end of the request
                    self._sent_all = False
                    return
            self._transport.write(chunk)
            self._unsent = self._transport.get_write_buffer_size()

    def _check_timeouts(self) -> None:
        """End the exchange if a timeout has passed; else set the timer to when the next one can have passed."""
        request, now = self.http.request, self._loop.time()
        unsent = self._transport.get_write_buffer_size()
        if unsent < self._unsent:  # the peer reads the request
            self._last_progress = now
        self._unsent = unsent
        left = min(self._last_progress + request.timeout.read, self._ends_at) - now
        if left > 0:
            self._set_timer(now + left)
        else:
            kind = errors.WriteTimeoutError if unsent else errors.ReadTimeoutError
            is_last = self._ends_at - now <= EARLY
            self._finish(deadline_error(request, kind) if is_last else transport_error(kind, request))

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            if self._timer_at <= at:
                return
            self._timer.cancel()
        self._timer, self._timer_at = self._loop.call_at(at, self._timer_expired), at

    def _timer_expired(self) -> None:
        self._timer = None
        if self._outcome is not None:
            self._check_timeouts()

    def _finish(self, outcome: Outcome) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)

    def _receive(self, data: bytes | memoryview[int]) -> None:
        if self._outcome is None or self._outcome.done():
            self.close()  # unrequested bytes must never become the response of the next request
            return
        try:
            response = self.http.receive(data)
        except TransportError as error:
            self._finish(error)
        else:
            if response is not None:
                self._finish(response)

    def _read_after_reset(self) -> bytes:
        """Return the bytes that arrived before a reset, perhaps a 413: asyncio stops reading when a write fails."""
        sock: socket.socket | None = self._transport.get_extra_info("socket")
        if sock is None or self._transport.get_extra_info("ssl_object") is not None:
            return b""
        try:
            with socket.fromfd(sock.fileno(), sock.family, sock.type) as duplicate:
                duplicate.setblocking(False)  # noqa: FBT003 (the signature of the standard library)
                return duplicate.recv(BUFFER_SIZE)
        except OSError:
            return b""

    # Methods of `asyncio.Protocol`, which the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # cast: TCP and TLS have both directions
        self._transport.set_write_buffer_limits(high=BUFFER_SIZE)

    def data_received(self, data: bytes | memoryview[int]) -> None:
        self._last_progress = self._loop.time()
        self._receive(data)

    def eof_received(self) -> None:
        self.is_open = False
        self._receive(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._timer is not None:
            self._timer.cancel()
        if exc is not None and self._outcome is not None and not self._outcome.done():
            if data := self._read_after_reset():
                self._receive(data)
            lost = transport_error(ConnectionLostError, self.http.request, exc)
            lost.__cause__ = exc  # as `raise ... from exc` does; `exchange` raises it
            self._finish(lost)
        else:
            self._receive(b"")
        self.resume_writing()
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        self._last_progress = self._loop.time()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None


class PlainConnection(AsyncioConnection, asyncio.BufferedProtocol):
    """A connection without TLS, which reads into a buffer that exists already.

    A TLS connection cannot do this: asyncio would lose the bytes that arrive just before the peer's end and exceed the
    buffer.
    """

    chunk_size = CHUNK_SIZE

    def get_buffer(self, sizehint: int) -> memoryview[int]:  # noqa: ARG002 (the signature of asyncio)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(self._buffer[:nbytes])
