"""IndexFaces: stored faces and their ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from rekog.emulator import Emulator, Limits
from tests.kit.people import People
from tests.kit.wire import ASTRONAUT, WireClient

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def album(session_wire: WireClient) -> Iterator[WireClient]:
    session_wire("CreateCollection", CollectionId="album")
    yield session_wire
    session_wire("DeleteCollection", CollectionId="album")


def indexed(people: People, *person: Any, **members: Any) -> dict[str, Any]:
    return people("IndexFaces", Image={"Bytes": people.image(*person)}, **members)


def test_a_photograph_is_indexed_as_it_is_detected(album: WireClient) -> None:
    response = album("IndexFaces", CollectionId="album", Image={"Bytes": ASTRONAUT.read_bytes()}).body
    (record,) = response["FaceRecords"]
    assert record["FaceDetail"] == album.faces(ASTRONAUT.read_bytes())[0]
    assert record["Face"]["BoundingBox"] == record["FaceDetail"]["BoundingBox"]
    assert record["Face"]["Confidence"] == record["FaceDetail"]["Confidence"]
    assert sorted(record["Face"]) == ["BoundingBox", "Confidence", "FaceId", "ImageId"]
    assert response["FaceModelVersion"] == "7.0"
    assert "OrientationCorrection" not in response


def test_face_and_image_ids_are_lowercase_uuids(people: People) -> None:
    (record,) = indexed(people, "Ann")["FaceRecords"]
    assert UUID.fullmatch(record["Face"]["FaceId"])
    assert UUID.fullmatch(record["Face"]["ImageId"])


def test_the_faces_of_an_image_share_its_image_id_and_have_ids_of_their_own(people: People) -> None:
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


def test_the_external_image_id_is_on_every_face_of_the_image(people: People) -> None:
    records = indexed(people, "Ann", "Bob", ExternalImageId="party.jpg:1")["FaceRecords"]
    assert [record["Face"]["ExternalImageId"] for record in records] == ["party.jpg:1"] * 2
    assert {face["ExternalImageId"] for face in people("ListFaces")["Faces"]} == {"party.jpg:1"}


def test_the_same_image_again_returns_the_same_ids_and_stores_nothing(people: People) -> None:
    image = people.image("Ann", "Bob")
    first, second = (people("IndexFaces", Image={"Bytes": image}, ExternalImageId="x") for _ in range(2))
    assert first == second
    assert people("DescribeCollection")["FaceCount"] == 2


def test_another_external_image_id_stores_the_same_image_again(people: People) -> None:
    image = people.image("Ann")
    responses = [people("IndexFaces", Image={"Bytes": image}, **more) for more in ({}, {"ExternalImageId": "x"})]
    faces = [response["FaceRecords"][0]["Face"] for response in responses]
    assert faces[0]["FaceId"] != faces[1]["FaceId"]
    assert faces[0]["ImageId"] == faces[1]["ImageId"]
    assert len(people.listed()) == 2


def test_a_face_that_was_left_out_is_stored_when_the_image_is_indexed_again(people: People) -> None:
    image = people.image("Ann", "Bob")
    (first,) = people("IndexFaces", Image={"Bytes": image}, MaxFaces=1)["FaceRecords"]
    both = people("IndexFaces", Image={"Bytes": image})["FaceRecords"]
    assert [len(both), both[0]["Face"]] == [2, first["Face"]]


def test_a_face_that_was_deleted_is_stored_again(people: People) -> None:
    image = people.image("Ann")
    (face_id,) = (record["Face"]["FaceId"] for record in people("IndexFaces", Image={"Bytes": image})["FaceRecords"])
    people("DeleteFaces", FaceIds=[face_id])
    people("IndexFaces", Image={"Bytes": image})
    assert people.listed() == [face_id]


def test_another_identity_in_the_same_box_of_the_same_image_is_another_face(people: People) -> None:
    first, second = (people("IndexFaces", Image={"Bytes": people.image(person, number=7)}) for person in ("Ann", "Bob"))
    assert first["FaceRecords"][0]["Face"]["FaceId"] != second["FaceRecords"][0]["Face"]["FaceId"]


def test_the_same_image_has_other_face_ids_in_another_collection_region_and_account() -> None:
    with Emulator() as emulator, Emulator(account="2" * 12) as other:
        homes = [People(emulator), People(emulator, "others"), People(emulator, region="eu-west-1"), People(other)]
        ids = [people("IndexFaces", Image={"Bytes": people.image("Ann", number=1)}) for people in homes]
    assert len({response["FaceRecords"][0]["Face"]["FaceId"] for response in ids}) == 4
    assert len({response["FaceRecords"][0]["Face"]["ImageId"] for response in ids}) == 3  # equal in a region


def test_face_ids_are_the_same_in_another_emulator(people: People) -> None:
    with Emulator() as emulator:
        assert People(emulator).index("Ann", "Bob") == people.index("Ann", "Bob")


def test_the_ids_of_an_image_are_the_same_in_every_version(people: People) -> None:
    """Users have ids in their tests and data, and the same image must get the ids of the faces stored before."""
    box = [0.1, 0.2, 0.3, 0.4]
    people.emulator.declare(ASTRONAUT.read_bytes(), faces=[{"Identity": "Ann", "BoundingBox": box}])
    image = {"Bytes": ASTRONAUT.read_bytes()}
    responses = [people("IndexFaces", Image=image, **more) for more in ({}, {"ExternalImageId": "x"})]
    faces = [response["FaceRecords"][0]["Face"] for response in responses]
    assert {face["ImageId"] for face in faces} == {"ff0a3ae9-f4ec-5234-92f8-60828c8814c8"}
    assert [face["FaceId"] for face in faces] == [
        "8bd8e4a7-dc4b-575d-bbcc-b86d5f513fea",
        "67a73621-7d3b-5869-aefc-d45dcc8588ab",
    ]


def test_nothing_is_stored_beyond_the_quota_of_a_collection() -> None:
    with Emulator(limits=Limits(faces_per_collection=3)) as emulator:
        people = People(emulator)
        people.index("Ann", "Bob")
        code, _ = people.refusal("IndexFaces", Image={"Bytes": people.image("Cid", "Dan")})
        assert code == "ServiceQuotaExceededException"
        assert len(people.listed()) == 2
        people.index("Cid")


def test_deleted_faces_free_space_in_a_full_collection() -> None:
    with Emulator(limits=Limits(faces_per_collection=3)) as emulator:
        people = People(emulator)
        ids = people.index("Ann", "Bob", "Cid")
        people("DeleteFaces", FaceIds=[ids[1]])
        people.index("Dan")
        code, _ = people.refusal("IndexFaces", Image={"Bytes": people.image("Eve")})
        assert code == "ServiceQuotaExceededException"


def test_attributes_that_no_detector_finds_are_refused(album: WireClient) -> None:
    image = {"Bytes": ASTRONAUT.read_bytes()}
    response = album("IndexFaces", CollectionId="album", Image=image, DetectionAttributes=["FACE_OCCLUDED"])
    assert response.refusal[0] == "NotServedByEmulator"


def test_declared_attributes_are_returned(people: People) -> None:
    person = {"Identity": "Ann", "Smile": [True, 98.0]}
    (record,) = indexed(people, person, DetectionAttributes=["SMILE"])["FaceRecords"]
    assert record["FaceDetail"]["Smile"] == {"Value": True, "Confidence": 98.0}


@pytest.mark.parametrize("operation", ["IndexFaces", "ListFaces", "DeleteFaces", "SearchFacesByImage"])
def test_an_unknown_collection_is_refused_before_the_image_is_read(wire: WireClient, operation: str) -> None:
    members: dict[str, Any] = {"ListFaces": {}, "DeleteFaces": {"FaceIds": ["0" * 8 + "-0000" * 3 + "-" + "0" * 12]}}
    given = members.get(operation, {"Image": {"Bytes": b"no picture"}})
    refusal = wire(operation, CollectionId="nobody", **given).refusal
    assert refusal == ("ResourceNotFoundException", "The collection id: nobody does not exist")


def test_bytes_that_are_no_image_are_refused(people: People) -> None:
    code, _ = people.refusal("IndexFaces", Image={"Bytes": b"no picture"})
    assert code == "InvalidImageFormatException"
