"""DetectProtectiveEquipment: the summary by its laws and rows, and the operation over the transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator.answers.equipment import numbered, summarised
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE = image_file(plain_image())
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
laws = settings(derandomize=True, max_examples=80, deadline=None)


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


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


def wanted(
    *kinds: models.ProtectiveEquipmentType, least: float = 80
) -> models.ProtectiveEquipmentSummarizationAttributes:
    return models.ProtectiveEquipmentSummarizationAttributes(min_confidence=least, required_equipment_types=list(kinds))


def lists(summary: models.ProtectiveEquipmentSummary | None) -> tuple[list[int], list[int], list[int]]:
    assert summary is not None
    return (
        summary.persons_with_required_equipment,
        summary.persons_without_required_equipment,
        summary.persons_indeterminate,
    )


# laws

percents = st.floats(50, 100)
items = st.builds(
    item, st.sampled_from([FACE_COVER, HEAD_COVER, HAND_COVER]), percents, st.none() | st.booleans(), percents
)


@st.composite
def parts(draw: st.DrawFn) -> models.ProtectiveEquipmentBodyPart:
    name = draw(st.sampled_from([FACE, HEAD, LEFT, RIGHT]))
    return part(name, *draw(st.lists(items, max_size=2)), confidence=draw(percents))


@st.composite
def someone(draw: st.DrawFn) -> models.ProtectiveEquipmentPerson:
    seen = draw(st.lists(parts(), max_size=4, unique_by=lambda each: each.name))
    return person(*seen, confidence=draw(percents))


persons = st.lists(someone(), max_size=6).map(numbered)
kinds = st.lists(st.sampled_from([FACE_COVER, HEAD_COVER, HAND_COVER]), unique=True)


@laws
@given(persons, kinds, st.floats(0, 100))
def test_every_person_is_in_exactly_one_list(
    seen: list[models.ProtectiveEquipmentPerson], required: list[models.ProtectiveEquipmentType], least: float
) -> None:
    together = [number for numbers in lists(summarised(seen, wanted(*required, least=least))) for number in numbers]
    assert sorted(together) == list(range(len(seen)))


@laws
@given(persons, kinds, st.floats(0, 100), st.floats(0, 100))
def test_a_higher_threshold_only_makes_things_less_certain(
    seen: list[models.ProtectiveEquipmentPerson],
    required: list[models.ProtectiveEquipmentType],
    one: float,
    other: float,
) -> None:
    low, high = sorted([one, other])
    loose, strict = (lists(summarised(seen, wanted(*required, least=least))) for least in (low, high))
    assert set(loose[2]) <= set(strict[2])
    assert set(strict[0]) <= set(loose[0])


@laws
@given(persons, kinds, st.sampled_from([FACE_COVER, HEAD_COVER, HAND_COVER]))
def test_who_lacks_something_lacks_it_when_more_is_required_and_who_has_all_has_each(
    seen: list[models.ProtectiveEquipmentPerson],
    required: list[models.ProtectiveEquipmentType],
    more: models.ProtectiveEquipmentType,
) -> None:
    fewer, all_of_them = (lists(summarised(seen, wanted(*each))) for each in (required, [*required, more]))
    assert set(fewer[1]) <= set(all_of_them[1])
    assert set(all_of_them[0]) <= set(fewer[0])


@laws
@given(persons, kinds, st.floats(0, 50))
def test_a_threshold_under_50_acts_as_50(
    seen: list[models.ProtectiveEquipmentPerson], required: list[models.ProtectiveEquipmentType], least: float
) -> None:
    assert summarised(seen, wanted(*required, least=least)) == summarised(seen, wanted(*required, least=50))


# rows of the contract

Lists: TypeAlias = tuple[list[int], list[int], list[int]]
WITH: Lists = ([0], [], [])
WITHOUT: Lists = ([], [0], [])
UNKNOWN: Lists = ([], [], [0])
MASK, HELMET, GLOVE = item(FACE_COVER), item(HEAD_COVER), item(HAND_COVER)


ROWS: list[tuple[models.ProtectiveEquipmentPerson, list[models.ProtectiveEquipmentType], Lists]] = [
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
    (person(part(FACE, item(FACE_COVER, 79))), [FACE_COVER], UNKNOWN),
    (person(part(FACE, item(FACE_COVER, sure=79))), [FACE_COVER], UNKNOWN),
    (person(part(FACE, MASK, confidence=79)), [FACE_COVER], UNKNOWN),
    (person(part(FACE, MASK), confidence=79), [FACE_COVER], UNKNOWN),
    (person(part(FACE, item(FACE_COVER, 80, sure=80), confidence=80), confidence=80), [FACE_COVER], WITH),
    (person(part(FACE, HELMET)), [FACE_COVER], WITHOUT),
    (person(), [], WITH),
]


@pytest.mark.parametrize(("seen", "required", "expected"), ROWS)
def test_who_wears_what_is_required(
    seen: models.ProtectiveEquipmentPerson,
    required: list[models.ProtectiveEquipmentType],
    expected: Lists,
) -> None:
    assert lists(summarised([seen], wanted(*required))) == expected


# over the transport


def test_persons_are_numbered_and_those_without_equipment_are_there_too(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(
        IMAGE,
        ppe=[
            {"BodyParts": [{"Name": "FACE", "EquipmentDetections": ["FACE_COVER"]}], "BoundingBox": [0, 0, 0.3, 0.9]},
            {"BodyParts": ["FACE"]},
            {"Confidence": 70},
        ],
    )
    response = client.detect_protective_equipment(IMAGE, summarization_attributes=wanted(FACE_COVER))
    assert [each.id for each in response.persons] == [0, 1, 2]
    assert lists(response.summary) == ([0], [1], [2])
    assert response.protective_equipment_model_version == "1.0"


def test_without_being_asked_there_is_no_summary(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, ppe=[{"BodyParts": ["FACE"]}])
    assert client.detect_protective_equipment(IMAGE).summary is None


def test_with_nobody_there_the_lists_are_empty(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, ppe=[])
    response = client.detect_protective_equipment(IMAGE, summarization_attributes=wanted(FACE_COVER))
    assert (response.persons, lists(response.summary)) == ([], ([], [], []))


def test_no_more_than_the_15_largest_persons_are_told(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, ppe=[{"BoundingBox": [0, 0, (7 * n % 20 + 1) / 20, 0.5]} for n in range(20)])
    found = client.detect_protective_equipment(IMAGE).persons
    widths = [round(each.bounding_box.width * 20) for each in found if each.bounding_box]
    assert widths == [width for n in range(20) if (width := 7 * n % 20 + 1) > 5]
    assert [each.id for each in found] == list(range(15))


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((64, 64), None),
        ((63, 64), "InvalidParameterException"),
        ((4096, 64), None),
        ((4097, 64), "ImageTooLargeException"),
    ],
)
def test_its_images_have_64_to_4096_pixels(
    emulator: Emulator, client: RekognitionClient, size: tuple[int, int], code: str | None
) -> None:
    image = image_file(plain_image(*size))
    emulator.declare(image, ppe=[])
    if code is None:
        assert client.detect_protective_equipment(image).persons == []
    else:
        with pytest.raises(ServiceError) as caught:
            client.detect_protective_equipment(image)
        assert caught.value.code == code


def test_an_image_in_the_request_has_at_most_4_mb_and_one_in_s3_may_have_more(
    emulator: Emulator, client: RekognitionClient
) -> None:
    large = IMAGE + bytes(4 * 1024 * 1024 + 1 - len(IMAGE))
    emulator.declare(large, ppe=[])
    emulator.put_object("photos", "large.png", large)
    assert client.detect_protective_equipment("s3://photos/large.png").persons == []
    with pytest.raises(ServiceError) as caught:
        client.detect_protective_equipment(large)
    assert caught.value.code == "ImageTooLargeException"
    emulator.declare(large[:-1], ppe=[])
    assert client.detect_protective_equipment(large[:-1]).persons == []
