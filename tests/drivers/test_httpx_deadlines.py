"""Transports of httpx, given or for a proxy: the total timeout ends every response, a fork shares no connection."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

import httpx
import pytest

from rekog._drivers.sync import SyncDriver
from rekog._values.errors import CallTimeoutError, ConnectError, ReadTimeoutError
from rekog.config import Timeout
from tests.drivers.calls import fetch, outcome
from tests.kit.forks import succeeds_in_child
from tests.kit.servers import ScriptedServer, head, ok, until

if TYPE_CHECKING:
    from tests.kit.backends import Backend
    from tests.kit.servers import ScriptedResponse

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MANY = 20 * 50  # with a pause of 0.02 s before each: 20 s
TRICKLED: dict[str, ScriptedResponse] = {
    "head": (b"HTTP/1.1 200 OK\r\nX-Padding: ", *(0.02, b".") * MANY),
    "informational responses": (0.02, CONTINUE) * MANY,
    "body": (head(200, {"Content-Length": "9999"}), *(0.02, b" ") * MANY),
}
TOTAL = Timeout(read=30, total=0.2)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("way", ["transport", "proxy"])
@pytest.mark.parametrize("name", TRICKLED)
def test_the_total_timeout_ends_a_trickled_response(
    backend: Backend, environment: pytest.MonkeyPatch, name: str, way: str
) -> None:
    with ScriptedServer(TRICKLED[name]) as server:
        if way == "proxy":
            environment.setenv("HTTP_PROXY", server.url)
            driver, url = backend.driver(), "http://rekognition.test/"
        else:
            transport = backend.choose(httpx.HTTPTransport, httpx.AsyncHTTPTransport)()
            driver, url = backend.driver(transport), server.url  # type: ignore[arg-type]  # one of them fits
        before = time.monotonic()
        with pytest.raises(CallTimeoutError, match=r"0\.\d+ s that were left of the call's total timeout"):
            fetch(backend, url, driver=driver, timeout=TOTAL)
        assert time.monotonic() - before < 10  # the response takes 20 s


def threads() -> int:
    return sum(thread.name == "rekog-blocking" for thread in threading.enumerate())


def test_a_response_after_the_deadline_ends_its_thread_and_connection() -> None:
    with ScriptedServer(TRICKLED["body"], ok(b"next")) as server:
        before, driver = threads(), SyncDriver(httpx.HTTPTransport(limits=httpx.Limits(max_connections=1)))
        assert driver.run(outcome(server.url, timeout=TOTAL)) == "CallTimeoutError"
        assert until(lambda: threads() == before)
        assert driver.run(outcome(server.url, timeout=Timeout(total=10))) == "next"
        driver.close()


class Reading(httpx.BaseTransport):
    """A transport that reads a context variable, as tracing does."""

    variable: ContextVar[str] = ContextVar("span")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=self.variable.get("none"))


@pytest.mark.parametrize("timeout", [Timeout(), Timeout(total=5)], ids=["without total", "with total"])
def test_a_transport_runs_in_the_context_of_the_call(timeout: Timeout) -> None:
    driver = SyncDriver(Reading())
    token = Reading.variable.set("parent span")
    try:
        assert driver.run(outcome("http://rekognition.test/", timeout=timeout)) == "parent span"
    finally:
        Reading.variable.reset(token)


def test_a_timeout_of_the_transport_before_the_total_is_its_own() -> None:
    def late(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late")

    driver = SyncDriver(httpx.MockTransport(late))
    assert driver.run(outcome("http://rekognition.test/", timeout=Timeout(total=9))) == ReadTimeoutError.__name__


def test_without_room_for_a_thread_a_request_with_a_total_timeout_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    driver = SyncDriver(httpx.MockTransport(respond))
    monkeypatch.setattr(threading.Thread, "start", start)
    assert driver.run(outcome("http://rekognition.test/", timeout=Timeout(total=9))) == ConnectError.__name__
    assert sent == []


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_of_a_fork_opens_its_own_connections_to_a_proxy(environment: pytest.MonkeyPatch) -> None:
    def call_in_child() -> None:
        call()
        driver.close()

    def call() -> None:
        assert driver.run(outcome("http://rekognition.test/", timeout=Timeout(read=10))) == "{}"

    with ScriptedServer(ok()) as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        driver = SyncDriver()
        call()
        assert succeeds_in_child(call_in_child)
        call()
        driver.close()
        assert [received.connection for received in proxy.requests] == [0, 1, 0]


def test_closing_a_driver_in_a_child_that_made_no_call_closes_nothing(environment: pytest.MonkeyPatch) -> None:
    with ScriptedServer(ok()) as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        driver = SyncDriver()
        assert driver.run(outcome("http://rekognition.test/")) == "{}"
        assert succeeds_in_child(driver.close)
        assert driver.run(outcome("http://rekognition.test/")) == "{}"
        driver.close()
        assert proxy.connections == 1
