"""Labels, moderation, equipment, text and custom labels of a picture, beyond test_images.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.kit.request_members import create_running_version, create_trained_version
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json

HUMAN_LOOP = {
    "HumanLoopName": "look-at-it",
    "FlowDefinitionArn": "arn:aws:sagemaker:us-east-1:123456789012:flow-definition/look",
    "DataAttributes": {"ContentClassifiers": ["FreeOfAdultContent"]},
}
WHOLE = {"Left": 0, "Top": 0, "Width": 1, "Height": 1}
LEFT_HALF = {"Left": 0, "Top": 0, "Width": 0.5, "Height": 1}
TRIANGLE = [{"X": 0, "Y": 0}, {"X": 1, "Y": 0}, {"X": 0, "Y": 1}]


def names(answer: Json, member: str = "Labels") -> list[str]:
    return [label["Name"] for label in answer[member]]


# --- DetectLabels


def test_a_threshold_of_labels_is_inclusive(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(
        labels=[["Cat", 55], ["Dog", 54.99]], moderation=[["Gambling", 50], ["Alcohol", 49.99]]
    )
    assert names(rekognition("DetectLabels", Image=image)) == ["Cat"]
    assert names(rekognition("DetectLabels", Image=image, MinConfidence=0)) == ["Cat", "Dog"]
    moderated = rekognition("DetectModerationLabels", Image=image)
    assert names(moderated, "ModerationLabels") == ["Gambling"]
    moderated = rekognition("DetectModerationLabels", Image=image, MinConfidence=49.99)
    assert names(moderated, "ModerationLabels") == ["Gambling", "Alcohol"]


def test_a_thousand_labels_are_the_most(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(labels=[[f"Label {number}", 99 - number / 100] for number in range(1001)])
    for members in ({}, {"MaxLabels": 5000}):
        found = names(rekognition("DetectLabels", Image=image, **members))
        assert (len(found), found[0], found[-1]) == (1000, "Label 0", "Label 999")


def test_features_say_what_is_answered(rekognition: Rekognition, control: ControlApi) -> None:
    cat = {"Name": "Cat", "Instances": [{"BoundingBox": WHOLE}]}
    image = control.declared_image(labels=[cat])

    def answer(*features: str) -> Json:
        return rekognition("DetectLabels", Image=image, Features=list(features))

    for general in (answer(), answer("GENERAL_LABELS"), rekognition("DetectLabels", Image=image)):
        assert (names(general), "ImageProperties" in general) == (["Cat"], False)
        assert "DominantColors" not in general["Labels"][0]["Instances"][0]
    both = answer("GENERAL_LABELS", "IMAGE_PROPERTIES")
    assert both["ImageProperties"]["DominantColors"]
    assert both["Labels"][0]["Instances"][0]["DominantColors"]
    assert not answer("IMAGE_PROPERTIES").get("Labels")


@pytest.mark.parametrize(
    "members",
    [{"MaxLabels": 3}, {"MinConfidence": 55}, {"Settings": {"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}}}],
)
def test_what_is_about_labels_needs_them(rekognition: Rekognition, control: ControlApi, members: Json) -> None:
    image = control.declared_image(labels=["Cat"])
    properties = ["IMAGE_PROPERTIES"]
    assert rekognition.error_code("DetectLabels", Image=image, Features=properties, **members) == (
        "InvalidParameterException"
    )
    rekognition("DetectLabels", Image=image, Features=[*properties, "GENERAL_LABELS"], **members)


def test_so_many_dominant_colours_as_asked_for(rekognition: Rekognition, astronaut: Json) -> None:
    def count(**settings: int) -> list[int]:
        answer = rekognition(
            "DetectLabels", Image=astronaut, Features=["IMAGE_PROPERTIES"], Settings={"ImageProperties": settings}
        )
        found = answer["ImageProperties"]
        parts = (found, found["Foreground"], found["Background"])
        assert set(found["Quality"]) == {"Brightness", "Sharpness", "Contrast"}
        return [len(part.get("DominantColors", [])) for part in parts]

    assert count() == count(MaxDominantColors=10)
    assert max(count()) <= 10
    assert count(MaxDominantColors=2) == [2, 2, 2]
    assert count(MaxDominantColors=0) == [0, 0, 0]


def test_every_ancestor_is_a_label_and_a_parent(rekognition: Rekognition, control: ControlApi) -> None:
    labels = [
        {"Name": "Cat", "Confidence": 90, "Parents": ["Mammal"], "Aliases": ["Kitty"]},
        {"Name": "Mammal", "Confidence": 80, "Parents": ["Animal"]},
    ]
    found = rekognition("DetectLabels", Image=control.declared_image(labels=labels))["Labels"]
    assert {label["Name"]: [parent["Name"] for parent in label.get("Parents", [])] for label in found} == {
        "Cat": ["Mammal", "Animal"],
        "Mammal": ["Animal"],
        "Animal": [],
    }
    (cat,) = (label for label in found if label["Name"] == "Cat")
    assert cat["Aliases"] == [{"Name": "Kitty"}]


def test_inclusion_comes_before_exclusion(rekognition: Rekognition, control: ControlApi) -> None:
    pets = {"Categories": ["Pets"]}
    image = control.declared_image(labels=[{"Name": "Cat", **pets}, {"Name": "Dog", **pets}, "Sofa", "Lamp"])
    filters = {
        "LabelInclusionFilters": ["Sofa", "sofa", "Nothing"],
        "LabelCategoryInclusionFilters": ["Pets"],
        "LabelExclusionFilters": ["Dog"],
    }
    found = names(rekognition("DetectLabels", Image=image, Settings={"GeneralLabels": filters}))
    assert sorted(found) == ["Cat", "Sofa"]


def test_models_tell_their_versions(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(labels=[], moderation=[], text=[], ppe=[])
    for operation, member in (
        ("DetectLabels", "LabelModelVersion"),
        ("DetectModerationLabels", "ModerationModelVersion"),
        ("DetectText", "TextModelVersion"),
        ("DetectProtectiveEquipment", "ProtectiveEquipmentModelVersion"),
    ):
        assert re.fullmatch(r"\d+\.\d+", rekognition(operation, Image=image)[member])


# --- DetectModerationLabels


def test_what_kind_of_image_it_is(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(moderation=[], content_types=[["Animation", 88]])
    answer = rekognition("DetectModerationLabels", Image=image)
    assert answer["ContentTypes"] == [{"Name": "Animation", "Confidence": 88}]
    assert answer["ModerationLabels"] == []
    assert "ProjectVersion" not in answer


def test_no_human_is_asked(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(moderation=[])
    assert "HumanLoopActivationOutput" not in rekognition("DetectModerationLabels", Image=image)
    answer = rekognition("DetectModerationLabels", Image=image, HumanLoopConfig=HUMAN_LOOP)
    assert "HumanLoopArn" not in answer["HumanLoopActivationOutput"]
    wrong = {**HUMAN_LOOP, "HumanLoopName": "Look"}
    code = rekognition.error_code("DetectModerationLabels", Image=image, HumanLoopConfig=wrong)
    assert code == "InvalidParameterException"


def test_an_adapter_is_told_until_it_has_expired(rekognition: Rekognition, control: ControlApi) -> None:
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    adapter = create_trained_version(
        rekognition, rekognition("CreateProject", ProjectName="a", **feature)["ProjectArn"]
    )
    image = control.declared_image(moderation=["Smoking"])

    def used() -> object:
        return rekognition("DetectModerationLabels", Image=image, ProjectVersion=adapter).get("ProjectVersion")

    assert used() == adapter
    for status, control_api in (("DEPRECATED", adapter), ("EXPIRED", None)):
        control.request("POST", "/versions", {"project_version_arn": adapter, "status": status})
        assert used() == control_api


def test_a_model_is_no_adapter_and_an_adapter_no_model(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(moderation=[], custom_labels=[])
    model = create_running_version(rekognition)
    assert rekognition.error_code("DetectModerationLabels", Image=image, ProjectVersion=model) == (
        "InvalidParameterException"
    )
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    adapter = create_trained_version(
        rekognition, rekognition("CreateProject", ProjectName="a", **feature)["ProjectArn"]
    )
    for operation, members in (
        ("DetectCustomLabels", {"Image": image}),
        ("StartProjectVersion", {"MinInferenceUnits": 1}),
        ("StopProjectVersion", {}),
    ):
        code = rekognition.error_code(operation, ProjectVersionArn=adapter, **members)
        assert (operation, code) == (operation, "InvalidParameterException")


# --- DetectProtectiveEquipment


def person(**parts: object) -> Json:
    """Return a person; a part is seen, and wears what is said."""
    control_api = [
        {"Name": name, "Confidence": 99, "EquipmentDetections": [worn] if worn else []} for name, worn in parts.items()
    ]
    return {"BoundingBox": [0, 0, 0.5, 1], "Confidence": 99, "BodyParts": control_api}


def cover(kind: str, confidence: float = 95, **covers: object) -> Json:
    worn: Json = {"Type": kind, "Confidence": confidence}
    return {**worn, "CoversBodyPart": covers} if covers else worn


GLOVE = cover("HAND_COVER")
HAT = cover("HEAD_COVER")
WITH, WITHOUT, UNKNOWN = (
    "PersonsWithRequiredEquipment",
    "PersonsWithoutRequiredEquipment",
    "PersonsIndeterminate",
)


@pytest.mark.parametrize(
    ("who", "required", "least", "group"),
    [
        (person(LEFT_HAND=GLOVE, RIGHT_HAND=GLOVE), "HAND_COVER", 80, WITH),
        (person(LEFT_HAND=GLOVE, RIGHT_HAND=None), "HAND_COVER", 80, WITHOUT),
        (person(LEFT_HAND=GLOVE), "HAND_COVER", 80, UNKNOWN),
        (person(HEAD=HAT, LEFT_HAND=None), "HEAD_COVER HAND_COVER", 80, WITHOUT),
        (person(HEAD=HAT), "HEAD_COVER FACE_COVER", 80, UNKNOWN),
        (person(HEAD=cover("FACE_COVER")), "HEAD_COVER", 80, WITHOUT),
        (person(HEAD=cover("HEAD_COVER", Value=False, Confidence=95)), "HEAD_COVER", 80, WITHOUT),
        (person(HEAD=cover("HEAD_COVER", Value=True, Confidence=60)), "HEAD_COVER", 80, UNKNOWN),
        (person(HEAD=cover("HEAD_COVER", 80)), "HEAD_COVER", 80, WITH),
        (person(HEAD=cover("HEAD_COVER", 50)), "HEAD_COVER", 0, WITH),
        ({**person(HEAD=HAT), "Confidence": 70}, "HEAD_COVER", 80, UNKNOWN),
    ],
)
def test_a_person_wears_all_that_is_required_or_not_or_nobody_knows(
    rekognition: Rekognition, control: ControlApi, who: Json, required: str, least: float, group: str
) -> None:
    asked = {"MinConfidence": least, "RequiredEquipmentTypes": required.split()}
    image = control.declared_image(ppe=[who])
    summary = rekognition("DetectProtectiveEquipment", Image=image, SummarizationAttributes=asked)["Summary"]
    assert summary == {WITH: [], WITHOUT: [], UNKNOWN: [], group: [0]}


def test_fifteen_persons_are_told_with_bare_parts_and_without_equipment(
    rekognition: Rekognition, control: ControlApi
) -> None:
    image = control.declared_image(ppe=[person(FACE=None)] * 17)
    persons = rekognition("DetectProtectiveEquipment", Image=image)["Persons"]
    assert [each["Id"] for each in persons] == list(range(15))
    assert [part["Name"] for part in persons[0]["BodyParts"]] == ["FACE"]
    assert not persons[0]["BodyParts"][0].get("EquipmentDetections")


# --- DetectText


def detected(rekognition: Rekognition, image: Json, kind: str = "WORD", **filters: object) -> list[str]:
    answer = rekognition("DetectText", Image=image, Filters=filters)
    return [each["DetectedText"] for each in answer["TextDetections"] if each["Type"] == kind]


def test_a_hundred_words_are_the_most(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(text=[" ".join(["word"] * 7)] * 15)
    assert len(detected(rekognition, image)) == 100
    assert len(detected(rekognition, image, "LINE")) == 15


def test_lines_are_told_from_top_to_bottom(rekognition: Rekognition, control: ControlApi) -> None:
    said = [{"DetectedText": text, "Geometry": [0.1, top, 0.5, 0.1]} for text, top in (("low", 0.7), ("high", 0.1))]
    answer = rekognition("DetectText", Image=control.declared_image(text=said))["TextDetections"]
    assert [(each["Type"], each["DetectedText"], each["Id"]) for each in answer] == [
        ("LINE", "high", 0),
        ("LINE", "low", 1),
        ("WORD", "high", 2),
        ("WORD", "low", 3),
    ]
    assert all(set(each["Geometry"]) == {"BoundingBox", "Polygon"} for each in answer)


@pytest.mark.parametrize(("left", "counts"), [(0.24, True), (0.25, False), (0.26, False)])
def test_more_than_half_of_a_word_must_be_in_a_region(
    rekognition: Rekognition, control: ControlApi, left: float, counts: bool
) -> None:
    image = control.declared_image(text=[{"DetectedText": "word", "Geometry": [left, 0.1, 0.5, 0.1]}])
    corners = [{"X": x, "Y": y} for x, y in ((0, 0), (0.5, 0), (0.5, 1), (0, 1))]
    for region in ({"BoundingBox": LEFT_HALF}, {"Polygon": corners}):
        found = detected(rekognition, image, RegionsOfInterest=[region])
        assert (found == ["word"]) is counts
    both = [{"BoundingBox": {**WHOLE, "Width": 0.1}}, {"BoundingBox": WHOLE}]
    assert detected(rekognition, image, RegionsOfInterest=both) == ["word"]


@pytest.mark.parametrize(
    "regions",
    [
        [{}],
        [{"BoundingBox": WHOLE, "Polygon": TRIANGLE}],
        [{"Polygon": TRIANGLE[:2]}],
        [{"Polygon": TRIANGLE * 4}],
        [{"BoundingBox": WHOLE}] * 11,
    ],
)
def test_a_region_is_one_box_or_one_polygon_and_there_are_ten(
    rekognition: Rekognition, control: ControlApi, regions: list[Json]
) -> None:
    image = control.declared_image(text=["word"])
    code = rekognition.error_code("DetectText", Image=image, Filters={"RegionsOfInterest": regions})
    assert code == "InvalidParameterException"
    detected(rekognition, image, RegionsOfInterest=[{"BoundingBox": WHOLE}] * 9 + [{"Polygon": TRIANGLE}])


def test_a_word_may_be_too_narrow(rekognition: Rekognition, control: ControlApi) -> None:
    said = [
        {"DetectedText": text, "Geometry": [0.1, 0.1, width, 0.1]} for text, width in (("thin", 0.1), ("wide", 0.5))
    ]
    image = control.declared_image(text=said)
    assert detected(rekognition, image, WordFilter={"MinBoundingBoxWidth": 0.2}) == ["wide"]
    assert detected(rekognition, image, "LINE", WordFilter={"MinBoundingBoxWidth": 0.2}) == ["wide"]
    assert detected(rekognition, image, WordFilter={"MinBoundingBoxWidth": 0.5}) == ["wide"]


# --- DetectCustomLabels


def test_a_custom_label_may_have_a_place(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    image = control.declared_image(custom_labels=[{"Name": "dog", "Geometry": [0.1, 0.2, 0.3, 0.4]}, ["park", 80]])
    dog, park = rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=image)["CustomLabels"]
    assert dog["Geometry"]["BoundingBox"] == pytest.approx({"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4})
    assert "Geometry" not in park


def test_each_version_has_its_own_custom_labels(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    image = blank_png(1)
    control.declare(image, custom_labels={arn: ["dog"]})
    answer = rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": image})
    assert names(answer, "CustomLabels") == ["dog"]
