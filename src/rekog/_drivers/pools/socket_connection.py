"""A connection over a non-blocking socket, which the pools for threads and for trio share, and how they open one.

The two pools differ in the function that waits for the socket: it blocks the thread or suspends the task. A connection
that the server closed while it was idle reports this at its next use, at the latest.
"""

from __future__ import annotations

import os
import select
import socket
from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from ..._core.deadline import Deadline
from ..._values import errors
from ..._values.errors import ConnectionLostError, RekogError, TransportError
from ..transport_errors import timeout_error, transport_error
from .http11 import BUFFER_SIZE, Http11
from .pool import Address, Share

if TYPE_CHECKING:
    import ssl

    from ..._core.flow import HttpRequest, HttpResponse
    from ..._settings.urls import Target

POLL_LIMIT = 1e6  # seconds: poll accepts no timeout that is much longer
# Our own timeouts, which are `OSError`s as well: no sign of a lost connection.
_TIMEOUTS = (errors.CallTimeoutError, errors.ReadTimeoutError, errors.WriteTimeoutError)


class Wait(Protocol):
    """A coroutine function that waits for a socket as `is_ready` does."""

    async def __call__(self, sock: socket.socket, seconds: float, *, writing: bool) -> bool: ...


def is_ready(sock: socket.socket, seconds: float, *, writing: bool) -> bool:
    """Wait until a socket can be read, or also written if `writing`; return False after this time."""
    if not hasattr(select, "poll"):  # on Windows, which reports a failed connection in the third list
        writers = [sock] if writing else []
        return any(select.select([sock], writers, writers, seconds))
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLOUT if writing else select.POLLIN)
    return bool(poll.poll(min(seconds, POLL_LIMIT) * 1000))


class SocketConnection:
    """One socket and the HTTP protocol on it.

    `wait` waits for the socket. `would_block` lists the errors that a socket raises when it has to wait.
    """

    __slots__ = ("_half_sent", "_socket", "_used", "_wait", "_would_block", "http", "idle_since")

    def __init__(self, sock: socket.socket, wait: Wait, would_block: tuple[type[OSError], ...]) -> None:
        self._socket = sock
        self._wait = wait
        self._would_block = would_block
        self._used = False
        self._half_sent = False
        self.http = Http11()
        self.idle_since: float

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its response; the errors are those of `PooledConnection.exchange`."""
        reused, self._used = self._used, True
        lost: OSError | None = None
        response: HttpResponse | None = None
        try:
            try:
                response = await self._send(request, deadline)
            except _TIMEOUTS:
                raise
            except OSError as error:
                # The server may have responded and closed before it read the whole request. The error is kept without
                # its traceback, which refers to this frame.
                lost = error.with_traceback(None)
            while response is None:
                await self._wait_or_raise(errors.ReadTimeoutError, request, deadline)
                response = self._receive()
            return response
        except _TIMEOUTS:
            raise
        except (OSError, ConnectionLostError) as error:
            if reused and not self.http.began_response:
                raise transport_error(errors.StaleConnectionError, request) from error
            if isinstance(error, RekogError) and lost is None:
                raise
            raise transport_error(ConnectionLostError, request, lost or error) from (lost or error)

    def prepare_for_reuse(self) -> bool:
        """Get ready for the next request; return False when this connection cannot take one."""
        return self.http.prepare_for_reuse() and not self._half_sent

    def is_usable(self) -> bool:
        """Return whether an idle connection has nothing to read: neither its end nor unrequested bytes."""
        return not is_ready(self._socket, 0, writing=False)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __del__(self) -> None:
        with suppress(AttributeError):  # a signal handler interrupted `__init__`
            self.close()  # a client that was not closed causes no ResourceWarning

    async def _send(self, request: HttpRequest, deadline: Deadline) -> HttpResponse | None:
        """Send the request; return a response that is complete before all of it was sent."""
        began = False
        for piece in self.http.begin(request):
            unsent = piece
            while unsent:
                if began and (response := self._receive()) is not None:
                    self._half_sent = True
                    return response
                began = True
                try:
                    unsent = unsent[self._socket.send(unsent) :]
                except self._would_block:
                    await self._wait_or_raise(errors.WriteTimeoutError, request, deadline)
        return None

    def _receive(self) -> HttpResponse | None:
        """Read the bytes that have arrived; return the response if they complete it."""
        try:
            return self.http.receive(self._socket.recv(BUFFER_SIZE))
        except self._would_block:  # nothing to read, or only bytes of the TLS protocol itself
            return None

    async def _wait_or_raise(self, kind: type[TransportError], request: HttpRequest, deadline: Deadline) -> None:
        """Wait until the socket can be read, or also written for `WriteTimeoutError`; raise the timeout otherwise."""
        limit = min(request.timeout.read, deadline.left())
        if limit <= 0 or not await self._wait(self._socket, limit, writing=kind is errors.WriteTimeoutError):
            raise timeout_error(kind, request, deadline)


class SocketShare(Share[SocketConnection]):
    """A share of a pool, with connections over non-blocking sockets."""

    @staticmethod
    @abstractmethod
    async def wait(sock: socket.socket, seconds: float, *, writing: bool) -> bool:
        """Wait as `is_ready` does."""

    async def open(
        self, target: Target, tls: ssl.SSLContext | None, address: Address, seconds: float
    ) -> SocketConnection:
        limit = Deadline(seconds)
        opened = await self._connect_socket(*address, seconds=seconds)
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is None:
                return SocketConnection(opened, self.wait, (BlockingIOError,))
            from ssl import SSLWantReadError, SSLWantWriteError

            opened = secured = tls.wrap_socket(
                opened, server_hostname=target.server_name, do_handshake_on_connect=False
            )
            while True:
                try:
                    secured.do_handshake()
                    return SocketConnection(secured, self.wait, (SSLWantReadError, SSLWantWriteError))
                except (SSLWantReadError, SSLWantWriteError) as error:
                    await self._wait_ready(secured, limit.left(), writing=isinstance(error, SSLWantWriteError))
        except BaseException:
            opened.close()
            raise

    async def _connect_socket(
        self, family: int, kind: int, protocol: int, _: str, address: Any, *, seconds: float
    ) -> socket.socket:
        plain = socket.socket(family, kind, protocol)
        try:
            plain.setblocking(False)  # noqa: FBT003 (the signature of the standard library)
            try:
                plain.connect(address)
            except BlockingIOError:
                await self._wait_ready(plain, seconds, writing=True)
                if code := plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(code, os.strerror(code)) from None
        except BaseException:
            plain.close()
            raise
        return plain

    async def _wait_ready(self, sock: socket.socket, seconds: float, *, writing: bool) -> None:
        if not await self.wait(sock, max(seconds, 0), writing=writing):
            raise TimeoutError
