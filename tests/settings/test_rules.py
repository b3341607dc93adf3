"""Rules of settings: each field names one, and the type of a field does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Optional

import attrs
import pytest

from rekog._settings.rules import POSITIVE_COUNT, Checked, Rule, instance_of, one_of, optional, rule
from rekog._settings.values import ConfigArguments
from rekog._values.errors import ConfigError
from rekog.config import CallOptions, RetryPolicy, Timeout
from rekog.credentials import Credentials

RATIO = rule("a number from 0 to 1", lambda value: isinstance(value, int | float) and 0 <= value <= 1)


class Share(Checked):
    """A value whose annotations say nothing about its rules."""

    _rules: ClassVar[Mapping[str, Rule]] = {"ratio": RATIO, "count": optional(POSITIVE_COUNT)}

    ratio: float = 0.5
    count: Optional[int] = None  # noqa: UP045 (the spelling is the test)
    note: object = None


@pytest.mark.parametrize("kind", [Timeout, RetryPolicy, CallOptions, ConfigArguments, Credentials])
def test_every_field_of_the_settings_has_a_rule(kind: type[Checked]) -> None:
    assert list(vars(kind)["_rules"]) == [field.name for field in attrs.fields(kind)]


def test_a_rule_does_not_depend_on_the_annotation() -> None:
    assert (Share(0.0, 3).ratio, Share(1, None).count) == (0.0, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ratio": 1.5}, r"^Share\.ratio must be a number from 0 to 1, not 1\.5 \(float\)"),
        ({"count": 0}, r"^Share\.count must be a whole number, 1 or more, not 0 \(int\)"),
    ],
)
def test_an_error_names_field_rule_value_and_type(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Share(**arguments)


def test_a_field_without_a_rule_accepts_any_value() -> None:
    assert Share(note=[1]).note == [1]


def test_a_subclass_keeps_the_rules_and_appears_in_errors() -> None:
    class Short(Timeout):
        """A user's own timeout."""

    with pytest.raises(ConfigError, match=r"^Short\.read must be a number of seconds above 0"):
        Short(read=0)


def test_the_choices_of_a_rule_are_listed() -> None:
    with pytest.raises(ConfigError, match=r"^x must be 'a', 'b' or 'c', not 'd'"):
        one_of("a", "b", "c")("x", "d")


def test_the_class_of_a_rule_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^x must be a Timeout, not 5 \(int\)"):
        instance_of(Timeout)("x", 5)
