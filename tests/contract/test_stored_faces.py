"""IndexFaces, ListFaces and DeleteFaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.face_calls import UNKNOWN_FACE_ID, index_faces, list_faces
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
GOOD_QUALITY = {"Sharpness": 99, "Brightness": 60}


def declared_face(left: float = 0.1, side: float = 0.3, **others: object) -> Json:
    return {"BoundingBox": [left, 0.1, side, side], "Confidence": 99, "Quality": GOOD_QUALITY, **others}


# --- IndexFaces


def test_an_indexed_face_is_listed_with_its_stored_members(
    rekognition: Rekognition, collection: str, astronaut: Json
) -> None:
    response = rekognition("IndexFaces", CollectionId=collection, Image=astronaut)
    (record,) = response["FaceRecords"]
    page = rekognition("ListFaces", CollectionId=collection)
    (face,) = page["Faces"]
    assert (face["FaceId"], face["ImageId"]) == (record["Face"]["FaceId"], record["Face"]["ImageId"])
    assert _UUID.fullmatch(face["FaceId"])
    assert _UUID.fullmatch(face["ImageId"])
    assert re.fullmatch(r"[0-9.]+", face["IndexFacesModelVersion"])
    assert {**record["Face"], "IndexFacesModelVersion": face["IndexFacesModelVersion"]} == face
    assert "IndexFacesModelVersion" not in record["Face"]
    assert page["FaceModelVersion"] == response["FaceModelVersion"]
    assert "OrientationCorrection" not in response
    assert set(record["FaceDetail"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_indexing_an_image_again_stores_no_second_copy(
    rekognition: Rekognition, collection: str, astronaut: Json
) -> None:
    first = index_faces(rekognition, collection, astronaut, ExternalImageId="a")
    assert index_faces(rekognition, collection, astronaut, ExternalImageId="a") == first
    assert rekognition("DescribeCollection", CollectionId=collection)["FaceCount"] == 1


def test_another_external_image_id_stores_the_faces_again(
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
    result = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert [each.get("ExternalImageId") for each in result] == ["a:1", "b", None]
    (match, *_) = rekognition("SearchFaces", CollectionId=collection, FaceId=records[2]["FaceId"])["FaceMatches"]
    assert match["Face"]["ExternalImageId"] in ("a:1", "b")


def test_all_faces_of_an_image_share_its_ids(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    image = control.image_of_people("Ann", "Bob", "Cid")
    rekognition("IndexFaces", CollectionId=collection, Image=image, ExternalImageId="group")
    result = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert {each["ExternalImageId"] for each in result} == {"group"}
    assert len({each["ImageId"] for each in result}) == 1


def test_an_image_without_a_face_stores_nothing(rekognition: Rekognition, collection: str) -> None:
    response = rekognition("IndexFaces", CollectionId=collection, Image={"Bytes": blank_png()})
    assert response["FaceRecords"] == []
    assert rekognition("DescribeCollection", CollectionId=collection)["FaceCount"] == 0


def test_an_image_without_a_face_has_no_records(rekognition: Rekognition, collection: str) -> None:
    response = rekognition("IndexFaces", CollectionId=collection, Image={"Bytes": blank_png()}, MaxFaces=5)
    assert (response["FaceRecords"], response.get("UnindexedFaces", [])) == ([], [])
    assert (
        rekognition.error_code("SearchFaces", CollectionId=collection, FaceId=UNKNOWN_FACE_ID)
        == "InvalidParameterException"
    )


def test_faces_are_stored_largest_first(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    response = rekognition("IndexFaces", CollectionId=collection, Image=control.image_of_people("Ann", "Bob", "Cid"))
    widths = [record["Face"]["BoundingBox"]["Width"] for record in response["FaceRecords"]]
    assert widths == sorted(widths, reverse=True)
    assert len({record["Face"]["ImageId"] for record in response["FaceRecords"]}) == 1


def test_faces_over_max_faces_are_reported_but_not_stored(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    response = rekognition(
        "IndexFaces", CollectionId=collection, Image=control.image_of_people("Ann", "Bob", "Cid"), MaxFaces=1
    )
    assert len(response["FaceRecords"]) == 1
    assert [face["Reasons"] for face in response["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 2


def test_max_faces_drops_faces_of_low_quality_and_then_the_smallest(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    blurred = {"Sharpness": 30, "Brightness": 60}
    image = control.declared_image(
        faces=[declared_face(0.0, 0.4, Quality=blurred), declared_face(0.4, 0.3), declared_face(0.7, 0.2)]
    )
    response = rekognition("IndexFaces", CollectionId=collection, Image=image, MaxFaces=1, QualityFilter="LOW")
    (kept,) = response["FaceRecords"]
    assert kept["Face"]["BoundingBox"]["Width"] == pytest.approx(0.3)
    assert [each["Reasons"] for each in response["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 2


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
def test_a_face_of_low_quality_is_reported_and_not_stored(
    rekognition: Rekognition, control: ControlApi, collection: str, bad: Json, reasons: list[str]
) -> None:
    image = control.declared_image(faces=[declared_face(**bad)])
    members = {"CollectionId": collection, "Image": image}
    for requested in ({}, *({"QualityFilter": quality} for quality in ("AUTO", "LOW", "MEDIUM", "HIGH"))):
        response = rekognition("IndexFaces", **members, **requested)
        assert response["FaceRecords"] == []
        (unindexed,) = response["UnindexedFaces"]
        assert (sorted(unindexed["Reasons"]), "BoundingBox" in unindexed["FaceDetail"]) == (reasons, True)
    assert list_faces(rekognition, collection) == []
    assert len(rekognition("IndexFaces", **members, QualityFilter="NONE")["FaceRecords"]) == 1


def test_indexed_faces_and_collections_may_become_visible_later(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    index_faces(rekognition, collection, control.image_of_people("Ann"))
    control.set_durations({"indexing": 5, "creation": 5})
    image = control.image_of_people("Ann")
    (late,) = index_faces(rekognition, collection, image)

    def results() -> list[str]:
        response = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann"))
        return [match["Face"]["FaceId"] for match in response["FaceMatches"]]

    assert late not in results()
    control.advance_clock(5)
    assert late in results()
    rekognition("CreateCollection", CollectionId="late")
    assert rekognition.error_code("DescribeCollection", CollectionId="late") == "ResourceNotFoundException"
    control.advance_clock(5)
    assert rekognition("DescribeCollection", CollectionId="late")["FaceCount"] == 0


# --- ListFaces and DeleteFaces


def test_faces_are_listed_in_the_order_of_indexing(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    faces = [
        face_id
        for person in "edcba"
        for face_id in index_faces(rekognition, collection, control.image_of_people(person))
    ]
    assert list_faces(rekognition, collection) == faces
    assert list_faces(rekognition, collection, FaceIds=faces[::-1]) == faces


def test_listed_faces_match_both_face_ids_and_user(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, bob = index_faces(rekognition, collection, control.image_of_people("Ann", "Bob"))
    rekognition("CreateUser", CollectionId=collection, UserId="u")
    rekognition("AssociateFaces", CollectionId=collection, UserId="u", FaceIds=[ann])
    assert list_faces(rekognition, collection) == [ann, bob]
    assert list_faces(rekognition, collection, FaceIds=[bob, UNKNOWN_FACE_ID]) == [bob]
    assert list_faces(rekognition, collection, UserId="u") == [ann]
    assert list_faces(rekognition, collection, UserId="u", FaceIds=[bob]) == []


def test_deleting_faces_reports_unknown_ids(rekognition: Rekognition, collection: str, astronaut: Json) -> None:
    (face,) = index_faces(rekognition, collection, astronaut)
    response = rekognition("DeleteFaces", CollectionId=collection, FaceIds=[face, UNKNOWN_FACE_ID])
    assert response["DeletedFaces"] == [face]
    assert response["UnsuccessfulFaceDeletions"] == [{"FaceId": UNKNOWN_FACE_ID, "Reasons": ["FACE_NOT_FOUND"]}]
    assert list_faces(rekognition, collection) == []


def test_a_face_id_given_twice_is_deleted_once(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index_faces(rekognition, collection, control.image_of_people("Ann"))
    response = rekognition("DeleteFaces", CollectionId=collection, FaceIds=[ann, ann])
    assert (response["DeletedFaces"], response.get("UnsuccessfulFaceDeletions", [])) == ([ann], [])
    response = rekognition("DeleteFaces", CollectionId=collection, FaceIds=[ann])
    assert response["DeletedFaces"] == []  # though the model requires at least one
