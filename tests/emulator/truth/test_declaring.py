"""Declarations: their problems, their effect on operations, their removal, and declared faces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rekog import Credentials, RekognitionClient, ServiceError, models, to_wire
from rekog.emulator import NOT_SERVED, Emulator, TruthError
from rekog.emulator.truth.declaring import checked
from rekog.emulator.truth.names import name_of
from tests.emulator.truth.declarations import BOX, IMAGE, OTHER, VERSION, label_names, problems
from tests.kit.clock import NOW
from tests.kit.wire import ASTRONAUT, image_file, plain_image

RATIO = "must be a ratio of the image's height, more than 0"
MEMBERS = "Aliases, Categories, Confidence, Instances, Name, Parents"
EMOTIONS = "HAPPY, SAD, ANGRY, CONFUSED, DISGUSTED, SURPRISED, CALM, UNKNOWN, FEAR"
PATTERN = (
    r"^arn:[a-z\d-]+:rekognition:[a-z\d-]+:\d{12}:project\/[a-zA-Z0-9_.\-]{1,255}\/version\/[a-zA-Z0-9_.\-]{1,255}"
    r"\/[0-9]+$"
)
AT_LEAST_50 = "must be at least 50, as in the service's responses"
NAME_IN_SHORT = "must be a mapping, not int, or in short: Name, Confidence"
THERE_ARE = (
    "there are faces, labels, text, moderation, content_types, ppe, celebrities, custom_labels, persons, segments,"
    " video, audio"
)
PROBLEMS: list[tuple[dict[str, object], list[str]]] = [
    ({"labels": [("Cat", 120)]}, ["labels[0].Confidence: must be at most 100, not 120"]),
    (
        {"labels": [{"Nam": "Cat", "Name": "Cat"}]},
        [f"labels[0].Nam: no such member; there are {MEMBERS}; did you mean Name?"],
    ),
    ({"labels": [{}]}, ["labels[0].Name: required, and must be text"]),
    ({"labels": [" "]}, ["labels[0].Name: must not be blank"]),
    ({"text": [""]}, ["text[0].DetectedText: must not be blank"]),
    ({"labels": [BOX]}, ["labels[0]: must be a mapping, not BoundingBox, or in short: Name, Confidence"]),
    ({"labels": [3]}, ["labels[0]: must be a mapping, not int, or in short: Name, Confidence"]),
    ({"labels": ["Cat", ("Cat", 9, 9)]}, ["labels[1]: must be a mapping, not tuple, or in short: Name, Confidence"]),
    ({"labels": [[]]}, ["labels[0]: must be a mapping, not list, or in short: Name, Confidence"]),
    ({"text": [()]}, ["text[0]: must be a mapping, not tuple, or in short: DetectedText, Confidence"]),
    ({"celebrities": [[1]]}, ["celebrities[0]: must be a mapping, not list"]),
    ({"ppe": ["Ann"]}, ["ppe[0]: must be a mapping, not str"]),
    ({"labels": "Cat"}, ["labels: must be a list, not str"]),
    ({"labels": ["Cat", {"Name": "Dog", "Parents": "Animal"}]}, ["labels[1].Parents: must be a list, not str"]),
    (
        {"labels": [{"Name": "Cat", "Instances": [7]}, {"Name": "Dog", "Instances": [{}]}]},
        [
            "labels[0].Instances[0]: must be a mapping, not int",
            "labels[1].Instances[0].BoundingBox: required, and must be a mapping",
        ],
    ),
    (
        {"faces": [[91, 113, 178, 63]]},
        [
            "faces[0].BoundingBox.Width: must be a ratio of the image's width, more than 0, not 178",
            "faces[0].BoundingBox.Height: must be a ratio of the image's height, more than 0, not 63",
        ],
    ),
    ({"faces": [[0, 0, 2, 2.1]]}, [f"faces[0].BoundingBox.Height: {RATIO}, not 2.1"]),
    ({"faces": [[0, 0, 0.1, 0]]}, [f"faces[0].BoundingBox.Height: {RATIO}, not 0"]),
    ({"faces": [[0, 0, 0.1]]}, ["faces[0].BoundingBox.Height: required, and must be a finite number"]),
    ({"faces": [{}]}, ["faces[0].BoundingBox: required, and must be a mapping"]),
    ({"faces": [{"BoundingBox": BOX, "Identity": " "}]}, [r"faces[0].Identity: must match the pattern .*\S.*"]),
    ({"faces": [{"BoundingBox": BOX, "Identity": 7}]}, ["faces[0].Identity: must be text, not int"]),
    (
        {"faces": [{"BoundingBox": BOX, "Emotions": ["GLAD"]}]},
        [f"faces[0].Emotions[0].Type: must be one of {EMOTIONS}"],
    ),
    ({"faces": [{"BoundingBox": BOX, "AgeRange": [9, 4]}]}, ["faces[0].AgeRange.High: must be at least Low, 9"]),
    (
        {"faces": [{"BoundingBox": BOX, "AgeRange": [9]}]},
        ["faces[0].AgeRange.High: required, and must be a whole number"],
    ),
    ({"ppe": [{"Confidence": 49.9}]}, [f"ppe[0].Confidence: {AT_LEAST_50}, not 49.9"]),
    (
        {"ppe": [{"BodyParts": [{"Name": "FACE", "Confidence": 4}]}]},
        [f"ppe[0].BodyParts[0].Confidence: {AT_LEAST_50}, not 4"],
    ),
    (
        {"ppe": [{"BodyParts": [{"Name": "FACE", "EquipmentDetections": [{"Type": "FACE_COVER", "Confidence": 4}]}]}]},
        [f"ppe[0].BodyParts[0].EquipmentDetections[0].Confidence: {AT_LEAST_50}, not 4"],
    ),
    ({"persons": [{"Index": 1}]}, ["persons[0].Timestamp: required, and must be a whole number"]),
    ({"labels": [{"Timestamp": -1, "Name": "Cat"}]}, ["labels[0].Timestamp: must be 0 or more milliseconds, not -1"]),
    (
        {"segments": [{"Type": "SHOT"}]},
        [
            "segments[0].StartTimestampMillis: required, and must be a whole number",
            "segments[0].EndTimestampMillis: required, and must be a whole number",
        ],
    ),
    (
        {"content_types": [{"Timestamp": 1, "Name": "x"}]},
        ["content_types[0].Timestamp: no such member; there are Confidence, Name"],
    ),
    (
        {"custom_labels": {"arn:of:something:quite:else": []}},
        [f"custom_labels.arn:of:something:quite:else: must match the pattern ({PATTERN})"],
    ),
    ({"custom_labels": {VERSION: "cat"}}, [f"custom_labels.{VERSION}: must be a list, not str"]),
    ({"custom_labels": {VERSION: ["cat", 7]}}, [f"custom_labels.{VERSION}[1]: {NAME_IN_SHORT}"]),
    ({"custom_labels": {"": ["cat", 7]}}, [f"custom_labels[1]: {NAME_IN_SHORT}"]),
    ({"custom_labels": ["cat", 7]}, [f"custom_labels[1]: {NAME_IN_SHORT}"]),
    ({"custom_labels": 7}, ["custom_labels: must be a list, not int"]),
    ({"video": 7}, ["video: must be a mapping, not int"]),
    ({"colours": ["red"]}, [f"colours: no such capability; {THERE_ARE}"]),
    ({"colours": ["red"], "labels": [3]}, [f"colours: no such capability; {THERE_ARE}", f"labels[0]: {NAME_IN_SHORT}"]),
    ({"labels": None}, [f"nothing is declared; {THERE_ARE}"]),
]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that sees nothing but faces, so that all other content is declared or refused."""
    with Emulator(vision="off", clock=lambda: NOW) as opened:
        yield opened


def test_a_problem_has_the_path_and_the_rule() -> None:
    for declaration, texts in PROBLEMS:
        assert problems(**declaration) == texts


HALVES: list[tuple[dict[str, object], str]] = [
    ({"labels": ["Cat", "\ud800"]}, "labels[1].Name"),
    ({"labels": [{"Name": "Cat", "Aliases": ["\udfff"]}]}, "labels[0].Aliases[0].Name"),
    ({"faces": [{"BoundingBox": [0, 0, 1, 1], "Identity": "\ud83d \ude00"}]}, "faces[0].Identity"),
    ({"celebrities": [{"Timestamp": 0, "Name": "\ud800"}]}, "celebrities[0].Celebrity.Name"),
    ({"custom_labels": {VERSION: ["\ud800"]}}, f"custom_labels.{VERSION}[0].Name"),
    ({"video": {"Codec": "\ud800"}}, "video.Codec"),
]


def test_half_a_surrogate_pair_is_refused() -> None:
    for declaration, path in HALVES:
        assert problems(**declaration) == [f"{path}: must be text, without half a surrogate pair"]


def test_a_whole_surrogate_pair_is_a_character(emulator: Emulator, client: RekognitionClient) -> None:
    document = json.dumps({"declare": [{"of": name_of(IMAGE), "labels": ["\U0001f600"]}]})
    assert "\\ud83d" in document
    emulator.declare_document(json.loads(document))
    assert label_names(client) == ["\U0001f600"]


def test_an_error_has_all_problems() -> None:
    declaration: dict[str, object] = {"labels": [("Cat", 120), {}], "words": []}
    texts = [
        f"words: no such capability; {THERE_ARE}",
        "labels[0].Confidence: must be at most 100, not 120",
        "labels[1].Name: required, and must be text",
    ]
    with pytest.raises(TruthError) as caught:
        checked(declaration, "cats.toml: ")
    assert caught.value.problems == texts
    assert str(caught.value) == "3 problems:" + "".join(f"\n  cats.toml: {text}" for text in texts)
    with pytest.raises(TruthError) as caught:
        checked(declaration)
    assert str(caught.value) == "3 problems:" + "".join(f"\n  {text}" for text in texts)


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


ACCEPTED: list[dict[str, object]] = [
    {"faces": [{"BoundingBox": [-0.5, -0.5, 2, 2], "AgeRange": [30, 30]}]},
    {"faces": [{"BoundingBox": [0, 0, 1e-9, 1e-9], "AgeRange": [0, 100]}]},
    {"labels": [{"Timestamp": 0, "Name": "Cat", "Confidence": 0}]},
    {"labels": [("Cat", 100)]},
    {"ppe": [{"Confidence": 50, "BodyParts": [{"Name": "FACE", "Confidence": 50}]}]},
]


def test_a_value_at_the_edge_of_its_range_is_accepted() -> None:
    for declaration in ACCEPTED:
        assert checked(declaration)


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
