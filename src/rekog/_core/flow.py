"""Flows and their effects.

**Theory of operation.** A Flow is a generator that does no I/O itself. It yields one effect at a time: an `HttpRequest`
to send, a `TakeSlot`, a `Sleep`, or a `Blocking` function to run. A driver performs the effect and resumes the Flow:
`flow.send` passes the result (an `HttpResponse`, the function that releases the slot, None, the return value of the
function), `flow.throw` the error. The value of the Flow is the value that the generator returns; an error that the Flow
does not catch is the error of the call. Flows delegate to other Flows with `yield from`: a pager to calls, a call to
the retry loop, the loop to attempts. So each of them is written once, for threads and for tasks, and keeps its state
between two effects in local variables.

    flow = caller.call(LIST_COLLECTIONS)        a generator; nothing has happened yet
    effect = next(flow)                         runs up to the first effect
    effect = flow.send(HttpResponse(...))       runs up to the next one
    StopIteration.value                         the response model

Drivers: `_drivers/sync.py` runs Flows in threads, `_drivers/aio.py` in tasks of asyncio and trio. When a call is
cancelled, its driver closes the Flow (`flow.close`). Then the Flow's `finally` blocks run; they must not yield an
effect. A test drives a Flow by hand with `next`, `send` and `throw`, and needs no transport.

The functions `sleep` and `run_blocking` are Flows that yield one effect, and give its result a type. A call yields its
slot and its requests itself: a generator for each of them would take longer than the rest of its step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from .._settings.timeout import Timeout

T = TypeVar("T")


class HttpRequest:
    """A signed HTTP request.

    The body is a tuple of parts, so that a large image can be sent without being copied into one joined body.

    `repr` shows neither headers nor body: they contain a signature, a session token and an image. The class is no named
    tuple, because tools that show the variables of a traceback print the items of every tuple.
    """

    __slots__ = ("content", "headers", "method", "timeout", "url")

    url: str
    headers: tuple[tuple[bytes, bytes], ...]
    content: tuple[bytes, ...]
    timeout: Timeout
    method: str

    def __init__(
        self,
        url: str,
        headers: tuple[tuple[bytes, bytes], ...],
        content: tuple[bytes, ...],
        timeout: Timeout,
        method: str = "POST",
    ) -> None:
        self.url = url
        self.headers = headers
        self.content = content
        self.timeout = timeout
        self.method = method

    def __repr__(self) -> str:
        return f"<HttpRequest {self.method} {self.url}, {sum(map(len, self.content))} bytes>"


class HttpResponse:
    """A complete HTTP response. Header names are lowercase. `repr` omits the content, which may be personal data."""

    __slots__ = ("content", "headers", "status")

    status: int
    headers: Mapping[str, str]
    content: bytes

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = content

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status}, {len(self.content)} bytes>"


class TakeSlot(NamedTuple):
    """Take one of the client's slots, of which there are `max_connections`; the result releases it.

    `TimeoutError` when none becomes free within `seconds`.
    """

    seconds: float = math.inf


class Sleep(NamedTuple):
    """Wait for a number of seconds."""

    seconds: float


class Blocking(NamedTuple):
    """Run a function that may block, such as reading a file. `TimeoutError` when it takes longer than `seconds`.

    Concurrent effects with the same `shared` function may share one run and its result.
    """

    function: Callable[[], object]
    seconds: float = math.inf
    shared: bool = False


Effect: TypeAlias = HttpRequest | TakeSlot | Sleep | Blocking
Release: TypeAlias = Callable[[], object]
Flow: TypeAlias = Generator[Effect, object, T]


def sleep(seconds: float) -> Flow[None]:
    """Wait for a number of seconds; zero or less yields no effect."""
    if seconds > 0:
        yield Sleep(seconds)


def run_blocking(function: Callable[[], T], seconds: float = math.inf, *, shared: bool = False) -> Flow[T]:
    """Run a function that may block and return its result; `TimeoutError` when it takes longer than `seconds`."""
    return cast(T, (yield Blocking(function, seconds, shared)))  # cast: the result is that of the function
