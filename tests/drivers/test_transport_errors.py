"""Texts of errors without a response: each figure in them is that of its own setting."""

from __future__ import annotations

import re

import pytest

from rekog._core.deadline import Deadline
from rekog._core.flow import HttpRequest
from rekog._drivers.transport_errors import DEADLINE_TEXTS, TEXTS, deadline_error, timeout_error, transport_error
from rekog._values.errors import (
    ConnectTimeoutError,
    PoolTimeoutError,
    ReadTimeoutError,
    TransportError,
    WriteTimeoutError,
)
from rekog.config import Timeout

REQUEST = HttpRequest("https://host.test/path?x=1", (), (b"{}",), Timeout(1.25, connect=2.25, read=3.25, pool=4.25))
FIGURES = {ConnectTimeoutError: "2.25", WriteTimeoutError: "3.25", ReadTimeoutError: "3.25", PoolTimeoutError: "4.25"}


@pytest.mark.parametrize("kind", TEXTS)
def test_the_text_of_a_timeout_has_its_own_limit(kind: type[TransportError]) -> None:
    error = transport_error(kind, REQUEST, "the cause")
    assert type(error) is kind
    assert re.findall(r"\d\.\d+", str(error)) == ([FIGURES[kind]] if kind in FIGURES else [])
    assert "https://host.test" in str(error)
    assert "path" not in str(error)
    assert str(error).endswith(" (the cause)")
    assert not str(transport_error(kind, REQUEST)).endswith(")") or "=...)" in str(error)


@pytest.mark.parametrize("kind", FIGURES)
def test_a_call_that_used_up_its_time_has_the_rest_of_it_and_the_step(kind: type[TransportError]) -> None:
    text = str(deadline_error(REQUEST, kind))
    step = DEADLINE_TEXTS.get(kind, "no complete response from https://host.test")
    assert text.startswith(step.format(origin="https://host.test"))
    assert re.findall(r"\d\.\d+", text) == ["1.25"]
    ended, running = Deadline(1.0, iter([0.0, 1.0]).__next__), Deadline(1.0, iter([0.0, 0.5]).__next__)
    assert str(timeout_error(kind, REQUEST, ended)) == text
    assert str(timeout_error(kind, REQUEST, running)) == str(transport_error(kind, REQUEST))


def test_without_a_limit_of_the_pool_its_text_has_no_figure() -> None:
    request = HttpRequest(REQUEST.url, (), (), Timeout())
    assert "were busy: increase" in str(transport_error(PoolTimeoutError, request))
