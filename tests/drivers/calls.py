"""Single requests, as the tests of the drivers send them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import pytest

from rekog._core.http import Flow, HttpRequest, HttpResponse, send, sleep
from rekog.config import Timeout

if TYPE_CHECKING:
    from tests.client.conftest import Backend, Driver

BEHIND = "httpcore, which trio has, takes bytes behind an answer for the next one"
EARLY = "httpcore, which trio has, reads no answer before the request's end"
AGAIN = "httpx's transport, which trio has, leaves a second try to the retries"
SHORT = Timeout(read=0.1)


def needs_our_pool(backend: Backend, reason: str) -> None:
    """Skip the test where httpx's transport stands in for our own."""
    if backend.name == "trio":
        pytest.skip(reason)


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

    def getaddrinfo(*asked: object, **details: object) -> object:
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
