"""The name of each variable and of each key of a profile, one at a time, and the fields of a client's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rekog._settings.profiles import CONFIG_FILE, profile_files
from rekog._settings.resolve import resolve_config
from rekog._settings.sources import find_source
from rekog._settings.values import ConfigArguments
from rekog.config import Config, RateLimit, RetryPolicy, Timeout
from rekog.cost import Meter
from rekog.credentials import Credentials

SERVICES = "services = local\n[services local]\nrekognition =\n  endpoint_url = http://a\n"
VARIABLES: dict[str, tuple[str, dict[str, object]]] = {
    "AWS_REGION": ("eu-west-1", {"region_name": "eu-west-1"}),
    "AWS_DEFAULT_REGION": ("eu-west-1", {"region_name": "eu-west-1"}),
    "AWS_PROFILE": ("p", {"profile_name": "p"}),
    "AWS_DEFAULT_PROFILE": ("p", {"profile_name": "p"}),
    "AWS_ENDPOINT_URL": ("http://a", {"endpoint_url": "http://a"}),
    "AWS_ENDPOINT_URL_REKOGNITION": ("http://a", {"endpoint_url": "http://a"}),
    "AWS_USE_FIPS_ENDPOINT": ("true", {"use_fips_endpoint": True}),
    "AWS_USE_DUALSTACK_ENDPOINT": ("true", {"use_dualstack_endpoint": True}),
    "AWS_RETRY_MODE": ("adaptive", {"retry": RetryPolicy(mode="adaptive")}),
    "AWS_MAX_ATTEMPTS": ("10", {"retry": RetryPolicy(max_attempts=10)}),
    "AWS_CA_BUNDLE": ("/a", {"verify": "/a"}),
    "REQUESTS_CA_BUNDLE": ("/a", {"verify": "/a"}),
}
KEYS: dict[str, dict[str, object]] = {
    "region = eu-west-1": {"region_name": "eu-west-1"},
    "region = fips-us-east-1": {"region_name": "us-east-1", "use_fips_endpoint": True},
    "endpoint_url = http://a": {"endpoint_url": "http://a"},
    SERVICES: {"endpoint_url": "http://a"},
    "use_fips_endpoint = true": {"use_fips_endpoint": True},
    "use_dualstack_endpoint = true": {"use_dualstack_endpoint": True},
    "retry_mode = adaptive": {"retry": RetryPolicy(mode="adaptive")},
    "retry_mode = legacy": {},
    "retry_mode = STANDARD": {},
    "max_attempts = 123456789012": {"retry": RetryPolicy(max_attempts=123456789)},
    "max_attempts = 1": {"retry": RetryPolicy(max_attempts=1)},
    "ca_bundle = /a": {"verify": "/a"},
    "ignore_configured_endpoint_urls = true\nendpoint_url = http://a": {},
    "ignore_configured_endpoint_urls = false\nendpoint_url = http://a": {"endpoint_url": "http://a"},
}


def resolve(environment: Mapping[str, str], text: str = "", **arguments: Any) -> Config:
    return resolve_config(ConfigArguments(**arguments), environment, {CONFIG_FILE: text}.get)


DEFAULTS = resolve({})


def changes(config: Config) -> dict[str, object]:
    """Return the settings that are not the default ones."""
    return {name: value for name, value in vars(config).items() if value != getattr(DEFAULTS, name)}


def test_each_variable_changes_its_own_setting() -> None:
    text = "[profile p]\n"
    found = {name: changes(resolve({name: value}, text)) for name, (value, _) in VARIABLES.items()}
    assert found == {name: expected for name, (_, expected) in VARIABLES.items()}
    assert changes(resolve(dict.fromkeys(VARIABLES, ""), text)) == {}


def test_each_key_of_a_profile_changes_its_own_setting() -> None:
    assert {line: changes(resolve({}, f"[default]\n{line}\n")) for line in KEYS} == KEYS


def test_each_argument_of_a_client_changes_its_own_setting() -> None:
    meter, rate = Meter(), RateLimit(5)
    given: dict[str, tuple[Any, object]] = {
        "region_name": ("eu-west-1", "eu-west-1"),
        "endpoint_url": ("http://a", "http://a"),
        "use_fips_endpoint": (True, True),
        "use_dualstack_endpoint": (True, True),
        "retry": (RetryPolicy(mode="off"), RetryPolicy(mode="off")),
        "timeout": (2.5, Timeout(2.5)),
        "rate_limit": (5, rate),
        "max_connections": (3, 3),
        "strict": (["images"], ("images",)),
        "proxy": ("SOCKS5H://me:hunter2@a:1080", "SOCKS5H://me:hunter2@a:1080"),
        "verify": ("/a", "/a"),
        "headers": ({"X-Team": "a"}, {"x-team": "a"}),
        "user_agent_extra": (" app/1 ", "app/1"),
        "on_attempt": ([print, print], (print,)),
        "meter": ((meter, meter), (meter,)),
    }
    assert given.keys() | {"profile_name"} == ConfigArguments._rules.keys()  # pyright: ignore[reportPrivateUsage]  # all of them
    found = {name: changes(resolve({}, **{name: value})) for name, (value, _) in given.items()}
    assert found == {name: {name: expected} for name, (_, expected) in given.items()}
    named = resolve({"AWS_PROFILE": "q"}, "[profile p]\n[profile q]\n", profile_name="p")
    assert changes(named) == {"profile_name": "p", "profile_is_argument": True}
    assert "hunter2" not in repr(resolve({}, proxy="http://me:hunter2@a"))


def test_an_argument_that_turns_a_setting_off_wins_over_the_environment() -> None:
    names = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
    environment = {name: VARIABLES[name][0] for name in names}
    off = resolve(environment, use_fips_endpoint=False, use_dualstack_endpoint=False, verify=False)
    assert changes(off) == {"verify": False}
    assert changes(resolve(environment, use_fips_endpoint=False, use_dualstack_endpoint=False, verify=True)) == {}
    in_region = resolve({"AWS_REGION": "us-east-1-fips"}, use_fips_endpoint=False)
    assert (in_region.region_name, in_region.use_fips_endpoint) == ("us-east-1", True)


@pytest.mark.parametrize("token", ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", None])
def test_the_credentials_of_the_environment_have_their_own_names(token: str | None) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", **({token: "t"} if token else {})}
    assert find_source(None, Config(), environment).cached() == Credentials("a", "s", "t" if token else None)
    both = environment | {"AWS_SESSION_TOKEN": "new", "AWS_SECURITY_TOKEN": "old"}
    assert find_source(None, Config(), both).cached() == Credentials("a", "s", "new")


def test_the_paths_of_the_profile_files_come_from_their_variables() -> None:
    paths = {"AWS_CONFIG_FILE": "/c", "AWS_SHARED_CREDENTIALS_FILE": "/s"}
    assert profile_files(paths) == {"config_file": "/c", "credentials_file": "/s"}
    assert profile_files({}) == {"config_file": "~/.aws/config", "credentials_file": "~/.aws/credentials"}
