"""Run Flows in threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .driver import Driver
from .opening import open_sender

if TYPE_CHECKING:
    import httpx

    from .._core.http import Flow

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
        given = None
        if transport is not None:
            from .transport import HttpxSender

            given = HttpxSender(transport)
        super().__init__(
            given, partial(open_sender, max_connections=max_connections, ca_bundle=ca_bundle, threads=True)
        )
        self._sleep = sleep

    def run(self, flow: Flow[T]) -> T:
        """Perform a Flow's effects until it returns; what goes wrong with one is thrown into the Flow."""
        return at_once(self._performed(flow))

    def close(self) -> None:
        """Close the connections; later requests raise `RekogError`."""
        at_once(self._ended())

    async def _pause(self, seconds: float) -> None:
        self._sleep(seconds)

    async def _beside(self, function: Callable[[], object]) -> object:
        return function()


def at_once(steps: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends."""
    try:
        while True:
            steps.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
