"""Blocking functions: a limit on their time, one thread for all callers of the same one, and no room for threads."""

from __future__ import annotations

import gc
import math
import socket
import threading
import time
import weakref
from functools import partial
from typing import TYPE_CHECKING

import anyio
import pytest

from rekog._core.flow import run_blocking
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.blocking import NoThreadError, SharedThreads, call_within, wait_for_thread
from rekog._drivers.pools.pool import look_up
from rekog._settings.urls import Target
from rekog._values.errors import CallTimeoutError, ConnectError, ConnectTimeoutError, RekogError
from rekog.config import Timeout
from tests.drivers.calls import fetch, run_in
from tests.kit.servers import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rekog._core.flow import Flow
    from tests.kit.backends import Backend


class Kept:
    """An object that can have a weak reference."""


def test_the_value_of_a_function_that_ends_in_time_is_returned() -> None:
    assert call_within(5, lambda: "value") == "value"


def test_a_function_that_hangs_does_not_delay_the_end_of_the_program() -> None:
    assert call_within(10.0, lambda: threading.current_thread().daemon)


def test_the_error_of_a_function_that_ends_in_time_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        call_within(5, lambda: 1 / 0)


@pytest.mark.parametrize("seconds", [-1, 0, 0.01])
def test_a_function_that_takes_longer_is_a_timeout(seconds: float) -> None:
    with pytest.raises(TimeoutError):
        call_within(seconds, lambda: time.sleep(0.2))


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let each start of a thread fail with the given text of Python's error."""

    def fail_with(text: str) -> None:
        def start(_: threading.Thread) -> None:
            raise RuntimeError(text)

        monkeypatch.setattr(threading.Thread, "start", start)

    return fail_with


def test_without_room_for_a_thread_a_function_with_a_limit_is_not_called(no_threads: Callable[[str], None]) -> None:
    no_threads("can't start new thread")
    calls: list[str] = []
    with pytest.raises(NoThreadError, match="cannot start another thread: can't start new thread"):
        call_within(5, lambda: calls.append("called"))
    assert calls == []


def test_at_the_end_of_the_interpreter_a_function_runs_in_the_calling_thread(
    no_threads: Callable[[str], None],
) -> None:
    no_threads("can't create new thread at interpreter shutdown")
    assert call_within(5, threading.current_thread) is threading.current_thread()


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_an_exit_from_the_function_is_raised(kind: type[BaseException]) -> None:
    def end() -> None:
        raise kind

    with pytest.raises(kind):
        call_within(5, end)


def test_a_handled_error_leaves_no_reference_to_its_objects() -> None:
    kept: list[weakref.ref[Kept]] = []

    def fail() -> None:
        large = Kept()
        kept.append(weakref.ref(large))
        raise LookupError

    gc.disable()
    try:
        with pytest.raises(LookupError):
            call_within(5, fail)
        assert kept[0]() is None
    finally:
        gc.enable()


# --- Callers of the same function ----------------------------------------------------------------------------------


class Hanging:
    """A function that ends when the test says so; `running` has the names of the threads in it."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.running: list[str] = []

    def __call__(self, *_: object, **__: object) -> str:
        self.running.append(threading.current_thread().name)
        assert self.release.wait(30)
        return "value"

    def get_frozen_credentials(self) -> object:
        return self()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    function = Hanging()
    yield function
    function.release.set()


def test_callers_of_the_same_function_share_one_thread_and_its_value(hanging: Hanging) -> None:
    shared = SharedThreads()
    values: list[str] = []
    call = partial(wait_for_thread, partial(shared.start, "key", hanging), 20)
    callers = [threading.Thread(target=lambda: values.append(call())) for _ in range(8)]
    for caller in callers:
        caller.start()
    assert until(lambda: len(shared._waiting.get("key", [])) == 8)  # pyright: ignore[reportPrivateUsage]
    hanging.release.set()
    for caller in callers:
        caller.join()
    assert (values, len(hanging.running)) == (["value"] * 8, 1)


def test_a_function_that_has_ended_runs_again_for_the_next_caller() -> None:
    shared, numbers = SharedThreads(), iter(range(9))
    call = partial(wait_for_thread, partial(shared.start, "key", lambda: next(numbers)), 20)
    assert [call(), call()] == [0, 1]


def test_a_signal_at_the_start_of_the_thread_leaves_the_function_to_the_next_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    shared = SharedThreads()
    call = partial(wait_for_thread, partial(shared.start, "key", lambda: "value"), 20)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            call()
    assert call() == "value"


def test_callers_that_wait_for_a_thread_that_a_signal_prevents_get_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SharedThreads()
    results: list[Callable[[], object]] = []

    def join_and_interrupt(_: threading.Thread) -> None:
        shared.start("key", object, results.append)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", join_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        shared.start("key", object, results.append)
    assert len(results) == 2
    for result in results:
        with pytest.raises(NoThreadError) as caught:
            result()
        assert str(caught.value) == "a signal interrupted the start of a thread"


def test_a_signal_while_a_caller_joins_others_leaves_them_waiting(hanging: Hanging) -> None:
    shared = SharedThreads()
    values: list[str] = []
    shared.start("key", hanging, lambda result: values.append(result()))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    class Interrupting(list[object]):
        append = interrupt  # the signal arrives here

    waiting = shared._waiting  # pyright: ignore[reportPrivateUsage]
    waiting["key"] = Interrupting(waiting["key"])  # type: ignore[assignment]  # see the class
    with pytest.raises(KeyboardInterrupt):
        shared.start("key", hanging, lambda _: None)
    hanging.release.set()
    assert until(lambda: values == ["value"])


def test_a_provider_that_hangs_costs_one_thread(backend: Backend, hanging: Hanging) -> None:
    client = backend.client(credentials=hanging, endpoint_url="http://127.0.0.1:9", timeout=0.02)
    before = set(threading.enumerate())
    for _ in range(20):
        with pytest.raises(CallTimeoutError, match="the credentials were not there yet"):
            backend.run(client.list_collections)
    assert [thread.name for thread in set(threading.enumerate()) - before] == ["rekog-blocking"]


def test_a_name_server_that_hangs_costs_one_thread(
    backend: Backend, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    def getaddrinfo(*arguments: object, flags: int = 0, **options: object) -> object:
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not a number")
        return hanging()

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    driver = backend.driver()
    for _ in range(20):
        with pytest.raises(ConnectTimeoutError):
            fetch(backend, f"http://{backend.name}.test/", driver=driver, timeout=Timeout(connect=0.02))
    assert hanging.running == ["rekog-blocking"]


# --- No room for threads -------------------------------------------------------------------------------------------


def test_look_ups_of_two_ports_of_a_host_at_once_have_addresses_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    both, ended = threading.Event(), threading.Semaphore(0)
    found: dict[int, object] = {}

    def addresses(host: str, port: int, **_: object) -> list[tuple[str, int]]:
        both.wait(60)
        return [(host, port)]

    def receive(port: int, result: Callable[[], object]) -> None:
        found[port] = result()
        ended.release()

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    for port in (80, 81):
        look_up(Target(tls=False, host="host.test", port=port, path="/"))(partial(receive, port))
    both.set()
    assert all(ended.acquire(timeout=60) for _ in range(2))
    assert found == {80: [("host.test", 80)], 81: [("host.test", 81)]}


def test_a_provider_without_room_for_its_thread_is_an_error(
    backend: Backend, hanging: Hanging, no_threads: Callable[[str], None]
) -> None:
    client = backend.client(credentials=hanging, endpoint_url="http://127.0.0.1:9", timeout=5)
    no_threads("can't start new thread")
    with pytest.raises(RekogError, match="can't start new thread: make fewer calls at once, or raise the limit"):
        backend.run(client.list_collections)
    assert hanging.running == []


def test_a_look_up_without_room_for_its_thread_is_a_connect_error(
    backend: Backend, no_threads: Callable[[str], None]
) -> None:
    no_threads("can't start new thread")
    with pytest.raises(ConnectError, match="can't start new thread"):
        fetch(backend, "http://rekognition.test/")


# --- A function that ends after its event loop, or after its caller has left ---------------------------------------


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_function_may_end_after_its_event_loop(kind: str, hanging: Hanging, caplog: pytest.LogCaptureFixture) -> None:
    def blocked() -> Flow[str]:
        return (yield from run_blocking(hanging, 0.05))

    driver = AsyncDriver()
    with pytest.raises(TimeoutError):
        run_in(kind, lambda: driver.run(blocked()))
    thread = next(thread for thread in threading.enumerate() if thread.name == hanging.running[0])
    hanging.release.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_function_may_end_after_its_caller_was_cancelled(
    kind: str, hanging: Hanging, caplog: pytest.LogCaptureFixture
) -> None:
    def blocked(seconds: float) -> Flow[str]:
        return (yield from run_blocking(hanging, seconds, shared=True))

    async def leave_and_call() -> str:
        with anyio.move_on_after(0.05):
            await driver.run(blocked(math.inf))
        hanging.release.set()
        return await driver.run(blocked(20))

    driver = AsyncDriver()
    assert run_in(kind, leave_and_call) == "value"
    assert caplog.messages == []  # of the event loop
