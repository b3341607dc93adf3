"""The count of lines, and the one rule that is held by it."""

from __future__ import annotations

import pytest

from benchmarks.lines import PACKAGE, ROOT, code_lines, count, parts

MODULE = '''"""A module
of two lines."""

import math  # a comment beside code counts with it

# one alone does not
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
    sdk, _, generated, _, emulator = (paths for _, paths in parts())
    assert sorted([*sdk, *generated, *emulator]) == sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("name", ["SDK, hand-written", "generator", "emulator"])
def test_no_hand_written_file_is_longer_than_400_lines(name: str) -> None:
    _, _, longest, path = count(dict(parts())[name])
    assert longest <= 400, (ROOT / path).as_posix()
