"""A collection that is deleted, or deleted and created again, between two transactions of a request."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from rekog.emulator.state import State
from tests.kit.people import COLLECTION, People

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Generator

    from tests.kit.clients import Json

MAXIMUM_TRANSACTIONS = 10  # of a request

REFUSALS = ("ResourceNotFoundException", "InvalidParameterException")  # the second for a face or a user

REQUESTS: dict[str, Callable[[bytes, str], Json]] = {
    "IndexFaces": lambda image, face: {"Image": {"Bytes": image}},
    "SearchFacesByImage": lambda image, face: {"Image": {"Bytes": image}},
    "SearchUsersByImage": lambda image, face: {"Image": {"Bytes": image}},
    "SearchFaces": lambda image, face: {"FaceId": face},
    "SearchUsers": lambda image, face: {"FaceId": face},
    "AssociateFaces": lambda image, face: {"UserId": "ann", "FaceIds": [face], "UserMatchThreshold": 0},
}


@contextmanager
def after_transaction(number: int, change: Callable[[], object]) -> Generator[None]:
    """Make a change after this transaction, counted from 1."""
    original, ended = State._transaction, 0  # pyright: ignore[reportPrivateUsage]

    @contextmanager
    def transaction(state: State, begin: str) -> Generator[sqlite3.Connection]:
        nonlocal ended
        with original(state, begin) as connection:
            yield connection
        if not connection.in_transaction:
            ended += 1
            if ended == number:
                change()

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(State, "_transaction", transaction)
        yield


def create(people: People, image: bytes) -> str:
    """Create the collection with a user and a face of the user, index an image, and return the id of its face."""
    people("CreateCollection")
    people("CreateUser", UserId="ann")
    people("AssociateFaces", UserId="ann", FaceIds=people.index("ann"), UserMatchThreshold=0)
    face_id: str = people("IndexFaces", Image={"Bytes": image})["FaceRecords"][0]["Face"]["FaceId"]
    return face_id


@pytest.mark.parametrize("again", [False, True], ids=["deleted", "recreated"])
@pytest.mark.parametrize("operation", REQUESTS)
def test_a_request_succeeds_or_finds_no_resource(people: People, operation: str, again: bool) -> None:
    other, image = People(people.emulator, "other"), people.image("ann")

    def change() -> None:
        people("DeleteCollection")
        if again:
            other.index("cid")  # so that the rows of the new collection have other keys
            people("CreateCollection")

    for number in range(1, MAXIMUM_TRANSACTIONS + 1):
        people.wire("DeleteCollection", CollectionId=COLLECTION)
        members = REQUESTS[operation](image, create(people, image))
        with after_transaction(number, change):
            response = people.wire(operation, CollectionId=COLLECTION, **members)
        assert response.status == 200 or response.refusal[0] in REFUSALS, response.body
