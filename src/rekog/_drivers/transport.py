"""Between our requests and answers and httpx's: what both drivers share, and the transports they open by default.

A driver imports this with its first request, because httpx takes longer to import than all the rest of a small call.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx

from .._core.deadline import Deadline
from .._core.errors import (
    CallTimeoutError,
    ConfigError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    PoolTimeoutError,
    ReadTimeoutError,
    RekogError,
    TransportError,
    WriteTimeoutError,
)
from .._core.http import HttpRequest, HttpResponse

Kind = TypeVar("Kind", httpx.HTTPTransport, httpx.AsyncHTTPTransport)

CHUNK = 256 * 1024  # bytes: httpcore copies what a partial send has left over, so one large part would be copied often
IDLE = 30.0  # seconds that an unused connection stays open
EARLY = 0.02  # seconds: a timer that was cut to the deadline may go off this much before it

FAILURES = (httpx.HTTPError, httpx.InvalidURL)
ERRORS: dict[type[Exception], tuple[type[RekogError], str]] = {
    httpx.InvalidURL: (ConfigError, "the endpoint {origin} is not a URL"),
    httpx.UnsupportedProtocol: (ConfigError, "the endpoint {origin} is neither http:// nor https://"),
    httpx.ConnectTimeout: (
        ConnectTimeoutError,
        "no connection to {origin} within {timeout.connect:.3g} s: check the endpoint, the network and any proxy",
    ),
    httpx.ConnectError: (ConnectError, "no connection to {origin}: check the endpoint, the network and ca_bundle"),
    httpx.ProxyError: (
        ConnectError,
        "the proxy does not connect to {origin}: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
    ),
    httpx.WriteTimeout: (WriteTimeoutError, "{origin} took nothing of the request for {timeout.read:.3g} s"),
    httpx.ReadTimeout: (
        ReadTimeoutError,
        "{origin} sent nothing for {timeout.read:.3g} s: it may have acted on the request; raise Timeout(read=...)",
    ),
    httpx.PoolTimeout: (
        PoolTimeoutError,
        "no connection to {origin} became free for {timeout.read:.3g} s: raise max_connections or call less at once",
    ),
    httpx.NetworkError: (ConnectionLostError, "the connection to {origin} broke: it may have acted on the request"),
    httpx.RemoteProtocolError: (ConnectionLostError, "the answer of {origin} was cut short or is not HTTP"),
    httpx.DecodingError: (ConnectionLostError, "the answer of {origin} does not have its Content-Encoding"),
    httpx.HTTPError: (TransportError, "the request to {origin} failed"),
}

parse_url = lru_cache(maxsize=64)(httpx.URL)  # a client has one endpoint, and parsing costs more than all else here


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The parts of a request body in chunks of at most `CHUNK`; ends in an error once the deadline is past."""

    def __init__(self, parts: Sequence[bytes], exchange: Exchange) -> None:
        self._parts = parts
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            for start in range(0, len(part), CHUNK):
                self._exchange.check()
                yield part[start : start + CHUNK]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return AsyncChunks(iter(self))


class AsyncChunks(AsyncIterator[bytes]):
    """The same chunks for tasks: no async generator, because trio objects to one that is left before its end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    async def __anext__(self) -> bytes:
        chunk = next(self._chunks, None)
        if chunk is None:
            raise StopAsyncIteration
        return chunk


class Exchange:
    """One request and its answer, as httpx sees them.

    httpx's four timeouts come from our two: a stalled write, and the wait for a free connection, count as reading.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._deadline = Deadline(request.timeout.total)
        connect, read = request.timeout.connect, request.timeout.read
        self._timeouts: dict[str, float] = {"connect": connect, "read": read, "write": read, "pool": read}

    def outgoing(self) -> httpx.Request:
        """Return the request for a transport; `InvalidURL` when its URL is none."""
        return httpx.Request(
            self._request.method,
            parse_url(self._request.url),
            headers=self._request.headers,
            stream=Body(self._request.content, self),
            extensions={"timeout": self._timeouts},
        )

    def check(self) -> None:
        """Raise `CallTimeoutError` when the request's total timeout has run out; else no read may outlast it."""
        left = self._deadline.left()
        if left <= 0:
            raise self.late()
        # httpcore looks up the read timeout when the head is due and again when the body is.
        self._timeouts["read"] = min(self._timeouts["read"], left)

    def answer(self, response: httpx.Response, chunks: list[bytes] | None) -> HttpResponse:
        """Return the whole answer, made of the chunks of its raw body; None when the transport has read it already.

        `ConnectionLostError` when it is shorter than announced, `DecodingError` when it does not have its encoding.
        """
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw}
        if chunks is None:
            return HttpResponse(response.status_code, headers, response.content)
        content = b"".join(chunks)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > len(content):
            text = f"the answer of {self._origin()} was cut short: {len(content)} of {length} bytes came"
            raise ConnectionLostError(text)
        if "content-encoding" in headers:
            content = httpx.Response(response.status_code, headers=response.headers, content=content).content
        return HttpResponse(response.status_code, headers, content)

    def failure(self, cause: Exception) -> RekogError:
        """Return our error for one of httpx's."""
        if isinstance(cause, httpx.TimeoutException) and self._deadline.left() <= EARLY:
            return self.late()
        kind, text = next(ERRORS[ancestor] for ancestor in type(cause).__mro__ if ancestor in ERRORS)
        text = text.format(origin=self._origin(), timeout=self._request.timeout)
        reason = _reason(cause)
        return kind(f"{text} ({reason})" if reason else text)

    def late(self) -> CallTimeoutError:
        """Return the error for an answer that did not come in the time that the call had left."""
        left = f"{self._request.timeout.total:.3g} s that were left of the call's total timeout"
        return CallTimeoutError(f"no whole answer from {self._origin()} within the {left}; raise Timeout(total=...)")

    def _origin(self) -> str:
        """Return the URL as far as its host: a path or query of a signed URL may hold what no message should."""
        scheme, separator, rest = self._request.url.partition("://")
        return scheme + separator + re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]


def _reason(error: BaseException) -> str:
    """Return the text of the error, or of the nearest of its causes that has one: trio's own errors have none."""
    cause = error.__cause__ or error.__context__
    return str(error) or (_reason(cause) if cause else "")


def open_transport(kind: type[Kind], url: str, max_connections: int, ca_bundle: str | None) -> Kind:
    """Open the transport of a client that was given none, for the endpoint to which its first request goes."""
    endpoint = parse_url(url)
    limits = httpx.Limits(
        max_connections=max_connections, max_keepalive_connections=max_connections, keepalive_expiry=IDLE
    )
    return kind(verify=_tls(endpoint, ca_bundle), limits=limits, proxy=_proxy(endpoint))


def _tls(endpoint: httpx.URL, ca_bundle: str | None) -> ssl.SSLContext:
    if endpoint.scheme != "https":
        # Never used, and reading certificates takes 50 ms; it trusts nobody, should it be used after all.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_bundle is None:
        return httpx.create_ssl_context()
    try:
        if Path(ca_bundle).is_dir():
            return ssl.create_default_context(capath=ca_bundle)
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        text = f"ca_bundle must be a file of PEM certificates or a directory of hashed ones: {ca_bundle!r} ({error})"
        raise ConfigError(text) from error


def _proxy(endpoint: httpx.URL) -> httpx.Proxy | None:
    proxies = getproxies()
    proxy = proxies.get(endpoint.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(endpoint.netloc.decode("ascii")):
        return None
    try:
        return httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}")
    except (ValueError, httpx.InvalidURL):
        # The cause is not chained, and the value not shown: it may hold a password.
        text = f"the environment's proxy for {endpoint.scheme}:// must be an http, https or socks5 URL"
        raise ConfigError(text) from None
