"""A small share of each attack."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.hostile.__main__ import main
from tests.hostile.attack import Attack, Report
from tests.hostile.registry import ATTACKS

SHARE = "0.01"
LIMIT = 240  # seconds


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_the_law_holds_under_attack(name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.hostile", name, "--share", SHARE],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
    )
    assert ended.returncode == 0, ended.stdout


def add_fault(count: int, report: Report) -> None:
    report.attempt(count)
    report.fault("violated")


def add_none(count: int, report: Report) -> None:
    report.attempt(count)


def try_nothing(count: int, report: Report) -> None:
    pass


@pytest.mark.slow
@pytest.mark.parametrize(("run", "status"), [(add_fault, 1), (add_none, 0), (try_nothing, 1)])
def test_a_fault_or_no_attempt_at_all_gives_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], run: Callable[[int, Report], None], status: int
) -> None:
    monkeypatch.setattr("tests.hostile.__main__.clean_environment", lambda: None)  # that of pytest stays as it is
    monkeypatch.setitem(ATTACKS, "probe", Attack("probe", 100, run))
    assert main(["probe", "--share", "0.1"]) == status
    assert ("FAULT 1 x violated" in capsys.readouterr().out) == (run is add_fault)


def test_a_share_keeps_the_minimum() -> None:
    attack = Attack("probe", 100, add_none, minimum=30)
    assert [attack.scaled(share) for share in (1, 0.5, 0.01)] == [100, 50, 30]


def test_each_attack_states_its_law() -> None:
    assert [name for name, attack in ATTACKS.items() if len(attack.law) < 40] == []
