"""CreateCollection, DescribeCollection, ListCollections, DeleteCollection."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator import Emulator
from tests.kit.wire import WireClient, WireResponse

ALPHABET = string.ascii_letters + string.digits + "-_"
IDS = st.text(string.ascii_letters + string.digits + "_.-", min_size=1, max_size=255)


def listed(wire: WireClient, size: int | None = None) -> list[list[str]]:
    """Return the pages of all ids."""
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        response = wire("ListCollections", **token, **({"MaxResults": size} if size else {}))
        assert response.status == 200, response.body
        pages.append(response.body["CollectionIds"])
        if "NextToken" not in response.body:
            return pages
        assert len(response.body["NextToken"]) <= 255
        token = {"NextToken": response.body["NextToken"]}


def create(wire: WireClient, *ids: str) -> list[WireResponse]:
    return [wire("CreateCollection", CollectionId=name) for name in ids]


def test_create_returns_the_arn_without_its_scheme_and_the_face_model(wire: WireClient) -> None:
    assert wire("CreateCollection", CollectionId="people", Tags={"team": "blue"}).body == {
        "StatusCode": 200,
        "CollectionArn": "aws:rekognition:us-east-1:123456789012:collection/people",
        "FaceModelVersion": "7.0",
    }


def test_a_taken_id_is_refused(wire: WireClient) -> None:
    create(wire, "people")
    assert wire("CreateCollection", CollectionId="people").refusal == (
        "ResourceAlreadyExistsException",
        "The collection id: people already exists.",
    )


def test_ids_that_differ_in_case_are_two(wire: WireClient) -> None:
    assert [response.status for response in create(wire, "people", "People")] == [200, 200]
    assert listed(wire) == [["People", "people"]]


def test_describe_returns_the_whole_arn_the_counts_and_the_time(wire: WireClient) -> None:
    create(wire, "people")
    assert wire("DescribeCollection", CollectionId="people").body == {
        "FaceCount": 0,
        "UserCount": 0,
        "FaceModelVersion": "7.0",
        "CollectionARN": "arn:aws:rekognition:us-east-1:123456789012:collection/people",
        "CreationTimestamp": 1_700_000_000.5,
    }


def test_delete_returns_200_and_leaves_nothing(wire: WireClient) -> None:
    create(wire, "people")
    assert wire("DeleteCollection", CollectionId="people").body == {"StatusCode": 200}
    assert listed(wire) == [[]]


@pytest.mark.parametrize("operation", ["DescribeCollection", "DeleteCollection"])
def test_an_unknown_collection_is_refused(wire: WireClient, operation: str) -> None:
    assert wire(operation, CollectionId="nobody").refusal == (
        "ResourceNotFoundException",
        "The collection id: nobody does not exist",
    )


def test_an_id_may_be_used_again_after_its_collection_was_deleted(wire: WireClient) -> None:
    create(wire, "people")
    wire("DeleteCollection", CollectionId="people")
    assert create(wire, "people")[0].status == 200


def test_a_list_has_a_face_model_version_for_each_id(wire: WireClient) -> None:
    create(wire, "b", "a", "c")
    assert wire("ListCollections").body == {"CollectionIds": ["a", "b", "c"], "FaceModelVersions": ["7.0"] * 3}


def test_an_empty_list_has_no_token(wire: WireClient) -> None:
    assert wire("ListCollections").body == {"CollectionIds": [], "FaceModelVersions": []}


@pytest.mark.parametrize(("size", "pages"), [(2, [["a", "b"], ["c", "d"]]), (3, [["a", "b", "c"], ["d"]])])
def test_a_list_comes_in_pages(wire: WireClient, size: int, pages: list[list[str]]) -> None:
    create(wire, "d", "a", "c", "b")
    assert listed(wire, size) == pages


def test_a_page_size_of_zero_is_the_default(wire: WireClient) -> None:
    create(wire, "a", "b")
    assert wire("ListCollections", MaxResults=0).body["CollectionIds"] == ["a", "b"]


@pytest.mark.parametrize(("size", "rule"), [(4097, "less than or equal to 4096"), (-1, "greater than or equal to 0")])
def test_a_page_size_out_of_range_is_refused(wire: WireClient, size: int, rule: str) -> None:
    code, message = wire("ListCollections", MaxResults=size).refusal
    assert code == "ValidationException"
    place = f"Value '{size}' at 'maxResults' failed to satisfy constraint"
    assert message == f"1 validation error detected: {place}: Member must have value {rule}"


def test_a_token_with_one_character_altered_is_refused(wire: WireClient) -> None:
    create(wire, "a", "b")
    token = wire("ListCollections", MaxResults=1).body["NextToken"]
    altered = [token[:i] + other + token[i + 1 :] for i, old in enumerate(token) for other in ALPHABET if other != old]
    codes = {wire("ListCollections", NextToken=text).refusal for text in [*altered, token[:-1], token + "A", "", "="]}
    assert codes == {("InvalidPaginationTokenException", "Invalid Pagination Token")}


def test_a_token_of_another_emulator_is_refused(wire: WireClient) -> None:
    create(wire, "a", "b")
    token = wire("ListCollections", MaxResults=1).body["NextToken"]
    with Emulator() as other:
        assert WireClient(other)("ListCollections", NextToken=token).refusal[0] == "InvalidPaginationTokenException"


def test_a_token_of_another_region_is_refused(emulator: Emulator, wire: WireClient) -> None:
    create(wire, "a", "b")
    token = wire("ListCollections", MaxResults=1).body["NextToken"]
    abroad = WireClient(emulator, "eu-west-1")
    assert abroad("ListCollections", NextToken=token).refusal[0] == "InvalidPaginationTokenException"


def test_a_list_goes_on_after_the_last_collection_of_a_page_was_deleted(wire: WireClient) -> None:
    create(wire, "a", "b", "c")
    token = wire("ListCollections", MaxResults=2).body["NextToken"]
    wire("DeleteCollection", CollectionId="b")
    assert wire("ListCollections", NextToken=token).body["CollectionIds"] == ["c"]


def test_a_list_of_the_longest_ids_comes_in_pages(wire: WireClient) -> None:
    ids = ["x" * 254 + last for last in "abc"]
    create(wire, *ids)
    assert listed(wire, 1) == [[name] for name in ids]


def test_no_id_is_left_out_after_a_long_one_was_deleted(wire: WireClient) -> None:
    ids = ["x" * 254 + last for last in "abc"]
    create(wire, *ids)
    token = wire("ListCollections", MaxResults=2).body["NextToken"]
    wire("DeleteCollection", CollectionId=ids[1])
    assert wire("ListCollections", NextToken=token).body["CollectionIds"] == [ids[0], ids[2]]


def test_regions_are_separate(emulator: Emulator) -> None:
    here, there = WireClient(emulator, "eu-west-1"), WireClient(emulator, "us-gov-west-1")
    arns = [create(wire, "people")[0].body["CollectionArn"] for wire in (here, there)]
    assert arns == [
        "aws:rekognition:eu-west-1:123456789012:collection/people",
        "aws-us-gov:rekognition:us-gov-west-1:123456789012:collection/people",
    ]
    here("DeleteCollection", CollectionId="people")
    assert listed(there) == [["people"]]


def test_accounts_in_one_database_are_separate(tmp_path: Path) -> None:
    with Emulator(data=tmp_path, account="1" * 12) as one, Emulator(data=tmp_path, account="2" * 12) as two:
        create(WireClient(one), "people")
        assert listed(WireClient(two)) == [[]]
        assert create(WireClient(two), "people")[0].status == 200


def test_an_emulator_with_a_region_stores_everything_there() -> None:
    with Emulator(region="eu-west-1") as emulator:
        create(WireClient(emulator, "us-east-1"), "people")
        assert listed(WireClient(emulator)) == [["people"]]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Create", "Delete", "Describe"]), st.sampled_from("abcde")), max_size=30))
def test_any_sequence_of_calls_has_the_result_of_a_plain_set(calls: list[tuple[str, str]]) -> None:
    expected: set[str] = set()
    with Emulator() as emulator:
        wire = WireClient(emulator)
        for verb, name in calls:
            known = name in expected
            assert (wire(f"{verb}Collection", CollectionId=name).status == 200) is (known != (verb == "Create"))
            expected = expected | {name} if verb == "Create" else expected - ({name} if verb == "Delete" else set())
        assert listed(wire) == [sorted(expected)]


@settings(derandomize=True, max_examples=20, deadline=None)
@given(st.sets(IDS, max_size=12), st.integers(1, 5))
def test_the_pages_together_are_the_list(ids: set[str], size: int) -> None:
    with Emulator() as emulator:
        wire = WireClient(emulator)
        create(wire, *ids)
        pages = listed(wire, size)
    assert [name for page in pages for name in page] == sorted(ids)
    assert all(len(page) == size for page in pages[:-1])
