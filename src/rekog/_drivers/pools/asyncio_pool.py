"""The default transport for asyncio: a pool of keep-alive connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .asyncio_connection import Connection, PlainConnection
from .http11 import BUFFER
from .pool import Address, LoopPool, Place

if TYPE_CHECKING:
    import ssl

    from ..._settings.urls import Target

GOODBYE = 1.0  # seconds: a closed connection is gone after a turn or two of its loop


class TaskPlace(Place[Connection]):
    """What belongs to one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, max_connections: int, clock: Callable[[], float]) -> None:
        self._free = asyncio.Semaphore(max_connections)
        super().__init__(self._free.release, clock)
        self._loop = loop
        self._open: set[Connection] = set()
        self._room = memoryview(bytearray(BUFFER))
        self.soon = loop.call_soon_threadsafe

    async def acquire(self, seconds: float) -> bool:
        if not self._free.locked():
            return await self._free.acquire()
        try:
            async with asyncio.timeout(seconds):
                return await self._free.acquire()
        except TimeoutError:
            return False

    async def look_up(self, target: Target, seconds: float) -> Sequence[Address]:
        async with asyncio.timeout(seconds):
            return await self._loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)

    async def open(self, target: Target, tls: ssl.SSLContext | None, address: Address, seconds: float) -> Connection:
        name, patience = (target.server_name, max(seconds, 0.001)) if tls else (None, None)
        kind = Connection if tls else PlainConnection
        async with asyncio.timeout(seconds):
            _, connection = await self._loop.create_connection(
                lambda: kind(self._loop, self._room),
                *address[4][:2],
                ssl=tls,
                server_hostname=name,
                ssl_handshake_timeout=patience,
            )
        self._open.add(connection)
        forget = self._open.discard  # a connection must not keep its place, and so a forgotten client, alive
        connection.gone.add_done_callback(lambda _: forget(connection))
        return connection

    async def end(self) -> None:
        """Close the idle connections, and wait until all closed ones are gone."""
        self.idle.close()
        closing = [connection.gone for connection in self._open if not connection.is_open]
        if closing:
            await asyncio.wait(closing, timeout=GOODBYE)


class TaskPool(LoopPool[asyncio.AbstractEventLoop, Connection]):
    """Sends requests to one endpoint from any number of tasks, over at most `max_connections` at once."""

    _here = staticmethod(asyncio.get_running_loop)

    def _place(self) -> TaskPlace:
        for other in [other for other in list(self._places) if other.is_closed()]:
            self._places.pop(other, None)
        return TaskPlace(self._here(), self._max_connections, self._clock)
