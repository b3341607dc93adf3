"""The garbage collector pauses while a large response is decoded, and at no other time."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest

from rekog._core.wire import LARGE, decode_output
from rekog._generated.operations import LIST_USERS
from rekog._values.errors import DecodeError

USERS = [{"UserId": f"user-{number}", "UserStatus": "ACTIVE"} for number in range(LARGE // 40)]
BODY = json.dumps({"Users": USERS}).encode()
BROKEN = json.dumps({"Users": [*USERS, {}]}).encode()


@pytest.fixture
def runs() -> Iterator[list[str]]:
    """Record each run of the garbage collector, which is enabled before and after."""
    phases: list[str] = []

    def record(phase: str, _: dict[str, int]) -> None:
        phases.append(phase)

    gc.callbacks.append(record)
    yield phases
    gc.callbacks.remove(record)
    gc.enable()


def test_a_large_response_is_decoded_without_a_collection(runs: list[str]) -> None:
    assert len(BODY) > LARGE
    gc.collect()
    del runs[:]
    response = decode_output(LIST_USERS, BODY, None)
    during = len(runs)
    assert (len(response.users), gc.isenabled(), during) == (len(USERS), True, 0)


def test_the_collector_runs_while_small_responses_are_decoded(runs: list[str]) -> None:
    gc.collect()
    del runs[:]
    small = json.dumps({"Users": USERS[:1000]}).encode()
    responses = [decode_output(LIST_USERS, small, None) for _ in range(5)]
    assert runs
    assert len(responses) == 5


def test_the_collector_is_enabled_after_a_response_that_cannot_be_decoded(runs: list[str]) -> None:
    del runs[:]
    with pytest.raises(DecodeError, match=rf"ListUsers: Users\[{len(USERS)}\].UserId is missing"):
        decode_output(LIST_USERS, BROKEN, None, strict=True)
    assert gc.isenabled()


def test_a_disabled_collector_stays_disabled(runs: list[str]) -> None:
    gc.disable()
    decode_output(LIST_USERS, BODY, None)
    assert not gc.isenabled()
    assert runs == []
