"""Persons of an image, with their body parts and protective equipment.

Equipment is seen by no network. A detected person has body parts without equipment, which is no statement about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .analysis import ImageAnalysis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..context import Context
    from ..vision.images import DecodedImage
    from ..vision.persons.body_parts import BodyPartName

_NAMES: Mapping[BodyPartName, models.BodyPart] = {
    "face": models.BodyPart.FACE,
    "head": models.BodyPart.HEAD,
    "left_hand": models.BodyPart.LEFT_HAND,
    "right_hand": models.BodyPart.RIGHT_HAND,
}
_MIN_CONFIDENCE = 50.0
"""The service returns nothing below."""


def _see(context: Context, image: DecodedImage) -> Sequence[models.ProtectiveEquipmentPerson]:
    from ..vision.persons.body_parts import body_parts

    persons = context.vision.person_detector.detect(image)
    faces = context.vision.face_detector.detect(image) if persons else ()
    described: list[models.ProtectiveEquipmentPerson] = []
    for person in persons:
        box = person.box.scaled(1 / image.width, 1 / image.height)
        described.append(
            models.ProtectiveEquipmentPerson(
                id=0,
                confidence=100.0 * min(1.0, person.confidence),
                bounding_box=models.BoundingBox(left=box.left, top=box.top, width=box.width, height=box.height),
                body_parts=[
                    models.ProtectiveEquipmentBodyPart(
                        name=_NAMES[part.name], confidence=100.0 * min(1.0, part.confidence)
                    )
                    for part in body_parts(image, person, faces)
                ],
            )
        )
    return [person for person in described if person.confidence >= _MIN_CONFIDENCE]


IMAGE_EQUIPMENT = ImageAnalysis(capability="ppe", model=models.ProtectiveEquipmentPerson, defaults={"Id": 0}, see=_see)
