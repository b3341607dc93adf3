"""The messages between an ASGI server and the application: each conversation is compared as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from rekog.emulator.serving.asgi import CONNECTION
from tests.emulator.serving.asgi_client import LIST_COLLECTIONS
from tests.kit.wire import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rekog.emulator import AsgiApp, Emulator

EMPTY: dict[str, object] = {"type": "http.request"}
"""The end of a body; both of its members have defaults in ASGI."""
GONE: dict[str, object] = {"type": "http.disconnect"}
LISTED = b'{"CollectionIds":[],"FaceModelVersions":[]}'


@pytest.fixture
def app(emulator: Emulator) -> AsgiApp:
    return emulator.asgi()


def scope_of(
    method: str = "POST", path: str = "/", headers: dict[str, str] | None = None, **more: Any
) -> dict[str, object]:
    """Return a scope with the members that ASGI requires only."""
    given = LIST_COLLECTIONS if headers is None else headers
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return {"type": "http", "method": method, "path": path, "headers": raw, **more}


def talk(app: AsgiApp, scope: dict[str, Any], *events: dict[str, object]) -> list[dict[str, Any]]:
    """Return all messages that the application sends while it receives these; it receives no more and no fewer."""
    sent: list[dict[str, Any]] = []
    left = list(events)

    async def receive() -> dict[str, object]:
        return left.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    anyio.run(app, scope, receive, send)
    assert left == []
    return sent


def headers_of(message: dict[str, Any]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in message["headers"]}


def test_a_response_is_a_start_and_a_body(app: AsgiApp, emulator: Emulator) -> None:
    for events in ([EMPTY], [{**EMPTY, "body": b"{", "more_body": True}, {**EMPTY, "body": b"}", "more_body": False}]):
        start, body = talk(app, scope_of(), *events)
        assert body == {"type": "http.response.body", "body": LISTED, "more_body": False}
        assert (set(start), start["type"]) == ({"type", "status", "headers"}, "http.response.start")
        assert (start["status"], headers_of(start)) == (
            200,
            {
                "content-type": CONTENT_TYPE,
                "x-amzn-requestid": emulator.calls[-1].request_id,
                "content-length": str(len(LISTED)),
            },
        )
    start, body = talk(app, scope_of("HEAD", "/_rekog/health", {}), EMPTY)
    assert (headers_of(start)["content-length"] > "0", body["body"], body["more_body"]) == (True, b"", False)


def test_a_server_starts_and_stops_the_application(app: AsgiApp) -> None:
    events: list[dict[str, object]] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    assert talk(app, {"type": "lifespan"}, *events) == [{"type": f"{event['type']}.complete"} for event in events]


def test_another_scope_is_an_error(app: AsgiApp) -> None:
    with pytest.raises(ValueError, match=r"^the scope must be http or lifespan, not websocket$"):
        talk(app, {"type": "websocket"})


def test_a_client_that_has_gone_gets_nothing(app: AsgiApp, emulator: Emulator) -> None:
    assert talk(app, scope_of(), {**EMPTY, "body": b"{", "more_body": True}, GONE) == []
    assert len(emulator.calls) == 0


class Connection:
    """A connection that records how it is broken."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def reset(self) -> None:
        self.ends.append("reset")

    def end(self) -> None:
        self.ends.append("end")


@pytest.mark.parametrize(
    ("fault", "sent", "end"),
    [
        ({"reset": True}, [], "reset"),
        ({"truncate": 0}, [b""], "end"),
        ({"truncate": 5}, [LISTED[:5]], "end"),
        ({"truncate": len(LISTED) - 1}, [LISTED[:-1]], "end"),
    ],
)
def test_a_fault_breaks_the_connection_after_the_bytes_that_it_keeps(
    app: AsgiApp, emulator: Emulator, fault: dict[str, Any], sent: Sequence[bytes], end: str
) -> None:
    emulator.faults.add(**fault)
    connection = Connection()
    scope = scope_of(extensions={CONNECTION: connection})
    messages = talk(app, scope, EMPTY, {"type": "http.request"}, GONE)  # it waits until the connection has ended
    assert messages[1:] == [{"type": "http.response.body", "body": piece, "more_body": True} for piece in sent]
    lengths = [headers_of(start)["content-length"] for start in messages[:1]]
    assert (lengths, connection.ends) == ([str(len(LISTED))] * len(sent), [end])
    without: list[dict[str, Any]] = [{}, {"extensions": None}, {"extensions": {}}]
    for extensions in without:
        with pytest.raises(ConnectionAbortedError, match=r"^an injected fault breaks this connection$"):
            talk(app, scope_of(**extensions), EMPTY)


def test_a_body_of_more_bytes_than_its_limit_is_not_read_further(app: AsgiApp) -> None:
    part = {**EMPTY, "body": bytes(8 * 1024**2), "more_body": True}
    start, body = talk(app, scope_of(), part, part, {**EMPTY, "body": b"1", "more_body": True})
    assert (start["status"], json.loads(body["body"])["Message"]) == (413, "The request has more than 16777216 bytes.")
    assert headers_of(start)["connection"] == "close"
    for header in ("content-length", "transfer-encoding"):
        start, body = talk(app, scope_of("GET", "/_rekog/nothing", {header: "1"}))
        assert (start["status"], headers_of(start)["connection"]) == (404, "close")
        text = "no route GET /_rekog/nothing; GET /_rekog/ lists them"
        assert (json.loads(body["body"]), headers_of(start)["content-type"]) == ({"error": text}, "application/json")
    start, _ = talk(app, scope_of("GET", "/_rekog/nothing", {"content-length": "0"}))
    assert "connection" not in headers_of(start)
    both = {**LIST_COLLECTIONS, "content-length": "2", "transfer-encoding": "chunked"}
    start, _ = talk(app, scope_of(headers=both), EMPTY)
    assert (start["status"], headers_of(start)["connection"]) == (200, "close")


def test_paths_are_those_below_the_root_path(app: AsgiApp) -> None:
    def status(path: str, root: str, **more: Any) -> int:
        start, _ = talk(app, scope_of(path=path, root_path=root, **more), EMPTY)
        code: int = start["status"]
        return code

    for root in ("/a", "/a/", "/a/b", "/a/b/c", "/a b", "/a b/\xe9/"):
        raw = root.rstrip("/").replace(" ", "%20").replace("\xe9", "%C3%A9")
        for rest in ("", "/", "/?x=/y?z"):
            path = root.rstrip("/") + rest.partition("?")[0]
            assert status(path, root, raw_path=f"{raw}{rest}".encode()) == 200, (root, rest)
        assert status("/", root) == 200
        assert status(f"{root.rstrip('/')}2/", root) == 400
        assert status("/other/", root) == 400
        start, _ = talk(app, scope_of("GET", "/", {}, raw_path=f"{raw}/_rekog/health".encode(), root_path=root), EMPTY)
        assert start["status"] == 200
    assert status("/", "") == status("/", "/") == 200
    assert status("/a/", "") == 400


def test_a_large_body_is_sent_in_pieces_of_a_quarter_of_a_mebibyte(app: AsgiApp, emulator: Emulator) -> None:
    piece = 256 * 1024
    for size, sizes in (
        (piece - 1, [piece - 1]), (piece, [piece]), (piece + 1, [piece, 1]), (2 * piece, [piece] * 2), (0, [0]),
    ):  # fmt: skip
        data = bytes(index % 251 for index in range(size))
        emulator.put_object("b", "k", data)
        _, *bodies = talk(app, scope_of("GET", "/_rekog/objects/b/k", {}), EMPTY)
        assert b"".join(body["body"] for body in bodies) == data
        assert [len(body["body"]) for body in bodies] == sizes
        assert [body["more_body"] for body in bodies] == [True] * (len(bodies) - 1) + [False]


def test_the_values_of_a_repeated_header_are_joined_by_commas(app: AsgiApp, emulator: Emulator) -> None:
    raw = [(b"Content-Type", CONTENT_TYPE.encode()), (b"X-Amz-Target", b"RekognitionService.ListCollections")]
    signed = [(b"Authorization", b"Credential=A"), (b"authorization", b"B/20260101/eu-west-1/rekognition/aws4_request")]
    talk(app, {**scope_of(), "headers": [*raw, *signed]}, EMPTY)
    whole = [(b"authorization", b"Credential=A/20260101/eu-west-1/rekognition/aws4_request")]
    talk(app, {**scope_of(), "headers": [*raw, *whole]}, EMPTY)
    query = b"X-Amz-Credential=A%2F20260101%2Feu-west-2%2Frekognition%2Faws4_request"
    talk(app, scope_of(query_string=query), EMPTY)
    assert [call.region for call in emulator.calls] == ["us-east-1", "eu-west-1", "eu-west-2"]
