"""The texts of help: those of the client's docstrings, which the generator writes."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import NamedTuple

_SECTIONS = ("Args:", "Raises:", "Example:")
_ARGUMENT = re.compile(r"    (\w+): (.+)")


class Description(NamedTuple):
    """The parts of a docstring: its first line, its other paragraphs, a text for each argument, and the example."""

    summary: str
    text: str
    arguments: dict[str, str]
    example: str


def described(docstring: str | None) -> Description:
    """Return the parts of a docstring; Python without docstrings (-OO) has none."""
    sections: dict[str, list[str]] = {"": []}
    name = ""
    for line in cleandoc(docstring or "").splitlines():
        started = next((section for section in _SECTIONS if line.startswith(section)), None)
        if started is not None:
            name = started
            sections[name] = []
        else:
            sections[name].append(line)
    summary, _, text = "\n".join(sections[""]).partition("\n\n")
    return Description(
        _words(summary),
        text.strip(),
        _arguments(sections.get("Args:", [])),
        cleandoc("\n".join(sections.get("Example:", []))),
    )


def _arguments(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        if start := _ARGUMENT.fullmatch(line):
            name = start[1]
            found[name] = start[2]
        elif line:
            found[name] += f" {line.strip()}"
    return found


def _words(text: str) -> str:
    return " ".join(text.split())
