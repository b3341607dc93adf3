"""Rebuild the users and faces of an inventory in another collection, from the images.

The faces of one image are indexed together, with the external id that they had, and matched with those of the inventory
by their places in the image. Then the faces of each user are associated with it. Each step can be repeated: the service
stores an image with the same external id once, a user that exists is used, and a face that belongs to its user stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .._core.call import timeout_of
from .._core.deadline import Deadline
from .._core.flow import run_blocking
from .._core.media import load_media
from .._generated import operations as ops
from .._generated.errors import ConflictException
from .._settings.values import CallOptions
from .._values.boxes import Sides, overlap
from .._values.errors import ParamValidationError, RekogError
from .._values.narrow import is_mapping
from ._enrolling import Enrolling, index_image
from ._inventory import Inventory, InventoryFace, sides_of
from ._listing import faces_of
from ._results import Rebuild, RebuiltFace, RejectedFace, UnfinishedError

if TYPE_CHECKING:
    from .. import images, models
    from .._core.call import Caller
    from .._core.flow import Flow

    Sources: TypeAlias = Mapping[str, images.ImageInput] | Callable[[InventoryFace], images.ImageInput | None]

OVERLAP = 0.5
"""Part of the union of two boxes that is in both if they are of the same face, for which models return other boxes."""
NO_FACE, SAME_IMAGE = "NO_FACE", "SAME_IMAGE"


def rebuild(
    caller: Caller,
    collection_id: str,
    inventory: Inventory,
    sources: Sources,
    quality_filter: models.QualityFilterValue | None,
    timeout: float | None,
) -> Flow[Rebuild]:
    """Rebuild the users and faces of an inventory."""
    _check(inventory, sources)
    present = {face.face_id: face.user_id for face in (yield from faces_of(caller, collection_id))}
    rebuilding = _Rebuilding(caller, collection_id, quality_filter, timeout, present)
    try:
        users = {user.user_id for user in inventory.users} | {face.user_id for face in inventory.faces if face.user_id}
        for user_id in sorted(users):
            yield from rebuilding.create_user(user_id)
        groups = _images_of(inventory)
        shared = Counter(group[0].external_image_id for group in groups)
        for group in groups:
            source = yield from _source_of(group, sources, shared)
            if source is None:
                rebuilding.missing += group
            else:
                yield from rebuilding.index(group, source)
        for user_id in sorted(users):
            yield from rebuilding.associate(user_id)
    except RekogError as error:
        raise rebuilding.unfinished(error) from error
    return rebuilding.result()


def _check(inventory: object, sources: object) -> None:
    from inspect import iscoroutinefunction  # it loads slowly

    problems: list[str] = []
    if not isinstance(inventory, Inventory):
        problems.append(
            f"inventory: must be an Inventory, not {type(inventory).__name__}: Inventory.from_json reads one"
        )
    if iscoroutinefunction(sources) or not (is_mapping(sources) or callable(sources)):
        rule = "must be a mapping from ids to images, or a plain function that returns the image of an InventoryFace"
        problems.append(f"images: {rule}, not {type(sources).__name__}")
    if problems:
        raise ParamValidationError(f"rebuild: {'; '.join(problems)}", problems=problems)


def _images_of(inventory: Inventory) -> list[list[InventoryFace]]:
    """Return the faces of an inventory by image."""
    groups: dict[object, list[InventoryFace]] = {}
    for face in inventory.faces:
        key = (face.image_id, face.external_image_id) if face.image_id else face.face_id
        groups.setdefault(key, []).append(face)
    return list(groups.values())


def _source_of(
    group: list[InventoryFace], sources: Sources, shared: Mapping[str | None, int]
) -> Flow[images.ImageInput | None]:
    """Return the image of some faces, found by one of their ids; an external id only if no other image has it."""
    face = group[0]
    if not is_mapping(sources):
        find = cast("Callable[[InventoryFace], images.ImageInput | None]", sources)  # cast: it is no mapping
        return (yield from run_blocking(partial(find, face)))
    named = cast("Mapping[str, images.ImageInput]", sources)  # cast: a mapping of the caller
    keys = [*(each.face_id for each in group), face.image_id]
    keys += [face.external_image_id] if shared[face.external_image_id] == 1 else []
    return next((named[key] for key in keys if key is not None and key in named), None)


class _Rebuilding:
    """The state of one rebuild."""

    def __init__(
        self,
        caller: Caller,
        collection_id: str,
        quality_filter: models.QualityFilterValue | None,
        timeout: float | None,
        present: Mapping[str, str | None],
    ) -> None:
        self._caller = caller
        self._collection_id = collection_id
        self._quality_filter = quality_filter
        self._timeout = timeout
        self._present = present
        self._users: list[str] = []
        self._restored: dict[str, InventoryFace] = {}
        self._enrolling: dict[str, Enrolling] = {}
        self._rejected: list[RejectedFace] = []
        self._extra: list[models.Face] = []
        self.missing: list[InventoryFace] = []

    def result(self) -> Rebuild:
        """Return the rebuild as far as it went."""
        return Rebuild(
            collection_id=self._collection_id,
            users=list(self._users),
            faces=[RebuiltFace(inventory_face=face, face_id=face_id) for face_id, face in self._restored.items()],
            missing=list(self.missing),
            rejected=list(self._rejected),
            extra=list(self._extra),
        )

    def unfinished(self, error: RekogError) -> UnfinishedError:
        """Return the error of a rebuild that ends here."""
        done = f"{len(self._users)} users, {len(self._restored)} faces"
        text = f"rebuild: the collection {self._collection_id!r} was not finished ({done}): {error}"
        return UnfinishedError(text, rebuild=self.result())

    def create_user(self, user_id: str) -> Flow[None]:
        """Create a user unless it exists."""
        with suppress(ConflictException):
            yield from self._caller.call(ops.CREATE_USER, collection_id=self._collection_id, user_id=user_id)
        self._users.append(user_id)

    def index(self, group: list[InventoryFace], source: images.ImageInput) -> Flow[None]:
        """Index the faces of an image, and match them with those of the inventory."""
        try:
            image: Any = yield from load_media(ops.INDEX_FACES, "image", {"image": source}, self._deadline())
        except ParamValidationError as error:
            self._reject(group, source, list(error.problems))
            return
        response, reasons = yield from index_image(self._caller, image, self._arguments(group, len(group)))
        if response is not None and _exceeds(response) and len(_matches(group, response.face_records)) < len(group):
            # The image has further faces, and one of them is in the inventory: it has not the largest ones.
            response, reasons = yield from index_image(self._caller, image, self._arguments(group, None))
        if response is None:
            self._reject(group, source, reasons)
            return
        matches = _matches(group, response.face_records)
        for face, record in matches:
            self._take(face, record, source)
        unmatched = [face for face in group if all(face is not each for each, _ in matches)]
        for face in unmatched:
            self._reject([face], source, _reasons(face, response.unindexed_faces))
        matched = {record.face.face_id for _, record in matches}
        yield from self._remove([each.face for each in response.face_records if each.face.face_id not in matched])

    def _deadline(self) -> Deadline:
        return Deadline(timeout_of(CallOptions(), self._caller.config).total)

    def _arguments(self, group: list[InventoryFace], max_faces: int | None) -> dict[str, object]:
        return {
            "collection_id": self._collection_id,
            "external_image_id": group[0].external_image_id,
            "max_faces": max_faces,
            "quality_filter": self._quality_filter,
        }

    def _take(self, face: InventoryFace, record: models.FaceRecord, source: images.ImageInput) -> None:
        face_id = record.face.face_id
        if face_id in self._restored:
            self._reject([face], source, [SAME_IMAGE])
            return
        self._restored[face_id] = face
        if face.user_id is not None and self._present.get(face_id) != face.user_id:
            enrolling = self._enrolling.get(face.user_id)
            if enrolling is None:
                enrolling = Enrolling(self._caller, self._collection_id, face.user_id, self._timeout)
                self._enrolling[face.user_id] = enrolling
            enrolling.take(record.face, source, record.face_detail)

    def _remove(self, surplus: list[models.Face]) -> Flow[None]:
        """Delete faces of an image that are not in the inventory, except those that were in the collection before."""
        self._extra += [face for face in surplus if face.face_id in self._present]
        new = (face.face_id for face in surplus if face.face_id not in self._present)
        face_ids = [face_id for face_id in new if face_id not in self._restored]
        if face_ids:
            yield from self._caller.call(ops.DELETE_FACES, collection_id=self._collection_id, face_ids=face_ids)

    def _reject(self, group: list[InventoryFace], source: images.ImageInput, reasons: list[str]) -> None:
        self._rejected += [RejectedFace(source=source, reasons=reasons, inventory_face=face) for face in group]

    def associate(self, user_id: str) -> Flow[None]:
        """Associate the faces of a user with it."""
        enrolling = self._enrolling.get(user_id)
        if enrolling is None:
            return
        yield from enrolling.associate_all()
        for rejected in enrolling.enrollment().rejected:
            face = self._restored.pop(str(rejected.face_id))
            self._rejected.append(rejected.__replace__(inventory_face=face))


def _exceeds(response: models.IndexFacesResponse) -> bool:
    """Tell whether the image has more faces than were indexed."""
    return any("EXCEEDS_MAX_FACES" in face.reasons for face in response.unindexed_faces)


def _matches(
    group: list[InventoryFace], records: list[models.FaceRecord]
) -> list[tuple[InventoryFace, models.FaceRecord]]:
    """Return the faces of an inventory with those of the same image at the same place, the best match first.

    If each side has one face, and that of the inventory has no place, they are the same: the largest of the image.
    """
    if len(group) == len(records) == 1 and group[0].bounding_box is None:
        return [(group[0], records[0])]
    pairs = [
        (_overlap(face.bounding_box, record.face.bounding_box), face, record) for face in group for record in records
    ]
    pairs.sort(key=lambda pair: pair[0], reverse=True)
    matches: list[tuple[InventoryFace, models.FaceRecord]] = []
    for part, face, record in pairs:
        taken = any(face is old or record is new for old, new in matches)
        if part >= OVERLAP and not taken:
            matches.append((face, record))
    return matches


def _overlap(box: Sides | None, found: models.BoundingBox | None) -> float:
    other = sides_of(found)
    return 0.0 if box is None or other is None else overlap(box, other)


def _reasons(face: InventoryFace, unindexed: list[models.UnindexedFace]) -> list[str]:
    """Return the reasons of the service for a face at this place, or NO_FACE."""
    for each in unindexed:
        if _overlap(face.bounding_box, each.face_detail.bounding_box) >= OVERLAP:
            return [str(reason) for reason in each.reasons]
    return [NO_FACE]
