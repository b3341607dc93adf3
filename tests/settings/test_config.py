"""Settings: comparison with botocore for the same files and variables, the order of sources, and errors."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog._settings.profiles import CONFIG_FILE, CREDENTIALS_FILE, Setting, read_sources, read_text
from rekog._settings.resolve import resolve_config
from rekog._settings.timeout import as_timeout, over
from rekog._settings.values import ConfigArguments
from rekog._values.errors import ConfigError
from rekog.config import CallOptions, Config, FailedAttempt, RetryPolicy, Timeout

configprovider = import_module("botocore.configprovider")
exceptions = import_module("botocore.exceptions")
session_module = import_module("botocore.session")
configloader = import_module("botocore.configloader")


def resolve(
    environment: Mapping[str, str] | None = None, config: str = "", credentials: str = "", **arguments: Any
) -> Config:
    files = {CONFIG_FILE: config, CREDENTIALS_FILE: credentials}
    return resolve_config(ConfigArguments(**arguments), environment or {}, files.get)


# The same results as botocore


@pytest.mark.parametrize("present", list(product((False, True), repeat=4)), ids=str)
def test_configured_endpoint_is_that_of_botocore(present: tuple[bool, ...], tmp_path: Path) -> None:
    in_variable, in_general_variable, in_services, in_profile = present
    environment = {
        **({"AWS_ENDPOINT_URL_REKOGNITION": "http://variable"} if in_variable else {}),
        **({"AWS_ENDPOINT_URL": "http://general-variable"} if in_general_variable else {}),
    }
    text = "[default]\nregion = eu-west-1\n"
    text += "endpoint_url = http://profile\n" if in_profile else ""
    text += "services = local\n" if in_services else ""
    text += "[services local]\ns3 =\n  endpoint_url = http://s3\nrekognition =\n  endpoint_url = http://services\n"
    path = tmp_path / "config"
    path.write_text(text)
    full = configloader.load_config(str(path))
    theirs = configprovider.ConfiguredEndpointProvider(
        full, full["profiles"]["default"], "rekognition", environ=environment
    )

    assert resolve(environment, text).endpoint_url == theirs.provide()


titles = st.sampled_from(
    [
        "default", "profile a", "profile  a ", 'profile "a b"', "profile a b", "profile", "profiles a", "a", "a b",
        "profile default", "services a", "services", "DEFAULT", 'profile "a', "preview",
    ]
)  # fmt: skip
lines = st.sampled_from(
    ["region = eu-west-1", "REGION: us-east-1", "s3 =\n  addressing_style = path", "retry_mode=adaptive", "# note", ""]
)
files = st.lists(st.tuples(titles, st.lists(lines, max_size=3)), max_size=5).map(
    lambda sections: "\n".join(f"[{title}]\n" + "\n".join(rows) for title, rows in sections)
)


def test_a_line_of_the_credentials_file_wins_over_the_config_file_as_in_botocore(tmp_path: Path) -> None:
    """The law below rarely draws one key of one profile with two values."""
    paths = {"config_file": tmp_path / "config", "credentials_file": tmp_path / "credentials"}
    texts = {
        "config_file": "[profile a]\nregion = eu-west-1\nretry_mode = adaptive\n",
        "credentials_file": "[a]\nregion = eu-west-2\n",
    }
    session = session_module.Session(profile="a")
    for name, path in paths.items():
        path.write_text(texts[name])
        session.set_config_variable(name, str(path))
    environment = {
        "AWS_CONFIG_FILE": str(paths["config_file"]),
        "AWS_SHARED_CREDENTIALS_FILE": str(paths["credentials_file"]),
    }
    ours = read_sources(Setting("a", "profile_name"), environment, read_text).profile

    assert ours == session.get_scoped_config() == {"region": "eu-west-2", "retry_mode": "adaptive"}


@settings(derandomize=True, deadline=None, max_examples=120)
@given(config=files, credentials=files, profile=st.sampled_from([None, "default", "a", "a b", "nowhere"]))
def test_profile_has_the_same_keys_as_in_botocore(
    config: str, credentials: str, profile: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    names = {"config_file": folder / "config", "credentials_file": folder / "credentials"}
    names["config_file"].write_text(config)
    names["credentials_file"].write_text(credentials)
    session = session_module.Session(profile=profile)
    for variable, path in names.items():
        session.set_config_variable(variable, str(path))
    environment = {
        "AWS_CONFIG_FILE": str(names["config_file"]),
        "AWS_SHARED_CREDENTIALS_FILE": str(names["credentials_file"]),
    }
    theirs: Any = None
    with suppress(exceptions.ProfileNotFound, exceptions.ConfigParseError):
        theirs = session.get_scoped_config()

    try:
        ours = read_sources(Setting(profile, "profile_name") if profile else None, environment, read_text).profile
    except ConfigError:
        assert theirs is None
    else:
        flat = {key: value for key, value in ours.items() if not value.startswith("\n")}
        assert flat == {key: value for key, value in theirs.items() if isinstance(value, str)}


@pytest.mark.parametrize("old", ["us-east-1-fips", "fips-us-east-1"])
def test_old_fips_region_name_has_the_same_effect_as_in_botocore(old: str) -> None:
    client = session_module.Session().create_client(
        "rekognition", region_name=old, aws_access_key_id="a", aws_secret_access_key="b"
    )
    config = resolve(region_name=old)

    assert (config.region_name, config.use_fips_endpoint) == ("us-east-1", True)
    assert client.meta.endpoint_url == "https://rekognition-fips.us-east-1.amazonaws.com"


def test_section_whose_quotation_does_not_end_is_ignored() -> None:
    assert resolve(config='[profile "a]\n[default]\nregion=eu-west-1\n').region_name == "eu-west-1"


@pytest.mark.parametrize("title", ["profile a", "profiles a", "profile-x a", 'profile "a"'])
def test_a_title_that_begins_with_profile_names_a_profile_as_in_botocore(title: str, tmp_path: Path) -> None:
    text = f"[{title}]\nregion=eu-west-1\n"
    (tmp_path / "config").write_text(text)

    assert configloader.load_config(str(tmp_path / "config"))["profiles"] == {"a": {"region": "eu-west-1"}}
    assert resolve(config=text, profile_name="a").region_name == "eu-west-1"


@pytest.mark.parametrize("title", ["services a", "services-x a"])
def test_a_title_that_begins_with_services_names_services_as_in_botocore(title: str, tmp_path: Path) -> None:
    text = f"[default]\nservices=a\n[{title}]\nrekognition =\n  endpoint_url = http://b\n"
    (tmp_path / "config").write_text(text)

    assert list(configloader.load_config(str(tmp_path / "config"))["services"]) == ["a"]
    assert resolve(config=text).endpoint_url == "http://b"


# The order of sources

SETTINGS: list[tuple[str, str, str, str, Any, Any, Any]] = [
    # field, variable, its text, the profile's key and text, argument, the value from the variable and from the profile
    ("region_name", "AWS_REGION", "eu-west-1", "region=eu-west-2", "us-east-1", "eu-west-1", "eu-west-2"),
    ("region_name", "AWS_DEFAULT_REGION", "eu-west-1", "region=eu-west-2", "us-east-1", "eu-west-1", "eu-west-2"),
    ("endpoint_url", "AWS_ENDPOINT_URL", "http://a", "endpoint_url=http://b", "http://c", "http://a", "http://b"),
    ("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT", "TRUE", "use_fips_endpoint=false", False, True, False),
    ("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT", "false", "use_fips_endpoint=True", True, False, True),
    (
        "use_dualstack_endpoint",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "true",
        "use_dualstack_endpoint=false",
        False,
        True,
        False,
    ),
    ("use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT", "False", "use_dualstack_endpoint=true", True, False, True),
]


@pytest.mark.parametrize(
    ("field", "variable", "text", "line", "argument", "from_variable", "from_profile"),
    SETTINGS,
    ids=[f"{row[1]}={row[2]}" for row in SETTINGS],
)
def test_argument_wins_over_variable_over_profile(
    field: str, variable: str, text: str, line: str, argument: Any, from_variable: object, from_profile: object
) -> None:
    config = f"[default]\n{line}\n"

    assert getattr(resolve(config=config), field) == from_profile
    assert getattr(resolve({variable: text}, config), field) == from_variable
    assert getattr(resolve({variable: text}, config, **{field: argument}), field) == argument


def test_aws_region_wins_over_aws_default_region() -> None:
    environment = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-2"}

    assert resolve(environment).region_name == "eu-west-2"


def test_aws_profile_wins_over_aws_default_profile() -> None:
    environment = {"AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "b"}

    assert resolve(environment, "[profile a]\n[profile b]\n").profile_name == "b"


def test_profile_argument_wins_over_variable_and_is_recorded_as_argument() -> None:
    text = "[profile a]\nregion=eu-west-1\n[profile b]\nregion=eu-west-2\n"
    config = resolve({"AWS_PROFILE": "a"}, text, profile_name="b")

    assert (config.profile_name, config.profile_is_argument, config.region_name) == ("b", True, "eu-west-2")
    assert resolve({"AWS_PROFILE": "a"}, text).profile_is_argument is False


def test_the_credentials_file_wins_over_the_config_file() -> None:
    first, second = ("[default]\nregion = eu-west-1\n", "[default]\nregion = eu-west-2\n")

    assert resolve(config=first, credentials=second).region_name == "eu-west-2"


def test_a_value_of_a_profile_may_contain_a_percent_sign() -> None:
    assert resolve(config="[default]\nregion = eu-west-1\nrole_session_name = 5%\n").region_name == "eu-west-1"


def test_an_empty_value_of_a_profile_counts_as_absent() -> None:
    assert resolve(config="[default]\nregion =\nretry_mode =\n") == resolve()


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_an_empty_path_of_a_profile_file_counts_as_absent(variable: str) -> None:
    text = "[default]\nregion = eu-west-1\n"

    assert resolve({variable: ""}, text).region_name == "eu-west-1"
    assert resolve({variable: ""}, credentials=text).region_name == "eu-west-1"


def test_a_value_of_a_service_may_contain_an_equals_sign() -> None:
    text = "[default]\nservices = local\n[services local]\nrekognition =\n  endpoint_url = http://localhost/a=b\n"

    assert resolve(config=text).endpoint_url == "http://localhost/a=b"


def test_empty_variable_counts_as_absent() -> None:
    environment = {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_PROFILE": ""}

    assert resolve(environment).region_name == "eu-west-1"


def test_without_any_source_the_defaults_apply() -> None:
    assert resolve() == Config(
        retry=RetryPolicy(mode="standard", max_attempts=3),
        timeout=Timeout(None, connect=5.0, read=60.0),
        max_connections=64,
    )


def test_the_timeout_of_a_client_shows_all_its_limits() -> None:
    assert repr(resolve(timeout=10).timeout) == "Timeout(total=10, connect=5.0, read=60.0, pool=None)"


def test_each_file_is_read_once_from_the_path_in_its_variable() -> None:
    read: list[str] = []
    environment = {"AWS_CONFIG_FILE": "/c", "AWS_SHARED_CREDENTIALS_FILE": "/s"}
    resolve_config(ConfigArguments(), environment, read.append)

    assert read == ["/c", "/s"]


def test_profile_may_be_in_the_credentials_file_only() -> None:
    assert resolve({"AWS_PROFILE": "a"}, credentials="[a]\nregion=eu-west-1\n").region_name == "eu-west-1"


def test_ca_bundle_comes_from_variable_then_profile_then_requests_variable() -> None:
    environment = {"AWS_CA_BUNDLE": "/a", "REQUESTS_CA_BUNDLE": "/c"}
    text = "[default]\nca_bundle = /b\n"
    without_first = {"REQUESTS_CA_BUNDLE": "/c"}

    assert [
        resolve(environment, text).verify,
        resolve(without_first, text).verify,
        resolve(without_first).verify,
    ] == ["/a", "/b", "/c"]


@pytest.mark.parametrize(
    ("environment", "text", "expected"),
    [
        ({"AWS_RETRY_MODE": "adaptive", "AWS_MAX_ATTEMPTS": "7"}, "", RetryPolicy(mode="adaptive", max_attempts=7)),
        ({"AWS_RETRY_MODE": "Legacy"}, "", RetryPolicy(mode="standard", max_attempts=3)),
        ({"AWS_MAX_ATTEMPTS": "0004"}, "", RetryPolicy(mode="standard", max_attempts=4)),
        ({"AWS_MAX_ATTEMPTS": "0" * 20 + "4"}, "", RetryPolicy(mode="standard", max_attempts=4)),
        ({"AWS_MAX_ATTEMPTS": "9" * 5000}, "", RetryPolicy(mode="standard", max_attempts=999_999_999)),
        ({}, "[default]\nretry_mode=adaptive\nmax_attempts=1\n", RetryPolicy(mode="adaptive", max_attempts=1)),
        (
            {"AWS_MAX_ATTEMPTS": "2"},
            "[default]\nretry_mode=adaptive\nmax_attempts=9\n",
            RetryPolicy(mode="adaptive", max_attempts=2),
        ),
    ],
)
def test_retry_policy_combines_its_two_settings(environment: dict[str, str], text: str, expected: RetryPolicy) -> None:
    assert resolve(environment, text).retry == expected


def test_with_a_retry_argument_the_configured_policy_is_not_read() -> None:
    assert resolve({"AWS_RETRY_MODE": "nonsense"}, retry=RetryPolicy(mode="off")).retry == RetryPolicy(mode="off")


def test_other_arguments_are_stored() -> None:
    config = resolve(timeout=3, max_connections=2, strict=True)

    assert (config.timeout, config.max_connections, config.strict) == (Timeout(3), 2, ("requests", "answers", "images"))


# Endpoints


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL_REKOGNITION": "http://a"}, ""),
        ({"AWS_ENDPOINT_URL": "http://a"}, "ignore_configured_endpoint_urls = true"),
    ],
)
def test_configured_endpoints_can_be_ignored_but_not_the_argument(environment: dict[str, str], line: str) -> None:
    text = f"[default]\nendpoint_url = http://b\n{line}\n"

    assert resolve(environment, text).endpoint_url is None
    assert resolve(environment, text, endpoint_url="http://c").endpoint_url == "http://c"


def test_services_section_without_this_service_is_ignored() -> None:
    text = "[default]\nservices=x\nendpoint_url=http://b\n[services x]\ns3 =\n  endpoint_url = http://s3\n"

    assert resolve(config=text).endpoint_url == "http://b"


@pytest.mark.parametrize("name", ["use_fips_endpoint", "use_dualstack_endpoint"])
@pytest.mark.parametrize("source", ["endpoint_url", "AWS_ENDPOINT_URL"])
def test_variant_argument_beside_a_custom_endpoint_is_refused(name: str, source: str) -> None:
    endpoint = {source: "http://localhost"}
    arguments: dict[str, Any] = {name: True, **(endpoint if source == "endpoint_url" else {})}

    with pytest.raises(ConfigError, match=rf"{name} cannot be combined with a custom endpoint \(here from {source}\)"):
        resolve(endpoint, **arguments)


@pytest.mark.parametrize("variable", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_configured_variant_is_off_beside_a_custom_endpoint(variable: str) -> None:
    config = resolve({variable: "true"}, endpoint_url="http://localhost")

    assert (config.use_fips_endpoint, config.use_dualstack_endpoint) == (False, False)


def test_old_fips_region_beside_a_custom_endpoint_only_loses_its_suffix() -> None:
    config = resolve(region_name="us-east-1-fips", endpoint_url="http://localhost")

    assert (config.region_name, config.use_fips_endpoint) == ("us-east-1", False)


# Errors


@pytest.mark.parametrize(
    ("environment", "text", "message"),
    [
        ({"AWS_REGION": "eu west"}, "", r"AWS_REGION must be a region name: .*, not 'eu west' \(str\)"),
        ({}, "[default]\nregion = -x\n", "region in profile 'default' must be a region name"),
        ({"AWS_USE_FIPS_ENDPOINT": "1"}, "", r"AWS_USE_FIPS_ENDPOINT must be true or false, not '1'"),
        ({"AWS_RETRY_MODE": "off"}, "", "AWS_RETRY_MODE must be standard, adaptive or legacy, not 'off'"),
        ({"AWS_MAX_ATTEMPTS": "0"}, "", "AWS_MAX_ATTEMPTS must be a whole number, 1 or more, not '0'"),
        ({"AWS_REGION": "Rekognition"}, "", "AWS_REGION must be a region such as 'eu-west-1', not 'Rekognition': "),
        ({"AWS_MAX_ATTEMPTS": "000"}, "", "AWS_MAX_ATTEMPTS must be a whole number, 1 or more, not '000'"),
        ({"AWS_MAX_ATTEMPTS": "²"}, "", "AWS_MAX_ATTEMPTS must be a whole number"),
        ({}, "[default]\nmax_attempts = x\n", "max_attempts in profile 'default' must be a whole number"),
        ({"AWS_ENDPOINT_URL": "localhost"}, "", "AWS_ENDPOINT_URL must be an http or https URL .*, not 'localhost'"),
        ({"AWS_PROFILE": "x"}, "", "AWS_PROFILE names the profile 'x', but neither ~/.aws/config nor ~/.aws/cred"),
        (
            {},
            "[default]\nservices = x\n",
            r"services in profile 'default' names the section \[services x\], which does",
        ),
        (
            {},
            "[default]\nservices = x\n[services x]\nrekognition = http://a\n",
            r"rekognition in \[services x\] must be followed by indented lines",
        ),
        (
            {},
            "[default]\nservices = x\n[services x]\nrekognition =\n  endpoint_url = nowhere\n",
            r"endpoint_url of rekognition in \[services x\] must be an http or https URL",
        ),
    ],
)
def test_the_error_of_a_malformed_setting_names_source_and_rule(
    environment: dict[str, str], text: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve(environment, text)


def test_password_in_an_endpoint_is_not_shown() -> None:
    with pytest.raises(ConfigError, match=r"AWS_ENDPOINT_URL must be .*, not a URL with credentials \(not shown\)$"):
        resolve({"AWS_ENDPOINT_URL": "http://me:hunter2@localhost"})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a]\nhunter2\n", "ParsingError in line 2"),
        ("hunter2 = 1\n", "MissingSectionHeaderError in line 1"),
        ("[a]\n[a]\n", "DuplicateSectionError in line 2"),
        ("[a]\nhunter2 = 1\nhunter2 = 2\n", "DuplicateOptionError in line 3"),
    ],
)
def test_the_error_of_a_broken_file_has_the_line_number_without_the_line(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(credentials=text)

    assert caught.value.message == f"~/.aws/credentials is not a profile file: {problem}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"region_name": 5}, r"^region_name must be a str, not 5 \(int\)"),
        ({"region_name": ""}, "^region_name must be a region name"),
        ({"endpoint_url": b"http://a"}, "^endpoint_url must be a str"),
        ({"profile_name": 1}, "^profile_name must be a str"),
        ({"use_fips_endpoint": "true"}, "^use_fips_endpoint must be a bool"),
        ({"use_dualstack_endpoint": 1}, "^use_dualstack_endpoint must be a bool"),
        ({"retry": "standard"}, "^retry must be a RetryPolicy"),
        ({"timeout": "5"}, "^timeout must be a Timeout or a number of seconds, not '5'"),
        ({"timeout": 0}, "^Timeout.total must be a number of seconds above 0, not 0"),
        ({"max_connections": 0}, "^max_connections must be a whole number, 1 or more, not 0"),
        ({"max_connections": True}, "^max_connections must be a whole number"),
        ({"strict": None}, "^strict must be True, False or a collection of 'requests', 'answers', 'images', not None"),
    ],
)
def test_the_error_of_a_malformed_argument_names_it(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve(**arguments)


# The public values


@pytest.mark.parametrize("field", ["connect", "read", "total", "pool"])
@pytest.mark.parametrize("value", [0, -1.5, float("inf"), float("nan"), "1", True])
def test_timeout_accepts_only_seconds_above_zero(field: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"Timeout.{field} must be a number of seconds above 0"):
        Timeout(**{field: value})


def test_timeouts_are_equal_if_their_limits_are() -> None:
    assert Timeout(5) == Timeout(5, read=60) != Timeout(5, read=61)
    assert hash(Timeout(5)) == hash(Timeout(5, read=60))
    assert (Timeout(5) == 5) is False


def test_a_timeout_shows_the_given_fields() -> None:
    assert repr(Timeout(None, read=60)) == "Timeout(total=None, read=60)"
    assert repr(Timeout()) == "Timeout()"


def pickled(timeout: Timeout) -> Timeout:
    loaded: Timeout = pickle.loads(pickle.dumps(timeout))
    return loaded


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_of_a_timeout_leaves_out_the_same_fields(copied: Callable[[Timeout], Timeout]) -> None:
    assert over(copied(Timeout(read=30)), Timeout(10, connect=1)) == Timeout(10, connect=1, read=30)


@settings(derandomize=True, deadline=None)
@given(seconds=st.floats(0.001, 1e6))
def test_number_limits_the_whole_call(seconds: float) -> None:
    assert as_timeout(seconds) == Timeout(seconds) == Timeout(total=seconds, connect=5.0, read=60.0, pool=None)


async def wait_in_a_task(_failed: FailedAttempt) -> float:
    raise AssertionError


class AsyncDecision:
    """An object whose call is awaited."""

    async def __call__(self, _failed: FailedAttempt) -> bool:
        raise AssertionError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "legacy"}, "RetryPolicy.mode must be 'standard', 'adaptive' or 'off', not 'legacy'"),
        ({"max_attempts": 0}, "RetryPolicy.max_attempts must be a whole number, 1 or more"),
        ({"max_attempts": 2.0}, "RetryPolicy.max_attempts must be a whole number, 1 or more, not 2.0"),
        ({"pause": 3}, "RetryPolicy.pause must be a plain function, which is not awaited, not 3"),
        ({"pause": wait_in_a_task}, "RetryPolicy.pause must be a plain function, which is not awaited, not <function"),
        ({"retry_if": AsyncDecision()}, "RetryPolicy.retry_if must be a plain function, which is not awaited, not <"),
        ({"retry_if": True}, "RetryPolicy.retry_if must be a plain function, which is not awaited, not True"),
    ],
)
def test_malformed_retry_policy_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RetryPolicy(**arguments)


def test_a_retry_policy_keeps_its_functions() -> None:
    def retry_if(failed: FailedAttempt) -> bool:
        return failed.number < 3

    def pause(failed: FailedAttempt) -> float:
        return failed.elapsed

    policy = RetryPolicy(retry_if=retry_if, pause=pause)

    assert (policy.retry_if, policy.pause) == (retry_if, pause)


def test_header_names_become_lowercase_and_values_are_not_shown() -> None:
    options = CallOptions(headers={"X-Trace": "hunter2"})

    assert options.headers == {"x-trace": "hunter2"}
    assert "hunter2" not in repr(options)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"a b": "1"}, "'a b' is not a header name"),
        ({"": "1"}, "'' is not a header name"),
        ({5: "1"}, "5 is not a header name"),
        ({"Authorization": "1"}, "'Authorization' is set by the client itself"),
        ({"X-Amz-Date": "1"}, "'X-Amz-Date' is set by the client itself"),
        ({"a": "x\r\nb: y"}, "the value of 'a' must be one line of printable ASCII text"),
        ({"a": 1}, "the value of 'a' must be one line"),
        ("a: 1", "CallOptions.headers must be a mapping of names to values, not 'a: 1'"),
    ],
)
def test_malformed_header_is_refused(headers: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CallOptions(headers=headers)


RESERVED = (
    "Authorization Connection Content-Length Content-Type Host Transfer-Encoding X-Amz-Date X-Amz-Security-Token"
    " X-Amz-Target".split()
)


@pytest.mark.parametrize("name", [*RESERVED, *map(str.lower, RESERVED), *map(str.upper, RESERVED)])
def test_a_header_that_the_client_sets_itself_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"headers: '{name}' is set by the client itself"):
        CallOptions(headers={"X-Trace": "1", name: "hidden"})


def test_call_options_default_to_none() -> None:
    assert CallOptions() == CallOptions(timeout=None, retry=None, headers=None)


def test_the_error_of_a_malformed_call_option_names_it() -> None:
    with pytest.raises(ConfigError, match=r"CallOptions\.retry must be a RetryPolicy, not 3"):
        CallOptions(retry=3)  # type: ignore[arg-type]  # the wrong type is the test


@pytest.mark.parametrize(
    "value",
    [
        Timeout(1),
        RetryPolicy(mode="off"),
        CallOptions(timeout=2.0, headers={"a": "b"}),
        ConfigArguments(strict=True),
        Config(),
    ],
)
def test_settings_can_be_pickled(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == value


# Reading files


def test_missing_file_and_directory_read_as_none(tmp_path: Path) -> None:
    assert read_text(str(tmp_path / "nowhere")) is None
    assert read_text(str(tmp_path)) is None


def test_home_and_variables_in_a_path_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("[default]\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("NAME", "file")

    assert read_text("~/$NAME") == "[default]\n"


def test_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbf[default]\n")

    assert read_text(str(tmp_path / "file")) == "[default]\n"


def test_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="file is not a profile file: it is not UTF-8 text"):
        read_text(str(tmp_path / "file"))


def test_importing_settings_imports_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules);"
        "import rekog.config, rekog.credentials, rekog._core.signing, rekog._settings.endpoint;"
        "heavy = {'httpx', 'httpcore', 'botocore', 'tenacity', 'configparser', 'asyncio', 'urllib.parse', 'json'};"
        "print(*sorted(heavy & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
