"""Diagnosis of values that a codec rejects: a second walk, for errors only, finds the path and the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from .. import models
from .._generated.shapes import SHAPES
from .._values.errors import DecodeError
from .._values.model import Model
from .._values.narrow import is_mapping, is_sequence
from .codecs import FAILURES, Codec, find_codec, generated_class
from .names import snake
from .scalars import blob, epoch, moment
from .validate import Key, Path, Problem, dotted, problems, rule_of

if TYPE_CHECKING:
    from .operation import Shape

READERS: dict[str, Codec] = {"blob": blob, "timestamp": moment}


def loose_wire(model: Model) -> tuple[dict[str, object], list[Problem]]:
    """Return a model as a wire dict, wrong values included for the validator, and the unknown keys of its dicts."""
    unknown: list[Problem] = []
    name = generated_class(type(model)).__name__
    fields = {snake(wire): getattr(model, snake(wire), None) for wire in SHAPES[name].members}
    return _structure(name, fields, (), unknown), unknown


def _structure(name: str, fields: Mapping[str, object], path: Path, unknown: list[Problem]) -> dict[str, object]:
    """Return fields by their Python names as a wire dict."""
    members = {snake(wire): (wire, target) for wire, target in SHAPES[name].members.items()}
    unknown += (Problem((*path, Key(key)), "unknown", name) for key in fields if key not in members)
    present = [(*members[key], value) for key, value in fields.items() if key in members and value is not None]
    return {wire: _loosely(target, value, (*path, wire), unknown) for wire, target, value in present}


def _loosely(name: str, value: object, path: Path, unknown: list[Problem]) -> object:
    shape = SHAPES[name]
    if shape.kind == "list" and is_sequence(value):
        return [_loosely(shape.item, item, (*path, index), unknown) for index, item in enumerate(value)]
    # A model of another structure stays a model: as an empty dict it would pass for any structure.
    if isinstance(value, Model) and generated_class(type(value)).__name__ == name:
        value = {snake(wire): getattr(value, snake(wire), None) for wire in shape.members}
    if shape.kind == "structure" and is_mapping(value):
        return _structure(name, value, path, unknown)
    return epoch(value) if isinstance(value, datetime) else value


def decode_error(shape: str, wire: object, error: Exception, operation: str = "") -> DecodeError:
    """Return the error for a wire value that raised `error` in the decoder of a shape."""
    path, reason = _locate(shape, wire, (), error)
    location = dotted(path, python_names=False) or "the body"
    return DecodeError(f"{operation or shape}: {location} {reason}", operation=operation, path=location)


def _locate(name: str, wire: object, path: Path, error: Exception) -> tuple[Path, str]:
    """Return the path of the innermost structure that does not decode, and the reason."""
    if not is_mapping(wire):
        return path, f"must be an object, not {type(wire).__name__}"
    for inner_path, target, value in _structures(SHAPES[name], wire):
        try:
            find_codec("decode", getattr(models, target))(value)
        except FAILURES as inner:
            return _locate(target, value, (*path, *inner_path), inner)
    if isinstance(error, KeyError):
        return (*path, str(error.args[0])), "is missing"
    for problem in problems(name, wire, full=False):
        if problem.rule == "type" and problem.shape.kind != "blob":
            return (*path, *problem.path), rule_of(problem, python_names=False)
    for member, target in SHAPES[name].members.items():
        read = READERS.get(SHAPES[target].kind)
        try:
            if read is not None and wire.get(member) is not None:
                read(wire[member])
        except FAILURES as inner:
            path, error = (*path, member), inner
    return path, f"can't be read ({error})"


def _structures(shape: Shape, wire: Mapping[str, object]) -> Iterator[tuple[Path, str, object]]:
    """Yield path, shape and value of each structure directly inside a structure, those in lists included."""
    for member, target in shape.members.items():
        value = wire.get(member)
        if value is None:
            continue
        if SHAPES[target].kind == "structure":
            yield (member,), target, value
        item_name = SHAPES[target].item
        if is_sequence(value) and item_name and SHAPES[item_name].kind == "structure":
            for index, item in enumerate(value):
                yield (member, index), item_name, item
