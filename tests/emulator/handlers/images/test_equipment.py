"""DetectProtectiveEquipment: persons, summary and limits, over the transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient, ServiceError, models
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE = image_file(plain_image())
FACE_COVERS = models.ProtectiveEquipmentSummarizationAttributes(
    min_confidence=80, required_equipment_types=[models.ProtectiveEquipmentType.FACE_COVER]
)


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def lists(summary: models.ProtectiveEquipmentSummary | None) -> tuple[list[int], list[int], list[int]]:
    assert summary is not None
    return (
        summary.persons_with_required_equipment,
        summary.persons_without_required_equipment,
        summary.persons_indeterminate,
    )


def test_persons_are_numbered_including_those_without_equipment(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(
        IMAGE,
        ppe=[
            {"BodyParts": [{"Name": "FACE", "EquipmentDetections": ["FACE_COVER"]}], "BoundingBox": [0, 0, 0.3, 0.9]},
            {"BodyParts": ["FACE"]},
            {"Confidence": 70},
        ],
    )
    response = client.detect_protective_equipment(IMAGE, summarization_attributes=FACE_COVERS)
    assert [each.id for each in response.persons] == [0, 1, 2]
    assert lists(response.summary) == ([0], [1], [2])
    assert response.protective_equipment_model_version == "1.0"


def test_a_response_has_no_summary_unless_requested(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, ppe=[{"BodyParts": ["FACE"]}])
    assert client.detect_protective_equipment(IMAGE).summary is None


def test_without_persons_the_lists_are_empty(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, ppe=[])
    response = client.detect_protective_equipment(IMAGE, summarization_attributes=FACE_COVERS)
    assert (response.persons, lists(response.summary)) == ([], ([], [], []))


def test_only_the_15_largest_persons_are_returned(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, ppe=[{"BoundingBox": [0, 0, (7 * n % 20 + 1) / 20, 0.5]} for n in range(20)])
    persons = client.detect_protective_equipment(IMAGE).persons
    widths = [round(each.bounding_box.width * 20) for each in persons if each.bounding_box]
    assert widths == [width for n in range(20) if (width := 7 * n % 20 + 1) > 5]
    assert [each.id for each in persons] == list(range(15))


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((64, 64), None),
        ((63, 64), "InvalidParameterException"),
        ((4096, 64), None),
        ((4097, 64), "ImageTooLargeException"),
    ],
)
def test_images_for_equipment_have_64_to_4096_pixels(
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
