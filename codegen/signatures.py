"""The stored signatures of the client's methods and of the models' constructors, and the check that none narrows.

`codegen/signatures.txt` has one signature a line. A change that can break a call needs `--accept`: a parameter that is
removed, becomes required, or loses its position. Types are not compared: a change of types alone breaks no call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

SIGNATURES = Path(__file__).parent / "signatures.txt"


def signatures(files: Mapping[str, str]) -> dict[str, str]:
    """Return the public signatures of rendered files by name, without types, such as `detect_text(image, *, ...)`.

    The async client has the same methods as the sync client, which represents both.
    """
    found: dict[str, str] = {}
    for path in sorted(files):
        if path == "_generated/client.py" or path.startswith("models/"):
            for owner in (node for node in ast.parse(files[path]).body if isinstance(node, ast.ClassDef)):
                found |= _signatures_of(owner)
    return found


def _signatures_of(owner: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for node in owner.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = owner.name if node.name == "__init__" else node.name
            if not name.startswith("_"):
                del node.args.args[0]  # self
                for parameter in (*node.args.args, *node.args.kwonlyargs):
                    parameter.annotation = None
                yield name, f"{name}({ast.unparse(node.args)})"


def stored(path: Path) -> dict[str, str]:
    """Return the stored signatures by name; none without the file."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {line.partition("(")[0]: line for line in lines}


def text(found: Mapping[str, str]) -> str:
    """Return the contents of the file."""
    return "".join(f"{found[name]}\n" for name in sorted(found))


def narrowed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return each change that can break a call, as a text."""
    changes: list[str] = []
    for name, signature in before.items():
        if name in after:
            changes += (f"{name}: {change}" for change in _changes(_parsed(signature), _parsed(after[name])))
        else:
            changes.append(f"{name}: removed")
    return changes


def _parsed(signature: str) -> ast.arguments:
    nodes = ast.walk(ast.parse(f"def {signature}: ..."))
    return next(node for node in nodes if isinstance(node, ast.arguments))


def _changes(before: ast.arguments, after: ast.arguments) -> Iterator[str]:
    positions = [parameter.arg for parameter in after.args]
    names, required = {*positions, *(parameter.arg for parameter in after.kwonlyargs)}, _required(after)
    for parameter in (*before.args, *before.kwonlyargs):
        if parameter.arg not in names:
            yield f"`{parameter.arg}` is removed"
    for name in sorted(required - _required(before)):
        yield f"`{name}` becomes required"
    for parameter, position in zip_longest(before.args, positions[: len(before.args)]):
        if parameter.arg in names and parameter.arg != position:
            yield f"`{parameter.arg}` loses its position"


def _required(arguments: ast.arguments) -> set[str]:
    optional = len(arguments.defaults)
    positional = arguments.args[: len(arguments.args) - optional]
    keyword = [p for p, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None]
    return {parameter.arg for parameter in (*positional, *keyword)}
