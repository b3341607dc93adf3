"""Mutants: faults that mutmut makes.

Its own runner cannot be used: it replaces each function by a dispatcher, which the tests of signatures, imports and
instruction counts notice, and it runs all tests of a function instead of those of a line.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import libcst
from mutmut.mutation.file_mutation import create_mutations

from tests.planted.faults import ROOT, Fault
from tests.planted.functions import functions_of

Place = tuple[str, int]
"""A file, and the number of a mutant among those of the file."""


def source_files(paths: Iterable[str]) -> list[str]:
    """Return the hand-written modules at or below these paths."""
    found: set[str] = set()
    for path in paths:
        full = ROOT / path
        if not full.exists():
            raise SystemExit(f"{path} does not exist in {ROOT}")
        found |= {file.relative_to(ROOT).as_posix() for file in ([full] if full.is_file() else full.rglob("*.py"))}
    return sorted(file for file in found if "/_generated/" not in file and "/models/" not in file)


def places(files: Iterable[str]) -> list[Place]:
    """Return all mutants inside functions of these files."""
    found: list[Place] = []
    for file in files:
        _, mutations, *_ = create_mutations(file, (ROOT / file).read_text("utf-8"))
        functions = (each.contained_by_top_level_function for each in mutations)  # statements of class bodies, too
        found += [(file, number) for number, each in enumerate(functions) if isinstance(each, libcst.FunctionDef)]
    return found


def build(wanted: Iterable[Place]) -> Iterator[Fault]:
    """Return the mutants at these places, except those that change no code of a function, such as a default value."""
    by_file = defaultdict[str, list[int]](list)
    for file, number in wanted:
        by_file[file].append(number)
    for file, numbers in by_file.items():
        text = (ROOT / file).read_text("utf-8")
        functions = functions_of(file, text)
        module, mutations, *_ = create_mutations(file, text)
        for number in numbers:
            mutated = module.deep_replace(mutations[number].original_node, mutations[number].mutated_node)
            if not isinstance(mutated, libcst.Module):
                continue
            try:
                changed = functions_of(file, mutated.code) != functions
            except SyntaxError:
                continue
            if changed:
                yield Fault(f"{file}:{number}", file, mutated.code)


def draw(paths: Iterable[str], count: int, seed: int) -> list[Fault]:
    """Return this number of mutants of the modules at these paths, drawn at random, in the order of their files."""
    waiting = places(source_files(paths))
    random.Random(seed).shuffle(waiting)  # the same sample for the same seed
    found: list[Fault] = []
    while waiting and len(found) < count:
        some, waiting = waiting[: count - len(found)], waiting[count - len(found) :]
        found += build(some)
    return found


def named(names: Sequence[str]) -> list[Fault]:
    """Return the mutants with these names, each a file and a number."""
    pairs = (name.rsplit(":", 1) for name in names)
    return list(build((file, int(number)) for file, number in pairs))
