"""Problems of declarations: whole texts, each with the path and the rule."""

from __future__ import annotations

import pytest

from rekog.emulator import TruthError
from rekog.emulator.truth.declaring import checked
from tests.emulator.truth.declarations import BOX, THERE_ARE, VERSION, problems

RATIO = "must be a ratio of the image's height, more than 0"
MEMBERS = "Aliases, Categories, Confidence, Instances, Name, Parents"
EMOTIONS = "HAPPY, SAD, ANGRY, CONFUSED, DISGUSTED, SURPRISED, CALM, UNKNOWN, FEAR"
PATTERN = (
    r"^arn:[a-z\d-]+:rekognition:[a-z\d-]+:\d{12}:project\/[a-zA-Z0-9_.\-]{1,255}\/version\/[a-zA-Z0-9_.\-]{1,255}"
    r"\/[0-9]+$"
)
AT_LEAST_50 = "must be at least 50, as in the service's responses"
NAME_IN_SHORT = "must be a mapping, not int, or in short: Name, Confidence"
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
