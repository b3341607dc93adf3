"""Protective equipment: who of the persons in a picture wears what is required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ... import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MODEL_VERSION = "1.0"
MOST_PERSONS = 15
LEAST_CONFIDENCE = 50.0

State: TypeAlias = Literal["worn", "missing", "unknown"]

_EQUIPMENT = models.ProtectiveEquipmentType
PARTS: Mapping[str, tuple[str, ...]] = {
    _EQUIPMENT.FACE_COVER: (models.BodyPart.FACE,),
    _EQUIPMENT.HEAD_COVER: (models.BodyPart.HEAD,),
    _EQUIPMENT.HAND_COVER: (models.BodyPart.LEFT_HAND, models.BodyPart.RIGHT_HAND),
}
"""The body parts that must be covered by each type of equipment."""


def numbered(persons: Sequence[models.ProtectiveEquipmentPerson]) -> list[models.ProtectiveEquipmentPerson]:
    """Return the 15 persons with the largest boxes in the order they were given in, with ids from 0 on (assumed)."""
    largest = sorted(range(len(persons)), key=lambda place: -_area(persons[place]))[:MOST_PERSONS]
    kept = [persons[place] for place in sorted(largest)]
    for number, person in enumerate(kept):
        person.id = number
    return kept


def _area(person: models.ProtectiveEquipmentPerson) -> float:
    box = person.bounding_box
    return box.width * box.height if box else 0.0


def summarised(
    persons: Iterable[models.ProtectiveEquipmentPerson],
    attributes: models.ProtectiveEquipmentSummarizationAttributes,
) -> models.ProtectiveEquipmentSummary:
    """Sort the ids of persons into three lists, each person into exactly one (assumed)."""
    least = max(LEAST_CONFIDENCE, attributes.min_confidence)
    lists: dict[State, list[int]] = {"worn": [], "missing": [], "unknown": []}
    for person in persons:
        lists[state_of(person, attributes.required_equipment_types, least)].append(person.id)
    return models.ProtectiveEquipmentSummary(
        persons_with_required_equipment=lists["worn"],
        persons_without_required_equipment=lists["missing"],
        persons_indeterminate=lists["unknown"],
    )


def state_of(person: models.ProtectiveEquipmentPerson, required: Iterable[str], least: float) -> State:
    """Tell whether a person wears all required types; a type that is surely missing outweighs one not known."""
    if person.confidence < least:
        return "unknown"
    parts = {part.name: part for part in person.body_parts}
    states = {_covered(parts.get(name), kind, least) for kind in required for name in PARTS[kind]}
    return "missing" if "missing" in states else "unknown" if "unknown" in states else "worn"


def _covered(part: models.ProtectiveEquipmentBodyPart | None, kind: str, least: float) -> State:
    if part is None or part.confidence < least:
        return "unknown"
    states = {_covers(item, least) for item in part.equipment_detections if item.type == kind}
    return "worn" if "worn" in states else "unknown" if "unknown" in states else "missing"


def _covers(item: models.EquipmentDetection, least: float) -> State:
    covers = item.covers_body_part
    if covers is None or item.confidence < least or covers.confidence < least:
        return "unknown"
    return "worn" if covers.value else "missing"
