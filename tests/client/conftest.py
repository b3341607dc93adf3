"""One test body for threads, asyncio and trio.

A test that takes the `backend` fixture runs three times. It is written as plain code; whatever may have to be awaited
is handed over as a function without arguments:

    def test_a_label_is_found(backend, server):
        client = backend.opened(backend.choose(RekognitionClient, AsyncRekognitionClient)(endpoint_url=server.url, ...))
        response = backend.run(lambda: client.detect_labels(image))
        names = [face.face_id for face in backend.items(lambda: client.paginate_list_faces(collection_id="people"))]

Under asyncio and trio one event loop lives as long as the test, so that connections are kept from one `run` to the
next; what was `opened` is closed in it at the end.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

import anyio
import anyio.from_thread
import httpx
import pytest

from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver

if TYPE_CHECKING:
    from rekog._core.http import Flow

A = TypeVar("A")
S = TypeVar("S")
T = TypeVar("T")


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for threads and tasks alike, as `httpx.MockTransport` is one."""


class Driver(Protocol):
    """What the two drivers have in common for a test."""

    def run(self, flow: Flow[T], /) -> T | Awaitable[T]: ...


class Backend:
    """Runs calls of the sync or of the async kind, and closes at the end what it was told to."""

    def __init__(self, name: str, portal: anyio.from_thread.BlockingPortal | None) -> None:
        self.name = name
        self._portal = portal
        self._opened: list[object] = []

    def choose(self, sync: S, asynchronous: A) -> S | A:
        """Return the one of two that belongs to this backend."""
        return sync if self._portal is None else asynchronous

    def opened(self, thing: T) -> T:
        """Close this (by `aclose` or `close`) at the end of the test."""
        self._opened.append(thing)
        return thing

    def driver(
        self,
        transport: Transport | httpx.MockTransport | None = None,
        *,
        max_connections: int = 64,
        ca_bundle: str | None = None,
    ) -> Driver:
        """Return a driver that the end of the test closes."""
        kind = self.choose(SyncDriver, AsyncDriver)
        return self.opened(kind(transport, max_connections=max_connections, ca_bundle=ca_bundle))

    def run(self, make: Callable[[], T | Awaitable[T]]) -> T:
        """Call a function and return its value, awaited if need be."""
        if self._portal is None:
            return cast(T, make())  # cast: what belongs to the sync backend is never awaitable
        main: Callable[[], Awaitable[T]] = partial(_settled, make)
        return self._portal.call(main)

    def together(self, *makes: Callable[[], T | Awaitable[T]]) -> list[T]:
        """Run several at once, in threads or tasks, and return their values in order."""
        if self._portal is None:
            with ThreadPoolExecutor(len(makes)) as threads:
                results: list[Future[T]] = [threads.submit(self.run, make) for make in makes]
                return [result.result() for result in results]
        return self._portal.call(_gathered, makes)

    def items(self, make: Callable[[], Iterable[T] | AsyncIterable[T]]) -> list[T]:
        """Return all that a pager or another (async) iterable gives."""
        if self._portal is None:
            return list(cast(Iterable[T], make()))  # cast: as in run
        return self._portal.call(_collected, make)

    def close(self, thing: object) -> None:
        """Close a driver or client now."""
        close: Callable[[], object] = getattr(thing, "aclose", None) or getattr(thing, "close")  # noqa: B009 (object)
        self.run(close)

    def close_all(self) -> None:
        """Close what was opened, the last first."""
        while self._opened:
            self.close(self._opened.pop())


async def _settled(make: Callable[[], T | Awaitable[T]]) -> T:
    value = make()
    result = await value if inspect.isawaitable(value) else value
    return cast(T, result)  # cast: an awaitable T is awaited, which the checkers cannot see


async def _gathered(makes: tuple[Callable[[], T | Awaitable[T]], ...]) -> list[T]:
    values: dict[int, T] = {}

    async def settle(number: int) -> None:
        values[number] = await _settled(makes[number])

    async with anyio.create_task_group() as tasks:
        for number in range(len(makes)):
            tasks.start_soon(settle, number)
    return [values[number] for number in range(len(makes))]


async def _collected(make: Callable[[], Iterable[T] | AsyncIterable[T]]) -> list[T]:
    found = make()
    return [item async for item in found] if isinstance(found, AsyncIterable) else list(found)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Run the test in threads, under asyncio and under trio."""
    name: str = request.param
    if name == "sync":
        threads = Backend(name, None)
        yield threads
        threads.close_all()
        return
    with anyio.from_thread.start_blocking_portal(name) as portal:
        tasks = Backend(name, portal)
        yield tasks
        tasks.close_all()
