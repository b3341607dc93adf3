"""The connection pool for threads. The threads of a process share its connections."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..blocking import wait_for_thread
from .pool import Address, Pool, Share, look_up
from .socket_connection import SocketConnection, SocketShare, is_ready

if TYPE_CHECKING:
    import ssl

    from ..._settings.urls import Target


class ProcessShare(SocketShare):
    """The share of one process, for all its threads."""

    @staticmethod
    async def wait(sock: socket.socket, seconds: float, *, writing: bool) -> bool:
        return is_ready(sock, seconds, writing=writing)

    async def resolve(self, target: Target, seconds: float) -> Sequence[Address]:
        return wait_for_thread(look_up(target), seconds)


class ThreadPool(Pool[int, SocketConnection]):
    """Sends requests to one endpoint from any number of threads."""

    def __init__(
        self,
        tls: ssl.SSLContext | None,
        clock: Callable[[], float] | None = None,
        process: Callable[[], int] = os.getpid,
    ) -> None:
        super().__init__(tls, clock)
        self._current_owner = process

    async def close(self) -> None:
        """Close the idle connections now, busy ones as they become idle."""
        self._closed = True
        for share in list(self._shares.values()):
            share.idle.close()

    async def _add_share(self, owner: int) -> Share[SocketConnection]:
        # After a fork, the sockets belong to the parent process: two processes on one connection
        # would read each other's responses. The child closes its copies, which leaves the parent's sockets open.
        for inherited in [share for process, share in list(self._shares.items()) if process != owner]:
            inherited.idle.close()
        share = ProcessShare(self._clock)
        return self._shares.setdefault(owner, share)  # another thread may have added one meanwhile
