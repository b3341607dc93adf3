"""The call and decode paths, for counting what they execute: `python -m benchmarks.workloads valgrind|events URL`.

Each workload runs once to warm up, then in a section of its own. Under valgrind a section lies between two calls of
a C function that nothing else calls (`MARK`); start-up and warm-up are outside of it, so nothing is to be subtracted.
Without valgrind the interpreter itself counts: bytecode instructions, and calls of functions written in C.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import answers
from .child import rekog_decoder
from .clients import AsyncRekog, Rekog

if TYPE_CHECKING:
    from types import FrameType

MARK = "sched_get_priority_max"
TIMES = {
    "calibration": 20,
    "sync call, tiny answer": 30,
    "async call, tiny answer": 30,
    "sync call, 11 KB answer": 10,
    "decode 11 KB": 10,
    "decode 3.5 MB": 1,
    "upload 4.5 MB": 1,
}

Section = Callable[[Callable[[], object]], None]
Event = Callable[["FrameType", str, object], "Event | None"]


def workloads(url: str) -> dict[str, Callable[[], object]]:
    """Return what each name stands for, ready to be called."""
    client = Rekog(url, 1)
    tasks = AsyncRekog(url, 1)
    loop = asyncio.new_event_loop()
    picture = answers.picture()
    small = answers.detected_faces()
    runs: dict[str, Callable[[], object]] = {
        "calibration": lambda: _calibrate(small),
        "sync call, tiny answer": client.tiny,
        "async call, tiny answer": lambda: loop.run_until_complete(tasks.tiny()),
        "sync call, 11 KB answer": client.faces,
        "decode 11 KB": rekog_decoder(small, "DetectFaces"),
        "decode 3.5 MB": rekog_decoder(answers.face_detection_page()),
        "upload 4.5 MB": lambda: client.upload(picture),
    }
    return runs


def run_all(url: str, section: Section) -> None:
    """Run every workload in its section."""
    for name, call in workloads(url).items():
        call()
        gc.collect()

        def repeated(call: Callable[[], object] = call, times: int = TIMES[name]) -> None:
            for _ in range(times):
                call()

        section(repeated)


class _Row:
    __slots__ = ("left", "right", "text")

    def __init__(self, left: int, right: float, text: str) -> None:
        self.left, self.right, self.text = left, right, text


def _calibrate(body: bytes) -> object:
    """Do what does not change with our code and resembles it: other builds of Python take more or less for both."""
    found = json.loads(body)
    rows = [_Row(number, number / 3, f"row {number}") for number in range(200)]
    return found, {row.text: row.right for row in rows if row.left % 3}


def marked(run: Callable[[], object]) -> None:
    """Run between two marks."""
    os.sched_get_priority_max(0)
    run()
    os.sched_get_priority_max(0)


@contextmanager
def counted_events(into: list[int]) -> Generator[None, None, None]:
    """Count bytecode instructions and calls into C while the block runs, and append their sum."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Event:
        nonlocal count
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        elif event == "opcode":
            count += 1
        return trace

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        if event == "c_call":
            count += 1

    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)
        sys.settrace(None)
        into.append(count)


def events(url: str) -> dict[str, float]:
    """Count all workloads with the interpreter's own hooks."""
    counts: list[int] = []

    def section(run: Callable[[], object]) -> None:
        with counted_events(counts):
            run()

    run_all(url, section)
    return {name: count / times for (name, times), count in zip(TIMES.items(), counts, strict=True)}


if __name__ == "__main__":
    sys.modules["orjson"] = None  # type: ignore[assignment]  # documented: as if not installed
    if sys.argv[1] == "valgrind":
        run_all(sys.argv[2], marked)
    else:
        print(json.dumps(events(sys.argv[2])))
