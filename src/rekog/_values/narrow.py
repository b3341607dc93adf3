"""Tell what a value from outside is, in a form that type checkers follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard

BytesLike: TypeAlias = "bytes | bytearray | memoryview[int]"


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether a value is a JSON object, or another mapping."""
    return isinstance(value, Mapping)


def is_bytes(value: object) -> TypeGuard[BytesLike]:
    """Tell whether a value is raw bytes in one of Python's three forms."""
    return isinstance(value, bytes | bytearray | memoryview)


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """Tell whether a value is a JSON array: a list or a tuple, no text."""
    return isinstance(value, list | tuple)
