"""ListFaces, DeleteFaces, and the counts of a collection."""

from __future__ import annotations

from typing import Any

import pytest

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from tests.kit.people import People
from tests.kit.wire import WireClient


def outcome(response: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the face ids that DeleteFaces deleted and those that it did not."""
    return response.get("DeletedFaces", []), response.get("UnsuccessfulFaceDeletions", [])


def indexed(people: People, *person: Any, **members: Any) -> dict[str, Any]:
    return people("IndexFaces", Image={"Bytes": people.image(*person)}, **members)


# ListFaces


def test_faces_are_listed_in_the_order_of_indexing(people: People) -> None:
    ids = [*people.index("Ann", "Bob"), *people.index("Cid")]
    assert people.listed() == ids
    assert people("ListFaces")["FaceModelVersion"] == "7.0"


def test_a_listed_face_is_the_one_that_was_indexed(people: People) -> None:
    (record,) = indexed(people, "Ann", ExternalImageId="x")["FaceRecords"]
    assert people("ListFaces")["Faces"] == [{**record["Face"], "IndexFacesModelVersion": "7.0"}]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages_together_are_the_list(people: People, size: int) -> None:
    ids = people.index("Ann", "Bob", "Cid", "Dan", "Eve")
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        page = people("ListFaces", MaxResults=size, **token)
        assert page["FaceModelVersion"] == "7.0"
        pages.append([face["FaceId"] for face in page["Faces"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [face_id for page in pages for face_id in page] == ids
    assert all(len(page) == size for page in pages[:-1])


def test_a_page_size_of_zero_is_the_default(people: People) -> None:
    assert people.index("Ann", "Bob") == people.listed(MaxResults=0)


def test_a_page_token_holds_for_the_same_ids_in_another_order(people: People) -> None:
    ids = people.index("Ann", "Bob")
    token = people("ListFaces", FaceIds=ids, MaxResults=1)["NextToken"]
    assert people.listed(FaceIds=[ids[1], ids[0], ids[1]], NextToken=token) == [ids[1]]


def test_faces_are_chosen_by_ids_and_unknown_ones_match_nothing(people: People) -> None:
    ids = people.index("Ann", "Bob", "Cid")
    unknown = "00000000-0000-0000-0000-000000000000"
    assert people.listed(FaceIds=[ids[2], unknown, ids[0]]) == [ids[0], ids[2]]
    assert people.listed(FaceIds=[unknown]) == []


def test_a_user_and_ids_must_both_hold(people: People) -> None:
    ann, bob, cid = people.index("Ann", "Bob", "Cid")
    people("CreateUser", UserId="ann", ClientRequestToken="1")
    people("AssociateFaces", UserId="ann", FaceIds=[ann, bob], UserMatchThreshold=0)
    assert people.listed(UserId="ann") == [ann, bob]
    assert people.listed(UserId="ann", FaceIds=[bob, cid]) == [bob]
    assert people.listed(UserId="nobody") == []


@pytest.mark.parametrize("other", [{"UserId": "ann"}, {"FaceIds": ["00000000-0000-0000-0000-000000000000"]}])
def test_a_token_is_valid_for_the_same_filters_only(people: People, other: dict[str, Any]) -> None:
    people.index("Ann", "Bob")
    token = people("ListFaces", MaxResults=1)["NextToken"]
    assert people.refusal("ListFaces", NextToken=token, **other)[0] == "InvalidPaginationTokenException"


def test_a_token_of_another_collection_is_refused(people: People) -> None:
    people.index("Ann", "Bob")
    token = people("ListFaces", MaxResults=1)["NextToken"]
    other = People(people.emulator, "other")
    assert other.refusal("ListFaces", NextToken=token) == (
        "InvalidPaginationTokenException",
        "Invalid Pagination Token",
    )


def test_a_list_goes_on_after_the_last_face_of_a_page_was_deleted(people: People) -> None:
    ids = people.index("Ann", "Bob", "Cid")
    token = people("ListFaces", MaxResults=2)["NextToken"]
    people("DeleteFaces", FaceIds=[ids[1]])
    assert people.listed(NextToken=token) == [ids[2]]


# DeleteFaces


def test_deleted_faces_are_gone(people: People) -> None:
    ann, bob = people.index("Ann", "Bob")
    response = people("DeleteFaces", FaceIds=[ann, ann])
    assert outcome(response) == ([ann], [])
    assert people.listed() == [bob]


def test_an_unknown_face_is_reported_as_not_found(people: People) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    failed = {"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]}
    assert outcome(people("DeleteFaces", FaceIds=[unknown])) == ([], [failed])


def test_a_face_of_another_collection_is_not_found(people: People) -> None:
    (face_id,) = People(people.emulator, "other").index("Ann")
    deleted, _ = outcome(people("DeleteFaces", FaceIds=[face_id]))
    assert deleted == []


def test_a_face_that_belongs_to_a_user_stays(people: People) -> None:
    ann, bob = people.index("Ann", "Bob")
    people("CreateUser", UserId="ann")
    people("AssociateFaces", UserId="ann", FaceIds=[ann])
    failed = {"FaceId": ann, "UserId": "ann", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    assert outcome(people("DeleteFaces", FaceIds=[ann, bob])) == ([bob], [failed])
    people("DeleteUser", UserId="ann")
    assert people("DeleteFaces", FaceIds=[ann])["DeletedFaces"] == [ann]


# Collections


def test_a_collection_counts_its_faces_and_users(people: People) -> None:
    ann, _ = people.index("Ann", "Bob")
    people("CreateUser", UserId="ann")
    people("DeleteFaces", FaceIds=[ann])
    described = people("DescribeCollection")
    assert (described["FaceCount"], described["UserCount"]) == (1, 1)


def test_deleting_a_collection_deletes_its_faces_and_users(people: People) -> None:
    (ann,) = people.index("Ann")
    people("CreateUser", UserId="ann", ClientRequestToken="t")
    people("AssociateFaces", UserId="ann", FaceIds=[ann])
    people("SearchUsers", FaceId=ann)
    people("DeleteCollection")
    people = People(people.emulator)
    described = people("DescribeCollection")
    assert (described["FaceCount"], described["UserCount"]) == (0, 0)
    assert people.listed() == []
    people("CreateUser", UserId="ann", ClientRequestToken="t")
    assert people("DescribeCollection")["UserCount"] == 1


def test_a_new_collection_can_take_a_while_to_be_found() -> None:
    clock = ManualClock(1000)
    with Emulator(clock=clock, durations=Durations(creation=2)) as emulator:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        assert wire("DescribeCollection", CollectionId="people").refusal[0] == "ResourceNotFoundException"
        assert wire("ListCollections").body["CollectionIds"] == []
        assert wire("CreateCollection", CollectionId="people").refusal[0] == "ResourceAlreadyExistsException"
        clock.advance(2)
        assert wire("DescribeCollection", CollectionId="people").status == 200
        assert wire("ListCollections").body["CollectionIds"] == ["people"]


def test_the_number_of_collections_is_limited_by_the_quota() -> None:
    with Emulator(limits=Limits(collections=1)) as emulator:
        people = People(emulator)
        assert people.wire("CreateCollection", CollectionId="more").refusal[0] == "ServiceQuotaExceededException"
        assert people.wire("CreateCollection", CollectionId="people").refusal[0] == "ResourceAlreadyExistsException"
