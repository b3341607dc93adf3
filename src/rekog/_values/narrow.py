"""Type guards for values from callers and from JSON, and the schema of a dict for pydantic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeGuard

BytesLike: TypeAlias = "bytes | bytearray | memoryview[int]"


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether a value is a mapping, such as a JSON object."""
    return isinstance(value, Mapping)


def is_bytes(value: object) -> TypeGuard[BytesLike]:
    """Tell whether a value is raw bytes: bytes, bytearray or memoryview."""
    return isinstance(value, bytes | bytearray | memoryview)


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """Tell whether a value is a list or a tuple, such as a JSON array; a text is neither."""
    return isinstance(value, list | tuple)


def is_iterable(value: object) -> TypeGuard[Iterable[object]]:
    """Tell whether a value is an iterable that is accepted as a list: not a text, bytes or a mapping."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | bytearray | memoryview | Mapping)


def any_dict(_source: object, _handler: object) -> dict[str, str]:
    """Return pydantic's schema of a TypedDict: any dict. The client checks it, and pydantic refuses Python 3.11's."""
    return {"type": "dict"}
