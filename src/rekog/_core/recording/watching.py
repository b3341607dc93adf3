"""A driver whose Flows are watched: a function sees each request with its response."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

from ..._values.errors import RekogError
from ..flow import Flow, HttpRequest, HttpResponse, run_blocking

T = TypeVar("T")
See: TypeAlias = Callable[[HttpRequest, HttpResponse], None]


def watched(flow: Flow[T], see: See) -> Flow[T]:
    """Return a Flow with the effects and the value of another one; `see` may block, and must not raise."""
    result: object = None
    error: BaseException | None = None
    try:
        while True:
            try:
                effect = flow.send(result) if error is None else flow.throw(error)
            except StopIteration as end:
                value: T = end.value
                return value
            result, error = None, None
            try:
                result = yield effect
            except Exception as caught:
                error = caught
                continue
            if isinstance(effect, HttpRequest) and isinstance(result, HttpResponse):
                try:
                    yield from run_blocking(partial(see, effect, result))
                except RekogError:  # the process cannot start a thread
                    see(effect, result)
    finally:
        flow.close()


class WatchedDriver:
    """A driver of either kind, with watched Flows. It is closed with the client that owns the other one."""

    def __init__(self, driver: Any, see: See) -> None:
        self._driver = driver
        self._see = see

    def run(self, flow: Flow[Any]) -> Any:
        """Run a Flow, as the driver does: the value of it, or the coroutine that returns it."""
        return self._driver.run(watched(flow, self._see))
