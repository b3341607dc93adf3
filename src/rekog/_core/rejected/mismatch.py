"""Wire dicts of models that an encoder rejects, with the wrong values in them for the validator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..._generated.shapes import SHAPES
from ..._values.model import Model
from ..._values.narrow import is_mapping, is_sequence
from ..codecs import generated_class
from ..names import snake
from ..scalars import epoch, text
from ..validate import Key, Path, Problem


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
    if isinstance(value, datetime):
        return epoch(value)
    return text(value) if shape.kind == "string" else value
