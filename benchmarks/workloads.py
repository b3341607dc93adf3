"""Call and decode paths for instruction counts: `python -m benchmarks.workloads valgrind|events URL`.

Each workload runs once to warm up, then in a section of its own. Under valgrind two calls of a C function that is
called nowhere else (`MARK`) delimit a section, so start-up and warm-up are not counted. Without valgrind the
interpreter counts bytecode instructions and calls of functions written in C.
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

from . import responses
from .child import rekog_decoder
from .clients import AsyncRekog, Rekog

if TYPE_CHECKING:
    from types import FrameType

MARK = "sched_get_priority_max"
TIMES = {
    "calibration": 20,
    "sync call, tiny response": 30,
    "async call, tiny response": 30,
    "sync call, 11 KB response": 10,
    "decode 11 KB": 10,
    "decode 3.5 MB": 1,
    "upload 4.5 MB": 1,
}

Section = Callable[[Callable[[], object]], None]
Event = Callable[["FrameType", str, object], "Event | None"]


def workloads(url: str) -> dict[str, Callable[[], object]]:
    """Return the workloads by name, as functions without arguments."""
    client = Rekog(url, 1)
    tasks = AsyncRekog(url, 1)
    loop = asyncio.new_event_loop()
    image = responses.image()
    small = responses.detected_faces()
    runs: dict[str, Callable[[], object]] = {
        "calibration": lambda: _calibrate(small),
        "sync call, tiny response": client.tiny,
        "async call, tiny response": lambda: loop.run_until_complete(tasks.tiny()),
        "sync call, 11 KB response": client.faces,
        "decode 11 KB": rekog_decoder(small, "DetectFaces"),
        "decode 3.5 MB": rekog_decoder(responses.face_detection_page()),
        "upload 4.5 MB": lambda: client.upload(image),
    }
    return runs


def run_all(url: str, section: Section) -> None:
    """Run each workload in a section of its own."""
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
    """Run code that resembles rekog's but is independent of it, to divide out the differences of Python builds."""
    parsed = json.loads(body)
    rows = [_Row(number, number / 3, f"row {number}") for number in range(200)]
    return parsed, {row.text: row.right for row in rows if row.left % 3}


def marked(run: Callable[[], object]) -> None:
    """Run a function between two marks."""
    os.sched_get_priority_max(0)
    run()
    os.sched_get_priority_max(0)


@contextmanager
def counted_events(into: list[int]) -> Generator[None, None, None]:
    """Append the number of bytecode instructions and calls into C that the block executes."""
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
    """Return the counts of all workloads by the interpreter's own hooks."""
    counts: list[int] = []

    def section(run: Callable[[], object]) -> None:
        with counted_events(counts):
            run()

    run_all(url, section)
    return {name: count / times for (name, times), count in zip(TIMES.items(), counts, strict=True)}


if __name__ == "__main__":
    for name in ("orjson", "pybase64"):
        sys.modules[name] = None  # type: ignore[assignment]  # documented: as if it were not installed
    if sys.argv[1] == "valgrind":
        run_all(sys.argv[2], marked)
    else:
        print(json.dumps(events(sys.argv[2])))
