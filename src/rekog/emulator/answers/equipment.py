"""Protective equipment: the summary of the persons who wear the required types, and of those who do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ... import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MODEL_VERSION = "1.0"
MAX_PERSONS = 15
MIN_CONFIDENCE = 50.0

State: TypeAlias = Literal["worn", "missing", "unknown"]

_EQUIPMENT = models.ProtectiveEquipmentType
PARTS: Mapping[str, tuple[str, ...]] = {
    _EQUIPMENT.FACE_COVER: (models.BodyPart.FACE,),
    _EQUIPMENT.HEAD_COVER: (models.BodyPart.HEAD,),
    _EQUIPMENT.HAND_COVER: (models.BodyPart.LEFT_HAND, models.BodyPart.RIGHT_HAND),
}
"""The body parts that each type of equipment must cover."""


def numbered(persons: Sequence[models.ProtectiveEquipmentPerson]) -> list[models.ProtectiveEquipmentPerson]:
    """Return the 15 persons with the largest boxes, in the given order, with ids from 0 (assumed)."""
    largest = sorted(range(len(persons)), key=lambda index: -_area(persons[index]))[:MAX_PERSONS]
    kept = [persons[index] for index in sorted(largest)]
    for number, person in enumerate(kept):
        person.id = number
    return kept


def _area(person: models.ProtectiveEquipmentPerson) -> float:
    box = person.bounding_box
    return box.width * box.height if box else 0.0


def summarised(
    persons: Iterable[models.ProtectiveEquipmentPerson],
    attributes: models.ProtectiveEquipmentSummarizationAttributes,
    *,
    is_known: bool,
) -> models.ProtectiveEquipmentSummary:
    """Return the ids of persons in three lists, each person in exactly one (assumed).

    `is_known`: the equipment of the persons is known, so that a body part without any is bare. If it is not, all
    persons are indeterminate.
    """
    minimum = max(MIN_CONFIDENCE, attributes.min_confidence)
    lists: dict[State, list[int]] = {"worn": [], "missing": [], "unknown": []}
    for person in persons:
        state = state_of(person, attributes.required_equipment_types, minimum) if is_known else "unknown"
        lists[state].append(person.id)
    return models.ProtectiveEquipmentSummary(
        persons_with_required_equipment=lists["worn"],
        persons_without_required_equipment=lists["missing"],
        persons_indeterminate=lists["unknown"],
    )


def state_of(person: models.ProtectiveEquipmentPerson, required: Iterable[str], minimum: float) -> State:
    """Tell whether a person wears all required types; a missing type outweighs an unknown one."""
    if person.confidence < minimum:
        return "unknown"
    parts = {part.name: part for part in person.body_parts}
    states = {_covered(parts.get(name), kind, minimum) for kind in required for name in PARTS[kind]}
    return "missing" if "missing" in states else "unknown" if "unknown" in states else "worn"


def _covered(part: models.ProtectiveEquipmentBodyPart | None, kind: str, minimum: float) -> State:
    if part is None or part.confidence < minimum:
        return "unknown"
    states = {_covers(item, minimum) for item in part.equipment_detections if item.type == kind}
    return "worn" if "worn" in states else "unknown" if "unknown" in states else "missing"


def _covers(item: models.EquipmentDetection, minimum: float) -> State:
    covers = item.covers_body_part
    if covers is None or item.confidence < minimum or covers.confidence < minimum:
        return "unknown"
    return "worn" if covers.value else "missing"
