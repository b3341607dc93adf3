"""`run`, which serves in the main thread until a signal, and `leave`, which ends a process that is held up."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator.serving import server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog.emulator import Emulator

WARNING = (
    "listening on 0.0.0.0: the control API has no authentication, so every client that can connect may read and change"
    " all state"
)
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


class Timer:
    """A timer that never ends, in place of one that would end the process of the tests."""

    made: list[Timer]

    def __init__(self, seconds: float, call: Any) -> None:
        self.seconds, self.call = seconds, call
        self.daemon = self.is_started = False
        self.made.append(self)

    def start(self) -> None:
        self.is_started = True


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Yield the statuses with which the process would have ended; the handlers of signals are as before afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    statuses: list[int] = []
    monkeypatch.setattr(os, "_exit", statuses.append)
    monkeypatch.setitem(sys.modules, "uvloop", None)  # after an error its loop waits for ever when it is closed
    monkeypatch.setattr(Timer, "made", [], raising=False)
    monkeypatch.setattr(threading, "Timer", Timer)
    yield statuses
    for number, handler in before.items():
        signal.signal(number, handler)


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("host", "warnings"), [("127.0.0.1", []), ("0.0.0.0", [WARNING])])
def test_a_signal_ends_the_server_and_a_further_one_the_process(
    emulator: Emulator, ended: list[int], caplog: pytest.LogCaptureFixture, number: int, host: str, warnings: list[str]
) -> None:
    urls: list[str] = []

    def ready(url: str) -> None:
        urls.append(url)
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=60):
            signal.raise_signal(number)

    server.run(emulator.asgi(), host, 0, ready, timeouts=server.Timeouts(grace=7.0, closing=3.0))
    assert [url.rpartition(":")[0] for url in urls] == [f"http://{host}"]
    assert [record.getMessage() for record in caplog.records if record.name == "rekog.emulator"] == warnings
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(urls[0].rpartition(":")[2])), timeout=60)
    assert [(timer.seconds, timer.daemon, timer.is_started) for timer in Timer.made] == [(10.0, True, True)]
    assert ended == []
    Timer.made[0].call()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.raise_signal(each)
    assert ended == [0, 0, 0]


@posix
def test_a_second_signal_ends_requests_and_the_process_without_the_grace_period(
    emulator: Emulator, ended: list[int]
) -> None:
    def ready(url: str) -> None:
        for _ in range(2):
            signal.raise_signal(signal.SIGTERM)

    server.run(emulator.asgi(), "127.0.0.1", 0, ready, timeouts=server.Timeouts(grace=7.0, closing=3.0))
    assert [timer.seconds for timer in Timer.made][:1] == [10.0]


def test_a_server_in_a_thread_ends_no_process(emulator: Emulator, ended: list[int]) -> None:
    with pytest.raises(KeyError), server.serving(emulator.asgi()):
        raise KeyError("of the program")
    assert (Timer.made, ended) == ([], [])


def test_a_process_ends_at_once_only_if_a_thread_of_a_request_is_held_up(
    ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    held, daemon = (threading.Thread(target=released.wait, daemon=is_daemon) for is_daemon in (False, True))
    done = threading.Thread(target=bool)
    for thread in (held, daemon, done):
        thread.start()
    monkeypatch.setattr(server, "_LEAVING_SECONDS", 0.05)
    try:
        for others, statuses in (([], []), ([daemon, done], []), ([done, held], [0])):
            everyone = [threading.current_thread(), *others]
            monkeypatch.setattr(threading, "enumerate", everyone.copy)
            server.leave()
            assert ended == statuses
    finally:
        released.set()


def test_the_settings_of_uvicorn_are_those_of_a_server_of_tests(emulator: Emulator) -> None:
    app, limits = emulator.asgi(), server.Timeouts(grace=7.0)
    made = server._Server(app, bool, ("127.0.0.1", 1), limits)  # pyright: ignore[reportPrivateUsage]
    config: Any = made.config
    assert config.app is app
    assert (config.http.timeouts, config.http.listening) == (limits, ("127.0.0.1", 1))
    assert (config.ws, config.lifespan, config.log_config) == ("none", "off", None)
    assert (config.access_log, config.server_header) == (False, False)
    assert (config.timeout_keep_alive, config.timeout_graceful_shutdown) == (60, 7.0)
    assert (config.backlog, config.h11_max_incomplete_event_size) == (1024, 64 * 1024)


def test_uvicorn_logs_no_request_and_sets_up_no_log(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    before = list(logging.getLogger("uvicorn").handlers)
    with caplog.at_level(logging.INFO), server.serving(emulator.asgi()) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall(b"GET /_rekog/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while client.recv(65536):
                pass
    assert [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"] == []
    assert logging.getLogger("uvicorn").handlers == before


def test_an_address_that_can_not_be_used_is_named_without_the_words_of_the_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for host, text in (("127.0.0.1", f"can't listen on 127.0.0.1 port {port}: Address already in use"),):
            with pytest.raises(OSError) as caught:  # noqa: PT011 (the whole text is compared)
                server.check_address(host, port)
            assert str(caught.value) == text
            assert isinstance(caught.value.__cause__, OSError)
    server.check_address("127.0.0.1", port)  # it is free again, also after the check
    server.check_address("127.0.0.1", port)
    text = "host must be an address or a name, like 127.0.0.1, not ''; 0.0.0.0 means all addresses"
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (as above)
        server.check_address("", 0)
    assert str(refused.value) == text


def test_a_server_that_does_not_start_is_an_error(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def startup(started: Any, *_: object, **__: object) -> None:
        started.should_exit = True

    async def shutdown(*_: object, **__: object) -> None:
        """Stop nothing: no listener was opened."""

    monkeypatch.setattr(server._Server, "startup", startup)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(server._Server, "shutdown", shutdown)  # pyright: ignore[reportPrivateUsage]
    with (
        pytest.raises(RuntimeError, match=r"^the server did not start; the log has the cause$"),
        server.serving(emulator.asgi()),
    ):
        pass
