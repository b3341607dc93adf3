"""Senders over httpx transports: translate our requests to httpx, and its responses and errors to ours."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from contextvars import copy_context
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import httpx

from .._core.deadline import EARLY, Deadline
from .._core.flow import HttpRequest, HttpResponse
from .._settings.urls import origin
from .._values import errors
from .blocking import NoThreadError, call_within
from .pools.http11 import CHUNK_SIZE, check_size, make_response
from .pools.idle import IDLE_LIMIT
from .transport_errors import CUT_SHORT, TEXTS, deadline_error, transport_error

if TYPE_CHECKING:
    from ..transports import AsyncTransport, Transport

HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL)
ERRORS: dict[type[Exception], tuple[type[errors.TransportError], str | None]] = {
    httpx.ConnectTimeout: (errors.ConnectTimeoutError, None),
    httpx.ConnectError: (errors.ConnectError, None),
    httpx.ProxyError: (
        errors.ConnectError,
        "the proxy did not connect to {origin}: check proxy, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
    ),
    httpx.WriteTimeout: (errors.WriteTimeoutError, None),
    httpx.ReadTimeout: (errors.ReadTimeoutError, None),
    httpx.PoolTimeout: (errors.PoolTimeoutError, None),
    httpx.NetworkError: (errors.ConnectionLostError, None),
    httpx.RemoteProtocolError: (errors.ConnectionLostError, CUT_SHORT),
    httpx.HTTPError: (errors.TransportError, None),
}

parse_url = lru_cache(maxsize=64)(httpx.URL)  # a client has one endpoint, and parsing its URL is the slowest step here


GRACE = 0.1  # seconds that a transport has to raise a timeout itself, whose error names the unfinished step


class HttpxSender:
    """Sends over a `rekog.Transport`, and never suspends."""

    def __init__(self, transport: Transport) -> None:
        _check(transport, "handle_request", "a rekog.Transport, such as httpx.HTTPTransport()")
        self._transport = transport

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`.

        A transport has no limit for the whole of a request, only for each read. So with a total timeout it works in
        another thread, which ends at the next chunk of the body after the deadline.
        """
        exchange = Exchange(request)
        if request.timeout.total is None:
            return self._exchange(exchange)
        context = copy_context()  # tracing has the present span in it
        try:
            return call_within(request.timeout.total + GRACE, lambda: context.run(self._exchange, exchange))
        except NoThreadError as error:
            text = "the request to {origin} was not sent"
            raise transport_error(errors.ConnectError, request, error, text) from error
        except TimeoutError as error:
            if isinstance(error, errors.RekogError):
                raise
            raise deadline_error(request) from None

    def _exchange(self, exchange: Exchange) -> HttpResponse:
        try:
            response = self._transport.handle_request(exchange.httpx_request())
            try:
                content = None if response.is_stream_consumed else exchange.read_body(response)
                return exchange.response(response, content)
            finally:
                response.close()
        except HTTPX_ERRORS as error:
            raise exchange.error(error) from error

    async def close(self) -> None:
        """Close the transport."""
        self._transport.close()


class HttpxProcessSender:
    """Sends over an `HttpxSender` of each process: a forked child must not use the connections of its parent."""

    def __init__(self, open_sender: Callable[[], HttpxSender]) -> None:
        self._open = open_sender
        self._senders: dict[int, HttpxSender] = {}

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        process = os.getpid()
        sender = self._senders.get(process)
        if sender is None:  # another thread may add one at the same time
            sender = self._senders.setdefault(process, self._open())
        return await sender.send(request)

    async def close(self) -> None:
        """Close the transport of this process."""
        if sender := self._senders.get(os.getpid()):
            await sender.close()


class HttpxAsyncSender:
    """Sends over a `rekog.AsyncTransport`, under asyncio or trio.

    httpcore's pool loses a connection when a caller is cancelled at the moment it gets the one it waited for. The slots
    of the driver (`_drivers/slots.py`) avoid that: with a slot, the default transport always has a free connection.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        _check(transport, "handle_async_request", "a rekog.AsyncTransport, such as httpx.AsyncHTTPTransport()")
        self._transport = transport

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        import anyio  # httpcore's asyncio connections bring it anyway

        exchange = Exchange(request)
        try:
            with anyio.move_on_after(request.timeout.total):
                return await self._exchange(exchange)
        except HTTPX_ERRORS as error:
            raise exchange.error(error) from error
        raise deadline_error(request)

    async def _exchange(self, exchange: Exchange) -> HttpResponse:
        response = await self._transport.handle_async_request(exchange.httpx_request())
        try:
            content = None if response.is_stream_consumed else await exchange.aread_body(response)
            return exchange.response(response, content)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


class HttpxLoopSender:
    """Sends over an `HttpxAsyncSender` of each event loop, whose connections are closed at the end of the loop."""

    def __init__(self, open_sender: Callable[[], HttpxAsyncSender]) -> None:
        from anyio.lowlevel import RunVar

        self._open = open_sender
        self._current: RunVar[tuple[HttpxAsyncSender, AsyncGenerator[None]] | None] = RunVar("rekog-sender", None)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        current = self._current.get()
        if current is None:
            sender = self._open()
            current = sender, self._close_at_end(sender)
            self._current.set(current)
            await anext(current[1])
        return await current[0].send(request)

    async def close(self) -> None:
        """Close the transport of this loop; each other one is closed at the end of its loop."""
        if current := self._current.get():
            await current[1].aclose()

    async def _close_at_end(self, sender: HttpxAsyncSender) -> AsyncGenerator[None]:
        # At its end an event loop closes the async generators that are still open in it, and so the connections.
        try:
            yield
        finally:
            await sender.close()


class RequestBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The parts of a request body in chunks of at most `CHUNK_SIZE`; raises `CallTimeoutError` after the deadline."""

    def __init__(self, parts: Sequence[bytes], exchange: Exchange) -> None:
        self._parts = parts
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            for start in range(0, len(part), CHUNK_SIZE):
                self._exchange.check_deadline()
                yield part[start : start + CHUNK_SIZE]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return AsyncChunks(iter(self))


class AsyncChunks(AsyncIterator[bytes]):
    """The same chunks for tasks; no async generator, because trio warns about one that is not run to its end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    async def __anext__(self) -> bytes:
        chunk = next(self._chunks, None)
        if chunk is None:
            raise StopAsyncIteration
        return chunk


class Exchange:
    """One request and its response, in the forms of rekog and of httpx.

    httpx has four timeouts and rekog three for one request: the read timeout also limits a write.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._deadline = Deadline(request.timeout.total)
        timeout = request.timeout
        pool = timeout.total if timeout.pool is None else timeout.pool
        limits = {"connect": timeout.connect, "read": timeout.read, "write": timeout.read, "pool": pool}
        self._timeouts: dict[str, float | None] = limits
        self._read = timeout.read

    def httpx_request(self) -> httpx.Request:
        """Return the request for a transport; raise `InvalidURL` when its URL is not valid."""
        return httpx.Request(
            self._request.method,
            parse_url(self._request.url),
            headers=self._request.headers,
            stream=RequestBody(self._request.content, self),
            extensions={"timeout": self._timeouts},
        )

    def check_deadline(self) -> None:
        """Raise `CallTimeoutError` when no time is left for the request; else limit the next read to the time left."""
        left = self._deadline.left()
        if left <= 0:
            raise deadline_error(self._request)
        # httpcore reads this value before the head of the response and again before its body.
        self._timeouts["read"] = min(self._read, left)

    def read_body(self, response: httpx.Response) -> bytes:
        """Return a response's raw body; raise `CallTimeoutError` after the deadline."""
        content = bytearray()
        self.check_deadline()
        for chunk in response.iter_raw():
            self._add(content, chunk)
            self.check_deadline()
        return bytes(content)

    async def aread_body(self, response: httpx.Response) -> bytes:
        """Return a response's raw body; the caller limits the time."""
        content = bytearray()
        # cast: its declared type has no `aclose`. Without it trio warns about an iterator that is not run to its end.
        async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as chunks:
            async for chunk in chunks:
                self._add(content, chunk)
        return bytes(content)

    def _add(self, content: bytearray, chunk: bytes) -> None:
        content += chunk
        check_size(len(content), self._request)

    def response(self, response: httpx.Response, content: bytes | None) -> HttpResponse:
        """Return the response, made of its raw body, or as it is when the transport has read the body.

        Raise `ConnectionLostError` when the body is shorter than its Content-Length or has a wrong Content-Encoding.
        """
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw}
        if content is None:
            return HttpResponse(response.status_code, headers, response.content)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > len(content) and self._request.method != "HEAD":
            text = f"the response of {{origin}} was cut short: {len(content)} of {length} bytes arrived"
            raise transport_error(errors.ConnectionLostError, self._request, text=text)
        return make_response(response.status_code, headers, content, self._request)

    def error(self, cause: Exception) -> errors.RekogError:
        """Return the error of rekog for an error of httpx."""
        if isinstance(cause, httpx.InvalidURL):
            return errors.ConfigError(f"the endpoint {origin(self._request.url)} is not a URL ({cause})")
        if isinstance(cause, httpx.UnsupportedProtocol):
            return errors.ConfigError(f"the endpoint {origin(self._request.url)} is neither http:// nor https://")
        kind, text = next(ERRORS[ancestor] for ancestor in type(cause).__mro__ if ancestor in ERRORS)
        if isinstance(cause, httpx.TimeoutException) and self._deadline.left() <= EARLY:
            return deadline_error(self._request, kind)
        return transport_error(kind, self._request, _reason(cause), text or TEXTS[kind])


def _check(transport: object, method: str, kind: str) -> None:
    if not callable(getattr(transport, method, None)):
        raise errors.ConfigError(f"transport must be {kind}, not {type(transport)}")


def open_httpx(
    tls: ssl.SSLContext | None, proxy: str | None, max_connections: int, *, threads: bool
) -> HttpxProcessSender | HttpxLoopSender:
    """Open a default transport of httpx."""
    limits = httpx.Limits(
        max_connections=max_connections, max_keepalive_connections=max_connections, keepalive_expiry=IDLE_LIMIT
    )
    # Without TLS the context is never used. This one trusts no certificate; loading the default ones takes 50 ms.
    verify = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    via = _proxy(proxy)
    if threads:
        return HttpxProcessSender(lambda: HttpxSender(httpx.HTTPTransport(verify=verify, limits=limits, proxy=via)))
    return HttpxLoopSender(lambda: HttpxAsyncSender(httpx.AsyncHTTPTransport(verify=verify, limits=limits, proxy=via)))


def _proxy(url: str | None) -> httpx.Proxy | None:
    if url is not None and url.startswith("socks") and find_spec("socksio") is None:
        raise errors.ConfigError(
            "proxy, or the environment's proxy, is a SOCKS proxy: install the package socksio, which it needs"
        )
    try:
        return None if url is None else httpx.Proxy(url)
    except (ValueError, httpx.InvalidURL):
        # Neither the cause nor the value is shown: it may hold a password.
        raise errors.ConfigError("proxy, or the environment's proxy, must be an http, https or socks5 URL") from None


def _reason(error: BaseException) -> str:
    """Return the text of an error, or of its nearest cause that has one: trio's errors have no text."""
    cause = error.__cause__ or error.__context__
    return str(error) or (_reason(cause) if cause else "")
