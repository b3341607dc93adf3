"""Base classes of the connection pools for threads, asyncio and trio: opening, use and reuse of connections.

Theory of operation. A `Pool` sends requests to one endpoint. A socket is bound to the event loop that opened it, or for
threads to the process. So a pool has a `Share` for each owner, which is a process or an event loop: the idle
connections, and the functions that open new ones. A pool has no limit of its own: its driver lets a call send only
while the call has a slot (`_drivers/slots.py`). `Pool.send` goes through these steps:

1. Get the share of the current owner, or add one.
2. Take the connection that was used last, or open one.
3. Exchange the request for a response.
4. Keep the connection if it can be reused, and close it otherwise.

The way to wait differs between threads, asyncio and trio. It is in the abstract methods of `Share` and in the classes
of connections. Everything else is written once, in coroutines. Those for threads block instead of suspending.
"""

from __future__ import annotations

import contextlib
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from ..._core.deadline import Deadline
from ..._settings.urls import Target, parse_target
from ..._values.errors import ConnectError, ConnectTimeoutError, RekogError, StaleConnectionError
from ..blocking import SharedThreads, Start
from ..transport_errors import timeout_error, transport_error
from .idle import IdleConnection, IdleConnections

if TYPE_CHECKING:
    import ssl

    from ..._core.flow import HttpRequest, HttpResponse

OTHER_LIBRARY = (
    "this async client made its first call under the other async library (asyncio or trio):"
    " create a separate client for each library"
)


class PooledConnection(IdleConnection, Protocol):
    """A connection that a pool can use."""

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its response.

        Raise `StaleConnectionError` when a reused connection ends before the first byte of the response.
        """
        ...

    def prepare_for_reuse(self) -> bool:
        """Get ready for the next request; return False when this connection cannot take one."""
        ...


Address: TypeAlias = tuple[int, int, int, str, Any]  # a row of getaddrinfo; the type of the last depends on the family
C = TypeVar("C", bound=PooledConnection)
Owner = TypeVar("Owner")

_look_ups = SharedThreads()


def look_up(target: Target) -> Start[Sequence[Address]]:
    """Return a function that asks for the addresses of a host in a thread, the same for all clients of the process.

    The system's resolver has no timeout, and an event loop has few threads for such functions: uvloop 4.
    """
    find = partial(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM)
    return partial(_look_ups.start, (target.host, target.port), find)


class Share(ABC, Generic[C]):
    """The idle connections of one owner (a process or an event loop), and the functions that open new ones.

    A share of an event loop has two more attributes. `call_soon` calls a function in the loop, from any thread.
    `closer` is an unfinished async generator that closes the share when the event loop or the pool closes it.
    """

    call_soon: Callable[[Callable[[], None]], object]
    closer: AsyncGenerator[None]

    def __init__(self, clock: Callable[[], float] | None) -> None:
        self.idle: IdleConnections[C] = IdleConnections(clock)

    @abstractmethod
    async def resolve(self, target: Target, seconds: float) -> Sequence[Address]:
        """Return the addresses of a host, at least one; raise `TimeoutError` when it takes longer."""

    @abstractmethod
    async def open(self, target: Target, tls: ssl.SSLContext | None, address: Address, seconds: float) -> C:
        """Open a connection to an address; raise an `OSError`, and `TimeoutError` when it takes longer."""

    async def connect(self, target: Target, tls: ssl.SSLContext | None, seconds: float) -> C:
        """Open a connection to the first address that accepts one, or raise the `OSError` of the last."""
        limit = Deadline(seconds)
        *others, last = await self._addresses(target, seconds)
        for address in others:
            try:
                return await self.open(target, tls, address, limit.left() / 2)  # half, to leave time for the next
            except OSError:
                continue
        return await self.open(target, tls, last, limit.left())

    async def _addresses(self, target: Target, seconds: float) -> Sequence[Address]:
        try:  # a numeric address needs no name server, and so no wait
            return socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return await self.resolve(target, seconds)

    async def close(self) -> None:
        """Close the idle connections, and busy ones as they become idle."""
        self.idle.close()


class Pool(ABC, Generic[Owner, C]):
    """Sends requests to one endpoint over kept connections, which each process or event loop has for itself."""

    _current_owner: Callable[[], Owner]  # returns the running event loop, or the process id

    def __init__(self, tls: ssl.SSLContext | None, clock: Callable[[], float] | None = None) -> None:
        self._tls = tls
        self._clock = clock
        self._shares: dict[Owner, Share[C]] = {}
        self._closed = False

    @abstractmethod
    async def _add_share(self, owner: Owner) -> Share[C]:
        """Add a share for an owner that has none, and return it."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        try:
            owner = self._current_owner()
        except RuntimeError as error:
            raise RekogError(OTHER_LIBRARY) from error
        share = self._shares.get(owner) or await self._add_share(owner)
        deadline = Deadline(request.timeout.total)
        try:
            connection = share.idle.take() or await self._connect(share, request, deadline)
            return await self._exchange(share, connection, request, deadline)
        except StaleConnectionError:
            share.idle.clear()  # the others have been idle for longer; another attempt opens a new connection
            raise

    async def _connect(self, share: Share[C], request: HttpRequest, deadline: Deadline) -> C:
        seconds = min(request.timeout.connect, deadline.left())
        try:
            return await share.connect(parse_target(request.url), self._tls, seconds)
        except TimeoutError as error:
            raise timeout_error(ConnectTimeoutError, request, deadline) from error
        except (OSError, UnicodeError) as error:
            raise transport_error(ConnectError, request, error) from error

    async def _exchange(self, share: Share[C], connection: C, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        try:
            response = await connection.exchange(request, deadline)
            reusable = connection.prepare_for_reuse()
        except BaseException:
            connection.close()
            raise
        if reusable and not self._closed:
            share.idle.keep(connection)
        else:
            connection.close()
        return response


class LoopPool(Pool[Owner, C]):
    """A pool for event loops: each loop has its own connections, which are closed when the loop shuts down."""

    @abstractmethod
    def _new_share(self) -> Share[C]:
        """Return a share for the running event loop."""

    async def close(self) -> None:
        """Close the idle connections of this loop now, those of other loops soon, busy ones as they become idle."""
        self._closed = True
        current = None
        with contextlib.suppress(RuntimeError):  # this loop is of the other library
            current = self._current_owner()
        for owner, share in list(self._shares.items()):
            with contextlib.suppress(RuntimeError):  # the loop has ended, or is ending and closes its share itself
                if owner is current:
                    await share.closer.aclose()
                else:
                    share.call_soon(share.idle.close)

    async def _add_share(self, owner: Owner) -> Share[C]:
        share = self._shares[owner] = self._new_share()
        share.closer = self._close_at_end(owner, share)
        await anext(share.closer)
        return share

    async def _close_at_end(self, owner: Owner, share: Share[C]) -> AsyncGenerator[None]:
        # When an event loop shuts down, it closes the unfinished async generators: this one closes the connections.
        try:
            yield
        finally:
            self._shares.pop(owner, None)
            await share.close()
