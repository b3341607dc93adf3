"""Mutants of mutmut: where they are, and how one is planted in a process that has imported the package."""

from __future__ import annotations

import ast
import difflib
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

from mutmut.mutation.file_mutation import create_mutations

ROOT = Path(__file__).parents[2]


class Mutant(NamedTuple):
    """One change of one file."""

    file: str
    """Path from the root of the repository."""
    number: int
    """Number of the mutant among those of the file."""
    lines: tuple[int, ...]
    """Lines of the statement, or of the head of the block, that contains the change."""
    text: str
    """The changed file."""

    @property
    def name(self) -> str:
        """Return the name by which the command line asks for this mutant."""
        return f"{self.file}:{self.number}"

    def difference(self) -> str:
        """Return the lines that the mutant removes and adds."""
        before, after = (ROOT / self.file).read_text("utf-8").splitlines(), self.text.splitlines()
        changed = [line for line in difflib.ndiff(before, after) if line[:2] in {"- ", "+ "}]
        return "\n".join(f"    {line}" for line in changed)


def numbered(files: Iterable[str]) -> list[tuple[str, int]]:
    """Return the mutants inside functions of these files, each as its file and number."""
    found: list[tuple[str, int]] = []
    for file in files:
        _, changes, *_ = create_mutations(file, (ROOT / file).read_text("utf-8"))
        found += [(file, number) for number, change in enumerate(changes) if change.contained_by_top_level_function]
    return found


def build(places: Iterable[tuple[str, int]]) -> Iterator[Mutant]:
    """Return the mutants at these places, without those outside the code of functions."""
    by_file = defaultdict[str, list[int]](list)
    for file, number in places:
        by_file[file].append(number)
    for file, numbers in by_file.items():
        text = (ROOT / file).read_text("utf-8")
        module, changes, *_ = create_mutations(file, text)
        for number in numbers:
            change = changes[number]
            changed = module.deep_replace(change.original_node, change.mutated_node).code  # type: ignore[arg-type]
            try:
                after = compile_text(file, changed)
            except SyntaxError:
                continue
            if text == changed or same_functions(compile_text(file, text), after):
                continue
            yield Mutant(file, number, statement(text, changed), changed)


def compile_text(file: str, text: str) -> CodeType:
    """Return the code of a module with the file name that the imported one has."""
    return compile(text, str(ROOT / file), "exec", dont_inherit=True)


def codes(code: CodeType) -> Iterator[CodeType]:
    """Return the codes of all functions and classes in a code, outer ones first."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from codes(constant)


def is_function(code: CodeType) -> bool:
    """Return whether a code is that of a function, not of a class body."""
    return bool(code.co_flags & 0x2)  # CO_NEWLOCALS


def same_functions(before: CodeType, after: CodeType) -> bool:
    """Return whether all functions are the same: the change is in a default, a decorator or a class body."""
    return [code for code in codes(before) if is_function(code)] == [code for code in codes(after) if is_function(code)]


def statement(before: str, after: str) -> tuple[int, ...]:
    """Return the numbers of the lines of the statement that differs, without the body of a block."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    first = next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
    best = range(first, first + 1)
    for node in ast.walk(ast.parse(before)):
        if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) or isinstance(node, ast.ClassDef):
            continue
        start = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        end = node.end_lineno if not body else getattr(body[0], "lineno", start + 1) - 1  # type: ignore[union-attr]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if end is not None and start <= first <= max(end, start):
            best = range(start, max(end, start) + 1)
    return tuple(best)


class Functions:
    """The functions of the imported package, by the file and place of their code."""

    def __init__(self, things: Sequence[object]) -> None:
        self._by_file = defaultdict[str, list[FunctionType]](list)
        for thing in things:
            if type(thing) is FunctionType:
                self._by_file[thing.__code__.co_filename].append(thing)

    def plant(self, mutant: Mutant) -> int:
        """Replace the code of each function that the mutant changes; return their number."""
        text = (ROOT / mutant.file).read_text("utf-8")
        before = [code for code in codes(compile_text(mutant.file, text)) if is_function(code)]
        after = [code for code in codes(compile_text(mutant.file, mutant.text)) if is_function(code)]
        if len(before) == len(after):
            pairs = list(zip(before, after, strict=True))
        else:
            places = {(code.co_qualname, code.co_firstlineno): code for code in after}
            found = [(old, places.get((old.co_qualname, old.co_firstlineno))) for old in before]
            pairs = [(old, new) for old, new in found if new is not None]
        replaced = 0
        for old, new in pairs:
            if old == new:
                continue
            for function in self._by_file[str(ROOT / mutant.file)]:
                code = function.__code__
                if (code.co_qualname, code.co_firstlineno, code.co_code) == (
                    old.co_qualname,
                    old.co_firstlineno,
                    old.co_code,
                ):
                    function.__code__ = new
                    replaced += 1
        return replaced


def draw(files: Iterable[str], number: int, seed: int) -> list[Mutant]:
    """Return so many mutants of these files, drawn at random."""
    places = numbered(files)
    random.Random(seed).shuffle(places)
    found: list[Mutant] = []
    while places and len(found) < number:
        some, places = places[: number - len(found)], places[number - len(found) :]
        found += build(some)
    return found[:number]
