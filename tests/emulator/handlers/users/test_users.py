"""Users of a collection: CreateUser, DeleteUser, ListUsers, and the tokens of requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from rekog.emulator import Emulator, Limits
from tests.kit.people import People
from tests.kit.users import (
    create_user_with_faces,
    create_users,
    disassociated_face_ids,
    matched_user_ids,
    user_statuses,
)
from tests.kit.wire import WireClient

UNKNOWN = "00000000-0000-0000-0000-000000000000"
IDEMPOTENT = "IdempotentParameterMismatchException"


# Create, delete, list


def test_a_new_user_is_listed_as_created(people: People) -> None:
    response = people("CreateUser", UserId="ann")
    assert response == {}
    assert user_statuses(people) == {"ann": "CREATED"}


def test_a_taken_user_id_is_a_conflict(people: People) -> None:
    create_users(people, "ann")
    assert people.refusal("CreateUser", UserId="ann", ClientRequestToken="fresh")[0] == "ConflictException"


def test_a_user_id_is_taken_in_its_own_collection_only(people: People) -> None:
    create_users(people, "ann")
    create_users(People(people.emulator, "other"), "ann")


@pytest.mark.parametrize("operation", ["CreateUser", "DeleteUser", "ListUsers"])
def test_an_unknown_collection_is_refused(wire: WireClient, operation: str) -> None:
    members = {} if operation == "ListUsers" else {"UserId": "ann"}
    refusal = wire(operation, CollectionId="nobody", **members).refusal
    assert refusal == ("ResourceNotFoundException", "The collection id: nobody does not exist")


def test_the_users_of_a_collection_have_a_quota() -> None:
    with Emulator(limits=Limits(users_per_collection=1)) as emulator:
        people = People(emulator)
        create_users(people, "ann")
        assert people.refusal("CreateUser", UserId="bob")[0] == "ServiceQuotaExceededException"


def test_a_deleted_user_is_gone_and_its_faces_stay_without_a_user(people: People) -> None:
    (face_id,) = create_user_with_faces(people, "ann", "Ann")
    response = people("DeleteUser", UserId="ann")
    assert response == {}
    assert user_statuses(people) == {}
    assert [face.get("UserId") for face in people("ListFaces", FaceIds=[face_id])["Faces"]] == [None]
    assert matched_user_ids(people("SearchUsers", FaceId=face_id)) == []


@pytest.mark.parametrize("operation", ["DeleteUser", "AssociateFaces", "DisassociateFaces"])
def test_an_unknown_user_is_refused(people: People, operation: str) -> None:
    members = {} if operation == "DeleteUser" else {"FaceIds": [UNKNOWN]}
    assert people.refusal(operation, UserId="ann", **members)[0] == "ResourceNotFoundException"


def test_a_deleted_user_can_be_created_again(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    people("DeleteUser", UserId="ann")
    create_users(people, "ann")
    assert user_statuses(people) == {"ann": "CREATED"}


@pytest.mark.parametrize("size", [1, 2, 7, 500])
def test_the_pages_of_users_together_are_the_list(people: People, size: int) -> None:
    create_users(people, *(f"user{number}" for number in range(7)))
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        page = people("ListUsers", MaxResults=size, **token)
        pages.append([user["UserId"] for user in page["Users"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    names = [name for page in pages for name in page]
    assert sorted(names) == [f"user{number}" for number in range(7)]
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)


def test_users_are_listed_by_a_stable_row_key(people: People) -> None:
    names = [f"user{number:02}" for number in range(20)]
    create_users(people, *names)
    listed = list(user_statuses(people))
    assert listed != names
    assert listed == list(user_statuses(people))
    people("DeleteUser", UserId=listed[3])
    assert list(user_statuses(people)) == [*listed[:3], *listed[4:]]


def test_a_token_of_another_collection_is_refused(people: People) -> None:
    create_users(people, "ann", "bob")
    token = people("ListUsers", MaxResults=1)["NextToken"]
    other = People(people.emulator, "other")
    assert other.refusal("ListUsers", NextToken=token)[0] == "InvalidPaginationTokenException"


# Tokens of requests


def test_a_token_ends_with_the_collection_of_its_user(people: People) -> None:
    for _ in range(2):
        people("CreateUser", UserId="ann", ClientRequestToken="t")
        assert user_statuses(people) == {"ann": "CREATED"}
        people("DeleteCollection")
        assert people.wire("CreateCollection", CollectionId=people.collection).status == 200


def test_the_same_token_creates_one_user(people: People) -> None:
    for _ in range(2):
        people("CreateUser", UserId="ann", ClientRequestToken="t")
    assert people.refusal("CreateUser", UserId="bob", ClientRequestToken="t") == (
        IDEMPOTENT,
        "The ClientRequestToken: t you have supplied is already in use.",
    )
    assert list(user_statuses(people)) == ["ann"]


def test_the_token_of_a_deleted_user_creates_it_again(people: People) -> None:
    people("CreateUser", UserId="ann", ClientRequestToken="t")
    people("DeleteUser", UserId="ann")
    people("CreateUser", UserId="ann", ClientRequestToken="t")
    assert list(user_statuses(people)) == ["ann"]


def test_the_same_token_deletes_one_user(people: People) -> None:
    create_users(people, "ann", "bob")
    for _ in range(2):
        people("DeleteUser", UserId="ann", ClientRequestToken="t")
    assert people.refusal("DeleteUser", UserId="bob", ClientRequestToken="t")[0] == IDEMPOTENT
    assert people.refusal("DeleteUser", UserId="ann", ClientRequestToken="fresh")[0] == "ResourceNotFoundException"


def test_the_same_token_returns_the_first_response_of_a_change_of_faces(people: People) -> None:
    create_users(people, "ann")
    ann, bob = people.index("Ann", "Bob")
    request_members = {"UserId": "ann", "FaceIds": [ann, bob], "ClientRequestToken": "t"}
    first = people("AssociateFaces", **request_members)
    assert people("AssociateFaces", **request_members) == first
    assert people.refusal("AssociateFaces", **{**request_members, "FaceIds": [ann]})[0] == IDEMPOTENT
    taken = people("DisassociateFaces", **request_members)
    assert people("DisassociateFaces", **request_members) == taken
    assert disassociated_face_ids(taken) == [ann]


@pytest.mark.parametrize("operation", ["AssociateFaces", "DisassociateFaces"])
def test_the_token_of_a_change_of_faces_ends_with_its_user(people: People, operation: str) -> None:
    (face,) = people.index("Ann")
    members = {"UserId": "ann", "FaceIds": [face], "ClientRequestToken": "t"}
    for _ in range(2):
        create_users(people, "ann")
        if operation == "DisassociateFaces":
            people("AssociateFaces", UserId="ann", FaceIds=[face])
        assert people(operation, **members)["UserStatus"] == "UPDATING"
        assert people("ListUsers")["Users"][0]["UserStatus"] == (
            "ACTIVE" if operation == "AssociateFaces" else "CREATED"
        )
        people("DeleteUser", UserId="ann")


def test_a_token_survives_a_restart(tmp_path: Path) -> None:
    for first in (True, False):
        with Emulator(data=tmp_path) as emulator:
            wire = People(emulator).wire if first else WireClient(emulator)
            assert wire("CreateUser", CollectionId="people", UserId="ann", ClientRequestToken="t").status == 200
