"""Run Flows in threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .._core.errors import RekogError
from .._core.http import Blocking, Effect, Flow, HttpRequest
from .opening import is_mocked, open_sender

if TYPE_CHECKING:
    import httpx

    from .opening import Sender

T = TypeVar("T")

CLOSED = "the client is closed: make a new one, or make the call before the end of its `with` block"


class SyncDriver:
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
        self._transport = transport
        self._max_connections = max_connections
        self._ca_bundle = ca_bundle
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sender: Sender | None = None
        self._mocked: Sender | None = None
        self._closed = False

    def run(self, flow: Flow[T]) -> T:
        """Perform a Flow's effects until it returns; what goes wrong with one is thrown into the Flow."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = self._perform(effect)
                except Exception as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()

    def close(self) -> None:
        """Close the connections; later requests raise `RekogError`."""
        with self._lock:
            senders = [self._sender, self._mocked]
            transport, self._transport = self._transport, None
            self._sender, self._mocked, self._closed = None, None, True
        for closing in (*senders, transport if senders[0] is None else None):
            if closing is not None:
                closing.close()

    def _perform(self, effect: Effect) -> object:
        if isinstance(effect, HttpRequest):
            return self._opened(effect.url).send(effect)
        if isinstance(effect, Blocking):
            return effect.function()
        self._sleep(effect.seconds)
        return None

    def _opened(self, url: str) -> Sender:
        sender = self._sender
        if sender is not None and (self._transport is not None or not is_mocked()):
            return sender  # nearly always, and without the lock, which a fork may have left locked
        with self._lock:
            if self._closed:
                raise RekogError(CLOSED)
            if self._transport is None and is_mocked():
                self._mocked = self._mocked or open_sender(url, self._max_connections, self._ca_bundle)
                return self._mocked
            self._sender = self._sender or self._first_sender(url)
            return self._sender

    def _first_sender(self, url: str) -> Sender:
        if self._transport is None:
            return open_sender(url, self._max_connections, self._ca_bundle)
        from .transport import HttpxSender

        return HttpxSender(self._transport)
