"""The line of a request in the log: its parts, their order, and the record that other formatters read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from rekog._core.flow import HttpResponse
from rekog.emulator.front.exchange import Reply, Request
from rekog.emulator.serving.request_log import FIELDS, REQUEST_LOGGER, log_request
from tests.emulator.serving.asgi_client import ask

if TYPE_CHECKING:
    import pytest

    from rekog.emulator import Emulator

ID = "11111111-2222-3333-4444-555555555555"
SERVED = HttpResponse(200, {"x-amzn-requestid": ID}, b"12345")
POST = Request("POST", "/", {}, b"body", "a=b")


def logged(caplog: pytest.LogCaptureFixture, request: Request, reply: Reply, seconds: float) -> tuple[str, Any]:
    """Return the line and the fields of a request."""
    caplog.clear()
    with caplog.at_level(logging.INFO, REQUEST_LOGGER):
        log_request(request, reply, seconds)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("rekog.emulator.requests", logging.INFO)
    return record.getMessage(), getattr(record, FIELDS)


def test_a_line_has_the_parts_that_a_request_has_in_one_order(caplog: pytest.LogCaptureFixture) -> None:
    line, fields = logged(caplog, POST, Reply(SERVED, operation="ListFaces"), 0.01234)
    assert line == f"POST / ListFaces 200 12.3 ms 5 bytes {ID}"
    assert list(fields.items()) == [
        ("method", "POST"), ("path", "/"), ("operation", "ListFaces"), ("status", 200), ("error", ""), ("ms", 12.3),
        ("bytes", 5), ("request_id", ID),
    ]  # fmt: skip
    refused = Reply(HttpResponse(400, SERVED.headers, b"12345"), operation="ListFaces", error="ThrottlingException")
    assert logged(caplog, POST, refused, 1)[0] == f"POST / ListFaces 400 ThrottlingException 1000 ms 5 bytes {ID}"
    control = Reply(HttpResponse(404, {}, b""))
    below = Request("GET", "/_rekog/x", {}, b"", "", "/mounted")
    line, fields = logged(caplog, below, control, 0.0)
    assert line == "GET /mounted/_rekog/x 404 0.0 ms 0 bytes"
    assert (fields["operation"], fields["error"], fields["request_id"]) == ("", "", "")


def test_a_lost_response_has_no_status(caplog: pytest.LogCaptureFixture) -> None:
    line, fields = logged(caplog, POST, Reply(SERVED, lost=True, operation="ListFaces"), 0.5)
    assert line == f"POST / ListFaces no response 500.0 ms 5 bytes {ID}"
    assert fields["status"] is None


def test_a_path_is_written_in_ascii(caplog: pytest.LogCaptureFixture) -> None:
    line, _ = logged(caplog, POST._replace(path="/a\nb\xe9\u20ac"), Reply(SERVED), 0.0)
    assert line == rf"POST /a\nb\xe9\u20ac 200 0.0 ms 5 bytes {ID}"


def test_requests_are_logged_at_the_level_info_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, REQUEST_LOGGER):
        log_request(POST, Reply(SERVED), 0.0)
    assert caplog.records == []


def test_the_application_logs_each_request_with_its_reply_and_time(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, REQUEST_LOGGER):
        response = ask(emulator.asgi(), path="/mounted/", root_path="/mounted")
    (record,) = caplog.records
    fields = getattr(record, FIELDS)
    assert 0 <= fields.pop("ms") < 60_000  # not the time since the machine started
    assert fields == {
        "method": "POST", "path": "/mounted/", "operation": "ListCollections", "status": 200, "error": "",
        "bytes": len(response.content), "request_id": response.headers["x-amzn-requestid"],
    }  # fmt: skip
