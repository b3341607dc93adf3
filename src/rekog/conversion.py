"""A cattrs converter for all models, to nest them in your own classes, files and formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from ._core.scalars import blob, moment
from ._core.wire import from_wire, to_wire
from ._values.errors import ConfigError
from ._values.model import Model

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["converter"]


def converter(style: Literal["wire", "python"] = "wire") -> Converter:
    """Return a new `cattrs.Converter` for models: with the service's names, or with Python's.

    `wire` converts from and to the form of `to_wire` (CamelCase, without None, blobs as bytes); `python` has
    snake_case names, ISO 8601 timestamps and base64 text for blobs, ready for JSON.

    >>> from rekog.models import Label
    >>> converter("python").structure({"name": "Cat", "confidence": 99.0, "instances": []}, Label).name
    'Cat'
    """
    if style not in ("wire", "python"):
        raise ConfigError(f"style must be 'wire' or 'python', not {style!r}")
    import cattrs

    result = cattrs.Converter(omit_if_default=True)
    if style == "wire":
        result.register_unstructure_hook_func(_is_model, to_wire)
        result.register_structure_hook_func(_is_model, lambda value, model: from_wire(model, value))
    else:
        _python_names(result)
    return result


def _python_names(result: Converter) -> None:
    import base64
    from datetime import datetime
    from enum import StrEnum

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
        return any(isinstance(part, type) and issubclass(part, StrEnum) for part in get_args(kind))

    def structure_enum(value: Any, kind: Any) -> object:
        enum = next(part for part in get_args(kind) if isinstance(part, type) and issubclass(part, StrEnum))
        return None if value is None else next((member for member in enum if member.value == value), str(value))

    result.register_structure_hook_func(is_open_enum, structure_enum)
    result.register_unstructure_hook_func(is_open_enum, lambda value: None if value is None else str(value))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


def __dir__() -> list[str]:
    return sorted(__all__)
