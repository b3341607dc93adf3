"""Schemas of models for pydantic, which asks a class for one when it meets it as the type of a field.

A core schema is a plain dict, so nothing of pydantic is imported here. A model is accepted as an instance, or as a dict
with Python's names, and serialised to such a dict: without None, as JSON with base64 text for bytes.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias, Union, get_args, get_origin

from .model import field_names

if TYPE_CHECKING:
    from .model import Model

Schema: TypeAlias = dict[str, Any]


def model_schema(kind: type[Model], generate: Callable[[Any], Schema]) -> Schema:
    """Return the schema of a model; `generate` returns those of other types."""
    fields: Any = kind.__attrs_attrs__
    required = {field.name for field in fields if field.default is _nothing()}
    schemas = {field.name: _schema(field.type, generate) for field in fields}
    build: Callable[..., Model] = kind

    def filled(values: dict[str, object]) -> Model:
        return build(**{name: values.get(name) for name in schemas} if schemas else {})

    from_dict = _after(filled, _typed_dict(kind, schemas, required))
    return {
        "type": "json-or-python",
        "json_schema": from_dict,
        "python_schema": {"type": "union", "choices": [{"type": "is-instance", "cls": kind}, from_dict]},
        "serialization": {
            "type": "function-plain",
            "function": _shallow,
            "return_schema": _typed_dict(kind, schemas, set()),
        },
    }


def _nothing() -> object:
    import attrs

    return attrs.NOTHING


def _typed_dict(kind: type[Model], schemas: Mapping[str, Schema], required: set[str]) -> Schema:
    fields = {
        name: {"type": "typed-dict-field", "schema": schema, "required": name in required}
        for name, schema in schemas.items()
    }
    return {"type": "typed-dict", "cls_name": kind.__name__, "fields": fields, "extra_behavior": "ignore"}


def _shallow(model: Model) -> dict[str, object]:
    values = {name: getattr(model, name) for name in field_names(type(model))}
    return {name: value for name, value in values.items() if value is not None}


def _after(function: Callable[[Any], object], schema: Schema) -> Schema:
    return {"type": "function-after", "function": {"type": "no-info", "function": function}, "schema": schema}


def _schema(kind: Any, generate: Callable[[Any], Schema]) -> Schema:
    parts = [part for part in get_args(kind) if part is not NoneType]
    if NoneType in get_args(kind):
        return {"type": "nullable", "schema": _schema(Union[tuple(parts)], generate)}  # noqa: UP007 (of a tuple)
    for part in (kind, *parts):
        if isinstance(part, type) and issubclass(part, StrEnum):
            return _open_enum(part)
    if get_origin(kind) in (list, Sequence):
        return {"type": "list", "items_schema": _schema(parts[0], generate)}
    return _BYTES if kind is bytes else generate(kind)


def _open_enum(kind: type[StrEnum]) -> Schema:
    members = {member.value: member for member in kind}

    def read(value: str) -> str:
        return members.get(value, value)

    return _after(read, {"type": "str"})


def _from_text(value: object) -> object:
    return binascii.a2b_base64(value, strict_mode=True) if isinstance(value, str) else value


def _to_text(value: bytes) -> str:
    return binascii.b2a_base64(value, newline=False).decode()


_BYTES: Schema = {
    "type": "function-before",
    "function": {"type": "no-info", "function": _from_text},
    "schema": {"type": "bytes"},
    "serialization": {
        "type": "function-plain",
        "function": _to_text,
        "when_used": "json",
        "return_schema": {"type": "str"},
    },
}
