"""Connections over sockets that never block, and the default transport for threads: a pool of them.

A connection that the server closed while it was idle shows that at the latest as soon as it is used.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..._core.deadline import Deadline
from ..._values import errors
from ..._values.errors import ConnectionLostError, RekogError, TransportError
from ..failures import failure, late_or
from ..threads import within
from .http11 import BUFFER, Http11
from .pool import Address, Place, Pool

if TYPE_CHECKING:
    import ssl

    from ..._core.flow import HttpRequest, HttpResponse
    from ..._settings.urls import Target

LONGEST = 1e6  # seconds: poll takes no number that is much larger


class Wait(Protocol):
    """Waits for a socket as `is_ready` does."""

    async def __call__(self, line: socket.socket, seconds: float, *, writing: bool) -> bool: ...


def is_ready(line: socket.socket, seconds: float, *, writing: bool) -> bool:
    """Wait until there is something to read, or if `writing` room to write in; False when the time is over."""
    if not hasattr(select, "poll"):  # as on Windows, where a connection that failed is neither
        writers = [line] if writing else []
        return any(select.select([line], writers, writers, seconds))
    poll = select.poll()
    poll.register(line, select.POLLIN | select.POLLOUT if writing else select.POLLIN)
    return bool(poll.poll(min(seconds, LONGEST) * 1000))


class Connection:
    """One socket and the protocol on it, for threads and for trio: `wait` is what makes the difference."""

    __slots__ = ("_busy", "_socket", "_spoiled", "_used", "_wait", "http", "idle_since")

    def __init__(self, opened: socket.socket, wait: Wait, busy: tuple[type[OSError], ...]) -> None:
        self._socket = opened
        self._wait = wait
        self._busy = busy
        self._used = False
        self._spoiled = False
        self.http = Http11()
        self.idle_since = 0.0

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its answer; `StaleConnectionError` when it is not the first, and none began."""
        reused, self._used = self._used, True
        lost: OSError | None = None
        answer: HttpResponse | None = None
        try:
            try:
                answer = await self._send(request, deadline)
            except OSError as error:
                lost = error  # the server may have answered before it took all, and closed
            while answer is None:
                await self._until(errors.ReadTimeoutError, request, deadline)
                answer = self._heard()
            return answer
        except (OSError, ConnectionLostError) as error:
            if reused and not self.http.began_answer:
                raise failure(errors.StaleConnectionError, request) from error
            if isinstance(error, RekogError) and lost is None:
                raise
            raise failure(ConnectionLostError, request, lost or error) from (lost or error)

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
        return self.http.reuse() and not self._spoiled

    def is_usable(self) -> bool:
        """Tell whether there is nothing to read on it while it is idle: neither its end nor bytes not asked for."""
        return not is_ready(self._socket, 0, writing=False)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    __del__ = close  # a client that nobody closed is no reason for a warning

    async def _send(self, request: HttpRequest, deadline: Deadline) -> HttpResponse | None:
        """Send the request; return an answer that is there before its end."""
        began = False
        for piece in self.http.begin(request):
            unsent = piece
            while unsent:
                if began and (answer := self._heard()) is not None:
                    self._spoiled = True
                    return answer
                began = True
                try:
                    unsent = unsent[self._socket.send(unsent) :]
                except self._busy:
                    await self._until(errors.WriteTimeoutError, request, deadline)
        return None

    def _heard(self) -> HttpResponse | None:
        """Read what there is; return the answer if that makes it whole."""
        try:
            return self.http.receive(self._socket.recv(BUFFER))
        except self._busy:  # what came, if anything did, belongs to TLS itself
            return None

    async def _until(self, late: type[TransportError], request: HttpRequest, deadline: Deadline) -> None:
        """Wait until the peer says something or, while writing, takes something."""
        limit = min(request.timeout.read, deadline.left())
        if limit <= 0 or not await self._wait(self._socket, limit, writing=late is errors.WriteTimeoutError):
            raise late_or(late, request, deadline)


class SocketPlace(Place[Connection]):
    """A place whose connections are sockets."""

    @staticmethod
    @abstractmethod
    async def wait(line: socket.socket, seconds: float, *, writing: bool) -> bool:
        """Wait as `is_ready` does."""

    async def open(self, target: Target, tls: ssl.SSLContext | None, address: Address, seconds: float) -> Connection:
        limit = Deadline(seconds)
        opened = await self._dial(*address, seconds=seconds)
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is None:
                return Connection(opened, self.wait, (BlockingIOError,))
            from ssl import SSLWantReadError, SSLWantWriteError

            opened = secured = tls.wrap_socket(
                opened, server_hostname=target.server_name, do_handshake_on_connect=False
            )
            while True:
                try:
                    secured.do_handshake()
                    return Connection(secured, self.wait, (SSLWantReadError, SSLWantWriteError))
                except (SSLWantReadError, SSLWantWriteError) as error:
                    await self._ready(secured, limit.left(), writing=isinstance(error, SSLWantWriteError))
        except BaseException:
            opened.close()
            raise

    async def _dial(
        self, family: int, kind: int, protocol: int, _: str, address: Any, *, seconds: float
    ) -> socket.socket:
        plain = socket.socket(family, kind, protocol)
        try:
            plain.setblocking(False)  # noqa: FBT003 (the standard library's own way)
            try:
                plain.connect(address)
            except BlockingIOError:
                await self._ready(plain, seconds, writing=True)
                if code := plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(code, os.strerror(code)) from None
        except BaseException:
            plain.close()
            raise
        return plain

    async def _ready(self, line: socket.socket, seconds: float, *, writing: bool) -> None:
        if not await self.wait(line, max(seconds, 0), writing=writing):
            raise TimeoutError


class ThreadPlace(SocketPlace):
    """What belongs to one process."""

    def __init__(self, max_connections: int, clock: Callable[[], float]) -> None:
        self._free = threading.Semaphore(max_connections)
        super().__init__(self._free.release, clock)

    async def acquire(self, seconds: float) -> bool:
        return self._free.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))

    @staticmethod
    async def wait(line: socket.socket, seconds: float, *, writing: bool) -> bool:
        return is_ready(line, seconds, writing=writing)

    async def look_up(self, target: Target, seconds: float) -> Sequence[Address]:
        return within(seconds, partial(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM))


class SocketPool(Pool[int, Connection]):
    """Sends requests to one endpoint from any number of threads, over at most `max_connections` at once."""

    def __init__(
        self,
        tls: ssl.SSLContext | None,
        max_connections: int,
        clock: Callable[[], float] = time.monotonic,
        process: Callable[[], int] = os.getpid,
    ) -> None:
        super().__init__(tls, max_connections, clock)
        self._here = process

    async def close(self) -> None:
        """Close the idle connections now, the busy ones as they become idle."""
        self._closed = True
        for place in list(self._places.values()):
            place.idle.close()

    async def _joined(self, here: int) -> Place[Connection]:
        # After a fork the sockets and the slots taken are the parent's: two processes on one connection would mix
        # their answers up. Closing them here leaves them open there.
        for inherited in [place for process, place in list(self._places.items()) if process != here]:
            inherited.idle.close()
        fresh = ThreadPlace(self._max_connections, self._clock)
        return self._places.setdefault(here, fresh)  # another thread may have been faster
