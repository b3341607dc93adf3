"""The seam: an httpx transport, sync and async, behind which there is no network but an emulator in this process."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, NoReturn, cast

import anyio
import anyio.to_thread
import httpx

from ..front.exchange import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..front.app import App


class EmulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests to an emulator, whatever host they are for. Closing it leaves the emulator open.

    It serves any number of clients, threads and event loops at once. Faults come out of it as the errors of a network,
    a call after the emulator was closed as an error that no other attempt would mend.
    """

    ignores_environment = False
    """Whether a client with this transport ignores the environment and the profile files; `local` sets it."""

    def __init__(self, app: App) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer in this thread."""
        self._check_open(request)
        reply = self._app.answer(_request(request, request.read()))
        time.sleep(_wait(request, reply))
        return _response(request, reply)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer in a worker thread: a picture takes long to look at, and the state may wait for the disk."""
        self._check_open(request)
        body = await request.aread()
        reply = await anyio.to_thread.run_sync(partial(self._app.answer, _request(request, body)))
        await anyio.sleep(_wait(request, reply))
        return _response(request, reply)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client of an embedded emulator can't be pickled or copied deeply: the emulator is in it")

    def _check_open(self, request: httpx.Request) -> None:
        if self._app.context.state.closed:
            raise httpx.TransportError("the emulator is closed", request=request)


def _request(request: httpx.Request, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(request.method, path, headers, body, query)


def _response(request: httpx.Request, reply: Reply) -> httpx.Response:
    patience = _patience(request)
    if reply.delay and reply.delay > patience:
        raise httpx.ReadTimeout(f"a fault: no answer for {patience} seconds", request=request)
    if reply.lost:
        raise httpx.ReadError("a fault: connection reset by peer", request=request)
    response = reply.response
    if reply.kept_bytes is not None and reply.kept_bytes < len(response.content):
        cut = f"received {reply.kept_bytes} bytes, expected {len(response.content)}"
        raise httpx.RemoteProtocolError(f"a fault: peer closed connection amid the body ({cut})", request=request)
    return httpx.Response(response.status, headers=dict(response.headers), content=response.content, request=request)


def _wait(request: httpx.Request, reply: Reply) -> float:
    return min(reply.delay, _patience(request))


def _patience(request: httpx.Request) -> float:
    """Return how many seconds the client would wait for bytes."""
    # cast: httpx puts its four timeouts there, or nobody anything
    given = cast("Mapping[str, float | None]", request.extensions.get("timeout") or {}).get("read")
    return float("inf") if given is None else given
