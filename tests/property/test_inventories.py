"""Laws of inventories: a difference leads from one to the other, in both directions, and JSON keeps all of it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.people import Inventory, InventoryFace, InventoryUser

BOXES = [None, (0.25, 0.1, 1 / 3, 0.5)]
FACES = [
    InventoryFace(face_id="", image_id=image, external_image_id=external, user_id=user, bounding_box=box)
    for image in (None, "i")
    for external in (None, "a.jpg")
    for user in (None, "ann", "bob", "eve")
    for box in BOXES
]
FEW = settings(max_examples=40)


def inventories(collection: str = "staff", prefix: str = "") -> st.SearchStrategy[Inventory]:
    """Return inventories; those of one prefix may have the same face ids."""

    def made(faces: dict[str, InventoryFace], users: list[str], version: str | None) -> Inventory:
        return Inventory(
            collection_id=collection,
            collection_arn=f"arn:{collection}",
            face_model_version=version,
            users=tuple(InventoryUser(user_id=name, user_status=version and "ACTIVE") for name in sorted(users)),
            faces=tuple(face.__replace__(face_id=f"{prefix}{number}") for number, face in sorted(faces.items())),
        )

    ids = st.sampled_from("123456")
    users = st.lists(st.sampled_from(["ann", "bob", "eve"]), unique=True)
    return st.builds(
        made, st.dictionaries(ids, st.sampled_from(FACES), max_size=6), users, st.sampled_from([None, "7.0"])
    )


@FEW
@given(inventories(), inventories())
def test_the_difference_leads_to_the_other_inventory_of_the_collection(before: Inventory, after: Inventory) -> None:
    difference, back = before.diff(after), after.diff(before)
    users = {user.user_id for user in before.users} - set(difference.removed_users) | set(difference.added_users)
    assert users == {user.user_id for user in after.users}
    owners = {face.face_id: face.user_id for face in before.faces}
    for face in difference.removed_faces:
        del owners[face.face_id]
    owners |= {face.face_id: face.user_id for face in (*difference.added_faces, *difference.changed_faces)}
    assert owners == {face.face_id: face.user_id for face in after.faces}
    assert {*difference.added_faces, *difference.changed_faces} <= set(after.faces)
    assert set(difference.removed_faces) <= set(before.faces)
    assert (back.added_users, back.added_faces) == (difference.removed_users, difference.removed_faces)
    assert (back.removed_users, back.removed_faces) == (difference.added_users, difference.added_faces)
    assert len(back.changed_faces) == len(difference.changed_faces)
    assert bool(difference) == (bool(back) or users != {user.user_id for user in before.users})


@FEW
@given(inventories(), inventories(collection="copy", prefix="x"))
def test_the_difference_of_two_collections_is_that_of_the_counts(before: Inventory, after: Inventory) -> None:
    difference = before.diff(after)
    counts = [Counter((face.user_id, face.external_image_id) for face in each.faces) for each in (before, after)]
    added = Counter((face.user_id, face.external_image_id) for face in difference.added_faces)
    removed = Counter((face.user_id, face.external_image_id) for face in difference.removed_faces)
    assert (added, removed) == (counts[1] - counts[0], counts[0] - counts[1])
    assert set(difference.added_faces) <= set(after.faces)
    assert set(difference.removed_faces) <= set(before.faces)
    assert difference.changed_faces == ()


@FEW
@given(inventories())
def test_json_keeps_an_inventory(inventory: Inventory) -> None:
    assert Inventory.from_json(inventory.to_json()) == inventory
