"""The log of a server: a line for each request, as text or as JSON."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from rekog.emulator.launch.logs import JsonFormatter, set_up_log
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


def test_an_exception_is_part_of_its_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "failed: %s", ("x\ny",), sys.exc_info())
    text = JsonFormatter().format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["message"], line["exception"].splitlines()[-2:]) == ("failed: x\ny", ["ValueError: first", "second"])
