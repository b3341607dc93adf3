"""Progress of an analysis in the log."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from rekog.emulator import Emulator
from rekog.emulator.handlers.videos.progress import Progress
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


def logged(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    length: int | None,
    frames: list[tuple[float, int]],
    end: float,
) -> list[tuple[int, str]]:
    """Note frames at real times, each with its time in the video, and the end; return the lines."""
    now = [0.0]
    monkeypatch.setattr("rekog.emulator.handlers.videos.progress.monotonic", lambda: now[0])
    job: Any = SimpleNamespace(job_id="j1", kind="FaceDetection")
    content: Any = SimpleNamespace(facts=None if length is None else SimpleNamespace(duration_millis=length))
    with caplog.at_level(logging.DEBUG, "rekog.emulator"):
        progress = Progress(job, content)
        for time, millis in frames:
            now[0] = time
            progress(millis)
        now[0] = end
        progress.finish()
    return [(each.levelno, each.getMessage()) for each in caplog.records]


def test_a_line_follows_the_last_one_after_five_seconds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    frames = [(100.0, 0), (104.9, 490), (105.0, 509), (109.9, 1000), (112.0, 1999), (116.9, 3000), (117.0, 4100)]
    assert logged(monkeypatch, caplog, 4000, frames, 118.25) == [
        (logging.DEBUG, "job j1: FaceDetection of 4.0 s of video"),
        (logging.INFO, "job j1: FaceDetection, 12 % after 5 s"),
        (logging.INFO, "job j1: FaceDetection, 49 % after 12 s"),
        (logging.INFO, "job j1: FaceDetection, 100 % after 17 s"),
        (logging.DEBUG, "job j1: FaceDetection, 7 frames in 18.2 s"),
    ]


def test_a_video_of_unknown_length_has_no_percentage(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert logged(monkeypatch, caplog, None, [(0.0, 0), (5.0, 900)], 5.0) == [
        (logging.DEBUG, "job j1: FaceDetection of 0.0 s of video"),
        (logging.INFO, "job j1: FaceDetection, 0 % after 5 s"),
        (logging.DEBUG, "job j1: FaceDetection, 2 frames in 5.0 s"),
    ]


def test_an_analysis_without_frames_has_no_lines(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert logged(monkeypatch, caplog, 4000, [], 9.0) == []
