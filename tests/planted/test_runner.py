"""The program that plants faults tells caught, surviving and stale ones apart."""

from __future__ import annotations

import pytest

from tests.planted.__main__ import PlantedFault, is_stale, outcome, read_faults

DEADLINE = PlantedFault(
    area="example",
    file="src/rekog/_core/deadline.py",
    old="self._end = math.inf if total is None else clock() + total",
    new="self._end = math.inf if total is None else clock() - total",
    tests=("tests/core/test_deadline.py",),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (DEADLINE, "caught"),
        (
            DEADLINE._replace(tests=("tests/core/test_patterns.py::test_letters_of_all_scripts_are_letters_of_a_tag",)),
            "survives",
        ),
        (DEADLINE._replace(old="code that is not there"), "stale"),
        (DEADLINE._replace(tests=("tests/core/test_removed.py",)), "stale"),
        (DEADLINE._replace(file="src/rekog/_core/removed.py"), "stale"),
        (DEADLINE._replace(tests=("tests/core/test_deadline.py::test_removed",)), "broken"),
    ],
)
def test_the_result_of_a_planted_fault(fault: PlantedFault, result: str) -> None:
    assert outcome(fault) == result


def test_the_code_and_the_tests_of_each_planted_fault_exist() -> None:
    faults = read_faults([])
    assert faults
    assert [str(fault) for fault in faults if is_stale(fault)] == []
