"""The connection pool for asyncio."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from .asyncio_connection import AsyncioConnection, PlainConnection
from .http11 import BUFFER_SIZE
from .pool import Address, LoopPool, Share, look_up

if TYPE_CHECKING:
    import ssl

    from ..._settings.urls import Target
    from ..blocking import Result, Start

T = TypeVar("T")
CLOSE_LIMIT = 1.0  # seconds: the loop drops a closed connection after one or two iterations


class AsyncioShare(Share[AsyncioConnection]):
    """The share of one asyncio event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float] | None) -> None:
        super().__init__(clock)
        self._loop = loop
        self._open: set[AsyncioConnection] = set()
        self._buffer = memoryview(bytearray(BUFFER_SIZE))
        self.call_soon = loop.call_soon_threadsafe

    async def resolve(self, target: Target, seconds: float) -> Sequence[Address]:
        return await wait_for_thread(look_up(target), seconds)

    async def open(
        self, target: Target, tls: ssl.SSLContext | None, address: Address, seconds: float
    ) -> AsyncioConnection:
        name, handshake_timeout = (target.server_name, max(seconds, 0.001)) if tls else (None, None)
        kind = AsyncioConnection if tls else PlainConnection
        connection = kind(self._loop, self._buffer)
        try:
            async with asyncio.timeout(seconds):
                await self._loop.create_connection(
                    lambda: connection,
                    *address[4][:2],
                    ssl=tls,
                    server_hostname=name,
                    ssl_handshake_timeout=handshake_timeout,
                )
        except BaseException:
            connection.abandon()
            raise
        self._open.add(connection)
        forget = self._open.discard  # no reference to the share: a connection must not keep an unused client alive
        connection.closed.add_done_callback(lambda _: forget(connection))
        return connection

    async def close(self) -> None:
        """Close the idle connections, and wait until the loop has dropped all closed ones.

        A loop that was closed without closing its async generators, as by nest_asyncio, closes no connection any more.
        Python calls this then when it collects the generator, and there is no running loop to wait in.
        """
        if self._loop.is_closed():
            return
        self.idle.close()
        closing = [connection.closed for connection in self._open if not connection.is_open]
        if closing and self._loop.is_running():
            await asyncio.wait(closing, timeout=CLOSE_LIMIT)


class AsyncioPool(LoopPool[asyncio.AbstractEventLoop, AsyncioConnection]):
    """Sends requests to one endpoint from any number of tasks."""

    _current_owner = staticmethod(asyncio.get_running_loop)

    def _new_share(self) -> AsyncioShare:
        for loop in [loop for loop in list(self._shares) if loop.is_closed()]:
            self._shares.pop(loop, None)
        return AsyncioShare(self._current_owner(), self._clock)


async def wait_for_thread(start: Start[T], seconds: float) -> T:
    """Start a function in another thread and return its value; raise `TimeoutError` after this time."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    results: list[Result[T]] = []

    def receive(result: Result[T]) -> None:
        results.append(result)
        with suppress(RuntimeError):  # the loop was closed before the function ended
            loop.call_soon_threadsafe(finish)

    def finish() -> None:
        if not ended.done():  # the caller was cancelled before the function ended
            ended.set_result(None)

    start(receive)
    async with asyncio.timeout(None if seconds == math.inf else seconds):
        await ended
    return results.pop()()
