"""Users of collections, beyond test_collections.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.test_collections import NOBODY, index, status

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


def user(rekognition: Rekognition, collection: str, name: str, *faces: str) -> Json:
    """Make a user with faces, and return the members that name it."""
    members = {"CollectionId": collection, "UserId": name}
    rekognition("CreateUser", **members)
    if faces:
        rekognition("AssociateFaces", **members, FaceIds=list(faces))
    return members


def matched(answer: Json) -> list[str]:
    return [match["User"]["UserId"] for match in answer["UserMatches"]]


def test_a_user_id_belongs_to_its_collection(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    user(rekognition, collection, "Ann")
    rekognition("CreateCollection", CollectionId="other")
    user(rekognition, "other", "Ann")
    rekognition("DeleteUser", CollectionId="other", UserId="Ann")
    assert status(rekognition, collection) == {"Ann": "CREATED"}


def test_a_user_stays_active_while_it_has_faces(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    first, second = (index(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(2))
    ann = user(rekognition, collection, "Ann", first, second)
    answer = rekognition("DisassociateFaces", **ann, FaceIds=[first])
    assert answer["UserStatus"] == "UPDATING"
    assert status(rekognition, collection) == {"Ann": "ACTIVE"}


def test_a_user_that_takes_no_face_does_not_change(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    control.set_durations({"user": 60})
    ann = user(rekognition, collection, "Ann")
    assert rekognition("AssociateFaces", **ann, FaceIds=[NOBODY])["UserStatus"] == "CREATED"
    assert status(rekognition, collection) == {"Ann": "CREATED"}


def test_why_a_face_is_not_taken_is_told_with_whose_and_how_sure(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, bob, cid = (index(rekognition, collection, control.image_of_people(who))[0] for who in ("Ann", "Bob", "Cid"))
    user(rekognition, collection, "Ann", ann)
    bobs = user(rekognition, collection, "Bob", bob)
    answer = rekognition("AssociateFaces", **bobs, FaceIds=[ann, cid, cid])
    whose, unlike = answer["UnsuccessfulFaceAssociations"]
    assert whose == {"FaceId": ann, "UserId": "Ann", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
    assert (unlike["FaceId"], unlike["Reasons"]) == (cid, ["LOW_MATCH_CONFIDENCE"])
    assert 0 <= unlike["Confidence"] < 75
    answer = rekognition("AssociateFaces", **bobs, FaceIds=[cid, cid], UserMatchThreshold=0)
    assert answer["AssociatedFaces"] == [{"FaceId": cid}]  # the same id twice is one


def test_the_first_face_needs_no_likeness(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index(rekognition, collection, control.image_of_people("Ann"))
    members = user(rekognition, collection, "Ann")
    answer = rekognition("AssociateFaces", **members, FaceIds=[ann], UserMatchThreshold=100)
    assert answer["AssociatedFaces"] == [{"FaceId": ann}]


def test_a_free_face_is_in_neither_list_when_it_is_taken_away(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, free = (index(rekognition, collection, control.image_of_people(who))[0] for who in ("Ann", "Bob"))
    members = user(rekognition, collection, "Ann", ann)
    answer = rekognition("DisassociateFaces", **members, FaceIds=[free])
    assert (answer["DisassociatedFaces"], answer.get("UnsuccessfulFaceDisassociations", [])) == ([], [])
    assert answer["UserStatus"] == "ACTIVE"


@pytest.mark.parametrize("operation", ["AssociateFaces", "DisassociateFaces", "SearchUsers"])
def test_a_user_that_is_not_there_is_not_found(rekognition: Rekognition, collection: str, operation: str) -> None:
    faces = {} if operation == "SearchUsers" else {"FaceIds": [NOBODY]}
    code = rekognition.error_code(operation, CollectionId=collection, UserId="nobody", **faces)
    assert code == "ResourceNotFoundException"


def test_users_keep_their_order_and_the_holder_of_free_faces_is_none(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    index(rekognition, collection, control.image_of_people("Ann", "Bob"))
    names = ["d", "a", "c", "b"]
    for name in names:
        user(rekognition, collection, name)
    order = list(status(rekognition, collection))
    assert sorted(order) == sorted(names)
    rekognition("DeleteUser", CollectionId=collection, UserId="a")
    assert list(status(rekognition, collection)) == [name for name in order if name != "a"]


def test_a_face_of_a_deleted_user_is_free(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index(rekognition, collection, control.image_of_people("Ann"))
    rekognition("DeleteUser", **user(rekognition, collection, "Ann", ann))
    (face,) = rekognition("ListFaces", CollectionId=collection)["Faces"]
    assert "UserId" not in face
    answer = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann"))
    assert "UserId" not in answer["FaceMatches"][0]["Face"]
    bob = user(rekognition, collection, "Bob")
    assert rekognition("AssociateFaces", **bob, FaceIds=[ann])["AssociatedFaces"] == [{"FaceId": ann}]


def test_found_users_are_the_best_first_and_no_more_than_asked_for(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    faces = [index(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(3)]
    for number, face in enumerate(faces):
        user(rekognition, collection, f"Ann-{number}", face)
    user(rekognition, collection, "nobody")
    members = {"CollectionId": collection, "FaceId": faces[2]}
    whole = rekognition("SearchUsers", **members)["UserMatches"]
    similarities = [match["Similarity"] for match in whole]
    assert (len(whole), similarities) == (3, sorted(similarities, reverse=True))
    assert {match["User"]["UserStatus"] for match in whole} == {"ACTIVE"}
    assert rekognition("SearchUsers", **members, MaxUsers=2)["UserMatches"] == whole[:2]
    assert rekognition("SearchUsers", **members, UserMatchThreshold=similarities[0])["UserMatches"] == whole[:1]
    by_image = {"CollectionId": collection, "Image": control.image_of_people("Ann")}
    assert len(rekognition("SearchUsersByImage", **by_image)["UserMatches"]) == 3
    assert len(rekognition("SearchUsersByImage", **by_image, MaxUsers=1)["UserMatches"]) == 1
    by_user = rekognition("SearchUsers", CollectionId=collection, UserId="Ann-0")
    assert sorted(matched(by_user)) == ["Ann-1", "Ann-2"]
    assert len(matched(rekognition("SearchUsers", CollectionId=collection, UserId="Ann-0", MaxUsers=1))) == 1
    assert matched(rekognition("SearchUsers", CollectionId=collection, UserId="nobody")) == []


def test_a_face_without_users_searches_in_vain(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index(rekognition, collection, control.image_of_people("Ann"))
    answer = rekognition("SearchUsers", CollectionId=collection, FaceId=ann)
    assert (answer["UserMatches"], answer["SearchedFace"]) == ([], {"FaceId": ann})
    assert answer["FaceModelVersion"]
    code = rekognition.error_code("SearchUsers", CollectionId=collection, FaceId=NOBODY)
    assert code == "InvalidParameterException"
