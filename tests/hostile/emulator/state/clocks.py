"""Clocks that jump, back and forth from 1970 to the year 9999: no call fails, and each listing stays complete."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from rekog._generated.operations import OPERATIONS
from rekog.emulator import Emulator
from tests.hostile.emulator.calls import LocalCaller, call, failures_are_faults, judge
from tests.kit.populated import populate

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 38
LAST = 253_402_300_799  # the end of the year 9999
TIMES = (0.0, 0.001, 1.0, 1e6, 1e9, 1.7e9, 1.7e9 + 0.5, 2**31 - 1.0, 2.0**31, 2.0**32, 1e11, LAST - 1.0, float(LAST))


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1.7e9

    def __call__(self) -> float:
        """Return the time in epoch seconds."""
        return self.now


def attack(count: int, report: Report) -> None:
    """Call all operations while the clock jumps."""
    chance = random.Random(SEED)
    clock = Clock()
    with Emulator(clock=clock) as emulator, failures_are_faults(report):
        members = populate(emulator)
        emulator.durations = 5
        caller = LocalCaller(emulator)
        kept: set[str] = {"people"}
        for number in range(count):
            clock.now = chance.choice((*TIMES, chance.uniform(0, LAST), clock.now + 1, max(0.0, clock.now - 1e-3)))
            operation = list(OPERATIONS)[number % len(OPERATIONS)]
            request = members[operation]
            if operation == "CreateCollection":
                request = {"CollectionId": f"c{number}"}
                kept.add(f"c{number}")
            if not operation.startswith("Delete"):
                judge(report, call(caller, operation, request), operation)
        clock.now = float(LAST)
        listed = call(caller, "ListCollections", {"MaxResults": 4096}).texts("CollectionIds")
        report.check(set(listed) == kept, f"{kept} became {listed}"[:200])
