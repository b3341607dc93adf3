"""Base class of the drivers: perform the effects of a Flow, one after the other.

It is written once, in coroutines. The coroutines of the driver for threads block instead of suspending, so `run_inline`
runs them without an event loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .._core.flow import Blocking, Effect, Flow, HttpRequest, TakeSlot
from .._values.errors import ClientClosedError, RekogError
from .._values.forks import Forkable
from .blocking import NoThreadError, SharedThreads, Start, start_thread
from .patches import patched_family
from .senders import open_sender, wrap_transport
from .slots import TaskSlots, ThreadSlots

if TYPE_CHECKING:
    from .._settings.values import Verify
    from .families import FamilyName
    from .senders import Sender
    from .slots import Slots

T = TypeVar("T")

CLOSED = "the client is closed: create a new one, or make the call before the end of its `with` block"


class Driver(Forkable, ABC):
    """Performs the effects of Flows: slots, requests, pauses and blocking calls."""

    def __init__(
        self, transport: Any, max_connections: int, proxy: str | None, verify: Verify, *, threads: bool
    ) -> None:
        super().__init__()
        given = None if transport is None else wrap_transport(transport, threads=threads)
        self._open = partial(open_sender, max_connections, proxy, verify, threads=threads)
        self._shared_threads = SharedThreads()
        # The key is the library that a tool has patched: the default transport is one of that library then.
        self._senders: dict[FamilyName | None, Sender] = (
            {} if given is None else {None: given, "httpx": given, "httpx2": given}
        )
        self._slots: Slots = ThreadSlots(max_connections) if threads else TaskSlots(max_connections)
        self._threads, self._closed = threads, False

    def check_open(self) -> None:
        """Raise `ClientClosedError` when the driver was closed."""
        if self._closed:
            raise ClientClosedError(CLOSED)

    @abstractmethod
    async def _pause(self, seconds: float) -> None:
        """Wait for this many seconds."""

    @abstractmethod
    async def _run_blocking(self, work: Blocking) -> object:
        """Call a function that may block; raise `TimeoutError` when it takes longer than `work.seconds`.

        Raise `NoThreadError` when it needs a thread and the process cannot start one.
        """

    async def _run_flow(self, flow: Flow[T]) -> T:
        """Perform the effects of a Flow and return its value; the error of an effect is thrown into the Flow."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = await self._perform(effect)
                except Exception as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
                    result = None  # such as an image, which tools show that print the variables of a traceback
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()

    async def _close_senders(self) -> None:
        """Close the connections; later requests raise `ClientClosedError`."""
        with self._lock:
            senders, self._senders, self._closed = set(self._senders.values()), {}, True
        for sender in senders:
            await sender.close()

    def _perform(self, effect: Effect) -> Awaitable[object]:
        if isinstance(effect, HttpRequest):
            return self._sender(effect.url).send(effect)
        if isinstance(effect, TakeSlot):
            self.check_open()  # no image is read for a client that is closed
            return self._slots.take(effect.seconds)
        return self._block(effect) if isinstance(effect, Blocking) else self._pause(effect.seconds)

    def _start(self, work: Blocking) -> Start[object]:
        """Return a function that runs a blocking function in a thread, the same thread for all callers if shared."""
        if work.shared:
            return partial(self._shared_threads.start, work.function, work.function)
        return partial(start_thread, work.function)

    async def _block(self, work: Blocking) -> object:
        try:
            return await self._run_blocking(work)
        except NoThreadError as error:
            raise RekogError(f"{error}: make fewer calls at once, or raise the limit on threads") from error

    def _sender(self, url: str) -> Sender:
        patched = patched_family(threads=self._threads)
        sender = self._senders.get(patched)
        if sender is None:
            with self._lock:
                self.check_open()
                sender = self._senders[patched] = self._senders.get(patched) or self._open(url, patched)
        return sender
