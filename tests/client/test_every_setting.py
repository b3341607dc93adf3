"""Every setting of a client reaches its configuration, in each of the ways in which clients are made."""

from __future__ import annotations

import pickle
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest

from rekog import AsyncRekognitionClient, Credentials, RateLimit, RekognitionClient, RetryPolicy, Timeout
from rekog.cost import Meter
from tests.kit.backends import Unused

if TYPE_CHECKING:
    from rekog.client import Client


def called(_attempt: object) -> None:
    """Take an attempt."""


METER = Meter()
GIVEN: dict[str, tuple[Any, Any]] = {
    "region_name": ("ap-south-1", "ap-south-1"),
    "endpoint_url": ("http://localhost:8680", "http://localhost:8680"),
    "retry": (RetryPolicy(max_attempts=7), RetryPolicy(max_attempts=7)),
    "timeout": (3, Timeout(3)),
    "rate_limit": (5, RateLimit(5)),
    "use_fips_endpoint": (True, True),
    "use_dualstack_endpoint": (True, True),
    "max_connections": (3, 3),
    "proxy": ("http://localhost:3128", "http://localhost:3128"),
    "verify": (False, False),
    "headers": ({"X-Team": "a"}, {"x-team": "a"}),
    "user_agent_extra": ("app/1", "app/1"),
    "on_attempt": (called, (called,)),
    "meter": (METER, (METER,)),
    "strict": (["answers"], ("answers",)),
}
"""The value given, and the one in the configuration."""
KEYS = Credentials("AKIDOTHER", "another-secret")
APART = {"profile_name", "credentials", "transport", "emulator"}
"""Arguments that are no values of the configuration alone; other tests have them."""
KINDS: list[type[Client[Any, Any]]] = [RekognitionClient, AsyncRekognitionClient]


def names_of(function: Any) -> list[str]:
    return [name for name in signature(function).parameters if name not in APART]


def test_each_argument_has_a_value_here() -> None:
    names = {
        *names_of(RekognitionClient),
        *names_of(RekognitionClient.local),
        *names_of(RekognitionClient.with_options),
    }
    assert names - {"self"} == GIVEN.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_constructor_passes_each_setting_on_and_a_pickle_keeps_it(kind: Any) -> None:
    defaults = kind("eu-west-1", credentials=KEYS).config
    for name in names_of(kind):
        given, expected = GIVEN[name]
        settings = {"region_name": "eu-west-1", "credentials": KEYS, name: given}
        for client in (kind(**settings), *([] if name == "meter" else [pickle.loads(pickle.dumps(kind(**settings)))])):
            changed = {
                field: value for field, value in client.config.__dict__.items() if value != getattr(defaults, field)
            }
            assert changed == {name: expected}, name


@pytest.mark.parametrize("kind", KINDS)
def test_a_local_client_passes_each_setting_on(kind: Any) -> None:
    with_emulator = RekognitionClient.local()
    with with_emulator:
        emulator = with_emulator.emulator
        defaults = kind.local(emulator).config
        for name in names_of(kind.local):
            given, expected = GIVEN[name]
            config = kind.local(emulator, **{name: given}).config
            changed = {field: value for field, value in config.__dict__.items() if value != getattr(defaults, field)}
            if name.endswith("_endpoint"):  # another endpoint than that of the emulator
                assert changed.pop("endpoint_url") is None
            assert changed == {name: expected}, name


@pytest.mark.parametrize("kind", KINDS)
def test_with_options_passes_each_setting_on_and_keeps_the_others(kind: Any) -> None:
    names = names_of(kind.with_options)[1:]
    client = kind("eu-west-1", credentials=KEYS, transport=Unused(), max_connections=5, strict=True)
    others = [client.with_options()]
    for name in names:
        given, expected = GIVEN[name]
        other = client.with_options(**{name: given})
        changed = {
            field: value for field, value in other.config.__dict__.items() if value != getattr(client.config, field)
        }
        assert changed == {name: expected}, name
        again = other.with_options()
        assert again.config == other.config
        others.append(other)
    everything = client.with_options(**{name: GIVEN[name][0] for name in names})
    assert {name: getattr(everything.config, name) for name in names} == {name: GIVEN[name][1] for name in names}
    assert all(other._driver is client._driver for other in (*others, everything))
