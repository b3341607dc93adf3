"""SearchUsers and SearchUsersByImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.users import create_user_with_faces, create_users, matched_user_ids

if TYPE_CHECKING:
    from tests.kit.people import People

UNKNOWN = "00000000-0000-0000-0000-000000000000"


# Search


def test_users_are_found_by_a_face(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann", "Ann")
    create_user_with_faces(people, "bob", "Bob")
    (face_id,) = people.index("Ann")
    response = people("SearchUsers", FaceId=face_id)
    assert response["SearchedFace"] == {"FaceId": face_id}
    assert "SearchedUser" not in response
    assert response["FaceModelVersion"] == "7.0"
    (match,) = response["UserMatches"]
    assert match["User"] == {"UserId": "ann", "UserStatus": "ACTIVE"}
    assert match["Similarity"] > 98


def test_users_are_found_by_a_user_but_not_itself(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    create_user_with_faces(people, "anna", "Ann")
    create_user_with_faces(people, "bob", "Bob")
    response = people("SearchUsers", UserId="ann")
    assert response["SearchedUser"] == {"UserId": "ann"}
    assert "SearchedFace" not in response
    assert matched_user_ids(response) == ["anna"]


def test_a_user_is_compared_by_the_mean_of_its_faces(people: People) -> None:
    create_user_with_faces(people, "both", "Ann", "Bob")
    ann, bob, cid = (people.index(person)[0] for person in ("Ann", "Bob", "Cid"))
    likeness = [
        people("SearchUsers", FaceId=face_id, UserMatchThreshold=0)["UserMatches"][0]["Similarity"]
        for face_id in (ann, bob, cid)
    ]
    assert min(likeness[:2]) > 95 > 20 > likeness[2]


def test_a_user_without_faces_matches_no_user_and_is_matched_by_none(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    create_users(people, "empty")
    assert matched_user_ids(people("SearchUsers", UserId="empty", UserMatchThreshold=0)) == []
    assert matched_user_ids(people("SearchUsers", UserId="ann", UserMatchThreshold=0)) == []


@pytest.mark.parametrize("members", [{}, {"FaceId": UNKNOWN, "UserId": "ann"}])
def test_a_search_requires_a_face_or_a_user(people: People, members: dict[str, str]) -> None:
    assert people.refusal("SearchUsers", **members) == (
        "InvalidParameterException",
        "Request should contain either UserId or FaceId.",
    )


def test_an_unknown_face_or_user_is_refused(people: People) -> None:
    assert people.refusal("SearchUsers", FaceId=UNKNOWN) == (
        "InvalidParameterException",
        "faceId was not found in the collection.",
    )
    assert people.refusal("SearchUsers", UserId="ann")[0] == "ResourceNotFoundException"


def test_users_are_ordered_by_descending_similarity_and_limited(people: People) -> None:
    for user, person in (("ann", "Ann"), ("bob", "Bob"), ("cid", "Cid")):
        create_user_with_faces(people, user, person)
    (face_id,) = people.index("Bob")
    matches = people("SearchUsers", FaceId=face_id, UserMatchThreshold=0)["UserMatches"]
    similarities = [match["Similarity"] for match in matches]
    assert len(matches) == 3
    assert similarities == sorted(similarities, reverse=True)
    assert matched_user_ids(people("SearchUsers", FaceId=face_id, UserMatchThreshold=0, MaxUsers=1)) == ["bob"]
    assert matched_user_ids(people("SearchUsers", FaceId=face_id, UserMatchThreshold=similarities[0])) == ["bob"]


def by_image(people: People, *person: Any, **members: Any) -> dict[str, Any]:
    return people("SearchUsersByImage", Image={"Bytes": people.image(*person)}, **members)


def test_an_image_finds_the_user_of_its_largest_face(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    create_user_with_faces(people, "bob", "Bob")
    response = by_image(people, "Ann", "Bob")
    assert matched_user_ids(response) == ["ann"]
    (left,) = response["UnsearchedFaces"]
    assert left["Reasons"] == ["FACE_NOT_LARGEST"]
    searched = response["SearchedFace"]["FaceDetail"]["BoundingBox"]
    assert left["FaceDetails"]["BoundingBox"]["Width"] < searched["Width"]


def test_an_image_without_a_face_returns_no_users(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    response = by_image(people)
    assert response == {"UserMatches": [], "UnsearchedFaces": [], "FaceModelVersion": "7.0"}


def test_faces_of_low_quality_are_reported_and_not_searched_for(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    blurred = {"Identity": "Ann", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
    response = by_image(people, blurred, QualityFilter="LOW")
    assert response["UserMatches"] == []
    assert "SearchedFace" not in response
    assert [face["Reasons"] for face in response["UnsearchedFaces"]] == [["LOW_SHARPNESS"]]
    assert matched_user_ids(by_image(people, blurred)) == ["ann"]


def test_a_smaller_face_can_also_have_low_quality(people: People) -> None:
    blurred = {"Identity": "Bob", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
    response = by_image(people, blurred, "Ann", blurred, QualityFilter="LOW")
    reasons = [face["Reasons"] for face in response["UnsearchedFaces"]]
    assert reasons == [["LOW_SHARPNESS"], ["LOW_SHARPNESS", "FACE_NOT_LARGEST"]]
