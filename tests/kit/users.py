"""Calls for users of a collection, and values of their responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.kit.people import People


def create_users(people: People, *users: str) -> None:
    for user in users:
        people("CreateUser", UserId=user)


def associate_faces(people: People, user: str, *face_ids: str, **members: Any) -> dict[str, Any]:
    return people("AssociateFaces", UserId=user, FaceIds=list(face_ids), **members)


def create_user_with_faces(people: People, user: str, *names: str) -> list[str]:
    """Create a user with the faces of new images of people, and return the face ids."""
    create_users(people, user)
    ids = [people.index(name)[0] for name in names]
    associate_faces(people, user, *ids, UserMatchThreshold=0)
    return ids


def user_statuses(people: People) -> dict[str, str]:
    return {user["UserId"]: user["UserStatus"] for user in people("ListUsers")["Users"]}


def disassociated_face_ids(response: dict[str, Any]) -> list[str]:
    return [face["FaceId"] for face in response.get("DisassociatedFaces", [])]


def matched_user_ids(response: dict[str, Any]) -> list[str]:
    return [match["User"]["UserId"] for match in response["UserMatches"]]
