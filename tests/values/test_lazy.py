"""Lazy attributes, dicts, modules and names: computed at the first use, once, and the same as if computed at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import attrs
import pytest

from rekog._values.frozen import Frozen
from rekog._values.lazy import LazyAttribute, LazyDict, LazyModule, lazy_names
from rekog.config import Timeout

READERS: dict[str, Callable[[LazyDict], Any]] = {
    "len": len,
    "item": lambda values: values["a"],
    "iter": lambda values: [*iter(values)],
    "keys": lambda values: [*values.keys()],
    "items": lambda values: [*values.items()],
}


def test_an_attribute_is_computed_once_for_each_class() -> None:
    made: list[type] = []

    def make(owner: type) -> object:
        made.append(owner)
        return owner.__name__

    class Base:
        """A class with a lazy attribute."""

        name = LazyAttribute(make)

    class Derived(Base):
        """A subclass, which has a value of its own."""

    read: list[object] = [Derived.name, Base.name, Base().name, Derived().name, Derived.name]
    assert read == ["Derived", "Base", "Base", "Derived", "Derived"]
    assert made == [Derived, Base]


@pytest.mark.parametrize("name", READERS)
def test_a_dict_is_filled_by_its_first_reader(name: str) -> None:
    made: list[None] = []

    def make() -> dict[str, object]:
        made.append(None)
        return {"a": 1, "b": 2}

    values = LazyDict(make)
    assert made == []
    assert READERS[name](values) == READERS[name](values) == READERS[name]({"a": 1, "b": 2})  # type: ignore[arg-type]  # a plain one
    assert made == [None]


def test_a_module_is_imported_by_its_first_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy: Any = LazyModule("colorsys")
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert "colorsys" not in sys.modules
    assert lazy.rgb_to_hsv is sys.modules["colorsys"].rgb_to_hsv
    with pytest.raises(AttributeError):
        lazy.other  # noqa: B018 (the attribute is the test)


def test_a_name_of_a_package_is_imported_once_from_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("made_up")
    part = ModuleType("made_up.part")
    vars(part).update(one=1, two=2)
    vars(package)["__path__"] = []
    monkeypatch.setitem(sys.modules, "made_up", package)
    monkeypatch.setitem(sys.modules, "made_up.part", part)
    find = lazy_names("made_up", {".part": ("one", "two")})
    assert (find("one"), vars(package)["one"]) == (1, 1)
    assert "two" not in vars(package)
    with pytest.raises(AttributeError) as caught:
        find("three")
    assert str(caught.value) == "module 'made_up' has no attribute 'three'"


def test_the_fields_of_a_subclass_in_another_module_keep_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(Timeout):
        """A timeout of a user, whose module has none of the names of ours."""

        note: str = ""

    monkeypatch.setattr(Other, "_module", "nowhere")  # as a class of a script that is executed from its text
    kinds = {field.name: field.type for field in attrs.fields(Other)}
    assert kinds == {
        "total": float | None,
        "connect": float,
        "read": float,
        "pool": float | None,
        "note": str,
    }


class Rule(Frozen):
    """A value whose field has a type of this module only."""

    kind: Kind


class Kind:
    """A type that only this module has."""


def test_the_names_in_an_annotation_are_those_of_its_own_module(monkeypatch: pytest.MonkeyPatch) -> None:
    class Part(Rule):
        """A subclass in a module that lacks the name of the type."""

        number: Number  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore[reportUndefinedVariable]

    empty = ModuleType("empty")
    vars(empty)["Number"] = float
    monkeypatch.setitem(sys.modules, "empty", empty)
    monkeypatch.setattr(Part, "_module", "empty")
    kinds = {field.name: field.type for field in attrs.fields(Part)}
    assert kinds == {"kind": Kind, "number": float}
