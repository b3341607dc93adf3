"""Options of the server: from words of a command line and from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from rekog import Credentials
from rekog.emulator import Durations, Limits
from rekog.emulator.launch.options import OPTIONS, Folder, OptionError, Put, ServerOptions, server_options

GIVEN: dict[str, tuple[str, Any]] = {
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("65535", 65535),  # the highest
    "data": ("two words", "two words"),
    "s3_root": ("C:\\buckets", "C:\\buckets"),
    "s3_endpoint": ("http://minio:9000", "http://minio:9000"),
    "s3_credentials": ("a:b", Credentials("a", "b")),
    "region": ("eu-west-1", "eu-west-1"),
    "account": ("000000000000", "000000000000"),
    "declare": ("a.json 'two words.toml'", ("a.json", "two words.toml")),
    "put": ("s3://b/year=2026/k.jpg=C:\\k.jpg", (Put("b", "year=2026/k.jpg", "C:\\k.jpg"),)),
    "collection": ("people=/faces/a=b\nstaff=x", (Folder("people", "/faces/a=b"), Folder("staff", "x"))),
    "celebrities": ("stars #1", ("stars", "#1")),
    "clock": ("manual", "manual"),
    "durations": ('{"job": 5}', Durations(job=5)),
    "limits": ('{"projects": 3}', Limits(projects=3)),
    "validation_code": ("InvalidParameterException", "InvalidParameterException"),
    "vision": ("off", "off"),
    "notify": ("messages.jsonl", "messages.jsonl"),
    "verify_signatures": ("a:b c:d:e", (("a", "b"), ("c", "d:e"))),
    "cors": ("https://a.example https://b.example", ("https://a.example", "https://b.example")),
    "allow_host": ("a.example", ("a.example",)),
    "log": ("json", "json"),
    "log_level": ("debug", "debug"),
}
"""A value of the environment for each option, and the converted value, which is not the default."""


def test_the_environment_may_have_every_option() -> None:
    assert [option.name for option in OPTIONS] == list(GIVEN)
    options = server_options({}, {f"REKOG_EMULATOR_{name.upper()}": text for name, (text, _) in GIVEN.items()})
    assert options == ServerOptions(**{name: value for name, (_, value) in GIVEN.items()})
    defaults = ServerOptions()
    assert [name for name in GIVEN if getattr(options, name) == getattr(defaults, name)] == []


WORDS = {
    "--s3-credentials": "ACCESS:SECRET", "--put": "s3://BUCKET/KEY=FILE", "--collection": "COLLECTION=DIR",
    "--account": "DIGITS", "--host": "HOST", "--port": "PORT", "--region": "REGION", "--durations": "SECONDS|JSON",
    "--limits": "JSON", "--notify": "URL|FILE", "--clock": "real|manual", "--vision": "on|off",
    "--log": "text|json|off",
    "--log-level": "debug|info|warning|error", "--validation-code": "ValidationException|InvalidParameterException",
}  # fmt: skip


def test_the_help_names_the_words_of_an_option_and_whether_it_is_repeatable() -> None:
    words = {option.flag: option.metavar for option in OPTIONS}
    assert {flag: words[flag] for flag in WORDS} == WORDS
    for option in OPTIONS:
        assert option.repeatable is option.help.endswith("; repeatable"), option
        assert option.metavar == "|".join(option.choices) or not option.choices
        assert option.variable == f"REKOG_EMULATOR_{option.flag[2:].replace('-', '_').upper()}"
    assert {option.flag: option.bare for option in OPTIONS if option.bare is not None} == {"--log": "text"}


def test_the_help_has_the_defaults() -> None:
    texts = {option.name: option.help for option in OPTIONS}
    defaults = ServerOptions()
    for name in ("host", "port", "account", "vision"):
        assert f"(default: {getattr(defaults, name)}" in texts[name]
    assert Durations.of(0) == defaults.durations
    assert texts["durations"] == "durations of asynchronous steps (default: 0)"


def test_a_command_line_wins_over_the_environment() -> None:
    environment = {"REKOG_EMULATOR_PORT": "no port", "REKOG_EMULATOR_CORS": "https://a.example"}
    options = server_options({"port": ["1", "2"], "cors": ["https://b.example"]}, environment)
    assert (options.port, options.cors) == (2, ("https://b.example",))


def test_an_option_without_a_word_is_taken_from_the_environment() -> None:
    environment = {"REKOG_EMULATOR_PORT": "9000", "REKOG_EMULATOR_CORS": "https://a.example"}
    options = server_options({"port": [], "cors": []}, environment)  # as a parser passes on missing ones
    assert (options.port, options.cors) == (9000, ("https://a.example",))


def test_options_print_without_their_secrets() -> None:
    keys = {"REKOG_EMULATOR_VERIFY_SIGNATURES": "AKID:hidden1", "REKOG_EMULATOR_S3_CREDENTIALS": "AKID:hidden2"}
    assert "hidden" not in repr(server_options({}, keys))


def test_an_empty_variable_counts_as_absent() -> None:
    assert server_options({}, {option.variable: "" for option in OPTIONS}) == ServerOptions()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("PORT", "65536", "must be a whole number from 0 to 65535, not '65536'"),
        ("PORT", "tcp://10.0.0.1:8680", "must be a whole number from 0 to 65535, not 'tcp://10.0.0.1:8680'"),
        ("CLOCK", "x", "invalid choice: 'x' (choose from real, manual)"),
        ("PUT", "b/k=file", "must be s3://BUCKET/KEY=FILE, not 'b/k=file'"),
        ("PUT", "s3://b=file", "must be s3://BUCKET/KEY=FILE, not 's3://b=file'"),
        ("PUT", "s3://b/k=", "must be s3://BUCKET/KEY=FILE, not 's3://b/k='"),
        ("PUT", "s3:///k=file", "must be s3://BUCKET/KEY=FILE, not 's3:///k=file'"),
        ("PUT", "s3://b/=file", "must be s3://BUCKET/KEY=FILE, not 's3://b/=file'"),
        ("PUT", "S3://b/k=file", "must be s3://BUCKET/KEY=FILE, not 'S3://b/k=file'"),
        ("COLLECTION", "people", "must be COLLECTION=DIR, not 'people'"),
        ("COLLECTION", "people=", "must be COLLECTION=DIR, not 'people='"),
        ("COLLECTION", "=folder", "must be COLLECTION=DIR, not '=folder'"),
        ("S3_CREDENTIALS", "a:", "must be ACCESS:SECRET"),
        ("S3_CREDENTIALS", ":b", "must be ACCESS:SECRET"),
        ("PORT", "-1", "must be a whole number from 0 to 65535, not '-1'"),
        ("VISION", "ON", "invalid choice: 'ON' (choose from on, off)"),
        ("DURATIONS", "fast", "must be a number of seconds or JSON, not 'fast'"),
        ("DURATIONS", "[" * 100_000, "must be a number of seconds or JSON, and not nested so deeply"),
        ("DURATIONS", "-1", "durations must be seconds, 0 or more, for all steps or by name, not -1"),
        ("LIMITS", "few", "must be JSON, not 'few'"),
        ("LIMITS", "[" * 100_000, "must be JSON, and not nested so deeply"),
        ("LIMITS", "20", "limits must be whole numbers by name, not 20"),
        ("VERIFY_SIGNATURES", "a:b SECRET", "must be ACCESS:SECRET"),
        ("DECLARE", "'a.json", "a quotation mark is not closed"),
    ],
    ids=lambda text: text[:40],
)
def test_an_invalid_variable_is_named(name: str, text: str, problem: str) -> None:
    with pytest.raises(OptionError) as caught:
        server_options({}, {f"REKOG_EMULATOR_{name}": text})
    assert str(caught.value) == f"REKOG_EMULATOR_{name}: {problem}"
    if name != "DECLARE":  # the words of a command line have no quotation marks
        words = text.split() if name == "VERIFY_SIGNATURES" else [text]
        with pytest.raises(OptionError) as caught:
            server_options({name.lower(): words}, {f"REKOG_EMULATOR_{name}": ""})
        assert str(caught.value) == f"argument --{name.lower().replace('_', '-')}: {problem}"
