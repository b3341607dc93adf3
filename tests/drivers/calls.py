"""Single requests, as the tests of the drivers send them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeVar

import anyio
import pytest

from rekog._core.flow import Flow, HttpRequest, HttpResponse, send, sleep
from rekog._drivers.pools.thread_pool import SocketPool
from rekog._drivers.threads import at_once
from rekog.config import Timeout

if TYPE_CHECKING:
    import ssl

    from tests.kit.backends import Backend, Driver

T = TypeVar("T")

SHORT = Timeout(read=0.1)
ALL_LOOPS = pytest.mark.parametrize("kind", ["asyncio", "uvloop", "trio"])


class ThreadPool:
    """The pool for threads, as its driver uses it."""

    def __init__(
        self,
        tls: ssl.SSLContext | None,
        max_connections: int,
        clock: Callable[[], float] = time.monotonic,
        process: Callable[[], int] = os.getpid,
    ) -> None:
        self._pool = SocketPool(tls, max_connections, clock, process)

    def send(self, request: HttpRequest) -> HttpResponse:
        return at_once(self._pool.send(request))

    def close(self) -> None:
        at_once(self._pool.close())


def request(
    url: str,
    *parts: bytes,
    timeout: Timeout | None = None,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    method: Literal["POST", "HEAD"] = "POST",
) -> HttpRequest:
    host = url.partition("://")[2].rstrip("/").encode()
    length = str(sum(map(len, parts))).encode()
    framing = ((b"Host", host), (b"Content-Length", length), *headers)
    return HttpRequest(url, framing, parts, timeout or Timeout(), method)


def fetch(
    backend: Backend, url: str, *parts: bytes, driver: Driver | None = None, timeout: Timeout | None = None
) -> HttpResponse:
    chosen = driver or backend.driver()
    return backend.run(lambda: chosen.run(send(request(url, *parts, timeout=timeout))))


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let any host name have these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]

    def getaddrinfo(*asked: object, flags: int = 0, **details: object) -> object:
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not a number")
        return found

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def outcome(url: str, *parts: bytes, timeout: Timeout | None = None) -> Flow[str]:
    """Return the answer's content as text, or the name of the error."""
    try:
        answer = yield from send(request(url, *parts, timeout=timeout))
    except Exception as error:
        return type(error).__name__
    return answer.content.decode()


def after(true: Callable[[], object], flow: Flow[str]) -> Flow[str]:
    """Start a flow once something is true."""
    while not true():
        yield from sleep(0.002)
    return (yield from flow)


def run_in(kind: str, main: Callable[[], Awaitable[T]]) -> T:
    """Run something in a fresh loop of this kind."""
    if kind == "uvloop":
        pytest.importorskip("uvloop", reason="rekog[speed] brings uvloop where it runs")
    backend, options = ("asyncio", {"use_uvloop": True}) if kind == "uvloop" else (kind, {})
    return anyio.run(main, backend=backend, backend_options=options)
