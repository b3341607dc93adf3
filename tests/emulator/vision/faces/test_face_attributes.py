"""Attributes of faces on real photographs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from rekog.emulator import AnalysedFace, Box, DecodedImage, DetectedFace, Landmarks, Point
from rekog.emulator.vision import NetworksOffError, Vision
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.faces.face_measures import Curve
from rekog.models import Attribute, EmotionName, GenderType, LandmarkType
from tests.kit.photographs import photograph
from tests.kit.wire import exif_orientation, image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Collection

POINTS = {
    "leftEyeBrowLeft": (190, 91), "leftEyeBrowRight": (214, 93), "leftEyeBrowUp": (199, 89),
    "rightEyeBrowLeft": (239, 93), "rightEyeBrowRight": (264, 94), "rightEyeBrowUp": (252, 92),
    "leftEyeLeft": (192, 101), "leftEyeRight": (212, 103), "leftEyeUp": (203, 97), "leftEyeDown": (203, 105),
    "rightEyeLeft": (236, 104), "rightEyeRight": (259, 104), "rightEyeUp": (247, 100), "rightEyeDown": (247, 106),
    "noseLeft": (213, 130), "noseRight": (236, 130), "mouthUp": (224, 140), "mouthDown": (225, 154),
    "leftPupil": (203, 101), "rightPupil": (247, 103), "chinBottom": (225, 178),
}  # fmt: skip
"""Read off the astronaut, enlarged tenfold. The other four, along the jaw, have no definite place."""
WITHIN = 5
"""Pixels: 4 % of the face's height."""
MIRRORED = {"left": "right", "Left": "Right", "right": "left", "Right": "Left"}


@pytest.fixture(scope="module")
def vision() -> Vision:
    return Vision()


def look(vision: Vision, image: DecodedImage, attributes: Collection[str] = (Attribute.ALL,)) -> AnalysedFace:
    (face,) = vision.face_detector.detect(image)
    return vision.face_analyser.analyse(image, face, attributes)


@pytest.fixture(scope="module")
def astronaut(vision: Vision) -> AnalysedFace:
    return look(vision, decode(photograph("astronaut")))


@pytest.fixture(scope="module")
def officer(vision: Vision) -> AnalysedFace:
    return look(vision, decode(photograph("officer")))


@pytest.mark.slow
def test_the_landmarks_are_where_people_see_them(astronaut: AnalysedFace) -> None:
    assert astronaut.landmarks is not None
    assert {*POINTS} | {"upperJawlineLeft", "midJawlineLeft", "midJawlineRight", "upperJawlineRight"} == {
        *astronaut.landmarks
    }
    for name, place in POINTS.items():
        assert astronaut.landmarks[LandmarkType(name)] == pytest.approx(place, abs=WITHIN), name


def test_the_landmarks_of_a_mirrored_image_are_mirrored(vision: Vision, astronaut: AnalysedFace) -> None:
    image = Image.open(io.BytesIO(photograph("astronaut"))).convert("RGB")
    mirrored = look(vision, DecodedImage(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))).landmarks
    assert mirrored is not None
    assert astronaut.landmarks is not None
    for name, (x, y) in astronaut.landmarks.items():
        assert mirrored[LandmarkType(swapped(name))] == pytest.approx((512 - x, y), abs=WITHIN), name


def swapped(name: str) -> str:
    """Return the name of a landmark on the other side; `leftEyeBrowLeft` has two sides."""
    for one, other in MIRRORED.items():
        if name.startswith(one):
            name = other + name.removeprefix(one)
            break
    for one, other in MIRRORED.items():
        if name.endswith(one):
            return name.removesuffix(one) + other
    return name


def test_a_smiling_woman_with_open_eyes_and_teeth_is_seen(astronaut: AnalysedFace) -> None:
    flags = [astronaut.smile, astronaut.eyes_open, astronaut.mouth_open]
    assert [(flag.value, flag.confidence > 0.9) for flag in flags if flag] == [(True, True)] * 3
    others = [astronaut.eyeglasses, astronaut.sunglasses, astronaut.beard, astronaut.mustache]
    assert [flag.value for flag in others if flag] == [False] * 4
    assert astronaut.gender is not None
    assert astronaut.gender.value is GenderType.FEMALE
    assert astronaut.age_range is not None
    assert 20 < astronaut.age_range.low < 40 < astronaut.age_range.high < 60


def test_an_elderly_woman_with_glasses_is_seen(officer: AnalysedFace) -> None:
    assert officer.eyeglasses is not None
    assert officer.eyeglasses.value
    flags = [officer.smile, officer.mouth_open, officer.sunglasses, officer.beard, officer.mustache]
    assert [flag.value for flag in flags if flag] == [False] * 5
    assert officer.age_range is not None
    assert officer.age_range.low <= 77 <= officer.age_range.high


def test_the_emotions_are_all_eight_and_sum_to_one(astronaut: AnalysedFace, officer: AnalysedFace) -> None:
    for seen, first in ((astronaut, EmotionName.HAPPY), (officer, EmotionName.CALM)):
        assert seen.emotions is not None
        assert {*seen.emotions} == {*EmotionName} - {EmotionName.UNKNOWN}
        assert sum(seen.emotions.values()) == pytest.approx(1)
        assert max(seen.emotions, key=lambda name: (seen.emotions or {})[name]) is first
        assert seen.emotions[EmotionName.CONFUSED] == 0  # the network has no such class


def test_eyes_that_look_into_the_camera_are_directed_at_it(astronaut: AnalysedFace, officer: AnalysedFace) -> None:
    for seen in (astronaut, officer):
        assert seen.eye_direction is not None
        assert max(abs(seen.eye_direction.yaw), abs(seen.eye_direction.pitch)) < 15


def test_a_man_in_profile_is_seen_without_a_smile(vision: Vision) -> None:
    seen = look(vision, decode(photograph("camera")), [Attribute.GENDER, Attribute.SMILE])
    assert seen.gender is not None
    assert seen.smile is not None
    assert (seen.gender.value, seen.smile.value) == (GenderType.MALE, False)


def test_only_requested_attributes_are_returned(vision: Vision) -> None:
    seen = look(vision, decode(photograph("astronaut")), [Attribute.DEFAULT, Attribute.BEARD])
    assert seen == AnalysedFace(beard=seen.beard)
    assert seen.beard is not None


def encoded(kind: str) -> bytes:
    image = Image.open(io.BytesIO(photograph("astronaut"))).convert("RGB")
    grey = image.convert("L")
    sixteen = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "grey": lambda: image_file(grey),
        "16 bits": lambda: image_file(sixteen),
        "CMYK": lambda: image_file(image.convert("CMYK"), "JPEG", quality=92),
        "EXIF": lambda: image_file(
            image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=92, exif=exif_orientation(6)
        ),
        "half": lambda: image_file(image.resize((256, 256))),
        "turned": lambda: image_file(image.transpose(Image.Transpose.ROTATE_90)),
    }[kind]()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["grey", "16 bits", "CMYK", "EXIF", "half", "turned"])
def test_the_kind_of_image_does_not_matter(vision: Vision, kind: str) -> None:
    seen = look(vision, decode(encoded(kind)))
    flags = [seen.smile, seen.mouth_open, seen.eyes_open, seen.sunglasses, seen.mustache]
    assert [flag.value for flag in flags if flag] == [True, True, True, False, False]


@pytest.mark.slow
@pytest.mark.parametrize("box", [Box(-5, -5, 3, 3), Box(90, 70, 60, 60), Box(10, 10, 0, 0), Box(0, 0, 100, 80)])
def test_any_box_is_analysed(vision: Vision, box: Box) -> None:
    corner, middle = Point(box.left, box.top), Point(box.left + box.width / 2, box.top + box.height / 2)
    face = DetectedFace(box, 0.9, Landmarks(corner, middle, middle, corner, middle))
    seen = vision.face_analyser.analyse(DecodedImage(plain_image(100, 80)), face, [Attribute.ALL])
    assert seen.smile is not None
    assert 0.5 <= seen.smile.confidence <= 0.7  # no mesh fits a plain image


def test_each_network_runs_only_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    vision, runs = Vision(), list[str]()
    monkeypatch.setattr("rekog.emulator.vision.networks.Network.run", record(runs))
    for attribute in (Attribute.GENDER, Attribute.EMOTIONS):
        with pytest.raises(StopRunError):
            look(vision, decode(photograph("astronaut")), [attribute])
    assert runs == ["face_age_gender", "face_expression"]


class StopRunError(Exception):
    """The end of a recorded run."""


def record(runs: list[str]) -> object:
    def run(self: object, image: object) -> object:
        runs.append(str(getattr(self, "_path", "")).rpartition("/")[2].removesuffix(".onnx"))
        raise StopRunError

    return run


def test_networks_that_are_off_see_nothing() -> None:
    vision = Vision(switch="off")
    assert vision.face_mesh is None
    with pytest.raises(NetworksOffError):
        vision.face_analyser  # noqa: B018 (the property raises)


def test_the_confidence_is_lowest_at_the_threshold_and_limited() -> None:
    curve = Curve(threshold=0.2, width=0.05, surest_false=0.8, surest_true=0.9)
    verdicts = [curve.verdict(score / 100) for score in range(-1000, 1001)]
    assert [verdict.value for verdict in verdicts] == [score >= 20 for score in range(-1000, 1001)]
    assert curve.verdict(0.2).confidence == pytest.approx(0.5)
    assert (verdicts[0].confidence, verdicts[-1].confidence) == pytest.approx((0.8, 0.9))
    assert curve.verdict(9, reliability=0).confidence == 0.5
