"""One connection of the pool for asyncio."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from ..._core.flow import HttpResponse
from ..._values import errors
from ..._values.errors import ConnectionLostError, TransportError
from ..failures import failure, late_or
from .http11 import BUFFER, CHUNK, SMALL, Http11
from .thread_pool import is_ready

if TYPE_CHECKING:
    from ..._core.deadline import Deadline
    from ..._core.flow import HttpRequest

# An error is a result here: a future's exception that nobody came to fetch would be reported as lost.
Outcome: TypeAlias = HttpResponse | TransportError


class Connection(asyncio.Protocol):
    """One connection and the protocol on it: a timer and a future are all that an exchange needs.

    `room` is where a loop's connections may read to: none of them does while another one is at it.
    """

    piece = BUFFER
    """Bytes of a request that are handed over at a time: TLS shows only of those how many are left."""

    def __init__(self, loop: asyncio.AbstractEventLoop, room: memoryview[int]) -> None:
        self._loop = loop
        self._room = room
        self._transport: asyncio.Transport
        self._outcome: asyncio.Future[Outcome] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._deadline: Deadline
        self._alarm: asyncio.TimerHandle | None = None  # outlives an exchange: most are over long before it
        self._alarm_at = 0.0
        self._used = False
        self.is_open = True
        """Whether neither side is known to have closed it."""
        self._whole_sent = True
        self._unsent = 0
        self._last_sign = 0.0
        self.gone: asyncio.Future[None] = loop.create_future()
        self.http = Http11()
        self.idle_since = 0.0

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its answer; `StaleConnectionError` when it is not the first, and none began."""
        reused, self._used = self._used, True
        self._outcome = coming = self._loop.create_future()
        try:
            await self._send(self.http.begin(request, self.piece), coming, deadline)
            outcome = await coming
        finally:
            self._outcome = None
        if isinstance(outcome, HttpResponse):
            if outcome.status >= 400 and sum(map(len, request.content)) > SMALL:
                self._whole_sent = False  # a refusal: TLS may still have some of the picture, where nobody sees it
            return outcome
        if reused and not self.http.began_answer and isinstance(outcome, ConnectionLostError):
            raise failure(errors.StaleConnectionError, request) from outcome
        raise outcome

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
        unsent = self._transport.get_write_buffer_size()
        return self.http.reuse() and self.is_open and self._whole_sent and not unsent

    def is_usable(self) -> bool:
        """Tell whether it is open, with nothing to read: a loop that was kept busy has not heard of that yet."""
        line: socket.socket | None = self._transport.get_extra_info("socket") if self.is_open else None
        return line is not None and not is_ready(line, 0, writing=False)

    def close(self) -> None:
        """Close at once: what matters has been read, and a TLS peer that does not say goodbye is not waited for."""
        self.is_open = False
        self._transport.abort()

    async def _send(
        self, pieces: Sequence[bytes | memoryview[int]], coming: asyncio.Future[Outcome], deadline: Deadline
    ) -> None:
        self._deadline, self._last_sign = deadline, self._loop.time()
        self._look()
        if not self.is_open:
            self._end(failure(ConnectionLostError, self.http.request))
        if coming.done():
            return
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
            self._look_again(now + left)
        else:
            self._end(late_or(errors.WriteTimeoutError if unsent else errors.ReadTimeoutError, request, self._deadline))

    def _look_again(self, at: float) -> None:
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm, self._alarm_at = self._loop.call_at(at, self._alarmed), at

    def _alarmed(self) -> None:
        self._alarm = None
        if self._outcome is not None:
            self._look()

    def _end(self, outcome: Outcome) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)

    def _take(self, data: bytes | memoryview[int]) -> None:
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

    def _last_words(self) -> bytes:
        """Return what came before a reset: asyncio reads no more once a write has failed, and 413 may be there."""
        line: socket.socket | None = self._transport.get_extra_info("socket")
        if line is None or self._transport.get_extra_info("ssl_object") is not None:
            return b""
        try:
            with socket.fromfd(line.fileno(), line.family, line.type) as twin:
                twin.setblocking(False)  # noqa: FBT003 (the standard library's own way)
                return twin.recv(BUFFER)
        except OSError:
            return b""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # cast: TCP and TLS have both directions
        self._transport.set_write_buffer_limits(high=BUFFER)

    def data_received(self, data: bytes | memoryview[int]) -> None:
        self._last_sign = self._loop.time()
        self._take(data)

    def eof_received(self) -> None:
        self.is_open = False
        self._take(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._alarm is not None:
            self._alarm.cancel()
        if exc is not None and self._outcome is not None and not self._outcome.done():
            if words := self._last_words():
                self._take(words)
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


class PlainConnection(Connection, asyncio.BufferedProtocol):
    """One without TLS, which reads to where there is room already.

    Under TLS asyncio would lose what came just before the peer's end and does not fit into that room.
    """

    piece = CHUNK

    def get_buffer(self, sizehint: int) -> memoryview[int]:  # noqa: ARG002 (asyncio's own)
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(self._room[:nbytes])
