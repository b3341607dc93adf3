"""Responses of random calls on collections, faces and users are those of a simple model in memory."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.emulator.reference.random_calls import RandomCalls
from tests.kit.wire import WireClient

SEEDS = range(3)
STEPS = 500
MANY_SEEDS = range(1000, 1040)
MANY_STEPS = 1000
UPDATE_SECONDS = (0.0, 10.0)
"""Durations of a change of a user's faces, in seconds."""

NOT_FOUND, INVALID, CONFLICT = "ResourceNotFoundException", "InvalidParameterException", "ConflictException"
QUOTA, IDEMPOTENT = "ServiceQuotaExceededException", "IdempotentParameterMismatchException"
TOKEN, FORMAT = "InvalidPaginationTokenException", "InvalidImageFormatException"
FACE_NOT_FOUND, OTHER_USER = "FACE_NOT_FOUND", "ASSOCIATED_TO_A_DIFFERENT_USER"

EXPECTED_OUTCOMES: dict[str, set[str]] = {
    "CreateCollection": {"success", "ResourceAlreadyExistsException", QUOTA},
    "DescribeCollection": {"success", NOT_FOUND},
    "DeleteCollection": {"success", NOT_FOUND},
    "ListCollections": {"CollectionIds", "next page", TOKEN},
    "IndexFaces": {"FaceRecords", "LOW_CONFIDENCE", "EXCEEDS_MAX_FACES", NOT_FOUND, FORMAT, QUOTA},
    "ListFaces": {"Faces", "next page", NOT_FOUND, TOKEN},
    "DeleteFaces": {"DeletedFaces", FACE_NOT_FOUND, "ASSOCIATED_TO_AN_EXISTING_USER", NOT_FOUND},
    "SearchFaces": {"FaceMatches", NOT_FOUND, INVALID},
    "SearchFacesByImage": {"FaceMatches", NOT_FOUND, INVALID, FORMAT},
    "CreateUser": {"success", "repeated", NOT_FOUND, CONFLICT, IDEMPOTENT, QUOTA},
    "DeleteUser": {"success", "repeated", NOT_FOUND, IDEMPOTENT},
    "ListUsers": {"CREATED", "UPDATING", "ACTIVE", "next page", NOT_FOUND, TOKEN},
    "AssociateFaces": {
        *("AssociatedFaces", "LOW_MATCH_CONFIDENCE", FACE_NOT_FOUND, OTHER_USER, "-", "repeated"),
        *("CREATED", "UPDATING", "ACTIVE", NOT_FOUND, CONFLICT, IDEMPOTENT, QUOTA),
    },
    "DisassociateFaces": {
        *("DisassociatedFaces", FACE_NOT_FOUND, OTHER_USER, "repeated", "CREATED", "UPDATING", "ACTIVE"),
        *(NOT_FOUND, CONFLICT, IDEMPOTENT),
    },
    "SearchUsers": {"UserMatches", NOT_FOUND, INVALID},
    "SearchUsersByImage": {"UserMatches", "FACE_NOT_LARGEST", "LOW_CONFIDENCE", NOT_FOUND, FORMAT},
}
"""Outcomes that the random calls must reach, so that they are known to be thorough. `-` is an empty list of reasons."""


@pytest.mark.slow
@pytest.mark.parametrize("update_seconds", UPDATE_SECONDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_calls_have_the_responses_of_the_reference_model(seed: int, update_seconds: float) -> None:
    assert outcomes_of(seed, update_seconds).total() > STEPS


@cache
def outcomes_of(seed: int, update_seconds: float) -> Counter[tuple[str, str]]:
    """Make random calls, and return their outcomes."""
    with RandomCalls((seed, update_seconds), update_seconds) as calls:
        calls.run(STEPS)
        other_region = WireClient(calls.emulator, "eu-west-1")
        assert other_region("ListCollections").body["CollectionIds"] == []
        return calls.outcomes


@pytest.mark.slow
def test_the_random_calls_reach_every_response_and_error() -> None:
    reached = sum(
        (outcomes_of(seed, update_seconds) for seed in SEEDS for update_seconds in UPDATE_SECONDS),
        Counter[tuple[str, str]](),
    )
    missed = {
        (operation, outcome) for operation, outcomes in EXPECTED_OUTCOMES.items() for outcome in outcomes
    } - reached.keys()
    assert missed == set()


@pytest.mark.slow
@pytest.mark.parametrize("update_seconds", UPDATE_SECONDS)
@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_many_random_calls_have_the_responses_of_the_reference_model(seed: int, update_seconds: float) -> None:
    with RandomCalls((seed, update_seconds), update_seconds) as calls:
        calls.run(MANY_STEPS)
