"""Accuracy of the attributes of faces on named photographs, and of the mesh as a judge of doubtful faces."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from PIL import Image

from rekog.emulator import AnalysedFace, DecodedImage, DetectedFace, Verdict
from rekog.emulator.vision import Vision
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.faces.yunet import YuNet
from rekog.models import Attribute, EmotionName, GenderType
from tests.kit.photographs import FILES, photograph

from .images import package_image
from .tables import Table

EXPECTED = Path(__file__).with_name("faces.toml")
FLAGS = ("smile", "mouth_open", "eyes_open", "eyeglasses", "sunglasses", "beard", "mustache")
ABSENT_UNLESS_NAMED = ("eyeglasses", "sunglasses", "beard", "mustache")
WITH_FACES = ("crowd", "gallery", "group", *(f"sample{number}" for number in range(1, 7)))
WITHOUT_FACES = (
    "cat", "clock", "coffee", "coins", "grass", "hubble", "motorcycle", "page", "rocket", "palace", "flower"
)  # fmt: skip
LARGEST_MISSES = 12
IMAGES = {
    **{f"sample{number}": f"face-api/sample{number}.jpg" for number in range(1, 7)},
    "gallery": "human/screenshot-facematch.jpg",
    "crowd": "human/samples.jpg",
    **{name: f"face_recognition/{name}.jpg" for name in ("obama", "obama2", "obama3", "biden")},
    "group": "insightface/t1.jpg",
}
"""Photographs of packages by their names in the tables; the others are those of `tests/kit/photographs.py`."""


class Seen(NamedTuple):
    """A face: its image, what people see on it, and what the analyser saw; None if it was not detected."""

    name: str
    words: frozenset[str]
    answer: AnalysedFace | None

    def expected(self, flag: str) -> bool | None:
        """Return whether a property is there; None if it is unclear."""
        if flag in self.words:
            return True
        if f"!{flag}" in self.words:
            return False
        return False if flag in ABSENT_UNLESS_NAMED and f"?{flag}" not in self.words else None


def face_image(name: str) -> DecodedImage:
    """Return a photograph by its name in the tables."""
    return decode(photograph(name) if name in FILES else package_image(IMAGES[name]))


def tables() -> list[Table]:
    """Return the rates of the attributes, the answers for each photograph, and the faces found with the mesh."""
    vision = Vision()
    faces = list(_looks(vision))
    return [_rates(faces), _ages(faces), _emotions(faces), _gaze(faces), _detections(vision)]


def _looks(vision: Vision) -> Iterator[Seen]:
    for name, faces in _expected().items():
        image = face_image(name)
        detected = vision.face_detector.detect(image)
        for number, (x, y, words) in enumerate(faces):
            face = _at(detected, x * image.width, y * image.height)
            answer = None if face is None else vision.face_analyser.analyse(image, face, [Attribute.ALL])
            yield Seen(f"{name} {number + 1}" if len(faces) > 1 else name, frozenset(words.split()), answer)


def _expected() -> Mapping[str, Sequence[tuple[float, float, str]]]:
    document = tomllib.loads(EXPECTED.read_text("utf-8"))
    # cast: the file has this form
    return cast(
        "Mapping[str, Sequence[tuple[float, float, str]]]", {name: row["faces"] for name, row in document.items()}
    )


def _at(faces: Sequence[DetectedFace], x: float, y: float) -> DetectedFace | None:
    there = [face for face in faces if face.box.left < x < face.box.right and face.box.top < y < face.box.bottom]
    return max(there, key=lambda face: face.confidence, default=None)


def _rates(faces: Sequence[Seen]) -> Table:
    rows = [_gender_row(faces)]
    for flag in FLAGS:
        answers = [
            (face, expected, cast("Verdict", getattr(face.answer, flag)))  # cast: each flag is a Verdict
            for face in faces
            if face.answer is not None and (expected := face.expected(flag)) is not None
        ]
        rows.append(_row(flag, [(face, expected, seen.value, seen.confidence) for face, expected, seen in answers]))
    missing = sum(face.answer is None for face in faces)
    return Table(
        f"{len(faces)} faces of {len(_expected())} photographs, {missing} of them not detected. A miss has its image, "
        "the number of the face in `benchmarks/vision/faces.toml`, and the confidence of the wrong answer.",
        ["attribute", "right if present", "right if absent", "misses"],
        rows,
    )


def _gender_row(faces: Sequence[Seen]) -> list[object]:
    answers: list[tuple[Seen, bool, bool, float]] = []
    for face in faces:
        if face.answer is not None and face.answer.gender is not None and face.words & {"woman", "man"}:
            gender = face.answer.gender
            answers.append((face, "woman" in face.words, gender.value == GenderType.FEMALE, gender.confidence))
    return _row("gender (present: Female)", answers)


def _row(label: str, answers: Sequence[tuple[Seen, bool, bool, float]]) -> list[object]:
    present = [value == expected for _, expected, value, _ in answers if expected]
    absent = [value == expected for _, expected, value, _ in answers if not expected]
    misses = [(face.name, confidence) for face, expected, value, confidence in answers if value != expected]
    worst = sorted(misses, key=lambda miss: -miss[1])
    shown = [f"{name} ({100 * confidence:.0f})" for name, confidence in worst[:LARGEST_MISSES]]
    more = [f"{len(worst) - LARGEST_MISSES} more"] if len(worst) > LARGEST_MISSES else []
    return [
        label,
        f"{sum(present)} of {len(present)}",
        f"{sum(absent)} of {len(absent)}",
        ", ".join([*shown, *more]) or "none",
    ]


def _ages(faces: Sequence[Seen]) -> Table:
    rows = [
        [face.name, word.removeprefix("age="), f"{face.answer.age_range.low} to {face.answer.age_range.high}"]
        for face in faces
        for word in face.words
        if word.startswith("age=") and face.answer is not None and face.answer.age_range is not None
    ]
    return Table("Ages of people whose age in the photograph is known.", ["face", "age", "range"], rows)


def _emotions(faces: Sequence[Seen]) -> Table:
    seen = [(face, face.answer.emotions) for face in faces if face.answer is not None and face.answer.emotions]
    first = [(face, max(emotions, key=lambda name: emotions[name])) for face, emotions in seen]
    rows = [
        [label, len(names), ", ".join(f"{name} {names.count(name)}" for name in EmotionName if name in names)]
        for label, word in (("smiling", "smile"), ("not smiling", "!smile"))
        for names in [[name for face, name in first if word in face.words]]
    ]
    return Table("The first emotion of faces that smile and of faces that do not.", ["faces", "count", "first"], rows)


def _gaze(faces: Sequence[Seen]) -> Table:
    angles = [
        math.hypot(face.answer.eye_direction.yaw, face.answer.eye_direction.pitch)
        for face in faces
        if "camera" in face.words and face.answer is not None and face.answer.eye_direction is not None
    ]
    angles.sort()
    row = [len(angles), f"{angles[len(angles) // 2]:.0f}", f"{angles[-1]:.0f}"] if angles else [0, "", ""]
    return Table(
        "Angle, in degrees, between the direction of the eyes and the camera, for eyes that look into the camera.",
        ["faces", "median", "greatest"],
        [row],
    )


def _detections(vision: Vision) -> Table:
    detectors = YuNet(), vision.face_detector
    rows: list[list[object]] = []
    for label, names, scale in (
        (", ".join(WITH_FACES), WITH_FACES, 1),
        (f"without a face: {', '.join(WITHOUT_FACES)}", WITHOUT_FACES, 1),
        ("the same, enlarged twofold", WITHOUT_FACES, 2),
    ):
        images = [_scaled(face_image(name), scale) for name in names]
        rows.append([label, *(sum(len(detector.detect(image)) for image in images) for detector in detectors)])
    return Table(
        "Faces found by the detector alone, and with the mesh as the judge of doubtful ones.",
        ["photographs", "alone", "with the mesh"],
        rows,
    )


def _scaled(image: DecodedImage, scale: int) -> DecodedImage:
    return DecodedImage(Image.fromarray(image.pixels(scale * image.width, scale * image.height)))
