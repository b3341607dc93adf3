"""For threads: run a coroutine that blocks instead of suspending, and run a blocking function in another thread.

A function with a time limit runs in a thread of its own. A caller whose time is over leaves the thread behind, and the
function runs to its end there. `SharedThreads` lets all callers of the same function wait for one thread, so a provider
of credentials or a name server that hangs costs one thread, and not one for each call.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, NoReturn, TypeAlias, TypeVar

from .._values.forks import Forkable

T = TypeVar("T")

Result: TypeAlias = Callable[[], T]
"""Return the value of a function that has ended, or raise its error."""

Receive: TypeAlias = Callable[[Result[T]], object]
"""Take the result of a function; called once, in any thread."""

Start: TypeAlias = Callable[[Receive[T]], None]
"""Run a function in another thread, and pass its result on."""


class NoThreadError(OSError):
    """The process cannot start another thread."""


def run_inline(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, without an event loop, and return its value."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        value: T = end.value
        return value


def call_within(seconds: float, function: Callable[[], T]) -> T:
    """Call a function that may block; raise `TimeoutError` after this time, while it runs on in its own thread."""
    return function() if seconds == math.inf else wait_for_thread(partial(start_thread, function), seconds)


def wait_for_thread(start: Start[T], seconds: float) -> T:
    """Start a function and return its value; raise `TimeoutError` after this time."""
    results: list[Result[T]] = []
    ended = threading.Lock()  # a lock of C: a signal that interrupts a wait leaves no lock of Python code locked
    ended.acquire()

    def receive(result: Result[T]) -> None:
        results.append(result)
        ended.release()

    start(receive)
    if not ended.acquire(timeout=min(max(seconds, 0), threading.TIMEOUT_MAX)):
        raise TimeoutError
    return results.pop()()  # popped, so that no reference to an error stays in this frame


def start_thread(function: Callable[[], T], receive: Receive[T]) -> None:
    """Run a function in a new thread and pass its result on; without a thread the result is a `NoThreadError`."""
    thread = threading.Thread(target=lambda: receive(_result(function)), name="rekog-blocking", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        if "shutdown" in str(error):  # Python 3.12: the interpreter is ending, and this thread is the only one left
            receive(_result(function))
        else:
            receive(partial(_raise, NoThreadError(f"the process cannot start another thread: {error}")))


def _result(function: Callable[[], T]) -> Result[T]:
    try:
        value = function()
    except BaseException as error:
        return partial(_raise, error)
    return lambda: value


def _raise(error: BaseException) -> NoReturn:
    try:
        raise error
    finally:
        del error  # the traceback has this frame: a reference from here would keep both until a garbage collection


class SharedThreads(Forkable):
    """Runs functions in threads, at most one at a time for each key: callers of the same one share its result."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[Hashable, list[Receive[Any]]] = {}

    def start(self, key: Hashable, function: Callable[[], T], receive: Receive[T]) -> None:
        """Run a function, unless one of this key is running, and pass the result on."""
        is_first = False
        try:
            with self._lock:
                is_first = key not in self._waiting
                self._waiting.setdefault(key, []).append(receive)
            if is_first:
                start_thread(function, partial(self._pass_on, key))
        except BaseException:  # of a signal handler, perhaps before the thread started
            if is_first:
                self._pass_on(key, partial(_raise, NoThreadError("a signal interrupted the start of a thread")))
            raise

    def _pass_on(self, key: Hashable, result: Result[Any]) -> None:
        with self._lock:
            waiting = self._waiting.pop(key, [])
        for receive in waiting:
            receive(result)

    def _renew(self) -> None:
        super()._renew()
        self._waiting = {}
