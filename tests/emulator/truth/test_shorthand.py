"""Short forms of declarations, and the entries of videos."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models, to_wire
from rekog._generated.shapes import SHAPES
from rekog.emulator.truth.declaring import checked
from rekog.emulator.truth.shorthand import NEEDED, ORDER, entry_problems, expand, is_a
from tests.emulator.truth.declarations import BOX, problems

NO_PARTS: dict[str, Any] = {"Instances": [], "Parents": [], "Aliases": [], "Categories": []}


def first(**declaration: object) -> Any:
    """Return the first entry of a declaration of one capability, as it is stored."""
    (entries,) = checked(declaration).values()
    assert isinstance(entries, list)
    return entries[0]  # pyright: ignore[reportUnknownVariableType]  # JSON


@pytest.mark.parametrize(
    ("form", "wire"),
    [
        ("Cat", {"Name": "Cat", "Confidence": 100.0}),
        (("Cat", 91.5), {"Name": "Cat", "Confidence": 91.5}),
        (["Cat", 91.5], {"Name": "Cat", "Confidence": 91.5}),
        ({"Name": "Cat", "Confidence": None}, {"Name": "Cat", "Confidence": 100.0}),
        (models.Label(name="Cat", confidence=5), {"Name": "Cat", "Confidence": 5, **NO_PARTS}),
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
    given = {"BoundingBox": BOX, "Smile": True, "AgeRange": [20, 30], "Emotions": [["HAPPY", 90]], "Gender": "Female"}
    face = first(faces=[given])
    assert {name: face[name] for name in ("Smile", "AgeRange", "Emotions", "Gender")} == {
        "Smile": {"Value": True, "Confidence": 100.0},
        "AgeRange": {"Low": 20, "High": 30},
        "Emotions": [{"Type": "HAPPY", "Confidence": 90}],
        "Gender": {"Value": "Female", "Confidence": 100.0},
    }


@pytest.mark.parametrize(("line", "kind"), [({}, "LINE"), ({"ParentId": 0}, "WORD"), ({"ParentId": 1}, "WORD")])
def test_a_text_with_a_parent_is_a_word(line: dict[str, int], kind: str) -> None:
    content: Any = checked({"text": [{"DetectedText": "EXIT", **line}]})
    assert content["text"][0]["Type"] == kind


def test_equipment_covers_by_default() -> None:
    person = first(ppe=[{"BodyParts": [{"Name": "FACE", "EquipmentDetections": ["FACE_COVER"]}]}])
    assert person["BodyParts"][0]["EquipmentDetections"][0] == {
        "Type": "FACE_COVER",
        "Confidence": 100.0,
        "CoversBodyPart": {"Value": True, "Confidence": 100.0},
    }


@pytest.mark.parametrize("name", sorted(ORDER))
def test_every_short_form_has_members_of_the_structure(name: str) -> None:
    members = set(getattr(models, name).__slots__)
    expected = {"".join(f"_{c.lower()}" if c.isupper() else c for c in member)[1:] for member in ORDER[name]}
    assert expected <= members


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_every_required_member_exists(name: str) -> None:
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
def test_models_are_stored_unchanged(labels: list[models.Label], faces: list[models.FaceDetail]) -> None:
    stored = json.loads(json.dumps(checked({"labels": labels, "faces": faces})))
    wire = {"labels": [to_wire(label) for label in labels], "faces": [to_wire(face) for face in faces]}
    assert stored == json.loads(json.dumps(wire))


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(labels, max_size=3))
def test_expanding_twice_changes_nothing(labels: list[models.Label]) -> None:
    once = checked({"labels": labels})
    assert checked(once) == once


# a video


def test_an_entry_of_a_video_may_be_flat_or_in_the_services_form() -> None:
    cat: dict[str, Any] = {"Timestamp": 500, "Label": {"Name": "Cat", "Confidence": 100.0}}
    flat, nested = {"Timestamp": 500, "Name": "Cat"}, {"Timestamp": 500, "Label": "Cat"}
    model = models.LabelDetection(timestamp=500, label=models.Label(name="Cat", confidence=100.0))
    expanded = {"Timestamp": 500, "Label": {**cat["Label"], **NO_PARTS}}
    assert checked({"labels": [flat, nested, model]}) == {"labels": [cat, cat, expanded]}


def test_a_person_in_a_video_may_have_a_face_with_an_identity() -> None:
    declaration = {"Timestamp": 0, "Index": 1, "Face": {"BoundingBox": BOX, "Identity": "Ann"}}
    stored = first(persons=[declaration])
    assert (stored["Person"]["Index"], stored["Person"]["Face"]["Identity"]) == (1, "Ann")


def test_moderation_in_a_video_has_content_types_beside_the_label() -> None:
    declaration = {"Timestamp": 0, "Name": "Smoking", "ContentTypes": ["Animated"]}
    stored = first(moderation=[declaration])
    assert stored["ModerationLabel"]["Name"] == "Smoking"
    assert stored["ContentTypes"] == [{"Name": "Animated", "Confidence": 100.0}]


def test_metadata_and_segments_of_a_video_are_declared() -> None:
    shot = {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": 900, "ShotSegment": {"Index": 0}}
    metadata = {"DurationMillis": 900, "FrameRate": 25}
    stored = checked({"video": metadata, "audio": [{"Codec": "aac"}], "segments": [shot]})
    assert stored["video"] == metadata
    assert stored["segments"] == [{**shot, "ShotSegment": {"Index": 0, "Confidence": 100.0}}]


def test_entries_of_images_and_of_videos_do_not_mix() -> None:
    assert problems(labels=["Cat", {"Timestamp": 1, "Name": "Dog"}]) == [
        "labels[0]: is of an image, but labels[1] is of a video, where every entry has a Timestamp"
    ]
    assert "segments is of a video" in problems(labels=["Cat"], segments=[])[0]
    assert checked({"labels": [], "segments": []})


# all structures


def test_every_structure_lacks_exactly_its_required_members() -> None:
    for name in SHAPES:
        if SHAPES[name].kind == "structure" and name in NEEDED:
            lacking = [text for text in entry_problems(name, {}, ("labels", 2)) if "required" in text]
            assert [text.partition(": required, and must be ")[0] for text in lacking] == [
                f"labels[2].{member}" for member in NEEDED[name]
            ]


def test_every_short_form_gives_its_members_in_their_order() -> None:
    for name, order in ORDER.items():
        members = SHAPES[name].members
        confidences = {member: 100.0 for member in ("Confidence", "MatchConfidence") if member in members}
        defaults = {**confidences, **MORE_DEFAULTS.get(name, {})}
        values = [f"{member} of {name}" for member in order]
        whole = {**defaults, **dict(zip(order, values, strict=True))}
        for short in (values, tuple(values)):
            assert expand(name, short) == whole
        assert expand(name, values[:1]) == {**defaults, order[0]: values[0]}
        assert expand(name, [*values, 1]) == [*values, 1]
        assert expand(name, []) == []
        assert expand(name, {**whole, "Other": 1}) == {**whole, "Other": 1}
        assert expand(name, dict.fromkeys(order)) == defaults
        assert expand(name, "text") == {**defaults, order[0]: "text"}
        assert expand(name, True) == {**defaults, order[0]: True}
        assert (expand(name, 7), expand(name, None)) == (7, None)


MORE_DEFAULTS: dict[str, dict[str, object]] = {
    "EquipmentDetection": {"CoversBodyPart": {"Value": True, "Confidence": 100.0}},
    "TextDetection": {"Type": "LINE"},
}


def test_a_structure_around_a_box_may_be_given_as_its_box() -> None:
    box = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
    for name in ("ComparedFace", "FaceDetail", "Geometry", "Instance"):
        confidence = {} if name == "Geometry" else {"Confidence": 100.0}
        for form in (BOX, [0.1, 0.2, 0.3, 0.4]):
            assert expand(name, form) == {"BoundingBox": box, **confidence}
        point = models.Point(x=0, y=0)
        assert expand(name, point) is point
    assert expand("Pose", BOX) is BOX


class ReviewedBox(models.BoundingBox):
    """A class of a user."""


def test_a_model_of_a_users_subclass_is_a_model_of_its_structure() -> None:
    box = ReviewedBox(left=0.1, top=0.2, width=0.3, height=0.4)
    assert expand("Instance", box) == expand("Instance", BOX)
    assert is_a(box, "BoundingBox")
    assert not is_a(BOX, "ReviewedBox")
