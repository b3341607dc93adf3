"""Collections and their faces, with users, as far as they can be seen from outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json

NOBODY = "00000000-0000-0000-0000-000000000000"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def index(rekognition: Rekognition, collection: str, image: Json, **members: object) -> list[str]:
    answer = rekognition("IndexFaces", CollectionId=collection, Image=image, **members)
    return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]


def listed(rekognition: Rekognition, collection: str, **members: object) -> list[str]:
    return [face["FaceId"] for face in rekognition("ListFaces", CollectionId=collection, **members)["Faces"]]


# --- collections


def test_a_collection_is_described_as_it_was_made(rekognition: Rekognition, name: str) -> None:
    made = rekognition("CreateCollection", CollectionId=name)
    found = rekognition("DescribeCollection", CollectionId=name)
    assert (made["StatusCode"], found["FaceCount"], found["UserCount"]) == (200, 0, 0)
    assert found["FaceModelVersion"] == made["FaceModelVersion"]
    assert found["CollectionARN"].endswith(f":collection/{name}")
    assert found["CollectionARN"] == f"arn:{made['CollectionArn'].removeprefix('arn:')}"
    assert rekognition("DeleteCollection", CollectionId=name) == {"StatusCode": 200}


def test_a_deleted_collection_is_gone_for_all_operations(
    rekognition: Rekognition, collection: str, astronaut: Json
) -> None:
    rekognition("DeleteCollection", CollectionId=collection)
    calls: dict[str, Json] = {
        "DescribeCollection": {},
        "DeleteCollection": {},
        "ListFaces": {},
        "DeleteFaces": {"FaceIds": [NOBODY]},
        "IndexFaces": {"Image": astronaut},
        "SearchFaces": {"FaceId": NOBODY},
        "SearchFacesByImage": {"Image": astronaut},
        "CreateUser": {"UserId": "Ann"},
        "DeleteUser": {"UserId": "Ann"},
        "ListUsers": {},
        "AssociateFaces": {"UserId": "Ann", "FaceIds": [NOBODY]},
        "DisassociateFaces": {"UserId": "Ann", "FaceIds": [NOBODY]},
        "SearchUsers": {"UserId": "Ann"},
        "SearchUsersByImage": {"Image": astronaut},
    }
    for operation, members in calls.items():
        code = rekognition.error_code(operation, CollectionId=collection, **members)
        assert (operation, code) == (operation, "ResourceNotFoundException")


def test_collection_ids_have_a_case(rekognition: Rekognition, collection: str) -> None:
    assert rekognition.error_code("DescribeCollection", CollectionId=collection.upper()) == "ResourceNotFoundException"


def test_collections_are_listed_with_their_face_models(rekognition: Rekognition, collection: str) -> None:
    pages = rekognition.pages("ListCollections", "CollectionIds", MaxResults=4096)
    assert collection in [name for page in pages for name in page]
    answer = rekognition("ListCollections")
    assert len(answer["CollectionIds"]) == len(answer["FaceModelVersions"])


# --- faces of photographs


def test_an_indexed_face_is_found_by_another_look_at_it(
    rekognition: Rekognition, collection: str, astronaut: Json, hopper: Json
) -> None:
    (face,) = index(rekognition, collection, astronaut, ExternalImageId="astronaut:1")
    index(rekognition, collection, hopper)
    found = rekognition("SearchFacesByImage", CollectionId=collection, Image=astronaut)
    (match,) = found["FaceMatches"]
    assert (match["Face"]["FaceId"], match["Face"]["ExternalImageId"]) == (face, "astronaut:1")
    assert match["Similarity"] > 99
    assert found["SearchedFaceConfidence"] > 50
    assert set(found["SearchedFaceBoundingBox"]) == {"Left", "Top", "Width", "Height"}


def test_what_is_stored_of_a_face_is_listed(rekognition: Rekognition, collection: str, astronaut: Json) -> None:
    answer = rekognition("IndexFaces", CollectionId=collection, Image=astronaut)
    (record,) = answer["FaceRecords"]
    page = rekognition("ListFaces", CollectionId=collection)
    (face,) = page["Faces"]
    assert (face["FaceId"], face["ImageId"]) == (record["Face"]["FaceId"], record["Face"]["ImageId"])
    assert _UUID.fullmatch(face["FaceId"])
    assert _UUID.fullmatch(face["ImageId"])
    assert re.fullmatch(r"[0-9.]+", face["IndexFacesModelVersion"])
    assert page["FaceModelVersion"] == answer["FaceModelVersion"]
    assert "OrientationCorrection" not in answer
    assert set(record["FaceDetail"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_the_same_image_again_stores_no_second_copy(rekognition: Rekognition, collection: str, astronaut: Json) -> None:
    first = index(rekognition, collection, astronaut, ExternalImageId="a")
    assert index(rekognition, collection, astronaut, ExternalImageId="a") == first
    assert rekognition("DescribeCollection", CollectionId=collection)["FaceCount"] == 1


def test_the_searched_face_is_not_among_its_matches(rekognition: Rekognition, collection: str, astronaut: Json) -> None:
    (face,) = index(rekognition, collection, astronaut)
    answer = rekognition("SearchFaces", CollectionId=collection, FaceId=face)
    assert (answer["SearchedFaceId"], answer["FaceMatches"]) == (face, [])


def test_a_face_that_is_not_there_is_an_invalid_parameter(rekognition: Rekognition, collection: str) -> None:
    refusal = rekognition.refusal("SearchFaces", CollectionId=collection, FaceId=NOBODY)
    assert refusal.code == "InvalidParameterException"
    assert "was not found in the collection" in refusal.message


def test_deleting_faces_tells_which_were_not_there(rekognition: Rekognition, collection: str, astronaut: Json) -> None:
    (face,) = index(rekognition, collection, astronaut)
    answer = rekognition("DeleteFaces", CollectionId=collection, FaceIds=[face, NOBODY])
    assert answer["DeletedFaces"] == [face]
    assert answer["UnsuccessfulFaceDeletions"] == [{"FaceId": NOBODY, "Reasons": ["FACE_NOT_FOUND"]}]
    assert listed(rekognition, collection) == []


def test_an_image_without_a_face_stores_nothing(rekognition: Rekognition, collection: str) -> None:
    answer = rekognition("IndexFaces", CollectionId=collection, Image={"Bytes": blank_png()})
    assert answer["FaceRecords"] == []
    assert rekognition("DescribeCollection", CollectionId=collection)["FaceCount"] == 0


# --- faces that are declared


def test_faces_are_stored_by_size_the_largest_first(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    answer = rekognition("IndexFaces", CollectionId=collection, Image=control.image_of_people("Ann", "Bob", "Cid"))
    widths = [record["Face"]["BoundingBox"]["Width"] for record in answer["FaceRecords"]]
    assert widths == sorted(widths, reverse=True)
    assert len({record["Face"]["ImageId"] for record in answer["FaceRecords"]}) == 1


def test_faces_over_max_faces_are_told_but_not_stored(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    answer = rekognition(
        "IndexFaces", CollectionId=collection, Image=control.image_of_people("Ann", "Bob", "Cid"), MaxFaces=1
    )
    assert len(answer["FaceRecords"]) == 1
    assert [face["Reasons"] for face in answer["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 2


def test_a_search_has_the_best_first_and_no_more_than_asked_for(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    faces = [index(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(4)]
    found = rekognition("SearchFaces", CollectionId=collection, FaceId=faces[0])["FaceMatches"]
    similarities = [match["Similarity"] for match in found]
    assert {match["Face"]["FaceId"] for match in found} == set(faces[1:])
    assert similarities == sorted(similarities, reverse=True)
    cut = rekognition("SearchFaces", CollectionId=collection, FaceId=faces[0], MaxFaces=2)["FaceMatches"]
    assert cut == found[:2]


def test_a_threshold_keeps_what_reaches_it(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    ann, other = (index(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(2))

    def found(threshold: float) -> list[str]:
        answer = rekognition("SearchFaces", CollectionId=collection, FaceId=ann, FaceMatchThreshold=threshold)
        return [match["Face"]["FaceId"] for match in answer["FaceMatches"]]

    (match,) = rekognition("SearchFaces", CollectionId=collection, FaceId=ann)["FaceMatches"]
    assert match["Similarity"] >= 80
    assert found(80) == [other]
    assert found(0) == [other]
    assert found(100) == ([other] if match["Similarity"] == 100 else [])


def test_listing_by_face_ids_and_user_needs_both(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, bob = index(rekognition, collection, control.image_of_people("Ann", "Bob"))
    rekognition("CreateUser", CollectionId=collection, UserId="u")
    rekognition("AssociateFaces", CollectionId=collection, UserId="u", FaceIds=[ann])
    assert listed(rekognition, collection) == [ann, bob]
    assert listed(rekognition, collection, FaceIds=[bob, NOBODY]) == [bob]
    assert listed(rekognition, collection, UserId="u") == [ann]
    assert listed(rekognition, collection, UserId="u", FaceIds=[bob]) == []


# --- users


@pytest.fixture
def people(rekognition: Rekognition, control: ControlApi, collection: str) -> dict[str, str]:
    """Face ids by names; users Ann, who has hers, and Bob, who has none."""
    faces = {who: index(rekognition, collection, control.image_of_people(who))[0] for who in ("Ann", "Bob", "Cid")}
    for user in ("Ann", "Bob"):
        rekognition("CreateUser", CollectionId=collection, UserId=user)
    rekognition("AssociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[faces["Ann"]])
    return faces


def status(rekognition: Rekognition, collection: str) -> dict[str, str]:
    users = rekognition("ListUsers", CollectionId=collection)["Users"]
    return {user["UserId"]: user["UserStatus"] for user in users}


def test_a_user_is_created_updating_and_active(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index(rekognition, collection, control.image_of_people("Ann"))
    rekognition("CreateUser", CollectionId=collection, UserId="Ann")
    assert status(rekognition, collection) == {"Ann": "CREATED"}
    control.set_durations({"user": 10})
    answer = rekognition("AssociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[ann])
    assert answer["UserStatus"] == "UPDATING"
    assert status(rekognition, collection) == {"Ann": "UPDATING"}
    control.advance_clock(10)
    assert status(rekognition, collection) == {"Ann": "ACTIVE"}
    rekognition("DisassociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[ann])
    control.advance_clock(10)
    assert status(rekognition, collection) == {"Ann": "CREATED"}


def test_each_face_is_associated_or_told_why_not(
    rekognition: Rekognition, collection: str, people: dict[str, str]
) -> None:
    wanted = [*people.values(), NOBODY]
    answer = rekognition("AssociateFaces", CollectionId=collection, UserId="Bob", FaceIds=wanted)
    assert len(answer["AssociatedFaces"]) == 1  # the first free face passes, and then Cid is not like Bob
    control_api = {face["FaceId"]: face["Reasons"] for face in answer["UnsuccessfulFaceAssociations"]}
    assert control_api == {
        people["Ann"]: ["ASSOCIATED_TO_A_DIFFERENT_USER"],
        people["Cid"]: ["LOW_MATCH_CONFIDENCE"],
        NOBODY: ["FACE_NOT_FOUND"],
    }


def test_a_face_that_a_user_has_already_is_in_neither_list(
    rekognition: Rekognition, collection: str, people: dict[str, str]
) -> None:
    answer = rekognition("AssociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[people["Ann"]])
    assert (answer["AssociatedFaces"], answer["UnsuccessfulFaceAssociations"]) == ([], [])


def test_each_face_is_disassociated_or_told_why_not(
    rekognition: Rekognition, collection: str, people: dict[str, str]
) -> None:
    wanted = [*people.values(), NOBODY]
    answer = rekognition("DisassociateFaces", CollectionId=collection, UserId="Bob", FaceIds=wanted)
    assert answer["DisassociatedFaces"] == []
    control_api = {face["FaceId"]: face["Reasons"] for face in answer["UnsuccessfulFaceDisassociations"]}
    assert control_api == {people["Ann"]: ["ASSOCIATED_TO_A_DIFFERENT_USER"], NOBODY: ["FACE_NOT_FOUND"]}
    answer = rekognition("DisassociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[people["Ann"]])
    assert answer["DisassociatedFaces"] == [{"FaceId": people["Ann"]}]


def test_a_users_face_is_not_deleted_until_the_user_is(
    rekognition: Rekognition, collection: str, people: dict[str, str]
) -> None:
    ann = [people["Ann"]]
    answer = rekognition("DeleteFaces", CollectionId=collection, FaceIds=ann)
    assert answer["UnsuccessfulFaceDeletions"] == [
        {"FaceId": people["Ann"], "UserId": "Ann", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    ]
    rekognition("DeleteUser", CollectionId=collection, UserId="Ann")
    assert rekognition("DeleteFaces", CollectionId=collection, FaceIds=ann)["DeletedFaces"] == ann


def test_a_users_name_is_on_its_faces(
    rekognition: Rekognition, control: ControlApi, collection: str, people: dict[str, str]
) -> None:
    searched = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann"))[
        "FaceMatches"
    ]
    assert [match["Face"]["UserId"] for match in searched] == ["Ann"]
    faces = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert {face["FaceId"]: face.get("UserId") for face in faces}[people["Bob"]] is None


def test_users_are_found_by_a_face_an_image_and_each_other(
    rekognition: Rekognition, control: ControlApi, collection: str, people: dict[str, str]
) -> None:
    by_face = rekognition("SearchUsers", CollectionId=collection, FaceId=people["Ann"])
    assert [match["User"]["UserId"] for match in by_face["UserMatches"]] == ["Ann"]
    assert (by_face["SearchedFace"], "SearchedUser" in by_face) == ({"FaceId": people["Ann"]}, False)
    by_user = rekognition("SearchUsers", CollectionId=collection, UserId="Ann")
    assert (by_user["UserMatches"], by_user["SearchedUser"]) == ([], {"UserId": "Ann"})
    by_image = rekognition("SearchUsersByImage", CollectionId=collection, Image=control.image_of_people("Ann", "Bob"))
    assert [match["User"]["UserId"] for match in by_image["UserMatches"]] == ["Ann"]
    assert set(by_image["SearchedFace"]) == {"FaceDetail"}
    assert [face["Reasons"] for face in by_image["UnsearchedFaces"]] == [["FACE_NOT_LARGEST"]]


@pytest.mark.parametrize("members", [{}, {"UserId": "u", "FaceId": NOBODY}])
def test_a_user_search_needs_one_of_face_and_user(
    rekognition: Rekognition, collection: str, members: dict[str, str]
) -> None:
    assert rekognition.error_code("SearchUsers", CollectionId=collection, **members) == "InvalidParameterException"


def test_a_user_that_is_gone_is_not_found(rekognition: Rekognition, collection: str) -> None:
    user = {"CollectionId": collection, "UserId": "Ann"}
    rekognition("CreateUser", **user)
    rekognition("DeleteUser", **user)
    assert rekognition.error_code("DeleteUser", **user) == "ResourceNotFoundException"


def test_a_user_holds_a_hundred_faces(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    boxes = [{"BoundingBox": [0.01 * n, 0.1, 0.3, 0.3 - 0.001 * n], "Identity": "Ann"} for n in range(60)]
    faces = [face for _ in range(2) for face in index(rekognition, collection, control.declared_image(faces=boxes))]
    user = {"CollectionId": collection, "UserId": "Ann"}
    rekognition("CreateUser", **user)
    assert len(rekognition("AssociateFaces", **user, FaceIds=faces[:60])["AssociatedFaces"]) == 60
    answer = rekognition("AssociateFaces", **user, FaceIds=faces[60:])
    assert (len(answer["AssociatedFaces"]), len(answer["UnsuccessfulFaceAssociations"])) == (40, 20)
    assert rekognition.error_code("AssociateFaces", **user, FaceIds=faces[100:]) == "ServiceQuotaExceededException"
