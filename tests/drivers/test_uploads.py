"""Large requests: memory, slow peers, and servers that answer before they have taken everything."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING, Self

import pytest
import trio

from rekog._drivers.aio import AsyncDriver
from rekog._drivers.pools.http11 import CHUNK
from rekog._values.errors import ConnectionLostError, StaleConnectionError, WriteTimeoutError
from rekog.config import Timeout
from tests.drivers.calls import SHORT, fetch, outcome
from tests.kit.backends import Backend
from tests.kit.servers import Answer, End, ScriptedServer, failed, head, ok, until

if TYPE_CHECKING:
    from tests.kit.backends import Backend

IMAGE = bytes(5_000_000)
TOO_LARGE = failed(413, "RequestTooLargeException")


@pytest.mark.parametrize(
    ("answer", "takes"),
    [
        pytest.param((*TOO_LARGE, End.CLOSE), 0, id="and closes"),
        pytest.param((*TOO_LARGE, End.CLOSE), 1_000_000, id="and closes within the body"),
        pytest.param((*TOO_LARGE, 60.0), 0, id="and takes no more"),
        pytest.param((0.05, head(413, {"Content-Length": "2"}), 0.05, b"{}", 60.0), 0, id="slowly"),
    ],
)
def test_an_early_answer_is_heard(backend: Backend, answer: Answer, takes: int) -> None:
    with ScriptedServer(answer, takes=takes) as server:
        assert fetch(backend, server.url, IMAGE, timeout=Timeout(read=10)).status == 413


def test_a_connection_with_half_a_request_on_it_is_not_used_again(backend: Backend) -> None:
    with ScriptedServer((*TOO_LARGE, 60.0), ok(b"next"), takes=0) as server:
        driver = backend.driver()
        fetch(backend, server.url, IMAGE, driver=driver)
        assert fetch(backend, server.url, driver=driver).content == b"next"
        assert [received.connection for received in server.requests] == [0, 1]


class Sink:
    """Takes uploads without keeping them, in a buffer of its own, and answers `whole` to each.

    Says 100 once the first bytes are there; takes the first 14 MB in 1.1 s or more if it is to be slow.
    """

    def __init__(self, *, slow: bool = False) -> None:
        self._slow = slow
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 300_000)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self._buffer = bytearray(300_000)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while taken := connection.recv_into(self._buffer):
                head = bytes(self._buffer[:taken]).partition(b"\r\n\r\n")[0]
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                length = int(head.partition(b"Content-Length: ")[2].split()[0])
                taken -= len(head) + 4
                while taken < length:
                    if not (more := connection.recv_into(self._buffer)):
                        return
                    taken += more
                    if self._slow and taken < 14_000_000:
                        time.sleep(more / 12_500_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole")


def test_an_informational_answer_does_not_end_an_upload(backend: Backend) -> None:
    with Sink() as sink:
        assert fetch(backend, sink.url, IMAGE).content == b"whole"


def test_a_slow_upload_is_no_timeout_while_it_goes_on(backend: Backend) -> None:
    with Sink(slow=True) as sink:
        before = time.monotonic()
        assert fetch(backend, sink.url, *[IMAGE] * 4, timeout=Timeout(read=1)).content == b"whole"
        assert time.monotonic() - before > 1.05  # longer than one silence may be


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_server_that_leaves_within_an_upload_is_a_lost_connection(backend: Backend, end: End) -> None:
    with ScriptedServer((end,), takes=100_000) as server, pytest.raises(ConnectionLostError):
        fetch(backend, server.url, IMAGE)


def test_a_server_that_leaves_within_an_upload_on_a_used_connection_made_it_stale(backend: Backend) -> None:
    with ScriptedServer(ok(b"first"), (End.CLOSE,), ok(b"again")) as server:
        driver = backend.driver()
        fetch(backend, server.url, driver=driver)
        with pytest.raises(StaleConnectionError):
            fetch(backend, server.url, IMAGE, driver=driver)
        assert fetch(backend, server.url, IMAGE, driver=driver).content == b"again"
        assert server.requests[2].body == IMAGE


def test_a_stalled_upload_is_a_write_timeout(backend: Backend) -> None:
    with ScriptedServer((60.0,), takes=1000) as server:
        driver = backend.driver()
        with pytest.raises(WriteTimeoutError, match=r"took nothing of the request for 0\.1 s"):
            fetch(backend, server.url, IMAGE + IMAGE, driver=driver, timeout=SHORT)


def test_a_cancelled_upload_is_cancelled_under_trio_without_a_group() -> None:
    caught: list[BaseException] = []

    async def main(url: str) -> None:
        with trio.move_on_after(0.1):
            try:
                await AsyncDriver().run(outcome(url, IMAGE, IMAGE))
            except BaseException as error:
                caught.append(error)
                raise

    with ScriptedServer((60.0,), takes=1000) as server:
        trio.run(main, server.url)
    assert [type(error) for error in caught] == [trio.Cancelled]


def traced() -> int:
    return tracemalloc.get_traced_memory()[0]


def test_an_upload_is_not_copied(backend: Backend) -> None:
    parts = (b'{"Image": {"Bytes": "', IMAGE, b'"}}')
    with Sink() as sink:
        driver = backend.driver()
        fetch(backend, sink.url, driver=driver)
        tracemalloc.start()
        try:
            fetch(backend, sink.url, *parts, driver=driver)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 4 * CHUNK


def test_an_idle_connection_keeps_no_request_in_memory(backend: Backend) -> None:
    with Sink() as sink:
        driver = backend.driver()
        tracemalloc.start()
        try:
            fetch(backend, sink.url, bytes(len(IMAGE)), driver=driver)
            assert until(lambda: traced() < len(IMAGE) // 2)  # the loop's thread may be at the end of the call still
        finally:
            tracemalloc.stop()


def test_an_idle_connection_keeps_no_answer_in_memory(backend: Backend) -> None:
    with ScriptedServer(ok(IMAGE)) as server:
        driver = backend.driver()
        tracemalloc.start()
        try:
            fetch(backend, server.url, driver=driver)
            assert until(lambda: traced() < len(IMAGE) // 2)
        finally:
            tracemalloc.stop()
