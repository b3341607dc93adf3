"""The default transport for threads: a pool of keep-alive connections over plain sockets.

A connection that the server closed while it was idle shows that as soon as it is used: the request then goes out once
more on a fresh one, provided that no byte of an answer has come.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._core.deadline import Deadline
from .._core.errors import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    PoolTimeoutError,
    ReadTimeoutError,
    RekogError,
    WriteTimeoutError,
)
from .failures import failure, late, late_or
from .http11 import Http11
from .idle import Idle
from .target import Target, parse_target

if TYPE_CHECKING:
    import ssl

    from .._core.http import HttpRequest, HttpResponse

BUFFER = 256 * 1024  # bytes asked for at a time
GLANCE = 0.001  # seconds: to see what is there already


class StaleError(Exception):
    """An idle connection turned out to be closed before an answer began."""


class SocketPool:
    """Sends requests to one endpoint from any number of threads, over at most `max_connections` at once."""

    def __init__(
        self,
        tls: ssl.SSLContext | None,
        max_connections: int,
        clock: Callable[[], float] = time.monotonic,
        process: Callable[[], int] = os.getpid,
    ) -> None:
        self._tls = tls
        self._process = process
        self._max_connections = max_connections
        self._clock = clock
        self._processes: dict[int, _ProcessPool] = {}
        self._closed = False

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        pool = self._processes.get(self._process()) or self._joined()
        deadline = Deadline(request.timeout.total)
        if not pool.free.acquire(blocking=False):
            _wait_for_one(pool.free, request, deadline)
        try:
            connection = pool.idle.take()
            if connection is not None:
                try:
                    return self._exchanged(pool, connection, request, deadline)
                except StaleError:
                    pass
            return self._exchanged(pool, _connected(self._tls, request, deadline), request, deadline)
        finally:
            pool.free.release()

    def close(self) -> None:
        """Close the idle connections now, the busy ones as they become idle."""
        self._closed = True
        for pool in list(self._processes.values()):
            pool.idle.close()

    def _joined(self) -> _ProcessPool:
        # After a fork the sockets and the slots taken are the parent's: two processes on one connection would mix
        # their answers up. Closing them here leaves them open there.
        here = self._process()
        for inherited in [pool for process, pool in list(self._processes.items()) if process != here]:
            inherited.idle.close()
        fresh = _ProcessPool(self._max_connections, self._clock)
        return self._processes.setdefault(here, fresh)  # another thread may have been faster

    def _exchanged(
        self, pool: _ProcessPool, connection: Connection, request: HttpRequest, deadline: Deadline
    ) -> HttpResponse:
        try:
            answer = connection.exchange(request, deadline)
            reusable = connection.reuse()
        except BaseException:
            connection.close()
            raise
        if reusable and not self._closed:
            pool.idle.keep(connection)
        else:
            connection.close()
        return answer


class _ProcessPool:
    """What belongs to one process."""

    def __init__(self, max_connections: int, clock: Callable[[], float]) -> None:
        self.free = threading.Semaphore(max_connections)
        self.idle: Idle[Connection] = Idle(clock)


def _wait_for_one(free: threading.Semaphore, request: HttpRequest, deadline: Deadline) -> None:
    if not free.acquire(timeout=max(min(request.timeout.read, deadline.left()), 0)):
        raise late_or(PoolTimeoutError, request, deadline)


def _connected(tls: ssl.SSLContext | None, request: HttpRequest, deadline: Deadline) -> Connection:
    target = parse_target(request.url)
    limit = Deadline(min(request.timeout.connect, deadline.left()))
    opened: socket.socket | None = None
    try:
        opened = _dialled(target, limit)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            opened = secured = tls.wrap_socket(
                opened, server_hostname=target.server_name, do_handshake_on_connect=False
            )
            secured.settimeout(max(limit.left(), GLANCE))
            secured.do_handshake()
        return Connection(opened)
    except BaseException as error:
        if opened is not None:
            opened.close()
        if isinstance(error, TimeoutError):
            raise late_or(ConnectTimeoutError, request, deadline) from error
        if isinstance(error, OSError | UnicodeError):
            raise failure(ConnectError, request, error) from error
        raise


def _dialled(target: Target, limit: Deadline) -> socket.socket:
    *others, last = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    for address in others:
        try:
            return _dial(*address, timeout=limit.left() / 2)  # leaves some time for the next
        except OSError:
            continue
    return _dial(*last, timeout=limit.left())


def _dial(family: int, kind: int, protocol: int, _: str, address: Any, *, timeout: float) -> socket.socket:
    plain = socket.socket(family, kind, protocol)
    try:
        plain.settimeout(max(timeout, GLANCE))
        plain.connect(address)
    except BaseException:
        plain.close()
        raise
    return plain


class Connection:
    """One socket and the protocol on it."""

    __slots__ = ("_poll", "_socket", "_spoiled", "_timeout", "_used", "http", "idle_since")

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._poll = select.poll() if hasattr(select, "poll") else None  # Windows has none
        if self._poll is not None:
            self._poll.register(opened, select.POLLIN)
        self._used = False
        self._spoiled = False
        self._timeout = opened.gettimeout()
        self.http = Http11()
        self.idle_since = 0.0

    def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its answer; `StaleError` when an earlier one's end had closed the connection."""
        reused, self._used = self._used, True
        lost: OSError | None = None
        answer: HttpResponse | None = None
        try:
            try:
                answer = self._send(request, deadline)
            except TimeoutError as error:
                raise late_or(WriteTimeoutError, request, deadline) from error
            except OSError as error:
                self._spoiled, lost = True, error  # the server may have answered before it took all, and closed
            while answer is None:
                self._limit(request, deadline)
                answer = self.http.receive(self._socket.recv(BUFFER))
            return answer
        except (OSError, ConnectionLostError) as error:
            if isinstance(error, TimeoutError):
                raise late_or(ReadTimeoutError, request, deadline) from error
            if reused and not self.http.began_answer:
                raise StaleError from error
            if isinstance(error, RekogError) and lost is None:
                raise
            raise failure(ConnectionLostError, request, lost or error) from (lost or error)

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
        return self.http.reuse() and not self._spoiled

    def is_usable(self) -> bool:
        """Tell whether there is nothing to read on it while it is idle: neither its end nor bytes not asked for."""
        if self._poll is not None:
            return not self._poll.poll(0)
        return not select.select([self._socket], [], [], 0)[0]

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _send(self, request: HttpRequest, deadline: Deadline) -> HttpResponse | None:
        """Send the request; return an answer that is there before its end."""
        pieces = self.http.begin(request)
        if len(pieces) == 1:
            self._limit(request, deadline)
            self._socket.sendall(pieces[0])
            return None
        for piece in pieces:
            unsent = piece
            while unsent:
                if self._hears(self._limit(request, deadline)):
                    answer = self._glance()
                    if answer is not None:
                        self._spoiled = True
                        return answer
                else:
                    unsent = unsent[self._socket.send(unsent) :]
        return None

    def _hears(self, timeout: float) -> bool:
        """Wait until the peer takes or says something; tell whether it said something."""
        if self._poll is None:
            readable, writable, _ = select.select([self._socket], [self._socket], [], timeout)
            ready, heard = bool(readable or writable), bool(readable)
        else:
            self._poll.modify(self._socket, select.POLLIN | select.POLLOUT)
            found = self._poll.poll(timeout * 1000)
            self._poll.modify(self._socket, select.POLLIN)
            ready, heard = bool(found), found != [(self._socket.fileno(), select.POLLOUT)]
        if not ready:
            raise TimeoutError
        return heard

    def _glance(self) -> HttpResponse | None:
        self._socket.settimeout(GLANCE)
        self._timeout = GLANCE
        try:
            return self.http.receive(self._socket.recv(BUFFER))
        except TimeoutError:  # what came belongs to TLS itself
            return None

    def _limit(self, request: HttpRequest, deadline: Deadline) -> float:
        """Bound the next step on the socket, and return the bound in seconds."""
        left = deadline.left()
        if left <= 0:
            raise late(request)
        limit = min(request.timeout.read, left)
        if limit != self._timeout:
            self._timeout = limit
            self._socket.settimeout(limit)
        return limit
