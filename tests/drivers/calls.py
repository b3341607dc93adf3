"""Helpers of the driver tests: single requests, their outcomes, and fresh event loops."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeVar

import anyio
import pytest

from rekog._core.deadline import Deadline
from rekog._core.flow import Flow, HttpRequest, HttpResponse, sleep
from rekog._core.retries.admission import Admission
from rekog._drivers.blocking import run_inline
from rekog._drivers.pools.thread_pool import ThreadPool
from rekog.config import Timeout
from tests.kit import flows

if TYPE_CHECKING:
    import ssl

    from tests.kit.backends import Backend, Driver

T = TypeVar("T")

SHORT = Timeout(read=0.1)
ALL_LOOPS = pytest.mark.parametrize("kind", ["asyncio", "uvloop", "trio"])


class SyncThreadPool:
    """The pool for threads with plain methods, which run its coroutines as the driver does."""

    def __init__(
        self,
        tls: ssl.SSLContext | None,
        clock: Callable[[], float] = time.monotonic,
        process: Callable[[], int] = os.getpid,
    ) -> None:
        self._pool = ThreadPool(tls, clock, process)

    def send(self, request: HttpRequest) -> HttpResponse:
        return run_inline(self._pool.send(request))

    def close(self) -> None:
        run_inline(self._pool.close())


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


def send(sent: HttpRequest) -> Flow[HttpResponse]:
    """Send a request as a call does: with a slot, and within one total timeout for the wait and the request."""
    deadline = Deadline(sent.timeout.total)
    admission = Admission("DetectFaces", sent.url, sent.timeout, deadline, None)
    try:
        yield from admission.enter(0)
        return (yield from flows.send(timed(sent, deadline.clip(sent.timeout))))
    finally:
        admission.leave()


def timed(sent: HttpRequest, timeout: Timeout) -> HttpRequest:
    return HttpRequest(sent.url, sent.headers, sent.content, timeout, sent.method)


def fetch(
    backend: Backend, url: str, *parts: bytes, driver: Driver | None = None, timeout: Timeout | None = None
) -> HttpResponse:
    chosen = driver or backend.driver()
    return backend.run(lambda: chosen.run(send(request(url, *parts, timeout=timeout))))


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Resolve every host name to these addresses."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]

    def getaddrinfo(*arguments: object, flags: int = 0, **options: object) -> object:
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not a number")
        return rows

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def outcome(url: str, *parts: bytes, timeout: Timeout | None = None) -> Flow[str]:
    """Return the content of the response as text, or the name of the error."""
    try:
        response = yield from send(request(url, *parts, timeout=timeout))
    except Exception as error:
        return type(error).__name__
    return response.content.decode()


def after(condition: Callable[[], object], flow: Flow[str]) -> Flow[str]:
    """Start a Flow once a condition is true."""
    while not condition():
        yield from sleep(0.002)
    return (yield from flow)


def run_in(kind: str, main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine function in a new event loop of this kind."""
    if kind == "uvloop":
        pytest.importorskip("uvloop", reason="rekog[speed] installs uvloop on the systems that it supports")
    backend, options = ("asyncio", {"use_uvloop": True}) if kind == "uvloop" else (kind, {})
    return anyio.run(main, backend=backend, backend_options=options)
