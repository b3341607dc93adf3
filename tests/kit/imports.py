"""Imports of rekog's own modules, read from the source: at module level, in functions and for type checkers alike."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import rekog

PACKAGE = Path(rekog.__file__).parent


class Import(NamedTuple):
    """An import of a module, or of a name from a module, in the given line."""

    module: str
    line: int
    name: str = ""


def module_name(path: Path) -> str:
    """Return the dotted name of a module of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Return all modules of the package by name."""
    return {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_in(source: str, module: str, *, is_package: bool = False) -> list[Import]:
    """Return the imports in a module's source; relative ones are resolved, submodules told from other names."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    imports: list[Import] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imports += [Import(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*start, *filter(None, [node.module])])
            for name in (alias.name for alias in node.names):
                submodule = f"{home}.{name}"
                is_module = submodule in modules()
                imports.append(Import(submodule, node.lineno) if is_module else Import(home, node.lineno, name))
    return imports


@cache
def imports_of(module: str) -> list[Import]:
    """Return the imports of a module of the package."""
    path = modules()[module]
    return imports_in(path.read_text("utf-8"), module, is_package=path.name == "__init__.py")


def circles() -> list[set[str]]:
    """Return the sets of modules that import one another, directly or through others (Tarjan's algorithm)."""
    graph = {name: {each.module for each in imports_of(name)} & modules().keys() - {name} for name in modules()}
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            circle = {name}
            while (other := stack.pop()) != name:
                circle.add(other)
            if len(circle) > 1:
                found.append(circle)

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return found
