"""Models as plain dicts and JSON text, with Python's names or the service's, and back.

A dict has Python's values: text for enums, `bytes` for blobs, `datetime` for timestamps. JSON text has base64 text for
blobs, and timestamps as ISO 8601 text with Python's names, as epoch seconds with the service's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..._generated.shapes import SHAPES
from ..._values.errors import ConfigError, DecodeError
from ..._values.model import Model
from ..._values.narrow import is_mapping, is_sequence
from ..codecs import generated_class
from ..json_body import serialise
from ..names import snake
from ..scalars import moment
from ..wire import from_wire, to_wire

M = TypeVar("M", bound=Model)

_NAMING: dict[str, Callable[[str], str]] = {"python": snake, "wire": str}


def to_dict(model: Model, names: str) -> dict[str, Any]:
    """Return a model as a dict, without fields that are None."""
    return _named(model, names, moment)


def to_json(model: Model, names: str) -> str:
    """Return a model as JSON text."""
    if names == "wire":
        content: Mapping[str, object] = to_wire(model)
    else:
        content = _named(model, names, lambda seconds: moment(seconds).isoformat())
    return b"".join(serialise(content)).decode()


def from_dict(model: type[M], values: Mapping[str, Any]) -> M:
    """Return the model of a dict with Python's names, the service's, or both."""
    return from_wire(model, _wired(generated_class(model).__name__, values))


def from_json(model: type[M], text: str | bytes | bytearray) -> M:
    """Return the model of JSON text."""
    try:
        values: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"{model.__name__}: the text is not JSON ({error})") from error
    return from_dict(model, values)


def _named(model: Model, names: str, timestamp: Callable[[float], object]) -> dict[str, Any]:
    if names not in _NAMING:
        raise ConfigError(f"names must be 'python' or 'wire', not {names!r}")
    named = _NAMING[names]

    def value_of(shape_name: str, value: Any) -> Any:
        shape = SHAPES[shape_name]
        if shape.kind == "structure":
            return {named(member): value_of(shape.members[member], item) for member, item in value.items()}
        if shape.kind == "list":
            return [value_of(shape.item, item) for item in value]
        return timestamp(value) if shape.kind == "timestamp" else value

    plain: dict[str, Any] = value_of(generated_class(type(model)).__name__, to_wire(model))
    return plain


def _wired(shape_name: str, value: Any) -> Any:
    """Return a value with the service's names; values of the wrong kind pass through, for the decoder to report."""
    shape = SHAPES[shape_name]
    if shape.kind == "structure" and is_mapping(value):
        given = {member: value.get(snake(member), value.get(member)) for member in shape.members}
        return {member: _wired(shape.members[member], item) for member, item in given.items() if item is not None}
    if shape.kind == "list" and is_sequence(value):
        return [_wired(shape.item, item) for item in value]
    return value
