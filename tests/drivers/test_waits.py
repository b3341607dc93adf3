"""Waits, threads and senders: the times, the names and the settings that drivers pass on, without waiting for them."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import certifi
import pytest
import trio
import trio.testing

from rekog._core.flow import Blocking, Effect, HttpRequest, HttpResponse, Sleep, TakeSlot
from rekog._drivers import blocking, driver, senders
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.blocking import run_inline, start_thread
from rekog._drivers.pools import asyncio_pool, trio_pool
from rekog._drivers.pools.idle import IDLE_LIMIT, IdleConnections
from rekog._drivers.senders import find_proxy, tls_context
from rekog._drivers.slots import AsyncioSlots, ProcessSlots, TrioSlots
from rekog._drivers.sync import SyncDriver
from rekog._settings.urls import parse_target
from rekog._values.errors import ClientClosedError, RekogError
from tests.drivers.calls import request
from tests.kit.fixtures import bare_environment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator

__all__ = ["bare_environment"]

SECONDS = {-1.0: 0.0, 0.0: 0.0, 0.25: 0.25, 7.0: 7.0}
"""Times given to a wait, and those that it takes."""
REQUEST = request("http://host.test/", b"{}")
RESPONSE = HttpResponse(200, {}, b"{}")


def never(_receive: Callable[..., object]) -> None:
    """Start no thread."""


def test_a_wait_for_a_thread_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[float] = []

    class Lock:
        """A lock that nothing releases."""

        def acquire(self, timeout: float | None = None) -> bool:
            if timeout is not None:
                taken.append(timeout)
            return False

    class Threading:
        """The part of `threading` that a wait uses."""

        TIMEOUT_MAX = threading.TIMEOUT_MAX

        def __init__(self) -> None:
            self.Lock = Lock

    monkeypatch.setattr(blocking, "threading", Threading())
    for seconds in (*SECONDS, 1e300, math.inf):
        with pytest.raises(TimeoutError):
            blocking.wait_for_thread(never, seconds)
    assert taken == [*SECONDS.values(), threading.TIMEOUT_MAX, threading.TIMEOUT_MAX]


def test_a_wait_under_trio_takes_its_time() -> None:
    async def elapsed(wait: Callable[[float], Awaitable[object]], seconds: float) -> float:
        began = trio.current_time()
        with suppress(TimeoutError):
            assert not await wait(seconds)
        return trio.current_time() - began

    async def main() -> list[dict[float, float]]:
        slots, (near, far) = TrioSlots(1), socket.socketpair()
        with near, far:
            release = await slots.take(0)
            waits: list[Callable[[float], Awaitable[object]]] = [
                slots.take,
                lambda seconds: trio_pool.wait_for_thread(never, seconds),
                lambda seconds: trio_pool.TrioShare.wait(near, max(seconds, 0), writing=False),
            ]
            found = [{seconds: await elapsed(wait, seconds) for seconds in SECONDS} for wait in waits]
            release()
            (await slots.take(0))()
        return found

    found = trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert found == [pytest.approx(SECONDS)] * 3


def test_a_wait_for_a_slot_under_asyncio_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        call_later = loop.call_later

        def record(delay: float, *work: Any) -> asyncio.TimerHandle:
            taken.append(delay)
            return call_later(0, *work)

        slots = AsyncioSlots(1)
        release = await slots.take(0)
        monkeypatch.setattr(loop, "call_later", record)
        for seconds in SECONDS:
            with pytest.raises(TimeoutError):
                await slots.take(seconds)
        waiting = [asyncio.ensure_future(slots.take(math.inf)) for _ in range(2)]
        await asyncio.sleep(0)
        release()
        await asyncio.sleep(0)
        assert [task.done() for task in waiting] == [True, False]
        (await waiting[0])()
        (await waiting[1])()
        again = await slots.take(0)
        with pytest.raises(TimeoutError):
            await slots.take(0)
        again()

    asyncio.run(main())
    assert taken == [*SECONDS.values(), 0]


def test_the_slots_of_a_process_are_as_many_as_given_and_may_be_taken_again() -> None:
    slots = ProcessSlots(2)
    first, second = run_inline(slots.take(0)), run_inline(slots.take(math.inf))
    for seconds in (-1, 0, 0.001):
        with pytest.raises(TimeoutError):
            run_inline(slots.take(seconds))
    timer = threading.Timer(0.02, first)
    timer.start()
    third = run_inline(slots.take(0.9))
    timer.join()
    for release in (second, third):
        release()
        release()
    assert [run_inline(slots.take(0)) is not None for _ in range(2)] == [True, True]


def test_a_blocking_function_runs_in_a_daemon_thread_with_our_name() -> None:
    ended, results = threading.Event(), list[Callable[[], threading.Thread]]()

    def receive(result: Callable[[], threading.Thread]) -> None:
        results.append(result)
        ended.set()

    start_thread(threading.current_thread, receive)
    assert ended.wait(60)
    thread = results[0]()
    assert (thread.name, thread.daemon) == ("rekog-blocking", True)


def test_an_asyncio_wait_for_a_thread_has_a_limit_only_if_it_is_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float | None] = []
    timeout = asyncio.timeout

    def record(seconds: float | None) -> asyncio.Timeout:
        limits.append(seconds)
        return timeout(seconds)

    def start(receive: Callable[[Callable[[], int]], object]) -> None:
        receive(lambda: 5)

    async def main() -> list[int]:
        monkeypatch.setattr(asyncio, "timeout", record)
        return [await asyncio_pool.wait_for_thread(start, seconds) for seconds in (7.0, math.inf)]

    assert asyncio.run(main()) == [5, 5]
    assert limits == [7.0, None]


# --- Drivers -----------------------------------------------------------------------------------------------------


class FakeSender:
    """A sender that records its requests."""

    def __init__(self) -> None:
        self.sent: list[HttpRequest] = []
        self.closed = 0

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        return RESPONSE

    async def close(self) -> None:
        self.closed += 1


def performing(*effects: Effect) -> Generator[Effect, Any, list[object]]:
    results: list[object] = []
    for effect in effects:
        results.append((yield effect))
    return results


def run(made: SyncDriver | AsyncDriver, *effects: Effect) -> list[object]:
    if isinstance(made, SyncDriver):
        return made.run(performing(*effects))
    return asyncio.run(made.run(performing(*effects)))


KINDS: list[Any] = [SyncDriver, AsyncDriver]


@pytest.mark.parametrize("kind", KINDS)
def test_a_driver_opens_one_sender_with_its_settings(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, opened = FakeSender(), list[tuple[object, ...]]()
    families = iter([None, None, "httpx", "httpx"])

    def open_sender(*given: object, **named: object) -> FakeSender:
        opened.append((*given, named))
        return sender

    monkeypatch.setattr(driver, "open_sender", open_sender)
    given: list[bool] = []

    def patched_family(*, threads: bool) -> str | None:
        given.append(threads)
        return next(families)

    monkeypatch.setattr(driver, "patched_family", patched_family)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made = kind(max_connections=7, proxy="http://proxy.test", verify=context)
    assert run(made, *[REQUEST] * 4) == [RESPONSE] * 4
    threads = kind is SyncDriver
    settings = (7, "http://proxy.test", context, "http://host.test/")
    assert opened == [(*settings, None, {"threads": threads}), (*settings, "httpx", {"threads": threads})]
    assert (sender.sent, given) == ([REQUEST] * 4, [threads] * 4)
    run_close(made)
    assert sender.closed == 1


def run_close(made: SyncDriver | AsyncDriver) -> None:
    if isinstance(made, SyncDriver):
        made.close()
    else:
        asyncio.run(made.aclose())


@pytest.mark.parametrize("kind", KINDS)
def test_a_driver_with_a_transport_opens_none_under_any_patch(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, wrapped = FakeSender(), list[tuple[object, bool]]()
    transport: Any = object()

    def wrap(given: object, *, threads: bool) -> FakeSender:
        wrapped.append((given, threads))
        return sender

    monkeypatch.setattr(driver, "wrap_transport", wrap)
    made = kind(transport)
    families = iter([None, "httpx", "httpx2"])

    def patched_family(*, threads: bool) -> str | None:
        return next(families)

    monkeypatch.setattr(driver, "patched_family", patched_family)
    assert run(made, *[REQUEST] * 3) == [RESPONSE] * 3
    run_close(made)
    run_close(made)
    assert (wrapped, len(sender.sent), sender.closed) == ([(transport, kind is SyncDriver)], 3, 1)
    text = "the client is closed: create a new one, or make the call before the end of its `with` block"
    monkeypatch.setattr(driver, "patched_family", lambda **_: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    for effect in (REQUEST, TakeSlot(0)):
        with pytest.raises(ClientClosedError) as caught:
            run(made, effect)
        assert str(caught.value) == text


@pytest.mark.parametrize("kind", KINDS)
def test_a_driver_pauses_as_long_as_the_flow_says(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(anyio, "sleep", pause)
    run(kind(), Sleep(2.5))
    given: list[float] = []

    async def own(seconds: float) -> None:
        given.append(seconds)

    run(kind(sleep=given.append if kind is SyncDriver else own), Sleep(3.5))
    assert (pauses, given) == ([2.5], [3.5])


@pytest.mark.parametrize("kind", KINDS)
def test_a_driver_has_as_many_slots_as_connections(kind: Any) -> None:
    def taking(number: int) -> list[object]:
        return run(kind(max_connections=3), *[TakeSlot(0)] * number)

    assert len(taking(3)) == 3
    with pytest.raises(TimeoutError):
        taking(4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("seconds", [60.0, math.inf])
def test_a_driver_returns_the_value_or_the_error_of_a_function(kind: Any, shared: bool, seconds: float) -> None:
    error = ValueError("why")

    def fail() -> None:
        raise error

    made = kind()
    assert run(made, Blocking(lambda: 5, seconds, shared)) == [5]
    with pytest.raises(ValueError, match=r"^why$") as caught:
        run(made, Blocking(fail, seconds, shared))
    assert caught.value is error


@pytest.mark.parametrize("kind", KINDS)
def test_the_error_without_a_thread_has_a_remedy(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RekogError) as caught:
        run(kind(), Blocking(lambda: 5, 60.0))
    assert str(caught.value) == (
        "the process cannot start another thread: can't start new thread: make fewer calls at once, or raise the limit"
        " on threads"
    )


# --- Proxies and certificates ------------------------------------------------------------------------------------

PROXIES: list[tuple[dict[str, str], str | None, str | None]] = [
    # the environment, and the proxies for http and for https
    ({}, None, None),
    ({"HTTPS_PROXY": "http://a:1"}, None, "http://a:1"),
    ({"HTTP_PROXY": "http://a:1"}, "http://a:1", None),
    ({"https_proxy": "a:1"}, None, "http://a:1"),
    ({"ALL_PROXY": "socks5://a:1"}, "socks5://a:1", "socks5://a:1"),
    ({"ALL_PROXY": "http://a", "HTTPS_PROXY": "http://b"}, "http://a", "http://b"),
    ({"ALL_PROXY": "http://a", "NO_PROXY": "host.test"}, None, None),
    ({"ALL_PROXY": "http://a", "NO_PROXY": "host.test:8680"}, "http://a", None),
    ({"ALL_PROXY": "http://a", "NO_PROXY": "other.test"}, "http://a", "http://a"),
    ({"ALL_PROXY": "http://a", "NO_PROXY": "*"}, None, None),
    ({"ALL_PROXY": ""}, None, None),
    ({"NO_PROXY": "other.test"}, None, None),
]


@pytest.fixture
def no_proxies(bare_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Hide the proxies and the certificates of the machine that runs the tests."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_"):
            bare_environment.delenv(name)
    return bare_environment


def test_a_proxy_comes_from_the_variable_of_its_scheme(no_proxies: pytest.MonkeyPatch) -> None:
    targets = [parse_target(url) for url in ("http://host.test/", "https://host.test:8680/")]
    for environment, *expected in PROXIES:
        with no_proxies.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            assert [find_proxy(target) for target in targets] == expected, environment


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_the_proxies_of_the_system_are_those_of_windows_and_macos(
    platform: str, no_proxies: pytest.MonkeyPatch
) -> None:
    no_proxies.setattr("urllib.request.getproxies", lambda: {"https": "a:1"})
    no_proxies.setattr("urllib.request.proxy_bypass", "other.test".__eq__)
    no_proxies.setattr(sys, "platform", platform)
    expected = None if platform == "linux" else "http://a:1"
    assert find_proxy(parse_target("https://host.test/")) == expected
    assert find_proxy(parse_target("https://other.test/")) is None


def test_a_proxy_of_the_client_wins_over_that_of_the_environment(no_proxies: pytest.MonkeyPatch) -> None:
    opened: list[tuple[object, ...]] = []

    def open_httpx(*given: object, **named: object) -> None:
        opened.append((*given, named))

    no_proxies.setattr("rekog._drivers.httpx_senders.open_httpx", open_httpx)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    senders.open_sender(3, "http://a", context, "https://host.test/", None, threads=True)
    senders.open_sender(4, None, context, "http://host.test/", "httpx2", threads=False)
    no_proxies.setenv("HTTP_PROXY", "b:1")
    senders.open_sender(5, None, context, "http://host.test/", None, threads=True)
    assert opened == [
        ("httpx", context, "http://a", 3, {"threads": True}),
        ("httpx2", None, None, 4, {"threads": False}),
        ("httpx", None, "http://b:1", 5, {"threads": True}),
    ]


def test_a_context_trusts_what_the_setting_says(no_proxies: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made: list[dict[str, Any]] = []
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def record(**given: Any) -> ssl.SSLContext:
        made.append(given)
        return own

    no_proxies.setattr(ssl, "create_default_context", record)
    assert tls_context(own) is own
    unverified = tls_context(False)
    assert (unverified.check_hostname, unverified.verify_mode) == (False, ssl.CERT_NONE)
    assert made == []
    file = tmp_path / "ca.pem"
    for verify in (True, str(file), file, str(tmp_path), tmp_path):
        tls_context(verify)
    no_proxies.setenv("SSL_CERT_DIR", str(tmp_path))
    tls_context(True)
    no_proxies.setenv("SSL_CERT_FILE", "/f")
    tls_context(True)
    tls_context("/v")
    assert made == [
        {"cafile": certifi.where()},
        {"cafile": str(file)},
        {"cafile": file},
        {"capath": str(tmp_path)},
        {"capath": tmp_path},
        {"capath": str(tmp_path)},
        {"cafile": "/f"},
        {"cafile": "/v"},
    ]


# --- Idle connections --------------------------------------------------------------------------------------------


class Idle:
    """An idle connection that only records whether it was closed."""

    def __init__(self, *, usable: bool = True) -> None:
        self.usable, self.closed, self.idle_since = usable, False, 0.0

    def is_usable(self) -> bool:
        return self.usable

    def close(self) -> None:
        self.closed = True


def test_an_idle_connection_is_kept_for_its_time_and_the_last_one_used_next() -> None:
    now = [100.0]
    idle: IdleConnections[Idle] = IdleConnections(lambda: now[0])
    assert idle.take() is None
    first, second, third, broken = Idle(), Idle(), Idle(), Idle(usable=False)
    idle.keep(first)
    now[0] += 1
    for connection in (second, third, broken):
        idle.keep(connection)
    assert idle.take() is third
    assert (broken.closed, third.closed) == (True, False)
    now[0] = 100 + IDLE_LIMIT + 0.5
    idle.keep(third)
    assert (first.closed, second.closed, third.closed) == (True, False, False)
    assert idle.take() is third
    now[0] = 101 + IDLE_LIMIT
    assert idle.take() is second
    idle.keep(second)
    now[0] += IDLE_LIMIT + 0.001
    assert idle.take() is None
    assert second.closed
    fourth, late = Idle(), Idle()
    idle.keep(fourth)
    idle.clear()
    assert fourth.closed
    idle.close()
    idle.keep(late)
    assert (late.closed, idle.take()) == (True, None)
