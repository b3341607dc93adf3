"""The driver that runs Flows in tasks of asyncio or trio."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from .driver import Driver
from .senders import is_asyncio

if TYPE_CHECKING:
    import anyio
    from anyio.lowlevel import RunVar

    from .._core.flow import Blocking, Flow
    from .._settings.values import Verify
    from ..transports import AsyncTransport
    from .blocking import Start

T = TypeVar("T")

MAXIMUM_THREADS = 40  # of an event loop, for the files of a client: anyio's figure for all functions of a program


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
        self._limiter: RunVar[anyio.CapacityLimiter] | None = None

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
        # A cancelled caller leaves at once. The owner of the function keeps the result for the next caller.
        if work.shared:
            return await _wait_for_thread(self._start(work), work.seconds)
        import anyio

        # The threads of anyio are those of the whole program. All of them may be waiting for calls of this client.
        with anyio.fail_after(work.seconds):
            async with self._current_limiter():
                return await _wait_for_thread(self._start(work), math.inf)

    def _current_limiter(self) -> anyio.CapacityLimiter:
        """Return the limiter of the running event loop."""
        import anyio.lowlevel

        self._limiter = self._limiter or anyio.lowlevel.RunVar("rekog-threads")
        try:
            return self._limiter.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(MAXIMUM_THREADS)
            self._limiter.set(limiter)
            return limiter


async def _wait_for_thread(start: Start[T], seconds: float) -> T:
    if is_asyncio():
        from .pools.asyncio_pool import wait_for_thread
    else:
        from .pools.trio_pool import wait_for_thread
    return await wait_for_thread(start, seconds)
