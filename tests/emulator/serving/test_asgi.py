"""The ASGI application: bodies, paths below a prefix, HEAD, the log of requests, and its threads."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rekog.emulator import AsgiApp, Emulator, Limits
from tests.emulator.serving.asgi_client import LIST_COLLECTIONS, ask
from tests.kit.wire import CONTENT_TYPE, WireClient

MIB = 1024**2
ENDLESS = 10_000


@pytest.fixture
def app(emulator: Emulator) -> AsgiApp:
    return emulator.asgi()


# --- Bodies and headers -------------------------------------------------------------------------------------------


def chunks() -> Iterator[bytes]:
    """Yield the parts of a body without a length, many times its limit."""
    return iter([bytes(MIB)] * ENDLESS)


def test_an_endless_body_is_refused_as_soon_as_it_exceeds_the_limit(app: AsgiApp) -> None:
    headers = {**LIST_COLLECTIONS, "transfer-encoding": "chunked"}
    response = ask(app, headers=headers, body=chunks())
    assert (response.status, response.headers["connection"]) == (413, "close")
    assert response.received == 17


def test_an_endless_body_of_a_control_request_is_refused_at_its_own_limit(app: AsgiApp) -> None:
    response = ask(app, "POST", "/_rekog/declare", {"transfer-encoding": "chunked"}, chunks())
    assert (response.status, response.headers["connection"], response.received) == (413, "close", 65)
    assert b'{"error": "The request has more than 67108864 bytes."}' in response.content


def test_a_large_object_is_accepted(app: AsgiApp, emulator: Emulator) -> None:
    assert ask(app, "PUT", "/_rekog/objects/b/k", {}, [bytes(MIB)] * 65).status == 200
    assert len(emulator.get_object("b", "k")) == 65 * MIB


@pytest.mark.parametrize("length", ["16777217", "9" * 20, "9" * 5000])
def test_a_too_large_length_is_refused_before_the_body_is_received(app: AsgiApp, length: str) -> None:
    response = ask(app, headers={**LIST_COLLECTIONS, "content-length": length}, body=chunks())
    assert (response.status, response.received) == (413, 0)


@pytest.mark.parametrize("length", ["\xb2", "-1", "+1", "", "two"])
def test_a_length_that_is_no_number_is_ignored(app: AsgiApp, length: str) -> None:
    assert ask(app, headers=[*LIST_COLLECTIONS.items(), ("content-length", length)]).status == 200


def test_a_client_that_disconnects_before_the_end_of_its_body_gets_no_response(
    app: AsgiApp, emulator: Emulator
) -> None:
    received: list[dict[str, object]] = [
        {"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}
    ]  # fmt: skip
    events = iter(received)
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return next(events)

    async def send(event: object) -> None:
        sent.append(event)

    headers = [(name.encode(), value.encode()) for name, value in LIST_COLLECTIONS.items()]
    anyio.run(app, {"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)
    assert sent == []
    assert len(emulator.calls) == 0


def test_an_unknown_route_is_refused_before_its_body_is_received(app: AsgiApp) -> None:
    response = ask(app, "POST", "/_rekog/nothing", {"content-length": "400000000"}, chunks())
    assert (response.status, response.headers["connection"], response.received) == (404, "close", 0)


def test_the_values_of_a_repeated_header_are_joined(app: AsgiApp) -> None:
    target = LIST_COLLECTIONS["x-amz-target"]
    given = [("x-amz-target", target), ("X-Amz-Target", target), ("content-type", CONTENT_TYPE)]
    assert ask(app, headers=given[1:]).status == 200
    assert ask(app, headers=given).status == 400  # no operation has the joined name


def test_a_large_response_is_sent_in_pieces(app: AsgiApp, emulator: Emulator) -> None:
    data = bytes(range(256)) * 4096
    emulator.put_object("b", "k", data)
    sizes: list[int] = []

    async def main() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(event: Any) -> None:
            sizes.append(len(event.get("body", b"")))

        scope: dict[str, object] = {"type": "http", "method": "GET", "path": "/_rekog/objects/b/k", "headers": []}
        await app(scope, receive, send)

    anyio.run(main)
    assert sum(sizes) == MIB
    assert max(sizes) <= MIB // 4


def test_a_truncation_applies_to_longer_responses_only(app: AsgiApp, emulator: Emulator) -> None:
    size = len(ask(app).content)
    for kept in (size - 1, size, size + 1):
        emulator.faults.clear()
        emulator.faults.add(truncate=kept)
        if kept < size:
            with pytest.raises(ConnectionAbortedError):
                ask(app)
        else:
            assert len(ask(app).content) == size


def test_a_path_is_decoded_once(app: AsgiApp, emulator: Emulator) -> None:
    raw = b"/_rekog/objects/b/100%2525/a%20b+c"
    assert ask(app, "PUT", "/_rekog/objects/b/100%25/a b+c", {}, [b"1"], raw_path=raw).status == 200
    assert emulator.get_object("b", "100%25/a b+c") == b"1"


# --- HEAD ---------------------------------------------------------------------------------------------------------


def test_head_has_the_headers_of_get_and_no_content(app: AsgiApp) -> None:
    head, get = (ask(app, method, "/_rekog/health", {}, ()) for method in ("HEAD", "GET"))
    assert (head.status, head.headers, head.content) == (200, get.headers, b"")
    assert get.content != b""


def test_head_of_an_object_has_its_length(app: AsgiApp, emulator: Emulator) -> None:
    emulator.put_object("b", "k", b"12345")
    response = ask(app, "HEAD", "/_rekog/objects/b/k", {}, ())
    assert (response.status, response.headers["content-length"], response.content) == (200, "5", b"")


def test_head_of_another_route_is_not_found(app: AsgiApp, emulator: Emulator) -> None:
    emulator.put_object("b", "k", b"12345")
    assert ask(app, "HEAD", "/_rekog/reset", {}, ()).status == 404
    assert emulator.get_object("b", "k") == b"12345"


def test_a_server_answers_head(emulator: Emulator) -> None:
    with emulator.serve() as url, httpx.Client(timeout=60) as client:
        head = client.head(f"{url}/_rekog/health")
        assert (head.status_code, head.content) == (200, b"")
        assert client.get(f"{url}/_rekog/health").json()["status"] == "ok"  # over the same connection


# --- Paths below a prefix -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("/rekognition", "/rekognition/"),
        ("/rekognition", "/rekognition"),
        ("/rekognition/", "/rekognition/"),
        ("/a/b", "/a/b/"),
        ("/a b", "/a%20b/"),
        ("", "/"),
    ],
)
def test_an_application_is_served_below_its_root_path(app: AsgiApp, root: str, path: str) -> None:
    assert ask(app, path=path, root_path=root).status == 200
    health = ask(app, "GET", path.rstrip("/") + "/_rekog/health", {}, (), root_path=root)
    assert health.status == 200


def test_a_path_that_lacks_the_root_path_is_taken_as_it_is(app: AsgiApp) -> None:
    assert ask(app, path="/", root_path="/rekognition").status == 200  # older frameworks remove it


@pytest.mark.parametrize("path", ["/rekognition2/", "/rekognition/x", "/other"])
def test_another_path_is_refused_below_a_root_path_too(app: AsgiApp, path: str) -> None:
    assert ask(app, path=path, root_path="/rekognition").status == 400


@pytest.mark.parametrize("kind", [SigV4Auth, SigV4QueryAuth])
@pytest.mark.parametrize("path", ["/rekognition/", "/rekognition", "/a%20b/c/"])
def test_a_signature_covers_the_whole_path(kind: Any, path: str) -> None:
    in_url = kind is SigV4QueryAuth
    body = b"" if in_url else b"{}"
    request: Any = AWSRequest("POST", f"http://rekog.test{path}", headers=dict(LIST_COLLECTIONS), data=body)
    kind(Credentials("AKID", "secret"), "rekognition", "us-east-1").add_auth(request)
    url = httpx.URL(request.prepare().url)
    headers = {**{str(name).lower(): str(value) for name, value in request.headers.items()}, "host": "rekog.test"}
    with Emulator(verify_signatures={"AKID": "secret"}) as emulator:
        root: dict[str, Any] = {"root_path": "/a b/c" if "%" in path else "/rekognition", "query_string": url.query}
        assert ask(emulator.asgi(), path=path, headers=headers, body=[body], **root).status == 200
        wrong: dict[str, Any] = {**root, "root_path": "", "raw_path": b"/"}
        assert ask(emulator.asgi(), path="/", headers=headers, body=[body], **wrong).status == 400


# --- Threads ------------------------------------------------------------------------------------------------------


class BlockingClock:
    """A clock that holds up every request, once it is told to, until the test releases it."""

    def __init__(self) -> None:
        self.holds = False
        self.entered = threading.Semaphore(0)
        self.released = threading.Event()

    def __call__(self) -> float:
        if self.holds:
            self.entered.release()
            assert self.released.wait(60)
        return 1_700_000_000.0


def test_health_and_the_control_api_are_served_while_every_thread_is_busy() -> None:
    clock = BlockingClock()

    async def main(url: str) -> list[int]:
        statuses: list[int] = []
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(timeout=60, limits=limits) as client, anyio.create_task_group() as tasks:
            for _ in range(45):
                tasks.start_soon(partial(client.post, url, headers=LIST_COLLECTIONS, content=b"{}"))
            for _ in range(40):
                await anyio.to_thread.run_sync(clock.entered.acquire)
            for path in ("health", "calls"):
                statuses.append((await client.get(f"{url}/_rekog/{path}")).status_code)
            clock.released.set()
        return statuses

    with Emulator(clock=clock) as emulator, emulator.serve() as url:
        clock.holds = True
        try:
            assert anyio.run(main, url) == [200, 200]
        finally:
            clock.released.set()


def test_health_needs_no_thread(app: AsgiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(*_: object, **__: object) -> None:
        raise AssertionError("a thread was used")

    monkeypatch.setattr(anyio.to_thread, "run_sync", no_thread)
    assert ask(app, "GET", "/_rekog/health", {}, ()).status == 200


# --- The log ------------------------------------------------------------------------------------------------------


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    with caplog.at_level(logging.INFO, "rekog.emulator.requests"):
        yield caplog.messages


def test_a_request_is_logged_with_its_operation_status_size_and_id(app: AsgiApp, caplog: Any, lines: object) -> None:
    response = ask(app)
    (line,) = caplog.messages
    words = line.split()
    assert words[:4] == ["POST", "/", "ListCollections", "200"]
    assert words[5:] == ["ms", str(len(response.content)), "bytes", response.headers["x-amzn-requestid"]]
    assert str(uuid.UUID(words[-1])) == words[-1]


def test_the_log_has_the_error_of_a_request(app: AsgiApp, caplog: Any, lines: object) -> None:
    ask(app, headers={**LIST_COLLECTIONS, "x-amz-target": "RekognitionService.DescribeCollection"}, body=[b"{}"])
    ask(app, headers={**LIST_COLLECTIONS, "origin": "https://evil.example"})
    ask(app, "GET", "/_rekog/nothing", {}, ())
    starts = [" ".join(line.split()[:5]) for line in caplog.messages]
    assert starts[0] == "POST / DescribeCollection 400 ValidationException"
    assert starts[1].startswith("POST / 400 AccessDeniedException")
    assert starts[2].startswith("GET /_rekog/nothing 404 ")


def test_the_log_has_neither_content_nor_query(app: AsgiApp, caplog: Any, lines: object) -> None:
    ask(app, body=[b'{"NextToken": "SECRET"}'], query_string=b"X-Amz-Signature=SECRET")
    assert "SECRET" not in caplog.text


def test_a_line_end_in_a_path_does_not_end_a_line_of_the_log(app: AsgiApp, caplog: Any, lines: object) -> None:
    ask(app, path="/a\nPOST / 200", raw_path=None)
    assert "\n" not in caplog.messages[0]


def test_a_lost_response_is_logged(emulator: Emulator, caplog: Any, lines: object) -> None:
    emulator.faults.add(reset=True)
    with emulator.serve() as url, httpx.Client(timeout=60) as client, pytest.raises(httpx.ReadError):
        client.post(url, headers=LIST_COLLECTIONS, content=b"{}")
    assert caplog.messages[0].startswith("POST / ListCollections no response ")


def test_requests_are_not_logged_by_default(app: AsgiApp, caplog: pytest.LogCaptureFixture) -> None:
    ask(app)
    assert caplog.messages == []


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("size", "status"), [(9, 200), (10, 200), (11, 413)])
def test_a_body_may_have_exactly_the_maximum_size(size: int, status: int, announced: bool) -> None:
    parts = [b" " * (size - 2), b"{}"]
    headers = {**LIST_COLLECTIONS, **({"content-length": str(size)} if announced else {})}
    with Emulator(limits=Limits(request_bytes=10)) as emulator:
        assert ask(emulator.asgi(), headers=headers, body=parts).status == status
        wire = WireClient(emulator)
        sent = httpx.Request("POST", "http://rekog/", headers=wire.headers("ListCollections"), content=b"".join(parts))
        assert wire.send(sent).status == status
