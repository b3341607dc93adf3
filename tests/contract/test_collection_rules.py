"""Faces of collections, beyond test_collections.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.test_collections import NOBODY, index, listed
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json

GOOD = {"Sharpness": 99, "Brightness": 60}


def face(left: float = 0.1, side: float = 0.3, **others: object) -> Json:
    return {"BoundingBox": [left, 0.1, side, side], "Confidence": 99, "Quality": GOOD, **others}


def test_tags_come_with_a_collection(rekognition: Rekognition, name: str) -> None:
    made = rekognition("CreateCollection", CollectionId=name, Tags={"team": "red"})
    arn = "arn:" + made["CollectionArn"].removeprefix("arn:")
    assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": "red"}
    rekognition("DeleteCollection", CollectionId=name)


def test_a_collection_that_is_made_again_is_empty(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    index(rekognition, collection, control.image_of_people("Ann"))
    rekognition("CreateUser", CollectionId=collection, UserId="Ann")
    found = rekognition("DescribeCollection", CollectionId=collection)
    assert (found["FaceCount"], found["UserCount"]) == (1, 1)
    rekognition("DeleteCollection", CollectionId=collection)
    rekognition("CreateCollection", CollectionId=collection)
    found = rekognition("DescribeCollection", CollectionId=collection)
    assert (found["FaceCount"], found["UserCount"]) == (0, 0)
    assert listed(rekognition, collection) == []
    assert rekognition("ListUsers", CollectionId=collection)["Users"] == []


# --- IndexFaces


def test_of_too_many_faces_the_worst_are_dropped_and_then_the_smallest(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    blurred = {"Sharpness": 30, "Brightness": 60}
    image = control.declared_image(faces=[face(0.0, 0.4, Quality=blurred), face(0.4, 0.3), face(0.7, 0.2)])
    answer = rekognition("IndexFaces", CollectionId=collection, Image=image, MaxFaces=1, QualityFilter="LOW")
    (kept,) = answer["FaceRecords"]
    assert kept["Face"]["BoundingBox"]["Width"] == pytest.approx(0.3)
    assert [each["Reasons"] for each in answer["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 2


@pytest.mark.parametrize(
    ("bad", "reasons"),
    [
        ({"Quality": {"Sharpness": 1, "Brightness": 60}}, ["LOW_SHARPNESS"]),
        ({"Quality": {"Sharpness": 99, "Brightness": 1}}, ["LOW_BRIGHTNESS"]),
        ({"Confidence": 50}, ["LOW_CONFIDENCE"]),
        ({"Pose": [0, 85, 0]}, ["EXTREME_POSE"]),
        ({"BoundingBox": [0.1, 0.1, 0.02, 0.02]}, ["SMALL_BOUNDING_BOX"]),
        ({"Quality": {"Sharpness": 1, "Brightness": 1}}, ["LOW_BRIGHTNESS", "LOW_SHARPNESS"]),
    ],
)
def test_a_face_of_low_quality_is_told_and_not_stored(
    rekognition: Rekognition, control: ControlApi, collection: str, bad: Json, reasons: list[str]
) -> None:
    image = control.declared_image(faces=[face(**bad)])
    members = {"CollectionId": collection, "Image": image}
    for asked in ({}, *({"QualityFilter": bar} for bar in ("AUTO", "LOW", "MEDIUM", "HIGH"))):
        answer = rekognition("IndexFaces", **members, **asked)
        assert answer["FaceRecords"] == []
        (control_api,) = answer["UnindexedFaces"]
        assert (sorted(control_api["Reasons"]), "BoundingBox" in control_api["FaceDetail"]) == (reasons, True)
    assert listed(rekognition, collection) == []
    assert len(rekognition("IndexFaces", **members, QualityFilter="NONE")["FaceRecords"]) == 1


def test_another_name_for_the_image_stores_its_faces_again(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    image = control.image_of_people("Ann")
    records = [
        rekognition("IndexFaces", CollectionId=collection, Image=image, **named)["FaceRecords"][0]["Face"]
        for named in ({"ExternalImageId": "a:1"}, {"ExternalImageId": "b"}, {}, {"ExternalImageId": "b"})
    ]
    assert len({each["FaceId"] for each in records}) == 3
    assert len({each["ImageId"] for each in records}) == 1
    assert records[1] == records[3]
    found = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert [each.get("ExternalImageId") for each in found] == ["a:1", "b", None]
    (match, *_) = rekognition("SearchFaces", CollectionId=collection, FaceId=records[2]["FaceId"])["FaceMatches"]
    assert match["Face"]["ExternalImageId"] in ("a:1", "b")


def test_all_faces_of_an_image_have_its_names(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    image = control.image_of_people("Ann", "Bob", "Cid")
    rekognition("IndexFaces", CollectionId=collection, Image=image, ExternalImageId="group")
    found = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert {each["ExternalImageId"] for each in found} == {"group"}
    assert len({each["ImageId"] for each in found}) == 1


def test_a_face_may_be_found_some_time_later(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    index(rekognition, collection, control.image_of_people("Ann"))
    control.set_durations({"indexing": 5, "creation": 5})
    image = control.image_of_people("Ann")
    (late,) = index(rekognition, collection, image)

    def found() -> list[str]:
        answer = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann"))
        return [match["Face"]["FaceId"] for match in answer["FaceMatches"]]

    assert late not in found()
    control.advance_clock(5)
    assert late in found()
    rekognition("CreateCollection", CollectionId="late")
    assert rekognition.error_code("DescribeCollection", CollectionId="late") == "ResourceNotFoundException"
    control.advance_clock(5)
    assert rekognition("DescribeCollection", CollectionId="late")["FaceCount"] == 0


# --- listing and deleting


def test_faces_are_listed_as_they_came(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    faces = [face_id for who in "edcba" for face_id in index(rekognition, collection, control.image_of_people(who))]
    assert listed(rekognition, collection) == faces
    assert listed(rekognition, collection, FaceIds=faces[::-1]) == faces


def test_deleting_a_face_twice_in_one_call_is_once(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    (ann,) = index(rekognition, collection, control.image_of_people("Ann"))
    answer = rekognition("DeleteFaces", CollectionId=collection, FaceIds=[ann, ann])
    assert (answer["DeletedFaces"], answer.get("UnsuccessfulFaceDeletions", [])) == ([ann], [])
    answer = rekognition("DeleteFaces", CollectionId=collection, FaceIds=[ann])
    assert answer["DeletedFaces"] == []  # though the model says that there is one at least


# --- searching


def test_only_the_largest_face_of_an_image_is_searched_for(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, _ = index(rekognition, collection, control.image_of_people("Ann", "Bob"))
    answer = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann", "Bob"))
    assert [match["Face"]["FaceId"] for match in answer["FaceMatches"]] == [ann]
    assert answer["SearchedFaceBoundingBox"]["Width"] == pytest.approx(0.3)
    assert answer["FaceModelVersion"]


def test_a_search_without_a_match_is_empty(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index(rekognition, collection, control.image_of_people("Ann"))
    assert rekognition("SearchFaces", CollectionId=collection, FaceId=ann)["FaceMatches"] == []
    answer = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Bob"))
    assert (answer["FaceMatches"], "SearchedFaceBoundingBox" in answer) == ([], True)


def test_a_quality_filter_goes_on_to_the_next_largest_face(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, bob = index(rekognition, collection, control.image_of_people("Ann", "Bob"))
    blurred: Json = {"Quality": {"Sharpness": 1, "Brightness": 60}}
    image = control.declared_image(faces=[face(0.0, 0.4, Identity="Ann", **blurred), face(0.6, 0.3, Identity="Bob")])
    members = {"CollectionId": collection, "Image": image}

    def found(**members: object) -> list[str]:
        return [match["Face"]["FaceId"] for match in rekognition("SearchFacesByImage", **members)["FaceMatches"]]

    assert found(**members) == [ann]
    assert found(**members, QualityFilter="LOW") == [bob]
    unclear = {"CollectionId": collection, "Image": control.declared_image(faces=[face(**blurred)])}
    assert "SearchedFace" in rekognition("SearchUsersByImage", **unclear)
    none = {**unclear, "QualityFilter": "LOW"}
    refusal = rekognition.refusal("SearchFacesByImage", **none)
    assert (refusal.code, refusal.message[:35]) == ("InvalidParameterException", "There are no faces in the image. Sh")
    assert rekognition("SearchUsersByImage", **none)["UnsearchedFaces"][0]["Reasons"] == ["LOW_SHARPNESS"]


def test_a_search_by_image_has_as_many_matches_and_as_good_as_asked_for(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    for _ in range(3):
        index(rekognition, collection, control.image_of_people("Ann"))
    members = {"CollectionId": collection, "Image": control.image_of_people("Ann")}
    whole = rekognition("SearchFacesByImage", **members)["FaceMatches"]
    similarities = [match["Similarity"] for match in whole]
    assert (len(whole), similarities) == (3, sorted(similarities, reverse=True))
    assert rekognition("SearchFacesByImage", **members, MaxFaces=2)["FaceMatches"] == whole[:2]
    best = rekognition("SearchFacesByImage", **members, FaceMatchThreshold=similarities[1])["FaceMatches"]
    assert best == whole[:2]  # what is equal to the threshold stays


def test_images_of_nothing_are_indexed_by_nobody(rekognition: Rekognition, collection: str) -> None:
    answer = rekognition("IndexFaces", CollectionId=collection, Image={"Bytes": blank_png()}, MaxFaces=5)
    assert (answer["FaceRecords"], answer.get("UnindexedFaces", [])) == ([], [])
    assert rekognition.error_code("SearchFaces", CollectionId=collection, FaceId=NOBODY) == "InvalidParameterException"
