"""The example of a docstring as a command line."""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Mapping
from typing import Any

from .._core.names import snake
from .._generated.shapes import SHAPES
from .._values.narrow import is_mapping, is_sequence

_FILE = "@FILE"
"""Stands for a value that no command line shows well, such as a policy."""


def example_of(code: str, method: str) -> str:
    """Return the command line of a call such as `client.detect_text("page.png")`; empty if there is no such call.

    Variables that the example assigns are replaced by their values, others by their names in capitals.
    """
    tree = ast.parse(code)
    assigned = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == method)
    call = next(calls, None)
    if call is None:
        return ""
    words = ["rekog", method.replace("_", "-")]
    for argument in call.args:
        words += _words(argument, assigned)
    for keyword in call.keywords:
        flag = f"--{str(keyword.arg).replace('_', '-')}"
        values = _words(keyword.value, assigned)
        words += [flag] if values == ["True"] else [part for word in values for part in (flag, word)]
    return " ".join(words)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def _words(node: ast.expr, assigned: Mapping[str, ast.expr]) -> list[str]:
    """Return the words of a value: one for each item of a list of scalars or of a map, else one."""
    try:
        value: object = _value(node, assigned)
    except _NotAValueError:
        return [_FILE]
    if isinstance(value, _Fields):
        return [shlex.quote(json.dumps(value))]
    if is_mapping(value):
        return [shlex.quote(f"{key}={item}") for key, item in value.items()]
    if is_sequence(value) and not any(is_mapping(item) for item in value):
        return [shlex.quote(str(item)) for item in value]
    return [shlex.quote(json.dumps(value) if is_sequence(value) else str(value))]


class _NotAValueError(Exception):
    """An expression that JSON does not show."""


class _Fields(dict[str, Any]):
    """The fields of a structure, with the service's names."""


def _value(node: ast.expr | None, assigned: Mapping[str, ast.expr]) -> Any:
    if isinstance(node, ast.Constant) and not isinstance(node.value, bytes):
        return node.value
    if isinstance(node, ast.Name):
        return _value(assigned[node.id], assigned) if node.id in assigned else node.id.upper()
    if isinstance(node, ast.List):
        return [_value(item, assigned) for item in node.elts]
    if isinstance(node, ast.Dict):
        return {_value(key, assigned): _value(item, assigned) for key, item in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.Call) and (name := _name(node.func)) in SHAPES:
        wire = {snake(member): member for member in SHAPES[name].members}
        return _Fields({wire[str(each.arg)]: _value(each.value, assigned) for each in node.keywords})
    raise _NotAValueError
