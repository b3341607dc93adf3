"""A transport of httpx and httpx2, sync and async, that passes requests to an emulator in this process."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeAlias, cast, overload

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from ..._values.lazy import LazyModule
from ..._values.public import publish
from ..emulator import Emulator  # noqa: TC001 (for tools that evaluate annotations)
from ..front.app import App  # noqa: TC001 (as above)
from ..front.exchange import Reply, Request

if TYPE_CHECKING:
    import httpx
    import httpx2

    AnyRequest: TypeAlias = httpx.Request | httpx2.Request
    AnyResponse: TypeAlias = httpx.Response | httpx2.Response

    class _Transport(httpx.BaseTransport, httpx.AsyncBaseTransport, httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        """For type checkers: a transport of both libraries. At run time neither has to be imported for it."""

        handle_request: Any
        handle_async_request: Any

else:
    _Transport = object
    # for tools that evaluate annotations
    httpx, httpx2 = LazyModule("httpx"), LazyModule("httpx2")

MAXIMUM_THREADS = 40  # of an event loop: anyio's figure for all functions of a program


class EmulatorTransport(_Transport):
    """Passes requests for any host to an emulator. Closing the transport leaves the emulator open, by default.

    Any number of clients, threads and event loops may use it at the same time. A response is of the library of its
    request, httpx or httpx2. So are the errors that it raises: network errors for injected faults, and
    `TransportError`, which clients do not retry, after the emulator was closed.
    """

    ignores_environment = False
    """Whether a client with this transport ignores the environment and the profile files; `local` sets it."""

    closes_emulator = False
    """Whether closing the transport closes the emulator; `local` sets it for an emulator that it made."""

    def __init__(self, emulator: Emulator, app: App) -> None:
        self.emulator = emulator
        self._app = app
        self._limiter: RunVar[anyio.CapacityLimiter] = RunVar("rekog-emulator")

    @overload
    def handle_request(self, request: httpx.Request) -> httpx.Response: ...

    @overload
    def handle_request(self, request: httpx2.Request) -> httpx2.Response: ...

    def handle_request(self, request: httpx.Request | httpx2.Request) -> httpx.Response | httpx2.Response:
        """Serve a request in this thread."""
        self._check_open(request)
        reply = self._app.handle(_request(request, request.read()))
        wait = _wait(request, reply)
        if wait > 0.0:  # a sleep of no time gives the processor away, too
            time.sleep(wait)
        response: AnyResponse = _response(request, reply)
        return response

    @overload
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response: ...

    @overload
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response: ...

    async def handle_async_request(self, request: httpx.Request | httpx2.Request) -> httpx.Response | httpx2.Response:
        """Serve a request in a worker thread: analysing an image is slow, and the state may wait for the disk."""
        self._check_open(request)
        body = await request.aread()
        handle = partial(self._app.handle, _request(request, body))
        reply = await anyio.to_thread.run_sync(handle, limiter=self._current_limiter())
        await anyio.sleep(_wait(request, reply))
        response: AnyResponse = _response(request, reply)
        return response

    def close(self) -> None:
        """Close the emulator if it belongs to the client of this transport."""
        if self.closes_emulator:
            self.emulator.close()

    async def aclose(self) -> None:
        """Close the emulator as `close` does, in a worker thread: it waits for the present step."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.close, limiter=self._current_limiter())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client of an emulator in this process can't be pickled or deep-copied: it contains the emulator"
        )

    def _current_limiter(self) -> anyio.CapacityLimiter:
        """Return the limiter of the running event loop: anyio's own threads may all be waiting for this emulator."""
        try:
            return self._limiter.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(MAXIMUM_THREADS)
            self._limiter.set(limiter)
            return limiter

    def _check_open(self, request: AnyRequest) -> None:
        if self._app.context.state.closed:
            raise _family(request).TransportError("the emulator is closed", request=request)


def _family(request: AnyRequest) -> Any:
    """Return the library of a request, which may be of a subclass."""
    packages = (kind.__module__.partition(".")[0] for kind in type(request).__mro__)
    return sys.modules[next(name for name in packages if name in ("httpx", "httpx2"))]


def _request(request: AnyRequest, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(request.method, path, headers, body, query)


def _response(request: AnyRequest, reply: Reply) -> Any:
    family, timeout = _family(request), _read_timeout(request)
    if reply.delay and reply.delay > timeout:
        raise family.ReadTimeout(f"injected fault: no response within {timeout} seconds", request=request)
    if reply.lost:
        raise family.ReadError("injected fault: connection reset by peer", request=request)
    response = reply.response
    if reply.kept_bytes is not None and reply.kept_bytes < len(response.content):
        cut = f"received {reply.kept_bytes} bytes, expected {len(response.content)}"
        raise family.RemoteProtocolError(
            f"injected fault: peer closed connection before the end of the body ({cut})", request=request
        )
    return family.Response(response.status, headers=dict(response.headers), content=response.content, request=request)


def _wait(request: AnyRequest, reply: Reply) -> float:
    return min(reply.delay, _read_timeout(request))


def _read_timeout(request: AnyRequest) -> float:
    """Return the client's read timeout in seconds, infinity if it has none."""
    # cast: both libraries store their four timeouts there
    timeout = cast("Mapping[str, float | None]", request.extensions.get("timeout") or {}).get("read")
    return float("inf") if timeout is None else timeout


publish("rekog.emulator", EmulatorTransport)
