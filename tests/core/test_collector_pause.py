"""Large answers: Python's search for garbage pauses while one is decoded, and for nothing else."""

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
def searches() -> Iterator[list[str]]:
    """Note each search for garbage; the search itself is on before and after."""
    found: list[str] = []

    def note(phase: str, _: dict[str, int]) -> None:
        found.append(phase)

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.enable()


def test_a_large_answer_is_decoded_without_a_search(searches: list[str]) -> None:
    assert len(BODY) > LARGE
    gc.collect()
    del searches[:]
    answer = decode_output(LIST_USERS, BODY, None)
    during = len(searches)
    assert (len(answer.users), gc.isenabled(), during) == (len(USERS), True, 0)


def test_a_small_one_leaves_the_search_alone(searches: list[str]) -> None:
    gc.collect()
    del searches[:]
    small = json.dumps({"Users": USERS[:1000]}).encode()
    answers = [decode_output(LIST_USERS, small, None) for _ in range(5)]
    assert searches
    assert len(answers) == 5


def test_the_search_goes_on_after_an_answer_that_cannot_be_decoded(searches: list[str]) -> None:
    del searches[:]
    with pytest.raises(DecodeError, match=rf"ListUsers: Users\[{len(USERS)}\].UserId is missing"):
        decode_output(LIST_USERS, BROKEN, None)
    assert gc.isenabled()


def test_a_search_that_is_off_stays_off(searches: list[str]) -> None:
    gc.disable()
    decode_output(LIST_USERS, BODY, None)
    assert not gc.isenabled()
    assert searches == []
