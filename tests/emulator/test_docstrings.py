"""The examples in the docstrings of the emulator's public classes and functions.

pytest finds examples by the module that an object names. These objects name `rekog.emulator`, which loads them late.
"""

from __future__ import annotations

import doctest
from importlib import import_module
from typing import Any

import pytest

from rekog import emulator


def examples() -> dict[str, doctest.DocTest]:
    """Return the examples by the name of their object, with the names of the module that defines it."""
    late: dict[str, tuple[str, ...]] = vars(emulator)["_MODULES"]
    homes = {**late, "emulator": ("Emulator",), "settings": ("Durations", "Limits", "ManualClock")}
    found: dict[str, doctest.DocTest] = {}
    for home, names in homes.items():
        known = vars(import_module(f"rekog.emulator.{home}"))
        for name in names:
            value: Any = getattr(emulator, name)
            tests = doctest.DocTestFinder().find(value, name, module=False, globs=dict(known))
            found |= {test.name: test for test in tests if test.examples}
    return found


EXAMPLES = examples()


def test_the_examples_are_found() -> None:
    expected = {
        "Box.scaled",
        "Calls",
        "Durations.of",
        "Emulator",
        "Emulator.put_object",
        "Emulator.serve",
        "Faults.add",
    }
    assert expected <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_its_result(name: str) -> None:
    runner = doctest.DocTestRunner()
    assert runner.run(EXAMPLES[name], clear_globs=False).failed == 0
