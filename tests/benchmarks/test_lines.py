"""The count of lines, and the limits on the length of a file and on the number of modules in a folder."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.lines import PACKAGE, ROOT, code_lines, count, parts

MODULE = '''"""A module
of two lines."""

import math  # a comment beside code counts with it

# a comment line does not count
NUMBERS = (
    math.pi,

    """a text that is a value""",
)


def number() -> int:
    """A docstring."""
    return 1
'''


def test_docstrings_comments_and_blank_lines_are_no_code() -> None:
    assert code_lines(MODULE) == 7


def test_every_module_is_counted_once() -> None:
    counted = dict(parts())
    files = [path for name in ("SDK, hand-written", "SDK, generated", "emulator") for path in counted[name]]
    assert sorted(files) == sorted(PACKAGE.rglob("*.py"))


def test_every_folder_of_the_hand_written_sdk_has_a_part() -> None:
    counted = dict(parts())
    modules = {path for path in counted["SDK, hand-written"] if path.parent == PACKAGE}
    folders = [path for name, paths in counted.items() if name.startswith("  ") for path in paths]
    assert sorted([*modules, *folders]) == sorted(counted["SDK, hand-written"])
    assert {"  _core", "  _drivers"} <= set(counted)


@pytest.mark.parametrize("name", ["SDK, hand-written", "generator", "emulator"])
def test_no_hand_written_file_is_longer_than_400_lines(name: str) -> None:
    _, _, longest, path = count(dict(parts())[name])
    assert longest <= 400, (ROOT / path).as_posix()


@pytest.mark.parametrize("name", ["SDK, hand-written", "generator", "emulator"])
def test_no_folder_has_more_than_20_hand_written_modules(name: str) -> None:
    folders = Counter(path.parent for path in dict(parts())[name])
    assert {folder.as_posix(): count for folder, count in folders.items() if count > 20} == {}
