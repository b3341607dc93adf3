"""What type checkers say of code that uses the package: mypy and pyright, both strict, each run once on two files."""

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
USER_CODE, WRONG_CODE = "user_code.py", "wrong_code.py"
FILES = [Path(__file__).with_name(name) for name in (USER_CODE, WRONG_CODE)]
MARKER = re.compile(r"# E: (?P<mypy>[\w, -]+) \| (?P<pyright>[\w, ]+)$")
# What pyright says besides, where something has no type because it is not there.
CONSEQUENCES = {"reportUnknownMemberType", "reportUnknownVariableType", "reportUnknownArgumentType"}

pytestmark = pytest.mark.typing
for _checker in ("mypy", "pyright"):
    pytest.importorskip(_checker, reason="the type checkers come with rekog[dev]")

Found: TypeAlias = dict[int, set[str]]
Reports: TypeAlias = dict[str, Found]


def _reports() -> Reports:
    return {name: defaultdict(set) for name in (USER_CODE, WRONG_CODE)}


def _run(*command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def mypy() -> Reports:
    """Return mypy's error codes by file and line, with the project's own settings."""
    found = _reports()
    for line in _run("mypy", "--output=json", *map(str, FILES)).splitlines():
        report = json.loads(line)
        if report["severity"] == "error":
            found[Path(report["file"]).name][report["line"]].add(report["code"])
    return found


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Return pyright's rules by file and line; a project of their own, because the real one leaves wrong code out."""
    project = tmp_path_factory.mktemp("pyright")
    settings = {
        "include": [os.path.relpath(file, project) for file in FILES],
        "extraPaths": [os.path.relpath(ROOT / "src", project)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (project / "pyrightconfig.json").write_text(json.dumps(settings))
    found = _reports()
    output = _run("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(project))
    for report in json.loads(output)["generalDiagnostics"]:
        found[Path(report["file"]).name][report["range"]["start"]["line"] + 1].add(report.get("rule", "syntax"))
    return found


def _marked(checker: str) -> Found:
    lines = enumerate(FILES[1].read_text("utf-8").splitlines(), start=1)
    marks = {number: match[checker] for number, line in lines if (match := MARKER.search(line))}
    return {number: set(mark.split(", ")) for number, mark in marks.items() if mark != "none"}


def test_every_marker_can_be_read() -> None:
    lines = FILES[1].read_text("utf-8").splitlines()

    assert [line for line in lines if "# E" in line and not MARKER.search(line)] == []
    assert len(_marked("pyright")) > 60


def test_mypy_has_nothing_against_user_code(mypy: Reports) -> None:
    assert mypy[USER_CODE] == {}


def test_pyright_has_nothing_against_user_code(pyright: Reports) -> None:
    assert pyright[USER_CODE] == {}


def test_mypy_finds_each_mistake_for_its_reason_and_nothing_else(mypy: Reports) -> None:
    assert mypy[WRONG_CODE] == _marked("mypy")


def test_pyright_finds_each_mistake_for_its_reason_and_nothing_else(pyright: Reports) -> None:
    reasons = {line: rules - CONSEQUENCES for line, rules in pyright[WRONG_CODE].items()}

    assert {line: rules for line, rules in reasons.items() if rules} == _marked("pyright")


@pytest.fixture(scope="module")
def completeness() -> dict[str, Any]:
    """Return pyright's account of the public types, of the checkout's package, however it is installed."""
    arguments = ("--verifytypes", "rekog", "--ignoreexternal", "--outputjson", "--pythonpath", sys.executable)
    found: dict[str, Any] = json.loads(_run("pyright", *arguments))["typeCompleteness"]
    return found


def test_the_verified_package_is_the_checkouts_and_marked_as_typed(completeness: dict[str, Any]) -> None:
    assert Path(completeness["pyTypedPath"]) == ROOT / "src/rekog/py.typed"


def test_every_public_type_is_known(completeness: dict[str, Any]) -> None:
    wanting = [symbol["name"] for symbol in completeness["symbols"] if not symbol["isTypeKnown"]]

    assert (wanting, completeness["completenessScore"]) == ([], 1)
    assert completeness["exportedSymbolCounts"]["withKnownType"] > 2000
