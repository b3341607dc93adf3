"""User code with the people of a collection that both type checkers accept."""

# ruff: noqa: TC001 (users import types at run time too)

from __future__ import annotations

from pathlib import Path
from typing import assert_type

from rekog import AsyncRekognitionClient, RekognitionClient
from rekog.models import BoundingBox, Face, FaceDetail, ListUsersResponse, User
from rekog.paging import AsyncPager, Pager
from rekog.people import (
    AsyncPeople,
    Enrollment,
    IdentifiedFace,
    Inventory,
    InventoryDifference,
    InventoryFace,
    InventoryUser,
    People,
    RejectedFace,
    UnfinishedError,
)


def people(client: RekognitionClient) -> tuple[Face, ...]:
    staff = client.people("staff")
    assert_type(staff, People)
    try:
        enrollment = staff.enroll("ann", ["a.jpg", Path("b.jpg"), b"c"], quality_filter="HIGH", timeout=None)
    except UnfinishedError as error:
        assert_type(error.enrollment, Enrollment | None)
        return error.faces
    assert_type(enrollment.faces, list[Face])
    assert_type(enrollment.rejected, list[RejectedFace])
    assert_type([each.face_detail for each in enrollment.rejected], list[FaceDetail | None])
    for face in staff.identify("group.jpg", user_match_threshold=90, max_faces=5):
        assert_type(face, IdentifiedFace)
        assert_type(face.bounding_box, BoundingBox)
        assert_type(face.user_id, str | None)
    assert_type(staff.users(), Pager[User, ListUsersResponse])
    staff.remove("ann", delete_faces=True)
    return ()


def inventories(before: Inventory, text: str) -> InventoryDifference:
    after = Inventory.from_json(text)
    assert_type(after.users, tuple[InventoryUser, ...])
    assert_type(after.faces, tuple[InventoryFace, ...])
    return before.diff(after)


async def async_people(client: AsyncRekognitionClient) -> None:
    staff = client.people("staff")
    assert_type(staff, AsyncPeople)
    assert_type(await staff.enroll("ann", ["a.jpg"]), Enrollment)
    assert_type(await staff.identify("group.jpg"), list[IdentifiedFace])
    assert_type(staff.users(), AsyncPager[User, ListUsersResponse])
    assert_type(await staff.inventory(), Inventory)
    await staff.remove("ann")
