"""Progress of an analysis in the log."""

from __future__ import annotations

import logging

import pytest

from rekog.emulator import Emulator
from tests.kit.films import film, scene
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

FRAMES = 40


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """The lines about one job whose frames take a second each."""
    pytest.importorskip("av", reason="rekog[video] installs PyAV")
    seconds = iter(range(1000))
    monkeypatch.setattr("rekog.emulator.handlers.videos.progress.monotonic", lambda: float(next(seconds)))
    with caplog.at_level(logging.DEBUG, "rekog.emulator"), Emulator(vision="off") as emulator:
        put_video(emulator, film(scene("cat", FRAMES)))
        wire = WireClient(emulator)
        job = wire("StartSegmentDetection", Video=VIDEO, SegmentTypes=["SHOT"]).body
        assert wire("GetSegmentDetection", **job).body["JobStatus"] == "SUCCEEDED"
    name = f"job {job['JobId']}: "
    return [
        (each.levelno, each.getMessage().removeprefix(name))
        for each in caplog.records
        if each.getMessage().startswith(name)
    ]


def test_the_log_has_begin_progress_and_end_of_an_analysis(lines: list[tuple[int, str]]) -> None:
    assert lines[0] == (logging.DEBUG, "SegmentDetection of 1.6 s of video")
    assert lines[1] == (logging.INFO, "SegmentDetection, 12 % after 5 s")
    assert lines[-1] == (logging.DEBUG, f"SegmentDetection, {FRAMES} frames in {FRAMES}.0 s")
    assert [level for level, _ in lines[1:-1]] == [logging.INFO] * 7  # one every five seconds
