"""The values that each rule of a setting accepts and refuses, at its bounds, and the values that it stores."""

from __future__ import annotations

import pickle
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from rekog._settings import rules
from rekog._settings.profiles import Setting, Sources, variable
from rekog._settings.rate_limit import as_rate_limit, divided, share_of
from rekog._settings.timeout import as_timeout, given_fields, over
from rekog._settings.urls import Target, is_region, origin, parse_target, split_url
from rekog._settings.values import NO_OPTIONS, as_options
from rekog._values.errors import ConfigError, CredentialsError
from rekog.config import CallOptions, RateLimit, RetryPolicy, Timeout
from rekog.cost import Budget, Meter
from rekog.credentials import Credentials

NAN, INFINITE = float("nan"), float("inf")


class Callback:
    """An object that can be called."""

    def __call__(self, _: object) -> None: ...


class AsyncCallback:
    """An object whose call is awaited."""

    async def __call__(self, _: object) -> None: ...


async def awaited(_: object) -> None: ...


CALLBACK, METER, BUDGET, CONTEXT = Callback(), Meter(), Budget(5), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
RULES: dict[Callable[[str, Any], Any], tuple[list[Any], list[Any]]] = {
    rules.POSITIVE_SECONDS: ([1e-9, 1, 2.5, 1e300], [0, -1, 0.0, NAN, INFINITE, True, "1", None]),
    rules.POSITIVE_COUNT: ([1, 2, 10**9], [0, -1, 1.0, True, "1", None]),
    rules.BOOL: ([True, False], [0, 1, "true", None]),
    rules.TEXT: (["", "a"], [b"a", 5, None]),
    rules.PLAIN_FUNCTION: ([print, CALLBACK, Callback, partial(print)], [awaited, AsyncCallback(), 5, None, "print"]),
    rules.verify: ([True, False, "/a", Path("/a"), CONTEXT], [None, 5, b"/a", ["/a"]]),
    rules.optional(rules.POSITIVE_COUNT): ([None, 1], [0, "1", False]),
    rules.one_of("a", "b"): (["a", "b"], ["c", "ab", "", None, 5]),
    rules.credential: (["a", "~!/+="], ["", " ", "a b", "a\n", "\x7f", "é", b"a", None, 5]),
    rules.proxy: (
        ["http://a", "https://a:1", "socks5://a", "socks5h://me:pw@a", "HTTP://a"],
        ["a", "http:/a", "http://", "http:///a", "socks4://a", "ftp://a", "shttp://a", "socks5x://a", None, b"http://a"],
    ),
    rules.user_agent: (["a", "app/1.0 (x)"], ["", " ", "a\n", "é", "\x00", b"a", None, 5]),
}  # fmt: skip


def accepts(rule: Callable[[str, Any], Any], value: Any) -> bool:
    try:
        stored = rule("name", value)
    except (ConfigError, CredentialsError):
        return False
    assert stored is value
    return True


def test_each_rule_accepts_its_values_up_to_the_bounds_and_keeps_them() -> None:
    for rule, (accepted, refused) in RULES.items():
        assert [value for value in accepted if not accepts(rule, value)] == []
        assert [value for value in refused if accepts(rule, value)] == []


def test_a_text_for_the_user_agent_loses_the_spaces_around_it() -> None:
    assert rules.user_agent("name", "  app/1.0 (x)  ") == "app/1.0 (x)"


def test_one_value_or_several_are_stored_once_each() -> None:
    stored = rules.PLAIN_FUNCTIONS("name", [print, CALLBACK, print])
    assert (stored, rules.PLAIN_FUNCTIONS("name", print), rules.PLAIN_FUNCTIONS("name", ())) == (
        (print, CALLBACK),
        (print,),
        (),
    )
    assert rules.METERS("name", (METER, BUDGET, METER)) == (METER, BUDGET)
    first, second = [1], [1]
    assert [id(value) for value in rules.distinct([first, second, first])] == [id(first), id(second)]
    for value in ([print, 5], (5,), awaited, [awaited]):
        with pytest.raises(ConfigError):
            rules.PLAIN_FUNCTIONS("name", value)
    with pytest.raises(ConfigError):
        rules.METERS("name", [METER, Meter])


def test_the_checks_are_stored_in_their_own_order() -> None:
    rule = rules.several_of("a", "b", "c")
    given: list[Any] = [True, False, [], ["c", "a"], {"b"}, ("b", "b"), {"c": 1}]
    assert [rule("name", value) for value in given] == [
        ("a", "b", "c"), (), (), ("a", "c"), ("b",), ("b",), ("c",)
    ]  # fmt: skip


def test_the_names_of_headers_have_the_characters_of_a_token() -> None:
    token = set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    characters = [chr(number) for number in range(256)]
    assert [each for each in characters if accepts_header(each, "1")] == [each for each in characters if each in token]
    printable = [each for each in characters if accepts_header("a", each)]
    assert printable == [chr(number) for number in range(32, 127)]
    given = MappingProxyType({"X-Team": "", "A": " b "})
    assert rules.headers("name", given) == {"x-team": "", "a": " b "}
    assert rules.headers("name", None) == {}


def accepts_header(name: str, value: str) -> bool:
    try:
        return rules.headers("name", {name: value}) == {name.lower(): value}
    except ConfigError:
        return False


def test_a_rate_is_a_number_above_zero_and_a_burst_one_or_more() -> None:
    for rate in (1e-9, 1, 2.5, {"a": 0.5}, {}):
        limit = RateLimit(rate, burst=1)
        assert (limit.per_second, limit.burst, share_of(limit)) == (rate, 1, None)
    values: list[Any] = [0, -1, NAN, INFINITE, True, "1", None]
    for refused in values:
        for make in (
            partial(RateLimit, refused),
            partial(RateLimit, {"a": refused}),
            partial(RateLimit, 1, burst=refused),
            partial(RateLimit.published, share=refused),
            partial(RateLimit.published, replaced={"a": refused}),
        ):
            with pytest.raises(ConfigError):
                make()
    with pytest.raises(ConfigError):
        RateLimit(1, burst=0.999)
    assert RateLimit(1, burst=1.5).burst == 1.5


def test_a_limit_is_equal_to_one_with_the_same_numbers() -> None:
    limits = [
        RateLimit(1), RateLimit(2), RateLimit(1, burst=2), RateLimit({"a": 1}), RateLimit({"a": 2}), RateLimit({}),
        RateLimit.published(), RateLimit.published(share=0.5), RateLimit.published(replaced={"a": 1}),
    ]  # fmt: skip
    for number, limit in enumerate(limits):
        same = [pickle.loads(pickle.dumps(limit)), limit.__replace__(), limit.__replace__(burst=limit.burst)]
        assert [each == limit and hash(each) == hash(limit) for each in same] == [True] * 3, limit
        assert [other == limit for other in limits] == [at == number for at in range(len(limits))]
    assert len({hash(limit) for limit in limits}) == len(limits)
    assert [repr(limit) for limit in limits] == [
        "RateLimit(per_second=1, burst=1.0)",
        "RateLimit(per_second=2, burst=1.0)",
        "RateLimit(per_second=1, burst=2)",
        "RateLimit(per_second={'a': 1}, burst=1.0)",
        "RateLimit(per_second={'a': 2}, burst=1.0)",
        "RateLimit(per_second={}, burst=1.0)",
        "RateLimit.published(share=1.0)",
        "RateLimit.published(share=0.5)",
        "RateLimit.published(share=1.0, replaced={'a': 1})",
    ]
    changed = RateLimit.published(share=0.5).__replace__(burst=3)
    assert (changed.burst, share_of(changed), changed.per_second) == (3, 0.5, {})
    assert RateLimit(1).__replace__(per_second=2) == RateLimit(2)


def test_the_parts_of_a_divided_limit_add_up() -> None:
    assert divided(RateLimit(6, burst=9), 3) == RateLimit(2, burst=3)
    assert divided(RateLimit({"a": 6, "b": 3}, burst=2), 3) == RateLimit({"a": 2, "b": 1}, burst=1)
    assert divided(RateLimit({"a": 6}, burst=9), 3) == RateLimit({"a": 2}, burst=3)
    assert divided(RateLimit(6, burst=2), 3) == RateLimit(2, burst=1)
    part = divided(RateLimit.published(share=0.5, replaced={"a": 6}).__replace__(burst=9), 2)
    assert (share_of(part), part.per_second, part.burst) == (0.25, {"a": 6}, 4.5)


def test_a_rate_limit_is_given_as_a_number_or_a_limit() -> None:
    limit = RateLimit({"a": 1})
    assert as_rate_limit("name", limit) is limit
    assert as_rate_limit("name", 2.5) == RateLimit(2.5)
    assert as_rate_limit("name", None) is None


def test_a_timeout_is_given_as_a_number_or_a_timeout() -> None:
    given = Timeout(read=2)
    assert (as_timeout(given), as_timeout(None), as_timeout(3)) == (given, None, Timeout(3))
    assert [given_fields(each) for each in (Timeout(), Timeout(3), Timeout(None, pool=None))] == [
        {}, {"total": 3}, {"total": None, "pool": None}
    ]  # fmt: skip
    base = Timeout(9, connect=1, read=2, pool=3)
    limits = {"total": 9, "connect": 1, "read": 2, "pool": 3}
    for name in limits:
        changed = over(Timeout(**{name: 7}), base)
        assert {field: getattr(changed, field) for field in limits} == limits | {name: 7}
        assert changed != base
        assert hash(changed) == hash(base.__replace__(**{name: 7}))
    assert over(Timeout(), base) == base
    assert over(Timeout(None, pool=None), base) == Timeout(None, connect=1, read=2, pool=None)


def test_the_options_of_a_call_are_given_as_options_or_a_dict() -> None:
    options = CallOptions(timeout=3, retry=RetryPolicy(mode="off"), headers={"A": "b"})
    assert as_options(options) is options
    assert as_options({"timeout": 3, "retry": RetryPolicy(mode="off"), "headers": {"a": "b"}}) == options
    assert as_options(MappingProxyType({"timeout": 3})) == CallOptions(timeout=3)
    assert as_options(None) is NO_OPTIONS == CallOptions() == as_options({})
    assert len({hash(each) for each in (options, CallOptions(), CallOptions(timeout=3))}) == 3
    assert hash(options) == hash(CallOptions(timeout=Timeout(3), retry=RetryPolicy(mode="off"), headers={"a": "b"}))


def test_a_region_name_has_1_to_63_characters_and_not_only_digits() -> None:
    accepted = ["a", "1a", "a-b", "a" * 63, "EU-West-1"]
    refused = ["", "-", "a-", "-a", "1", "a" * 64, "a.b", "a_b", "a b", "é", "a\n"]
    assert ([is_region(name) for name in accepted], [is_region(name) for name in refused]) == (
        [True] * len(accepted),
        [False] * len(refused),
    )


def test_the_parts_of_a_url() -> None:
    targets = {
        "http://a": Target(False, "a", 80, "/"),
        "https://a": Target(True, "a", 443, "/"),
        "HTTP://A:443/B/c": Target(False, "a", 443, "/B/c"),
        "https://a:80": Target(True, "a", 80, "/"),
        "https://a:443/": Target(True, "a", 443, "/"),
        "http://a:0": Target(False, "a", 80, "/"),
        "http://[::1]": Target(False, "::1", 80, "/"),
        "http://[::1]:8680/x": Target(False, "::1", 8680, "/x"),
        "https://a.b.:8443": Target(True, "a.b.", 8443, "/"),
    }
    assert {url: parse_target(url) for url in targets} == targets
    assert [target.address for target in targets.values()] == [
        "a", "a", "a:443", "a:80", "a", "a", "[::1]", "[::1]:8680", "a.b.:8443"
    ]  # fmt: skip
    assert [parse_target(url).server_name for url in ("https://a.b.:1", "https://.a") if split_url(url)] == ["a.b"]
    assert split_url("http://a:00065") == ("http", "a:65", "/")
    origins = {
        "https://a/b?c#d": "https://a",
        "https://me:pw@a:1/b": "https://a:1",
        "https://me@b@a?c": "https://a",
        "https://a#c": "https://a",
        "a/b": "a/b",
    }
    assert {url: origin(url) for url in origins} == origins


def test_the_sources_of_a_setting_in_order() -> None:
    sources = Sources({"A": "", "B": "b", "C": "c"}, "p", {"key": "k", "empty": ""}, {})
    assert sources.variable("A", "B", "C") == variable(sources.environment, "B") == Setting("b", "B")
    assert sources.variable("A") is sources.key("empty") is sources.key("other") is sources.find("empty", "A") is None
    assert sources.find("key", "A") == sources.key("key") == Setting("k", "key in profile 'p'")
    assert sources.find("key", "C", "B") == Setting("c", "C")


def test_credentials_have_three_parts_in_order() -> None:
    keys = Credentials("a", "b", "c")
    assert (keys.access_key_id, keys.secret_access_key, keys.session_token, keys.expires_at) == ("a", "b", "c", None)
    assert keys == Credentials(access_key_id="a", secret_access_key="b", session_token="c") != Credentials("a", "b")
    assert not accepts(rules.moment, SimpleNamespace(tzinfo=1))
