"""A cattrs converter that knows every model, to nest ours in your own classes, files and formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from ._core.scalars import blob, moment
from ._core.wire import from_wire, to_wire
from ._values.errors import ConfigError
from ._values.model import Model

if TYPE_CHECKING:
    from cattrs import Converter


def converter(style: Literal["wire", "python"] = "wire") -> Converter:
    """Return a new `cattrs.Converter` for models: with the service's names, or with Python's.

    `wire` gives and takes what `to_wire` gives (CamelCase, None left out, blobs as bytes); `python` what attrs shows
    (snake_case, ISO 8601 timestamps, base64 text for blobs), fit for JSON.

    >>> from rekog.models import Label
    >>> converter("python").structure({"name": "Cat", "confidence": 99.0, "instances": []}, Label).name
    'Cat'
    """
    if style not in ("wire", "python"):
        raise ConfigError(f"style must be 'wire' or 'python', not {style!r}")
    import cattrs

    made = cattrs.Converter(omit_if_default=True)
    if style == "wire":
        made.register_unstructure_hook_func(_is_model, to_wire)
        made.register_structure_hook_func(_is_model, lambda value, model: from_wire(model, value))
    else:
        _python_names(made)
    return made


def _python_names(made: Converter) -> None:
    import base64
    from datetime import datetime
    from enum import StrEnum

    made.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    made.register_structure_hook(bytes, lambda value, _: blob(value))
    made.register_unstructure_hook(datetime, lambda value: value.isoformat())
    made.register_structure_hook(datetime, lambda value, _: moment(value))

    # cattrs makes tuples of these, and a tuple is not equal to the list that it was.
    made.register_structure_hook_func(
        lambda kind: getattr(kind, "__origin__", None) is Sequence,
        lambda value, kind: [made.structure(item, get_args(kind)[0]) for item in value],
    )

    def is_open_enum(kind: Any) -> bool:
        return any(isinstance(part, type) and issubclass(part, StrEnum) for part in get_args(kind))

    def structure_enum(value: Any, kind: Any) -> object:
        enum = next(part for part in get_args(kind) if isinstance(part, type) and issubclass(part, StrEnum))
        return None if value is None else next((member for member in enum if member.value == value), str(value))

    made.register_structure_hook_func(is_open_enum, structure_enum)
    made.register_unstructure_hook_func(is_open_enum, lambda value: None if value is None else str(value))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)
