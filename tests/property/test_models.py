"""Laws that every model keeps: equality, copies, pickles, attrs, and both ways of conversion there and back."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from rekog import converter, from_wire, to_wire
from rekog._core.json_body import parse, serialise
from rekog._generated.shapes import SHAPES
from rekog._values.model import Model, field_names
from rekog._values.narrow import is_mapping, is_sequence
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


def by_wire(model: Model) -> object:
    return from_wire(type(model), to_wire(model))


def by_json(model: Model) -> object:
    wire: Any = parse(b"".join(serialise(to_wire(model))))
    return from_wire(type(model), wire)


def by_wire_converter(model: Model) -> object:
    return WIRE.structure(WIRE.unstructure(model), type(model))


def by_python_converter(model: Model) -> object:
    return PYTHON.structure(json.loads(json.dumps(PYTHON.unstructure(model))), type(model))


@given(model=any_model())
@LAW
def test_wire_form_and_back(model: Model) -> None:
    assert by_wire(model) == model


@given(model=any_model())
@LAW
def test_json_and_back(model: Model) -> None:
    assert by_json(model) == model


@given(model=any_model())
@LAW
def test_a_wire_converter_gives_what_to_wire_gives(model: Model) -> None:
    assert converter().unstructure(model) == to_wire(model)


@given(model=any_model())
@LAW
def test_a_wire_converter_there_and_back(model: Model) -> None:
    assert by_wire_converter(model) == model


@given(model=any_model())
@LAW
def test_a_python_converter_there_and_back_through_json(model: Model) -> None:
    assert by_python_converter(model) == model


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
def test_models_are_equal_when_kind_and_fields_are(one: Model, other: Model) -> None:
    same = type(one) is type(other) and attrs.asdict(one) == attrs.asdict(other)
    assert (one == other) is same
    assert (one != other) is not same


# --- Every class, each with all its fields -----------------------------------------------------------------------

FULL = full_models()
THERE_AND_BACK: dict[str, Callable[[Model], object]] = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "evolve": evolve,
    "wire": by_wire,
    "JSON": by_json,
    "wire converter": by_wire_converter,
    "python converter": by_python_converter,
}


def test_there_is_a_full_model_of_every_structure() -> None:
    structures = {name for name, shape in SHAPES.items() if shape.kind == "structure"}
    assert {type(model).__name__ for model in FULL} >= structures


@pytest.mark.parametrize("way", THERE_AND_BACK.values(), ids=THERE_AND_BACK)
def test_a_full_model_comes_back_equal(way: Callable[[Any], object]) -> None:
    assert [model for model in FULL if way(model) != model] == []


@pytest.mark.parametrize("way", THERE_AND_BACK.values(), ids=THERE_AND_BACK)
def test_a_full_model_comes_back_as_its_class(way: Callable[[Any], object]) -> None:
    assert [model for model in FULL if type(way(model)) is not type(model)] == []


def test_attrs_knows_the_fields() -> None:
    names = {kind: [field.name for field in attrs.fields(kind)] for kind in CLASSES}
    assert names == {kind: list(field_names(kind)) for kind in CLASSES}


def test_attrs_knows_types_not_texts() -> None:
    fields = [field for kind in CLASSES for field in attrs.fields(kind)]
    assert [field for field in fields if field.type is None or isinstance(field.type, str)] == []


def test_asdict_goes_all_the_way_down() -> None:
    assert [model for model in FULL if has_model(attrs.asdict(model))] == []


def has_model(value: object) -> bool:
    """Tell whether a model is left in what asdict gave."""
    if is_mapping(value):
        return any(map(has_model, value.values()))
    return any(map(has_model, value)) if is_sequence(value) else isinstance(value, Model)


def test_models_are_not_hashable() -> None:
    assert [kind for kind in CLASSES if vars(Model)["__hash__"] is not None or "__hash__" in vars(kind)] == []


def test_models_have_slots_only() -> None:
    assert [model for model in FULL if hasattr(model, "__dict__")] == []


def test_no_model_shows_bytes() -> None:
    shown = {type(model).__name__: repr(model) for model in FULL}
    assert [name for name, text in shown.items() if "\\x00" in text] == []


def test_members_of_enums_are_their_texts() -> None:
    assert [member for kind in ENUMS for member in kind if member != member.value or str(member) != member.value] == []
