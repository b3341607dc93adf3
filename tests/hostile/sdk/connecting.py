"""Servers that hinder a connection: each call ends with a `ConnectError` or a timeout within its limit.

The TLS server is silent, drips its handshake, or speaks plain HTTP, or its backlog is full. The limit is once that of
the connection, once that of the call.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from rekog import Timeout
from rekog.errors import CallTimeoutError, ConnectError, ConnectTimeoutError
from tests.hostile.sdk.ways import LIMIT, Way, outcome, some_ways

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SECONDS = 1.0
BOUNDS = {"connect": Timeout(connect=SECONDS, read=60), "total": Timeout(connect=60, read=60, total=SECONDS)}
SERVER_HELLO = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"  # the start of a record of 16 KiB


def silent(connection: socket.socket, ended: threading.Event) -> None:
    """Send nothing."""
    ended.wait()


def dripping(connection: socket.socket, ended: threading.Event) -> None:
    """Send a handshake byte by byte, without end."""
    connection.sendall(SERVER_HELLO)
    while not ended.wait(0.05):
        connection.sendall(b"\0")


def plain(connection: socket.socket, ended: threading.Event) -> None:
    """Respond to a TLS handshake in HTTP, and keep the connection open."""
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    ended.wait()


SERVERS: dict[str, Callable[[socket.socket, threading.Event], None] | None] = {
    "silent": silent,
    "dripping": dripping,
    "plain": plain,
    "full backlog": None,
}


def attack(count: int, report: Report) -> None:
    """Call each kind of server with each limit, in each way."""
    for way in some_ways(count, len(SERVERS) * len(BOUNDS)):
        way.run(*[_call(way, server, bound, report) for server in SERVERS for bound in BOUNDS])


async def _call(way: Way, name: str, bound: str, report: Report) -> None:
    with server(SERVERS[name]) as port:
        rekognition = way.client(f"https://127.0.0.1:{port}/", timeout=BOUNDS[bound])
        began = time.monotonic()
        found = await outcome(report, rekognition.list_collections)
        took = time.monotonic() - began
    report.attempt()
    report.figure(type(found).__name__)
    expected = (ConnectError, ConnectTimeoutError, CallTimeoutError)
    report.check(isinstance(found, expected), f"{name}, {bound} in {way.name}: {type(found).__name__}")
    report.check(took < SECONDS + LIMIT / 5, f"{name}, {bound} in {way.name} took more than {SECONDS + LIMIT / 5:g} s")


@contextlib.contextmanager
def server(serve: Callable[[socket.socket, threading.Event], None] | None) -> Generator[int]:
    """Serve connections with a function, or accept none with a full backlog; yield the port."""
    ended = threading.Event()

    def start(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            if serve is not None:
                serve(connection, ended)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=start, args=(listener.accept()[0],), daemon=True).start()

    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0 if serve is None else 128))
        if serve is None:
            for _ in range(4):  # Linux accepts one more than the backlog
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
        else:
            threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # ends accept
