"""Schemas of models for pydantic, which asks a class for one when it meets it as the type of a field.

A core schema is a plain dict, so nothing of pydantic is imported here. A model is accepted as an instance, or as a dict
with Python's names, and serialised to such a dict: without None, as JSON with base64 text for bytes.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from inspect import cleandoc
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias, Union, get_args, get_origin

from .model import field_names

if TYPE_CHECKING:
    from .model import Model

Schema: TypeAlias = dict[str, Any]


def model_schema(kind: type[Model], generate: Callable[[Any], Schema]) -> Schema:
    """Return the schema of a model; `generate` returns those of other types.

    It has the reference that pydantic gives to the class, so that a JSON schema has the class among its definitions, by
    name, in place of a copy at each use.
    """
    fields: Any = kind.__attrs_attrs__
    required = {field.name for field in fields if field.default is _nothing()}
    names = [field.name for field in fields]
    build: Callable[..., Model] = kind

    def filled(values: dict[str, object]) -> Model:
        return build(**{name: values.get(name) for name in names})

    def instance_or_dict(value: object, validate: Callable[[object], Model]) -> Model:
        return value if isinstance(value, kind) else validate(value)  # a union would report both in each error

    read = {field.name: _schema(field.type, generate) for field in fields}
    from_dict = _after(filled, _typed_dict(kind, read, required))
    written = {field.name: _schema(_without_none(field.type), generate) for field in fields}
    return {
        "type": "json-or-python",
        "json_schema": from_dict,
        "python_schema": {
            "type": "function-wrap",
            "function": {"type": "no-info", "function": instance_or_dict},
            "schema": from_dict,
        },
        "serialization": {
            "type": "function-plain",
            "function": _shallow,
            "return_schema": _typed_dict(kind, written, set()),
        },
        "ref": f"{kind.__module__}.{kind.__qualname__}:{id(kind)}",
    }


def _nothing() -> object:
    import attrs

    return attrs.NOTHING


def _typed_dict(kind: type[Model], schemas: Mapping[str, Schema], required: set[str]) -> Schema:
    summary, texts = _documentation(kind)
    fields = {
        name: {
            "type": "typed-dict-field",
            "schema": schema,
            "required": name in required,
            "metadata": {"pydantic_js_updates": {"description": texts[name]} if name in texts else {}},
        }
        for name, schema in schemas.items()
    }
    shown = {"title": kind.__name__, "description": summary}
    return {
        "type": "typed-dict",
        "cls_name": kind.__name__,
        "fields": fields,
        "extra_behavior": "ignore",
        "metadata": {"pydantic_js_updates": shown if summary else {"title": kind.__name__}},
    }


def _documentation(kind: type[Model]) -> tuple[str, dict[str, str]]:
    """Return the first paragraph of a model's docstring, and the texts of its fields there; without them under -OO."""
    summary, _, attributes = cleandoc(kind.__doc__ or "").partition("\n\nAttributes:\n")
    lines = re.sub(r"\n {8,}", " ", attributes).splitlines()  # a long text goes on in lines that are indented further
    texts = dict(line.strip().split(": ", 1) for line in lines if ": " in line)
    return " ".join(summary.split()), texts


def _shallow(model: Model) -> dict[str, object]:
    values = {name: getattr(model, name) for name in field_names(type(model))}
    return {name: value for name, value in values.items() if value is not None}


def _after(function: Callable[[Any], object], schema: Schema) -> Schema:
    return {"type": "function-after", "function": {"type": "no-info", "function": function}, "schema": schema}


def _schema(kind: Any, generate: Callable[[Any], Schema]) -> Schema:
    if NoneType in get_args(kind):
        return {"type": "nullable", "schema": _schema(_without_none(kind), generate)}
    parts = get_args(kind)
    for part in (kind, *parts):
        if isinstance(part, type) and issubclass(part, StrEnum):
            return _open_enum(part)
    if get_origin(kind) in (list, Sequence):
        return {"type": "list", "items_schema": _schema(parts[0], generate)}
    return _BYTES if kind is bytes else generate(kind)


def _without_none(kind: Any) -> Any:
    """Return a type without None: a field that is None is left out."""
    parts = tuple(part for part in get_args(kind) if part is not NoneType)
    return Union[parts] if NoneType in get_args(kind) else kind  # noqa: UP007 (of a tuple)


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
