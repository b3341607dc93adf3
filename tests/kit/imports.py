"""Imports of rekog's own modules, read from the source: at module level, in functions and for type checkers alike."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
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


def import_graph() -> dict[str, set[str]]:
    """Return the modules of the package that each of them imports, at module level, in functions or for types."""
    return {name: {each.module for each in imports_of(name)} & modules().keys() - {name} for name in modules()}


def _on_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If):
            is_for_types = any(
                isinstance(each, ast.Name) and each.id == "TYPE_CHECKING" for each in ast.walk(node.test)
            )
            yield from _on_import(node.orelse if is_for_types else node.body + node.orelse)
        elif isinstance(node, ast.Try):
            yield from _on_import(node.body + node.orelse + node.finalbody)
            for handler in node.handlers:
                yield from _on_import(handler.body)


def waiting_graph() -> dict[str, set[str]]:
    """Return the modules of the package that the import of each waits for.

    These are the modules that it imports at module level, and the packages that hold them and itself. A thread holds
    the lock of each module that it is importing, so two threads that enter a circle of this graph at two modules wait
    for one another, and Python's import system then gives one of them a module that is half loaded.
    """
    graph: dict[str, set[str]] = {}
    for name, path in modules().items():
        source = ast.unparse(ast.Module(list(_on_import(ast.parse(path.read_text("utf-8")).body)), []))
        imports = imports_in(source, name, is_package=path.name == "__init__.py")
        waited = {name, *(each.module for each in imports)}
        waited |= {module.rsplit(".", count)[0] for module in waited for count in range(1, module.count(".") + 1)}
        graph[name] = waited & modules().keys() - {name}
    return graph


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Return the sets of modules that lead to one another in the graph (Tarjan's algorithm)."""
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
