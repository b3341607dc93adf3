"""Senders over transports of httpx and httpx2: translate requests, responses and errors between them and rekog."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from contextvars import copy_context
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .._core.deadline import EARLY, Deadline
from .._core.flow import HttpRequest, HttpResponse
from .._settings.urls import origin
from .._values import errors
from .blocking import NoThreadError, call_within
from .families import Family, family_name, family_of, load_family
from .pools.http11 import check_size, make_response
from .pools.idle import IDLE_LIMIT
from .transport_errors import CUT_SHORT, TEXTS, deadline_error, transport_error

if TYPE_CHECKING:
    from ..transports import AsyncTransport, Transport
    from .families import FamilyName

ERRORS: dict[str, tuple[type[errors.TransportError], str | None]] = {
    "ConnectTimeout": (errors.ConnectTimeoutError, None),
    "ConnectError": (errors.ConnectError, None),
    "ProxyError": (
        errors.ConnectError,
        "the proxy did not connect to {origin}: check proxy, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
    ),
    "WriteTimeout": (errors.WriteTimeoutError, None),
    "ReadTimeout": (errors.ReadTimeoutError, None),
    "PoolTimeout": (errors.PoolTimeoutError, None),
    "NetworkError": (errors.ConnectionLostError, None),
    "RemoteProtocolError": (errors.ConnectionLostError, CUT_SHORT),
    "HTTPError": (errors.TransportError, None),
}
"""The errors of both families by name, and the error and text of ours for each."""


GRACE = 0.1  # seconds that a transport has to raise a timeout itself, whose error names the unfinished step


class HttpxSender:
    """Sends over a `rekog.Transport`, and never suspends.

    The transport is closed once no call uses it: a socket that one thread closes does not wake up another thread that
    waits for it, and its number may already be that of another socket.
    """

    def __init__(self, transport: Transport) -> None:
        _check(transport, "handle_request", "a rekog.Transport, such as httpx.HTTPTransport()")
        self._transport = transport
        self._family = family_of(transport)
        self._calls: dict[Exchange, None] = {}  # adding to it and removing from it are atomic
        self._closed = False

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        exchange = Exchange(request, self._family)
        self._calls[exchange] = None
        try:
            return self._send(request, exchange)
        finally:
            self._calls.pop(exchange, None)
            if self._closed:
                self._close_unused()

    def _send(self, request: HttpRequest, exchange: Exchange) -> HttpResponse:
        """Return the complete response within the total timeout.

        A transport has no limit for the whole of a request, only for each read. So with a total timeout it works in
        another thread, which ends at the next chunk of the body after the deadline.
        """
        exchange.check_deadline()  # limits the reads of a request without a body too
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
            response = self._transport.handle_request(exchange.family_request())
            check_response(self._transport, response, "iter_raw")
            try:
                content = None if response.is_stream_consumed else exchange.read_body(response)
                return exchange.response(response, content)
            finally:
                response.close()
        except Exception as error:
            if (ours := exchange.error(error)) is None:
                raise
            try:
                raise ours from error
            finally:
                del ours  # the error refers to this frame, which must not refer back

    async def close(self) -> None:
        """Close the transport, now or at the end of the last call that uses it."""
        self._closed = True
        self._close_unused()

    def _close_unused(self) -> None:
        if not self._calls:
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

    The transport is closed once no call uses it: httpcore's pool keeps a connection that was being opened meanwhile.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        _check(transport, "handle_async_request", "a rekog.AsyncTransport, such as httpx.AsyncHTTPTransport()")
        self._transport = transport
        self._family = family_of(transport)
        self._calls = 0
        self._closed = False

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        self._calls += 1
        try:
            return await self._send(request)
        finally:
            self._calls -= 1
            if self._closed:
                import anyio

                with anyio.CancelScope(shield=True):  # also when the call was cancelled
                    await self._close_unused()

    async def _send(self, request: HttpRequest) -> HttpResponse:
        import anyio  # httpcore's asyncio connections bring it anyway

        exchange = Exchange(request, self._family)
        try:
            with anyio.move_on_after(request.timeout.total):
                return await self._exchange(exchange)
        except Exception as error:
            if (ours := exchange.error(error)) is None:
                raise
            try:
                raise ours from error
            finally:
                del ours  # the error refers to this frame, which must not refer back
        raise deadline_error(request)

    async def _exchange(self, exchange: Exchange) -> HttpResponse:
        response = await self._transport.handle_async_request(exchange.family_request())
        check_response(self._transport, response, "aiter_raw")
        try:
            content = None if response.is_stream_consumed else await exchange.aread_body(response)
            return exchange.response(response, content)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the transport, now or at the end of the last call that uses it."""
        self._closed = True
        await self._close_unused()

    async def _close_unused(self) -> None:
        if not self._calls:
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


class Exchange:
    """One request and its response, in the forms of rekog and of a family.

    A family has four timeouts and rekog three for one request: the read timeout also limits a write.
    """

    def __init__(self, request: HttpRequest, family: Family) -> None:
        self._request = request
        self._family = family
        self._deadline = Deadline(request.timeout.total)
        timeout = request.timeout
        pool = timeout.total if timeout.pool is None else timeout.pool
        limits = {"connect": timeout.connect, "read": timeout.read, "write": timeout.read, "pool": pool}
        self._timeouts: dict[str, float | None] = limits
        self._read = timeout.read

    def family_request(self) -> Any:
        """Return the request for a transport; raise the family's `InvalidURL` when its URL is not valid."""
        return self._family.request(self._request, self._timeouts, self.check_deadline)

    def check_deadline(self) -> None:
        """Raise `CallTimeoutError` when no time is left for the request; else limit the next read to the time left."""
        left = self._deadline.left()
        if left <= 0:
            raise deadline_error(self._request)
        # httpcore reads this value before the head of the response and again before its body.
        self._timeouts["read"] = min(self._read, left)

    def read_body(self, response: Any) -> bytes:
        """Return a response's raw body; raise `CallTimeoutError` after the deadline."""
        content = bytearray()
        self.check_deadline()
        for chunk in response.iter_raw():
            self._add(content, chunk)
            self.check_deadline()
        return bytes(content)

    async def aread_body(self, response: Any) -> bytes:
        """Return a response's raw body; the caller limits the time."""
        content = bytearray()
        # Without `aclosing` trio warns about an iterator that is not run to its end.
        async with aclosing(response.aiter_raw()) as chunks:
            async for chunk in chunks:
                self._add(content, chunk)
        return bytes(content)

    def _add(self, content: bytearray, chunk: bytes) -> None:
        content += chunk
        check_size(len(content), self._request)

    def response(self, response: Any, content: bytes | None) -> HttpResponse:
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

    def error(self, cause: Exception) -> errors.RekogError | None:
        """Return our error for an error of a family; None for any other error."""
        names = [kind.__name__ for kind in type(cause).__mro__ if family_name(kind)]
        if "InvalidURL" in names:
            return errors.ConfigError(f"the endpoint {origin(self._request.url)} is not a URL ({cause})")
        if "UnsupportedProtocol" in names:
            return errors.ConfigError(f"the endpoint {origin(self._request.url)} is neither http:// nor https://")
        kind, text = next((ERRORS[name] for name in names if name in ERRORS), (None, None))
        if kind is None:
            return None
        if "TimeoutException" in names and self._deadline.left() <= EARLY:
            return deadline_error(self._request, kind)
        return transport_error(kind, self._request, _reason(cause), text or TEXTS[kind])


def check_response(transport: object, response: object, method: str) -> None:
    """Raise `ConfigError` when a transport returned anything else than a response, such as one of another library."""
    if not callable(getattr(response, method, None)):
        raise errors.ConfigError(
            f"transport must return a response of httpx or httpx2, not {type(response)}"
            f" as {type(transport).__qualname__} does"
        )


def _check(transport: object, method: str, kind: str) -> None:
    if not callable(getattr(transport, method, None)):
        raise errors.ConfigError(f"transport must be {kind}, not {type(transport)}")


def open_httpx(
    family: FamilyName, tls: ssl.SSLContext | None, proxy: str | None, max_connections: int, *, threads: bool
) -> HttpxProcessSender | HttpxLoopSender:
    """Open a default transport of a family."""
    module = load_family(family).module
    limits = module.Limits(
        max_connections=max_connections, max_keepalive_connections=max_connections, keepalive_expiry=IDLE_LIMIT
    )
    # Without TLS the context is never used. This one trusts no certificate; loading the default ones takes 50 ms.
    verify = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    via = None if proxy is None else _proxy(module, proxy)
    if threads:
        return HttpxProcessSender(lambda: HttpxSender(module.HTTPTransport(verify=verify, limits=limits, proxy=via)))
    return HttpxLoopSender(lambda: HttpxAsyncSender(module.AsyncHTTPTransport(verify=verify, limits=limits, proxy=via)))


def _proxy(module: Any, url: str) -> object:
    if url.startswith("socks") and find_spec("socksio") is None:
        raise errors.ConfigError(
            "proxy, or the environment's proxy, is a SOCKS proxy: install the package socksio, which it needs"
        )
    try:
        return module.Proxy(url)
    except (ValueError, module.InvalidURL):
        # Neither the cause nor the value is shown: it may hold a password.
        raise errors.ConfigError("proxy, or the environment's proxy, must be an http, https or socks5 URL") from None


def _reason(error: BaseException) -> str:
    """Return the text of an error, or of its nearest cause that has one: trio's errors have no text."""
    cause = error.__cause__ or error.__context__
    return str(error) or (_reason(cause) if cause else "")
