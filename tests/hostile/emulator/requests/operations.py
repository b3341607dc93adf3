"""Altered requests to all 75 operations: each gets a response or an error of the service, never a failure, in seconds.

Valid requests of a populated emulator are altered: members are removed, repeated, and replaced by values of any type,
by extreme ones, and by texts that earlier responses had. In the end the listings still work.
"""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rekog._generated.operations import OPERATIONS
from rekog.emulator import Emulator
from tests.hostile.emulator.calls import LocalCaller, call, failures_are_faults, judge, send
from tests.hostile.emulator.requests.values import altered, hostile, learn, ready
from tests.kit.populated import populate

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 60
RENEWED = 3_000  # requests until the state is restored
LISTINGS = ("ListCollections", "DescribeProjects", "ListStreamProcessors", "ListMediaAnalysisJobs")


def attack(count: int, report: Report) -> None:
    """Send altered requests."""
    chance = random.Random(SEED)
    learned: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Emulator() as emulator, failures_are_faults(report):
        members = populate(emulator)
        saved = Path(folder, "saved")
        emulator.snapshot(saved)
        caller = LocalCaller(emulator)
        for number in range(count):
            if number % RENEWED == RENEWED - 1:
                emulator.restore(saved)
            operation = chance.choice(list(OPERATIONS))
            request: object = members[operation]
            for _ in range(chance.choice((0, 0, 1, 1, 1, 3))):
                request = altered(request, chance, learned)
            if chance.random() < 0.02 or not isinstance(request, dict):
                request = hostile(chance, learned)
            body = json.dumps(ready(request)).encode()  # pyright: ignore[reportUnknownArgumentType]  # a dict of any
            answer = send(caller, operation, body)
            judge(report, answer, operation)
            learn(answer.json, learned, chance)
        emulator.restore(saved)
        for operation in LISTINGS:
            answer = call(caller, operation, {})
            report.check(answer.status == 200, f"{operation} fails after the attack: {answer.code}")
