"""A time limit for the head of a response that httpx receives."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import httpx


@contextmanager
def limited(request: httpx.Request, seconds: float) -> Generator[None]:
    """Break the connection of a request if the block takes longer: a timeout of httpx limits only a silence."""
    sockets: list[socket.socket] = []

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            sockets.append(info["return_value"].get_extra_info("socket"))

    def shut_down() -> None:
        for connected in sockets:
            with suppress(OSError):  # it is closed
                # not the method of a TLS socket, which would change an object that another thread uses
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    request.extensions["trace"] = trace
    timer = threading.Timer(seconds, shut_down)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
