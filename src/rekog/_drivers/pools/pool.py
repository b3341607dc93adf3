"""What the pools for threads, asyncio and trio have in common: who waits, and who gets which connection.

It is written once, in coroutines. Those for threads never suspend: where the others wait in an event loop, they block.
"""

from __future__ import annotations

import contextlib
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from ..._core.deadline import Deadline
from ..._settings.urls import Target, parse_target
from ..._values.errors import ConnectError, ConnectTimeoutError, PoolTimeoutError, RekogError, StaleConnectionError
from ..failures import failure, late_or
from .idle import Idle, Kept

if TYPE_CHECKING:
    import ssl

    from ..._core.flow import HttpRequest, HttpResponse

OTHER_LIBRARY = "a client stays with asyncio or with trio, whichever its first call was made under: make another one"


class Exchanging(Kept, Protocol):
    """What a connection can do."""

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        """Send a request and return its answer; `StaleConnectionError` when it is not the first, and none began."""
        ...

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
        ...


Address: TypeAlias = tuple[int, int, int, str, Any]  # as getaddrinfo gives them; what is last depends on the family
C = TypeVar("C", bound=Exchanging)
K = TypeVar("K")


class Place(ABC, Generic[C]):
    """What belongs to one process, or to one event loop.

    `soon` and `ending` are a loop's: the one calls a function in it from elsewhere, the other is closed with it.
    """

    soon: Callable[[Callable[[], None]], object]
    ending: AsyncGenerator[None]

    def __init__(self, release: Callable[[], object], clock: Callable[[], float]) -> None:
        self.release = release
        self.idle: Idle[C] = Idle(clock)

    @abstractmethod
    async def acquire(self, seconds: float) -> bool:
        """Take a slot, to be released; False when none became free in this time."""

    @abstractmethod
    async def look_up(self, target: Target, seconds: float) -> Sequence[Address]:
        """Return the addresses of a host, at least one; `TimeoutError` when it takes longer."""

    @abstractmethod
    async def open(self, target: Target, tls: ssl.SSLContext | None, address: Address, seconds: float) -> C:
        """Open a connection to an address, or raise an `OSError`: a `TimeoutError` when it takes longer."""

    async def connect(self, target: Target, tls: ssl.SSLContext | None, seconds: float) -> C:
        """Open a connection to the first address that takes one, or raise the `OSError` of the last."""
        limit = Deadline(seconds)
        *others, last = await self._addresses(target, seconds)
        for address in others:
            try:
                return await self.open(target, tls, address, limit.left() / 2)  # leaves some time for the next
            except OSError:
                continue
        return await self.open(target, tls, last, limit.left())

    async def _addresses(self, target: Target, seconds: float) -> Sequence[Address]:
        try:  # nobody needs to be asked for a number
            return socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return await self.look_up(target, seconds)

    async def end(self) -> None:
        """Close the idle connections."""
        self.idle.close()


class Pool(ABC, Generic[K, C]):
    """Sends requests to one endpoint, in each place over at most `max_connections` at once."""

    _here: Callable[[], K]  # tells in which place this is

    def __init__(
        self, tls: ssl.SSLContext | None, max_connections: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tls = tls
        self._max_connections = max_connections
        self._clock = clock
        self._places: dict[K, Place[C]] = {}
        self._closed = False

    @abstractmethod
    async def _joined(self, here: K) -> Place[C]:
        """Return a place that is new to the pool."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        try:
            here = self._here()
        except RuntimeError as error:
            raise RekogError(OTHER_LIBRARY) from error
        place = self._places.get(here) or await self._joined(here)
        deadline = Deadline(request.timeout.total)
        if not await place.acquire(max(min(request.timeout.read, deadline.left()), 0)):
            raise late_or(PoolTimeoutError, request, deadline)
        try:
            connection = place.idle.take() or await self._connected(place, request, deadline)
            return await self._exchanged(place, connection, request, deadline)
        except StaleConnectionError:
            place.idle.clear()  # what was unused for longer is no better; another attempt gets a fresh one
            raise
        finally:
            place.release()

    async def _connected(self, place: Place[C], request: HttpRequest, deadline: Deadline) -> C:
        seconds = min(request.timeout.connect, deadline.left())
        try:
            return await place.connect(parse_target(request.url), self._tls, seconds)
        except TimeoutError as error:
            raise late_or(ConnectTimeoutError, request, deadline) from error
        except (OSError, UnicodeError) as error:
            raise failure(ConnectError, request, error) from error

    async def _exchanged(
        self, place: Place[C], connection: C, request: HttpRequest, deadline: Deadline
    ) -> HttpResponse:
        try:
            answer = await connection.exchange(request, deadline)
            reusable = connection.reuse()
        except BaseException:
            connection.close()
            raise
        if reusable and not self._closed:
            place.idle.keep(connection)
        else:
            connection.close()
        return answer


class LoopPool(Pool[K, C]):
    """A pool for event loops: each has connections of its own, which end with it."""

    @abstractmethod
    def _place(self) -> Place[C]:
        """Return what a loop needs."""

    async def close(self) -> None:
        """Close the idle connections of this loop now, those of other loops soon, the busy ones as they become idle."""
        self._closed = True
        here = None
        with contextlib.suppress(RuntimeError):  # it is the other library's loop
            here = self._here()
        for key, place in list(self._places.items()):
            with contextlib.suppress(RuntimeError):  # the loop has ended, or is at its end and doing this itself
                if key is here:
                    await place.ending.aclose()
                else:
                    place.soon(place.idle.close)

    async def _joined(self, here: K) -> Place[C]:
        place = self._places[here] = self._place()
        place.ending = self._until_the_end(here, place)
        await anext(place.ending)
        return place

    async def _until_the_end(self, here: K, place: Place[C]) -> AsyncGenerator[None]:
        # A loop ends the generators that are left over in it, and so its connections.
        try:
            yield
        finally:
            self._places.pop(here, None)
            await place.end()
