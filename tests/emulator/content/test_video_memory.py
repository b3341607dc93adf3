"""The analysis of a long video takes no more memory than that of a short one."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import resource, sys
from rekog.emulator import Emulator
from tests.kit.films import film, scene
from tests.kit.videos import put_video, run_job
from tests.kit.wire import WireClient

class Nothing:
    def detect(self, image):
        return []

frames = scene("cat", 25)
data = film(frame for _ in range(int(sys.argv[1])) for frame in frames)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with Emulator(face_detector=Nothing(), person_detector=Nothing()) as emulator:
    put_video(emulator, data)
    wire = WireClient(emulator)
    wire("CreateCollection", CollectionId="people")
    for kind, members in (
        ("SegmentDetection", {"SegmentTypes": ["SHOT", "TECHNICAL_CUE"]}),
        ("PersonTracking", {}),
        ("CelebrityRecognition", {}),
        ("FaceDetection", {}),
        ("FaceSearch", {"CollectionId": "people"}),
    ):
        assert run_job(wire, kind, **members)["JobStatus"] == "SUCCEEDED", kind
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def growth(seconds: int) -> float:
    """Return the MiB by which the maximum of memory grows during all jobs over a video of this length."""
    command = [sys.executable, "-c", CODE, str(seconds)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) / (1024**2 if sys.platform == "darwin" else 1024)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_video() -> None:
    pytest.importorskip("av", reason="rekog[video] installs PyAV")
    pytest.importorskip("resource", reason="this system cannot measure the memory of a process")
    assert growth(110) < growth(4) + 24
