"""The driver that runs Flows in tasks of asyncio or trio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from .driver import Driver

if TYPE_CHECKING:
    from .._core.flow import Blocking, Flow
    from .._settings.values import Verify
    from ..transports import AsyncTransport

T = TypeVar("T")


class AsyncDriver(Driver):
    """Runs Flows in the calling task, in any number of tasks at once.

    `transport` is a `rekog.AsyncTransport`, which is closed with the driver. Without one, the first request opens
    the default transport.
    """

    def __init__(
        self,
        transport: AsyncTransport | None = None,
        *,
        max_connections: int = 64,
        proxy: str | None = None,
        verify: Verify = True,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(transport, max_connections, proxy, verify, threads=False)
        self._sleep = sleep

    def run(self, flow: Flow[T]) -> Coroutine[Any, Any, T]:
        """Perform the effects of a Flow and return its value; the error of an effect is thrown into the Flow."""
        return self._run_flow(flow)

    async def aclose(self) -> None:
        """Close the connections; later requests raise `ClientClosedError`."""
        await self._close_senders()

    async def _pause(self, seconds: float) -> None:
        import anyio

        await (self._sleep or anyio.sleep)(seconds)

    async def _run_blocking(self, work: Blocking) -> object:
        import anyio.to_thread

        # A cancelled caller leaves at once. The owner of the function keeps the result for the next caller.
        with anyio.fail_after(work.seconds):
            return await anyio.to_thread.run_sync(work.function, abandon_on_cancel=True)
