"""Mutated images, the decoder alone: each is decoded or refused with the service's error; no other exception, no crash.

No warning reaches the caller, and memory stays the same.
"""

from __future__ import annotations

import random
import time
import warnings
from typing import TYPE_CHECKING

from rekog.emulator.refusals import RefusalError
from rekog.emulator.vision.decoding import ImageLimits, decode
from tests.hostile.emulator.media.mutations import mutated_image
from tests.hostile.watch import Growth

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 24
WARM = 1_000
LIMITS = ImageLimits(15, 10_000)
SLOW = 15.0
MEMORY = 150  # MiB


def attack(count: int, report: Report) -> None:
    """Decode mutated images."""
    chance = random.Random(SEED)
    growth: Growth | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(count):
            if number == WARM:
                growth = Growth()
            data = mutated_image(chance)
            began = time.monotonic()
            try:
                decode(data, LIMITS)
                report.figure("decoded")
            except RefusalError as error:
                report.figure(error.code)
            except Exception as error:
                report.fault(f"{type(error).__name__}: {error}"[:200])
            report.attempt()
            report.check(time.monotonic() - began < SLOW, f"an image took more than {SLOW:g} s")
    if growth is not None:
        growth.check(report, "the emulator", mib=MEMORY)
