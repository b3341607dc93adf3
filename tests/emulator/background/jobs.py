"""Video jobs, and processes that are killed, for tests of the background worker."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.kit.videos import FRAME_SIDE, video_file
from tests.kit.wire import plain_image

TOPIC = "arn:aws:sns:us-east-1:123456789012:done"
CHANNEL = {"SNSTopicArn": TOPIC, "RoleArn": "arn:aws:iam::123456789012:role/Rekognition"}
THREAD = "rekog-emulator-worker"
"""Name of a worker's thread."""


def worker_threads() -> set[threading.Thread]:
    """Return the threads of all workers; some may be about to end, left by another test."""
    return {thread for thread in threading.enumerate() if thread.name == THREAD}


def six_frames() -> bytes:
    """Return a video of which a job analyses six frames."""
    return video_file([plain_image(FRAME_SIDE, FRAME_SIDE)] * 3)


def run_until_killed(code: str, data: Path) -> str:
    """Run code in a process that kills itself with `kill` or `KillingDetector`, and return its output."""
    head = f"""
import os, signal
from rekog.emulator import Emulator
from tests.kit.videos import VIDEO, video_file, put_video
from tests.emulator.background.jobs import CHANNEL, six_frames
from tests.kit.wire import WireClient
def kill(_):
    os.kill(os.getpid(), signal.SIGKILL)
class KillingDetector:
    detect = staticmethod(kill)
DATA = {str(data)!r}
"""
    completed = subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, timeout=120, check=False
    )
    assert completed.returncode == -signal.SIGKILL, completed.stderr
    return completed.stdout.strip()
