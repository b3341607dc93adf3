"""What is declared: its forms, what is wrong with it, where it is kept, and how it is found again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import Credentials, RekognitionClient, ServiceError, models, to_wire
from rekog._generated.shapes import SHAPES
from rekog.emulator import NOT_SERVED, Emulator, TruthError
from rekog.emulator.truth.declaring import CAPABILITIES, checked, name_of
from rekog.emulator.truth.files import read_document
from rekog.emulator.truth.shorthand import NEEDED, ORDER
from tests.kit.wire import ASTRONAUT, image_file, plain_image

IMAGE = image_file(plain_image())
OTHER = image_file(plain_image(120, 90))
NO_MORE: dict[str, Any] = {"Instances": [], "Parents": [], "Aliases": [], "Categories": []}
BOX = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
OBJECT = models.S3Object(bucket="photos", name="cat.png")
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/cats/version/one/1700000000000"


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def problems(**declaration: object) -> list[str]:
    with pytest.raises(TruthError) as caught:
        checked(declaration)
    return caught.value.problems


def first(**declaration: object) -> Any:
    """Return the first entry of a declaration of one capability, as it is kept."""
    (entries,) = checked(declaration).values()
    assert isinstance(entries, list)
    return entries[0]  # pyright: ignore[reportUnknownVariableType]  # JSON


def names(client: RekognitionClient, image: bytes | str = IMAGE) -> list[str]:
    return [label.name for label in client.detect_labels(image).labels]


# forms


@pytest.mark.parametrize(
    ("form", "wire"),
    [
        ("Cat", {"Name": "Cat", "Confidence": 100.0}),
        (("Cat", 91.5), {"Name": "Cat", "Confidence": 91.5}),
        (["Cat", 91.5], {"Name": "Cat", "Confidence": 91.5}),
        ({"Name": "Cat", "Confidence": None}, {"Name": "Cat", "Confidence": 100.0}),
        (models.Label(name="Cat", confidence=5), {"Name": "Cat", "Confidence": 5, **NO_MORE}),
        (
            {"Name": "Cat", "Parents": ["Animal"], "Categories": ["Animals and Pets"]},
            {
                "Name": "Cat",
                "Parents": [{"Name": "Animal"}],
                "Categories": [{"Name": "Animals and Pets"}],
                "Confidence": 100.0,
            },
        ),
    ],
)
def test_a_label_may_be_a_name_a_pair_a_wire_form_or_a_model(form: object, wire: object) -> None:
    assert checked({"labels": [form]}) == {"labels": [wire]}


@pytest.mark.parametrize(
    "form", [[0.1, 0.2, 0.3, 0.4], BOX, {"BoundingBox": BOX}, {"BoundingBox": [0.1, 0.2, 0.3, 0.4]}]
)
def test_a_face_may_be_its_box_and_a_box_its_four_numbers(form: object) -> None:
    box = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
    assert checked({"faces": [form]}) == {"faces": [{"BoundingBox": box, "Confidence": 100.0}]}


def test_attributes_of_a_face_have_short_forms() -> None:
    said = {"BoundingBox": BOX, "Smile": True, "AgeRange": [20, 30], "Emotions": [["HAPPY", 90]], "Gender": "Female"}
    face = first(faces=[said])
    assert {name: face[name] for name in ("Smile", "AgeRange", "Emotions", "Gender")} == {
        "Smile": {"Value": True, "Confidence": 100.0},
        "AgeRange": {"Low": 20, "High": 30},
        "Emotions": [{"Type": "HAPPY", "Confidence": 90}],
        "Gender": {"Value": "Female", "Confidence": 100.0},
    }


def test_equipment_covers_unless_said_otherwise() -> None:
    person = first(ppe=[{"BodyParts": [{"Name": "FACE", "EquipmentDetections": ["FACE_COVER"]}]}])
    assert person["BodyParts"][0]["EquipmentDetections"][0] == {
        "Type": "FACE_COVER",
        "Confidence": 100.0,
        "CoversBodyPart": {"Value": True, "Confidence": 100.0},
    }


@pytest.mark.parametrize("name", sorted(ORDER))
def test_every_short_form_fills_members_that_the_structure_has(name: str) -> None:
    members = set(getattr(models, name).__slots__)
    wanted = {"".join(f"_{c.lower()}" if c.isupper() else c for c in member)[1:] for member in ORDER[name]}
    assert wanted <= members


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_everything_needed_is_a_member(name: str) -> None:
    assert set(NEEDED[name]) <= set(SHAPES[name].members)


boxes = st.builds(
    models.BoundingBox,
    left=st.floats(-0.5, 1),
    top=st.floats(-0.5, 1),
    width=st.floats(0.01, 1),
    height=st.floats(0.01, 1),
)
percents = st.floats(0, 100)
names_of_labels = st.text(min_size=1, max_size=8).filter(str.strip)
labels = st.builds(
    models.Label,
    name=names_of_labels,
    confidence=percents,
    instances=st.lists(st.builds(models.Instance, bounding_box=boxes, confidence=percents), max_size=2),
    parents=st.lists(st.builds(models.Parent, name=names_of_labels), max_size=2),
)
faces = st.builds(
    models.FaceDetail,
    bounding_box=boxes,
    confidence=percents,
    smile=st.none() | st.builds(models.Smile, value=st.booleans(), confidence=percents),
    emotions=st.lists(
        st.builds(models.Emotion, type=st.sampled_from(list(models.EmotionName)), confidence=percents), max_size=2
    ),
)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(labels, max_size=3), st.lists(faces, max_size=3))
def test_models_are_kept_as_they_are(said: list[models.Label], seen: list[models.FaceDetail]) -> None:
    kept = json.loads(json.dumps(checked({"labels": said, "faces": seen})))
    assert kept == json.loads(json.dumps({"labels": [to_wire(m) for m in said], "faces": [to_wire(m) for m in seen]}))


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(labels, max_size=3))
def test_what_was_expanded_once_stays_so(said: list[models.Label]) -> None:
    once = checked({"labels": said})
    assert checked(once) == once


# a video


def test_an_entry_of_a_video_may_be_flat_or_in_the_services_form() -> None:
    cat: dict[str, Any] = {"Timestamp": 500, "Label": {"Name": "Cat", "Confidence": 100.0}}
    flat, nested = {"Timestamp": 500, "Name": "Cat"}, {"Timestamp": 500, "Label": "Cat"}
    model = models.LabelDetection(timestamp=500, label=models.Label(name="Cat", confidence=100.0))
    told = {"Timestamp": 500, "Label": {**cat["Label"], **NO_MORE}}
    assert checked({"labels": [flat, nested, model]}) == {"labels": [cat, cat, told]}


def test_a_person_in_a_video_may_have_a_face_with_an_identity() -> None:
    said = {"Timestamp": 0, "Index": 1, "Face": {"BoundingBox": BOX, "Identity": "Ann"}}
    kept = first(persons=[said])
    assert (kept["Person"]["Index"], kept["Person"]["Face"]["Identity"]) == (1, "Ann")


def test_moderation_in_a_video_has_its_content_types_beside_the_label() -> None:
    said = {"Timestamp": 0, "Name": "Smoking", "ContentTypes": ["Animated"]}
    kept = first(moderation=[said])
    assert kept["ModerationLabel"]["Name"] == "Smoking"
    assert kept["ContentTypes"] == [{"Name": "Animated", "Confidence": 100.0}]


def test_what_a_video_is_and_its_segments_are_declared_too() -> None:
    shot = {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": 900, "ShotSegment": {"Index": 0}}
    kept = checked({"video": {"DurationMillis": 900, "FrameRate": 25}, "audio": [{"Codec": "aac"}], "segments": [shot]})
    assert kept["video"] == {"DurationMillis": 900, "FrameRate": 25}
    assert kept["segments"] == [{**shot, "ShotSegment": {"Index": 0, "Confidence": 100.0}}]


def test_entries_of_images_and_of_videos_do_not_mix() -> None:
    assert problems(labels=["Cat", {"Timestamp": 1, "Name": "Dog"}]) == [
        "labels[0]: is of a picture, but labels[1] is of a video, where every entry has a Timestamp"
    ]
    assert "segments is of a video" in problems(labels=["Cat"], segments=[])[0]
    assert checked({"labels": [], "segments": []})


# what is wrong


MISTAKES: list[tuple[dict[str, object], str]] = [
    ({"labels": [("Cat", 120)]}, "labels[0].Confidence: must be at most 100, not 120"),
    ({"labels": [{"Nam": "Cat", "Name": "Cat"}]}, "labels[0].Nam: no such member; there are Aliases, "),
    ({"labels": [{}]}, "labels[0].Name: required, and must be text"),
    ({"labels": [" "]}, "labels[0].Name: must not be blank"),
    ({"text": [""]}, "text[0].DetectedText: must not be blank"),
    ({"labels": [BOX]}, "labels[0]: must be a mapping, not BoundingBox, or in short: Name, Confidence"),
    ({"labels": [3]}, "labels[0]: must be a mapping, not int, or in short: Name, Confidence"),
    ({"labels": ["Cat", ("Cat", 9, 9)]}, "labels[1]: must be a mapping, not tuple, or in short"),
    ({"labels": "Cat"}, "labels: must be a list, not str"),
    ({"labels": ["Cat", {"Name": "Dog", "Parents": "Animal"}]}, "labels[1].Parents: must be a list, not str"),
    ({"faces": [[91, 113, 178, 63]]}, "faces[0].BoundingBox.Width: must be a ratio of the picture's width, more t"),
    ({"faces": [[0, 0, 0.1, 0]]}, "faces[0].BoundingBox.Height: must be a ratio"),
    ({"faces": [[0, 0, 0.1]]}, "faces[0].BoundingBox.Height: required, and must be a finite number"),
    ({"faces": [{}]}, "faces[0].BoundingBox: required, and must be a mapping"),
    ({"faces": [{"BoundingBox": BOX, "Identity": " "}]}, "faces[0].Identity: must match the pattern"),
    ({"faces": [{"BoundingBox": BOX, "Identity": 7}]}, "faces[0].Identity: must be text, not int"),
    ({"faces": [{"BoundingBox": BOX, "Emotions": ["GLAD"]}]}, "faces[0].Emotions[0].Type: must be one of HAPPY"),
    ({"faces": [{"BoundingBox": BOX, "AgeRange": [9, 4]}]}, "faces[0].AgeRange.High: must be at least Low, 9"),
    ({"ppe": [{"Confidence": 30}]}, "ppe[0].Confidence: must be at least 50, the service tells nothing less sure"),
    ({"persons": [{"Index": 1}]}, "persons[0].Timestamp: required, and must be a whole number"),
    ({"labels": [{"Timestamp": -1, "Name": "Cat"}]}, "labels[0].Timestamp: must be 0 or more milliseconds, not -1"),
    ({"segments": [{"Type": "SHOT"}]}, "segments[0].StartTimestampMillis: required"),
    ({"content_types": [{"Timestamp": 1, "Name": "x"}]}, "content_types[0].Timestamp: no such member"),
    (
        {"custom_labels": {"arn:of:something:quite:else": []}},
        "custom_labels.arn:of:something:quite:else: must match",
    ),
    ({"custom_labels": {VERSION: "cat"}}, f"custom_labels.{VERSION}: must be a list, not str"),
    ({"video": 7}, "video: must be a mapping, not int"),
    ({"colours": ["red"]}, "colours: no such capability; there are faces, labels, text"),
    ({"labels": None}, "nothing is declared; there are faces, labels"),
]


@pytest.mark.parametrize(("declaration", "told"), MISTAKES)
def test_an_error_names_the_place_and_the_rule(declaration: dict[str, object], told: str) -> None:
    assert problems(**declaration)[0].startswith(told)


@pytest.mark.parametrize(
    ("declaration", "place"),
    [
        ({"labels": ["Cat", "\ud800"]}, "labels[1].Name"),
        ({"labels": [{"Name": "Cat", "Aliases": ["\udfff"]}]}, "labels[0].Aliases[0].Name"),
        ({"faces": [{"BoundingBox": [0, 0, 1, 1], "Identity": "\ud83d \ude00"}]}, "faces[0].Identity"),
        ({"celebrities": [{"Timestamp": 0, "Name": "\ud800"}]}, "celebrities[0].Celebrity.Name"),
        ({"custom_labels": {VERSION: ["\ud800"]}}, f"custom_labels.{VERSION}[0].Name"),
        ({"video": {"Codec": "\ud800"}}, "video.Codec"),
    ],
)
def test_half_a_surrogate_pair_is_no_text(declaration: dict[str, object], place: str) -> None:
    assert problems(**declaration) == [f"{place}: must be text, without half a surrogate pair"]


def test_a_whole_surrogate_pair_is_a_character(emulator: Emulator, client: RekognitionClient) -> None:
    document = json.dumps({"declare": [{"of": name_of(IMAGE), "labels": ["\U0001f600"]}]})
    assert "\\ud83d" in document
    emulator.declare_document(json.loads(document))
    assert names(client) == ["\U0001f600"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    said: dict[str, object] = {"labels": [("Cat", 120), {}], "words": []}
    with pytest.raises(TruthError, match="3 problems") as caught:
        checked(said)
    assert len(caught.value.problems) == 3


def test_a_wrong_declaration_changes_nothing(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    with pytest.raises(TruthError, match="text"):
        emulator.declare(IMAGE, labels=["Dog"], text=[7])
    assert names(client) == ["Cat"]


# the subject


def test_an_image_is_known_by_its_bytes_its_file_and_its_hash(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(IMAGE)
    name = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"
    assert {name_of(IMAGE), name_of(file), name_of(str(file)), name_of(name)} == {name}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("s3://bucket", "s3://BUCKET/KEY"),
        ("s3://", "a bucket"),
        ("s3://photos/\ud800", "half a"),
        ("sha256:12", "64 lower"),
    ],
)
def test_a_subject_that_names_nothing_is_refused(source: str, told: str) -> None:
    with pytest.raises(TruthError, match=told):
        name_of(source)


@pytest.mark.parametrize("model", [OBJECT, models.Image(s3_object=OBJECT), models.Video(s3_object=OBJECT)])
def test_an_object_is_known_by_a_model_that_names_it(model: models.Image | models.Video | models.S3Object) -> None:
    assert name_of(model) == "s3://photos/cat.png"


def test_an_image_is_known_by_a_model_that_has_its_bytes() -> None:
    assert name_of(models.Image(bytes=IMAGE)) == name_of(IMAGE)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (5, "image must be bytes, a file, .*, an Image, a Video or an S3Object, not int"),
        (None, "image must be bytes, a file, .*, not NoneType"),
        (models.Image(), r"image must be bytes, a file, .*, not Image\(\)"),
        (models.Image(bytes=IMAGE, s3_object=OBJECT), "image must be bytes, a file, .*, not Image"),
        (models.Point(x=0, y=0), "image must be bytes, a file, .*, not Point"),
        (models.S3Object(bucket="photos"), "image: an S3Object must have a bucket and a name, and no version"),
        (
            models.S3Object(bucket="photos", name="cat.png", version="1"),
            "image: .*, and no version",
        ),
    ],
)
def test_a_subject_of_another_kind_is_refused(emulator: Emulator, source: Any, told: str) -> None:
    with pytest.raises(TruthError, match=told):
        emulator.declare(source, labels=[])


def test_a_file_that_is_not_there_is_the_systems_own_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cat\.png"):
        emulator.declare(tmp_path / "cat.png", labels=[])


# what is found again


def test_an_undeclared_capability_is_refused_with_what_to_do(client: RekognitionClient) -> None:
    calls: list[Callable[[bytes], object]] = [
        client.detect_labels,
        client.detect_text,
        client.detect_moderation_labels,
        client.detect_protective_equipment,
    ]
    for call in calls:
        with pytest.raises(ServiceError, match=r"Emulator\.declare\(image, \w+=\[\.\.\.\]\)") as caught:
            call(IMAGE)
        assert (caught.value.status, caught.value.code) == (501, NOT_SERVED)


def test_an_empty_list_says_that_there_is_nothing(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=[], text=[], moderation=[], ppe=[], faces=[])
    assert client.detect_labels(IMAGE).labels == []
    assert client.detect_text(IMAGE).text_detections == []
    assert client.detect_moderation_labels(IMAGE).moderation_labels == []
    assert client.detect_protective_equipment(IMAGE).persons == []
    assert client.detect_faces(IMAGE, attributes=["ALL"]).face_details == []


def test_other_bytes_know_nothing_of_it(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    with pytest.raises(ServiceError, match="can't detect the labels"):
        client.detect_labels(OTHER)


def test_an_object_is_known_by_its_key(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.put_object("photos", "a/cat.png", IMAGE)
    emulator.declare("s3://photos/a/cat.png", labels=["Cat"])
    assert names(client, "s3://photos/a/cat.png") == ["Cat"]
    with pytest.raises(ServiceError, match="can't detect the labels"):
        client.detect_labels(IMAGE)


def test_an_objects_bytes_come_before_its_key_for_each_capability(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.put_object("photos", "cat.png", IMAGE)
    emulator.declare("s3://photos/cat.png", labels=["Dog"], text=["STOP"])
    emulator.declare(IMAGE, labels=["Cat"])
    assert names(client, "s3://photos/cat.png") == ["Cat"]
    assert client.detect_text("s3://photos/cat.png").text_detections[0].detected_text == "STOP"


def test_an_object_that_is_not_there_is_not_there_though_it_was_declared(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare("s3://photos/cat.png", labels=["Cat"])
    with pytest.raises(ServiceError) as caught:
        client.detect_labels("s3://photos/cat.png")
    assert caught.value.code == "InvalidS3ObjectException"


def test_bytes_that_are_no_image_are_refused_though_they_were_declared(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(b"\xff\xd8\xff no picture", labels=["Cat"])
    with pytest.raises(ServiceError) as caught:
        client.detect_labels(b"\xff\xd8\xff no picture")
    assert caught.value.code == "InvalidImageFormatException"


def test_what_was_declared_of_a_video_does_not_answer_for_an_image(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(IMAGE, labels=[{"Timestamp": 0, "Name": "Cat"}])
    with pytest.raises(ServiceError, match="those of a video"):
        client.detect_labels(IMAGE)


def test_a_capability_is_replaced_and_the_others_stay(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=["Cat"], text=["STOP"])
    emulator.declare(IMAGE, labels=["Dog"])
    assert names(client) == ["Dog"]
    assert client.detect_text(IMAGE).text_detections


def test_all_accounts_and_regions_see_the_same_truth(emulator: Emulator) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    for region in ("us-east-1", "eu-west-1"):
        with RekognitionClient(
            region, credentials=Credentials("AKID", "secret"), transport=emulator.transport()
        ) as client:
            assert names(client) == ["Cat"]


def test_it_survives_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        emulator.declare(IMAGE, labels=["Cat"])
    with Emulator(data=tmp_path) as emulator, RekognitionClient.local(emulator) as client:
        assert names(client) == ["Cat"]


# forgetting


def test_one_capability_one_image_or_everything_can_be_forgotten(emulator: Emulator, client: RekognitionClient) -> None:
    for image in (IMAGE, OTHER):
        emulator.declare(image, labels=["Cat"], text=[])
    emulator.forget(IMAGE, "labels")
    assert client.detect_text(IMAGE).text_detections == []
    emulator.forget(IMAGE)
    assert names(client, OTHER) == ["Cat"]
    emulator.forget()
    for image in (IMAGE, OTHER):
        with pytest.raises(ServiceError, match="can't detect the labels"):
            client.detect_labels(image)
        with pytest.raises(ServiceError, match="can't detect the text"):
            client.detect_text(image)


def test_forgetting_what_was_never_known_is_no_error_but_an_unknown_capability_is(emulator: Emulator) -> None:
    emulator.forget(IMAGE, "labels")
    with pytest.raises(TruthError, match="words: no such capability"):
        emulator.forget(IMAGE, "words")


# faces


def test_declared_faces_come_largest_first_and_replace_what_is_seen(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(ASTRONAUT, faces=[[0, 0, 0.1, 0.1], [0.5, 0.5, 0.3, 0.3]])
    found = client.detect_faces(ASTRONAUT.read_bytes()).face_details
    assert [face.bounding_box.width for face in found] == [0.3, 0.1]


def test_a_declared_face_has_the_default_attributes_and_its_quality_is_measured(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(IMAGE, faces=[{"BoundingBox": BOX, "Smile": True, "Identity": "Ann"}])
    (face,) = client.detect_faces(IMAGE).face_details
    assert (face.pose, face.smile) == (models.Pose(roll=0, yaw=0, pitch=0), None)
    assert face.quality is not None
    assert face.quality.brightness == pytest.approx((0.299 * 90 + 0.587 * 110 + 0.114 * 130) / 2.55)
    assert face.quality.sharpness == 0


def test_pose_quality_and_landmarks_are_as_declared(emulator: Emulator, client: RekognitionClient) -> None:
    said = {"BoundingBox": BOX, "Pose": [1, 2, 3], "Quality": [40, 50], "Landmarks": [["nose", 0.5, 0.5]]}
    emulator.declare(IMAGE, faces=[said])
    (face,) = client.detect_faces(IMAGE).face_details
    assert face.pose == models.Pose(roll=1, yaw=2, pitch=3)
    assert face.quality == models.ImageQuality(brightness=40, sharpness=50)
    assert face.landmarks == [models.Landmark(type=models.LandmarkType.NOSE, x=0.5, y=0.5)]


def test_attributes_that_were_declared_are_given_when_asked_for(emulator: Emulator, client: RekognitionClient) -> None:
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
def test_an_attribute_that_a_face_was_declared_without_is_refused_by_name(
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


# documents


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


TOML = f"""
[[declare]]
of = "cat.png"
labels = ["Cat", ["Dog", 91.5]]

[[declare]]
of = "s3://photos/stop.png"
text = ["STOP"]
custom_labels = {{ "{VERSION}" = ["sign"] }}

  [[declare.faces]]
  Identity = "Ann"
  BoundingBox = [0.1, 0.2, 0.3, 0.4]
"""


def test_a_toml_file_declares_and_names_files_beside_it(
    emulator: Emulator, client: RekognitionClient, tmp_path: Path
) -> None:
    (tmp_path / "cat.png").write_bytes(IMAGE)
    emulator.declare_file(write(tmp_path, "truth.toml", TOML))
    emulator.put_object("photos", "stop.png", OTHER)
    assert names(client) == ["Cat", "Dog"]
    assert len(client.detect_faces("s3://photos/stop.png").face_details) == 1


def test_a_json_file_says_the_same(emulator: Emulator, client: RekognitionClient, tmp_path: Path) -> None:
    document = {"declare": [{"of": name_of(IMAGE), "labels": ["Cat", ["Dog", 91.5]]}]}
    emulator.declare_file(str(write(tmp_path, "truth.json", json.dumps(document))))
    assert names(client) == ["Cat", "Dog"]


def test_a_file_is_declared_as_a_whole_or_not_at_all(
    emulator: Emulator, client: RekognitionClient, tmp_path: Path
) -> None:
    entries: list[dict[str, object]] = [
        {"of": name_of(IMAGE), "labels": ["Cat"]},
        {"of": name_of(OTHER), "labels": [{}]},
    ]
    document = {"declare": entries}
    with pytest.raises(TruthError, match=r"truth\.json: declare\[1\]\.labels\[0\]\.Name: required"):
        emulator.declare_file(write(tmp_path, "truth.json", json.dumps(document)))
    with pytest.raises(ServiceError, match="can't detect the labels"):
        client.detect_labels(IMAGE)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("truth.yaml", "", r"truth\.yaml: must end in \.json or \.toml"),
        ("truth.toml", "= 1", r"truth\.toml: is not TOML"),
        ("truth.json", "{", r"truth\.json: is not JSON"),
        ("truth.json", "[]", r"truth\.json: must be one list named 'declare'"),
        ("truth.json", '{"declare": [], "other": 1}', "must be one list named 'declare'"),
        ("truth.json", '{"declare": [7]}', r"declare\[0\]\.of: required; each entry must be a mapping, not int"),
        ("truth.json", '{"declare": [{"labels": []}]}', r"declare\[0\]\.of: required, and must be text"),
        ("truth.json", '{"declare": [{"of": "s3://x", "labels": []}]}', r"declare\[0\]\.of: 's3://x' must name"),
        ("truth.json", '{"declare": [{"of": "no.png", "labels": []}]}', r"declare\[0\]\.of: can't be read \(No such"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_place(
    emulator: Emulator, tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(TruthError, match=told):
        emulator.declare_file(write(tmp_path, name, text))


def test_a_document_from_elsewhere_can_not_name_files() -> None:
    entry: dict[str, object] = {"of": "/etc/passwd", "labels": []}
    with pytest.raises(TruthError, match="must begin with s3:// or sha256: here"):
        read_document({"declare": [entry]})


def test_every_capability_can_be_said_to_be_empty() -> None:
    lists = [name for name, kind in CAPABILITIES.items() if not kind.single]
    for name in lists:
        assert checked({name: []}) in ({name: []}, {name: {"": []}})


# what the documentation says

GUIDE = (ASTRONAUT.parents[2] / "docs" / "emulator-truth.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", examples("python"))
def test_the_guides_examples_run(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ASTRONAUT.parents[2])
    exec(compile(example, "emulator-truth.md", "exec"), {})


@pytest.mark.parametrize("name", ["toml", "json"])
def test_the_guides_files_can_be_declared(emulator: Emulator, tmp_path: Path, name: str) -> None:
    (tmp_path / "astronaut.jpg").write_bytes(ASTRONAUT.read_bytes())
    (example,) = examples(name)
    emulator.declare_file(write(tmp_path, f"truth.{name}", example))


def test_the_guide_has_every_capability() -> None:
    assert re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE) == list(CAPABILITIES)
