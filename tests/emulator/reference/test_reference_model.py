"""Random calls of collections, faces and users: every answer is that of a simple model in memory (`reference`)."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.emulator.reference.random_calls import Calls
from tests.kit.wire import WireClient

SEEDS = range(3)
STEPS = 500
MANY_SEEDS = range(1000, 1040)
MANY_STEPS = 1000
UPDATING = (0.0, 10.0)
"""Seconds that a change of a user's faces takes."""

RNF, INVALID, CONFLICT = "ResourceNotFoundException", "InvalidParameterException", "ConflictException"
QUOTA, IDEMPOTENT = "ServiceQuotaExceededException", "IdempotentParameterMismatchException"
TOKEN, FORMAT = "InvalidPaginationTokenException", "InvalidImageFormatException"
NOT_FOUND, OTHERS = "FACE_NOT_FOUND", "ASSOCIATED_TO_A_DIFFERENT_USER"

REACHED: dict[str, set[str]] = {
    "CreateCollection": {"fine", "ResourceAlreadyExistsException", QUOTA},
    "DescribeCollection": {"fine", RNF},
    "DeleteCollection": {"fine", RNF},
    "ListCollections": {"CollectionIds", "gone on", TOKEN},
    "IndexFaces": {"FaceRecords", "LOW_CONFIDENCE", "EXCEEDS_MAX_FACES", RNF, FORMAT, QUOTA},
    "ListFaces": {"Faces", "gone on", RNF, TOKEN},
    "DeleteFaces": {"DeletedFaces", NOT_FOUND, "ASSOCIATED_TO_AN_EXISTING_USER", RNF},
    "SearchFaces": {"FaceMatches", RNF, INVALID},
    "SearchFacesByImage": {"FaceMatches", RNF, INVALID, FORMAT},
    "CreateUser": {"fine", "repeated", RNF, CONFLICT, IDEMPOTENT, QUOTA},
    "DeleteUser": {"fine", "repeated", RNF, IDEMPOTENT},
    "ListUsers": {"CREATED", "UPDATING", "ACTIVE", "gone on", RNF, TOKEN},
    "AssociateFaces": {
        *("AssociatedFaces", "LOW_MATCH_CONFIDENCE", NOT_FOUND, OTHERS, "-", "repeated"),
        *("CREATED", "UPDATING", "ACTIVE", RNF, CONFLICT, IDEMPOTENT, QUOTA),
    },
    "DisassociateFaces": {
        *("DisassociatedFaces", NOT_FOUND, OTHERS, "repeated", "CREATED", "UPDATING", "ACTIVE"),
        *(RNF, CONFLICT, IDEMPOTENT),
    },
    "SearchUsers": {"UserMatches", RNF, INVALID},
    "SearchUsersByImage": {"UserMatches", "FACE_NOT_LARGEST", "LOW_CONFIDENCE", RNF, FORMAT},
}
"""What the random calls must have met, so that they are known to go deep enough. `-` is an empty list of reasons."""


@pytest.mark.parametrize("updating", UPDATING)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_calls_are_answered_as_the_reference_model_says(seed: int, updating: float) -> None:
    assert met(seed, updating).total() > STEPS


@cache
def met(seed: int, updating: float) -> Counter[tuple[str, str]]:
    """Make random calls, and return what they were answered with."""
    with Calls((seed, updating), updating) as calls:
        calls.run(STEPS)
        abroad = WireClient(calls.emulator, "eu-west-1")
        assert abroad("ListCollections").body["CollectionIds"] == []
        return calls.seen


def test_the_random_calls_meet_every_answer_and_error() -> None:
    seen = sum((met(seed, updating) for seed in SEEDS for updating in UPDATING), Counter[tuple[str, str]]())
    missed = {(operation, what) for operation, outcomes in REACHED.items() for what in outcomes} - seen.keys()
    assert missed == set()


@pytest.mark.slow
@pytest.mark.parametrize("updating", UPDATING)
@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_very_many_random_calls_are_answered_as_the_reference_model_says(seed: int, updating: float) -> None:
    with Calls((seed, updating), updating) as calls:
        calls.run(MANY_STEPS)
