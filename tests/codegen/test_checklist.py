"""The checklist for a new operation: its text is in CONTRIBUTING.md, and the generator prints it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from codegen import checklist as module
from codegen import load
from codegen.__main__ import PACKAGE, main
from codegen.checklist import checklist

ROOT = PACKAGE.parent.parent
PATH = re.compile(r"`([\w./-]+/|[\w./-]+\.(?:py|toml|md)|[\w.-]+/[\w./-]+)`")
PLACEHOLDER = re.compile("FooBar|foo_bar")


def _paths() -> list[str]:
    return [path for path in PATH.findall(checklist()) if not PLACEHOLDER.search(path)]


def test_the_checklist_is_a_numbered_list() -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", checklist(), re.MULTILINE)]

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 5


def test_the_checklist_names_the_generators_own_files() -> None:
    assert {"codegen/decisions.toml", "codegen/prose.toml"} <= set(_paths())


@pytest.mark.parametrize("path", _paths())
def test_a_path_in_the_checklist_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_checklist_ends_before_the_next_section() -> None:
    assert "\n## " not in checklist()


def test_new_prints_the_checklist_with_the_name_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--new", "DetectPets"])
    printed = capsys.readouterr()

    assert (status, printed.err) == (0, "")
    assert printed.out == checklist().replace("FooBar", "DetectPets").replace("foo_bar", "detect_pets") + "\n"
    assert "DetectPets" in printed.out
    assert "detect_pets" in printed.out


def test_new_writes_no_file(tmp_path: Path) -> None:
    main(["--new", "DetectPets"], tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of decisions.toml that the generator reads: a test takes operations out of it."""
    for name in ("decisions.toml", "prose.toml"):
        shutil.copy(load.HERE / name, tmp_path)
    monkeypatch.setattr(load, "HERE", tmp_path)
    return tmp_path / "decisions.toml"


def _forget(decisions: Path, *operations: str) -> None:
    lines = decisions.read_text("utf-8").splitlines(keepends=True)
    decisions.write_text("".join(line for line in lines if line.strip(' ",\n') not in operations), "utf-8")


def test_an_operation_that_decisions_do_not_know_gets_the_checklist_under_its_name(
    forgotten: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _forget(forgotten, "DetectText")

    status = main(["--check"])

    error = "codegen: decisions.toml [families] lacks DetectText"
    assert (status, capsys.readouterr().err) == (1, f"{error}\n\n{checklist('DetectText')}\n")


def test_several_new_operations_get_one_checklist_with_the_placeholder(
    forgotten: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _forget(forgotten, "DetectText", "DetectFaces")

    status = main(["--check"])

    error = "codegen: decisions.toml [families] lacks DetectFaces, DetectText"
    assert (status, capsys.readouterr().err) == (1, f"{error}\n\n{checklist()}\n")


def test_contributing_without_the_section_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "CONTRIBUTING.md").write_text("# Contributing\n")
    monkeypatch.setattr(module, "CONTRIBUTING", tmp_path / "CONTRIBUTING.md")

    with pytest.raises(LookupError, match=r"CONTRIBUTING\.md has no section `## A new operation`"):
        checklist()
