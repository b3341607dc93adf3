"""The variable REKOG_LOG: lines on stderr, their form, and what they do not contain."""

from __future__ import annotations

import io
import logging
import re
import sys
import time
import warnings
from collections.abc import Iterator

import pytest

from rekog import RekognitionClient
from rekog._settings import log_output
from rekog.errors import RekogWarning
from tests.kit.backends import KEYS, PNG, Backend, Scripted, error_reply, json_reply

LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "


@pytest.fixture(autouse=True)
def logger() -> Iterator[logging.Logger]:
    """Undo the changes of the logger."""
    logger = logging.getLogger("rekog")
    level, handlers = logger.level, list(logger.handlers)
    yield logger
    logger.setLevel(level)
    logger.handlers[:] = handlers
    log_output._refused.clear()  # pyright: ignore[reportPrivateUsage]


def called(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a call with a retry, with the variable set."""
    monkeypatch.setenv("REKOG_LOG", level)
    replies = error_reply("ThrottlingException", "Rate"), json_reply({"FaceDetails": []})
    Backend("sync", None).client(Scripted(*replies)).detect_faces(PNG)


def test_debug_writes_each_attempt_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called("debug", monkeypatch)
    captured = capsys.readouterr()
    first, second, third = captured.err.splitlines()
    assert re.match(LINE + r"DEBUG rekog: DetectFaces: attempt 1: HTTP 400 ThrottlingException, request ", first)
    assert re.match(LINE + r"INFO rekog: DetectFaces: attempt 1 ended in Rate \(ThrottlingException", second)
    assert re.match(LINE + r"DEBUG rekog: DetectFaces: attempt 2: HTTP 200, request request-1, ", third)
    assert captured.out == ""
    secrets = KEYS.secret_access_key, str(KEYS.session_token), "Signature", "pixels", "FaceDetails"
    assert [secret for secret in secrets if secret in captured.err] == []


@pytest.mark.parametrize(("level", "lines"), [("INFO", 1), (" Warning ", 0), ("error", 0), ("", 0)])
def test_a_level_hides_those_below(
    level: str, lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called(level, monkeypatch)
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_several_clients_write_each_line_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called("info", monkeypatch)
    called("info", monkeypatch)
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_stderr_that_was_replaced_later_gets_the_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called("info", monkeypatch)
    other = io.StringIO()
    monkeypatch.setattr(sys, "stderr", other)
    called("info", monkeypatch)
    assert (len(capsys.readouterr().err.splitlines()), len(other.getvalue().splitlines())) == (1, 1)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no function that changes the time zone")
def test_the_time_of_a_line_is_in_utc_in_every_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.makeLogRecord({"created": 1_790_000_000.25, "msecs": 250, "levelname": "INFO", "name": "rekog"})
    monkeypatch.setenv("TZ", "UTC+9")
    time.tzset()
    try:
        assert log_output.formatter().format(record).startswith("2026-09-21T14:13:20.250Z INFO rekog: ")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_local_client_reads_the_variable_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REKOG_LOG", "debug")
    with RekognitionClient.local() as client:
        client.list_collections()
    assert "ListCollections: attempt 1: HTTP 200" in capsys.readouterr().err


def test_another_value_gives_one_warning_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], logger: logging.Logger
) -> None:
    before = logger.level
    with pytest.warns(RekogWarning) as caught:
        called("verbose", monkeypatch)
    rule = "REKOG_LOG must be debug, info, warning or error, not 'verbose': no log is written"
    assert [str(warning.message) for warning in caught] == [rule]
    assert "tests" in caught[0].filename
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        called("verbose", monkeypatch)
    assert (capsys.readouterr().err, logger.level) == ("", before)
