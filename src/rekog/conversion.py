"""A cattrs converter for all models, to nest them in your own classes, files and formats."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, get_args

from ._core.rejected.incomplete import empty_model
from ._core.scalars import blob, moment
from ._core.wire import from_wire, to_wire
from ._values.errors import ConfigError
from ._values.lazy import LazyModule
from ._values.model import Model, field_names

if TYPE_CHECKING:
    import cattrs
else:  # for tools that evaluate annotations; only a converter needs it
    cattrs = LazyModule("cattrs")

__all__ = ["converter"]


def converter(style: Literal["wire", "python"] = "wire") -> cattrs.Converter:
    """Return a new `cattrs.Converter` for models: with the service's names, or with Python's.

    `wire` converts from and to the form of `to_wire` (CamelCase, without None, blobs as bytes); `python` has
    snake_case names, ISO 8601 timestamps and base64 text for blobs, ready for JSON. Both leave out None, and keep empty
    lists. A member that is missing in the input is None, or an empty list, as in a response.

    >>> from rekog.models import Label
    >>> converter("python").structure({"name": "Cat", "confidence": 99.0, "instances": []}, Label).name
    'Cat'
    """
    if style not in ("wire", "python"):
        raise ConfigError(f"style must be 'wire' or 'python', not {style!r}")
    result = cattrs.Converter()
    if style == "wire":
        result.register_unstructure_hook_func(_is_model, to_wire)
        result.register_structure_hook_func(_is_model, lambda value, model: from_wire(model, value))
    else:
        _python_names(result)
    return result


def _python_names(result: cattrs.Converter) -> None:
    import base64
    from datetime import datetime

    def unstructure_model(value: Model) -> dict[str, object]:
        fields = {name: getattr(value, name) for name in field_names(type(value))}
        return {name: result.unstructure(item) for name, item in fields.items() if item is not None}

    def structure_model(value: Any, model: Any) -> object:
        made = empty_model(model)
        for field in model.__attrs_attrs__:
            if value.get(field.name) is not None:
                setattr(made, field.name, result.structure(value[field.name], field.type))
        return made

    result.register_unstructure_hook_func(_is_model, unstructure_model)
    result.register_structure_hook_func(_is_model, structure_model)
    result.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    result.register_structure_hook(bytes, lambda value, _: blob(value))
    result.register_unstructure_hook(datetime, lambda value: value.isoformat())
    result.register_structure_hook(datetime, lambda value, _: moment(value))

    # cattrs creates tuples for these types, and a tuple does not equal the original list.
    result.register_structure_hook_func(
        lambda kind: getattr(kind, "__origin__", None) is Sequence,
        lambda value, kind: [result.structure(item, get_args(kind)[0]) for item in value],
    )

    def is_open_enum(kind: Any) -> bool:
        return any(map(_is_enum, get_args(kind)))

    def structure_enum(value: Any, kind: Any) -> object:
        enum = next(filter(_is_enum, get_args(kind)))
        return None if value is None else next((member for member in enum if member.value == value), str(value))

    result.register_structure_hook_func(is_open_enum, structure_enum)
    result.register_unstructure_hook(StrEnum, str)


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


def __dir__() -> list[str]:
    return sorted(__all__)
