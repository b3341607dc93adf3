"""For threads: run a coroutine that blocks instead of suspending, and limit the time of a blocking call."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


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
    if seconds == math.inf:
        return function()
    values: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            values.append(function())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="rekog-blocking", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the process is ending or cannot start another thread
        return function()
    thread.join(min(max(seconds, 0), threading.TIMEOUT_MAX))
    if errors:
        raise errors.pop()  # popped, so that no reference to the error stays in this frame
    if not values:
        raise TimeoutError
    return values[0]
