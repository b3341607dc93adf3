"""The contents of a collection as a value: users, faces, which face belongs to which user, but no face vectors."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from .._generated import operations as ops
from .._values.boxes import Sides  # noqa: TC001 (for tools that evaluate annotations)
from .._values.errors import ParamValidationError
from .._values.frozen import Frozen
from .._values.narrow import is_mapping, is_sequence
from ._listing import faces_of, users_of

if TYPE_CHECKING:
    from .. import models
    from .._core.call import Caller
    from .._core.flow import Flow


class InventoryUser(Frozen, kw_only=True, public="rekog.people"):
    """A user of a collection."""

    user_id: str
    user_status: str | None


class InventoryFace(Frozen, kw_only=True, public="rekog.people"):
    """A face of a collection; `user_id` is the user that it belongs to.

    `bounding_box` is its place in its image: left, top, width and height, as ratios of the image's sides.
    """

    face_id: str
    image_id: str | None
    external_image_id: str | None
    user_id: str | None
    bounding_box: tuple[float, float, float, float] | None = None


class InventoryDifference(Frozen, kw_only=True, public="rekog.people"):
    """The difference from one inventory to another.

    `changed_faces` are faces of the other inventory that belong to another user there than in the first one.
    """

    added_users: tuple[str, ...]
    removed_users: tuple[str, ...]
    added_faces: tuple[InventoryFace, ...]
    removed_faces: tuple[InventoryFace, ...]
    changed_faces: tuple[InventoryFace, ...]

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return any(self.__dict__.values())


class Inventory(Frozen, kw_only=True, public="rekog.people"):
    """Users and faces of a collection, sorted by id.

    Face vectors never leave a collection: `People.rebuild` needs the images, too.
    """

    collection_id: str
    collection_arn: str | None
    face_model_version: str | None
    users: tuple[InventoryUser, ...]
    faces: tuple[InventoryFace, ...]

    def diff(self, other: Inventory) -> InventoryDifference:
        """Return the difference from this inventory to another one, of the same collection or of another.

        Two inventories of one collection have the same face ids. Another collection gives each face another id: there
        faces are the same if they have the same `user_id` and `external_image_id`, and as many of them count.
        """
        mine, theirs = {user.user_id for user in self.users}, {user.user_id for user in other.users}
        if self.collection_arn == other.collection_arn and self.collection_id == other.collection_id:
            before = {face.face_id: face for face in self.faces}
            after = {face.face_id: face for face in other.faces}
            added = tuple(face for face in other.faces if face.face_id not in before)
            removed = tuple(face for face in self.faces if face.face_id not in after)
            kept = (face for face in other.faces if face.face_id in before)
            changed = tuple(face for face in kept if face.user_id != before[face.face_id].user_id)
        else:
            added, removed, changed = _surplus(other.faces, self.faces), _surplus(self.faces, other.faces), ()
        return InventoryDifference(
            added_users=tuple(sorted(theirs - mine)),
            removed_users=tuple(sorted(mine - theirs)),
            added_faces=added,
            removed_faces=removed,
            changed_faces=changed,
        )

    def to_json(self) -> str:
        """Return the inventory as JSON text."""
        users, faces = ([row.__dict__ for row in rows] for rows in (self.users, self.faces))
        return json.dumps({**self.__dict__, "users": users, "faces": faces}, indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> Inventory:
        """Return the inventory of a JSON text that `to_json` made; raise `ParamValidationError` for another text."""
        try:
            value: object = json.loads(text)
            if not is_mapping(value):
                raise TypeError("it is no JSON object")
            users, faces = value.get("users"), value.get("faces")
            if not is_sequence(users) or not is_sequence(faces):
                raise TypeError("users and faces must be lists")
            rest = {name: item for name, item in value.items() if name not in ("users", "faces")}
            return cls(
                **_row(rest, "collection_id"),
                users=tuple(InventoryUser(**_row(row, "user_id")) for row in users),
                faces=tuple(_face_row(row) for row in faces),
            )
        except (ValueError, TypeError, RecursionError) as error:
            problem = f"text: is no inventory: {error}"
            raise ParamValidationError(f"from_json: {problem}", problems=[problem]) from error


def _row(row: object, key: str) -> dict[str, Any]:
    """Return an object whose members are texts or null, and `key` a text."""
    if not is_mapping(row) or not isinstance(row.get(key), str):
        raise TypeError(f"{key} must be a text")
    if not all(isinstance(value, str | None) for value in row.values()):
        raise TypeError("ids and states must be texts or null")
    return dict(row)


def _face_row(row: object) -> InventoryFace:
    box = row.get("bounding_box") if is_mapping(row) else None
    if not is_mapping(row) or box is None:
        return InventoryFace(**_row(row, "face_id"))
    sides = [float(side) for side in box if isinstance(side, int | float)] if is_sequence(box) else []
    if len(sides) != 4:
        raise TypeError("a bounding box must have four numbers")
    left, top, width, height = sides
    rest = {name: value for name, value in row.items() if name != "bounding_box"}
    return InventoryFace(**_row(rest, "face_id"), bounding_box=(left, top, width, height))


def _surplus(faces: tuple[InventoryFace, ...], others: tuple[InventoryFace, ...]) -> tuple[InventoryFace, ...]:
    """Return the faces beyond those that the others have by the same user and the same external id."""
    present = Counter((face.user_id, face.external_image_id) for face in others)
    surplus: list[InventoryFace] = []
    for face in faces:
        key = face.user_id, face.external_image_id
        if present[key]:
            present[key] -= 1
        else:
            surplus.append(face)
    return tuple(surplus)


def sides_of(box: models.BoundingBox | None) -> Sides | None:
    """Return left, top, width and height of a box; None without a box or one of them."""
    sides: list[float | None] = [] if box is None else [box.left, box.top, box.width, box.height]
    present = [side for side in sides if side is not None]
    if len(present) != 4:
        return None
    left, top, width, height = present
    return left, top, width, height


def take_inventory(caller: Caller, collection_id: str) -> Flow[Inventory]:
    """Return the inventory of a collection."""
    described = yield from caller.call(ops.DESCRIBE_COLLECTION, collection_id=collection_id)
    users = yield from users_of(caller, collection_id)
    faces = yield from faces_of(caller, collection_id)
    user_rows = [
        InventoryUser(user_id=user.user_id, user_status=None if user.user_status is None else str(user.user_status))
        for user in users
    ]
    face_rows = [
        InventoryFace(
            face_id=face.face_id,
            image_id=face.image_id,
            external_image_id=face.external_image_id,
            user_id=face.user_id,
            bounding_box=sides_of(face.bounding_box),
        )
        for face in faces
    ]
    return Inventory(
        collection_id=collection_id,
        collection_arn=described.collection_arn,
        face_model_version=described.face_model_version,
        users=tuple(sorted(user_rows, key=lambda user: user.user_id)),
        faces=tuple(sorted(face_rows, key=lambda face: face.face_id)),
    )
