"""Base class of the drivers: perform the effects of a Flow, one after the other.

It is written once, in coroutines. The coroutines of the driver for threads block instead of suspending, so `run_inline`
runs them without an event loop.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .._core.flow import Blocking, Effect, Flow, HttpRequest
from .._values.errors import ClientClosedError
from .patches import patched_family
from .senders import open_sender, wrap_transport

if TYPE_CHECKING:
    from .._settings.values import Verify
    from .families import FamilyName
    from .senders import Sender

T = TypeVar("T")

CLOSED = "the client is closed: create a new one, or make the call before the end of its `with` block"


class Driver(ABC):
    """Performs the effects of Flows: requests, pauses and blocking calls."""

    def __init__(
        self, transport: Any, max_connections: int, proxy: str | None, verify: Verify, *, threads: bool
    ) -> None:
        given = None if transport is None else wrap_transport(transport, threads=threads)
        self._open = partial(open_sender, max_connections, proxy, verify, threads=threads)
        self._process, self._lock = os.getpid(), threading.Lock()
        # The key is the library that a tool has patched: the default transport is one of that library then.
        self._senders: dict[FamilyName | None, Sender] = (
            {} if given is None else {None: given, "httpx": given, "httpx2": given}
        )
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
        """Call a function that may block; raise `TimeoutError` when it takes longer than `work.seconds`."""

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
        return self._run_blocking(effect) if isinstance(effect, Blocking) else self._pause(effect.seconds)

    def _sender(self, url: str) -> Sender:
        patched = patched_family(threads=self._threads)
        sender = self._senders.get(patched)  # usually there, and read without the lock: a fork may have left it locked
        if sender is None:
            if self._process != os.getpid():  # a fork may have left the lock locked
                self._process, self._lock = os.getpid(), threading.Lock()
            with self._lock:
                self.check_open()
                sender = self._senders[patched] = self._senders.get(patched) or self._open(url, patched)
        return sender
