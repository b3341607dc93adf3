"""The examples of observability and of cost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.kit.wire import IMAGE_FOLDER

EXAMPLES = IMAGE_FOLDER.parent


def printed_by(name: str) -> tuple[list[str], list[str]]:
    """Run an example and return the lines of its output and of its errors."""
    script = str(EXAMPLES / name)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.splitlines(), done.stderr.splitlines()


def test_each_attempt_is_seen_by_callback_log_and_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REKOG_LOG", raising=False)
    lines, log = printed_by("observability.py")
    callbacks = [line.partition(";")[0] for line in lines if line.startswith("callback: ")]
    assert callbacks == [
        "callback: DetectFaces attempt 1: ThrottlingException, again in 0.1 s",
        "callback: DetectFaces attempt 2: ok",
        "callback: DescribeCollection attempt 1: ResourceNotFoundException",
    ]
    assert [line for line in lines if line.startswith("span: ")] == [
        "span: Rekognition.DetectFaces, HTTP 200, retries: 1, no error",
        "span: Rekognition.DescribeCollection, HTTP 400, retries: 0, ResourceNotFoundException",
    ]
    assert "1 face" in lines
    (retry,) = log
    assert " INFO rekog: DetectFaces: attempt 1 ended in " in retry


def test_the_budget_stops_threads_before_it_is_passed() -> None:
    lines, log = printed_by("cost.py")
    assert (lines.count("1 face"), lines.count("not sent, 0.0000 left"), log) == (5, 3, [])
    assert "image-group-1: 1 x image = 0.00080 USD" in lines
    assert "image-group-2: 5 x image = 0.00500 USD" in lines
    assert lines[-1] == "limit 0.00500, left 0.00000"


@pytest.mark.parametrize("name", ["observability.py", "cost.py"])
def test_an_example_is_short(name: str) -> None:
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) < 60
