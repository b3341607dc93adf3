"""Warnings for percentages that look like shares: 0.8 as a minimum confidence lets everything through."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from .._values.errors import RekogWarning
from .._values.outside import outside_level
from .validate import dotted, rule_of

if TYPE_CHECKING:
    from .validate import Problem


class _Text(str):
    """The text of a warning. Python shows equal texts once for each line of code; these differ by the argument only."""

    __slots__ = ("argument",)
    argument: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and self.argument == other.argument

    def __hash__(self) -> int:
        return hash(self.argument)


def warn(operation: str, problem: Problem, *, python_names: bool) -> None:
    """Warn at the line of the caller, once for each argument and line."""
    argument = f"{operation}: {dotted(problem.path, python_names=python_names)}"
    text = _Text(f"{argument}={rule_of(problem, python_names=python_names)}")
    text.argument = argument
    warnings.warn(text, RekogWarning, stacklevel=outside_level())
