"""What a Flow speaks: requests, sleeps and blocking work go out, answers come back.

A Flow is a generator. It yields one effect at a time, is sent that effect's result (or is thrown its error), and
returns its value. Calls, retries, pagers and waiters are Flows, so each is written once; a driver for threads and one
for tasks run them. A test can run one by hand with `send` and `throw`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from ..config import Timeout

T = TypeVar("T")


class HttpRequest(NamedTuple):
    """One signed HTTP request. The body is in parts, so that a large picture is never copied to be joined.

    Its repr shows neither headers nor body: a signature, a session token and a picture are in them.
    """

    url: str
    headers: tuple[tuple[bytes, bytes], ...]
    content: tuple[bytes, ...]
    timeout: Timeout
    method: str = "POST"

    def __repr__(self) -> str:
        return f"<HttpRequest {self.method} {self.url}, {sum(map(len, self.content))} bytes>"


class HttpResponse(NamedTuple):
    """One whole HTTP answer. Header names are lower-case. The content, perhaps a face, is not in its repr."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status}, {len(self.content)} bytes>"


class Sleep(NamedTuple):
    """Wait for so many seconds."""

    seconds: float


class Blocking(NamedTuple):
    """Run a function that may block: a file, a credential provider. `TimeoutError` when it takes longer than it may."""

    function: Callable[[], object]
    seconds: float = math.inf


Effect: TypeAlias = HttpRequest | Sleep | Blocking
Flow: TypeAlias = Generator[Effect, object, T]


def send(request: HttpRequest) -> Flow[HttpResponse]:
    """Send a request and return its answer; the driver throws a `TransportError` in when there is none."""
    return cast(HttpResponse, (yield request))  # cast: a driver answers an HttpRequest with an HttpResponse


def sleep(seconds: float) -> Flow[None]:
    """Wait; zero or less does not yield at all."""
    if seconds > 0:
        yield Sleep(seconds)


def run_blocking(function: Callable[[], T], seconds: float = math.inf) -> Flow[T]:
    """Run a function that may block and return what it returns; `TimeoutError` when it takes longer."""
    return cast(T, (yield Blocking(function, seconds)))  # cast: the answer is the function's result
