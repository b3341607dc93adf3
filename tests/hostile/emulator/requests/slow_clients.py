"""Idle and slow clients: the server serves others beside them, closes them in time, and keeps nothing of them.

Connections send nothing, half a head, or half a body, and then wait. Others do not read a large response. The limits
are shorter here than those of the command. A server without free descriptors serves again when there are some.
"""

from __future__ import annotations

import resource
import socket
import time
from contextlib import ExitStack, suppress
from http.client import HTTPException
from typing import TYPE_CHECKING

from rekog.emulator import Emulator
from rekog.emulator.serving.server import Timeouts, serving
from tests.hostile.emulator.calls import HttpCaller, call, judge
from tests.hostile.emulator.servers import Attacked, attacked_server
from tests.hostile.watch import descriptors

if TYPE_CHECKING:
    from tests.hostile.attack import Report

TIMEOUTS = Timeouts(head=2.0, body=3.0, reading=2.0)
BESIDE = 5.0  # seconds for a request beside the slow clients
LIMIT = 30.0  # seconds until all slow clients are closed
LARGE = 20_000_000
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
STARTS = {
    "idle": b"",
    "half a head": POST[:30],
    "half a body": POST + b"Content-Length: 100\r\n\r\n{",
    "an object that is not read": b"GET /_rekog/objects/videos/large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}
SHARES = {"idle": 60, "half a head": 20, "half a body": 15, "an object that is not read": 5}
FEW_DESCRIPTORS = 128


def attack(count: int, report: Report) -> None:
    """Open slow connections of each kind, and then more connections than a server has descriptors."""
    _slow(count * 3 // 4, report)
    _too_many(count // 4, report)


def _slow(count: int, report: Report) -> None:
    with Emulator() as emulator, serving(emulator.asgi(), timeouts=TIMEOUTS) as url, ExitStack() as stack:
        emulator.put_object("videos", "large", bytes(LARGE))
        caller = HttpCaller(url)
        judge(report, call(caller, "ListCollections", {}), "a request before the slow clients")
        before = descriptors() or 0
        host, port = url.removeprefix("http://").split(":")
        opened: list[socket.socket] = []
        for kind, share in SHARES.items():
            for _ in range(max(1, count * share // 100)):
                connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=LIMIT))
                if kind == "an object that is not read":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.sendall(STARTS[kind])
                report.attempt()
                opened.append(connection)
                if len(opened) % 20 == 0:
                    judge(report, call(caller, "ListCollections", {}), "a request beside slow clients", slow=BESIDE)
        end = time.monotonic() + LIMIT
        for connection in opened:
            _wait_for_end(connection, end, report)
            connection.close()
        caller.close()
        while (descriptors() or 0) > before and time.monotonic() < end:
            time.sleep(0.05)
        report.check((descriptors() or 0) <= before, "descriptors of slow clients stay open")


def _wait_for_end(connection: socket.socket, end: float, report: Report) -> None:
    try:
        connection.settimeout(max(0.1, end - time.monotonic()))
        while connection.recv(65536):
            pass
    except TimeoutError:
        report.fault("a slow client is not closed")
    except OSError:
        report.figure("connections reset")


def _too_many(count: int, report: Report) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_DESCRIPTORS, FEW_DESCRIPTORS))

    with attacked_server(before=few) as server:
        with ExitStack() as stack:
            for _ in range(max(count, FEW_DESCRIPTORS + 50)):
                with suppress(OSError):
                    stack.enter_context(server.connect()).sendall(STARTS["half a head"])
                report.attempt()
        _check_serves_again(server, report)
        server.check_alive(report)


def _check_serves_again(server: Attacked, report: Report) -> None:
    """Count a fault if requests still fail a while after the connections were closed."""
    end = time.monotonic() + LIMIT
    status = 0
    while status != 200 and time.monotonic() < end:
        caller = server.caller()
        with suppress(OSError, HTTPException):  # the server has not closed its side of the connections yet
            status = call(caller, "ListCollections", {}).status
        caller.close()
        time.sleep(0.05)
    report.attempt()
    report.check(status == 200, "a server that had too many connections does not serve again")
