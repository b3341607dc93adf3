"""Long texts for each pattern of the service's model: the check of a request takes well below a second.

The texts are those at which a regular expression that backtracks takes time that grows with the square of the length,
or worse: repetitions of the parts of valid texts and of separators, with a wrong end.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from rekog.emulator.front import constraints
from rekog.emulator.refusals import RefusalError
from tests.kit.invalid_requests import OPERATIONS, Constraint, request_with, valid_value
from tests.kit.invalid_requests import constraints as all_constraints

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 59
LIMIT = 2.0  # seconds; a text of 200 kB takes 0.02
LENGTHS = (20_000, 60_000, 200_000)
ENDS = ("", "!", "\n", "\0", " ", "\u2603")
PARTS = ("a", "A", "0", "a-", "a.", "-", "_", ".", ":", "/", "arn:aws:", "a/", "0-", " ", "\u00e9", "a1-_.:/")


def attack(count: int, report: Report) -> None:
    """Check requests with one long text each."""
    chance = random.Random(SEED)
    places: dict[str, tuple[str, Constraint]] = {}
    for operation in OPERATIONS:
        for constraint in all_constraints(operation):
            if constraint.rule == "pattern":
                places.setdefault(constraint.shape, (operation, constraint))
    report.figure("patterns", len(places))
    for number in range(count):
        operation, constraint = list(places.values())[number % len(places)]
        valid = str(valid_value(constraint.shape))
        at = chance.randrange(len(valid) + 1)
        part = chance.choice((*PARTS, valid, valid[:at] or "a", valid[at:] or "a"))
        text = valid[:at] + part * (chance.choice(LENGTHS) // len(part)) + chance.choice((*ENDS, valid[at:]))
        request = request_with(operation, {}, constraint.path, text)
        began = time.monotonic()
        try:
            constraints.check(f"{operation}Request", request, "ValidationException")
        except RefusalError as error:
            report.figure(error.code)
        report.attempt()
        report.check(time.monotonic() - began < LIMIT, f"a text for {constraint.shape} takes more than {LIMIT:g} s")
