"""Run one test body with the sync client in threads and with the async client under asyncio and trio.

A test that takes the `backend` fixture runs once per backend. Its body is plain code; each operation that may have to
be awaited is passed to `run` or `items` as a function without arguments:

    def test_labels_have_names(backend, server):
        kind = backend.choose(RekognitionClient, AsyncRekognitionClient)
        client = backend.closing(kind("eu-west-1", endpoint_url=server.url))
        response = backend.run(lambda: client.detect_labels(image))
        names = [face.face_id for face in backend.items(lambda: client.paginate_list_faces(collection_id="people"))]

Under asyncio and trio one event loop runs for the whole test, so that connections stay open from one `run` to the
next. Everything passed to `closing` is closed in that loop at the end of the test.

`backend.client(transport)` returns an open client of the backend with the credentials `KEYS`. Its declared type is
always the sync client: both clients have the same methods, and `run` awaits the result where necessary.

`Scripted` is a transport that returns a script of responses. `Unused` is a transport that fails the test when a
request is sent.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import AsyncIterable, Awaitable, Callable, Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar, cast

import anyio
import anyio.from_thread
import httpx
import pytest

from rekog import AsyncRekognitionClient, Credentials, RekognitionClient, RetryPolicy
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver

if TYPE_CHECKING:
    from rekog._core.flow import Flow
    from rekog._settings.values import Verify
    from rekog.config import FailedAttempt

A = TypeVar("A")
S = TypeVar("S")
T = TypeVar("T")

KEYS = Credentials("AKIDEXAMPLE", "the-secret-of-the-tests", "the-token-of-the-tests")


def no_pause(_failed: FailedAttempt) -> float:
    """Let the next attempt follow at once."""
    return 0.0


AT_ONCE = RetryPolicy(pause=no_pause)
"""Retries without pauses."""
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + 2 * (100).to_bytes(4, "big") + b"\x08\x02\0\0\0"
    b"the pixels of the tests" + b"\0\0\0\0IEND...."
)
"""A file whose header and end are those of a PNG image of 100 x 100 pixels."""


AnyTransport: TypeAlias = httpx.BaseTransport | httpx.AsyncBaseTransport


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for both clients, like `httpx.MockTransport`."""


class Reply(NamedTuple):
    """A response of a scripted transport."""

    status: int
    content: bytes
    headers: Mapping[str, str]


class Sent(NamedTuple):
    """A received request: the operation's name, its decoded body, the headers with lowercase names, and the URL."""

    operation: str
    wire: dict[str, Any]
    headers: dict[str, str]
    url: str


def json_reply(wire: object = None, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply with this value as JSON, or with an empty object."""
    content = b"{}" if wire is None else json.dumps(wire).encode()
    return Reply(status, content, {"x-amzn-RequestId": "request-1", **(headers or {})})


def error_reply(code: str, message: str = "", *, status: int = 400, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply with an error in the service's format."""
    return json_reply({"__type": code, "Message": message}, status=status, headers=headers)


Step: TypeAlias = Reply | Exception | Callable[[Sent], Reply]


class Scripted(Transport):
    """Returns the steps of a script in order, repeats the last one, and records the requests."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script) or [json_reply()]
        self.sent: list[Sent] = []
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, content: bytes) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        operation = headers["x-amz-target"].rpartition(".")[2]
        sent = Sent(operation, json.loads(content), headers, str(request.url))
        with self._lock:
            self.sent.append(sent)
            step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        reply = step if isinstance(step, Reply) else step(sent)
        return httpx.Response(reply.status, content=reply.content, headers=reply.headers)


class Unused(Transport):
    """Fails the test when a request is sent."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        pytest.fail(f"{request.headers['x-amz-target']} was sent")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pytest.fail(f"{request.headers['x-amz-target']} was sent")


class Driver(Protocol):
    """The interface that both drivers share."""

    def run(self, flow: Flow[T], /) -> T | Awaitable[T]: ...


class Backend:
    """Runs calls of the sync or async client, and closes clients and drivers at the end of the test."""

    def __init__(self, name: str, portal: anyio.from_thread.BlockingPortal | None) -> None:
        self.name = name
        self._portal = portal
        self._to_close: list[object] = []

    def choose(self, sync: S, asynchronous: A) -> S | A:
        """Return the value for this backend: the first for threads, the second for an event loop."""
        return sync if self._portal is None else asynchronous

    def closing(self, value: T) -> T:
        """Return the value, and close it with `aclose` or `close` at the end of the test."""
        self._to_close.append(value)
        return value

    def driver(
        self,
        transport: Transport | httpx.MockTransport | None = None,
        *,
        max_connections: int = 64,
        proxy: str | None = None,
        verify: Verify = True,
    ) -> Driver:
        """Return a driver, closed at the end of the test."""
        kind = self.choose(SyncDriver, AsyncDriver)
        return self.closing(kind(transport, max_connections=max_connections, proxy=proxy, verify=verify))

    def client(self, transport: AnyTransport | None = None, /, **settings: Any) -> RekognitionClient:
        """Return a client; by default it has credentials, the Region eu-west-1 and retries without pauses."""
        kind = self.choose(RekognitionClient, AsyncRekognitionClient)
        given: dict[str, Any] = {"region_name": "eu-west-1", "credentials": KEYS, "retry": AT_ONCE, **settings}
        given["transport"] = transport
        client = kind(**given)
        return self.closing(cast(RekognitionClient, client))  # cast: see the module's docstring

    def run(self, make: Callable[[], T | Awaitable[T]]) -> T:
        """Call a function and return its value, awaited where necessary."""
        if self._portal is None:
            return cast(T, make())  # cast: a function of the sync backend returns no awaitable
        main: Callable[[], Awaitable[T]] = partial(_settled, make)
        return self._portal.call(main)

    def together(self, *makes: Callable[[], T | Awaitable[T]]) -> list[T]:
        """Run functions concurrently, in threads or tasks, and return their values in order."""
        if self._portal is None:
            with ThreadPoolExecutor(len(makes)) as threads:
                results: list[Future[T]] = [threads.submit(self.run, make) for make in makes]
                return [result.result() for result in results]
        return self._portal.call(_gathered, makes)

    def items(self, make: Callable[[], Iterable[T] | AsyncIterable[T]]) -> list[T]:
        """Return all items of a pager or another (async) iterable."""
        if self._portal is None:
            return list(cast(Iterable[T], make()))  # cast: as in run
        return self._portal.call(_collected, make)

    def close(self, value: object) -> None:
        """Close a driver or client now."""
        close: Callable[[], object] = getattr(value, "aclose", None) or getattr(value, "close")  # noqa: B009 (object)
        self.run(close)

    def close_all(self) -> None:
        """Close all values passed to `closing`, in reverse order."""
        while self._to_close:
            self.close(self._to_close.pop())


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
    items = make()
    return [item async for item in items] if isinstance(items, AsyncIterable) else list(items)


@contextmanager
def open_backend(name: str) -> Generator[Backend]:
    """Open the backend named "sync", "asyncio", "uvloop" or "trio", and close its clients and drivers at the end."""
    if name == "sync":
        threads = Backend(name, None)
        yield threads
        threads.close_all()
        return
    kind, options = ("asyncio", {"use_uvloop": True}) if name == "uvloop" else (name, dict[str, bool]())
    with anyio.from_thread.start_blocking_portal(kind, options) as portal:
        tasks = Backend(name, portal)
        yield tasks
        tasks.close_all()
