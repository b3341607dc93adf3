"""The default transport for threads: a pool of keep-alive connections over plain sockets.

The connection used last is used next, so that a client's few busy connections stay warm and the others expire. A
connection that the server closed while it was idle shows that as soon as it is used: the request then goes out once
more on a fresh one, provided that no byte of an answer has come.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._core.deadline import Deadline
from .._core.errors import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    PoolTimeoutError,
    ReadTimeoutError,
    RekogError,
    TransportError,
    WriteTimeoutError,
)
from .failures import EARLY, failure, late
from .http11 import Http11
from .target import parse_target

if TYPE_CHECKING:
    import ssl

    from .._core.http import HttpRequest, HttpResponse

IDLE = 30.0  # seconds that an unused connection is kept
BUFFER = 256 * 1024  # bytes asked for at a time


class StaleError(Exception):
    """An idle connection turned out to be closed before an answer began."""


class SocketPool:
    """Sends requests to one endpoint from any number of threads, over at most `max_connections` at once."""

    def __init__(
        self,
        tls: ssl.SSLContext | None,
        max_connections: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tls = tls
        self._clock = clock
        self._free = threading.Semaphore(max_connections)
        self._idle: list[Connection] = []
        self._process = os.getpid()
        self._closed = False

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        deadline = Deadline(request.timeout.total)
        if not self._free.acquire(blocking=False):
            self._wait_for_one(request, deadline)
        try:
            connection = self._reusable()
            if connection is not None:
                try:
                    return self._exchanged(connection, request, deadline)
                except StaleError:
                    pass
            return self._exchanged(self._connected(request, deadline), request, deadline)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the idle connections now, the busy ones as they become idle."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _wait_for_one(self, request: HttpRequest, deadline: Deadline) -> None:
        if not self._free.acquire(timeout=min(request.timeout.read, deadline.left())):
            raise late(request) if deadline.left() <= EARLY else failure(PoolTimeoutError, request)

    def _reusable(self) -> Connection | None:
        if self._process != os.getpid():
            # After a fork the sockets are the parent's: two processes on one connection would mix their answers up.
            self._process, self._idle = os.getpid(), []
        oldest = self._clock() - IDLE
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            if connection.idle_since >= oldest and not connection.has_news():
                return connection
            connection.close()
        return None

    def _exchanged(self, connection: Connection, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        try:
            answer = connection.exchange(request, deadline)
        except BaseException:
            connection.close()
            raise
        if connection.http.reuse() and not self._closed:
            connection.idle_since = self._clock()
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _connected(self, request: HttpRequest, deadline: Deadline) -> Connection:
        target = parse_target(request.url)
        limit = min(request.timeout.connect, deadline.left())
        end = self._clock() + limit
        plain: socket.socket | None = None
        try:
            plain = socket.create_connection((target.host, target.port), timeout=max(limit, 0.001))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is None:
                return Connection(plain)
            plain.settimeout(max(end - self._clock(), 0.001))
            return Connection(self._tls.wrap_socket(plain, server_hostname=target.host))
        except BaseException as error:
            if plain is not None:
                plain.close()
            if isinstance(error, TimeoutError):
                raise late(request) if deadline.left() <= EARLY else failure(ConnectTimeoutError, request) from error
            if isinstance(error, OSError | UnicodeError):
                raise failure(ConnectError, request, error) from error
            raise


class Connection:
    """One socket and the protocol on it."""

    __slots__ = ("_poll", "_socket", "_used", "http", "idle_since")

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._poll = select.poll() if hasattr(select, "poll") else None  # Windows has none
        if self._poll is not None:
            self._poll.register(opened, select.POLLIN)
        self._used = False
        self.http = Http11()
        self.idle_since = 0.0

    def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its answer; `StaleError` when an earlier one's end had closed the connection."""
        reused, self._used = self._used, True
        lost: OSError | None = None
        try:
            for piece in self.http.begin(request):
                self._wait_at_most(request, deadline)
                self._socket.sendall(piece)
        except TimeoutError as error:
            raise _late_or(WriteTimeoutError, request, deadline) from error
        except OSError as error:
            lost = error  # the server may have answered before it took the whole request, and closed
        try:
            return self._answer(request, deadline)
        except (OSError, ConnectionLostError) as error:
            if isinstance(error, TimeoutError):
                raise _late_or(ReadTimeoutError, request, deadline) from error
            if reused and not self.http.began_answer:
                raise StaleError from error
            if isinstance(error, RekogError) and lost is None:
                raise
            raise failure(ConnectionLostError, request, lost or error) from (lost or error)

    def has_news(self) -> bool:
        """Tell whether there is something to read on an idle connection: its end, or bytes that nobody asked for."""
        if self._poll is not None:
            return bool(self._poll.poll(0))
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _answer(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        while True:
            self._wait_at_most(request, deadline)
            answer = self.http.receive(self._socket.recv(BUFFER))
            if answer is not None:
                return answer

    def _wait_at_most(self, request: HttpRequest, deadline: Deadline) -> None:
        left = deadline.left()
        if left <= 0:
            raise late(request)
        self._socket.settimeout(min(request.timeout.read, left))


def _late_or(kind: type[TransportError], request: HttpRequest, deadline: Deadline) -> TransportError:
    return late(request) if deadline.left() <= EARLY else failure(kind, request)
