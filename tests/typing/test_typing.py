"""mypy and pyright, both strict, on code that uses the package and on handlers of operations."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, TypeAlias

import pytest

ROOT = Path(__file__).parents[2]
RIGHT = (
    "user_code.py",
    "settings_code.py",
    "arguments_code.py",
    "handler_code.py",
    "tags_handlers.py",
    "wrong_tags_handlers.py",
    "errors_code.py",
    "emulator_code.py",
    "paging_code.py",
    "people_code.py",
    "bulk_code.py",
)
WRONG = (
    "wrong_code.py",
    "wrong_habits.py",
    "wrong_settings.py",
    "wrong_arguments.py",
    "wrong_handlers.py",
    "wrong_errors.py",
    "wrong_emulator.py",
    "wrong_paging.py",
    "wrong_bulk.py",
)
FILES = [Path(__file__).with_name(name) for name in (*RIGHT, *WRONG)]
MARKER = re.compile(r"# E: (?P<mypy>[\w, -]+) \| (?P<pyright>[\w, ]+)$")
# Consequential reports of pyright, on a name that has no type because it does not exist.
CONSEQUENCES = {"reportUnknownMemberType", "reportUnknownVariableType", "reportUnknownArgumentType"}

pytestmark = pytest.mark.typing
for _checker in ("mypy", "pyright"):
    pytest.importorskip(_checker, reason="the type checkers come with rekog[dev]")

RulesByLine: TypeAlias = dict[int, set[str]]
Reports: TypeAlias = dict[str, RulesByLine]


def _reports() -> Reports:
    return {name: defaultdict(set) for name in (*RIGHT, *WRONG)}


def _run(*command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def mypy() -> Reports:
    """Return mypy's error codes by file and line, with the settings of the project."""
    reports = _reports()
    for line in _run("mypy", "--output=json", *map(str, FILES)).splitlines():
        report = json.loads(line)
        if report["severity"] == "error":
            reports[Path(report["file"]).name][report["line"]].add(report["code"])
    return reports


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Return pyright's rules by file and line, from a separate project: the real one excludes the wrong code."""
    project = tmp_path_factory.mktemp("pyright")
    settings = {
        "include": [os.path.relpath(file, project) for file in FILES],
        "extraPaths": [os.path.relpath(folder, project) for folder in (ROOT / "src", ROOT)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (project / "pyrightconfig.json").write_text(json.dumps(settings))
    reports = _reports()
    output = _run("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(project))
    for report in json.loads(output)["generalDiagnostics"]:
        reports[Path(report["file"]).name][report["range"]["start"]["line"] + 1].add(report.get("rule", "syntax"))
    return reports


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text("utf-8").splitlines()


def _marked(name: str, checker: str) -> RulesByLine:
    lines = enumerate(_lines(name), start=1)
    marks = {number: match[checker] for number, line in lines if (match := MARKER.search(line))}
    return {number: set(mark.split(", ")) for number, mark in marks.items() if mark != "none"}


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("wrong_code.py", 60),
        ("wrong_settings.py", 30),
        ("wrong_arguments.py", 15),
        ("wrong_handlers.py", 10),
        ("wrong_errors.py", 9),
        ("wrong_emulator.py", 10),
        ("wrong_habits.py", 18),
        ("wrong_paging.py", 19),
        ("wrong_bulk.py", 19),
    ],
)
def test_every_marker_has_the_right_format(name: str, count: int) -> None:
    assert [line for line in _lines(name) if "# E" in line and not MARKER.search(line)] == []
    assert len(_marked(name, "pyright")) > count


@pytest.mark.parametrize("name", RIGHT)
def test_mypy_accepts_right_code(name: str, mypy: Reports) -> None:
    assert mypy[name] == {}


@pytest.mark.parametrize("name", RIGHT)
def test_pyright_accepts_right_code(name: str, pyright: Reports) -> None:
    assert pyright[name] == {}


@pytest.mark.parametrize("name", WRONG)
def test_mypy_reports_exactly_the_marked_mistakes(name: str, mypy: Reports) -> None:
    assert mypy[name] == _marked(name, "mypy")


@pytest.mark.parametrize("name", WRONG)
def test_pyright_reports_exactly_the_marked_mistakes(name: str, pyright: Reports) -> None:
    reasons = {line: rules - CONSEQUENCES for line, rules in pyright[name].items()}

    assert {line: rules for line, rules in reasons.items() if rules} == _marked(name, "pyright")


@pytest.fixture(scope="module")
def completeness() -> dict[str, Any]:
    """Return pyright's report on the public types of the package in the checkout, regardless of the installed one."""
    arguments = ("--verifytypes", "rekog", "--ignoreexternal", "--outputjson", "--pythonpath", sys.executable)
    report: dict[str, Any] = json.loads(_run("pyright", *arguments))["typeCompleteness"]
    return report


def test_the_verified_package_is_the_checkouts_and_has_py_typed(completeness: dict[str, Any]) -> None:
    assert Path(completeness["pyTypedPath"]) == ROOT / "src/rekog/py.typed"


def test_every_public_type_is_known(completeness: dict[str, Any]) -> None:
    unknown = [symbol["name"] for symbol in completeness["symbols"] if not symbol["isTypeKnown"]]

    assert (unknown, completeness["completenessScore"]) == ([], 1)
    assert completeness["exportedSymbolCounts"]["withKnownType"] > 2000
