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
    answer = people("SearchUsers", FaceId=face_id)
    assert answer["SearchedFace"] == {"FaceId": face_id}
    assert "SearchedUser" not in answer
    assert answer["FaceModelVersion"] == "7.0"
    (match,) = answer["UserMatches"]
    assert match["User"] == {"UserId": "ann", "UserStatus": "ACTIVE"}
    assert match["Similarity"] > 98


def test_users_are_found_by_a_user_but_not_itself(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    create_user_with_faces(people, "anna", "Ann")
    create_user_with_faces(people, "bob", "Bob")
    answer = people("SearchUsers", UserId="ann")
    assert answer["SearchedUser"] == {"UserId": "ann"}
    assert "SearchedFace" not in answer
    assert matched_user_ids(answer) == ["anna"]


def test_a_user_is_like_the_middle_of_its_faces(people: People) -> None:
    create_user_with_faces(people, "both", "Ann", "Bob")
    ann, bob, cid = (people.index(who)[0] for who in ("Ann", "Bob", "Cid"))
    likeness = [
        people("SearchUsers", FaceId=face_id, UserMatchThreshold=0)["UserMatches"][0]["Similarity"]
        for face_id in (ann, bob, cid)
    ]
    assert min(likeness[:2]) > 95 > 20 > likeness[2]


def test_a_user_without_faces_matches_nobody_and_finds_nobody(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    create_users(people, "empty")
    assert matched_user_ids(people("SearchUsers", UserId="empty", UserMatchThreshold=0)) == []
    assert matched_user_ids(people("SearchUsers", UserId="ann", UserMatchThreshold=0)) == []


@pytest.mark.parametrize("members", [{}, {"FaceId": UNKNOWN, "UserId": "ann"}])
def test_a_search_wants_a_face_or_a_user(people: People, members: dict[str, str]) -> None:
    assert people.refusal("SearchUsers", **members)[0] == "InvalidParameterException"


def test_an_unknown_face_or_user_is_not_searched_for(people: People) -> None:
    assert people.refusal("SearchUsers", FaceId=UNKNOWN)[0] == "InvalidParameterException"
    assert people.refusal("SearchUsers", UserId="ann")[0] == "ResourceNotFoundException"


def test_the_users_come_with_the_most_similar_first_and_are_cut(people: People) -> None:
    for user, who in (("ann", "Ann"), ("bob", "Bob"), ("cid", "Cid")):
        create_user_with_faces(people, user, who)
    (face_id,) = people.index("Bob")
    matches = people("SearchUsers", FaceId=face_id, UserMatchThreshold=0)["UserMatches"]
    similarities = [match["Similarity"] for match in matches]
    assert len(matches) == 3
    assert similarities == sorted(similarities, reverse=True)
    assert matched_user_ids(people("SearchUsers", FaceId=face_id, UserMatchThreshold=0, MaxUsers=1)) == ["bob"]
    assert matched_user_ids(people("SearchUsers", FaceId=face_id, UserMatchThreshold=similarities[0])) == ["bob"]


def by_image(people: People, *who: Any, **members: Any) -> dict[str, Any]:
    return people("SearchUsersByImage", Image={"Bytes": people.image(*who)}, **members)


def test_an_image_finds_the_user_of_its_largest_face(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    create_user_with_faces(people, "bob", "Bob")
    answer = by_image(people, "Ann", "Bob")
    assert matched_user_ids(answer) == ["ann"]
    (left,) = answer["UnsearchedFaces"]
    assert left["Reasons"] == ["FACE_NOT_LARGEST"]
    searched = answer["SearchedFace"]["FaceDetail"]["BoundingBox"]
    assert left["FaceDetails"]["BoundingBox"]["Width"] < searched["Width"]


def test_no_face_in_the_image_is_an_answer(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    answer = by_image(people)
    assert answer == {"UserMatches": [], "UnsearchedFaces": [], "FaceModelVersion": "7.0"}


def test_faces_of_low_quality_are_told_and_not_searched_for(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    blurred = {"Identity": "Ann", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
    answer = by_image(people, blurred, QualityFilter="LOW")
    assert answer["UserMatches"] == []
    assert "SearchedFace" not in answer
    assert [face["Reasons"] for face in answer["UnsearchedFaces"]] == [["LOW_SHARPNESS"]]
    assert matched_user_ids(by_image(people, blurred)) == ["ann"]


def test_a_smaller_face_may_be_of_low_quality_too(people: People) -> None:
    blurred = {"Identity": "Bob", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
    answer = by_image(people, blurred, "Ann", blurred, QualityFilter="LOW")
    reasons = [face["Reasons"] for face in answer["UnsearchedFaces"]]
    assert reasons == [["LOW_SHARPNESS"], ["LOW_SHARPNESS", "FACE_NOT_LARGEST"]]
