"""A call that fails changes nothing: the stored state is the same before and after it; and the texts of all errors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from tests.contract.error_causes import CAUSES
from tests.contract.error_resources import LIMITS
from tests.emulator.handlers.invalid_parameters import invalid_calls
from tests.emulator.handlers.state_dump import differences, dump, settle
from tests.kit.clock import NOW
from tests.kit.populated import open_clients

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

TEXTS: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("refusals.toml").read_text("utf-8"))
"""By code: the texts of errors, with the operations that return them."""
_REVISION = re.compile("[0-9a-f]{32}")
"""The revision of a policy, which is random."""


class Bench(NamedTuple):
    """An emulator over a folder: a client and the control API."""

    rekognition: Rekognition
    control: ControlApi
    folder: Path

    def settled(self) -> list[str]:
        """Do all due steps, and return the stored state."""
        settle(self.folder, self.rekognition)
        return dump(self.folder)


@contextmanager
def open_bench(folder: Path, limits: Limits | None = None) -> Generator[Bench]:
    settings: Json = {"clock": ManualClock(NOW), "durations": Durations.all(0), "limits": limits or Limits()}
    with Emulator(vision="off", data=folder, **settings) as emulator, open_clients(emulator) as (rekognition, control):
        yield Bench(rekognition, control, folder)


@pytest.mark.parametrize("code", CAUSES)
def test_a_call_that_fails_changes_nothing_and_has_the_text_of_its_cause(tmp_path: Path, code: str) -> None:
    with open_bench(tmp_path, Limits(**LIMITS)) as bench:
        calls = CAUSES[code](bench.rekognition, bench.control)
        before = bench.settled()
        texts: dict[str, list[str]] = {}
        for operation, members in calls:
            refusal = bench.rekognition.refusal(operation, **members)
            assert (operation, refusal.code, differences(before, dump(tmp_path))) == (operation, code, [])
            operations = texts.setdefault(_REVISION.sub("REVISION", refusal.message), [])
            operations += [] if operation in operations else [operation]
        assert texts == TEXTS[code]


def test_a_call_that_breaks_a_rule_of_its_handler_is_refused_for_that_rule_and_changes_nothing(tmp_path: Path) -> None:
    with open_bench(tmp_path) as bench:
        calls = invalid_calls(bench.rekognition, bench.control)
        before = bench.settled()
        for operation, members, message in calls:
            refusal = bench.rekognition.refusal(operation, **members)
            assert (operation, refusal.code, refusal.message) == (operation, "InvalidParameterException", message)
            assert (operation, message, differences(before, dump(tmp_path))) == (operation, message, [])
