"""Responses that never end: each call ends with a `RekogError` within its total timeout.

The server drips heads, bodies and chunks, sends headers, 1xx responses or zeros without end, stays silent, and closes
one half of the connection.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

from rekog import Timeout
from rekog.errors import RekogError
from tests.hostile.sdk.ways import LIMIT, Way, outcome, some_ways

if TYPE_CHECKING:
    from tests.hostile.attack import Report

TOTAL = 1.0
DRIP = 0.05  # seconds between two pieces
START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"


def _gzipped() -> Iterator[bytes]:
    yield START + b"Content-Encoding: gzip\r\n\r\n"
    packed = gzip.compress(bytes(100_000))
    while True:
        yield packed


def _repeat(start: bytes, piece: bytes) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield start
        while True:
            yield piece

    return pieces


RESPONSES: dict[str, Callable[[], Iterator[bytes]]] = {
    "silence": lambda: iter(()),
    "half close": lambda: iter((START,)),
    "one byte": lambda: iter((b"H",)),
    "drip in the status line": _repeat(b"HTTP/1.1 200 ", b"a"),
    "drip in a header": _repeat(START + b"X: ", b"a"),
    "headers": _repeat(START, b"X: a\r\n" * 100),
    "1xx": _repeat(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drip in the body": _repeat(START + b"Content-Length: 9999999\r\n\r\n", b" "),
    "body until the end": _repeat(START + b"\r\n", b" " * 60_000),
    "chunks": _repeat(CHUNKED, b"1\r\n \r\n"),
    "chunk extension": _repeat(CHUNKED + b"1;", b"a"),
    "trailers": _repeat(CHUNKED + b"0\r\n", b"X: a\r\n"),
    "compressed": _gzipped,
}


def attack(count: int, report: Report) -> None:
    """Call each kind of endless response in each way, all kinds of a way at once."""
    for way in some_ways(count, len(RESPONSES)):
        way.run(*[_call(way, name, pieces, report) for name, pieces in RESPONSES.items()])


async def _call(way: Way, name: str, pieces: Callable[[], Iterator[bytes]], report: Report) -> None:
    with endless_server(pieces, half_close=name == "half close") as url:
        rekognition = way.client(url, timeout=Timeout(connect=TOTAL, read=30, total=TOTAL))
        began = time.monotonic()
        found = await outcome(report, rekognition.list_collections, decode_error_allowed=True)
        took = time.monotonic() - began
        report.attempt()
        report.figure(type(found).__name__)
        report.check(isinstance(found, RekogError), f"{name}: a result")
        report.check(took < TOTAL + LIMIT / 5, f"{name} in {way.name} took more than {TOTAL + LIMIT / 5:g} s")


@contextlib.contextmanager
def endless_server(pieces: Callable[[], Iterator[bytes]], *, half_close: bool) -> Generator[str]:
    """Send pieces with pauses on each connection, until the end of the block; then nothing."""
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            for piece in pieces():
                connection.sendall(piece)
                if ended.wait(DRIP):
                    return
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            ended.wait()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # ends accept
