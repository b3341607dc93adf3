"""What detectors find, in the form of the service's responses: every member, of images and of frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pytest
from PIL import Image

from rekog import models
from rekog._core.wire import to_wire
from rekog.emulator import (
    Box,
    DetectedFace,
    DetectedLabel,
    DetectedModeration,
    DetectedPerson,
    Frame,
    KeyPoint,
    KeyPoints,
    LabelBox,
    Landmarks,
    Point,
    TextLine,
    TextWord,
)
from rekog.emulator.content.equipment import IMAGE_EQUIPMENT
from rekog.emulator.content.face_attributes import FaceAnalysis
from rekog.emulator.content.faces import detect_faces
from rekog.emulator.content.labels import IMAGE_LABELS, VIDEO_LABELS
from rekog.emulator.content.moderation import IMAGE_MODERATION, VIDEO_MODERATION
from rekog.emulator.content.persons import VIDEO_PERSONS
from rekog.emulator.content.text import IMAGE_TEXT, VIDEO_TEXT
from rekog.emulator.refusals import RefusalError
from rekog.emulator.state import State
from rekog.emulator.vision import Vision
from rekog.emulator.vision.faces.face_attributes import (
    AgeEstimate,
    AnalysedFace,
    GazeEstimate,
    GenderEstimate,
    Verdict,
)
from rekog.emulator.vision.images import DecodedImage
from rekog.emulator.vision.text import Corners
from rekog.emulator.vision.video.tracking import Sighting, Tracker
from tests.kit.contexts import context_and_worker

if TYPE_CHECKING:
    from rekog.emulator.content.analysis import ImageAnalysis, VideoAnalysis
    from rekog.emulator.content.videos import VideoContent
    from rekog.emulator.context import Context

WIDTH, HEIGHT = 200, 100
IMAGE = DecodedImage(Image.new("RGB", (WIDTH, HEIGHT), (90, 110, 130)))


class Fixed:
    """A detector that finds the same in every image; as a face detector it embeds nothing."""

    def __init__(self, *found: Any) -> None:
        self.found = found

    def detect(self, image: DecodedImage) -> Sequence[Any]:
        return self.found


class Film(NamedTuple):
    """The part of a video's content that the analysis of its frames uses."""

    context: Context
    images: Sequence[DecodedImage]

    def frames(self, operation: str) -> Iterator[Frame]:
        return (Frame(40 * number, image) for number, image in enumerate(self.images))


@pytest.fixture
def opened() -> Iterator[Callable[..., Context]]:
    """A function that returns a context with the given detectors."""
    with closing(State()) as state:

        def context(**detectors: Any) -> Context:
            return context_and_worker(state, lambda: 0.0, vision=Vision(switch="off", **detectors))[0]

        yield context


def seen(analysis: ImageAnalysis[Any], context: Context, image: DecodedImage = IMAGE) -> list[dict[str, Any]]:
    return [to_wire(entry) for entry in analysis.see(context, image)]


def watched(analysis: VideoAnalysis[Any], context: Context, *images: DecodedImage) -> list[dict[str, Any]]:
    content = cast("VideoContent", Film(context, images))  # cast: it has the members that are used
    return [to_wire(entry) for entry in analysis.watch(content, "StartSomething")]


def box(left: float, top: float, width: float, height: float) -> object:
    return pytest.approx({"Left": left, "Top": top, "Width": width, "Height": height})


# labels, moderation labels and text

CAT = DetectedLabel("Cat", 0.8, [LabelBox(Box(20, 10, 50, 40), 0.5), LabelBox(Box(100, 50, 40, 30), 1.01)])
NO_LABEL = DetectedLabel("No such label", 1.5)


def test_a_detected_label_has_its_boxes_and_the_relations_of_the_vocabulary(opened: Callable[..., Context]) -> None:
    cat, other, *above = seen(IMAGE_LABELS, opened(label_detector=Fixed(CAT, NO_LABEL)))
    assert cat == {
        "Name": "Cat",
        "Confidence": 80.0,
        "Instances": [
            {"BoundingBox": box(0.5, 0.5, 0.2, 0.3), "Confidence": 100.0},
            {"BoundingBox": box(0.1, 0.1, 0.25, 0.4), "Confidence": 50.0},
        ],
        "Parents": [{"Name": name} for name in ("Mammal", "Pet", "Animal")],
        "Aliases": [],
        "Categories": [{"Name": "Animals and Pets"}],
    }
    assert other == {
        "Name": "No such label", "Confidence": 100.0, "Instances": [], "Parents": [], "Aliases": [], "Categories": [],
    }  # fmt: skip
    assert [(each["Name"], each["Confidence"], each["Instances"]) for each in above] == [
        ("Mammal", 80.0, []), ("Pet", 80.0, []), ("Animal", 80.0, []),
    ]  # fmt: skip
    assert [each["Name"] for each in above[0]["Parents"]] == ["Animal"]


def test_an_ancestor_has_the_highest_confidence_of_its_descendants_or_its_own(
    opened: Callable[..., Context],
) -> None:
    found = [DetectedLabel("Cat", 0.6), DetectedLabel("Dog", 0.9), DetectedLabel("Pet", 0.4)]
    labels = {each["Name"]: each["Confidence"] for each in seen(IMAGE_LABELS, opened(label_detector=Fixed(*found)))}
    assert (labels["Mammal"], labels["Animal"], labels["Pet"]) == (90.0, 90.0, 40.0)


def test_aliases_of_a_detected_label_are_those_of_the_vocabulary(opened: Callable[..., Context]) -> None:
    phone, *_ = seen(IMAGE_LABELS, opened(label_detector=Fixed(DetectedLabel("Mobile Phone", 0.5))))
    assert phone["Aliases"] == [{"Name": "Cell Phone"}]


def test_detected_moderation_labels_have_their_names_and_confidences(opened: Callable[..., Context]) -> None:
    context = opened(moderation_detector=Fixed(DetectedModeration("Weapons", 0.75), DetectedModeration("Smoking", 1.1)))
    expected = [{"Name": "Weapons", "Confidence": 75.0}, {"Name": "Smoking", "Confidence": 100.0}]
    assert seen(IMAGE_MODERATION, context) == expected
    assert watched(VIDEO_MODERATION, context, IMAGE, IMAGE) == [
        {"Timestamp": time, "ModerationLabel": label, "ContentTypes": []} for time in (0, 40) for label in expected
    ]


def test_a_label_of_a_frame_has_its_time(opened: Callable[..., Context]) -> None:
    context = opened(label_detector=Fixed(NO_LABEL))
    (label,) = seen(IMAGE_LABELS, context)
    assert watched(VIDEO_LABELS, context, IMAGE, IMAGE) == [{"Timestamp": time, "Label": label} for time in (0, 40)]


def corners(left: float, top: float) -> Corners:
    return Corners(Point(left, top), Point(left + 20, top), Point(left + 20, top + 10), Point(left, top + 10))


def outline(left: float, top: float) -> dict[str, Any]:
    points = [(left, top), (left + 0.1, top), (left + 0.1, top + 0.1), (left, top + 0.1)]
    return {"Polygon": [pytest.approx({"X": x, "Y": y}) for x, y in points]}


def test_detected_lines_and_words_have_their_outlines_and_numbers(opened: Callable[..., Context]) -> None:
    words = [TextWord("STOP", 1.01, corners(20, 30)), TextWord("HERE", 0.5, corners(60, 40))]
    lines = [
        TextLine("STOP HERE", 0.9, corners(20, 10), words),
        TextLine("NOW", 1.2, corners(100, 50), [TextWord("NOW", 0.25, corners(100, 60))]),
    ]
    context = opened(text_detector=Fixed(*lines))
    expected = [
        {"DetectedText": "STOP HERE", "Type": "LINE", "Id": 0, "Confidence": 90.0, "Geometry": outline(0.1, 0.1)},
        {"DetectedText": "STOP", "Type": "WORD", "ParentId": 0, "Confidence": 100.0, "Geometry": outline(0.1, 0.3)},
        {"DetectedText": "HERE", "Type": "WORD", "ParentId": 0, "Confidence": 50.0, "Geometry": outline(0.3, 0.4)},
        {"DetectedText": "NOW", "Type": "LINE", "Id": 1, "Confidence": 100.0, "Geometry": outline(0.5, 0.5)},
        {"DetectedText": "NOW", "Type": "WORD", "ParentId": 1, "Confidence": 25.0, "Geometry": outline(0.5, 0.6)},
    ]
    assert seen(IMAGE_TEXT, context) == expected
    assert watched(VIDEO_TEXT, context, IMAGE, IMAGE) == [
        {"Timestamp": time, "TextDetection": detection} for time in (0, 40) for detection in expected
    ]


# faces


def marks(bounds: Box) -> Landmarks:
    shares = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    return Landmarks(*(Point(bounds.left + x * bounds.width, bounds.top + y * bounds.height) for x, y in shares))


def face(left: float, top: float, width: float, height: float, confidence: float = 0.9) -> DetectedFace:
    bounds = Box(left, top, width, height)
    return DetectedFace(bounds, confidence, marks(bounds))


class Analyser:
    """An analyser that sees everything, and records what is requested."""

    def __init__(self, seen: AnalysedFace) -> None:
        self.seen = seen
        self.requested: list[set[str]] = []

    def analyse(self, image: DecodedImage, face: DetectedFace, attributes: set[str]) -> AnalysedFace:
        self.requested.append({str(name) for name in attributes})
        return self.seen


EVERYTHING = AnalysedFace(
    landmarks={models.LandmarkType.LEFT_PUPIL: Point(50, 25), models.LandmarkType.CHIN_BOTTOM: Point(60, 90)},
    age_range=AgeEstimate(20, 30),
    gender=GenderEstimate(models.GenderType.FEMALE, 0.9),
    emotions={models.EmotionName.CALM: 0.2, models.EmotionName.HAPPY: 0.7, models.EmotionName.SAD: 0.1},
    eye_direction=GazeEstimate(1.5, -2.5, 0.8),
    smile=Verdict(value=True, confidence=0.51),
    eyeglasses=Verdict(value=False, confidence=0.52),
    sunglasses=Verdict(value=True, confidence=0.53),
    beard=Verdict(value=False, confidence=0.54),
    mustache=Verdict(value=True, confidence=0.55),
    eyes_open=Verdict(value=False, confidence=0.56),
    mouth_open=Verdict(value=True, confidence=0.57),
    face_occluded=Verdict(value=False, confidence=0.58),
)
ATTRIBUTES: dict[str, Any] = {
    "AgeRange": {"Low": 20, "High": 30},
    "Gender": {"Value": "Female", "Confidence": 90.0},
    "Emotions": [
        {"Type": "HAPPY", "Confidence": 70.0},
        {"Type": "CALM", "Confidence": 20.0},
        {"Type": "SAD", "Confidence": 10.0},
    ],
    "EyeDirection": {"Yaw": 1.5, "Pitch": -2.5, "Confidence": 80.0},
    **{
        name: {"Value": bool(number % 2), "Confidence": pytest.approx(50.0 + number)}
        for number, name in enumerate(
            ("Smile", "Eyeglasses", "Sunglasses", "Beard", "Mustache", "EyesOpen", "MouthOpen", "FaceOccluded"), start=1
        )
    },
}  # fmt: skip
DEFAULT = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def described(
    context: Context, attributes: Sequence[str] = (), *, operation: str = "DetectFaces"
) -> list[dict[str, Any]]:
    analysis = FaceAnalysis(context, operation, attributes)
    return [to_wire(each.detail) for each in detect_faces(context, IMAGE, analysis)]


def test_a_detected_face_has_ratios_and_percents(opened: Callable[..., Context]) -> None:
    (only,) = described(opened(face_detector=Fixed(face(20, 10, 40, 50, 1.1))))
    assert set(only) == DEFAULT
    assert (only["BoundingBox"], only["Confidence"]) == (box(0.1, 0.1, 0.2, 0.5), 100.0)
    assert only["Landmarks"] == [
        pytest.approx({"Type": name, "X": x, "Y": y})
        for name, x, y in (
            ("eyeLeft", 0.16, 0.3), ("eyeRight", 0.24, 0.3), ("mouthLeft", 0.17, 0.5), ("mouthRight", 0.23, 0.5),
            ("nose", 0.2, 0.4),
        )
    ]  # fmt: skip
    assert only["Quality"]["Sharpness"] == 0
    assert 80 < only["Quality"]["Brightness"] < 82


def test_faces_of_one_size_are_ordered_from_left_to_right_and_then_downwards(opened: Callable[..., Context]) -> None:
    found = [face(80, 5, 10, 10), face(5, 60, 10, 10), face(5, 5, 10, 10), face(50, 50, 11, 10)]
    detected = described(opened(face_detector=Fixed(*found)))
    assert [(each["BoundingBox"]["Left"], each["BoundingBox"]["Top"]) for each in detected] == [
        (0.25, 0.5), (0.025, 0.05), (0.025, 0.6), (0.4, 0.05),
    ]  # fmt: skip


def test_at_most_the_100_largest_faces_are_returned(opened: Callable[..., Context]) -> None:
    found = [face(0, 0, 10 + number / 10, 10) for number in range(101)]
    detected = described(opened(face_detector=Fixed(*found)))
    widths = [each["BoundingBox"]["Width"] for each in detected]
    assert widths == pytest.approx([(20 - number / 10) / WIDTH for number in range(100)])


def test_each_attribute_alone_has_the_value_that_the_analyser_sees(opened: Callable[..., Context]) -> None:
    analyser = Analyser(EVERYTHING)
    context = opened(face_detector=Fixed(face(20, 10, 40, 50)), face_analyser=analyser)
    for name, value in ATTRIBUTES.items():
        attribute = "".join(f"_{letter}" if letter.isupper() else letter for letter in name)[1:].upper()
        (only,) = described(context, ["DEFAULT", attribute])
        assert only[name] == value
        assert set(only) == {*DEFAULT, name}
        assert analyser.requested[-1] == {attribute}


def test_all_attributes_are_those_of_the_analyser_with_its_landmarks(opened: Callable[..., Context]) -> None:
    analyser = Analyser(EVERYTHING)
    context = opened(face_detector=Fixed(face(20, 10, 40, 50)), face_analyser=analyser)
    (plain,), (only,) = described(context), described(context, ["ALL"])
    assert {name: only[name] for name in ATTRIBUTES} == ATTRIBUTES
    assert only["Landmarks"] == [
        *plain["Landmarks"],
        {"Type": "leftPupil", "X": 0.25, "Y": 0.25},
        {"Type": "chinBottom", "X": 0.3, "Y": 0.9},
    ]
    assert analyser.requested == [{"ALL", *(name for name in models.Attribute if name != "DEFAULT")}]


def test_an_attribute_that_the_analyser_can_not_see_is_refused_by_name(opened: Callable[..., Context]) -> None:
    context = opened(face_detector=Fixed(face(20, 10, 40, 50)), face_analyser=Analyser(AnalysedFace()))
    text = (
        "{operation}: this emulator can't detect these face attributes and does not make up values: {names}. Request"
        " {request}, or declare the attributes with client.emulator.declare({example}) of an embedded emulator, else"
        " Emulator.declare({example})."
    )
    every = (
        "AGE_RANGE, BEARD, EMOTIONS, EYE_DIRECTION, EYEGLASSES, EYES_OPEN, GENDER, MOUTH_OPEN, MUSTACHE, SMILE,"
        " SUNGLASSES"
    )
    images = {"request": "Attributes=['DEFAULT']", "example": "image, faces=[...]"}
    videos = {"request": "FaceAttributes='DEFAULT'", "example": "'s3://BUCKET/KEY', faces=[...]"}
    for operation, names, missing, more in (
        ("DetectFaces", ["SMILE", "BEARD"], "BEARD, SMILE", images),
        ("IndexFaces", ["ALL"], every, images),
        ("StartFaceDetection", ["ALL"], every, videos),
        ("StartFaceSearch", ["FACE_OCCLUDED"], "FACE_OCCLUDED", videos),
    ):
        with pytest.raises(RefusalError) as caught:
            described(context, names, operation=operation)
        assert caught.value.message == text.format(operation=operation, names=missing, **more)


# persons


def person(
    left: float, top: float, width: float, height: float, confidence: float = 0.9, **points: Any
) -> DetectedPerson:
    hidden = KeyPoints(*[KeyPoint(0, 0, 0)] * 17)
    return DetectedPerson(Box(left, top, width, height), confidence, hidden._replace(**points))


def test_a_person_has_its_box_and_its_surely_visible_parts(opened: Callable[..., Context]) -> None:
    raised = {"left_elbow": KeyPoint(80, 60, 0.9), "left_wrist": KeyPoint(80, 40, 0.9)}
    found = [person(20, 10, 50, 80, 1.2, **raised), person(100, 0, 50, 100, 0.5), person(0, 0, 9, 9, 0.49)]
    context = opened(person_detector=Fixed(*found), face_detector=Fixed())
    first, second = seen(IMAGE_EQUIPMENT, context)
    assert (first["BoundingBox"], first["Confidence"], first["Id"]) == (box(0.1, 0.1, 0.25, 0.8), 100.0, 0)
    assert [part["Name"] for part in first["BodyParts"]] == ["LEFT_HAND"]
    assert 99 < first["BodyParts"][0]["Confidence"] <= 100
    assert first["BodyParts"][0]["EquipmentDetections"] == []
    assert (second["BoundingBox"], second["Confidence"], second["BodyParts"]) == (box(0.5, 0, 0.25, 1), 50.0, [])


@pytest.fixture
def sightings(monkeypatch: pytest.MonkeyPatch) -> list[Sighting]:
    """The sightings that the tracker of persons has received."""
    received: list[Sighting] = []
    numbers = Tracker.numbers

    def record(self: Tracker, millis: int, given: Sequence[Sighting]) -> list[int]:
        received.extend(given)
        return numbers(self, millis, given)

    monkeypatch.setattr(Tracker, "numbers", record)
    return received


@pytest.mark.parametrize(
    ("bounds", "body"),
    [
        ((90, 10, 10, 12), (80, 10, 30, 60)),  # three face widths by six, around the middle of the face
        ((5, 70, 20, 20), (0, 70, 45, 30)),  # cut at the left and at the bottom
        ((190, 60, 20, 20), (170, 60, 30, 40)),  # cut at the right
        ((-4, -5, 20, 20), (0, 0, 36, 100)),
    ],
)
def test_a_face_without_a_body_is_tracked_by_the_body_below_it(
    opened: Callable[..., Context],
    sightings: list[Sighting],
    bounds: tuple[float, float, float, float],
    body: tuple[float, float, float, float],
) -> None:
    context = opened(person_detector=Fixed(), face_detector=Fixed(face(*bounds)))
    (only,) = watched(VIDEO_PERSONS, context, IMAGE)
    assert (only["Timestamp"], only["Person"]["Index"]) == (0, 0)
    left, top, width, height = body
    (sighting,) = sightings
    assert sighting.box == pytest.approx((left / WIDTH, top / HEIGHT, width / WIDTH, height / HEIGHT))


def test_a_person_is_tracked_by_its_box_and_the_colours_in_it(
    opened: Callable[..., Context], sightings: list[Sighting]
) -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[20:60, 100:150] = (220, 20, 20)
    red = DecodedImage(Image.new("RGB", (50, 40), (220, 20, 20)))
    context = opened(person_detector=Fixed(person(100, 20, 50, 40), person(0, 0, 50, 40)), face_detector=Fixed())
    watched(VIDEO_PERSONS, context, DecodedImage(Image.fromarray(pixels)))
    watched(VIDEO_PERSONS, opened(person_detector=Fixed(person(0, 0, 50, 40)), face_detector=Fixed()), red)
    inside, outside, alone = sightings
    assert inside.box == pytest.approx((0.5, 0.2, 0.25, 0.4))
    assert inside.colours @ alone.colours == pytest.approx(1.0)
    assert outside.colours @ alone.colours == pytest.approx(0.0)


def test_a_face_belongs_to_the_person_with_the_nearest_nose_of_those_around_it(opened: Callable[..., Context]) -> None:
    persons = [
        person(0, 0, 100, 100, nose=KeyPoint(10, 90, 0.9)),
        person(20, 0, 100, 100, nose=KeyPoint(60, 22, 0.9)),
        person(150, 0, 40, 100, nose=KeyPoint(55, 20, 0.9)),  # not around the face
    ]
    faces = [face(50, 10, 12, 20), face(52, 10, 10, 20), face(54, 10, 8, 20), face(190, 5, 6, 6)]
    context = opened(person_detector=Fixed(*persons), face_detector=Fixed(*faces))
    found = [each["Person"] for each in watched(VIDEO_PERSONS, context, IMAGE)]
    widths = [round(WIDTH * each["Face"]["BoundingBox"]["Width"]) if "Face" in each else None for each in found]
    assert widths == [10, 12, None, 8, 6]
    assert [each["Index"] for each in found] == [0, 1, 2, 3, 4]
    assert [sorted(each) for each in found[2:]] == [["BoundingBox", "Index"], *[["Face", "Index"]] * 2]


@pytest.mark.parametrize(
    ("centre", "inside"),
    [
        ((50, 20), True),
        ((49.9, 20), False),
        ((50, 19.9), False),
        ((90, 80), True),
        ((90.1, 80), False),
        ((90, 80.1), False),
    ],
)
def test_a_face_belongs_to_a_person_if_its_middle_is_in_the_box_or_on_its_edge(
    opened: Callable[..., Context], centre: tuple[float, float], inside: bool
) -> None:
    x, y = centre
    context = opened(person_detector=Fixed(person(50, 20, 40, 60)), face_detector=Fixed(face(x - 5, y - 5, 10, 10)))
    found = watched(VIDEO_PERSONS, context, IMAGE)
    assert ["Face" in each["Person"] for each in found] == ([True] if inside else [False, True])
