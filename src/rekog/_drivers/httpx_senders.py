"""Any httpx transport as a driver's sender: our requests and answers in httpx's form, its errors in ours."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import httpx

from .._core.deadline import EARLY, Deadline
from .._core.flow import HttpRequest, HttpResponse
from .._settings.urls import origin
from .._values import errors
from .failures import CUT_SHORT, TEXTS, failure, late
from .pools.http11 import CHUNK, whole_answer
from .pools.idle import IDLE

if TYPE_CHECKING:
    import anyio

FAILURES = (httpx.HTTPError, httpx.InvalidURL)
ERRORS: dict[type[Exception], tuple[type[errors.TransportError], str | None]] = {
    httpx.ConnectTimeout: (errors.ConnectTimeoutError, None),
    httpx.ConnectError: (errors.ConnectError, None),
    httpx.ProxyError: (
        errors.ConnectError,
        "the proxy does not connect to {origin}: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
    ),
    httpx.WriteTimeout: (errors.WriteTimeoutError, None),
    httpx.ReadTimeout: (errors.ReadTimeoutError, None),
    httpx.PoolTimeout: (errors.PoolTimeoutError, None),
    httpx.NetworkError: (errors.ConnectionLostError, None),
    httpx.RemoteProtocolError: (errors.ConnectionLostError, CUT_SHORT),
    httpx.HTTPError: (errors.TransportError, None),
}

parse_url = lru_cache(maxsize=64)(httpx.URL)  # a client has one endpoint, and parsing costs more than all else here


class HttpxSender:
    """Sends over an `httpx.BaseTransport`, without ever suspending."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        _check(transport, "handle_request", "an httpx.BaseTransport")
        self._transport = transport

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        exchange = Exchange(request)
        try:
            response = self._transport.handle_request(exchange.outgoing())
            try:
                read = response.is_stream_consumed
                return exchange.answer(response, None if read else exchange.chunks(response))
            finally:
                response.close()
        except FAILURES as error:
            raise exchange.failure(error) from error

    async def close(self) -> None:
        """Close the transport."""
        self._transport.close()


class HttpxAsyncSender:
    """Sends over an `httpx.AsyncBaseTransport`, under asyncio or trio; with a bound, over so many connections at most.

    httpcore's pool loses a place for each caller that leaves just as it is given a connection it has waited for. So
    callers wait here: then its pool has always one to give.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, max_connections: int | None = None) -> None:
        _check(transport, "handle_async_request", "an httpx.AsyncBaseTransport")
        self._transport = transport
        self._max_connections = max_connections
        self._free: anyio.Semaphore | None = None

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        import anyio  # httpcore's asyncio connections bring it anyway

        exchange = Exchange(request)
        try:
            with anyio.move_on_after(request.timeout.total):
                if self._max_connections is None:
                    return await self._exchanged(exchange)
                self._free = self._free or anyio.Semaphore(self._max_connections)
                with anyio.move_on_after(request.timeout.read) as patience:
                    await self._free.acquire()
                if patience.cancelled_caught:
                    raise failure(errors.PoolTimeoutError, request)
                try:
                    return await self._exchanged(exchange)
                finally:
                    self._free.release()
        except FAILURES as error:
            raise exchange.failure(error) from error
        raise late(request)

    async def _exchanged(self, exchange: Exchange) -> HttpResponse:
        response = await self._transport.handle_async_request(exchange.outgoing())
        try:
            # Within the call of `answer`, CPython 3.13.0 crashes at this comprehension when that raises.
            read = response.is_stream_consumed
            chunks = None if read else [chunk async for chunk in response.aiter_raw()]
            return exchange.answer(response, chunks)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


class LoopsSender:
    """An `HttpxAsyncSender` for each event loop: its connections belong to the loop, and end with it."""

    def __init__(self, open_one: Callable[[], HttpxAsyncSender]) -> None:
        from anyio.lowlevel import RunVar

        self._open = open_one
        self._here: RunVar[tuple[HttpxAsyncSender, AsyncGenerator[None]] | None] = RunVar("rekog-sender", None)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        here = self._here.get()
        if here is None:
            sender = self._open()
            here = sender, self._until_the_end(sender)
            self._here.set(here)
            await anext(here[1])
        return await here[0].send(request)

    async def close(self) -> None:
        """Close the transport of this loop; others end with their loops."""
        if here := self._here.get():
            await here[1].aclose()

    async def _until_the_end(self, sender: HttpxAsyncSender) -> AsyncGenerator[None]:
        # A loop ends the generators that are left over in it, and so its connections.
        try:
            yield
        finally:
            await sender.close()


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
            raise late(self._request)
        # httpcore looks up the read timeout when the head is due and again when the body is.
        self._timeouts["read"] = min(self._timeouts["read"], left)

    def chunks(self, response: httpx.Response) -> list[bytes]:
        """Read a response's raw body, as long as there is time."""
        chunks: list[bytes] = []
        self.check()
        for chunk in response.iter_raw():
            chunks.append(chunk)
            self.check()
        return chunks

    def answer(self, response: httpx.Response, chunks: list[bytes] | None) -> HttpResponse:
        """Return the whole answer, made of the chunks of its raw body; None when the transport has read it already.

        `ConnectionLostError` when it is shorter than announced or does not have its encoding.
        """
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw}
        if chunks is None:
            return HttpResponse(response.status_code, headers, response.content)
        content = b"".join(chunks)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > len(content) and self._request.method != "HEAD":
            text = f"the answer of {{origin}} was cut short: {len(content)} of {length} bytes came"
            raise failure(errors.ConnectionLostError, self._request, text=text)
        return whole_answer(response.status_code, headers, content, self._request)

    def failure(self, cause: Exception) -> errors.RekogError:
        """Return our error for one of httpx's."""
        if isinstance(cause, httpx.InvalidURL):
            return errors.ConfigError(f"the endpoint {origin(self._request.url)} is not a URL ({cause})")
        if isinstance(cause, httpx.UnsupportedProtocol):
            return errors.ConfigError(f"the endpoint {origin(self._request.url)} is neither http:// nor https://")
        kind, text = next(ERRORS[ancestor] for ancestor in type(cause).__mro__ if ancestor in ERRORS)
        if isinstance(cause, httpx.TimeoutException) and self._deadline.left() <= EARLY:
            return late(self._request, kind)
        return failure(kind, self._request, _reason(cause), text or TEXTS[kind])


def _check(transport: object, method: str, kind: str) -> None:
    if not callable(getattr(transport, method, None)):
        raise errors.ConfigError(f"transport must be {kind}, not {type(transport)}")


def open_httpx(
    tls: ssl.SSLContext | None, proxy: str | None, max_connections: int, *, threads: bool
) -> HttpxSender | LoopsSender:
    """Open one of httpx's own transports."""
    limits = httpx.Limits(
        max_connections=max_connections, max_keepalive_connections=max_connections, keepalive_expiry=IDLE
    )
    # Without TLS the context is never used, and reading certificates takes 50 ms; this one trusts nobody.
    verify = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    through = _proxy(proxy)
    if threads:
        return HttpxSender(httpx.HTTPTransport(verify=verify, limits=limits, proxy=through))
    return LoopsSender(
        lambda: HttpxAsyncSender(httpx.AsyncHTTPTransport(verify=verify, limits=limits, proxy=through), max_connections)
    )


def _proxy(url: str | None) -> httpx.Proxy | None:
    if url is not None and url.startswith("socks") and find_spec("socksio") is None:
        raise errors.ConfigError("the environment's proxy is a socks one, which needs the package socksio: install it")
    try:
        return None if url is None else httpx.Proxy(url)
    except (ValueError, httpx.InvalidURL):
        # The cause is not chained, and the value not shown: it may hold a password.
        raise errors.ConfigError("the environment's proxy must be an http, https or socks5 URL") from None


def _reason(error: BaseException) -> str:
    """Return the text of the error, or of the nearest of its causes that has one: trio's own errors have none."""
    cause = error.__cause__ or error.__context__
    return str(error) or (_reason(cause) if cause else "")
