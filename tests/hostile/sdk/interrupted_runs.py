"""Interrupted runs: a signal handler that raises at any moment of a run in threads ends it, and leaves no thread.

The handler raises as the one of Ctrl-C does, from the beginning of the run, while its threads start, to its midst. The
program gets the interrupt itself and no other error, does not hang, and the checkpoint has each outcome that it has
taken, once.
"""

from __future__ import annotations

import json
import random
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from rekog import RekognitionClient
from tests.bulk.runs import image, labelled
from tests.hostile.sdk.interrupts import Interrupt, interrupt
from tests.hostile.sdk.ways import within
from tests.kit.backends import KEYS, Scripted

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 41
SOURCES = 3_000  # more than a run takes before the interrupt
SECONDS = 0.03  # until the latest interrupt
LONGEST = 300.0


def attack(count: int, report: Report) -> None:
    """Interrupt runs, each at its own moment."""
    chance = random.Random(SEED)
    usual = signal.signal(signal.SIGALRM, interrupt)
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Scripted(labelled))
    try:
        with tempfile.TemporaryDirectory() as directory, within(report, LONGEST, "a run hangs after an interrupt"):
            for number in range(count):
                _attack(client, Path(directory, f"{number}.jsonl"), chance.uniform(1e-4, SECONDS), report)
    finally:
        signal.signal(signal.SIGALRM, usual)


def _attack(client: RekognitionClient, checkpoint: Path, seconds: float, report: Report) -> None:
    images = [image(str(number)) for number in range(SOURCES)]
    run = client.bulk.detect_labels(
        images, checkpoint=checkpoint, key=lambda source: source[8:].decode(), concurrency=4
    )
    taken: set[str] = set()
    report.attempt()
    try:
        with run:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            for outcome in run:
                taken.add(outcome.key)
    except Interrupt:
        report.figure("interrupted")
    except Exception as error:
        report.fault(f"another error than the interrupt: {type(error).__name__}: {error}"[:200])
    signal.setitimer(signal.ITIMER_REAL, 0)
    left = [thread for thread in threading.enumerate() if thread.name == "rekog-bulk"]
    for thread in left:
        if thread.is_alive():
            thread.join(1)  # so that the next attempt has its own threads only
    report.check(not left, "a thread is left after an interrupt")
    keys = [json.loads(line)["key"] for line in checkpoint.read_bytes().splitlines()[1:]]
    report.check(len(keys) == len(set(keys)), "an image has two outcomes in the checkpoint")
    report.check(taken <= set(keys), "an outcome was handed out that is not in the checkpoint")
