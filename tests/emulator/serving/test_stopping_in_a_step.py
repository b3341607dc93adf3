"""SIGTERM while the worker is busy with a slow step: the next emulator on the folder does the step."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Emulator
from tests.emulator.background.jobs import CHANNEL
from tests.kit.clock import wait_until
from tests.kit.videos import VIDEO
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from pathlib import Path

BUSY = """
import sys, threading
from rekog.emulator import Emulator
from rekog.emulator.serving import server
from tests.emulator.background.jobs import CHANNEL, six_frames
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

folder, seconds = sys.argv[1], float(sys.argv[2])

class Detector:
    def detect(self, image):
        print("busy", flush=True)
        threading.Event().wait(seconds)
        return []

timeouts = server.Timeouts(grace=0.5, closing=3.0)
with Emulator(data=folder, face_detector=Detector(), notify=f"{folder}/notifications") as emulator:
    put_video(emulator, six_frames())
    token = {"ClientRequestToken": "one"}
    WireClient(emulator)("StartFaceDetection", Video=VIDEO, NotificationChannel=CHANNEL, **token)
    server.run(emulator.asgi(), "127.0.0.1", 0, lambda url: print("ready", flush=True), timeouts=timeouts)
server.leave()
"""


class Detector:
    """Counts the images."""

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, image: object) -> list[Any]:
        self.calls += 1
        return []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("seconds", [1, 600], ids=["the part of the step ends in time", "it never ends"])
def test_a_step_in_progress_is_done_once_by_the_next_emulator(seconds: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUSY, str(tmp_path), str(seconds)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None
        assert {program.stdout.readline().strip() for _ in range(2)} == {"busy", "ready"}
        program.send_signal(signal.SIGTERM)
        _, log = program.communicate(timeout=60)
        assert (program.returncode, log) == (0, "")
    finally:
        program.kill()
        program.wait()
    with closing(sqlite3.connect(tmp_path / "state.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    notifications, detector = tmp_path / "notifications", Detector()
    assert notifications.read_text() == ""
    with Emulator(data=tmp_path, face_detector=detector, notify=notifications) as emulator:
        wait_until(lambda: detector.calls == 6)  # without a request
        wire = WireClient(emulator)
        job = wire("StartFaceDetection", Video=VIDEO, NotificationChannel=CHANNEL, ClientRequestToken="one").body
        assert wire("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
        wait_until(lambda: notifications.read_text() != "")
    messages = [json.loads(json.loads(line)["Message"]) for line in notifications.read_text().splitlines()]
    assert [message["JobId"] for message in messages] == [job["JobId"]]
    assert detector.calls == 6
