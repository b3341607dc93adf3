"""The drivers: the effects of a Flow over real sockets and over given transports, in threads, asyncio and trio."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import cast

import anyio
import anyio.from_thread
import anyio.to_thread
import httpx
import pytest
import trustme

from rekog._core.flow import Effect, Flow, Sleep, run_blocking, sleep
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.httpx_senders import ERRORS
from rekog._drivers.pools.http11 import CHUNK_SIZE
from rekog._drivers.sync import SyncDriver
from rekog._values.errors import (
    CallTimeoutError,
    ConfigError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ReadTimeoutError,
    RekogError,
    TransportError,
    WriteTimeoutError,
)
from rekog.config import Timeout
from tests.drivers.calls import SHORT, fetch, request, send
from tests.kit import flows
from tests.kit.backends import Backend, Transport
from tests.kit.certificates import hashed_name
from tests.kit.servers import (
    End,
    ScriptedResponse,
    ScriptedServer,
    closing,
    cut_body,
    cut_head,
    failed,
    garbage,
    head,
    http10,
    ok,
    overlong_body,
    refusing_port,
    reset,
    silence,
    slow,
    until,
)

BACKENDS = ["asyncio", "trio"]


def responding(response: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: response)


def failing(error: Exception) -> httpx.MockTransport:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    return httpx.MockTransport(fail)


# --- Effects -----------------------------------------------------------------------------------------------------


def test_a_response_has_status_lowercase_headers_and_content(backend: Backend) -> None:
    with ScriptedServer(ok(b"body", status=201, headers={"X-Amzn-RequestId": "r-1"})) as server:
        response = fetch(backend, server.url)

    assert (response.status, response.content) == (201, b"body")
    assert response.headers["x-amzn-requestid"] == "r-1"


def test_a_request_is_sent_as_the_flow_made_it(backend: Backend) -> None:
    with ScriptedServer() as server:
        driver = backend.driver()
        backend.run(lambda: driver.run(send(request(server.url, b"one ", b"two", headers=((b"X-Amz-Target", b"T"),)))))
        received = server.requests[0]

    assert (received.method, received.target, received.body) == ("POST", "/", b"one two")
    assert received.headers == {"host": server.host, "content-length": "7", "x-amz-target": "T"}


def test_a_large_part_arrives_completely(backend: Backend) -> None:
    part = bytes(range(256)) * (CHUNK_SIZE // 256) + b"tail"
    with ScriptedServer() as server:
        fetch(backend, server.url, b"{", part, b"", b"}")
        assert server.requests[0].body == b"{" + part + b"}"


def test_a_large_part_is_sent_in_chunks(backend: Backend) -> None:
    sizes: list[int] = []

    class CountingTransport(Transport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            sizes.extend(len(chunk) for chunk in cast(httpx.SyncByteStream, request.stream))
            return httpx.Response(200)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            sizes.extend([len(chunk) async for chunk in cast(httpx.AsyncByteStream, request.stream)])
            return httpx.Response(200)

    fetch(
        backend, "http://rekognition.test/", b"{", bytes(2 * CHUNK_SIZE + 1), driver=backend.driver(CountingTransport())
    )

    assert sizes == [1, CHUNK_SIZE, CHUNK_SIZE, 1]


@pytest.mark.parametrize(
    ("pool", "total", "expected"), [(None, None, None), (None, 30, 30), (2, None, 2), (2, 30, 2)], ids=str
)
def test_httpx_gets_four_timeouts(
    backend: Backend, pool: float | None, total: float | None, expected: float | None
) -> None:
    seen: list[object] = []

    def record(incoming: httpx.Request) -> httpx.Response:
        seen.append(incoming.extensions["timeout"])
        return httpx.Response(200)

    driver = backend.driver(httpx.MockTransport(record))
    timeout = Timeout(total, connect=1.5, read=7, pool=pool)
    backend.run(lambda: driver.run(flows.send(request("http://rekognition.test/", timeout=timeout))))

    assert seen == [{"connect": 1.5, "read": 7, "write": 7, "pool": expected}]


def test_a_sleep_takes_its_time(backend: Backend) -> None:
    driver = backend.driver()
    before = time.monotonic()

    backend.run(lambda: driver.run(sleep(0.05)))

    assert time.monotonic() - before >= 0.05


def test_a_given_sleep_is_used(backend: Backend) -> None:
    slept: list[float] = []

    async def record(seconds: float) -> None:
        slept.append(seconds)

    driver = backend.choose(SyncDriver(sleep=slept.append), AsyncDriver(sleep=record))
    backend.run(lambda: driver.run(sleep(3600)))

    assert slept == [3600]


def test_blocking_work_returns_its_result(backend: Backend) -> None:
    driver = backend.driver()
    assert backend.run(lambda: driver.run(run_blocking(lambda: 42))) == 42


def test_blocking_work_leaves_the_event_loop_free(backend: Backend) -> None:
    threads: list[int] = []

    def flow() -> Flow[None]:
        threads.append(threading.get_ident())
        yield from run_blocking(lambda: threads.append(threading.get_ident()))

    driver = backend.driver()
    backend.run(lambda: driver.run(flow()))

    assert (threads[0] == threads[1]) == (backend.name == "sync")


def test_an_error_of_an_effect_is_thrown_into_the_flow(backend: Backend) -> None:
    def fail() -> None:
        raise KeyError("no such profile")

    def flow() -> Flow[str]:
        try:
            yield from run_blocking(fail)
        except KeyError as error:
            return f"caught {error}"
        return "not reached"

    driver = backend.driver()
    assert backend.run(lambda: driver.run(flow())) == "caught 'no such profile'"


def test_an_error_that_the_flow_does_not_catch_is_raised(backend: Backend) -> None:
    def flow() -> Flow[None]:
        yield from sleep(0.001)
        raise RekogError("from the flow")

    driver = backend.driver()
    with pytest.raises(RekogError, match="from the flow"):
        backend.run(lambda: driver.run(flow()))


def test_a_flow_without_effects_returns(backend: Backend) -> None:
    driver = backend.driver()
    assert backend.run(lambda: driver.run(sleep(0))) is None


# --- Connections -------------------------------------------------------------------------------------------------


def test_a_connection_is_kept_for_the_next_request(backend: Backend) -> None:
    with ScriptedServer() as server:
        driver = backend.driver()
        for _ in range(3):
            fetch(backend, server.url, driver=driver)

        assert [received.connection for received in server.requests] == [0, 0, 0]


def test_a_connection_that_the_server_closed_is_replaced(backend: Backend) -> None:
    with ScriptedServer(closing(b"first"), ok(b"second")) as server:
        driver = backend.driver()
        first = fetch(backend, server.url, driver=driver)
        time.sleep(0.05)
        second = fetch(backend, server.url, driver=driver)

        assert (first.content, second.content, server.connections) == (b"first", b"second", 2)


def test_a_response_without_length_ends_with_its_connection(backend: Backend) -> None:
    with ScriptedServer(http10(b"all of it")) as server:
        assert fetch(backend, server.url).content == b"all of it"


def test_bytes_beyond_the_content_length_are_dropped(backend: Backend) -> None:
    with ScriptedServer(overlong_body(b"{}"), ok(b"next")) as server:
        driver = backend.driver()
        assert fetch(backend, server.url, driver=driver).content == b"{}"
        time.sleep(0.05)
        assert fetch(backend, server.url, driver=driver).content == b"next"


def test_a_compressed_response_is_decoded(backend: Backend) -> None:
    with ScriptedServer(ok(gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"})) as server:
        assert fetch(backend, server.url).content == b'{"a": 1}'


def test_many_calls_at_once_get_their_own_responses(backend: Backend) -> None:
    def echo(incoming: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=incoming.content)

    driver = backend.driver(httpx.MockTransport(echo))
    texts = [str(number).encode() for number in range(16)]
    responses = backend.together(
        *[lambda text=text: driver.run(send(request("http://rekognition.test/", text))) for text in texts]
    )

    assert [response.content for response in responses] == texts


def test_max_connections_limits_the_open_connections(backend: Backend) -> None:
    with ScriptedServer(slow(b"{}", pause=0.01)) as server:
        driver = backend.driver(max_connections=2)
        backend.together(*[lambda: driver.run(send(request(server.url)))] * 6)

        assert (len(server.requests), server.connections) == (6, 2)


# --- Failures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(reset(), id="reset before the response"),
        pytest.param((End.CLOSE,), id="closed before the response"),
        pytest.param(cut_head(), id="cut head"),
        pytest.param(cut_body(), id="cut body"),
        pytest.param(cut_body(end=End.RESET), id="reset within the body"),
        pytest.param(garbage(), id="no HTTP"),
        pytest.param(ok(b"not gzip", headers={"Content-Encoding": "gzip"}), id="wrong encoding"),
    ],
)
def test_a_broken_response_is_a_lost_connection_with_its_cause(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server, pytest.raises(ConnectionLostError, match=server.host) as caught:
        fetch(backend, server.url)

    is_orderly_close = response == (End.CLOSE,)  # the only case without an error that could be the cause
    assert (caught.value.__cause__ is None) == is_orderly_close


def test_the_driver_works_after_a_broken_response(backend: Backend) -> None:
    with ScriptedServer(cut_body(), ok(b"whole")) as server:
        driver = backend.driver(max_connections=1)
        with pytest.raises(ConnectionLostError):
            fetch(backend, server.url, driver=driver)
        assert fetch(backend, server.url, driver=driver).content == b"whole"


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A response body that counts how often it was closed, and may raise an error."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self._chunks = chunks
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def test_a_response_cut_short_by_a_given_transport_is_a_lost_connection(backend: Backend) -> None:
    driver = backend.driver(responding(httpx.Response(200, headers={"Content-Length": "9"}, stream=Stream(b"short"))))
    with pytest.raises(ConnectionLostError, match="5 of 9 bytes arrived"):
        fetch(backend, "http://rekognition.test/", driver=driver)


def test_the_encoded_response_of_a_given_transport_is_decoded(backend: Backend) -> None:
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Stream(gzip.compress(b"plain")))
    assert fetch(backend, "http://rekognition.test/", driver=backend.driver(responding(packed))).content == b"plain"


@pytest.mark.parametrize("last", [b"!", httpx.ReadError("gone"), KeyError("an error of the transport itself")])
def test_a_response_is_closed_after_any_end_of_reading_it(backend: Backend, last: bytes | Exception) -> None:
    stream = Stream(b"some", last)
    driver = backend.driver(responding(httpx.Response(200, stream=stream)))
    with contextlib.suppress(ConnectionLostError, KeyError):
        fetch(backend, "http://rekognition.test/", driver=driver)

    assert stream.closed == 1


def test_a_response_that_the_transport_has_read_is_not_decoded_again(backend: Backend) -> None:
    zipped = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(b"plain"))
    assert fetch(backend, "http://rekognition.test/", driver=backend.driver(responding(zipped))).content == b"plain"


def test_a_refused_connection_is_a_connect_error(backend: Backend) -> None:
    with (
        refusing_port() as port,
        pytest.raises(ConnectError, match=f"no connection to http://127.0.0.1:{port}: check the endpoint"),
    ):
        fetch(backend, f"http://127.0.0.1:{port}/")


@pytest.mark.skipif(sys.platform != "linux", reason="fills Linux's queue of pending connections")
def test_a_host_that_never_responds_is_a_connect_timeout(backend: Backend) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:  # they fill the queue of connections that wait for accept
            filler.setblocking(False)
            filler.connect_ex(address)
        try:
            with pytest.raises(ConnectTimeoutError, match=r"within 0\.1 s"):
                fetch(backend, f"http://127.0.0.1:{address[1]}/", timeout=Timeout(connect=0.1))
        finally:
            for filler in fillers:
                filler.close()


def test_silence_is_a_read_timeout(backend: Backend) -> None:
    with ScriptedServer(silence()) as server, pytest.raises(ReadTimeoutError, match=r"sent nothing for 0\.1 s"):
        fetch(backend, server.url, timeout=SHORT)


def test_silence_on_a_kept_connection_is_a_read_timeout_too(backend: Backend) -> None:
    with ScriptedServer(ok(), silence()) as server:
        driver = backend.driver()
        fetch(backend, server.url, driver=driver)
        with pytest.raises(ReadTimeoutError, match=r"sent nothing for 0\.1 s"):
            fetch(backend, server.url, driver=driver, timeout=SHORT)
        assert server.connections == 1


def test_a_peer_that_reads_nothing_is_a_write_timeout(backend: Backend) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unread, pytest.raises(WriteTimeoutError):
        fetch(backend, f"http://127.0.0.1:{unread.getsockname()[1]}/", bytes(30_000_000), timeout=SHORT)


@pytest.mark.parametrize("proxied", [False, True], ids=["directly", "by proxy"])
@pytest.mark.parametrize(
    ("pool", "total", "expected"),
    [(0.1, None, "PoolTimeoutError"), (0.1, 5, "PoolTimeoutError"), (None, 0.3, "CallTimeoutError")],
    ids=["pool", "pool and total", "total"],
)
def test_the_wait_for_a_connection_is_limited(
    backend: Backend,
    environment: pytest.MonkeyPatch,
    proxied: bool,
    pool: float | None,
    total: float | None,
    expected: str,
) -> None:
    with ScriptedServer(silence()) as server:
        if proxied:
            environment.setenv("HTTP_PROXY", server.url)
        url = "http://rekognition.test/" if proxied else server.url
        driver = backend.driver(max_connections=1)

        def outcome(timeout: Timeout) -> Flow[str]:
            try:
                yield from send(request(url, timeout=timeout))
            except TransportError as error:
                return type(error).__name__
            return "response"

        def wait_for_first() -> None:
            while not server.requests:
                time.sleep(0.005)

        def second() -> Flow[str]:
            yield from run_blocking(wait_for_first)
            return (yield from outcome(Timeout(read=0.1, pool=pool, total=total)))

        first = outcome(Timeout(read=0.8))
        outcomes = backend.together(lambda: driver.run(first), lambda: driver.run(second()))

    assert outcomes == ["ReadTimeoutError", expected]


@pytest.mark.parametrize("proxied", [False, True], ids=["directly", "by proxy"])
def test_without_a_limit_the_wait_for_a_connection_may_be_longer_than_a_read(
    backend: Backend, environment: pytest.MonkeyPatch, proxied: bool
) -> None:
    with ScriptedServer(*[slow(b"{}", pause=0.15)] * 3) as server:
        if proxied:
            environment.setenv("HTTP_PROXY", server.url)
        url = "http://rekognition.test/" if proxied else server.url
        driver = backend.driver(max_connections=1)
        calls = [lambda: driver.run(send(request(url, timeout=Timeout(read=0.25))))] * 3

        assert [response.status for response in backend.together(*calls)] == [200] * 3


@pytest.mark.parametrize("url", ["ftp://rekognition.test/", "rekognition.test"])
def test_an_endpoint_of_another_scheme_is_a_config_error(backend: Backend, url: str) -> None:
    with pytest.raises(ConfigError, match="must be an http or https URL of a host"):
        fetch(backend, url)


def test_an_endpoint_that_is_not_a_url_is_a_config_error(backend: Backend) -> None:
    with pytest.raises(ConfigError, match=r"the endpoint http://rekognition\.test:port must be an http or https URL"):
        fetch(backend, "http://rekognition.test:port/")


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_of_httpx_becomes_an_error_of_rekog(backend: Backend, name: str) -> None:
    kind: type[Exception] = getattr(httpx, name)
    driver = backend.driver(failing(kind("low-level text")))
    with pytest.raises(ERRORS[name][0], match=r"http://rekognition\.test.*low-level text"):
        fetch(backend, "http://rekognition.test/secret?X-Amz-Signature=secret", driver=driver)


def test_a_given_transport_without_support_for_the_scheme_is_a_config_error(backend: Backend) -> None:
    driver = backend.driver(failing(httpx.UnsupportedProtocol("ftp")))
    with pytest.raises(ConfigError, match="is neither http:// nor https://"):
        fetch(backend, "http://rekognition.test/", driver=driver)


def test_a_given_transport_gets_no_invalid_url(backend: Backend) -> None:
    with pytest.raises(ConfigError, match=r"the endpoint http://rekognition\.test:port is not a URL"):
        fetch(backend, "http://rekognition.test:port/", driver=backend.driver(responding(httpx.Response(200))))


def test_a_timeout_of_a_given_transport_at_the_deadline_is_a_call_timeout(backend: Backend) -> None:
    def wait(_: httpx.Request) -> httpx.Response:
        time.sleep(0.05)
        raise httpx.ReadTimeout("silence")

    driver = backend.driver(httpx.MockTransport(wait))
    with pytest.raises(CallTimeoutError):
        fetch(backend, "http://rekognition.test/", driver=driver, timeout=Timeout(total=0.05))


def test_an_error_message_shows_neither_path_nor_password(backend: Backend) -> None:
    driver = backend.driver(failing(httpx.ReadError("")))
    with pytest.raises(ConnectionLostError) as caught:
        fetch(backend, "http://user:hidden@rekognition.test/hidden?hidden", driver=driver)
    assert "hidden" not in str(caught.value)


def test_any_other_error_of_httpx_is_a_transport_error(backend: Backend) -> None:
    driver = backend.driver(failing(httpx.LocalProtocolError("header with a line break")))
    with pytest.raises(TransportError, match="header with a line break") as caught:
        fetch(backend, "http://rekognition.test/", driver=driver)
    assert type(caught.value) is TransportError


def test_an_error_of_httpx_is_thrown_into_the_flow(backend: Backend) -> None:
    def twice() -> Flow[bytes]:
        try:
            yield from send(request(server.url))
        except ConnectionLostError:
            return (yield from send(request(server.url))).content
        return b"first response"

    with ScriptedServer(reset(), ok(b"second response")) as server:
        driver = backend.driver()
        assert backend.run(lambda: driver.run(twice())) == b"second response"


# --- The total timeout -------------------------------------------------------------------------------------------


def elapsed(call: Callable[[], object]) -> float:
    before = time.monotonic()
    with pytest.raises(CallTimeoutError, match="of the call's total timeout; increase Timeout"):
        call()
    return time.monotonic() - before


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(silence(), id="silence"),
        pytest.param(slow(bytes(500), pause=0.02), id="slow bytes"),
        pytest.param((0.05, head(200, {"Content-Length": "2"}) + b"{", 60.0), id="stalled body"),
    ],
)
def test_the_total_timeout_ends_an_incomplete_response(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server:
        clipped = Timeout(connect=0.1, read=0.1, total=0.1)
        assert 0.08 <= elapsed(lambda: fetch(backend, server.url, timeout=clipped)) < 5


def test_the_total_timeout_ends_an_upload(backend: Backend) -> None:
    class SlowTransport(Transport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            for _ in cast(httpx.SyncByteStream, request.stream):
                time.sleep(0.05)
            return httpx.Response(200)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            async for _ in cast(httpx.AsyncByteStream, request.stream):
                await anyio.sleep(0.05)
            return httpx.Response(200)

    driver = backend.driver(SlowTransport())
    parts = [b"part"] * 100
    timeout = Timeout(total=0.1)
    assert elapsed(lambda: fetch(backend, "http://rekognition.test/", *parts, driver=driver, timeout=timeout)) < 4


def test_a_read_within_the_body_may_not_outlast_the_total_timeout() -> None:
    seen: list[float] = []

    class RecordingTransport(Transport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            timeouts: dict[str, float] = request.extensions["timeout"]

            def body() -> Iterator[bytes]:
                for _ in range(3):
                    seen.append(timeouts["read"])
                    time.sleep(0.01)
                    yield b"."

            time.sleep(0.01)
            return httpx.Response(200, content=body())

    SyncDriver(RecordingTransport()).run(send(request("http://rekognition.test/", timeout=Timeout(read=9, total=9))))

    assert seen[0] <= 9 - 0.01
    assert seen[2] <= seen[0] - 0.02


def test_a_total_timeout_that_is_not_reached_changes_nothing(backend: Backend) -> None:
    with ScriptedServer(slow(b"{}", pause=0.01)) as server:
        assert fetch(backend, server.url, timeout=Timeout(total=5)).content == b"{}"


# --- Cancellation and closing ------------------------------------------------------------------------------------


class Interruption(BaseException):
    """Replaces KeyboardInterrupt, which would end the test run."""


def logged(effect: Effect, log: list[str]) -> Flow[None]:
    try:
        yield effect
    except BaseException as error:
        log.append(type(error).__name__)
        raise


def test_an_interruption_closes_the_flow_and_is_raised(backend: Backend) -> None:
    log: list[str] = []

    def interrupt(_: httpx.Request) -> httpx.Response:
        raise Interruption

    transport = httpx.MockTransport(interrupt)
    flow = logged(request("http://rekognition.test/"), log)

    def threads() -> bool:
        with pytest.raises(Interruption):
            SyncDriver(transport).run(flow)
        return True

    async def tasks() -> bool:
        with pytest.raises(Interruption):
            await AsyncDriver(transport).run(flow)
        return True

    assert backend.run(backend.choose(threads, tasks))
    assert log == ["GeneratorExit"]


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("effect", ["request", "sleep", "blocking"])
def test_a_cancelled_call_closes_its_flow_at_once(name: str, effect: str) -> None:
    from rekog._core.flow import Blocking

    log: list[str] = []
    released = threading.Event()
    with ScriptedServer(silence()) as server, anyio.from_thread.start_blocking_portal(name) as portal:
        effects: dict[str, Effect] = {
            "request": request(server.url),
            "sleep": Sleep(60),
            "blocking": Blocking(lambda: released.wait(60)),
        }

        async def call() -> bool:
            driver = AsyncDriver()
            with anyio.move_on_after(0.05) as scope:
                await driver.run(logged(effects[effect], log))
            await driver.aclose()
            return scope.cancelled_caught

        before = time.monotonic()
        assert portal.call(call)
        assert time.monotonic() - before < 30
        released.set()

    assert log == ["GeneratorExit"]


@pytest.mark.parametrize("name", BACKENDS)
def test_a_cancelled_call_releases_its_connection(name: str) -> None:
    with ScriptedServer(silence(), ok(b"free")) as server:

        async def calls() -> bytes:
            driver = AsyncDriver(max_connections=1)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(driver.run, send(request(server.url)))
                assert await anyio.to_thread.run_sync(until, lambda: len(server.requests) == 1)
                tasks.cancel_scope.cancel()
            response = await driver.run(send(request(server.url, timeout=Timeout(read=10))))
            await driver.aclose()
            return response.content

        assert anyio.run(calls, backend=name) == b"free"


class CountingCloses(Transport):
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def test_closing_the_driver_closes_a_given_transport_once(backend: Backend) -> None:
    transport = CountingCloses()
    driver = backend.driver(transport)

    backend.close(driver)
    backend.close(driver)

    assert transport.closed == 1


def test_a_driver_without_requests_can_be_closed(backend: Backend) -> None:
    backend.close(backend.driver())


def test_a_request_after_close_is_an_error(backend: Backend) -> None:
    with ScriptedServer() as server:
        driver = backend.driver()
        fetch(backend, server.url, driver=driver)
        backend.close(driver)
        with pytest.raises(RekogError, match="the client is closed"):
            fetch(backend, server.url, driver=driver)
        assert len(server.requests) == 1


# --- The default transport ---------------------------------------------------------------------------------------


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA, tmp_path: Path) -> Generator[ScriptedServer]:
    identity = tmp_path / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(identity))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity)
    with ScriptedServer(tls=context) as server:
        yield server


def test_a_server_with_an_untrusted_certificate_is_a_connect_error(backend: Backend, secure: ScriptedServer) -> None:
    with pytest.raises(ConnectError, match=r"ca_bundle.*CERTIFICATE_VERIFY_FAILED"):
        fetch(backend, secure.url)


def test_ca_bundle_may_be_a_file(
    backend: Backend, secure: ScriptedServer, authority: trustme.CA, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    assert fetch(backend, secure.url, driver=backend.driver(verify=str(bundle))).status == 200


def test_ca_bundle_may_be_a_directory(
    backend: Backend, secure: ScriptedServer, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / hashed_name(authority)))
    assert fetch(backend, secure.url, driver=backend.driver(verify=str(tmp_path))).status == 200


def test_verify_may_be_a_context(backend: Backend, secure: ScriptedServer, authority: trustme.CA) -> None:
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    assert fetch(backend, secure.url, driver=backend.driver(verify=context)).status == 200


def test_without_verification_any_certificate_is_accepted(backend: Backend, secure: ScriptedServer) -> None:
    assert fetch(backend, secure.url, driver=backend.driver(verify=False)).status == 200


@pytest.mark.parametrize("name", ["missing.pem", "text.pem"])
def test_a_ca_bundle_without_certificates_is_a_config_error(backend: Backend, tmp_path: Path, name: str) -> None:
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match=f"verify, or ca_bundle from AWS_CA_BUNDLE, .* must be a file .*{name}"):
        fetch(backend, "https://127.0.0.1:1/", driver=backend.driver(verify=str(tmp_path / name)))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_request_goes_through_the_proxy_of_the_environment(
    backend: Backend, environment: pytest.MonkeyPatch, variable: str
) -> None:
    with ScriptedServer(ok(b"by proxy")) as proxy:
        environment.setenv(variable, proxy.host)
        response = fetch(backend, "http://rekognition.test/")

        assert (response.content, proxy.requests[0].target) == (b"by proxy", "http://rekognition.test/")


def test_a_given_proxy_wins_over_the_environment(backend: Backend, environment: pytest.MonkeyPatch) -> None:
    with ScriptedServer(ok(b"by proxy")) as proxy:
        environment.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        environment.setenv("NO_PROXY", "*")
        response = fetch(backend, "http://rekognition.test/", driver=backend.driver(proxy=proxy.url))

        assert (response.content, proxy.requests[0].target) == (b"by proxy", "http://rekognition.test/")


def test_a_host_in_no_proxy_is_reached_directly(backend: Backend, environment: pytest.MonkeyPatch) -> None:
    with ScriptedServer(ok(b"direct")) as server, ScriptedServer(ok(b"by proxy")) as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        environment.setenv("NO_PROXY", "elsewhere.test, 127.0.0.1")
        assert fetch(backend, server.url).content == b"direct"


def test_an_error_of_the_proxy_is_a_connect_error(backend: Backend, environment: pytest.MonkeyPatch) -> None:
    with ScriptedServer(failed(403, "Forbidden")) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(ConnectError, match=r"the proxy did not connect to https://rekognition\.test.*403"):
            fetch(backend, "https://rekognition.test/")


def test_a_socks_proxy_without_its_package_is_a_config_error(backend: Backend, environment: pytest.MonkeyPatch) -> None:
    environment.setitem(sys.modules, "socksio", None)  # as if it were not installed
    environment.setenv("ALL_PROXY", "socks5://user:hidden@proxy.test")
    with pytest.raises(ConfigError, match="install the package socksio") as caught:
        fetch(backend, "https://rekognition.test/")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["ftp://user:hidden@proxy.test", "http://user:hidden@proxy.test:port"])
def test_a_malformed_proxy_is_a_config_error_without_its_password(
    backend: Backend, environment: pytest.MonkeyPatch, proxy: str
) -> None:
    environment.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigError, match="proxy, or the environment's proxy, must be") as caught:
        fetch(backend, "https://rekognition.test/")
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_creating_drivers_imports_neither_httpx_nor_ssl_nor_an_event_loop() -> None:
    code = """
import sys
from rekog._core import deadline
from rekog._core.retries import retry
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
SyncDriver().close(), AsyncDriver(), retry.RetryState()
print(*sorted({"httpx", "httpcore", "ssl", "anyio", "asyncio", "trio", "tenacity", "botocore"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
