"""Random models of every class, made from the field types that attrs reports."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

from rekog import from_wire, models
from rekog._values.model import Model
from tests.kit.samples import sample

Strategy: TypeAlias = st.SearchStrategy[Any]

NAMES: list[str] = vars(models)["__all__"] if "__all__" in vars(models) else getattr(models, "__all__")  # noqa: B009
CLASSES: list[type[Model]] = [
    kind for name in NAMES if isinstance(kind := getattr(models, name), type) and issubclass(kind, Model)
]
ENUMS: list[type[StrEnum]] = [
    kind for name in NAMES if isinstance(kind := getattr(models, name), type) and issubclass(kind, StrEnum)
]

SCALARS: dict[object, Strategy] = {
    str: st.text(max_size=4),
    int: st.integers(-9, 2**40),
    float: st.floats(allow_nan=False, allow_infinity=False, width=32),
    bool: st.booleans(),
    bytes: st.binary(max_size=4),
    # In milliseconds, like the service; a float of epoch seconds cannot represent every finer value.
    datetime: st.integers(0, 4_000_000_000_000).map(lambda number: datetime.fromtimestamp(number / 1000, UTC)),
    type(None): st.none(),
}


def values(kind: Any) -> Strategy:
    """Make values of a field's type."""
    if kind in SCALARS:
        return SCALARS[kind]
    origin, parameters = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values, parameters))
    if origin is Literal:
        return st.sampled_from(parameters)
    if origin in (list, Sequence):
        return st.lists(values(parameters[0]), max_size=2)
    if origin in (dict, Mapping):
        return st.dictionaries(values(parameters[0]), values(parameters[1]), max_size=2)
    return st.sampled_from(list(kind)) if kind in ENUMS else instances(kind)


@cache
def _instances(name: str) -> Strategy:
    kind: type[Model] = getattr(models, name)
    return st.builds(kind, **{field.name: values(field.type) for field in attrs.fields(kind)})


def instances(kind: type[Model]) -> st.SearchStrategy[Model]:
    """Make models of a class."""
    return _instances(kind.__name__)


def any_model() -> st.SearchStrategy[Model]:
    """Make a model of any class."""
    return st.sampled_from(CLASSES).flatmap(instances)


def full_models() -> list[Model]:
    """Return one model of each class, with all fields set."""
    return [from_wire(kind, sample(kind.__name__, number)) for number, kind in enumerate(CLASSES)]
