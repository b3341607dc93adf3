"""A driver whose Flows are watched: a function sees each request with its response."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

from ..._values.errors import RekogError
from ..flow import Effect, Flow, HttpRequest, HttpResponse, run_blocking
from ..watched import relayed

T = TypeVar("T")
See: TypeAlias = Callable[[HttpRequest, HttpResponse], None]


def watched(flow: Flow[T], see: See) -> Flow[T]:
    """Return a Flow with the effects and the value of another one; `see` may block, and must not raise."""
    return relayed(flow, partial(_performed, see))


def _performed(see: See, effect: Effect) -> Flow[object]:
    result = yield effect
    if isinstance(effect, HttpRequest) and isinstance(result, HttpResponse):
        try:
            yield from run_blocking(partial(see, effect, result))
        except RekogError:  # the process cannot start a thread
            see(effect, result)
    return result


class WatchedDriver:
    """A driver of either kind, with watched Flows. It is closed with the client that owns the other one."""

    def __init__(self, driver: Any, see: See) -> None:
        self._driver = driver
        self._see = see

    def run(self, flow: Flow[Any]) -> Any:
        """Run a Flow, as the driver does: the value of it, or the coroutine that returns it."""
        return self._driver.run(watched(flow, self._see))
