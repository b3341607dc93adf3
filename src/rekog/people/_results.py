"""Results of enrolling and identifying people, and the error of a sequence of calls that ended early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._values.errors import RekogError
from .._values.frozen import Frozen
from .._values.lazy import LazyModule
from .._values.public import publish
from ._inventory import InventoryFace  # noqa: TC001 (for tools that evaluate annotations)

if TYPE_CHECKING:
    from .. import models
else:  # for tools that evaluate annotations
    models = LazyModule("rekog.models")


class RejectedFace(Frozen, kw_only=True, public="rekog.people"):
    """An image, or a face in it, that was not enrolled.

    `source` is the image as it was given. `reasons` has the service's reasons, such as LOW_SHARPNESS or
    LOW_MATCH_CONFIDENCE, the text of the error for an image that cannot be used, or NO_FACE. `face_id` is the id of a
    face that was indexed and is in the collection, but does not belong to the user. `inventory_face` is the face that a
    rebuild did not restore.
    """

    source: object
    reasons: list[str]
    face_detail: models.FaceDetail | None = None
    face_id: str | None = None
    inventory_face: InventoryFace | None = None


class RebuiltFace(Frozen, kw_only=True, public="rekog.people"):
    """A face of an inventory, and the id that it has in the collection that was rebuilt."""

    inventory_face: InventoryFace
    face_id: str


class Rebuild(Frozen, kw_only=True, public="rekog.people"):
    """A collection after a rebuild: its users and restored faces, and the faces that are not restored.

    `missing` are faces of which no image was given, `rejected` those that the service did not find or accept in their
    images. `extra` are faces of these images that are in the collection and not in the inventory; they were there
    before.
    """

    collection_id: str
    users: list[str]
    faces: list[RebuiltFace]
    missing: list[InventoryFace]
    rejected: list[RejectedFace]
    extra: list[models.Face]

    @property
    def is_complete(self) -> bool:
        """Whether all faces of the inventory are restored."""
        return not self.missing and not self.rejected


class Enrollment(Frozen, kw_only=True, public="rekog.people"):
    """A user after enrolling: the faces that belong to it from these images, and the rejected ones."""

    user_id: str
    faces: list[models.Face]
    rejected: list[RejectedFace]


class IdentifiedFace(Frozen, kw_only=True, public="rekog.people"):
    """A face of an image, with the user that it matches best; None without a match.

    `bounding_box` and `face_detail` refer to the whole image. `searched` is False when the service did not find this
    face again in the part of the image that was sent, so that it was compared with no user.
    """

    bounding_box: models.BoundingBox
    user_id: str | None
    similarity: float | None
    face_detail: models.FaceDetail
    searched: bool


class UnfinishedError(RekogError):
    """A call in the middle of enrolling or removing a person, or of a rebuild, failed; `__cause__` is its error.

    `enrollment` is the result so far of an enrollment, `rebuild` that of a rebuild. `faces` are in the collection and
    belong to no user yet, or no more. Enrolling the same images and rebuilding the same inventory again is safe; faces
    of a removed user are deleted by `client.delete_faces`.
    """

    def __init__(
        self,
        message: str = "",
        *,
        enrollment: Enrollment | None = None,
        faces: Sequence[models.Face] = (),
        rebuild: Rebuild | None = None,
    ) -> None:
        super().__init__(message)
        self.enrollment = enrollment
        self.rebuild = rebuild
        self.faces: tuple[models.Face, ...] = tuple(faces)


publish("rekog.people", UnfinishedError)
