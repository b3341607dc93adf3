"""Properties of every model: equality, copies, pickles, attrs, and both round trips of conversion."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from rekog import from_wire, to_wire
from rekog._core.json_body import parse, serialise
from rekog._generated.shapes import SHAPES
from rekog._values.model import Model, field_names
from rekog._values.narrow import is_mapping, is_sequence
from rekog.conversion import converter
from tests.property.models import CLASSES, ENUMS, any_model, full_models

LAW = settings(
    derandomize=True,
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

WIRE, PYTHON = converter(), converter("python")


def evolve(model: Any) -> object:  # mypy takes decorated classes only
    return attrs.evolve(model)


def through_wire(model: Model) -> object:
    return from_wire(type(model), to_wire(model))


def through_json(model: Model) -> object:
    wire: Any = parse(b"".join(serialise(to_wire(model))))
    return from_wire(type(model), wire)


def through_wire_converter(model: Model) -> object:
    return WIRE.structure(WIRE.unstructure(model), type(model))


def through_python_converter(model: Model) -> object:
    return PYTHON.structure(json.loads(json.dumps(PYTHON.unstructure(model))), type(model))


@given(model=any_model())
@LAW
def test_the_wire_form_converts_back_to_an_equal_model(model: Model) -> None:
    assert through_wire(model) == model


@given(model=any_model())
@LAW
def test_json_converts_back_to_an_equal_model(model: Model) -> None:
    assert through_json(model) == model


@given(model=any_model())
@LAW
def test_a_wire_converter_returns_the_same_as_to_wire(model: Model) -> None:
    assert converter().unstructure(model) == to_wire(model)


@given(model=any_model())
@LAW
def test_a_wire_converter_converts_back_to_an_equal_model(model: Model) -> None:
    assert through_wire_converter(model) == model


@given(model=any_model())
@LAW
def test_a_python_converter_converts_json_back_to_an_equal_model(model: Model) -> None:
    assert through_python_converter(model) == model


@given(model=any_model())
@LAW
def test_a_pickle_is_equal(model: Model) -> None:
    assert pickle.loads(pickle.dumps(model)) == model


@given(model=any_model())
@LAW
def test_a_copy_is_equal(model: Model) -> None:
    assert copy.copy(model) == model == copy.deepcopy(model)


@given(model=any_model())
@LAW
def test_asdict_has_all_fields(model: Model) -> None:
    assert list(attrs.asdict(model)) == list(field_names(type(model)))


@given(model=any_model())
@LAW
def test_evolve_without_changes_is_equal(model: Model) -> None:
    evolved = evolve(model)
    assert evolved == model
    assert evolved is not model


@given(one=any_model(), other=any_model())
@LAW
def test_models_are_equal_when_class_and_fields_are(one: Model, other: Model) -> None:
    same = type(one) is type(other) and attrs.asdict(one) == attrs.asdict(other)
    assert (one == other) is same
    assert (one != other) is not same


# --- One model of every class, with all fields -------------------------------------------------------------------

FULL = full_models()
ROUND_TRIPS: dict[str, Callable[[Model], object]] = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "evolve": evolve,
    "wire": through_wire,
    "JSON": through_json,
    "wire converter": through_wire_converter,
    "python converter": through_python_converter,
}


PLAIN = {str, int, float, bool, bytes, list, dict}
"""Types of JSON, and bytes: the ones that `yaml.safe_dump`, `marshal` and a `repr` that is read back keep."""


def types_in(value: object) -> set[type]:
    """Return the types of a value and of all values in it."""
    inner = [*value, *value.values()] if is_mapping(value) else value if is_sequence(value) else []
    return {type(value)}.union(*map(types_in, inner))


@pytest.mark.parametrize("convert", [to_wire, WIRE.unstructure], ids=["to_wire", "wire converter"])
def test_a_wire_dict_has_plain_types_only(convert: Callable[[Model], object]) -> None:
    assert set[type]().union(*(types_in(convert(model)) for model in FULL)) <= PLAIN


def test_a_dict_with_python_names_has_the_types_of_json_only() -> None:
    assert set[type]().union(*(types_in(PYTHON.unstructure(model)) for model in FULL)) <= PLAIN - {bytes}


def test_every_structure_has_a_full_model() -> None:
    structures = {name for name, shape in SHAPES.items() if shape.kind == "structure"}
    assert {type(model).__name__ for model in FULL} >= structures


@pytest.mark.parametrize("round_trip", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_a_full_model_is_equal_after_a_round_trip(round_trip: Callable[[Any], object]) -> None:
    assert [model for model in FULL if round_trip(model) != model] == []


@pytest.mark.parametrize("round_trip", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_a_full_model_has_its_class_after_a_round_trip(round_trip: Callable[[Any], object]) -> None:
    assert [model for model in FULL if type(round_trip(model)) is not type(model)] == []


def test_attrs_reports_the_fields_of_a_model() -> None:
    names = {kind: [field.name for field in attrs.fields(kind)] for kind in CLASSES}
    assert names == {kind: list(field_names(kind)) for kind in CLASSES}


def test_attrs_reports_resolved_types() -> None:
    fields = [field for kind in CLASSES for field in attrs.fields(kind)]
    assert [field for field in fields if field.type is None or isinstance(field.type, str)] == []


def test_asdict_converts_nested_models() -> None:
    assert [model for model in FULL if contains_model(attrs.asdict(model))] == []


def contains_model(value: object) -> bool:
    """Return whether a value contains a model."""
    if is_mapping(value):
        return any(map(contains_model, value.values()))
    return any(map(contains_model, value)) if is_sequence(value) else isinstance(value, Model)


def test_models_are_not_hashable() -> None:
    assert [kind for kind in CLASSES if vars(Model)["__hash__"] is not None or "__hash__" in vars(kind)] == []


def test_models_have_no_dict() -> None:
    assert [model for model in FULL if hasattr(model, "__dict__")] == []


def test_the_repr_of_a_model_has_no_bytes() -> None:
    shown = {type(model).__name__: repr(model) for model in FULL}
    assert [name for name, text in shown.items() if "\\x00" in text] == []


def test_members_of_enums_equal_their_values() -> None:
    assert [member for kind in ENUMS for member in kind if member != member.value or str(member) != member.value] == []
