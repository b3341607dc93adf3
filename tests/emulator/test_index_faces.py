"""IndexFaces, ListFaces, DeleteFaces, and what a collection knows of its faces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from tests.emulator.people import People
from tests.emulator.wire import ASTRONAUT, HOPPER, Wire, encoded, plain

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def people(emulator: Emulator) -> People:
    return People(emulator)


@pytest.fixture(scope="module")
def album(eyes: Wire) -> Iterator[Wire]:
    eyes("CreateCollection", CollectionId="album")
    yield eyes
    eyes("DeleteCollection", CollectionId="album")


def quality(sharpness: float = 99.0, brightness: float = 60.0, **others: object) -> dict[str, object]:
    return {"Quality": {"Sharpness": sharpness, "Brightness": brightness}, **others}


def reasons(answer: dict[str, Any]) -> list[list[str]]:
    return [face["Reasons"] for face in answer.get("UnindexedFaces", [])]


def outcome(answer: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return what DeleteFaces deleted and what it did not."""
    return answer.get("DeletedFaces", []), answer.get("UnsuccessfulFaceDeletions", [])


def indexed(people: People, *who: Any, **members: Any) -> dict[str, Any]:
    return people("IndexFaces", Image={"Bytes": people.picture(*who)}, **members)


# What is stored


def test_a_photograph_is_indexed_as_it_is_detected(album: Wire) -> None:
    answer = album("IndexFaces", CollectionId="album", Image={"Bytes": ASTRONAUT.read_bytes()}).body
    (record,) = answer["FaceRecords"]
    assert record["FaceDetail"] == album.faces(ASTRONAUT.read_bytes())[0]
    assert record["Face"]["BoundingBox"] == record["FaceDetail"]["BoundingBox"]
    assert record["Face"]["Confidence"] == record["FaceDetail"]["Confidence"]
    assert sorted(record["Face"]) == ["BoundingBox", "Confidence", "FaceId", "ImageId", "IndexFacesModelVersion"]
    assert answer["FaceModelVersion"] == "7.0"
    assert "OrientationCorrection" not in answer


def test_face_and_image_ids_are_lower_case_uuids(people: People) -> None:
    (record,) = indexed(people, "Ann")["FaceRecords"]
    assert UUID.fullmatch(record["Face"]["FaceId"])
    assert UUID.fullmatch(record["Face"]["ImageId"])


def test_the_faces_of_a_picture_share_its_image_id_and_have_ids_of_their_own(people: People) -> None:
    records = indexed(people, "Ann", "Bob", "Cid")["FaceRecords"]
    assert len({record["Face"]["ImageId"] for record in records}) == 1
    assert len({record["Face"]["FaceId"] for record in records}) == 3


def test_the_largest_face_comes_first(people: People) -> None:
    records = indexed(people, "Ann", "Bob", "Cid")["FaceRecords"]
    widths = [record["FaceDetail"]["BoundingBox"]["Width"] for record in records]
    assert widths == sorted(widths, reverse=True)


def test_no_face_stores_nothing(people: People) -> None:
    assert indexed(people)["FaceRecords"] == []
    assert people.listed() == []


def test_the_external_image_id_is_on_every_face_of_the_picture(people: People) -> None:
    records = indexed(people, "Ann", "Bob", ExternalImageId="party.jpg:1")["FaceRecords"]
    assert [record["Face"]["ExternalImageId"] for record in records] == ["party.jpg:1"] * 2
    assert {face["ExternalImageId"] for face in people("ListFaces")["Faces"]} == {"party.jpg:1"}


def test_the_same_picture_again_answers_the_same_ids_and_stores_nothing(people: People) -> None:
    picture = people.picture("Ann", "Bob")
    first, second = (people("IndexFaces", Image={"Bytes": picture}, ExternalImageId="x") for _ in range(2))
    assert first == second
    assert people("DescribeCollection")["FaceCount"] == 2


def test_another_external_image_id_stores_the_same_picture_again(people: People) -> None:
    picture = people.picture("Ann")
    answers = [people("IndexFaces", Image={"Bytes": picture}, **more) for more in ({}, {"ExternalImageId": "x"})]
    faces = [answer["FaceRecords"][0]["Face"] for answer in answers]
    assert faces[0]["FaceId"] != faces[1]["FaceId"]
    assert faces[0]["ImageId"] == faces[1]["ImageId"]
    assert len(people.listed()) == 2


def test_a_face_that_was_left_out_is_stored_when_the_picture_comes_again(people: People) -> None:
    picture = people.picture("Ann", "Bob")
    (first,) = people("IndexFaces", Image={"Bytes": picture}, MaxFaces=1)["FaceRecords"]
    both = people("IndexFaces", Image={"Bytes": picture})["FaceRecords"]
    assert [len(both), both[0]["Face"]] == [2, first["Face"]]


def test_a_face_that_was_deleted_is_stored_again(people: People) -> None:
    picture = people.picture("Ann")
    (face_id,) = (record["Face"]["FaceId"] for record in people("IndexFaces", Image={"Bytes": picture})["FaceRecords"])
    people("DeleteFaces", FaceIds=[face_id])
    people("IndexFaces", Image={"Bytes": picture})
    assert people.listed() == [face_id]


def test_someone_else_at_the_same_place_of_the_same_picture_is_another_face(people: People) -> None:
    first, second = (people("IndexFaces", Image={"Bytes": people.picture(who, number=7)}) for who in ("Ann", "Bob"))
    assert first["FaceRecords"][0]["Face"]["FaceId"] != second["FaceRecords"][0]["Face"]["FaceId"]


def test_the_same_picture_has_other_face_ids_in_another_collection_region_and_account() -> None:
    with Emulator() as emulator, Emulator(account="2" * 12) as other:
        homes = [People(emulator), People(emulator, "others"), People(emulator, region="eu-west-1"), People(other)]
        ids = [people("IndexFaces", Image={"Bytes": people.picture("Ann", number=1)}) for people in homes]
    assert len({answer["FaceRecords"][0]["Face"]["FaceId"] for answer in ids}) == 4
    assert len({answer["FaceRecords"][0]["Face"]["ImageId"] for answer in ids}) == 3  # collections share a picture's


def test_face_ids_are_the_same_in_another_emulator(people: People) -> None:
    with Emulator() as emulator:
        assert People(emulator).index("Ann", "Bob") == people.index("Ann", "Bob")


def test_nothing_is_stored_beyond_the_quota_of_a_collection() -> None:
    with Emulator(limits=Limits(faces_per_collection=3)) as emulator:
        people = People(emulator)
        people.index("Ann", "Bob")
        code, _ = people.refusal("IndexFaces", Image={"Bytes": people.picture("Cid", "Dan")})
        assert code == "ServiceQuotaExceededException"
        assert len(people.listed()) == 2
        people.index("Cid")


def test_attributes_that_nothing_tells_are_refused(album: Wire) -> None:
    picture = {"Bytes": ASTRONAUT.read_bytes()}
    answer = album("IndexFaces", CollectionId="album", Image=picture, DetectionAttributes=["SMILE"])
    assert answer.refusal[0] == "NotServedByEmulator"


def test_declared_attributes_are_answered(people: People) -> None:
    who = {"Identity": "Ann", "Smile": [True, 98.0]}
    (record,) = indexed(people, who, DetectionAttributes=["SMILE"])["FaceRecords"]
    assert record["FaceDetail"]["Smile"] == {"Value": True, "Confidence": 98.0}


@pytest.mark.parametrize("operation", ["IndexFaces", "ListFaces", "DeleteFaces", "SearchFacesByImage"])
def test_an_unknown_collection_is_told_before_the_picture_is_looked_at(wire: Wire, operation: str) -> None:
    members: dict[str, Any] = {"ListFaces": {}, "DeleteFaces": {"FaceIds": ["0" * 8 + "-0000" * 3 + "-" + "0" * 12]}}
    given = members.get(operation, {"Image": {"Bytes": b"no picture"}})
    refusal = wire(operation, CollectionId="nobody", **given).refusal
    assert refusal == ("ResourceNotFoundException", "The collection id: nobody does not exist")


def test_a_picture_that_is_none_is_refused(people: People) -> None:
    code, _ = people.refusal("IndexFaces", Image={"Bytes": b"no picture"})
    assert code == "InvalidImageFormatException"


# Quality


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (quality(sharpness=5), "LOW_SHARPNESS"),
        (quality(brightness=5), "LOW_BRIGHTNESS"),
        ({"Confidence": 70.0}, "LOW_CONFIDENCE"),
        ({"Pose": {"Roll": 0, "Yaw": -80, "Pitch": 0}}, "EXTREME_POSE"),
        ({"Pose": {"Roll": 0, "Yaw": 0, "Pitch": 80}}, "EXTREME_POSE"),
        ({"BoundingBox": [0.5, 0.5, 0.01, 0.02]}, "SMALL_BOUNDING_BOX"),
    ],
)
@pytest.mark.parametrize("quality_filter", [None, "AUTO", "LOW", "MEDIUM", "HIGH"])
def test_a_bad_face_is_not_indexed_and_told_why(
    people: People, bad: dict[str, object], reason: str, quality_filter: str | None
) -> None:
    asked = {"QualityFilter": quality_filter} if quality_filter else {}
    answer = indexed(people, "Ann", bad, **asked)
    assert len(answer["FaceRecords"]) == 1
    assert reasons(answer) == [[reason]]
    assert len(people.listed()) == 1


def test_more_than_one_reason_may_apply(people: People) -> None:
    answer = indexed(people, {**quality(1, 1), "Confidence": 50.0})
    assert [sorted(each) for each in reasons(answer)] == [["LOW_BRIGHTNESS", "LOW_CONFIDENCE", "LOW_SHARPNESS"]]


def test_without_a_filter_every_face_is_indexed(people: People) -> None:
    assert len(indexed(people, quality(0, 0, Confidence=1.0), QualityFilter="NONE")["FaceRecords"]) == 1


def test_each_bar_stops_what_the_one_below_it_stops(people: People) -> None:
    sharpness = [0, 12, 30, 60]
    counts = [
        len(indexed(people, *(quality(value) for value in sharpness), QualityFilter=bar)["FaceRecords"])
        for bar in ("LOW", "MEDIUM", "HIGH")
    ]
    assert counts == [3, 2, 1]


def test_a_declared_face_without_a_quality_is_good_whatever_the_pixels(people: People) -> None:
    assert reasons(indexed(people, "Ann", QualityFilter="HIGH")) == []


def test_a_blurred_photograph_is_not_indexed(album: Wire) -> None:
    tiny = encoded(Image.open(HOPPER).convert("RGB").resize((64, 75)).resize((512, 600)), "JPEG")
    answer = album("IndexFaces", CollectionId="album", Image={"Bytes": tiny}, QualityFilter="HIGH").body
    assert answer["FaceRecords"] == []
    assert "LOW_SHARPNESS" in answer["UnindexedFaces"][0]["Reasons"]


# MaxFaces


def test_of_equal_quality_the_smallest_faces_are_too_many(people: People) -> None:
    answer = indexed(people, "Ann", "Bob", "Cid", MaxFaces=2)
    assert reasons(answer) == [["EXCEEDS_MAX_FACES"]]
    left = answer["UnindexedFaces"][0]["FaceDetail"]["BoundingBox"]["Width"]
    assert all(record["FaceDetail"]["BoundingBox"]["Width"] > left for record in answer["FaceRecords"])


def test_the_face_of_the_lowest_quality_is_too_many_first(people: People) -> None:
    answer = indexed(people, quality(sharpness=30), "Bob", "Cid", MaxFaces=2)
    assert answer["UnindexedFaces"][0]["FaceDetail"]["Quality"]["Sharpness"] == 30
    assert reasons(answer) == [["EXCEEDS_MAX_FACES"]]


def test_a_face_of_low_quality_does_not_count(people: People) -> None:
    answer = indexed(people, quality(sharpness=1), "Bob", MaxFaces=1)
    assert reasons(answer) == [["LOW_SHARPNESS"]]
    assert len(answer["FaceRecords"]) == 1


def test_no_more_than_100_faces_are_indexed(people: People) -> None:
    crowd = [{"BoundingBox": [0, 0, 0.2 + place / 1000, 0.2]} for place in range(120)]
    assert len(indexed(people, *crowd, MaxFaces=500)["FaceRecords"]) == 100


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([5.0, 20.0, 40.0, 90.0]), max_size=6), st.integers(1, 7))
def test_every_face_is_indexed_or_told_why_not(sharpness: list[float], most: int) -> None:
    with Emulator() as emulator:
        people = People(emulator)
        answer = indexed(people, *(quality(value) for value in sharpness), MaxFaces=most, QualityFilter="LOW")
        assert len(answer["FaceRecords"]) == min(most, sum(value > 10 for value in sharpness))
        assert len(answer["FaceRecords"]) + len(reasons(answer)) == len(sharpness)
        assert all(reasons(answer))


# ListFaces


def test_faces_are_listed_as_they_came_in(people: People) -> None:
    ids = [*people.index("Ann", "Bob"), *people.index("Cid")]
    assert people.listed() == ids
    assert people("ListFaces")["FaceModelVersion"] == "7.0"


def test_a_listed_face_is_the_one_that_was_indexed(people: People) -> None:
    (record,) = indexed(people, "Ann", ExternalImageId="x")["FaceRecords"]
    assert people("ListFaces")["Faces"] == [record["Face"]]


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
def test_a_token_is_good_for_the_same_filters_only(people: People, other: dict[str, Any]) -> None:
    people.index("Ann", "Bob")
    token = people("ListFaces", MaxResults=1)["NextToken"]
    assert people.refusal("ListFaces", NextToken=token, **other)[0] == "InvalidPaginationTokenException"


def test_a_token_of_another_collection_is_refused(people: People) -> None:
    people.index("Ann", "Bob")
    token = people("ListFaces", MaxResults=1)["NextToken"]
    other = People(people.emulator, "other")
    assert other.refusal("ListFaces", NextToken=token) == ("InvalidPaginationTokenException", "Invalid Pagination Token")


def test_a_list_goes_on_after_the_last_face_of_a_page_was_deleted(people: People) -> None:
    ids = people.index("Ann", "Bob", "Cid")
    token = people("ListFaces", MaxResults=2)["NextToken"]
    people("DeleteFaces", FaceIds=[ids[1]])
    assert people.listed(NextToken=token) == [ids[2]]


# DeleteFaces


def test_deleted_faces_are_gone(people: People) -> None:
    ann, bob = people.index("Ann", "Bob")
    answer = people("DeleteFaces", FaceIds=[ann, ann])
    assert outcome(answer) == ([ann], [])
    assert people.listed() == [bob]


def test_an_unknown_face_is_told(people: People) -> None:
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


def test_a_deleted_collection_takes_its_faces_and_users_along(people: People) -> None:
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


def test_a_new_collection_may_take_a_while_to_be_found() -> None:
    clock = ManualClock(1000)
    with Emulator(clock=clock, durations=Durations(creation=2)) as emulator:
        wire = Wire(emulator)
        wire("CreateCollection", CollectionId="people")
        assert wire("DescribeCollection", CollectionId="people").refusal[0] == "ResourceNotFoundException"
        assert wire("ListCollections").body["CollectionIds"] == []
        assert wire("CreateCollection", CollectionId="people").refusal[0] == "ResourceAlreadyExistsException"
        clock.advance(2)
        assert wire("DescribeCollection", CollectionId="people").status == 200
        assert wire("ListCollections").body["CollectionIds"] == ["people"]


def test_there_are_no_more_collections_than_the_quota() -> None:
    with Emulator(limits=Limits(collections=1)) as emulator:
        people = People(emulator)
        assert people.wire("CreateCollection", CollectionId="more").refusal[0] == "ServiceQuotaExceededException"
        assert people.wire("CreateCollection", CollectionId="people").refusal[0] == "ResourceAlreadyExistsException"
