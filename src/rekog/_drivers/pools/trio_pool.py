"""The connection pool for trio. Only a call under trio imports this module."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import trio

from .pool import Address, LoopPool, look_up
from .socket_connection import SocketConnection, SocketShare

if TYPE_CHECKING:
    import socket

    from ..._settings.urls import Target
    from ..blocking import Result, Start

T = TypeVar("T")


class TrioShare(SocketShare):
    """The share of one `trio.run`."""

    def __init__(self, clock: Callable[[], float] | None) -> None:
        super().__init__(clock)
        self.call_soon = trio.lowlevel.current_trio_token().run_sync_soon

    async def resolve(self, target: Target, seconds: float) -> Sequence[Address]:
        return await wait_for_thread(look_up(target), seconds)

    @staticmethod
    async def wait(sock: socket.socket, seconds: float, *, writing: bool) -> bool:
        with trio.move_on_after(seconds):
            if not writing:
                await trio.lowlevel.wait_readable(sock)
                return True
            try:
                async with trio.open_nursery() as nursery:

                    async def first(wait: Callable[[socket.socket], Awaitable[None]]) -> None:
                        await wait(sock)
                        nursery.cancel_scope.cancel()

                    nursery.start_soon(first, trio.lowlevel.wait_readable)
                    nursery.start_soon(first, trio.lowlevel.wait_writable)
            except BaseExceptionGroup as group:  # Ctrl-C, or a cancelled caller
                raise group.exceptions[0] from None
            return True
        return False


class TrioPool(LoopPool[trio.lowlevel.TrioToken, SocketConnection]):
    """Sends requests to one endpoint from any number of tasks."""

    _current_owner = staticmethod(trio.lowlevel.current_trio_token)

    def _new_share(self) -> TrioShare:
        return TrioShare(self._clock)


async def wait_for_thread(start: Start[T], seconds: float) -> T:
    """Start a function in another thread and return its value; raise `TimeoutError` after this time."""
    token, ended = trio.lowlevel.current_trio_token(), trio.Event()
    results: list[Result[T]] = []

    def receive(result: Result[T]) -> None:
        results.append(result)
        with suppress(trio.RunFinishedError):  # the loop ended before the function
            token.run_sync_soon(ended.set)

    start(receive)
    with trio.move_on_after(max(seconds, 0)):
        await ended.wait()
    if not results:
        raise TimeoutError
    return results.pop()()
