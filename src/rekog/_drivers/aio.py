"""Run Flows in tasks, under asyncio or trio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from .._core.errors import RekogError
from .._core.http import Blocking, Effect, Flow, HttpRequest, HttpResponse
from .sync import CLOSED

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class AsyncDriver:
    """Runs Flows over an `httpx.AsyncBaseTransport`, in as many tasks of one event loop as one likes.

    The transport is closed with the driver, a given one too. Without one, the first request opens the default.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        max_connections: int = 64,
        ca_bundle: str | None = None,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self._transport = transport
        self._max_connections = max_connections
        self._ca_bundle = ca_bundle
        self._sleep = sleep
        self._closed = False

    async def run(self, flow: Flow[T]) -> T:
        """Perform a Flow's effects until it returns; what goes wrong with one is thrown into the Flow."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = await self._perform(effect)
                except Exception as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()

    async def aclose(self) -> None:
        """Close the connections; later requests raise `RekogError`."""
        transport, self._transport, self._closed = self._transport, None, True
        if transport is not None:
            await transport.aclose()

    async def _perform(self, effect: Effect) -> object:
        if isinstance(effect, HttpRequest):
            return await self._send(effect)
        import anyio.to_thread

        if isinstance(effect, Blocking):
            # A cancelled caller leaves at once; what the function finds out is kept by its owner, for the next caller.
            return await anyio.to_thread.run_sync(effect.function, abandon_on_cancel=True)
        await (self._sleep or anyio.sleep)(effect.seconds)
        return None

    async def _send(self, request: HttpRequest) -> HttpResponse:
        import anyio  # httpcore's asyncio connections bring it anyway

        from .transport import FAILURES, Exchange

        exchange = Exchange(request)
        try:
            outgoing = exchange.outgoing()
            with anyio.move_on_after(request.timeout.total):
                response = await self._opened(request.url).handle_async_request(outgoing)
                try:
                    read = response.is_stream_consumed
                    return exchange.answer(response, None if read else [chunk async for chunk in response.aiter_raw()])
                finally:
                    await response.aclose()
        except FAILURES as error:
            raise exchange.failure(error) from error
        raise exchange.late()

    def _opened(self, url: str) -> httpx.AsyncBaseTransport:
        if self._closed:
            raise RekogError(CLOSED)
        if self._transport is None:
            import httpx

            from .transport import open_transport

            self._transport = open_transport(httpx.AsyncHTTPTransport, url, self._max_connections, self._ca_bundle)
        return self._transport
