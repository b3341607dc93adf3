"""The ways in which the attacks call: threads, asyncio, uvloop and trio, with our pools or over other transports.

A caller of an attack is a coroutine, written once. In threads it runs inline, because nothing that it awaits suspends:

    async def caller() -> None:
        found = await outcome(report, lambda: client.list_collections(next_token="7"))

    way.run(caller(), caller())
"""

from __future__ import annotations

import contextlib
import inspect
import pickle
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from rekog import RetryPolicy
from rekog._drivers.blocking import run_inline
from rekog.errors import DecodeError, RekogError
from tests.kit.backends import Backend, open_backend

if TYPE_CHECKING:
    from rekog import RekognitionClient
    from tests.hostile.attack import Report

T = TypeVar("T")

NO_RETRIES = RetryPolicy(mode="off")
KINDS = tuple(kind for kind in ("sync", "asyncio", "uvloop", "trio") if kind != "uvloop" or find_spec("uvloop"))
POOL = "pool"
LIBRARIES = tuple(name for name in ("httpx", "httpx2") if find_spec(name))
WAYS = (
    *((kind, POOL) for kind in KINDS),
    *((kind, library) for library in LIBRARIES for kind in ("sync", "asyncio", "trio")),
)
LIMIT = 15.0  # seconds in excess of its own limit after which a call hangs; the machine may be busy


class Way:
    """A backend, and the transport of its clients: our pool, or one of another library."""

    def __init__(self, backend: Backend, library: str) -> None:
        self.backend = backend
        self.library = library
        self.name = f"{backend.name}, {library}"

    def client(self, url: str, **settings: Any) -> RekognitionClient:
        """Return a client of a server, without retries unless the settings have a policy."""
        transport = None
        if self.library != POOL:
            kind = "HTTPTransport" if self.backend.name == "sync" else "AsyncHTTPTransport"
            transport = getattr(import_module(self.library), kind)()
        return self.backend.client(transport, **{"endpoint_url": url, "retry": NO_RETRIES, **settings})

    def run(self, *callers: Coroutine[Any, Any, T]) -> list[T]:
        """Run callers at once, in threads or tasks, and return their values in order."""
        if self.backend.name == "sync":
            return self.backend.together(*[partial(run_inline, caller) for caller in callers])
        return self.backend.together(*[partial(_same, caller) for caller in callers])

    async def pause(self, seconds: float) -> None:
        """Wait in the thread or the task."""
        if self.backend.name == "sync":
            time.sleep(seconds)  # noqa: ASYNC251  # runs in a thread of its own
        else:
            await anyio.sleep(seconds)


def pools() -> Iterator[Way]:
    """Open each backend with our own pool, one after the other."""
    return open_ways([(kind, POOL) for kind in KINDS])


def all_ways() -> Iterator[Way]:
    """Open each backend with our own pool, and threads and tasks with other transports."""
    return open_ways(WAYS)


def some_ways(count: int, attempts: int) -> Iterator[Way]:
    """Open as many ways as a number of attempts allows, with so many attempts in each, once or several times."""
    return open_ways([WAYS[number % len(WAYS)] for number in range(max(round(count / attempts), 1))])


def open_ways(ways: Sequence[tuple[str, str]]) -> Iterator[Way]:
    """Open ways one after the other."""
    for kind, library in ways:
        with open_backend(kind) as backend:
            yield Way(backend, library)


def shares(count: int, parts: int) -> list[int]:
    """Divide a number of attempts into almost equal parts."""
    return [count // parts + (part < count % parts) for part in range(parts)]


def _same(caller: Coroutine[Any, Any, T]) -> Awaitable[T]:
    return caller


async def outcome(report: Report, make: Callable[[], object], *, decode_error_allowed: bool = False) -> object:
    """Return the result of a call, or its `RekogError`; every other error is a fault.

    A `DecodeError` is a fault unless the server sends bodies that are no JSON: it shows parts of another response.
    """
    try:
        value = make()
        return await value if inspect.isawaitable(value) else value
    except RekogError as error:
        if isinstance(error, DecodeError):
            report.check(decode_error_allowed, f"DecodeError for a correct response: {error}"[:200])
        return error
    except Exception as error:
        report.fault(f"{type(error).__module__}.{type(error).__name__}: {error}"[:200])
        return error


@contextlib.contextmanager
def within(report: Report, seconds: float, text: str) -> Generator[None]:
    """Count a fault if the block takes much longer than these seconds, already while it runs."""
    timer = threading.Timer(seconds + LIMIT, report.fault, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def check_pickle(report: Report, error: object) -> None:
    """Check that an error can be sent to another process."""
    if not isinstance(error, RekogError):
        return
    try:
        restored = pickle.loads(pickle.dumps(error))
    except Exception as problem:
        report.fault(f"{type(error).__name__} cannot be pickled: {problem}"[:200])
        return
    report.check(type(restored) is type(error) and str(restored) == str(error), "a restored error differs")
