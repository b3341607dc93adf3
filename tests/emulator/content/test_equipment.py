"""DetectProtectiveEquipment without a declaration: persons and body parts, and no word about equipment."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator import Box, DecodedImage, DetectedPerson, Emulator, KeyPoint, KeyPoints
from tests.kit.photographs import photograph
from tests.kit.wire import image_file, plain_image

ALL = models.ProtectiveEquipmentSummarizationAttributes(
    min_confidence=50, required_equipment_types=list(models.ProtectiveEquipmentType)
)


@pytest.fixture(scope="module")
def client() -> Iterator[RekognitionClient]:
    with Emulator() as emulator, RekognitionClient.local(emulator) as opened:
        yield opened


def parts_of(response: models.DetectProtectiveEquipmentResponse) -> list[list[str]]:
    return [[part.name for part in person.body_parts] for person in response.persons]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("astronaut", ["FACE", "HEAD"]),
        ("camera", ["FACE", "HEAD", "LEFT_HAND"]),
        ("officer", ["FACE", "HEAD"]),
    ],
)
def test_a_person_has_the_visible_parts_without_equipment(
    client: RekognitionClient, name: str, parts: list[str]
) -> None:
    response = client.detect_protective_equipment(photograph(name), summarization_attributes=ALL)
    assert parts_of(response) == [parts]
    (person,) = response.persons
    assert person.confidence > 98
    assert all(part.confidence >= 50 and part.equipment_detections == [] for part in person.body_parts)
    assert person.bounding_box is not None
    assert person.bounding_box.height > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("required", [[], *([kind] for kind in models.ProtectiveEquipmentType)])
def test_a_detected_person_is_indeterminate(
    client: RekognitionClient, required: list[models.ProtectiveEquipmentType]
) -> None:
    attributes = models.ProtectiveEquipmentSummarizationAttributes(min_confidence=0, required_equipment_types=required)
    summary = client.detect_protective_equipment(photograph("camera"), summarization_attributes=attributes).summary
    assert summary == models.ProtectiveEquipmentSummary(persons_indeterminate=[0])


def test_a_declared_person_with_a_bare_face_is_without_equipment() -> None:
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        emulator.declare(photograph("officer"), ppe=[{"BodyParts": ["FACE", "HEAD", "LEFT_HAND", "RIGHT_HAND"]}])
        summary = client.detect_protective_equipment(photograph("officer"), summarization_attributes=ALL).summary
    assert summary == models.ProtectiveEquipmentSummary(persons_without_required_equipment=[0])


@pytest.mark.slow
def test_without_persons_the_lists_are_empty(client: RekognitionClient) -> None:
    for image in (photograph("coffee"), image_file(plain_image(64, 64)), image_file(plain_image(4096, 64))):
        response = client.detect_protective_equipment(image, summarization_attributes=ALL)
        assert (response.persons, response.summary) == ([], models.ProtectiveEquipmentSummary())


def kinds() -> dict[str, bytes]:
    """Return a photograph as files of several kinds."""
    image = Image.open(io.BytesIO(photograph("camera"))).convert("RGB")
    grey = np.asarray(image.convert("L"))
    turned, exif = image.transpose(Image.Transpose.ROTATE_90), Image.Exif()
    exif[0x0112] = 6
    return {
        "grey": image_file(Image.fromarray(grey)),
        "16 bits": image_file(Image.fromarray(grey.astype(np.uint16) * 257)),
        "CMYK": image_file(image.convert("CMYK"), "JPEG"),
        "palette": image_file(image.quantize(64)),
        "turned by EXIF": image_file(turned, "JPEG", exif=exif),
        "64 pixels": image_file(image.resize((64, 64))),
    }


@pytest.mark.parametrize("kind", kinds())
def test_a_person_is_found_in_each_kind_of_file(client: RekognitionClient, kind: str) -> None:
    check_the_man_with_the_camera(client, kinds()[kind])


@pytest.mark.slow
def test_a_person_is_found_in_the_largest_image(client: RekognitionClient) -> None:
    image = Image.open(io.BytesIO(photograph("camera"))).convert("RGB").resize((4096, 4096))
    check_the_man_with_the_camera(client, image_file(image, "JPEG"))


def check_the_man_with_the_camera(client: RekognitionClient, image: bytes) -> None:
    (person,) = client.detect_protective_equipment(image).persons
    box = person.bounding_box
    assert box is not None
    stated = Box(0, 62 / 512, 330 / 512, 450 / 512)
    assert Box(box.left, box.top, box.width, box.height).overlap(stated) > 0.7
    assert "HEAD" in [part.name for part in person.body_parts]


class OnePerson:
    """A detector that finds one person, whose left hand is raised, and a doubtful one."""

    def detect(self, image: DecodedImage) -> list[DetectedPerson]:
        hidden = KeyPoint(0, 0, 0)
        points = KeyPoints(*[hidden] * 17)._replace(left_elbow=KeyPoint(80, 60, 0.9), left_wrist=KeyPoint(80, 40, 0.9))
        box = Box(image.width / 2, 0, image.width / 2, image.height)
        return [DetectedPerson(box, 0.9, points), DetectedPerson(box, 0.4, points)]


def test_a_detector_of_the_user_replaces_ours() -> None:
    with Emulator(vision="off", person_detector=OnePerson()) as emulator, RekognitionClient.local(emulator) as client:
        response = client.detect_protective_equipment(image_file(plain_image()), summarization_attributes=ALL)
    (person,) = response.persons
    assert (person.confidence, person.bounding_box) == (
        90,
        models.BoundingBox(left=0.5, top=0, width=0.5, height=1),
    )
    assert parts_of(response) == [["LEFT_HAND"]]
    assert response.summary == models.ProtectiveEquipmentSummary(persons_indeterminate=[0])


def test_with_vision_off_undeclared_persons_are_refused() -> None:
    with Emulator(vision="off") as emulator, RekognitionClient.local(emulator) as client:
        with pytest.raises(ServiceError, match=r"declare\(image, ppe=\[\.\.\.\]\)") as caught:
            client.detect_protective_equipment(photograph("camera"))
        assert caught.value.code == "NotServedByEmulator"


class Crowd:
    """A detector that finds 17 persons."""

    def detect(self, image: DecodedImage) -> list[DetectedPerson]:
        points = KeyPoints(*[KeyPoint(0, 0, 0)] * 17)
        return [DetectedPerson(Box(index, 0, 1, image.height), 0.9, points) for index in range(17)]


def test_at_most_fifteen_detected_persons_are_returned() -> None:
    with Emulator(person_detector=Crowd()) as emulator, RekognitionClient.local(emulator) as client:
        persons = client.detect_protective_equipment(image_file(plain_image())).persons
    assert [person.id for person in persons] == list(range(15))
