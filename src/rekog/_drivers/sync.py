"""Run Flows in threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .driver import Driver
from .threads import at_once, within

if TYPE_CHECKING:
    import httpx

    from .._core.flow import Blocking, Flow

T = TypeVar("T")


class SyncDriver(Driver):
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
        super().__init__(transport, max_connections, ca_bundle, threads=True)
        self._sleep = sleep

    def run(self, flow: Flow[T]) -> T:
        """Perform a Flow's effects until it returns; what goes wrong with one is thrown into the Flow."""
        return at_once(self._performed(flow))

    def close(self) -> None:
        """Close the connections; later requests raise `RekogError`."""
        at_once(self._ended())

    async def _pause(self, seconds: float) -> None:
        self._sleep(seconds)

    async def _beside(self, work: Blocking) -> object:
        # What the function finds out too late is kept by its owner, for the next caller.
        return within(work.seconds, work.function)
