"""The program that plants faults tells caught, surviving and stale ones apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

from tests.planted.faults import ROOT, Fault, read_lists
from tests.planted.functions import Functions, functions_of
from tests.planted.mutants import draw, named

DEADLINE = "src/rekog/_core/deadline.py"
NEAR, FAR = "tests/core/test_deadline.py", "tests/core/test_patterns.py"
OLD = "self._end = math.inf if total is None else clock() + total"

LIST = f"""
[[fault]]
file = "{DEADLINE}"
old = "{OLD}"
new = "{OLD.replace("+", "-")}"
tests = ["{NEAR}"]

[[fault]]
file = "{DEADLINE}"
old = "{OLD}"
new = "{OLD.replace("+", "*")}"
tests = ["{FAR}"]

[[fault]]
file = "{DEADLINE}"
old = "{OLD}"
new = "{OLD.replace("math.inf", "None")}"
tests = ["{FAR}"]
harmless = "known"

[[fault]]
file = "{DEADLINE}"
old = "import math"
new = "import maths as math"
tests = ["{NEAR}"]

[[fault]]
file = "{DEADLINE}"
old = "{OLD}"
new = "{OLD.replace("clock() + total", "total")}"
tests = ["{NEAR}::test_removed"]

[[fault]]
file = "{DEADLINE}"
old = "code that is not there"
new = ""
tests = ["{NEAR}"]
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the runner forks")
def test_the_results_of_planted_faults(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(LIST, "utf-8")
    output = tmp_path / "output.jsonl"
    command = [sys.executable, "-m", "tests.planted", "lists", str(path), "--jobs", "1", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.stderr == ""
    results = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [result["outcome"] for result in results] == ["caught", "survives", "survives", "caught", "broken"]
    assert [result["test"].startswith(NEAR) for result in results] == [True, False, False, True, False]
    printed = [line.partition(":")[0] for line in done.stdout.splitlines() if line[:1] != " "]
    assert printed == ["stale", "survives", "survives", "broken", "5 faults"]
    assert done.stdout.endswith("5 faults: 2 caught, 1 survives, 1 known survivors, 1 broken\n")
    assert done.returncode == 1


@pytest.mark.parametrize("file", [NEAR, "tests/core/test_removed.py", f"{NEAR}::test_name"])
@pytest.mark.parametrize("code", ["import math", "import", "code that is not there"])
def test_a_fault_is_stale_without_its_code_or_its_tests(tmp_path: Path, file: str, code: str) -> None:
    path = tmp_path / "example.toml"
    path.write_text(f"[[fault]]\nfile = '{DEADLINE}'\nold = '{code}'\nnew = ''\ntests = ['{file}']\n", "utf-8")
    (planted,) = read_lists([str(path)])
    assert planted.is_stale() == (code != "import math" or "removed" in file)


def test_the_code_and_the_tests_of_each_planted_fault_exist() -> None:
    planted = read_lists([])
    assert planted
    assert [str(fault) for fault in planted if fault.is_stale()] == []


def example(text: str) -> Fault:
    return Fault("example", DEADLINE, text)


def test_a_fault_replaces_the_code_of_the_functions_that_it_changes() -> None:
    text = (ROOT / DEADLINE).read_text("utf-8")
    functions = [FunctionType(code, {}) for code in functions_of(DEADLINE, text) if not code.co_freevars]
    before = [function.__code__ for function in functions]
    assert Functions(functions).plant(example(text.replace(OLD, OLD.replace("+", "-"))))
    changed = [function.__name__ for function, code in zip(functions, before, strict=True) if function.__code__ != code]
    assert changed == ["__init__"]


def test_a_fault_outside_of_functions_is_not_planted_in_a_process_that_has_imported_the_module() -> None:
    text = (ROOT / DEADLINE).read_text("utf-8")
    functions = [FunctionType(code, {}) for code in functions_of(DEADLINE, text) if not code.co_freevars]
    assert not Functions(functions).plant(example(text.replace("import math", "import maths as math")))


def test_the_lines_of_a_fault_are_those_of_the_statement_or_of_the_head_of_the_block() -> None:
    text = (ROOT / DEADLINE).read_text("utf-8")
    number = next(number for number, line in enumerate(text.splitlines(), 1) if OLD in line)
    assert example(text.replace(OLD, OLD.replace("+", "-"))).lines() == {number}


def test_a_sample_of_mutants_depends_on_its_seed_alone() -> None:
    first, again, other = (draw([DEADLINE], 5, seed) for seed in (1, 1, 2))
    assert len({mutant.name for mutant in first}) == 5
    assert first == again != other
    assert named([mutant.name for mutant in first]) == first


def test_a_mutant_changes_the_code_of_a_function() -> None:
    functions = functions_of(DEADLINE, (ROOT / DEADLINE).read_text("utf-8"))
    for mutant in draw([DEADLINE], 1000, 0):
        assert functions_of(DEADLINE, mutant.text) != functions, mutant.difference()
        assert mutant.difference()
