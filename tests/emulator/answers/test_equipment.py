"""Protective equipment: the summary of persons, by its laws and by cases."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator.answers import equipment
from rekog.emulator.answers.equipment import numbered

FACE, HEAD, LEFT, RIGHT = (
    models.BodyPart.FACE,
    models.BodyPart.HEAD,
    models.BodyPart.LEFT_HAND,
    models.BodyPart.RIGHT_HAND,
)
FACE_COVER, HEAD_COVER, HAND_COVER = (
    models.ProtectiveEquipmentType.FACE_COVER,
    models.ProtectiveEquipmentType.HEAD_COVER,
    models.ProtectiveEquipmentType.HAND_COVER,
)
summarised = partial(equipment.summarised, is_known=True)
laws = settings(derandomize=True, max_examples=80, deadline=None)


def item(
    kind: models.ProtectiveEquipmentType, confidence: float = 90, covers: bool | None = True, sure: float = 90
) -> models.EquipmentDetection:
    covering = None if covers is None else models.CoversBodyPart(value=covers, confidence=sure)
    return models.EquipmentDetection(type=kind, confidence=confidence, covers_body_part=covering)


def part(
    name: models.BodyPart, *items: models.EquipmentDetection, confidence: float = 90
) -> models.ProtectiveEquipmentBodyPart:
    return models.ProtectiveEquipmentBodyPart(name=name, confidence=confidence, equipment_detections=list(items))


def person(
    *parts: models.ProtectiveEquipmentBodyPart, confidence: float = 90, number: int = 0
) -> models.ProtectiveEquipmentPerson:
    return models.ProtectiveEquipmentPerson(id=number, confidence=confidence, body_parts=list(parts))


def required_types(
    *kinds: models.ProtectiveEquipmentType, minimum: float = 80
) -> models.ProtectiveEquipmentSummarizationAttributes:
    return models.ProtectiveEquipmentSummarizationAttributes(
        min_confidence=minimum, required_equipment_types=list(kinds)
    )


def lists(summary: models.ProtectiveEquipmentSummary | None) -> tuple[list[int], list[int], list[int]]:
    assert summary is not None
    return (
        summary.persons_with_required_equipment,
        summary.persons_without_required_equipment,
        summary.persons_indeterminate,
    )


# laws

percents = st.floats(0, 100) | st.sampled_from([49.9, 50.0, 50.1])
items = st.builds(
    item, st.sampled_from([FACE_COVER, HEAD_COVER, HAND_COVER]), percents, st.none() | st.booleans(), percents
)


@st.composite
def parts(draw: st.DrawFn) -> models.ProtectiveEquipmentBodyPart:
    name = draw(st.sampled_from([FACE, HEAD, LEFT, RIGHT]))
    return part(name, *draw(st.lists(items, max_size=2)), confidence=draw(percents))


@st.composite
def any_person(draw: st.DrawFn) -> models.ProtectiveEquipmentPerson:
    body_parts = draw(st.lists(parts(), max_size=4, unique_by=lambda each: each.name))
    return person(*body_parts, confidence=draw(percents))


persons = st.lists(any_person(), max_size=6).map(numbered)
kinds = st.lists(st.sampled_from([FACE_COVER, HEAD_COVER, HAND_COVER]), unique=True)


@pytest.mark.slow
@laws
@given(persons, kinds, st.floats(0, 100))
def test_every_person_is_in_exactly_one_list(
    people: list[models.ProtectiveEquipmentPerson], required: list[models.ProtectiveEquipmentType], minimum: float
) -> None:
    listed = [
        number
        for numbers in lists(summarised(people, required_types(*required, minimum=minimum)))
        for number in numbers
    ]
    assert sorted(listed) == list(range(len(people)))


@pytest.mark.slow
@laws
@given(persons, kinds, st.floats(0, 100))
def test_persons_without_known_equipment_are_indeterminate(
    people: list[models.ProtectiveEquipmentPerson], required: list[models.ProtectiveEquipmentType], minimum: float
) -> None:
    attributes = required_types(*required, minimum=minimum)
    assert lists(equipment.summarised(people, attributes, is_known=False)) == ([], [], list(range(len(people))))


@pytest.mark.slow
@laws
@given(persons, kinds, st.floats(0, 100), st.floats(0, 100))
def test_a_higher_threshold_moves_persons_only_to_the_indeterminate(
    people: list[models.ProtectiveEquipmentPerson],
    required: list[models.ProtectiveEquipmentType],
    one: float,
    other: float,
) -> None:
    low, high = sorted([one, other])
    loose, strict = (lists(summarised(people, required_types(*required, minimum=minimum))) for minimum in (low, high))
    assert set(loose[2]) <= set(strict[2])
    assert set(strict[0]) <= set(loose[0])


@pytest.mark.slow
@laws
@given(persons, kinds, st.sampled_from([FACE_COVER, HEAD_COVER, HAND_COVER]))
def test_requiring_more_equipment_only_adds_persons_without_it(
    people: list[models.ProtectiveEquipmentPerson],
    required: list[models.ProtectiveEquipmentType],
    more: models.ProtectiveEquipmentType,
) -> None:
    fewer, all_of_them = (lists(summarised(people, required_types(*each))) for each in (required, [*required, more]))
    assert set(fewer[1]) <= set(all_of_them[1])
    assert set(all_of_them[0]) <= set(fewer[0])


@pytest.mark.slow
@laws
@given(persons, kinds, st.floats(0, 50))
def test_a_threshold_under_50_acts_as_50(
    people: list[models.ProtectiveEquipmentPerson], required: list[models.ProtectiveEquipmentType], minimum: float
) -> None:
    assert summarised(people, required_types(*required, minimum=minimum)) == summarised(
        people, required_types(*required, minimum=50)
    )


@pytest.mark.parametrize("minimum", [0, 20, 49.9, 50])
def test_a_confidence_under_50_is_never_enough(minimum: float) -> None:
    unsure = [
        person(part(FACE, MASK), confidence=49.9),
        person(part(FACE, MASK, confidence=49.9)),
        person(part(FACE, item(FACE_COVER, 49.9))),
        person(part(FACE, item(FACE_COVER, sure=49.9))),
    ]
    for each in unsure:
        assert lists(summarised([each], required_types(FACE_COVER, minimum=minimum))) == UNKNOWN


# cases

Lists: TypeAlias = tuple[list[int], list[int], list[int]]
WITH: Lists = ([0], [], [])
WITHOUT: Lists = ([], [0], [])
UNKNOWN: Lists = ([], [], [0])
MASK, HELMET, GLOVE = item(FACE_COVER), item(HEAD_COVER), item(HAND_COVER)


CASES: list[tuple[models.ProtectiveEquipmentPerson, list[models.ProtectiveEquipmentType], Lists]] = [
    (person(part(FACE, MASK)), [FACE_COVER], WITH),
    (person(part(FACE)), [FACE_COVER], WITHOUT),
    (person(), [FACE_COVER], UNKNOWN),
    (person(part(HEAD, HELMET)), [FACE_COVER], UNKNOWN),
    (person(part(FACE, MASK), part(HEAD)), [FACE_COVER, HEAD_COVER], WITHOUT),
    (person(part(FACE, MASK)), [FACE_COVER, HEAD_COVER], UNKNOWN),
    (person(part(FACE)), [FACE_COVER, HEAD_COVER], WITHOUT),
    (person(part(FACE, MASK), part(HEAD, HELMET)), [FACE_COVER, HEAD_COVER], WITH),
    (person(part(LEFT, GLOVE), part(RIGHT, GLOVE)), [HAND_COVER], WITH),
    (person(part(LEFT, GLOVE), part(RIGHT)), [HAND_COVER], WITHOUT),
    (person(part(LEFT, GLOVE)), [HAND_COVER], UNKNOWN),
    (person(part(FACE, item(FACE_COVER, covers=False))), [FACE_COVER], WITHOUT),
    (person(part(FACE, item(FACE_COVER, covers=False), MASK)), [FACE_COVER], WITH),
    (person(part(FACE, item(FACE_COVER, covers=None))), [FACE_COVER], UNKNOWN),
    (person(part(FACE, item(FACE_COVER, covers=None), MASK)), [FACE_COVER], WITH),
    (person(part(FACE, item(FACE_COVER, covers=None), item(FACE_COVER, covers=False))), [FACE_COVER], UNKNOWN),
    (person(part(FACE, HELMET, item(FACE_COVER, covers=False))), [FACE_COVER], WITHOUT),
    (person(part(FACE, item(FACE_COVER, 79))), [FACE_COVER], UNKNOWN),
    (person(part(FACE, item(FACE_COVER, sure=79))), [FACE_COVER], UNKNOWN),
    (person(part(FACE, MASK, confidence=79)), [FACE_COVER], UNKNOWN),
    (person(part(FACE, MASK), confidence=79), [FACE_COVER], UNKNOWN),
    (person(part(FACE, item(FACE_COVER, 80, sure=80), confidence=80), confidence=80), [FACE_COVER], WITH),
    (person(part(FACE, HELMET)), [FACE_COVER], WITHOUT),
    (person(), [], WITH),
]


def test_each_case_puts_the_person_in_its_list() -> None:
    for one_person, required, expected in CASES:
        assert lists(summarised([one_person], required_types(*required))) == expected


def test_the_15_persons_with_the_largest_boxes_are_numbered_in_their_order() -> None:
    def sized(width: float, height: float) -> models.ProtectiveEquipmentPerson:
        box = models.BoundingBox(left=0, top=0, width=width, height=height)
        return models.ProtectiveEquipmentPerson(id=99, confidence=90, bounding_box=box)

    tall, wide, boxless = sized(0.1, 0.9), sized(0.5, 0.2), person(number=99)
    middle = [sized(0.5, 0.19) for _ in range(14)]
    given = [boxless, tall, *middle, wide]
    kept = numbered(given)
    assert [each.id for each in kept] == list(range(15))
    assert all(one is other for one, other in zip(kept, [*middle, wide], strict=True))
    few = [boxless, wide, tall]
    assert all(one is other for one, other in zip(numbered(few), few, strict=True))
    assert [each.id for each in few] == [0, 1, 2]
    equal = [sized(0.3, 0.3) for _ in range(16)]
    assert all(one is other for one, other in zip(numbered(equal), equal[:15], strict=True))
