"""Run Flows in tasks, under asyncio or trio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from .._core.errors import RekogError
from .._core.http import Blocking, Effect, Flow, HttpRequest
from .opening import is_mocked, open_async_sender
from .sync import CLOSED

if TYPE_CHECKING:
    import httpx

    from .opening import AsyncSender

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
        self._sender: AsyncSender | None = None
        self._mocked: AsyncSender | None = None
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
        senders = [self._sender, self._mocked]
        transport, self._transport = self._transport, None
        self._sender, self._mocked, self._closed = None, None, True
        for sender in senders:
            if sender is not None:
                await sender.close()
        if transport is not None and senders[0] is None:
            await transport.aclose()

    async def _perform(self, effect: Effect) -> object:
        if isinstance(effect, HttpRequest):
            return await self._opened(effect.url).send(effect)
        import anyio.to_thread

        if isinstance(effect, Blocking):
            # A cancelled caller leaves at once; what the function finds out is kept by its owner, for the next caller.
            return await anyio.to_thread.run_sync(effect.function, abandon_on_cancel=True)
        await (self._sleep or anyio.sleep)(effect.seconds)
        return None

    def _opened(self, url: str) -> AsyncSender:
        if self._closed:
            raise RekogError(CLOSED)
        if self._transport is None and is_mocked():
            self._mocked = self._mocked or open_async_sender(url, self._max_connections, self._ca_bundle)
            return self._mocked
        if self._sender is None:
            self._sender = self._first_sender(url)
        return self._sender

    def _first_sender(self, url: str) -> AsyncSender:
        if self._transport is None:
            return open_async_sender(url, self._max_connections, self._ca_bundle)
        from .transport import HttpxAsyncSender

        return HttpxAsyncSender(self._transport)
