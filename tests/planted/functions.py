"""The functions of the imported package, whose code a fault replaces."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType

from tests.planted.faults import ROOT, Fault


def functions_of(file: str, text: str) -> list[CodeType]:
    """Return the codes of all functions of a module, outer ones first, with the file name of the imported module."""
    module = compile(text, str(ROOT / file), "exec", dont_inherit=True)
    return [code for code in nested(module) if code.co_flags & inspect.CO_NEWLOCALS]


def nested(code: CodeType) -> Iterator[CodeType]:
    """Return the codes of all functions and class bodies in a code."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from nested(constant)


def place(code: CodeType) -> tuple[str, int, bytes]:
    """Return what tells the code of a function from the others of its file."""
    return code.co_qualname, code.co_firstlineno, code.co_code


class Functions:
    """Functions by file, from all objects of the process."""

    def __init__(self, things: Iterable[object]) -> None:
        self._by_file = defaultdict[str, list[FunctionType]](list)
        for thing in things:
            if type(thing) is FunctionType:
                self._by_file[thing.__code__.co_filename].append(thing)

    def plant(self, fault: Fault) -> bool:
        """Replace the code of each function that the fault changes; return False if this is not all that it changes."""
        before = functions_of(fault.file, (ROOT / fault.file).read_text("utf-8"))
        after = functions_of(fault.file, fault.text)
        if len(before) == len(after):
            pairs = list(zip(before, after, strict=True))
        else:  # a lambda or a comprehension is gone, or there is a new one
            found = {(code.co_qualname, code.co_firstlineno): code for code in after}
            pairs = [(old, found.get((old.co_qualname, old.co_firstlineno), old)) for old in before]
        changed = {place(old): new for old, new in pairs if old != new}
        planted = False
        for function in self._by_file[str(ROOT / fault.file)]:
            new = changed.get(place(function.__code__))
            if new is None:
                continue
            if new.co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = new
            planted = True
        return planted
