"""Users of collections: their faces, states and searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.face_calls import UNKNOWN_FACE_ID, index_faces
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


@pytest.fixture
def face_ids(rekognition: Rekognition, control: ControlApi, collection: str) -> dict[str, str]:
    """Index three faces, and return their ids by name. The user Ann has her face, and the user Bob has none."""
    faces = {
        person: index_faces(rekognition, collection, control.image_of_people(person))[0]
        for person in ("Ann", "Bob", "Cid")
    }
    for user in ("Ann", "Bob"):
        rekognition("CreateUser", CollectionId=collection, UserId=user)
    rekognition("AssociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[faces["Ann"]])
    return faces


def user_statuses(rekognition: Rekognition, collection: str) -> dict[str, str]:
    users = rekognition("ListUsers", CollectionId=collection)["Users"]
    return {user["UserId"]: user["UserStatus"] for user in users}


def create_user(rekognition: Rekognition, collection: str, name: str, *faces: str) -> Json:
    """Create a user with faces, and return the members that identify it."""
    members = {"CollectionId": collection, "UserId": name}
    rekognition("CreateUser", **members)
    if faces:
        rekognition("AssociateFaces", **members, FaceIds=list(faces))
    return members


def matched_user_ids(response: Json) -> list[str]:
    return [match["User"]["UserId"] for match in response["UserMatches"]]


# --- states


def test_a_user_changes_from_created_to_updating_to_active(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    (ann,) = index_faces(rekognition, collection, control.image_of_people("Ann"))
    rekognition("CreateUser", CollectionId=collection, UserId="Ann")
    assert user_statuses(rekognition, collection) == {"Ann": "CREATED"}
    control.set_durations({"user": 10})
    response = rekognition("AssociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[ann])
    assert response["UserStatus"] == "UPDATING"
    assert user_statuses(rekognition, collection) == {"Ann": "UPDATING"}
    control.advance_clock(10)
    assert user_statuses(rekognition, collection) == {"Ann": "ACTIVE"}
    rekognition("DisassociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[ann])
    control.advance_clock(10)
    assert user_statuses(rekognition, collection) == {"Ann": "CREATED"}


def test_a_user_stays_active_while_it_has_faces(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    first, second = (index_faces(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(2))
    ann = create_user(rekognition, collection, "Ann", first, second)
    response = rekognition("DisassociateFaces", **ann, FaceIds=[first])
    assert response["UserStatus"] == "UPDATING"
    assert user_statuses(rekognition, collection) == {"Ann": "ACTIVE"}


def test_a_user_without_new_faces_does_not_change(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    control.set_durations({"user": 60})
    ann = create_user(rekognition, collection, "Ann")
    assert rekognition("AssociateFaces", **ann, FaceIds=[UNKNOWN_FACE_ID])["UserStatus"] == "CREATED"
    assert user_statuses(rekognition, collection) == {"Ann": "CREATED"}


def test_a_user_id_belongs_to_its_collection(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    create_user(rekognition, collection, "Ann")
    rekognition("CreateCollection", CollectionId="other")
    create_user(rekognition, "other", "Ann")
    rekognition("DeleteUser", CollectionId="other", UserId="Ann")
    assert user_statuses(rekognition, collection) == {"Ann": "CREATED"}


def test_users_are_listed_in_a_stable_order_without_unassociated_faces(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    index_faces(rekognition, collection, control.image_of_people("Ann", "Bob"))
    names = ["d", "a", "c", "b"]
    for name in names:
        create_user(rekognition, collection, name)
    order = list(user_statuses(rekognition, collection))
    assert sorted(order) == sorted(names)
    rekognition("DeleteUser", CollectionId=collection, UserId="a")
    assert list(user_statuses(rekognition, collection)) == [name for name in order if name != "a"]


def test_a_deleted_user_is_not_found(rekognition: Rekognition, collection: str) -> None:
    user = {"CollectionId": collection, "UserId": "Ann"}
    rekognition("CreateUser", **user)
    rekognition("DeleteUser", **user)
    assert rekognition.error_code("DeleteUser", **user) == "ResourceNotFoundException"


@pytest.mark.parametrize("operation", ["AssociateFaces", "DisassociateFaces", "SearchUsers"])
def test_an_unknown_user_is_not_found(rekognition: Rekognition, collection: str, operation: str) -> None:
    faces = {} if operation == "SearchUsers" else {"FaceIds": [UNKNOWN_FACE_ID]}
    code = rekognition.error_code(operation, CollectionId=collection, UserId="nobody", **faces)
    assert code == "ResourceNotFoundException"


# --- faces of users


def test_each_face_is_associated_or_has_a_reason(
    rekognition: Rekognition, collection: str, face_ids: dict[str, str]
) -> None:
    wanted = [*face_ids.values(), UNKNOWN_FACE_ID]
    response = rekognition("AssociateFaces", CollectionId=collection, UserId="Bob", FaceIds=wanted)
    assert len(response["AssociatedFaces"]) == 1  # the first free face passes, but then Cid is not similar to Bob
    reasons = {face["FaceId"]: face["Reasons"] for face in response["UnsuccessfulFaceAssociations"]}
    assert reasons == {
        face_ids["Ann"]: ["ASSOCIATED_TO_A_DIFFERENT_USER"],
        face_ids["Cid"]: ["LOW_MATCH_CONFIDENCE"],
        UNKNOWN_FACE_ID: ["FACE_NOT_FOUND"],
    }


def test_a_failed_association_has_the_other_user_or_the_confidence(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, bob, cid = (
        index_faces(rekognition, collection, control.image_of_people(person))[0] for person in ("Ann", "Bob", "Cid")
    )
    create_user(rekognition, collection, "Ann", ann)
    bobs = create_user(rekognition, collection, "Bob", bob)
    response = rekognition("AssociateFaces", **bobs, FaceIds=[ann, cid, cid])
    other_user, dissimilar = response["UnsuccessfulFaceAssociations"]
    assert other_user == {"FaceId": ann, "UserId": "Ann", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
    assert (dissimilar["FaceId"], dissimilar["Reasons"]) == (cid, ["LOW_MATCH_CONFIDENCE"])
    assert 0 <= dissimilar["Confidence"] < 75
    response = rekognition("AssociateFaces", **bobs, FaceIds=[cid, cid], UserMatchThreshold=0)
    assert response["AssociatedFaces"] == [{"FaceId": cid}]  # the same id twice is one


def test_a_face_associated_already_is_in_neither_list(
    rekognition: Rekognition, collection: str, face_ids: dict[str, str]
) -> None:
    response = rekognition("AssociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[face_ids["Ann"]])
    assert (response["AssociatedFaces"], response["UnsuccessfulFaceAssociations"]) == ([], [])


def test_the_first_face_needs_no_similarity(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index_faces(rekognition, collection, control.image_of_people("Ann"))
    members = create_user(rekognition, collection, "Ann")
    response = rekognition("AssociateFaces", **members, FaceIds=[ann], UserMatchThreshold=100)
    assert response["AssociatedFaces"] == [{"FaceId": ann}]


def test_a_user_has_at_most_a_hundred_faces(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    boxes = [{"BoundingBox": [0.01 * n, 0.1, 0.3, 0.3 - 0.001 * n], "Identity": "Ann"} for n in range(60)]
    faces = [
        face for _ in range(2) for face in index_faces(rekognition, collection, control.declared_image(faces=boxes))
    ]
    user = {"CollectionId": collection, "UserId": "Ann"}
    rekognition("CreateUser", **user)
    assert len(rekognition("AssociateFaces", **user, FaceIds=faces[:60])["AssociatedFaces"]) == 60
    response = rekognition("AssociateFaces", **user, FaceIds=faces[60:])
    assert (len(response["AssociatedFaces"]), len(response["UnsuccessfulFaceAssociations"])) == (40, 20)
    assert rekognition.error_code("AssociateFaces", **user, FaceIds=faces[100:]) == "ServiceQuotaExceededException"


def test_each_face_is_disassociated_or_has_a_reason(
    rekognition: Rekognition, collection: str, face_ids: dict[str, str]
) -> None:
    wanted = [*face_ids.values(), UNKNOWN_FACE_ID]
    response = rekognition("DisassociateFaces", CollectionId=collection, UserId="Bob", FaceIds=wanted)
    assert response["DisassociatedFaces"] == []
    reasons = {face["FaceId"]: face["Reasons"] for face in response["UnsuccessfulFaceDisassociations"]}
    assert reasons == {face_ids["Ann"]: ["ASSOCIATED_TO_A_DIFFERENT_USER"], UNKNOWN_FACE_ID: ["FACE_NOT_FOUND"]}
    response = rekognition("DisassociateFaces", CollectionId=collection, UserId="Ann", FaceIds=[face_ids["Ann"]])
    assert response["DisassociatedFaces"] == [{"FaceId": face_ids["Ann"]}]


def test_an_unassociated_face_is_in_neither_list_of_a_disassociation(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, free = (index_faces(rekognition, collection, control.image_of_people(person))[0] for person in ("Ann", "Bob"))
    members = create_user(rekognition, collection, "Ann", ann)
    response = rekognition("DisassociateFaces", **members, FaceIds=[free])
    assert (response["DisassociatedFaces"], response.get("UnsuccessfulFaceDisassociations", [])) == ([], [])
    assert response["UserStatus"] == "ACTIVE"


def test_a_users_face_is_not_deleted_until_the_user_is(
    rekognition: Rekognition, collection: str, face_ids: dict[str, str]
) -> None:
    ann = [face_ids["Ann"]]
    response = rekognition("DeleteFaces", CollectionId=collection, FaceIds=ann)
    assert response["UnsuccessfulFaceDeletions"] == [
        {"FaceId": face_ids["Ann"], "UserId": "Ann", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    ]
    rekognition("DeleteUser", CollectionId=collection, UserId="Ann")
    assert rekognition("DeleteFaces", CollectionId=collection, FaceIds=ann)["DeletedFaces"] == ann


def test_deleting_a_user_frees_its_faces(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index_faces(rekognition, collection, control.image_of_people("Ann"))
    rekognition("DeleteUser", **create_user(rekognition, collection, "Ann", ann))
    (face,) = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert "UserId" not in face
    response = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann"))
    assert "UserId" not in response["FaceMatches"][0]["Face"]
    bob = create_user(rekognition, collection, "Bob")
    assert rekognition("AssociateFaces", **bob, FaceIds=[ann])["AssociatedFaces"] == [{"FaceId": ann}]


def test_faces_have_the_id_of_their_user(
    rekognition: Rekognition, control: ControlApi, collection: str, face_ids: dict[str, str]
) -> None:
    searched = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann"))[
        "FaceMatches"
    ]
    assert [match["Face"]["UserId"] for match in searched] == ["Ann"]
    faces = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert {face["FaceId"]: face.get("UserId") for face in faces}[face_ids["Bob"]] is None


# --- searches


def test_users_are_searched_by_face_image_and_user(
    rekognition: Rekognition, control: ControlApi, collection: str, face_ids: dict[str, str]
) -> None:
    by_face = rekognition("SearchUsers", CollectionId=collection, FaceId=face_ids["Ann"])
    assert [match["User"]["UserId"] for match in by_face["UserMatches"]] == ["Ann"]
    assert (by_face["SearchedFace"], "SearchedUser" in by_face) == ({"FaceId": face_ids["Ann"]}, False)
    by_user = rekognition("SearchUsers", CollectionId=collection, UserId="Ann")
    assert (by_user["UserMatches"], by_user["SearchedUser"]) == ([], {"UserId": "Ann"})
    by_image = rekognition("SearchUsersByImage", CollectionId=collection, Image=control.image_of_people("Ann", "Bob"))
    assert [match["User"]["UserId"] for match in by_image["UserMatches"]] == ["Ann"]
    assert set(by_image["SearchedFace"]) == {"FaceDetail"}
    assert [face["Reasons"] for face in by_image["UnsearchedFaces"]] == [["FACE_NOT_LARGEST"]]


def test_matching_users_are_ordered_by_similarity_and_limited(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    faces = [index_faces(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(3)]
    for number, face in enumerate(faces):
        create_user(rekognition, collection, f"Ann-{number}", face)
    create_user(rekognition, collection, "nobody")
    members = {"CollectionId": collection, "FaceId": faces[2]}
    matches = rekognition("SearchUsers", **members)["UserMatches"]
    similarities = [match["Similarity"] for match in matches]
    assert (len(matches), similarities) == (3, sorted(similarities, reverse=True))
    assert {match["User"]["UserStatus"] for match in matches} == {"ACTIVE"}
    assert rekognition("SearchUsers", **members, MaxUsers=2)["UserMatches"] == matches[:2]
    assert rekognition("SearchUsers", **members, UserMatchThreshold=similarities[0])["UserMatches"] == matches[:1]
    by_image = {"CollectionId": collection, "Image": control.image_of_people("Ann")}
    assert len(rekognition("SearchUsersByImage", **by_image)["UserMatches"]) == 3
    assert len(rekognition("SearchUsersByImage", **by_image, MaxUsers=1)["UserMatches"]) == 1
    by_user = rekognition("SearchUsers", CollectionId=collection, UserId="Ann-0")
    assert sorted(matched_user_ids(by_user)) == ["Ann-1", "Ann-2"]
    assert len(matched_user_ids(rekognition("SearchUsers", CollectionId=collection, UserId="Ann-0", MaxUsers=1))) == 1
    assert matched_user_ids(rekognition("SearchUsers", CollectionId=collection, UserId="nobody")) == []


def test_a_search_without_a_matching_user_is_empty(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    (ann,) = index_faces(rekognition, collection, control.image_of_people("Ann"))
    response = rekognition("SearchUsers", CollectionId=collection, FaceId=ann)
    assert (response["UserMatches"], response["SearchedFace"]) == ([], {"FaceId": ann})
    assert response["FaceModelVersion"]
    code = rekognition.error_code("SearchUsers", CollectionId=collection, FaceId=UNKNOWN_FACE_ID)
    assert code == "InvalidParameterException"


@pytest.mark.parametrize("members", [{}, {"UserId": "u", "FaceId": UNKNOWN_FACE_ID}])
def test_a_user_search_needs_either_a_face_or_a_user(
    rekognition: Rekognition, collection: str, members: dict[str, str]
) -> None:
    assert rekognition.error_code("SearchUsers", CollectionId=collection, **members) == "InvalidParameterException"
