"""Declarations: their problems, their effect on operations, their removal, and declared faces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rekog import Credentials, RekognitionClient, ServiceError, models, to_wire
from rekog.emulator import NOT_SERVED, Emulator, TruthError
from rekog.emulator.truth.names import name_of
from tests.emulator.truth.declarations import BOX, IMAGE, OTHER, THERE_ARE, label_names
from tests.kit.clock import NOW
from tests.kit.wire import ASTRONAUT, image_file, plain_image


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that sees nothing but faces, so that all other content is declared or refused."""
    with Emulator(vision="off", clock=lambda: NOW) as opened:
        yield opened


def test_a_whole_surrogate_pair_is_a_character(emulator: Emulator, client: RekognitionClient) -> None:
    document = json.dumps({"declare": [{"of": name_of(IMAGE), "labels": ["\U0001f600"]}]})
    assert "\\ud83d" in document
    emulator.declare_document(json.loads(document))
    assert label_names(client) == ["\U0001f600"]


def test_an_invalid_declaration_changes_nothing(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    with pytest.raises(TruthError, match="text"):
        emulator.declare(IMAGE, labels=["Dog"], text=[7])
    assert label_names(client) == ["Cat"]


# effect on operations


def test_the_refusal_of_an_undeclared_capability_has_the_remedy(client: RekognitionClient) -> None:
    calls: list[Callable[[bytes], object]] = [
        client.detect_labels,
        client.detect_text,
        client.detect_moderation_labels,
        client.detect_protective_equipment,
    ]
    for call in calls:
        with pytest.raises(ServiceError, match=r"Emulator\.declare\(\w+, \w+=\[\.\.\.\]\)") as caught:
            call(IMAGE)
        assert (caught.value.status_code, caught.value.code) == (501, NOT_SERVED)


def test_an_empty_list_declares_that_there_is_nothing(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=[], text=[], moderation=[], ppe=[], faces=[])
    assert client.detect_labels(IMAGE).labels == []
    assert client.detect_text(IMAGE).text_detections == []
    assert client.detect_moderation_labels(IMAGE).moderation_labels == []
    assert client.detect_protective_equipment(IMAGE).persons == []
    assert client.detect_faces(IMAGE, attributes=["ALL"]).face_details == []


def test_a_declaration_does_not_apply_to_other_bytes(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    with pytest.raises(ServiceError, match="can't detect the labels"):
        client.detect_labels(OTHER)


def test_a_declaration_of_an_object_applies_to_its_key(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.put_object("photos", "a/cat.png", IMAGE)
    emulator.declare("s3://photos/a/cat.png", labels=["Cat"])
    assert label_names(client, "s3://photos/a/cat.png") == ["Cat"]
    with pytest.raises(ServiceError, match="can't detect the labels"):
        client.detect_labels(IMAGE)


def test_a_declaration_of_the_bytes_precedes_that_of_the_key_for_each_capability(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.put_object("photos", "cat.png", IMAGE)
    emulator.declare("s3://photos/cat.png", labels=["Dog"], text=["STOP"])
    emulator.declare(IMAGE, labels=["Cat"])
    assert label_names(client, "s3://photos/cat.png") == ["Cat"]
    assert client.detect_text("s3://photos/cat.png").text_detections[0].detected_text == "STOP"


def test_a_missing_object_is_an_error_although_it_was_declared(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare("s3://photos/cat.png", labels=["Cat"])
    with pytest.raises(ServiceError) as caught:
        client.detect_labels("s3://photos/cat.png")
    assert caught.value.code == "InvalidS3ObjectException"


def test_bytes_of_another_format_are_refused_although_they_were_declared(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(b"\xff\xd8\xff no image", labels=["Cat"])
    with pytest.raises(ServiceError) as caught:
        client.detect_labels(b"\xff\xd8\xff no image")
    assert caught.value.code == "InvalidImageFormatException"


def test_content_declared_of_a_video_does_not_apply_to_an_image(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=[{"Timestamp": 0, "Name": "Cat"}])
    with pytest.raises(ServiceError, match="those of a video"):
        client.detect_labels(IMAGE)


def test_a_capability_is_replaced_and_the_others_stay(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=["Cat"], text=["STOP"])
    emulator.declare(IMAGE, labels=["Dog"])
    assert label_names(client) == ["Dog"]
    assert client.detect_text(IMAGE).text_detections


def test_declared_content_applies_to_all_accounts_and_regions(emulator: Emulator) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    for region in ("us-east-1", "eu-west-1"):
        with RekognitionClient(
            region, credentials=Credentials("AKID", "secret"), transport=emulator.transport()
        ) as client:
            assert label_names(client) == ["Cat"]


def test_declared_content_survives_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        emulator.declare(IMAGE, labels=["Cat"])
    with Emulator(data=tmp_path) as emulator, RekognitionClient.local(emulator) as client:
        assert label_names(client) == ["Cat"]


# removal


def test_one_capability_one_image_or_everything_can_be_removed() -> None:
    with Emulator(vision="off") as emulator, RekognitionClient.local(emulator) as client:
        for image in (IMAGE, OTHER):
            emulator.declare(image, labels=["Cat"], text=[])
        emulator.forget(IMAGE, "labels")
        assert client.detect_text(IMAGE).text_detections == []
        emulator.forget(IMAGE)
        assert label_names(client, OTHER) == ["Cat"]
        emulator.forget()
        for image in (IMAGE, OTHER):
            with pytest.raises(ServiceError, match="can't detect the labels"):
                client.detect_labels(image)
            with pytest.raises(ServiceError, match="can't detect the text"):
                client.detect_text(image)


def test_removing_undeclared_content_is_no_error_but_an_unknown_capability_is(emulator: Emulator) -> None:
    emulator.forget(IMAGE, "labels")
    with pytest.raises(TruthError) as caught:
        emulator.forget(IMAGE, "words", "labels", "signs")
    assert caught.value.problems == [f"{name}: no such capability; {THERE_ARE}" for name in ("words", "signs")]


# faces


def test_declared_faces_come_largest_first_and_replace_detected_ones(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(ASTRONAUT, faces=[[0, 0, 0.1, 0.1], [0.5, 0.5, 0.3, 0.3]])
    detected = client.detect_faces(ASTRONAUT.read_bytes()).face_details
    assert [face.bounding_box.width for face in detected] == [0.3, 0.1]


def test_a_declared_face_has_the_default_attributes_and_its_quality_is_measured(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(IMAGE, faces=[{"BoundingBox": BOX, "Smile": True, "Identity": "Ann"}])
    (face,) = client.detect_faces(IMAGE).face_details
    assert (face.pose, face.smile) == (models.Pose(roll=0, yaw=0, pitch=0), None)
    assert face.quality is not None
    assert face.quality.brightness == pytest.approx(100 * ((0.299 * 90 + 0.587 * 110 + 0.114 * 130) / 255) ** 0.25)
    assert face.quality.sharpness == 0


def test_pose_quality_and_landmarks_can_be_declared(emulator: Emulator, client: RekognitionClient) -> None:
    declaration = {"BoundingBox": BOX, "Pose": [1, 2, 3], "Quality": [40, 50], "Landmarks": [["nose", 0.5, 0.5]]}
    emulator.declare(IMAGE, faces=[declaration])
    (face,) = client.detect_faces(IMAGE).face_details
    assert face.pose == models.Pose(roll=1, yaw=2, pitch=3)
    assert face.quality == models.ImageQuality(brightness=40, sharpness=50)
    assert face.landmarks == [models.Landmark(type=models.LandmarkType.NOSE, x=0.5, y=0.5)]


def test_declared_attributes_are_returned_when_requested(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, faces=[{"BoundingBox": BOX, "Smile": True, "AgeRange": [20, 30]}])
    (face,) = client.detect_faces(IMAGE, attributes=["DEFAULT", "AGE_RANGE"]).face_details
    assert (face.age_range, face.smile) == (models.AgeRange(low=20, high=30), None)


EVERYTHING: dict[str, object] = {
    "AgeRange": [20, 30],
    "Beard": False,
    "Emotions": ["CALM"],
    "EyeDirection": [1, 2],
    "Eyeglasses": False,
    "EyesOpen": True,
    "FaceOccluded": False,
    "Gender": "Female",
    "MouthOpen": False,
    "Mustache": False,
    "Smile": True,
    "Sunglasses": False,
}


def test_all_attributes_can_be_declared(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, faces=[{"BoundingBox": BOX, **EVERYTHING}])
    (face,) = client.detect_faces(IMAGE, attributes=["ALL"]).face_details
    assert set(EVERYTHING) <= set(to_wire(face))


@pytest.mark.parametrize("member", sorted(EVERYTHING))
def test_an_undeclared_attribute_of_a_declared_face_is_refused_by_name(
    emulator: Emulator, client: RekognitionClient, member: str
) -> None:
    whole = {"BoundingBox": BOX, **EVERYTHING}
    emulator.declare(IMAGE, faces=[whole, {name: value for name, value in whole.items() if name != member}])
    with pytest.raises(ServiceError, match=rf"declared without [A-Z_]+, .* \({member}\)"):
        client.detect_faces(IMAGE, attributes=["ALL"])


def test_faces_of_one_identity_match_and_others_do_not(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, faces=[{"BoundingBox": BOX, "Identity": "Ann"}])
    emulator.declare(OTHER, faces=[{"BoundingBox": BOX, "Identity": "Ann"}])
    for stranger, face in enumerate([{"BoundingBox": BOX, "Identity": "Bob"}, BOX]):
        emulator.declare(image_file(plain_image(130 + stranger)), faces=[face])
    client.create_collection("people")
    client.index_faces("people", IMAGE, quality_filter="NONE")
    assert len(client.search_faces_by_image("people", OTHER).face_matches) == 1
    for stranger in range(2):
        assert client.search_faces_by_image("people", image_file(plain_image(130 + stranger))).face_matches == []
