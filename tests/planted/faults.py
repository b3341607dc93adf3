"""A fault, the lists of faults, and what the tests did with one."""

from __future__ import annotations

import ast
import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]


class Fault(NamedTuple):
    """A change of one file."""

    name: str
    file: str
    """Path from the root of the repository."""
    text: str
    """The changed file."""
    tests: tuple[str, ...] = ()
    """Files or ids of the tests that must fail; without any, all tests that execute the changed lines are asked."""
    reason: str = ""
    """Why no test has to fail."""

    def difference(self) -> str:
        """Return the lines that the fault removes and adds."""
        before, after = (ROOT / self.file).read_text("utf-8").splitlines(), self.text.splitlines()
        changed = [line for line in difflib.ndiff(before, after) if line[:2] in {"- ", "+ "}]
        return "\n".join(f"    {line}" for line in changed)

    def lines(self) -> frozenset[int]:
        """Return the numbers of the lines of the statement that differs; of a block, those of its head."""
        before = (ROOT / self.file).read_text("utf-8")
        pairs = zip(before.splitlines(), self.text.splitlines(), strict=False)
        first = next((number for number, (old, new) in enumerate(pairs, 1) if old != new), 1)
        heads = [head for node in ast.walk(ast.parse(before)) if first in (head := head_lines(node))]
        return frozenset(min(heads, key=len) if heads else (first,))


def head_lines(node: ast.AST) -> range:
    """Return the lines of a statement, or of the head of a block; none for a definition, whose body runs later."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Try():
            return range(0)
        case ast.match_case(pattern=pattern, body=body):
            return range(pattern.lineno, max(pattern.lineno + 1, body[0].lineno))
        case ast.Match(lineno=start, cases=cases):
            return range(start, cases[0].pattern.lineno)
        case ast.stmt() | ast.ExceptHandler():
            block: list[ast.stmt] = getattr(node, "body", [])
            end = max(node.lineno + 1, block[0].lineno) if block else (node.end_lineno or node.lineno) + 1
            return range(node.lineno, end)
        case _:
            return range(0)


class Planted(NamedTuple):
    """A fault of a list."""

    area: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    reason: str = ""

    def __str__(self) -> str:
        removed, added = (" ".join(text.split())[:70] for text in (self.old, self.new))
        return f"{self.area}: {self.file}: {removed!r} -> {added!r}"

    def is_stale(self) -> bool:
        """Return whether the code that the fault replaces, or a file of its tests, is no longer there."""
        paths = [ROOT / self.file, *(ROOT / test.split("::")[0] for test in self.tests)]
        return not all(path.exists() for path in paths) or paths[0].read_text("utf-8").count(self.old) != 1

    def fault(self) -> Fault:
        """Return the fault, ready to be planted."""
        text = (ROOT / self.file).read_text("utf-8").replace(self.old, self.new)
        return Fault(str(self), self.file, text, self.tests, self.reason)


def read_lists(areas: Iterable[str]) -> list[Planted]:
    """Return the faults of the lists of these areas or files, by default of all areas."""
    folder, found = Path(__file__).parent, list[Planted]()
    named = [Path(area) if area.endswith(".toml") else folder / f"{area}.toml" for area in areas]
    for path in named or sorted(folder.glob("*.toml")):
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["fault"]
        for entry in entries:
            reason = entry.get("harmless") or entry.get("survives") or ""
            found.append(Planted(path.stem, entry["file"], entry["old"], entry["new"], tuple(entry["tests"]), reason))
    return found


class Verdict(NamedTuple):
    """What the tests did with a fault."""

    fault: Fault
    outcome: str
    """`caught`, `hangs` (a test did not end), `survives`, `untested` (no test executes the lines), or `broken`."""
    test: str = ""
    """The test that failed or did not end."""
    tests: int = 0
    """Number of tests that were chosen."""

    @property
    def caught(self) -> bool:
        """Return whether the tests notice the fault."""
        return self.outcome in {"caught", "hangs"}

    def __str__(self) -> str:
        reason = f" ({self.fault.reason})" if self.fault.reason else ""
        where = f", {self.test}" if self.test else ""
        return f"{self.outcome}: {self.fault.name}{reason}, {self.tests} tests{where}\n{self.fault.difference()}"
