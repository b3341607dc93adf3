"""Run Flows in threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .._core.errors import RekogError
from .._core.http import Blocking, Effect, Flow, HttpRequest, HttpResponse

if TYPE_CHECKING:
    import httpx

    from .transport import Exchange

T = TypeVar("T")

CLOSED = "the client is closed: make a new one, or make the call before the end of its `with` block"


class SyncDriver:
    """Runs Flows over an `httpx.BaseTransport`, in as many threads at once as one likes.

    The transport is closed with the driver, a given one too. Without one, the first request opens the default.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport | None = None,
        *,
        max_connections: int = 64,
        ca_bundle: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._max_connections = max_connections
        self._ca_bundle = ca_bundle
        self._sleep = sleep
        self._lock = threading.Lock()
        self._closed = False

    def run(self, flow: Flow[T]) -> T:
        """Perform a Flow's effects until it returns; what goes wrong with one is thrown into the Flow."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = self._perform(effect)
                except Exception as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()

    def close(self) -> None:
        """Close the connections; later requests raise `RekogError`."""
        with self._lock:
            transport, self._transport, self._closed = self._transport, None, True
        if transport is not None:
            transport.close()

    def _perform(self, effect: Effect) -> object:
        if isinstance(effect, HttpRequest):
            return self._send(effect)
        if isinstance(effect, Blocking):
            return effect.function()
        self._sleep(effect.seconds)
        return None

    def _send(self, request: HttpRequest) -> HttpResponse:
        from .transport import FAILURES, Exchange

        exchange = Exchange(request)
        try:
            outgoing = exchange.outgoing()
            response = self._opened(request.url).handle_request(outgoing)
            try:
                read = response.is_stream_consumed
                return exchange.answer(response, None if read else _chunks(response, exchange))
            finally:
                response.close()
        except FAILURES as error:
            raise exchange.failure(error) from error

    def _opened(self, url: str) -> httpx.BaseTransport:
        with self._lock:
            if self._closed:
                raise RekogError(CLOSED)
            if self._transport is None:
                import httpx

                from .transport import open_transport

                self._transport = open_transport(httpx.HTTPTransport, url, self._max_connections, self._ca_bundle)
            return self._transport


def _chunks(response: httpx.Response, exchange: Exchange) -> list[bytes]:
    chunks: list[bytes] = []
    exchange.check()
    for chunk in response.iter_raw():
        chunks.append(chunk)
        exchange.check()
    return chunks
