"""The log of a server: a line for each request, as text or as JSON."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from rekog.emulator.launch.logs import JsonFormatter, report, set_up_log
from rekog.emulator.launch.options import ServerOptions
from rekog.emulator.serving.request_log import REQUEST_LOGGER
from tests.kit.process import RESPONSE_TIMEOUT, running_server
from tests.kit.wire import CONTENT_TYPE

if TYPE_CHECKING:
    from pathlib import Path

DETECT = {"X-Amz-Target": "RekognitionService.DetectFaces", "Content-Type": CONTENT_TYPE}
OBJECT = '{"Image": {"S3Object": {"Bucket": "photos", "Name": "cat.jpg"}}}'


def test_json_is_a_line_for_each_request_with_operation_and_status(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a note")
    with running_server("--log", "json", "--collection", f"people={tmp_path}") as process:
        response = httpx.post(process.url, headers=DETECT, content=OBJECT, timeout=RESPONSE_TIMEOUT)
        httpx.get(f"{process.url}/_rekog/health", timeout=RESPONSE_TIMEOUT)
        _, _, log = process.stop()
    seeds, reason, request, health = (json.loads(line) for line in log.splitlines())
    assert (seeds["level"], seeds["message"]) == ("WARNING", f"{tmp_path}: notes.txt: Request has invalid image format")
    assert reason["message"].startswith("object 'cat.jpg' of bucket 'photos' can't be read")
    assert isinstance(request.pop("ms"), float)
    assert request.pop("time") < health["time"]
    assert request == {
        "level": "INFO",
        "logger": "rekog.emulator.requests",
        "method": "POST",
        "path": "/",
        "operation": "DetectFaces",
        "status": 400,
        "error": "InvalidS3ObjectException",
        "bytes": len(response.content),
        "request_id": response.headers["x-amzn-requestid"],
    }
    assert "operation" not in health


@pytest.mark.parametrize(("log", "level"), [("off", logging.WARNING), ("text", logging.INFO), (None, logging.NOTSET)])
def test_off_wins_over_the_level(log: str | None, level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    loggers = [logging.getLogger(name) for name in ("rekog", REQUEST_LOGGER)]
    for logger in loggers:
        monkeypatch.setattr(logger, "level", logging.NOTSET)  # restores the level afterwards
    set_up_log(ServerOptions(log=log, log_level="info"))
    assert [logger.level for logger in loggers] == [logging.INFO, level]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)  # forgets the cached answers of `isEnabledFor`


def test_a_line_has_the_time_in_milliseconds_and_the_parts_that_have_a_value() -> None:
    def line(**parts: object) -> str:
        record = logging.makeLogRecord(
            {"created": 1.0015, "levelname": "INFO", "name": "a", "msg": "b %s", "args": (1,), **parts}
        )
        return JsonFormatter().format(record)

    head = '"time": "1970-01-01T00:00:01.001Z", "level": "INFO", "logger": "a"'
    assert line() == f'{{{head}, "message": "b 1"}}'
    fields = {"method": "GET", "operation": "", "status": None, "ms": 0.0, "error": ""}
    assert line(rekog_request=fields) == f'{{{head}, "method": "GET", "status": null, "ms": 0.0}}'
    assert line(rekog_request={}) == f"{{{head}}}"


@pytest.mark.parametrize("form", [None, "text", "json"])
def test_the_log_is_written_to_the_standard_error_in_its_form(
    form: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    set_up_log(ServerOptions(log=form))
    for logger in (logging.getLogger("rekog"), logging.getLogger(REQUEST_LOGGER)):
        logger.setLevel(logging.NOTSET)
    (handler,) = root.handlers
    record = logging.makeLogRecord({"created": 0.0, "msecs": 0.0, "levelname": "WARNING", "name": "a", "msg": "text"})
    handler.handle(record)
    report(ServerOptions(log=form), "a line")
    lines = capsys.readouterr().err.splitlines()
    if form == "json":
        assert [json.loads(line)["message"] for line in lines] == ["text", "a line"]
        assert {key: text for key, text in json.loads(lines[1]).items() if key != "time"} == {
            "level": "WARNING", "logger": "rekog.emulator", "message": "a line",
        }  # fmt: skip
    else:
        assert lines[0].endswith(",000 WARNING a: text")
        assert lines[1:] == ["rekog emulator: a line"]


def test_an_exception_is_part_of_its_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "failed: %s", ("x\ny",), sys.exc_info())
    text = JsonFormatter().format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["message"], line["exception"].splitlines()[-2:]) == ("failed: x\ny", ["ValueError: first", "second"])
