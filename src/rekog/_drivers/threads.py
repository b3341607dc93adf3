"""What a thread does where a task awaits."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def at_once(steps: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends."""
    try:
        while True:
            steps.send(None)
    except StopIteration as end:
        value: T = end.value
        return value


def within(seconds: float, function: Callable[[], T]) -> T:
    """Call a function that may block; `TimeoutError` when it takes longer, and it is left to itself."""
    if seconds == math.inf:
        return function()
    values: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            values.append(function())
        except BaseException as error:
            errors.append(error)

    beside = threading.Thread(target=run, name="rekog-blocking", daemon=True)
    try:
        beside.start()
    except RuntimeError:  # the process is ending, or has no room for another thread
        return function()
    beside.join(min(max(seconds, 0), threading.TIMEOUT_MAX))
    if errors:
        raise errors.pop()  # and leave nothing here that refers to it
    if not values:
        raise TimeoutError
    return values[0]
