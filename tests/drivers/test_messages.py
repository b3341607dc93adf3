"""The complete texts of the errors of drivers: a change of a word or of a figure shows here."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx

from rekog._core.deadline import Deadline
from rekog._core.flow import HttpRequest
from rekog._drivers import httpx_senders, transport_errors
from rekog._drivers.blocking import NoThreadError, run_inline
from rekog._drivers.families import load_family
from rekog._drivers.pools import codings, http11
from rekog._drivers.pools.http11 import Http11, make_response
from rekog._drivers.senders import tls_context
from rekog.config import Timeout
from tests.drivers.calls import request
from tests.kit.servers import head
from tests.settings.test_messages import raised_by

if TYPE_CHECKING:
    import pytest

URL = "https://host.test/path?token=hunter2"
LIMITS = Timeout(1.25, connect=2.25, read=3.25, pool=4.25)
SENT = HttpRequest(URL, (), (b"{}",), LIMITS)
CONNECTING = "no connection to https://host.test within 2.25 s: check the endpoint, the network and any proxy"
REFUSED = "no connection to https://host.test: check the endpoint, the network, any proxy, and verify or ca_bundle"
BUSY = (
    "all connections to https://host.test were busy for 4.25 s: increase max_connections or Timeout(pool=...), or make"
    " fewer calls at once"
)
SILENT = "https://host.test sent nothing for 3.25 s: it may have processed the request; increase Timeout(read=...)"
BROKEN = "the connection to https://host.test broke: the server may have processed the request"
CUT = "the response of https://host.test was cut short or is not HTTP"
ALL = "within the 1.25 s that were left of the call's total timeout; increase Timeout(total=...)"


def text_of(function: Callable[[], object]) -> str:
    """Return the class and the text of the error that a function raises or returns."""
    try:
        result = function()
    except Exception as error:
        result = error
    return f"{type(result).__name__}: {result}"


def translated(error: Exception, timeout: Timeout = LIMITS) -> Exception | None:
    """Return our error for one of httpx."""
    sent = HttpRequest(URL, (), (b"{}",), timeout)
    return httpx_senders.Exchange(sent, load_family("httpx")).error(error)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def responding(response: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: response)


def sent_over(transport: Any, timeout: Timeout = LIMITS) -> object:
    sender = httpx_senders.HttpxSender(transport)
    return run_inline(sender.send(HttpRequest(URL, (), (b"{}",), timeout)))


def received(*pieces: bytes) -> object:
    parser = Http11()
    parser.begin(request("https://host.test/", b"{}"))
    return [parser.receive(piece) for piece in pieces]


def test_the_text_for_each_error_of_httpx_is_complete() -> None:
    texts = {
        "ConnectTimeout": f"ConnectTimeoutError: {CONNECTING} (why)",
        "ConnectError": f"ConnectError: {REFUSED} (why)",
        "ProxyError": (
            "ConnectError: the proxy did not connect to https://host.test: check proxy, or HTTPS_PROXY, HTTP_PROXY and"
            " NO_PROXY (why)"
        ),
        "WriteTimeout": "WriteTimeoutError: https://host.test accepted no bytes of the request for 3.25 s (why)",
        "ReadTimeout": f"ReadTimeoutError: {SILENT} (why)",
        "PoolTimeout": f"PoolTimeoutError: {BUSY} (why)",
        "NetworkError": f"ConnectionLostError: {BROKEN} (why)",
        "ReadError": f"ConnectionLostError: {BROKEN} (why)",
        "RemoteProtocolError": f"ConnectionLostError: {CUT} (why)",
        "TooManyRedirects": "TransportError: the request to https://host.test failed (why)",
        "InvalidURL": "ConfigError: the endpoint https://host.test is not a URL (why)",
        "UnsupportedProtocol": "ConfigError: the endpoint https://host.test is neither http:// nor https://",
    }
    assert {name: text_of(lambda name=name: translated(getattr(httpx, name)("why"))) for name in texts} == texts  # type: ignore[misc]  # of a loop
    assert translated(ValueError("why")) is None


def test_an_error_without_a_text_has_that_of_its_nearest_cause() -> None:
    def nested() -> Exception:
        return caused(caused(httpx.ReadError(""), OSError()), OSError("why"))

    assert text_of(lambda: translated(httpx.ReadError(""))) == f"ConnectionLostError: {BROKEN}"
    assert text_of(lambda: translated(caused(httpx.ReadError(""), OSError("why")))).endswith(f"{BROKEN} (why)")
    assert text_of(lambda: translated(nested())).endswith(f"{BROKEN} (why)")
    deep = caused(httpx.ReadError(""), caused(OSError(), ValueError("why")))
    assert text_of(lambda: translated(deep)).endswith(f"{BROKEN} (why)")


def test_the_text_of_a_timeout_at_the_deadline_names_the_step() -> None:
    over = Timeout(1e-9, connect=2.25, read=3.25, pool=4.25)
    texts = {
        "ConnectTimeout": "CallTimeoutError: no connection to https://host.test within the 1e-09 s",
        "PoolTimeout": "CallTimeoutError: all connections to https://host.test were busy, and nothing was sent, within",
        "ReadTimeout": "CallTimeoutError: no complete response from https://host.test within the 1e-09 s",
        "WriteTimeout": "CallTimeoutError: no complete response from https://host.test within the 1e-09 s",
        "ReadError": f"ConnectionLostError: {BROKEN}",
        "ConnectError": f"ConnectError: {REFUSED}",
    }
    for name, text in texts.items():
        assert text_of(lambda name=name: translated(getattr(httpx, name)(""), over)).startswith(text)  # type: ignore[misc]  # of a loop
    assert str(transport_errors.deadline_error(SENT)) == f"no complete response from https://host.test {ALL}"


def test_the_texts_for_other_transports_are_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    class Strange(httpx.BaseTransport):
        """A transport of another library."""

        def handle_request(self, request: httpx.Request) -> Any:
            return 5

    short = responding(httpx.Response(200, headers={"Content-Length": "9"}, stream=httpx.ByteStream(b"12345")))
    monkeypatch.setattr(httpx_senders, "find_spec", dict[str, None]().get)
    thread = raised_by(NoThreadError, "no room")
    texts = [
        text_of(lambda: httpx_senders.HttpxSender(5)),  # type: ignore[arg-type]  # the wrong type is the test
        text_of(lambda: httpx_senders.HttpxAsyncSender(Strange())),  # type: ignore[arg-type]  # as above
        text_of(lambda: sent_over(Strange(), Timeout())),
        text_of(lambda: sent_over(short, Timeout())),
        text_of(lambda: httpx_senders.open_httpx("httpx", None, "socks5://me:hunter2@a", 1, threads=True)),
        text_of(lambda: httpx_senders.open_httpx("httpx", None, "ftp://me:hunter2@a", 1, threads=True)),
    ]
    monkeypatch.setattr(httpx_senders, "call_within", thread)
    texts.append(text_of(lambda: sent_over(short)))
    assert texts == [
        "ConfigError: transport must be a rekog.Transport, such as httpx.HTTPTransport(), not <class 'int'>",
        f"ConfigError: transport must be a rekog.AsyncTransport, such as httpx.AsyncHTTPTransport(), not {Strange}",
        f"ConfigError: transport must return a response of httpx or httpx2, not {int} as {Strange.__qualname__} does",
        "ConnectionLostError: the response of https://host.test was cut short: 5 of 9 bytes arrived",
        "ConfigError: proxy, or the environment's proxy, is a SOCKS proxy: install the package socksio, which it needs",
        "ConfigError: proxy, or the environment's proxy, must be an http, https or socks5 URL",
        "ConnectError: the request to https://host.test was not sent (no room)",
    ]


def test_the_texts_for_malformed_responses_are_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    large = (
        "ResponseTooLargeError: the response of https://host.test is larger than 64 MiB, and so than any response of"
        " the service: check the endpoint and any proxy; the server may have processed the request"
    )
    coding = "the content of the response of https://host.test does not match its Content-Encoding"
    coded = {"Content-Encoding": "gzip"}
    early = "peer closed connection without sending complete message body"
    many = "https://host.test sent more than 100 informational responses and no other"
    no_response = "https://host.test closed the connection without a response: it may have processed the request"
    waiting = b"HTTP/1.1 100 Continue\r\n\r\n"
    texts = [
        text_of(lambda: received(b"")),
        text_of(lambda: received(waiting * 101)),
        text_of(lambda: received(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", b"")),
        text_of(lambda: make_response(200, {"content-encoding": "gzip"}, gzip.compress(b"{}")[:-1], SENT)),
        text_of(lambda: received(head(200, coded | {"Content-Length": "2"}) + b"{}")),
        text_of(lambda: received(head(200, coded | {"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n0\r\n\r\n")),
        text_of(lambda: received(head(200, {"Content-Length": str(64 * 1024 * 1024 + 1)}))),
    ]
    monkeypatch.setattr(http11, "MAXIMUM_SIZE", 1)
    texts.append(text_of(lambda: make_response(200, {"content-encoding": "gzip"}, gzip.compress(b"{}"), SENT)))
    texts.append(text_of(lambda: codings.decode(",,,,,", b"{}", 9)))
    assert texts == [
        f"ConnectionLostError: {no_response}",
        f"ConnectionLostError: {many}",
        f"ConnectionLostError: {CUT} ({early} (received 2 bytes, expected 3))",
        f"ConnectionLostError: {coding} (the end is missing)",
        f"ConnectionLostError: {coding} (Error -3 while decompressing data: incorrect header check)",
        f"ConnectionLostError: {coding} (Error -3 while decompressing data: incorrect header check)",
        large,
        large,
        "ValueError: 6 codings are more than 5",
    ]


def test_the_texts_for_certificates_are_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "must be a file of PEM certificates or a directory of hashed ones"
    texts = [text_of(lambda: tls_context("/nowhere/ca.pem"))]
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for name in ("SSL_CERT_DIR", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/nowhere/ca.pem")
        texts.append(text_of(lambda: tls_context(True)))
    assert texts == [
        f"ConfigError: {source} {rule}: '/nowhere/ca.pem' ([Errno 2] No such file or directory)"
        for source in (
            "verify, or ca_bundle from AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or the profile,",
            "SSL_CERT_DIR",
            "SSL_CERT_FILE",
        )
    ]


def test_a_default_transport_of_httpx_gets_the_settings_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, Any]] = []

    def transport(**given: Any) -> httpx.MockTransport:
        calls.append(given)
        return responding(httpx.Response(200))

    monkeypatch.setattr(httpx, "HTTPTransport", transport)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    sender: Any = httpx_senders.open_httpx("httpx", tls, "http://me:pass@proxy.test:3128", 7, threads=True)
    sender._open()
    other: Any = httpx_senders.open_httpx("httpx", None, None, 8, threads=True)
    other._open()

    given, defaults = calls
    assert given["limits"] == httpx.Limits(max_connections=7, max_keepalive_connections=7, keepalive_expiry=30)
    assert given["verify"] is tls
    assert (given["proxy"].url, given["proxy"].auth) == (httpx.URL("http://proxy.test:3128"), ("me", "pass"))
    assert defaults["limits"].max_connections == 8
    assert defaults["proxy"] is None
    assert defaults["verify"].verify_mode is ssl.CERT_REQUIRED
    assert defaults["verify"].get_ca_certs() == []


def test_the_status_and_the_headers_of_a_response_are_those_of_the_transport() -> None:
    headers = [(b"X-Team", "Müller".encode("latin-1")), (b"CONTENT-LENGTH", b"2")]
    transport = responding(httpx.Response(418, headers=headers, stream=httpx.ByteStream(b"{}")))
    response: Any = sent_over(transport, Timeout())

    assert (response.status, response.content) == (418, b"{}")
    assert response.headers == {"x-team": "Müller", "content-length": "2"}


def test_the_time_of_a_request_limits_each_read_of_it() -> None:
    now = SimpleNamespace(value=0.0)
    exchange: Any = httpx_senders.Exchange(request(URL, timeout=Timeout(10, connect=1, read=6)), load_family("httpx"))
    exchange._deadline = Deadline(10, lambda: now.value)
    reads: list[dict[str, float]] = []
    for now.value in (0.0, 4.0, 9.5):
        exchange.check_deadline()
        reads.append(exchange.family_request().extensions["timeout"])
    assert [read["read"] for read in reads] == [0.5, 0.5, 0.5]  # one dict, which httpcore reads at each step
    assert reads[0] == {"connect": 1, "read": 0.5, "write": 6, "pool": 10}
    now.value = 10.0
    assert text_of(exchange.check_deadline).startswith("CallTimeoutError: no complete response from https://host.test")
