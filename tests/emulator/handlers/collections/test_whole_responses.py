"""Whole responses of the operations on the faces and users of a collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from rekog.emulator import DecodedImage, DetectedFace, Durations, Emulator, ManualClock
from tests.kit.colour_faces import ColourFaceDetector
from tests.kit.people import People
from tests.kit.users import associate_faces, create_user_with_faces, create_users
from tests.kit.wire import WireClient, image_file

UNKNOWN = "00000000-0000-0000-0000-000000000000"
BLURRED = {"Identity": "Cid", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}


@pytest.fixture
def people() -> Iterator[People]:
    with Emulator(vision="off", clock=ManualClock(1000)) as emulator:
        yield People(emulator)


def stored(record: dict[str, Any], **more: object) -> dict[str, Any]:
    """Return the face of a record as lists and searches return it."""
    return {**record["Face"], "IndexFacesModelVersion": "7.0", **more}


def test_an_index_has_the_stored_faces_and_the_reasons_for_the_others(people: People) -> None:
    image = people.image("Ann", "Bob", BLURRED, "Dan")
    ann, bob, cid, dan = people.wire.faces(image)
    response = people("IndexFaces", Image={"Bytes": image}, ExternalImageId="x", MaxFaces=2, QualityFilter="LOW")
    records = response["FaceRecords"]
    identified = [{"FaceId": each["Face"]["FaceId"], "ImageId": each["Face"]["ImageId"]} for each in records]
    assert response == {
        "FaceRecords": [
            {
                "Face": {
                    **ids,
                    "BoundingBox": face["BoundingBox"],
                    "Confidence": face["Confidence"],
                    "ExternalImageId": "x",
                },
                "FaceDetail": face,
            }
            for face, ids in zip((ann, bob), identified, strict=True)
        ],
        "FaceModelVersion": "7.0",
        "UnindexedFaces": [
            {"FaceDetail": cid, "Reasons": ["LOW_SHARPNESS"]},
            {"FaceDetail": dan, "Reasons": ["EXCEEDS_MAX_FACES"]},
        ],
    }
    assert people("ListFaces") == {"Faces": [stored(each) for each in records], "FaceModelVersion": "7.0"}


def test_each_face_is_embedded_once_and_not_again_when_its_image_is_indexed_again() -> None:
    class Counting(ColourFaceDetector):
        calls = 0

        def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
            self.calls += 1
            return super().embed(image, face)

    own = Counting()
    image = {"Bytes": image_file(Image.new("RGB", (100, 100), "red"))}
    with Emulator(vision="off", face_detector=own, face_embedder=own) as emulator:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        for _ in range(3):
            indexed = wire("IndexFaces", CollectionId="people", Image=image, QualityFilter="NONE").body
            assert (len(indexed["FaceRecords"]), own.calls) == (1, 1)


def test_a_search_has_the_searched_face_and_its_matches(people: People) -> None:
    first, second = (
        people("IndexFaces", Image={"Bytes": people.image("Ann")}, ExternalImageId=name)["FaceRecords"][0]
        for name in "ab"
    )
    create_users(people, "ann")
    associate_faces(people, "ann", second["Face"]["FaceId"])
    response = people("SearchFaces", FaceId=first["Face"]["FaceId"])
    match = {"Similarity": response["FaceMatches"][0]["Similarity"], "Face": stored(second, UserId="ann")}
    assert response == {
        "SearchedFaceId": first["Face"]["FaceId"],
        "FaceMatches": [match],
        "FaceModelVersion": "7.0",
    }
    assert people("SearchFaces", FaceId=first["Face"]["FaceId"], FaceMatchThreshold=100)["FaceMatches"] == []


def test_a_search_by_image_has_the_box_of_the_searched_face(people: People) -> None:
    (record,) = people("IndexFaces", Image={"Bytes": people.image("Ann")})["FaceRecords"]
    image = people.image("Ann", "Bob")
    ann, _ = people.wire.faces(image)
    response = people("SearchFacesByImage", Image={"Bytes": image})
    assert response == {
        "SearchedFaceBoundingBox": ann["BoundingBox"],
        "SearchedFaceConfidence": ann["Confidence"],
        "FaceMatches": [{"Similarity": response["FaceMatches"][0]["Similarity"], "Face": stored(record)}],
        "FaceModelVersion": "7.0",
    }


def test_searches_of_users_have_what_was_searched_and_the_users(people: People) -> None:
    (face,) = create_user_with_faces(people, "ann", "Ann")
    create_user_with_faces(people, "anna", "Ann")
    people("ListUsers")  # ends the changes of the users

    def matches(response: dict[str, Any], *users: str) -> list[dict[str, Any]]:
        similarities = [match["Similarity"] for match in response["UserMatches"]]
        return [
            {"Similarity": similarity, "User": {"UserId": user, "UserStatus": "ACTIVE"}}
            for similarity, user in zip(similarities, users, strict=True)
        ]

    by_face = people("SearchUsers", FaceId=face)
    ordered = [match["User"]["UserId"] for match in by_face["UserMatches"]]
    assert by_face == {
        "UserMatches": matches(by_face, *ordered),
        "FaceModelVersion": "7.0",
        "SearchedFace": {"FaceId": face},
    }
    assert sorted(ordered) == ["ann", "anna"]
    by_user = people("SearchUsers", UserId="ann")
    assert by_user == {
        "UserMatches": matches(by_user, "anna"),
        "FaceModelVersion": "7.0",
        "SearchedUser": {"UserId": "ann"},
    }
    image = people.image(BLURRED, "Ann", "Bob", BLURRED)
    cid, ann, bob, blurred = people.wire.faces(image)
    by_image = people("SearchUsersByImage", Image={"Bytes": image}, QualityFilter="LOW", MaxUsers=1)
    assert by_image == {
        "UserMatches": matches(by_image, by_image["UserMatches"][0]["User"]["UserId"]),
        "FaceModelVersion": "7.0",
        "SearchedFace": {"FaceDetail": ann},
        "UnsearchedFaces": [
            {"FaceDetails": cid, "Reasons": ["LOW_SHARPNESS"]},
            {"FaceDetails": bob, "Reasons": ["FACE_NOT_LARGEST"]},
            {"FaceDetails": blurred, "Reasons": ["LOW_SHARPNESS", "FACE_NOT_LARGEST"]},
        ],
    }


def test_the_threshold_of_a_user_is_75_by_default_and_inclusive(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    (face,) = people.index("Bob")
    (failed,) = associate_faces(people, "ann", face)["UnsuccessfulFaceAssociations"]
    confidence = failed["Confidence"]
    assert failed == {"FaceId": face, "Confidence": confidence, "Reasons": ["LOW_MATCH_CONFIDENCE"]}
    assert 0 < confidence < 75
    above = associate_faces(people, "ann", face, UserMatchThreshold=confidence + 0.001)
    assert (above["AssociatedFaces"], above["UserStatus"]) == ([], "ACTIVE")
    at = associate_faces(people, "ann", face, UserMatchThreshold=confidence)
    assert at == {
        "AssociatedFaces": [{"FaceId": face}],
        "UnsuccessfulFaceAssociations": [],
        "UserStatus": "UPDATING",
    }


def test_a_user_without_faces_takes_the_first_face_at_any_threshold(people: People) -> None:
    create_users(people, "ann")
    (face,) = people.index("Ann")
    assert associate_faces(people, "ann", face, UserMatchThreshold=100)["AssociatedFaces"] == [{"FaceId": face}]


def test_a_user_that_loses_its_last_face_is_as_at_first(people: People) -> None:
    first, second = create_user_with_faces(people, "ann", "Ann", "Ann")
    for face, status in ((first, "ACTIVE"), (second, "CREATED")):
        response = people("DisassociateFaces", UserId="ann", FaceIds=[face])
        assert response == {
            "DisassociatedFaces": [{"FaceId": face}],
            "UnsuccessfulFaceDisassociations": [],
            "UserStatus": "UPDATING",
        }
        assert people("ListUsers") == {"Users": [{"UserId": "ann", "UserStatus": status}]}
    assert people("SearchUsers", UserId="ann")["UserMatches"] == []


def test_a_change_of_a_user_counts_from_its_end_on() -> None:
    clock = ManualClock(1000)
    with Emulator(vision="off", clock=clock, durations=Durations(user=5)) as emulator:
        people = People(emulator)
        create_users(people, "ann")
        (face,) = people.index("Ann")
        associate_faces(people, "ann", face)
        clock.advance(4.9)
        assert people("ListUsers")["Users"] == [{"UserId": "ann", "UserStatus": "UPDATING"}]
        assert people("SearchUsers", FaceId=face)["UserMatches"] == []
        text = ("ConflictException", "The user id: ann is being updated.")
        assert people.refusal("DisassociateFaces", UserId="ann", FaceIds=[face]) == text
        clock.advance(0.1)
        (match,) = people("SearchUsers", FaceId=face)["UserMatches"]
        assert match["User"] == {"UserId": "ann", "UserStatus": "ACTIVE"}


def test_the_same_token_returns_the_whole_first_response(people: People) -> None:
    create_users(people, "ann")
    faces = people.index("Ann", "Bob")
    members = {"UserId": "ann", "FaceIds": [*faces, UNKNOWN], "ClientRequestToken": "t"}
    for operation in ("AssociateFaces", "DisassociateFaces"):
        first = people(operation, **members)
        assert [people(operation, **members) for _ in range(2)] == [first] * 2
