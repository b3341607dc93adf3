"""Mutated videos of 17 kinds of codec and container: each job is refused or ends; no failure, crash or hang.

FFmpeg runs in child processes, so that a crash is counted. No frame takes more memory than its size allows.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import resource
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from tests.hostile.attack import Report
from tests.hostile.emulator.calls import LocalCaller, call, failures_are_faults, judge
from tests.hostile.emulator.media.mutations import mutate
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from rekog.emulator.vision.images import DecodedImage

SEED = 22
BATCH = 50
LIMIT = 300.0  # seconds for a batch
SLOW = 20.0
MEMORY = 1024  # MiB
LOCATION = {"S3Object": {"Bucket": "videos", "Name": "video"}}
FORMS = (
    *(("mp4", codec) for codec in ("mpeg4", "h264", "mjpeg", "av1", "hevc")),
    *(("mov", codec) for codec in ("mpeg4", "mjpeg", "prores", "png", "rawvideo", "qtrle")),
    *(("avi", codec) for codec in ("mpeg4", "mjpeg", "msmpeg4v3", "rawvideo", "ffv1", "h264", "png")),
)
"""Containers and codecs; those for which this FFmpeg has no encoder are left out."""
KINDS: tuple[tuple[str, dict[str, object]], ...] = (
    ("FaceDetection", {}),
    ("SegmentDetection", {"SegmentTypes": ["SHOT", "TECHNICAL_CUE"]}),
    ("PersonTracking", {}),
    ("CelebrityRecognition", {}),
)
REAL_SHARE = 0.1
"""Part of the videos that are analysed by the real networks."""
FORMATS = {"mjpeg": "yuvj420p", "prores": "yuv422p10le", "png": "rgb24", "qtrle": "rgb24"}
QUIET = {"hevc": {"x265-params": "log-level=error"}}
SIZE = (160, 120)


class Batch(NamedTuple):
    """The outcome of a batch: figures, faults, and the maximum of memory in MiB."""

    attempts: int
    figures: Counter[str]
    faults: Counter[str]
    memory: int


class Nothing:
    """A detector that finds nothing: the reader of videos is under attack."""

    def detect(self, image: DecodedImage) -> list[Any]:
        """Return no faces and no persons."""
        return []


def attack(count: int, report: Report) -> None:
    """Run batches of mutated videos in child processes."""
    if find_spec("av") is None:
        report.attempt()
        report.figure("skipped: PyAV is not installed")
        return
    context = multiprocessing.get_context("spawn")
    for first in range(0, count, BATCH * 8):  # a few batches for each process: its memory is that of its batches
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            for start in range(first, min(count, first + BATCH * 8), BATCH):
                try:
                    batch = pool.submit(run_batch, start, min(BATCH, count - start)).result(LIMIT)
                except BrokenProcessPool:
                    report.fault(f"the process crashed within {BATCH} videos from number {start}")
                    break
                report.attempt(batch.attempts)
                for name, number in batch.figures.items():
                    report.figure(name, number)
                for text, number in batch.faults.items():
                    for _ in range(number):
                        report.fault(text)
                report.check(batch.memory < MEMORY, f"a process took more than {MEMORY} MiB")


def run_batch(first: int, count: int) -> Batch:
    """Run jobs over mutated videos in this process."""
    from rekog.emulator import Emulator

    os.environ["SVT_LOG"] = "1"  # the encoder of AV1 logs errors only
    report, nothing = Report(), Nothing()
    with (
        Emulator(face_detector=nothing, person_detector=nothing) as cheap,
        Emulator() as real,
        failures_are_faults(report),
    ):
        callers = {emulator: LocalCaller(emulator) for emulator in (cheap, real)}
        for number in range(first, first + count):
            chance = random.Random(f"{SEED} {number}")
            data = bytearray(videos()[number % len(videos())])
            mutate(data, chance, head=chance.choice((64, 2000, len(data))))
            kind, members = chance.choice(KINDS)
            emulator = real if chance.random() < REAL_SHARE else cheap
            emulator.put_object("videos", "video", bytes(data))
            run_job(report, callers[emulator], kind, members)
    scale = 1024**2 if sys.platform == "darwin" else 1024
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // scale
    return Batch(count, report.figures, report.faults, memory)


def run_job(report: Report, caller: LocalCaller, kind: str, members: dict[str, object]) -> None:
    """Run a job over the video, and judge its responses."""
    started = call(caller, f"Start{kind}", {"Video": LOCATION, **members})
    judge(report, started, f"Start{kind}", slow=SLOW)
    if started.status == 200:
        ended = call(caller, f"Get{kind}", started.json)
        report.figure(f"{kind} {ended.json.get('JobStatus')}")
        report.check(ended.status == 200, f"{ended.status} {ended.code} for Get{kind}")
        report.check(ended.json.get("JobStatus") != "IN_PROGRESS", "a job does not end")


@cache
def videos() -> tuple[bytes, ...]:
    """Return a small video of each container and codec."""
    found = [video(form, codec) for form, codec in FORMS]
    return tuple(data for data in found if data)


def video(form: str, codec: str) -> bytes:
    """Return a video of three frames with sound, or nothing if FFmpeg cannot make it."""
    av: Any = import_module("av")  # its types are incomplete
    with Image.open(ASTRONAUT) as opened:
        picture = opened.convert("RGB").resize(SIZE)
    file = io.BytesIO()
    try:
        with av.open(file, "w", format=form) as container:
            stream = container.add_stream(codec, rate=3)
            stream.width, stream.height = SIZE
            stream.options = QUIET.get(codec, {})
            stream.pix_fmt = FORMATS.get(codec, "yuv420p")
            for angle in (0, 10, 20):
                frame = av.VideoFrame.from_image(picture.rotate(angle)).reformat(format=stream.pix_fmt)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (av.error.FFmpegError, ValueError):
        return b""
    return file.getvalue()
