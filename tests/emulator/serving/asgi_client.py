"""Requests to the ASGI application without a server: each test gives the scope and the parts of the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import anyio

from tests.kit.wire import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rekog.emulator import AsgiApp

LIST_COLLECTIONS = {"x-amz-target": "RekognitionService.ListCollections", "content-type": CONTENT_TYPE}
LOOPBACK = ("127.0.0.1", 8680)


class AsgiResponse(NamedTuple):
    """A response, and how many parts of the request's body the application has received."""

    status: int
    headers: dict[str, str]
    content: bytes
    received: int


def ask(
    app: AsgiApp,
    method: str = "POST",
    path: str = "/",
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = LIST_COLLECTIONS,
    body: Iterable[bytes] = (b"{}",),
    **scope: Any,
) -> AsgiResponse:
    """Send a request, part by part as the application receives them; `scope` has further members of the scope."""
    pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
    given = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
        "server": LOOPBACK,
        **scope,
    }
    parts, sent, received = iter(body), list[dict[str, Any]](), 0

    async def receive() -> dict[str, object]:
        nonlocal received
        received += 1
        part = next(parts, None)
        if part is None:
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(event: Any) -> None:
        sent.append(event)

    anyio.run(app, given, receive, send)
    start, *rest = sent
    assert [event["more_body"] for event in rest] == [True] * (len(rest) - 1) + [False]  # the last one ends the body
    answered = {name.decode(): value.decode() for name, value in cast("list[tuple[bytes, bytes]]", start["headers"])}
    content = b"".join(event["body"] for event in rest)
    return AsgiResponse(start["status"], answered, content, received)
