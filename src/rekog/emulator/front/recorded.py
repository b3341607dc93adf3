"""The part of a request that is recorded with its call: short values, and in place of long ones a hash and a length.

Records outlive their requests, so a record's size has a limit, and it never contains the bytes of an image.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from ..._generated.shapes import SHAPES
from ..._values.narrow import is_mapping, is_sequence
from ..truth.names import name_of

if TYPE_CHECKING:
    from ..._core.operation import Shape

MAX_CHARACTERS = 1024
"""Maximum length of a recorded text."""
MAX_ITEMS = 1000
"""Maximum number of recorded items of a list, and of recorded members of a map."""
MAX_VALUES = 2000
"""Maximum number of recorded values of one request."""
MAX_SIZE = 64 * 1024
"""Maximum size of one recorded request, as `size_of` counts it, before the last value."""
OMITTED = "..."
"""A value that is not recorded, or the end of a list that is not recorded as a whole."""

_VALUE_SIZE = 64
"""Approximate size of a value in bytes, beside the characters of a text."""


def recorded(wire: Mapping[str, object], name_of: Callable[[bytes], str] = name_of) -> dict[str, object]:
    """Return a wire dict as it is recorded.

    Bytes become `sha256:HEX`, the name that `Emulator.declare` takes and that `name_of` returns; a long text becomes
    its hash and length.

    >>> recorded({"Image": {"Bytes": b"..."}})
    {'Image': {'Bytes': 'sha256:ab5df625bc76dbd4e163bed2dd888df828f90159bb93556525c31821b6541d46'}}
    >>> recorded({"PolicyDocument": "x" * 5000})
    {'PolicyDocument': 'sha256:c59d3c0480cc2d71d8f646e735e92da65450311eec46e81a5db8c7e6e8a92054, 5000 characters'}
    """
    return cast("dict[str, object]", _Recorder(name_of).value(wire))  # cast: a dict stays one


def names(shape: str, wire: Mapping[str, object]) -> dict[str, object]:
    """Return the members of a structure of the API model that a wire dict has, without their values.

    >>> names("DetectFacesRequest", {"Image": {"Bytes": "no base64"}, "Attributes": [[]], "Colour": "red"})
    {'Image': {'Bytes': '...'}, 'Attributes': '...'}
    """
    members = SHAPES[shape].members
    return {name: _name(SHAPES[members[name]], members[name], wire[name]) for name in members if name in wire}


def size_of(value: object) -> int:
    """Return the approximate size of a recorded value in bytes."""
    if is_mapping(value):
        return _VALUE_SIZE + sum(size_of(name) + size_of(item) for name, item in value.items())
    if is_sequence(value):
        return _VALUE_SIZE + sum(map(size_of, value))
    return _VALUE_SIZE + (len(value) if isinstance(value, str) else 0)


def _name(shape: Shape, name: str, value: object) -> object:
    return names(name, value) if shape.kind == "structure" and is_mapping(value) else OMITTED


class _Recorder:
    """Records one request within the limits of the whole."""

    def __init__(self, name_of: Callable[[bytes], str]) -> None:
        self._name_of = name_of
        self._values = MAX_VALUES
        self._size = MAX_SIZE

    def value(self, value: object) -> object:
        if self._values <= 0 or self._size <= 0:
            return OMITTED
        self._values -= 1
        if is_mapping(value):
            return self._members(value)
        if is_sequence(value):
            return self._items(value)
        result = self._name_of(value) if isinstance(value, bytes) else _plain(value)
        self._size -= size_of(result)
        return result

    def _members(self, members: Mapping[str, object]) -> dict[str, object]:
        result: dict[str, object] = {}
        for number, (name, item) in enumerate(members.items()):
            if number == MAX_ITEMS or self._values <= 0 or self._size <= 0:
                return {**result, OMITTED: OMITTED}
            shown = _text(name)
            self._size -= size_of(shown)
            result[shown] = self.value(item)
        return result

    def _items(self, items: object) -> list[object]:
        result: list[object] = []
        for number, item in enumerate(cast("list[object]", items)):  # cast: of a wire value
            if number == MAX_ITEMS or self._values <= 0 or self._size <= 0:
                return [*result, OMITTED]
            result.append(self.value(item))
        return result


def _plain(value: object) -> object:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int) and value.bit_length() > 8 * _VALUE_SIZE:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no such number
        return str(value)
    return value


def _text(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"sha256:{digest}, {len(text)} characters"
