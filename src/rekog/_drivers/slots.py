"""The slots of a client: at most `max_connections` calls of a process or an event loop are under way at once.

A call takes a slot before it reads an image, encodes and signs its request, and releases it when it ends. So neither
the connections nor the memory of a client grow with the number of its calls. The driver has the slots, not a transport:
they are the same for every kind of sender. A forked child and each event loop have their own.

Theory of operation, threads. A signal handler may raise at almost any bytecode, such as the one for Ctrl-C. Python code
that counts, as in `threading.Semaphore`, is interrupted between its steps and then has a slot too few for ever, or a
lock that stays locked. So a slot is an object that exists as long as it is taken. Its finaliser, a function written in
C, puts a token into a queue written in C, and the iterators that create a slot from a token are written in C too. In
none of these steps does Python run code that a signal could interrupt. However a call ends, its slot is free once the
last reference to it is gone.

Theory of operation, tasks. Signals do not interrupt a task between two awaits, cancellation does at each await. A slot
that is released belongs to the task that has waited longest, before that task runs. If the task is cancelled at this
moment, it passes the slot on.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from itertools import repeat
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from .senders import is_asyncio

if TYPE_CHECKING:
    import asyncio

    from .._core.flow import Release


class Slots(Protocol):
    """Slots of a client, of a process or of an event loop."""

    def take(self, seconds: float) -> Coroutine[Any, Any, Release]:
        """Take a slot and return the function that releases it; `TimeoutError` when none becomes free in this time."""
        ...


class ThreadSlots:
    """The slots of a sync client, for any number of threads; a forked child has slots of its own."""

    def __init__(self, count: int, process: Callable[[], int] = os.getpid) -> None:
        self._count = count
        self._process = process
        self._by_process: dict[int, ProcessSlots] = {}

    def take(self, seconds: float) -> Coroutine[Any, Any, Release]:
        """Take a slot as `Slots.take` does; the coroutine blocks instead of suspending."""
        process = self._process()
        slots = self._by_process.get(process)
        if slots is None:  # another thread may add them at the same time
            slots = self._by_process.setdefault(process, ProcessSlots(self._count))
        return slots.take(seconds)


class ProcessSlots:
    """The slots of one process."""

    def __init__(self, count: int) -> None:
        self._tokens: SimpleQueue[tuple[()]] = SimpleQueue()
        release = partial(self._tokens.put, ())

        class Slot(list[object]):  # a list, because its constructor takes a token, an empty tuple
            __slots__ = ()
            __del__ = staticmethod(release)  # which gets no argument

        self._kind = Slot
        self._unused = map(Slot, repeat((), count))
        self._released = map(Slot, iter(self._tokens.get_nowait, None))

    async def take(self, seconds: float) -> Release:
        """Take a slot as `Slots.take` does."""
        slot: list[object] | None = next(self._unused, None)
        if slot is None:
            try:
                slot = next(self._released)
            except Empty:
                slot = self._wait(seconds)
        holder: list[object] = [slot]
        return holder.clear  # drops the last reference to the slot

    def _wait(self, seconds: float) -> list[object]:
        if seconds <= 0:
            raise TimeoutError
        limit = None if seconds == math.inf else min(seconds, threading.TIMEOUT_MAX)
        try:
            return next(map(self._kind, iter(partial(self._tokens.get, timeout=limit), None)))
        except Empty:
            raise TimeoutError from None


class TaskSlots:
    """The slots of an async client, for any number of tasks; each event loop has slots of its own."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._by_loop: WeakKeyDictionary[object, Slots] = WeakKeyDictionary()

    def take(self, seconds: float) -> Coroutine[Any, Any, Release]:
        """Take a slot as `Slots.take` does."""
        asyncio = sys.modules["asyncio"] if is_asyncio() else None
        loop: object = _trio_token() if asyncio is None else asyncio.get_running_loop()
        slots = self._by_loop.get(loop)
        if slots is None:
            slots = self._by_loop[loop] = TrioSlots(self._count) if asyncio is None else AsyncioSlots(self._count)
        return slots.take(seconds)


class AsyncioSlots:
    """The slots of an event loop of asyncio."""

    def __init__(self, count: int) -> None:
        self._free = count
        # True ends the wait of a task that has got a slot, False that of a task whose time is over.
        self._waiting: OrderedDict[asyncio.Future[bool], None] = OrderedDict()

    async def take(self, seconds: float) -> Release:
        """Take a slot as `Slots.take` does."""
        if self._free:  # no task waits then
            self._free -= 1
        elif not await self._wait(seconds):
            raise TimeoutError
        return self._release

    async def _wait(self, seconds: float) -> bool:
        import asyncio

        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[bool] = loop.create_future()
        self._waiting[outcome] = None
        timer = None if seconds == math.inf else loop.call_later(max(seconds, 0), self._expire, outcome)
        try:
            return await outcome
        except BaseException:  # the task is cancelled, perhaps in the moment in which it has got the slot
            if outcome.done() and not outcome.cancelled() and outcome.result():
                self._release()
            raise
        finally:
            self._waiting.pop(outcome, None)
            if timer is not None:
                timer.cancel()

    def _expire(self, outcome: asyncio.Future[bool]) -> None:
        if not outcome.done():
            outcome.set_result(False)
            del self._waiting[outcome]

    def _release(self) -> None:
        while self._waiting:
            outcome, _ = self._waiting.popitem(last=False)
            if not outcome.done():  # a cancelled task leaves when it runs next
                outcome.set_result(True)
                return
        self._free += 1


class TrioSlots:
    """The slots of a `trio.run`; trio's semaphore passes them on in the order of arrival."""

    def __init__(self, count: int) -> None:
        import trio

        self._free = trio.Semaphore(count)

    async def take(self, seconds: float) -> Release:
        """Take a slot as `Slots.take` does."""
        import trio

        with suppress(trio.WouldBlock):
            self._free.acquire_nowait()  # `acquire` looks at the time first, and a free slot needs none
            return self._free.release
        with trio.move_on_after(max(seconds, 0)):
            await self._free.acquire()
            return self._free.release
        raise TimeoutError


def _trio_token() -> object:
    import trio

    return trio.lowlevel.current_trio_token()
