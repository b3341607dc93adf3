"""Time and memory of each operation on images, beside the bare runs of the same networks in the same process.

The networks' inputs are recorded during a call, and then run again without the emulator. What remains is our share:
decoding, scaling, the numbers before and after each network, the protocol and the state. A user of the bare networks
would have to decode and scale, too, and to make sense of their outputs; that counts as ours. The suppression of
overlapping boxes that OpenCV's detector of faces does itself counts as theirs.

Runs of both kinds alternate. Times by the clock are those of a user, but another program on the machine may double
them. So our share is also measured alone: in calls that get the recorded outputs of the networks, by the processor time
of all threads. Beside the processor time of the networks it looks smaller than by the clock, because they use several
cores and most of our work one.

The emulator remembers images and the results of their networks, so each round, and each of many calls at once, has an
image of its own: the same pixels with another comment. Within a round of all operations they share one image.
"""

from __future__ import annotations

import copy
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import cv2
from PIL import Image, ImageDraw, ImageFont

from tests.kit.photographs import photograph

from .tables import Table

if TYPE_CHECKING:
    from rekog import RekognitionClient

SIDE = 1000
ROUNDS = 21
TOGETHER = 32
TEXT = (
    "Terms of the annual meeting",
    "1. Opening by the chair",
    "2. Report for the year 2025",
    "3. Questions of the members",
    "4. Budget: 12,400.00 EUR",
    "5. Election of the board",
    "6. Any other business",
    "Doors open at 18:30, hall B",
)

Call = Callable[["RekognitionClient", bytes, bytes], object]
"""A call with an image, and a second one with the same pixels but other bytes."""
OPERATIONS: Mapping[str, Call] = {
    "DetectFaces, DEFAULT": lambda client, image, _: client.detect_faces(image),
    "DetectFaces, ALL": lambda client, image, _: client.detect_faces(image, attributes=["ALL"]),
    "CompareFaces": lambda client, image, other: client.compare_faces(image, other),
    "RecognizeCelebrities": lambda client, image, _: client.recognize_celebrities(image),
    "DetectLabels": lambda client, image, _: client.detect_labels(image),
    "DetectText": lambda client, image, _: client.detect_text(image),
    "DetectModerationLabels": lambda client, image, _: client.detect_moderation_labels(image),
    "DetectProtectiveEquipment": lambda client, image, _: client.detect_protective_equipment(image),
}
ALL = "all of these but the first"


def tables() -> list[Table]:
    """Measure each operation in a process of its own."""
    rows: list[list[str]] = []
    before = os.getloadavg()[0]
    for name in (*OPERATIONS, ALL):
        command = [sys.executable, "-m", "benchmarks.vision.latency", name]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        call, bare, own, of_bare = (result[key] for key in ("call_ms", "bare_ms", "own_cpu_ms", "bare_cpu_ms"))
        together = f"{result['together_mb']:.0f}" if "together_mb" in result else ""
        rows.append(
            [
                name,
                f"{call:.0f}",
                f"{bare:.0f}",
                f"{100 * (call / bare - 1):+.0f} %",
                f"{own:.1f}",
                f"{of_bare:.0f}",
                f"{100 * own / of_bare:+.0f} %",
                f"{result['peak_mb']:.0f}",
                together,
            ]
        )
    load = f"{before:.0f} to {os.getloadavg()[0]:.0f}"
    caption = (
        f"Medians of {ROUNDS} calls in milliseconds, for one JPEG of {SIDE} x {SIDE} pixels with a face and "
        f"{len(TEXT)} lines of text: by the clock, and the processor time of our part and of the networks alone. Peak "
        f"memory of the process in MiB after these calls, and after {TOGETHER} calls at once. OpenCV "
        f"{cv2.__version__}, {cv2.getNumThreads()} threads, {os.cpu_count()} cores with a load of {load}: times by the "
        "clock say little if other programs use the cores."
    )
    columns = (
        "operation",
        "call",
        "bare networks",
        "our share",
        "processor time of our part",
        "of the networks",
        "our share of it",
        "peak memory",
        f"{TOGETHER} at once",
    )
    return [Table(caption, columns, rows)]


def image() -> bytes:
    """Return an image with a face and lines of text."""
    with Image.open(io.BytesIO(photograph("astronaut"))) as opened:
        picture = opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, SIDE - 330, 480, SIDE), fill="white")
    for number, line in enumerate(TEXT):
        draw.text((20, SIDE - 315 + 38 * number), line, fill="black", font=ImageFont.load_default(26))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()


def commented(jpeg: bytes, number: int) -> bytes:
    """Return a JPEG with a number as its comment: other bytes, the same pixels."""
    return jpeg[:2] + b"\xff\xfe\x00\x06" + number.to_bytes(4, "big") + jpeg[2:]


class Recorder:
    """The runs of all networks: functions that repeat them, and their outputs."""

    def __init__(self) -> None:
        self.runs: list[Callable[[], object]] = []
        self._outputs: list[object] = []
        self._replayed: Iterator[object] | None = None
        self.on = False

    def run(self, function: Callable[..., object], *arguments: object) -> object:
        """Return the output of a run, which is recorded if the recorder is on; the recorded one during a replay."""
        if self._replayed is not None:
            return next(self._replayed)
        # arrays are copied: the detectors may write into theirs
        again = partial(function, *copy.deepcopy(arguments)) if self.on else None
        output = function(*arguments)
        if again is not None:
            self.runs.append(again)
            self._outputs.append(copy.deepcopy(output))
        return output

    def replay(self, call: Callable[[], object]) -> None:
        """Execute a call with the recorded outputs."""
        self._replayed = iter(self._outputs)
        call()
        self._replayed = None

    def install(self) -> None:
        """Record the runs of networks that are loaded from now on."""
        from rekog.emulator.vision.networks import Network

        run = Network.run

        def recorded(network: Network, blob: Any) -> Any:
            return self.run(partial(run, network), blob)

        cast("Any", Network).run = recorded  # cast: to replace a method
        for kind in ("FaceDetectorYN", "FaceRecognizerSF"):
            setattr(cv2, kind, _Creator(getattr(cv2, kind).create, self))


class _Creator:
    """A class of OpenCV whose objects are recorded."""

    def __init__(self, create: Callable[..., object], recorder: Recorder) -> None:
        self._create = create
        self._recorder = recorder

    def create(self, *arguments: object) -> object:
        return _Recorded(self._create(*arguments), self._recorder)


class _Recorded:
    """An object of OpenCV whose method calls are recorded."""

    def __init__(self, inner: object, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self._inner, name)

        return partial(self._recorder.run, method)


def measure(name: str) -> dict[str, float]:
    """Measure an operation in this process."""
    recorder = Recorder()
    recorder.install()
    from rekog import RekognitionClient
    from rekog.emulator import Emulator

    numbers, data = count(), image()
    chosen: Sequence[Call] = list(OPERATIONS.values())[1:] if name == ALL else [OPERATIONS[name]]
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:

        def call() -> None:
            one = commented(data, next(numbers))
            other = one if name == ALL else commented(data, next(numbers))
            for each in chosen:
                each(client, one, other)

        call()  # loads the networks
        recorder.on = True
        call()
        recorder.on = False

        def bare() -> None:
            for run in recorder.runs:
                run()

        rounds = [(seconds(call), seconds(bare)) for _ in range(ROUNDS)]
        calls, bares = (list(each) for each in zip(*rounds, strict=True))
        own = [seconds(partial(recorder.replay, call)) for _ in range(4 * ROUNDS)]
        result = {
            "call_ms": 1000 * statistics.median(each.clock for each in calls),
            "bare_ms": 1000 * statistics.median(each.clock for each in bares),
            "own_cpu_ms": 1000 * statistics.median(each.processor for each in own),
            "bare_cpu_ms": 1000 * statistics.median(each.processor for each in bares),
            "peak_mb": peak(),
        }
        if name != ALL:
            with ThreadPoolExecutor(TOGETHER) as pool:
                for future in [pool.submit(call) for _ in range(TOGETHER)]:
                    future.result()
            result["together_mb"] = peak()
    return result


class Seconds(NamedTuple):
    """The time that a call takes by the clock, and the processor time of all threads."""

    clock: float
    processor: float


def seconds(function: Callable[[], object]) -> Seconds:
    """Return the times of a call."""
    start, before = time.perf_counter(), time.process_time()
    function()
    return Seconds(time.perf_counter() - start, time.process_time() - before)


def peak() -> float:
    """Return the greatest memory of this process so far, in MiB."""
    scale = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
