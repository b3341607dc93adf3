"""The end of the server, and clients that send or read too slowly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from rekog.emulator import Emulator
from rekog.emulator.serving import server
from tests.emulator.serving.asgi_client import LIST_COLLECTIONS
from tests.kit.clock import wait_until
from tests.kit.process import RESPONSE_TIMEOUT, ServerProcess, running_server

POST = b"POST / HTTP/1.1\r\nHost: rekog\r\nContent-Length: 100\r\n\r\n{"
DETECT = {**LIST_COLLECTIONS, "x-amz-target": "RekognitionService.DetectFaces"}
IN_HOLE = b'{"Image": {"S3Object": {"Bucket": "photos", "Name": "cat.jpg"}}}'
MIB = 1024**2

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=RESPONSE_TIMEOUT)


def list_collections(url: str) -> Future[httpx.Response]:
    """Send a request in a thread."""
    pool = ThreadPoolExecutor(1)
    sent = pool.submit(httpx.post, url, headers=LIST_COLLECTIONS, content=b"{}", timeout=RESPONSE_TIMEOUT)
    pool.shutdown(wait=False)
    return sent


def seconds_to_stop(process: ServerProcess) -> tuple[int, float]:
    """Send SIGTERM, and return the exit status and the time until the end."""
    begun = time.monotonic()
    status, _, _ = process.stop()
    return status, time.monotonic() - begun


@contextmanager
def dripping_server() -> Generator[str]:
    """Serve a response that never ends: a byte each fifth of a second. The value is its URL."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not ended.wait(0.2):
                    connection.sendall(b"a")

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()


# --- Signals ------------------------------------------------------------------------------------------------------


@posix
def test_a_request_whose_body_never_arrives_does_not_delay_the_end() -> None:
    with running_server() as process, connect(process.url) as client:
        client.sendall(POST)
        httpx.get(f"{process.url}/_rekog/health", timeout=RESPONSE_TIMEOUT)  # the server has received both
        status, seconds = seconds_to_stop(process)
    assert status == 0
    assert seconds < 20  # by default the server waits 40 seconds for requests in progress


@pytest.mark.slow
@posix
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_process_at_once_and_closes_the_state(second: int, tmp_path: Path) -> None:
    with running_server("--data", tmp_path) as process, process.client() as client:
        client.create_collection("people")
        httpx.post(f"{process.url}/_rekog/faults", json={"latency": 600}, timeout=RESPONSE_TIMEOUT)
        late = list_collections(process.url)
        wait_until(lambda: len(calls(process.url)) == 2)
        begun = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert process.process.poll() is None  # it waits for the request
        status, _, log = process.stop(second)
    assert (status, log) == (0, "")
    assert time.monotonic() - begun < 20
    assert isinstance(late.exception(RESPONSE_TIMEOUT), httpx.TransportError)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.sqlite3"]  # no write-ahead log: it was closed


@posix
def test_a_second_signal_ends_a_process_whose_thread_is_held_up() -> None:
    with dripping_server() as s3, running_server("--s3-endpoint", s3) as process:
        held = ThreadPoolExecutor(1).submit(httpx.post, process.url, headers=DETECT, content=IN_HOLE, timeout=60)
        time.sleep(2)
        assert not held.done()
        begun = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        status, _, _ = process.stop()
    assert status == 0
    assert time.monotonic() - begun < 20
    assert isinstance(held.exception(RESPONSE_TIMEOUT), httpx.TransportError)


STUCK = """
import sys, threading
from rekog.emulator import Emulator
from rekog.emulator.serving import server

def clock():
    if threading.current_thread() is not threading.main_thread():
        print("stuck", flush=True)
        threading.Event().wait()
    return 0.0

timeouts = server.Timeouts(grace=0.5, closing=1.5)
with Emulator(clock=clock) as emulator:
    server.run(emulator.asgi(), "127.0.0.1", 0, lambda url: print(url, flush=True), timeouts=timeouts)
    if sys.argv[1] == "closing":
        threading.Event().wait()
print("closed", flush=True)
if sys.argv[1] == "leaving":
    server.leave()
"""
"""A server with a request that holds up a thread, whose program is held up in the named phase of its end."""


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    ("phase", "printed"), [("exiting", "closed\n"), ("leaving", "closed\n"), ("closing", "")], ids=lambda value: value
)
def test_the_process_ends_after_the_grace_period_although_a_thread_is_held_up(phase: str, printed: str) -> None:
    program = subprocess.Popen([sys.executable, "-c", STUCK, phase], stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        held = list_collections(url)
        assert program.stdout.readline() == "stuck\n"
        program.send_signal(signal.SIGTERM)
        out, _ = program.communicate(timeout=30)
        assert (program.returncode, out) == (0, printed)
        assert isinstance(held.exception(RESPONSE_TIMEOUT), httpx.TransportError)
    finally:
        program.kill()
        program.wait()


@posix
def test_a_second_signal_while_the_state_is_closed_ends_the_process() -> None:
    code = STUCK.replace("closing=1.5", "closing=600.0")
    program = subprocess.Popen([sys.executable, "-c", code, "closing"], stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        program.send_signal(signal.SIGTERM)
        wait_until(lambda: not accepts(url))
        while program.poll() is None:
            program.send_signal(signal.SIGTERM)
            time.sleep(0.1)
        assert program.returncode == 0
    finally:
        program.kill()
        program.communicate()


# --- The end of `serve` -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [AssertionError, KeyboardInterrupt])
def test_an_exception_in_the_context_does_not_wait_for_delayed_responses(error: type[BaseException]) -> None:
    begun = time.monotonic()
    late: Future[httpx.Response] = Future()
    with Emulator() as emulator:
        emulator.faults.add(latency=600)
        with suppress(error), emulator.serve() as url:
            late = list_collections(url)
            wait_until(lambda: len(emulator.calls) == 1)
            raise error
    assert time.monotonic() - begun < 20  # else 40 seconds
    assert isinstance(late.exception(RESPONSE_TIMEOUT), httpx.TransportError)


def test_the_end_of_the_context_waits_for_requests_in_progress(emulator: Emulator) -> None:
    emulator.faults.add(latency=1)
    with emulator.serve() as url:
        late = list_collections(url)
        wait_until(lambda: len(emulator.calls) == 1)
    assert late.result(RESPONSE_TIMEOUT).status_code == 200


def test_the_end_of_the_context_does_not_wait_for_half_a_body(emulator: Emulator) -> None:
    begun = time.monotonic()
    with emulator.serve() as url, connect(url) as client:
        client.sendall(POST)
        httpx.get(f"{url}/_rekog/health", timeout=RESPONSE_TIMEOUT)
    assert time.monotonic() - begun < 20


def test_a_body_that_arrives_while_the_server_stops_is_served(emulator: Emulator) -> None:
    timeouts = server.Timeouts(unsent=30)
    with ThreadPoolExecutor(1) as pool, server.serving(emulator.asgi(), timeouts=timeouts) as url:
        client = connect(url)
        head = "".join(f"{name}: {value}\r\n" for name, value in LIST_COLLECTIONS.items())
        client.sendall(f"POST / HTTP/1.1\r\nHost: rekog\r\n{head}Content-Length: 2\r\n\r\n{{".encode())
        httpx.get(f"{url}/_rekog/health", timeout=RESPONSE_TIMEOUT)

        def finish() -> bytes:
            wait_until(lambda: not accepts(url))  # the server is stopping
            client.sendall(b"}")
            return b"".join(iter(lambda: client.recv(65536), b""))

        response = pool.submit(finish)
    assert response.result(RESPONSE_TIMEOUT).startswith(b"HTTP/1.1 200 OK")
    client.close()


# --- Slow clients -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", POST], ids=["head", "body"])
def test_a_client_that_drips_bytes_loses_its_connection(emulator: Emulator, sent: bytes) -> None:
    timeouts = server.Timeouts(head=0.5, body=0.5)
    with server.serving(emulator.asgi(), timeouts=timeouts) as url, connect(url) as client:
        begun = time.monotonic()
        with suppress(ConnectionError):
            client.sendall(sent)
            client.settimeout(0.1)
            while time.monotonic() - begun < 30:
                client.sendall(b"P")  # the beginning of a request's line, or of its body of 100 bytes
                with suppress(TimeoutError):
                    if not client.recv(100):
                        break
    assert time.monotonic() - begun < 9  # 90 bytes of the body


def test_a_client_that_reads_nothing_loses_its_connection(emulator: Emulator) -> None:
    emulator.put_object("b", "k", bytes(20 * MIB))
    timeouts = server.Timeouts(reading=0.5)
    with server.serving(emulator.asgi(), timeouts=timeouts) as url, connect(url) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /_rekog/objects/b/k HTTP/1.1\r\nHost: rekog\r\n\r\n")
        time.sleep(3)  # six times the limit
        received = 0
        with suppress(ConnectionError):
            while part := client.recv(MIB):
                received += len(part)
    assert received < 20 * MIB


def test_a_client_that_reads_slowly_gets_the_whole_response(emulator: Emulator) -> None:
    emulator.put_object("b", "k", bytes(8 * MIB))
    timeouts = server.Timeouts(reading=2.0)
    with server.serving(emulator.asgi(), timeouts=timeouts) as url, connect(url) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(b"GET /_rekog/objects/b/k HTTP/1.1\r\nHost: rekog\r\nConnection: close\r\n\r\n")
        received = 0
        for number in range(10_000):
            part = client.recv(MIB // 4)
            received += len(part)
            if not part:
                break
            time.sleep(0.2 if number < 20 else 0)  # twice the limit in total
    assert received > 8 * MIB


def test_a_client_that_reads_nothing_does_not_delay_the_end(emulator: Emulator) -> None:
    emulator.put_object("b", "k", bytes(20 * MIB))
    begun = time.monotonic()
    with emulator.serve() as url:
        client = connect(url)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /_rekog/objects/b/k HTTP/1.1\r\nHost: rekog\r\n\r\n")
        assert client.recv(1) == b"H"
    client.close()
    assert time.monotonic() - begun < 20


def accepts(url: str) -> bool:
    """Tell whether the server accepts connections."""
    try:
        connect(url).close()
    except ConnectionError:
        return False
    return True


def calls(url: str) -> list[object]:
    response: list[object] = httpx.get(f"{url}/_rekog/calls", timeout=RESPONSE_TIMEOUT).json()["calls"]
    return response
