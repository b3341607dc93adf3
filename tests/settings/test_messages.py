"""The complete texts of the errors of settings and clients: a change of a word, a name or a remedy shows here.

`data/messages.txt` has an expression in each line that is not indented, and in the next line the error that it raises,
or the text of its value.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rekog import AsyncRekognitionClient, RekognitionClient, errors
from rekog._settings.endpoint import resolve_endpoint
from rekog._settings.log_output import write_log
from rekog._settings.profiles import CONFIG_FILE, CREDENTIALS_FILE
from rekog._settings.rate_limit import RateLimit
from rekog._settings.resolve import resolve_config
from rekog._settings.sources import FunctionSource, find_source
from rekog._settings.unlisted_regions import warn_of_region
from rekog._settings.urls import parse_target
from rekog._settings.values import ConfigArguments, as_options
from rekog.config import CallOptions, Config, RetryPolicy, Timeout
from rekog.credentials import Credentials
from tests.kit.fixtures import bare_environment

__all__ = ["bare_environment"]

TEXTS = Path(__file__).parent / "data" / "messages.txt"


def resolve(environment: Mapping[str, str] | None = None, config: str = "", **arguments: Any) -> Config:
    files = {CONFIG_FILE: config, CREDENTIALS_FILE: ""}
    return resolve_config(ConfigArguments(**arguments), environment or {}, files.get)


def broken_file(text: str) -> Config:
    return resolve_config(ConfigArguments(), {"AWS_CONFIG_FILE": "/c"}, {"/c": text}.get)


def profile(*lines: str) -> Config:
    return resolve(config="\n".join(("[default]", *lines)))


class Session:
    """A session with the interface of boto3's."""

    def get_credentials(self) -> None: ...


class Provider:
    """An object with botocore's interface of credentials."""

    def __init__(self, returned: object, needed: object = None) -> None:
        self.returned = returned
        if needed is not None:
            self.refresh_needed = needed

    def get_frozen_credentials(self) -> object:
        return self.returned


def provided(returned: object, needed: object = None) -> Credentials:
    source = find_source(Provider(returned, needed), Config(), {})
    source.load()
    source.cached()
    return source.load()


def returned_by(function: Any) -> Credentials:
    return FunctionSource(function, lambda: datetime(2030, 1, 1, tzinfo=UTC).timestamp()).load()


def calling_itself() -> Credentials:
    def provide() -> Credentials:
        source.cached()
        raise AssertionError

    source = FunctionSource(provide)
    return source.load()


def given_as(credentials: Any) -> object:
    return find_source(credentials, Config(), {})


def environment(**variables: str) -> object:
    return find_source(None, Config(), variables)


async def awaited() -> Credentials:
    raise AssertionError


def raised_by(function: Any, *arguments: Any) -> Any:
    """Return a function that raises this error."""

    def call(*_: object) -> Credentials:
        raise function(*arguments)

    return call


NAMES: dict[str, Any] = {
    "AsyncClient": AsyncRekognitionClient,
    "Client": RekognitionClient,
    "UTC": UTC,
    **{
        value.__name__: value
        for value in (
            CallOptions, Config, Credentials, Provider, RateLimit, RetryPolicy, Session, SimpleNamespace, Timeout,
            as_options, awaited, broken_file, calling_itself, datetime, environment, given_as, parse_target, profile,
            provided, raised_by, resolve, resolve_endpoint, returned_by, warn_of_region, write_log,
        )
    },
}  # fmt: skip


def text_of(expression: str, local: RekognitionClient) -> str:
    """Return the class and the text of the error, or of the warning, that an expression leads to."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", errors.RekogWarning)
        try:
            value = eval(expression, {**NAMES, "local": local})  # our own file
        except (errors.RekogError, errors.RekogWarning, TypeError, AttributeError) as error:
            return f"{type(error).__name__}: {error}"
    return f"no error: {value!r}"


@pytest.mark.usefixtures("bare_environment")
def test_the_texts_of_errors_are_complete() -> None:
    expected = re.findall(r"^(\S.*)\n    (.*)$", TEXTS.read_text("utf-8"), re.MULTILINE)
    with RekognitionClient.local() as local:
        texts = [(expression, text_of(expression, local)) for expression, _ in expected]

    assert len(expected) > 150
    assert texts == expected
