"""Faces that were declared, as if they had been found.

Where a declaration is silent: the quality is measured from the pixels in the box, and a face looks straight ahead
(assumed). Landmarks and the other attributes are what was declared and nothing else.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ... import models
from ..._core.wire import from_wire
from .. import refusals
from ..truth.names import name_of
from ..vision import needs_extra
from .declared import declared
from .images import decode_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..context import Context
    from ..vision.images import DecodedImage
    from .declared import Entries
    from .faces import FoundFace
    from .images import ImageSource

FIELDS: Mapping[models.Attribute, str] = {
    name: name.title().replace("_", "")
    for name in models.Attribute
    if name not in (models.Attribute.ALL, models.Attribute.DEFAULT)
}
"""The member of a face that each attribute asks for."""


def declared_faces(
    context: Context, source: ImageSource, operation: str, attributes: Iterable[str], also: Iterable[models.Attribute]
) -> list[FoundFace] | None:
    """Return the faces that were declared for a picture, the largest first (assumed); None if none were spoken of.

    A face must have been declared with the `attributes`; those of `also` it has if it was declared with them.
    """
    entries = declared(context, source, "faces")
    if entries is None:
        return None
    from .faces import MAX_FACES

    image, image_name = decode_image(source), name_of(source.data)
    given = [*asked_for(operation, entries, attributes), *(FIELDS[name] for name in also)]
    found = [_found(entry, image, f"{image_name} {index}", given) for index, entry in enumerate(entries)]
    return sorted(found, key=_largest_first)[:MAX_FACES]


def asked_for(operation: str, entries: Entries, attributes: Iterable[str]) -> Sequence[str]:
    """Return the members that attributes ask for beyond the default ones; refuse what a face was declared without."""
    wanted = set(attributes)
    asked = [name for name in FIELDS if name in wanted or models.Attribute.ALL in wanted]
    silent = [name for name in asked if any(FIELDS[name] not in entry for entry in entries)]
    if silent:
        raise refusals.not_served(
            f"{operation}: a face of this picture was declared without {', '.join(silent)}, and nothing is invented. "
            f"Declare it ({', '.join(FIELDS[name] for name in silent)}), or ask for less."
        )
    return [FIELDS[name] for name in asked]


def _found(entry: dict[str, object], image: DecodedImage, place: str, given: Sequence[str]) -> FoundFace:
    from .faces import FoundFace

    identity = str(entry.get("Identity", place))  # a face that nobody is said to have is like no other
    left_out = {"Identity", *FIELDS.values()} - set(given)
    detail = from_wire(models.FaceDetail, {name: value for name, value in entry.items() if name not in left_out})
    detail.pose = detail.pose or models.Pose(roll=0.0, yaw=0.0, pitch=0.0)
    detail.quality = detail.quality or _quality(image, detail.bounding_box)
    return FoundFace(detail, partial(embedding_of, identity, place), identity, assured="Quality" not in entry)


def _quality(image: DecodedImage, box: models.BoundingBox) -> models.ImageQuality:
    with needs_extra():
        from ..vision.faces import Box
        from ..vision.quality import measure_quality
    width, height = image.width, image.height
    quality = measure_quality(image, Box(box.left * width, box.top * height, box.width * width, box.height * height))
    return models.ImageQuality(brightness=quality.brightness, sharpness=quality.sharpness)


def embedding_of(identity: str, variation: str) -> bytes:
    """Return the embedding of a declared identity."""
    with needs_extra():
        from ..vision.embeddings import declared_embedding
    return declared_embedding(identity, variation)


def _largest_first(face: FoundFace) -> tuple[float, float, float]:
    box = face.detail.bounding_box
    return (-box.width * box.height, box.left, box.top)
