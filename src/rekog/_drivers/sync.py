"""Run Flows in threads."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from .driver import Driver

if TYPE_CHECKING:
    import httpx

    from .._core.http import Blocking, Flow

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
        if work.seconds == math.inf:
            return work.function()
        from concurrent.futures import Future

        done: Future[object] = Future()

        def run() -> None:
            try:
                done.set_result(work.function())
            except BaseException as error:
                done.set_exception(error)

        # What the function finds out too late is kept by its owner, for the next caller.
        threading.Thread(target=run, name="rekog-blocking", daemon=True).start()
        return done.result(max(work.seconds, 0))


def at_once(steps: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends."""
    try:
        while True:
            steps.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
