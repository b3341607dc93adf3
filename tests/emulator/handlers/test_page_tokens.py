"""Page tokens of all 18 listings: one with any character altered is refused, and so is one of another listing."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rekog.emulator import Emulator
from tests.emulator.conftest import NOW
from tests.kit.paged_listings import LISTINGS
from tests.kit.populated import open_clients, populate
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
OTHERS = 4
"""Characters that are tried in the place of each one in a normal run; in the last place all are, for it has bits that
mean nothing."""
REFUSED = ("InvalidPaginationTokenException", "Invalid Pagination Token")

SORTED: dict[str, list[dict[str, str]]] = {
    "GetCelebrityRecognition": [{"SortBy": "ID"}],
    "GetContentModeration": [{"SortBy": "NAME"}, {"AggregateBy": "SEGMENTS"}],
    "GetFaceSearch": [{"SortBy": "INDEX"}],
    "GetLabelDetection": [{"SortBy": "NAME"}, {"SortBy": "NAME", "AggregateBy": "SEGMENTS"}],
    "GetPersonTracking": [{"SortBy": "INDEX"}],
}
"""Other orders of the same results, which are listings of their own."""


class Walk(NamedTuple):
    """A listing, and the token of its second page."""

    wire: WireClient
    operation: str
    members: dict[str, Any]
    token: str

    def refusal(self, token: str, **changes: object) -> tuple[str, str]:
        """Return the error that a token is answered with."""
        return self.wire(self.operation, **{**self.members, **changes, "NextToken": token}).refusal


def made(operation: str) -> Iterator[Walk]:
    with Emulator(clock=lambda: NOW) as emulator:
        with open_clients(emulator) as (rekognition, control):
            _, members = LISTINGS[operation](rekognition, control)
        wire = WireClient(emulator)
        answer = wire(operation, **members, MaxResults=2)
        assert answer.status == 200, answer.body
        yield Walk(wire, operation, members, answer.body["NextToken"])


@pytest.fixture(scope="module", params=LISTINGS)
def walk(request: pytest.FixtureRequest) -> Iterator[Walk]:
    yield from made(request.param)


def altered(token: str, others: int) -> Iterator[str]:
    """Give tokens that differ from one in a single character, and in being one longer or shorter."""
    random = Random(token)
    for place, old in enumerate(token):
        choices = [letter for letter in ALPHABET if letter != old]
        last = place == len(token) - 1
        for letter in choices if last else random.sample(choices, min(others, len(choices))):
            yield token[:place] + letter + token[place + 1 :]
        yield token[:place] + random.choice("+/= .\n\u00e9") + token[place + 1 :]
        yield token[:place] + token[place + 1 :]
    yield from (token + letter for letter in "A=\n")
    yield from ("", "=", "A", token.swapcase(), token[::-1])


def test_the_token_goes_on(walk: Walk) -> None:
    assert walk.wire(walk.operation, **walk.members, NextToken=walk.token).status == 200


def test_a_token_with_one_character_altered_is_refused(walk: Walk) -> None:
    wrong = [token for token in altered(walk.token, OTHERS) if token != walk.token]
    assert len(wrong) > 6 * len(walk.token) > 60
    assert {walk.refusal(token) for token in wrong} == {REFUSED}


@pytest.mark.slow
def test_a_token_with_one_character_altered_in_any_way_is_refused(walk: Walk) -> None:
    assert {walk.refusal(token) for token in altered(walk.token, len(ALPHABET)) if token != walk.token} == {REFUSED}


def test_a_token_is_refused_for_another_order_of_the_same_results(walk: Walk) -> None:
    for order in SORTED.get(walk.operation, []):
        assert walk.wire(walk.operation, **walk.members, **order).status == 200
        assert (walk.refusal(walk.token, **order), order) == (REFUSED, order)


def test_a_token_of_the_same_listing_in_another_emulator_is_refused(walk: Walk) -> None:
    for other in made(walk.operation):
        assert (other.members, other.refusal(walk.token)) == (other.members, REFUSED)


def test_a_token_of_a_long_collection_id_altered_in_one_character_is_refused(wire: WireClient) -> None:
    for letter in "ab":
        assert wire("CreateCollection", CollectionId=letter * 255).status == 200
    token = wire("ListCollections", MaxResults=1).body["NextToken"]
    long = Walk(wire, "ListCollections", {}, token)
    assert {long.refusal(each) for each in altered(token, OTHERS) if each != token} == {REFUSED}


def test_a_token_is_refused_by_every_other_listing() -> None:
    with Emulator(clock=lambda: NOW) as emulator:
        members, wire = populate(emulator), WireClient(emulator)
        more = ("CreateCollection", "CreateUser", "StartMediaAnalysisJob")
        assert {wire(operation, **members[operation]).status for operation in more} == {200}
        answers = {name: wire(name, **members[name], MaxResults=1).body for name in LISTINGS}
        tokens = {name: answer["NextToken"] for name, answer in answers.items() if "NextToken" in answer}
        assert len(tokens) >= 8
        for giver, token in tokens.items():
            for taker in LISTINGS:
                said = wire(taker, **members[taker], NextToken=token).body.get("__type")
                assert (giver, taker, said) == (giver, taker, None if giver == taker else REFUSED[0])
