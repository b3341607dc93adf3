"""A type of the service model with its constraints, as the generated shape table holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Shape(NamedTuple):
    """`min` and `max` bound a number's value, a text's characters, a blob's bytes, a list's or map's length."""

    kind: str
    min: float | None = None
    max: float | None = None
    pattern: str = ""
    enum: tuple[str, ...] = ()
    members: Mapping[str, str] = {}
    required: tuple[str, ...] = ()
    item: str = ""
    key: str = ""
    sensitive: bool = False
