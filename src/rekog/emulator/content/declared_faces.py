"""Declared faces of an image, in the form of detected ones.

If a declaration has no quality, it is measured from the pixels in the box; if it has no pose, the face looks straight
ahead (assumed). Landmarks and other attributes are those of the declaration only.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ... import models
from ..._core.wire import from_wire
from .. import refusals
from ..vision import needs_extra
from ..vision.boxes import Box
from .declared import declared
from .found_face import MAX_FACES, FoundFace
from .images import decode_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..context import Context
    from ..vision.images import DecodedImage
    from .declared import Entries
    from .images import ImageSource

FIELDS: Mapping[models.Attribute, str] = {
    name: name.title().replace("_", "")
    for name in models.Attribute
    if name not in (models.Attribute.ALL, models.Attribute.DEFAULT)
}
"""The member of a face for each attribute."""


def declared_faces(
    context: Context,
    source: ImageSource,
    operation: str,
    attributes: Iterable[str],
    optional: Iterable[models.Attribute],
) -> list[FoundFace] | None:
    """Return the declared faces of an image, the largest first (assumed); None if no faces are declared.

    Each face must be declared with the `attributes`; those of `optional` are returned for faces declared with them.
    """
    entries = declared(context, source, "faces")
    if entries is None:
        return None
    image = decode_image(context, source)
    members = [*requested_members(operation, entries, attributes), *(FIELDS[name] for name in optional)]
    faces = [_face(entry, image, f"{source.digest} {index}", members) for index, entry in enumerate(entries)]
    return sorted(faces, key=_largest_first)[:MAX_FACES]


def requested_members(operation: str, entries: Entries, attributes: Iterable[str]) -> Sequence[str]:
    """Return the members of the requested attributes beyond the default ones; refuse if a declared face lacks one."""
    names = set(attributes)
    requested = [name for name in FIELDS if name in names or models.Attribute.ALL in names]
    missing = [name for name in requested if any(FIELDS[name] not in entry for entry in entries)]
    if missing:
        raise refusals.not_served(
            f"{operation}: a face was declared without {', '.join(missing)}, and the emulator does not make up values. "
            f"Declare it ({', '.join(FIELDS[name] for name in missing)}), or request fewer attributes."
        )
    return [FIELDS[name] for name in requested]


def _face(entry: dict[str, object], image: DecodedImage, variation: str, members: Sequence[str]) -> FoundFace:
    identity = str(entry.get("Identity", variation))  # a face without an identity is similar to no other
    omitted = {"Identity", *FIELDS.values()} - set(members)
    detail = from_wire(models.FaceDetail, {name: value for name, value in entry.items() if name not in omitted})
    detail.pose = detail.pose or models.Pose(roll=0.0, yaw=0.0, pitch=0.0)
    detail.quality = detail.quality or _quality(image, detail.bounding_box)
    embed = partial(embedding_of, identity, variation)
    return FoundFace(detail, embed, identity, quality_exempt="Quality" not in entry)


def _quality(image: DecodedImage, box: models.BoundingBox) -> models.ImageQuality:
    with needs_extra():
        from ..vision.quality import measure_quality
    pixels = Box(box.left, box.top, box.width, box.height).scaled(image.width, image.height)
    quality = measure_quality(image, pixels)
    return models.ImageQuality(brightness=quality.brightness, sharpness=quality.sharpness)


def embedding_of(identity: str, variation: str) -> bytes:
    """Return the embedding of a declared identity."""
    with needs_extra():
        from ..vision.embeddings import declared_embedding
    return declared_embedding(identity, variation)


def _largest_first(face: FoundFace) -> tuple[float, float, float]:
    box = face.detail.bounding_box
    return (-box.width * box.height, box.left, box.top)
