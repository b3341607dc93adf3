"""Frozen values, compared with attrs's own frozen classes."""

from __future__ import annotations

import copy
import inspect
import pickle
import weakref
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_type_hints

import attrs
import cattrs
import pytest

from rekog._settings.sources import FixedSource
from rekog._settings.values import ConfigArguments
from rekog._values.frozen import Frozen
from rekog.config import CallOptions, Config, FailedAttempt, RetryPolicy, Timeout
from rekog.credentials import Credentials, FrozenCredentialsSource
from rekog.errors import ConfigError

if TYPE_CHECKING:
    from decimal import Decimal


@attrs.frozen
class Theirs:
    """attrs's class of these fields."""

    name: str
    secret: str = attrs.field(repr=False)
    size: int | None = None


class Ours(Frozen):
    """Our class of the same fields."""

    _hidden = frozenset({"secret"})

    name: str
    secret: str
    size: int | None = None


class Child(Ours):
    """A subclass without fields of its own."""


class Larger(Ours, kw_only=True):
    """A subclass with another field, which is keyword-only."""

    more: float = 0.5


VALUES: list[Frozen] = [
    Ours("a", "b", size=1),
    Larger("a", "b", more=1.5),
    Timeout(1.0, connect=2.0, read=3.0),
    Timeout(read=5),
    RetryPolicy(mode="adaptive", max_attempts=5),
    CallOptions(timeout=2.0, retry=RetryPolicy(mode="off"), headers={"a": "b"}),
    ConfigArguments(region_name="eu-west-1", timeout=Timeout(3), strict=True),
    Config(region_name="eu-west-1", verify="/a"),
    Credentials("a", "b", "c"),
    FixedSource(Credentials("a", "b")),
]
each_value = pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)


# The same behaviour as attrs


def test_repr_is_that_of_attrs() -> None:
    assert repr(Ours("a", "b", size=1)) == repr(Theirs("a", "b", size=1)).replace("Theirs", "Ours")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Ours("a", "b", size=1), [("name", "a"), ("size", 1)]),
        (Credentials("AKID", "secret"), [("access_key_id", "AKID"), ("expires_at", None)]),
        (Timeout(read=5), [("read", 5)]),
    ],
)
def test_rich_shows_the_fields_of_repr(value: Frozen, shown: list[tuple[str, object]]) -> None:
    assert list(value.__rich_repr__()) == shown


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_equality_is_by_fields_of_one_class(kind: Callable[..., object]) -> None:
    class Other(Ours):
        pass

    assert kind("a", "b") == kind("a", "b")
    assert kind("a", "b") != kind("a", "c")
    assert Other("a", "b") != Ours("a", "b")
    assert (kind("a", "b") == ("a", "b", None)) is False


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_equal_values_have_one_hash(kind: Callable[..., object]) -> None:
    assert len({kind("a", "b"), kind("a", "b"), kind("a", "c")}) == 2


def test_value_with_an_unhashable_field_is_unhashable() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Config(headers={"a": "b"}))


def test_options_of_a_call_are_hashable() -> None:
    assert len({CallOptions(headers={"a": "b"}), CallOptions(headers={"A": "b"}), CallOptions()}) == 2


def test_fields_are_those_of_attrs() -> None:
    keys = ("name", "default", "kw_only", "init", "alias")
    ours, theirs = (
        [{key: getattr(field, key) for key in keys} for field in attrs.fields(kind)] for kind in (Ours, Theirs)
    )

    assert ours == theirs
    assert [field.type for field in attrs.fields(Ours)] == [str, str, int | None]


class Priced(Frozen):
    """A value with a type that only type checkers import."""

    price: Decimal
    name: str


def test_types_that_only_type_checkers_import_stay_text() -> None:
    assert {field.name: field.type for field in attrs.fields(Priced)} == {"price": "Decimal", "name": str}


def test_types_are_found_in_the_module_that_contains_the_class() -> None:
    assert get_type_hints(Credentials)["expires_at"] == datetime | None


@each_value
def test_attrs_accepts_a_value_as_its_own(value: Any) -> None:
    assert attrs.has(value.__class__)
    names = inspect.signature(value.__class__).parameters
    assert attrs.asdict(value, recurse=False) == {name: getattr(value, name) for name in names}
    assert attrs.evolve(value) == value


def test_evolve_checks_the_new_value() -> None:
    changed: Any = attrs.evolve(Timeout(1.0, connect=2.0, read=3.0), read=9.0)  # type: ignore[misc]  # mypy supports attrs's own classes only

    assert changed == Timeout(1.0, connect=2.0, read=9.0)


def test_replace_checks_the_new_value() -> None:
    assert Timeout(read=3).__replace__(connect=1) == Timeout(connect=1, read=3)
    with pytest.raises(ConfigError, match=r"Timeout\.connect must be"):
        Timeout().__replace__(connect=-1)


def test_cattrs_makes_values() -> None:
    assert cattrs.structure({"connect": 1, "total": 2}, Timeout) == Timeout(connect=1.0, total=2.0)


@pytest.mark.parametrize(
    ("positional", "named", "message"),
    [
        pytest.param("a", {}, "secret", id="one too few"),
        pytest.param("abcd", {}, "positional", id="one too many"),
        pytest.param("ab", {"name": "c"}, "name", id="one passed twice"),
        pytest.param("ab", {"other": "c"}, "other", id="an unknown one"),
    ],
)
@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_wrong_arguments_are_a_type_error_that_names_them(
    kind: Callable[..., object], positional: str, named: dict[str, str], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        kind(*positional, **named)


def test_a_keyword_only_field_has_no_position() -> None:
    assert Larger("a", "b", 1).more == 0.5
    with pytest.raises(TypeError, match="positional"):
        Larger("a", "b", 1, 0.5)  # type: ignore[call-arg]  # the wrong call is the test


# Frozen


@each_value
def test_no_field_can_be_set_or_deleted(value: Frozen) -> None:
    kind = type(value)
    for name in inspect.signature(kind).parameters:
        with pytest.raises(AttributeError, match=f"^{name} cannot be changed, a {kind.__name__} is frozen"):
            setattr(value, name, None)
        with pytest.raises(AttributeError, match=f"^{name} cannot be changed, a {kind.__name__} is frozen"):
            delattr(value, name)


@pytest.mark.parametrize("kind", [Ours, Child, Theirs])
def test_no_attribute_can_be_added(kind: Callable[..., object]) -> None:
    with pytest.raises(AttributeError):
        setattr(kind("a", "b"), "other", 1)  # noqa: B010 - a type checker would reject an assignment


def test_init_cannot_change_an_existing_value() -> None:
    timeout = Timeout()
    with pytest.raises(AttributeError, match="frozen"):
        timeout.__init__(1.0)  # type: ignore[misc]  # the second call is the test

    assert timeout == Timeout()


# Public modules


@pytest.mark.parametrize("kind", [Timeout, RetryPolicy, CallOptions, FailedAttempt, Config])
def test_settings_belong_to_the_module_config(kind: type) -> None:
    assert kind.__module__ == "rekog.config"
    assert getattr(import_module(kind.__module__), kind.__name__) is kind


@pytest.mark.parametrize("kind", [Credentials, FrozenCredentialsSource])
def test_credentials_belong_to_the_module_credentials(kind: type) -> None:
    assert kind.__module__ == "rekog.credentials"
    assert getattr(import_module(kind.__module__), kind.__name__) is kind


def test_types_are_resolved_where_the_class_is_defined() -> None:
    kinds = {field.name: field.type for field in attrs.fields(CallOptions)}
    assert kinds == {"timeout": Timeout | None, "retry": RetryPolicy | None, "headers": Mapping[str, str]}


# Copies


@each_value
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_gives_an_equal_value(value: Frozen, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(value, protocol)) == value


@each_value
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copy_is_equal(value: Frozen, copied: Callable[[Frozen], Frozen]) -> None:
    assert copied(value) == value


def test_subclass_prints_compares_and_pickles_as_itself() -> None:
    child = Child("a", "b")

    assert repr(child) == "Child(name='a', size=None)"
    assert pickle.loads(pickle.dumps(child)) == child != Ours("a", "b")


def test_value_supports_weak_references() -> None:
    timeout = Timeout()

    assert weakref.ref(timeout)() is timeout


@each_value
def test_positions_of_a_pattern_are_those_of_the_arguments(value: Frozen) -> None:
    parameters = inspect.signature(type(value)).parameters.values()
    assert value.__match_args__ == tuple(each.name for each in parameters if each.kind is not each.KEYWORD_ONLY)
