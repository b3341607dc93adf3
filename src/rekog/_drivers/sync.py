"""The driver that runs Flows in threads."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .._values.errors import RekogError
from .blocking import run_inline, wait_for_thread
from .driver import Driver

if TYPE_CHECKING:
    from .._core.flow import Blocking, Flow
    from .._settings.values import Verify
    from ..transports import Transport

T = TypeVar("T")

ENDING = (
    "the interpreter is ending and loads no more modules: make the first call of a kind earlier, or register the last"
    " ones with atexit"
)


class SyncDriver(Driver):
    """Runs Flows in the calling thread, in any number of threads at once.

    `transport` is a `rekog.Transport`, which is closed with the driver. Without one, the first request opens the
    default transport.
    """

    def __init__(
        self,
        transport: Transport | None = None,
        *,
        max_connections: int = 64,
        proxy: str | None = None,
        verify: Verify = True,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__(transport, max_connections, proxy, verify, threads=True)
        self._sleep = sleep

    def run(self, flow: Flow[T]) -> T:
        """Perform the effects of a Flow and return its value; the error of an effect is thrown into the Flow."""
        try:
            return run_inline(self._run_flow(flow))
        except ImportError as error:
            if sys.is_finalizing():
                raise RekogError(ENDING) from error
            raise

    def close(self) -> None:
        """Close the connections; later requests raise `ClientClosedError`."""
        run_inline(self._close_senders())

    async def _pause(self, seconds: float) -> None:
        (self._sleep or time.sleep)(seconds)

    async def _run_blocking(self, work: Blocking) -> object:
        # The owner of the function keeps a result that is too late for this caller, for the next one.
        return work.function() if work.seconds == math.inf else wait_for_thread(self._start(work), work.seconds)
