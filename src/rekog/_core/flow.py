"""Flows and their effects.

**Theory of operation.** A Flow is a generator that does no I/O itself. It yields one effect at a time: an `HttpRequest`
to send, a `Sleep`, or a `Blocking` function to run. A driver performs the effect and resumes the Flow: `flow.send`
passes the result (an `HttpResponse`, None, the return value of the function), `flow.throw` the error. The value of the
Flow is the value that the generator returns; an error that the Flow does not catch is the error of the call. Flows
nest by `yield from`: a pager contains calls, a call contains the retry loop, the loop contains attempts. So each of
them is written once, for threads and for tasks, and state between two effects is in local variables.

    flow = caller.call(LIST_COLLECTIONS)        a generator; nothing has happened yet
    effect = next(flow)                         runs up to the first effect
    effect = flow.send(HttpResponse(...))       runs up to the next one
    StopIteration.value                         the response model

Drivers: `_drivers/sync.py` runs Flows in threads, `_drivers/aio.py` in tasks of asyncio and trio. A driver closes a
Flow that is cancelled (`flow.close`), so `finally` blocks run; they must not yield. A test drives a Flow by hand with
`next`, `send` and `throw`, and needs no transport.

The functions `send`, `sleep` and `run_blocking` are Flows of one effect, with the type of its result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from .._settings.timeout import Timeout

T = TypeVar("T")


class HttpRequest(NamedTuple):
    """A signed HTTP request. The body is in parts, so that joining them never copies a large image.

    `repr` shows neither headers nor body: they contain a signature, a session token and an image.
    """

    url: str
    headers: tuple[tuple[bytes, bytes], ...]
    content: tuple[bytes, ...]
    timeout: Timeout
    method: str = "POST"

    def __repr__(self) -> str:
        return f"<HttpRequest {self.method} {self.url}, {sum(map(len, self.content))} bytes>"


class HttpResponse(NamedTuple):
    """A complete HTTP response. Header names are lowercase. `repr` does not show the content, which may be a face."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status}, {len(self.content)} bytes>"


class Sleep(NamedTuple):
    """Wait for a number of seconds."""

    seconds: float


class Blocking(NamedTuple):
    """Run a function that may block, such as reading a file. `TimeoutError` when it takes longer than `seconds`."""

    function: Callable[[], object]
    seconds: float = math.inf


Effect: TypeAlias = HttpRequest | Sleep | Blocking
Flow: TypeAlias = Generator[Effect, object, T]


def send(request: HttpRequest) -> Flow[HttpResponse]:
    """Send a request and return its response; without one the driver throws a `TransportError` into the Flow."""
    return cast(HttpResponse, (yield request))  # cast: the result of an HttpRequest is an HttpResponse


def sleep(seconds: float) -> Flow[None]:
    """Wait; zero or less does not yield at all."""
    if seconds > 0:
        yield Sleep(seconds)


def run_blocking(function: Callable[[], T], seconds: float = math.inf) -> Flow[T]:
    """Run a function that may block and return its result; `TimeoutError` when it takes longer than `seconds`."""
    return cast(T, (yield Blocking(function, seconds)))  # cast: the result is that of the function
