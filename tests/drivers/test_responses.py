"""The responses on a connection, and whether the connection is used again after them."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import AsyncIterator
from itertools import repeat
from typing import TYPE_CHECKING

import httpx
import pytest

from rekog._drivers.pools import http11
from rekog._drivers.pools.http11 import MAXIMUM_INFORMATIONAL
from rekog._values.errors import ConnectionLostError, ResponseTooLargeError, StaleConnectionError
from tests.drivers.calls import fetch, outcome, request, send
from tests.kit.backends import Backend
from tests.kit.servers import (
    End,
    ScriptedResponse,
    ScriptedServer,
    chunked,
    closing,
    cut_body,
    cut_head,
    head,
    http10,
    ok,
    overlong_body,
    reset,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.backends import Backend

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LARGE = bytes(range(256)) * 14_000  # 3.5 MB: a page of GetFaceDetection


def last_response(body: bytes) -> ScriptedResponse:
    return ok(body, headers={"Connection": "close"})


@pytest.mark.parametrize(
    ("response", "connections"),
    [
        pytest.param(ok(b"this"), 1, id="with a length"),
        pytest.param(chunked(b"th", b"is"), 1, id="in chunks"),
        pytest.param((CONTINUE, CONTINUE, 0.01, *ok(b"this")), 1, id="after informational responses"),
        pytest.param((b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", *ok(b"this")), 1, id="after early hints"),
        pytest.param(last_response(b"this"), 2, id="the last of its connection"),
        pytest.param(ok(b"this", headers={"Connection": "x, Close"}), 2, id="the last, in a list of options"),
        pytest.param(http10(b"this"), 2, id="of HTTP/1.0"),
        pytest.param((head(200, {"Content-Length": "4"}, version="1.0") + b"this",), 2, id="of HTTP/1.0 with length"),
        pytest.param((head(200, {}) + b"th", 0.01, b"is", End.CLOSE), 2, id="until the connection's end"),
        pytest.param(closing(b"this"), 2, id="with an unannounced close after it"),
        pytest.param(overlong_body(b"this"), 2, id="with bytes behind it"),
        pytest.param((*ok(b"this"), 0.01, *ok(b"unrequested")), 2, id="with a second response after it"),
    ],
)
def test_each_request_gets_its_own_response(backend: Backend, response: ScriptedResponse, connections: int) -> None:
    with ScriptedServer(response, ok(b"next")) as server:
        driver = backend.driver(max_connections=1)
        first = fetch(backend, server.url, driver=driver)
        time.sleep(0.2)  # enough for the bytes that the server sends 0.01 s after its response
        second = fetch(backend, server.url, driver=driver)

        assert (first.content, second.content) == (b"this", b"next")
        assert (len(server.requests), server.connections) == (2, connections)


def test_an_unrequested_response_is_dropped_with_its_connection(backend: Backend) -> None:
    two = (head(200, {"Content-Length": "4"}) + b"this" + head(200, {"Content-Length": "4"}) + b"that",)
    with ScriptedServer(two, ok(b"next")) as server:
        driver = backend.driver()
        assert fetch(backend, server.url, driver=driver).content == b"this"
        assert fetch(backend, server.url, driver=driver).content == b"next"
        assert server.connections == 2


def test_a_compressed_response_in_chunks_is_decoded(backend: Backend) -> None:
    packed = gzip.compress(b"unpacked")
    coded = head(200, {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"})
    with ScriptedServer((coded + b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed),)) as server:
        assert fetch(backend, server.url).content == b"unpacked"


def test_a_coded_response_may_have_a_header_that_is_not_ascii(backend: Backend) -> None:
    with ScriptedServer(
        ok(gzip.compress(b"plain"), headers={"Via": "M\xfcller", "Content-Encoding": "gzip"})
    ) as server:
        response = fetch(backend, server.url)
        assert (response.content, response.headers["via"]) == (b"plain", "M\xfcller")


def test_a_coded_response_without_content_is_empty(backend: Backend) -> None:
    with ScriptedServer(ok(b"", headers={"Content-Encoding": "gzip"})) as server:
        assert fetch(backend, server.url).content == b""


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_whose_status_has_no_content_ends_with_its_head(backend: Backend, status: int) -> None:
    with ScriptedServer((head(status, {"Content-Length": "2"}), 10.0)) as server:
        response = fetch(backend, server.url)
        assert (response.status, response.content) == (status, b"")


ENDLESS_HEAD = b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 100_000
NO_HTTP: dict[str, ScriptedResponse] = {
    "two different lengths": (head(200, {"Content-Length": "2", "content-length": "20"}) + b"{}", 10.0),
    "a length of no ASCII digit": (head(200, {"Content-Length": "\xb2"}) + b"{}", 10.0),
    "a length of 5,000 digits": (head(200, {"Content-Length": "1" * 5000}), 10.0),
    "a length with a sign": (head(200, {"Content-Length": "+2"}) + b"{}", 10.0),
    "an endless head": (ENDLESS_HEAD, 10.0),
}


@pytest.mark.parametrize("name", NO_HTTP)
def test_a_malformed_head_is_a_lost_connection_at_once(backend: Backend, name: str) -> None:
    with ScriptedServer(NO_HTTP[name]) as server, pytest.raises(ConnectionLostError, match="cut short or is not HTTP"):
        fetch(backend, server.url)


def test_informational_responses_without_end_are_a_lost_connection(backend: Backend) -> None:
    few = (CONTINUE * MAXIMUM_INFORMATIONAL, *ok(b"this"))
    with ScriptedServer(few, (CONTINUE * (MAXIMUM_INFORMATIONAL + 1), 10.0)) as server:
        driver = backend.driver()
        assert fetch(backend, server.url, driver=driver).content == b"this"
        with pytest.raises(ConnectionLostError, match="more than 100 informational responses and no other"):
            fetch(backend, server.url, driver=driver)


# --- The maximum size of a response ----------------------------------------------------------------------------------

MAXIMUM = 100_000
HALF = bytes(MAXIMUM // 2)
TOO_LARGE: dict[str, ScriptedResponse] = {
    "a length": (head(200, {"Content-Length": str(MAXIMUM + 1)}), 10.0),
    "chunks": (head(200, {"Transfer-Encoding": "chunked"}) + b"%x\r\n%s\r\n" % (len(HALF), HALF) * 3, 10.0),
    "no length": (head(200, {}) + HALF * 3, 10.0),
    "a coding": ok(gzip.compress(HALF * 3), headers={"Content-Encoding": "gzip"}),
}


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body without end, of a transport."""

    def __iter__(self) -> Iterator[bytes]:
        return repeat(HALF)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return EndlessChunks()


class EndlessChunks(AsyncIterator[bytes]):
    """The chunks of the same body; no async generator, because trio warns about one that is not run to its end."""

    async def __anext__(self) -> bytes:
        return HALF


@pytest.fixture
def maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit the size of a response to a hundred kilobytes: more would make the tests slow."""
    monkeypatch.setattr(http11, "MAXIMUM_SIZE", MAXIMUM)


@pytest.mark.parametrize("name", TOO_LARGE)
@pytest.mark.usefixtures("maximum")
def test_a_response_that_is_too_large_is_an_error_before_its_end(backend: Backend, name: str) -> None:
    with (
        ScriptedServer(TOO_LARGE[name]) as server,
        pytest.raises(ResponseTooLargeError, match="larger than 64 MiB, and"),
    ):
        fetch(backend, server.url)


@pytest.mark.usefixtures("maximum")
def test_a_response_of_a_transport_that_is_too_large_is_an_error_before_its_end(backend: Backend) -> None:
    driver = backend.driver(httpx.MockTransport(lambda _: httpx.Response(200, stream=Endless())))
    with pytest.raises(ResponseTooLargeError, match="larger than 64 MiB, and so"):
        fetch(backend, "http://rekognition.test/", driver=driver)


@pytest.mark.usefixtures("maximum")
def test_a_coded_response_of_a_transport_that_is_too_large_is_an_error(backend: Backend) -> None:
    with ScriptedServer(TOO_LARGE["a coding"]) as server:
        driver = backend.driver(backend.choose(httpx.HTTPTransport, httpx.AsyncHTTPTransport)())  # type: ignore[arg-type]  # one of them fits
        with pytest.raises(ResponseTooLargeError, match="larger than 64 MiB, and so"):
            fetch(backend, server.url, driver=driver)


@pytest.mark.parametrize("response", [chunked(HALF, HALF), ok(HALF * 2)], ids=["chunks", "length"])
@pytest.mark.usefixtures("maximum")
def test_a_response_may_have_the_maximum_size(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server:
        assert len(fetch(backend, server.url).content) == MAXIMUM


def test_a_response_that_is_too_large_is_not_requested_again(backend: Backend) -> None:
    with ScriptedServer((head(200, {"Content-Length": str(10**9)}), 10.0)) as server:
        client = backend.client(endpoint_url=server.url)
        with pytest.raises(ResponseTooLargeError) as caught:
            backend.run(client.list_collections)
        assert (caught.value.attempts, len(server.requests)) == (1, 1)


def test_a_large_response_is_received_completely(backend: Backend) -> None:
    with ScriptedServer(ok(LARGE), ok(b"next")) as server:
        driver = backend.driver()
        assert fetch(backend, server.url, driver=driver).content == LARGE
        assert fetch(backend, server.url, driver=driver).content == b"next"
        assert server.connections == 1


def test_the_response_to_head_has_no_body(backend: Backend) -> None:
    bodiless: ScriptedResponse = (head(200, {"Content-Length": str(len(LARGE))}),)
    with ScriptedServer(bodiless, ok(b"next")) as server:
        driver = backend.driver()
        response = backend.run(lambda: driver.run(send(request(server.url, method="HEAD"))))
        assert (response.headers["content-length"], response.content) == (str(len(LARGE)), b"")
        assert fetch(backend, server.url, driver=driver).content == b"next"
        assert (server.requests[0].method, server.connections) == ("HEAD", 1)


def test_an_ipv6_address_is_a_host(backend: Backend) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        server = ScriptedServer(ok(b"six"), host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback address")
    with server:
        assert server.url.startswith("http://[::1]:")
        assert fetch(backend, server.url).content == b"six"


# --- A connection that was closed while it was idle --------------------------------------------------------------

LOST: list[ScriptedResponse] = [(End.CLOSE,), reset()]


@pytest.mark.parametrize("response", LOST, ids=["close", "reset"])
def test_a_used_connection_that_ends_without_a_byte_was_stale(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(ok(b"first"), response, ok(b"second")) as server:
        driver = backend.driver()
        fetch(backend, server.url, driver=driver)
        with pytest.raises(StaleConnectionError, match="kept from an earlier call, broke: the server may have"):
            fetch(backend, server.url, driver=driver)
        assert fetch(backend, server.url, driver=driver).content == b"second"
        assert [received.connection for received in server.requests] == [0, 0, 1]


@pytest.mark.parametrize("response", LOST, ids=["close", "reset"])
def test_a_fresh_connection_that_ends_without_a_byte_is_lost(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server:
        with pytest.raises(ConnectionLostError) as caught:
            fetch(backend, server.url)
        assert type(caught.value) is ConnectionLostError
        assert len(server.requests) == 1


def test_after_a_stale_connection_those_idle_for_longer_are_closed(backend: Backend) -> None:
    with ScriptedServer((0.2, *ok()), (0.2, *ok()), (End.CLOSE,), ok(b"fresh")) as server:
        driver = backend.driver()
        backend.together(*[lambda: driver.run(outcome(server.url))] * 2)
        assert backend.run(lambda: driver.run(outcome(server.url))) == "StaleConnectionError"
        assert until(lambda: server.live == 0)
        assert fetch(backend, server.url, driver=driver).content == b"fresh"
        assert server.connections == 3


@pytest.mark.parametrize("response", [cut_head(), cut_body(), (b"H", End.CLOSE)], ids=["head", "body", "one byte"])
def test_a_used_connection_that_ends_after_a_byte_was_not_stale(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(ok(b"first"), response) as server:
        driver = backend.driver()
        fetch(backend, server.url, driver=driver)
        with pytest.raises(ConnectionLostError) as caught:
            fetch(backend, server.url, driver=driver)
        assert type(caught.value) is ConnectionLostError
        assert len(server.requests) == 2


def test_a_failed_connection_is_closed(backend: Backend) -> None:
    with ScriptedServer((b"HTTP/1.1 200 OK\r\n", 0.01, b"not HTTP\r\n\r\n")) as server:
        driver = backend.driver()
        assert backend.run(lambda: driver.run(outcome(server.url))) == "ConnectionLostError"
        assert until(lambda: server.live == 0)


class Refused(Endless):
    """A body that is larger than any response, and notices that it is closed."""

    closed = False

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.usefixtures("maximum")
def test_a_response_of_a_transport_is_closed_when_it_is_refused(backend: Backend) -> None:
    body = Refused()
    driver = backend.driver(httpx.MockTransport(lambda _: httpx.Response(200, stream=body)))
    with pytest.raises(ResponseTooLargeError):
        fetch(backend, "http://rekognition.test/", driver=driver)
    assert body.closed
