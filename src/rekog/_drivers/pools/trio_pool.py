"""The default transport for trio: a pool of keep-alive connections. Nothing but a call under trio imports it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import trio

from .pool import Address, LoopPool
from .thread_pool import Connection, SocketPlace

if TYPE_CHECKING:
    import socket

    from ..._settings.urls import Target


class TrioPlace(SocketPlace):
    """What belongs to one `trio.run`."""

    def __init__(self, max_connections: int, clock: Callable[[], float]) -> None:
        self._free = trio.Semaphore(max_connections)
        super().__init__(self._free.release, clock)
        self.soon = trio.lowlevel.current_trio_token().run_sync_soon

    async def acquire(self, seconds: float) -> bool:
        with trio.move_on_after(seconds):
            await self._free.acquire()
            return True
        return False

    async def look_up(self, target: Target, seconds: float) -> Sequence[Address]:
        with trio.move_on_after(max(seconds, 0)):
            return await trio.socket.getaddrinfo(target.host, target.port, type=trio.socket.SOCK_STREAM)
        raise TimeoutError

    @staticmethod
    async def wait(line: socket.socket, seconds: float, *, writing: bool) -> bool:
        with trio.move_on_after(seconds):
            if not writing:
                await trio.lowlevel.wait_readable(line)
                return True
            try:
                async with trio.open_nursery() as either:

                    async def first(wait: Callable[[socket.socket], Awaitable[None]]) -> None:
                        await wait(line)
                        either.cancel_scope.cancel()

                    either.start_soon(first, trio.lowlevel.wait_readable)
                    either.start_soon(first, trio.lowlevel.wait_writable)
            except BaseExceptionGroup as group:  # Ctrl-C, or a cancelled caller
                raise group.exceptions[0] from None
            return True
        return False


class TrioPool(LoopPool[trio.lowlevel.TrioToken, Connection]):
    """Sends requests to one endpoint from any number of tasks, over at most `max_connections` at once."""

    _here = staticmethod(trio.lowlevel.current_trio_token)

    def _place(self) -> TrioPlace:
        return TrioPlace(self._max_connections, self._clock)
