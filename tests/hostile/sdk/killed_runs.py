"""Killed runs: a run that is killed by SIGKILL and started again answers each image once, and pays for none again.

`client.bulk` works on a folder of small images against a server in a process of its own, which throttles, fails with
status 500 and resets connections. The process of the run is killed three times at random moments, and started again
with the same checkpoint; threads and tasks take turns. Each answer belongs to its own image. The server's recorded
calls tell that no image with a recorded answer is called again. A second part runs without kills: the memory of its
process after a quarter of the images is that after all of them, within a limit.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from PIL import Image

from rekog import AsyncRekognitionClient, RekognitionClient, RetryPolicy, bulk
from tests.hostile.watch import resident_mib
from tests.kit.backends import KEYS
from tests.kit.process import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog.bulk import Outcome
    from tests.hostile.attack import Report

SEED = 12
KILLS = (0.25, 0.5, 0.75)  # shares of the images that are recorded at the kills
SPREAD = 0.07  # of a share, in both directions
CONCURRENCY = 16
MIB = 8.0  # growth of memory between a quarter and the end
MOST_CALLS = 10_000  # that the emulator keeps
LONGEST = 600.0
FAULTS: list[dict[str, Any]] = [
    {"probability": 0.03, "seed": 1, "error": "ThrottlingException"},
    {"probability": 0.02, "seed": 2, "error": "InternalServerError"},
    {"probability": 0.02, "seed": 3, "reset": True},
    {"probability": 0.01, "seed": 4, "reset": "after"},
]


def attack(count: int, report: Report) -> None:
    """Run over the images with three kills, and again without."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory, "images")
        hashes = make_images(folder, count)
        with (
            running_server("--vision", "off", "--declare", Site.declared(directory, hashes)) as server,
            httpx.Client(base_url=server.url, timeout=60, trust_env=False) as control,
        ):
            for fault in FAULTS:
                control.post("/_rekog/faults", json={"operation": "DetectLabels", **fault}).raise_for_status()
            site = Site(server.url, control, folder, Path(directory, "labels.jsonl"), hashes)
            began = time.monotonic()
            site.run_with_kills(report)
            report.largest("seconds with three kills", round(time.monotonic() - began))
            site.checkpoint = Path(directory, "undisturbed.jsonl")
            began = time.monotonic()
            site.run_without_kills(report)
            report.largest("seconds without kills", round(time.monotonic() - began))


def make_images(folder: Path, count: int) -> dict[Path, str]:
    """Write different JPEG files of 80 by 80 pixels, and return their SHA-256 by their paths."""
    folder.mkdir()
    chance = random.Random(SEED)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (80, 80), chance.randbytes(80 * 80 * 3)).save(buffer, "JPEG", quality=30)
    head, rest = buffer.getvalue()[:2], buffer.getvalue()[2:]
    hashes: dict[Path, str] = {}
    for number in range(count):
        path = folder / f"N{number:06}.jpg"
        content = head + b"\xff\xfe\x00\x08%06d" % number + rest  # a comment of JPEG makes the bytes unique
        path.write_bytes(content)
        hashes[path] = hashlib.sha256(content).hexdigest()
    return hashes


class Site:
    """The server, the images, and the checkpoint of runs over them."""

    def __init__(
        self, url: str, control: httpx.Client, folder: Path, checkpoint: Path, hashes: dict[Path, str]
    ) -> None:
        self._url = url
        self._control = control
        self._folder = folder
        self.checkpoint = checkpoint
        self._hashes = {path.as_posix(): each for path, each in hashes.items()}
        self._chance = random.Random(SEED)
        self._answered: Counter[str] = Counter()

    @staticmethod
    def declared(directory: str, hashes: dict[Path, str]) -> Path:
        """Write the declarations of the images, and return the path of the file."""
        path = Path(directory, "declared.json")
        entries = [{"of": f"sha256:{each}", "labels": [image.stem]} for image, each in hashes.items()]
        path.write_text(json.dumps({"declare": entries}))
        return path

    def run_with_kills(self, report: Report) -> None:
        """Kill three runs, and let the fourth end."""
        total = len(self._hashes)
        reported: set[str] = set()
        for number, share in enumerate(KILLS):
            before = self._recorded(report)
            with self._started(number % 2 == 1) as process:
                limit = round(total * self._chance.uniform(share - SPREAD, share + SPREAD))
                self.wait_for(limit, process, report)
                time.sleep(self._chance.uniform(0, 0.05))
                process.kill()
                process.wait(60)
            rows = [row for row in self._rows() if len(row) == 3]  # the last line may have been cut
            reported |= {key for key, label, _ in rows if label == Path(key).stem}
            report.figure("failed outcomes", sum(label != Path(key).stem for key, label, _ in rows))
            report.figure("kills")
            self.check_calls(before, report)
        before = self._recorded(report)
        report.figure("recorded before the last run", len(before))
        report.check(reported <= before, "an outcome that a killed run has reported is not in the checkpoint")
        with self._started(len(KILLS) % 2 == 1) as process:
            report.check(process.wait(LONGEST) == 0, "the last run failed")
        self.check_calls(before, report)
        self._check_outcomes(before, report)
        report.check(self._recorded(report) == set(self._hashes), "the checkpoint lacks an image")
        again = sum(self._answered.values()) - total
        report.figure("answers that a killed run has not recorded", again)
        report.check(0 <= again <= CONCURRENCY * len(KILLS), "more calls are repeated than were under way")

    def run_without_kills(self, report: Report) -> None:
        """Run once, and check the memory."""
        with self._started(asynchronous=False) as process:
            report.check(process.wait(LONGEST) == 0, "the run failed")
        self._check_outcomes(set(), report)
        self._check_memory(report, MIB)

    def check_single_run(self, report: Report, repeated: int, mib: float) -> None:
        """Check the outcomes, the checkpoint, the calls and the memory of a run that began with an empty checkpoint."""
        self._check_outcomes(set(), report)
        report.check(self._recorded(report) == set(self._hashes), "the checkpoint lacks an image")
        again = sum(self._answered.values()) - len(self._answered)
        report.figure("answers of images that were called again", again)
        report.check(again <= repeated, "more calls are repeated than were under way")
        self._check_memory(report, mib)

    def _check_memory(self, report: Report, mib: float) -> None:
        early, late = (float(row[1]) for row in self._rows() if row[0] == "MiB")
        report.largest("MiB after a quarter", round(early))
        report.largest("MiB after all", round(late))
        report.check(late - early <= mib, f"memory grew by more than {mib:g} MiB")

    def _started(self, asynchronous: bool) -> subprocess.Popen[bytes]:
        words = ("tasks" if asynchronous else "threads", self._url, str(self._folder), str(self.checkpoint))
        command = [sys.executable, "-c", f"from {__name__} import run; run()", *words]
        with open(f"{self.checkpoint}.out", "wb") as output:
            return subprocess.Popen(command, stdout=output)

    def _rows(self) -> list[list[str]]:
        """Return the words of the lines that the last run has written."""
        return [line.split() for line in Path(f"{self.checkpoint}.out").read_text().splitlines()]

    def wait_for(self, limit: int, process: subprocess.Popen[bytes], report: Report) -> None:
        """Wait until the checkpoint has a number of records."""
        end = time.monotonic() + LONGEST
        while process.poll() is None and time.monotonic() < end:
            if self.checkpoint.exists() and self.checkpoint.read_bytes().count(b"\n") > limit:
                return
            time.sleep(0.05)
        report.fault("a run ended before it was killed")

    def _records(self) -> Iterator[dict[str, Any]]:
        if self.checkpoint.exists():
            for line in self.checkpoint.read_bytes().splitlines(keepends=True)[1:]:
                if line.endswith(b"\n"):  # the last line of a killed run may have no end
                    yield json.loads(line)

    def _recorded(self, report: Report) -> set[str]:
        """Return the keys with an answer; check that there is one answer for each, and that it is the image's own."""
        answers = [(record["key"], record["answer"]) for record in self._records() if "answer" in record]
        report.check(len({key for key, _ in answers}) == len(answers), "the checkpoint has two answers of one image")
        for key, answer in answers:
            report.check(answer["Labels"][0]["Name"] == Path(key).stem, "a record has the answer of another image")
        return {key for key, _ in answers}

    def check_calls(self, before: set[str], report: Report) -> None:
        """Check that no image of `before` was called since the last check."""
        calls = self._control.get("/_rekog/calls").json()["calls"]
        self._control.delete("/_rekog/calls").raise_for_status()
        report.check(len(calls) < MOST_CALLS, "the server has not kept all calls")
        called = [(str(call["request"]["Image"]["Bytes"]), call) for call in calls]
        recorded = {f"sha256:{self._hashes[key]}" for key in before}
        report.check(recorded.isdisjoint(each for each, _ in called), "an image with a recorded answer is called again")
        report.figure("requests", len(calls))
        report.figure("failed requests", sum(call["status"] != 200 for call in calls))
        self._answered.update(each for each, call in called if call["status"] == 200)

    def _check_outcomes(self, before: set[str], report: Report) -> None:
        """Check the outcomes of a run that came to its end: one for each image, with its own label."""
        rows = [row for row in self._rows() if row[0] != "MiB"]
        report.attempt(len(rows))
        report.check(Counter(key for key, *_ in rows) == Counter(list(self._hashes)), "not one outcome for each image")
        report.check(all(label == Path(key).stem for key, label, _ in rows), "an outcome has another image's answer")
        report.check({key for key, _, origin in rows if origin == "True"} == before, "an answer has another origin")


# --- The process that is killed ----------------------------------------------------------------------------------


def tell(outcome: Outcome[Path, Any], done: int, total: int) -> None:
    """Write an outcome, and the resident memory after a quarter and at the end."""
    label = outcome.answer.labels[0].name if outcome.ok else type(outcome.error).__name__
    text = f"{outcome.key} {label} {outcome.from_checkpoint}\n"
    if done in (total // 4, total):
        text += f"MiB {resident_mib() or 0}\n"
    os.write(1, text.encode())


def settings(url: str) -> dict[str, Any]:
    """Return the settings of the client: ten attempts after short pauses."""
    retry = RetryPolicy(max_attempts=10, pause=lambda _failed: 0.01)
    return {"endpoint_url": url, "credentials": KEYS, "retry": retry}


def threads(url: str, folder: str, checkpoint: str) -> None:
    """Run in threads."""
    images = bulk.folder(folder)
    client = RekognitionClient("us-east-1", **settings(url))
    with client, client.bulk.detect_labels(images, checkpoint=checkpoint, concurrency=CONCURRENCY) as run:
        for outcome in run:
            tell(outcome, run.progress.done, len(images))


async def tasks(url: str, folder: str, checkpoint: str) -> None:
    """Run in tasks of asyncio."""
    images = bulk.folder(folder)
    client = AsyncRekognitionClient("us-east-1", **settings(url))
    async with client, client.bulk.detect_labels(images, checkpoint=checkpoint, concurrency=CONCURRENCY) as run:
        async for outcome in run:
            tell(outcome, run.progress.done, len(images))


def run() -> None:
    """Run as the command line says."""
    if sys.argv[1] == "threads":
        threads(*sys.argv[2:])
    else:
        asyncio.run(tasks(*sys.argv[2:]))
