"""DetectLabels: labels, filters and image properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.responses import label_names
from tests.kit.photographs import photograph
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json


CAT: Json = {"Name": "Cat", "Confidence": 90, "Parents": ["Animal"], "Categories": ["Animals and Pets"]}
WHOLE = {"Left": 0, "Top": 0, "Width": 1, "Height": 1}


def test_labels_come_with_their_ancestors_highest_confidence_first(
    rekognition: Rekognition, control: ControlApi
) -> None:
    response = rekognition("DetectLabels", Image=control.declared_image(labels=[CAT, ["Sofa", 95], ["Dust", 54.9]]))
    assert label_names(response) == ["Sofa", "Animal", "Cat"]
    assert "ImageProperties" not in response
    assert response["LabelModelVersion"]


def test_a_photograph_has_labels_with_ancestors_and_boxes(rekognition: Rekognition) -> None:
    labels = {each["Name"]: each for each in rekognition("DetectLabels", Image={"Bytes": photograph("cat")})["Labels"]}
    assert {"Cat", "Pet", "Mammal", "Animal"} <= set(labels)
    assert {"Pet", "Mammal", "Animal"} <= {parent["Name"] for parent in labels["Cat"]["Parents"]}
    assert labels["Cat"]["Categories"] == [{"Name": "Animals and Pets"}]
    (box,) = (each["BoundingBox"] for each in labels["Cat"]["Instances"])
    assert min(box["Width"], box["Height"]) > 0.8  # its head fills the photograph


def test_every_ancestor_is_a_label_and_a_parent(rekognition: Rekognition, control: ControlApi) -> None:
    labels = [
        {"Name": "Cat", "Confidence": 90, "Parents": ["Mammal"], "Aliases": ["Kitty"]},
        {"Name": "Mammal", "Confidence": 80, "Parents": ["Animal"]},
    ]
    result = rekognition("DetectLabels", Image=control.declared_image(labels=labels))["Labels"]
    assert {label["Name"]: [parent["Name"] for parent in label.get("Parents", [])] for label in result} == {
        "Cat": ["Mammal", "Animal"],
        "Mammal": ["Animal"],
        "Animal": [],
    }
    (cat,) = (label for label in result if label["Name"] == "Cat")
    assert cat["Aliases"] == [{"Name": "Kitty"}]


def test_a_threshold_of_labels_is_inclusive(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(
        labels=[["Cat", 55], ["Dog", 54.99]], moderation=[["Gambling", 50], ["Alcohol", 49.99]]
    )
    assert label_names(rekognition("DetectLabels", Image=image)) == ["Cat"]
    assert label_names(rekognition("DetectLabels", Image=image, MinConfidence=0)) == ["Cat", "Dog"]
    moderated = rekognition("DetectModerationLabels", Image=image)
    assert label_names(moderated, "ModerationLabels") == ["Gambling"]
    moderated = rekognition("DetectModerationLabels", Image=image, MinConfidence=49.99)
    assert label_names(moderated, "ModerationLabels") == ["Gambling", "Alcohol"]


def test_at_most_a_thousand_labels_are_returned(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(labels=[[f"Label {number}", 99 - number / 100] for number in range(1001)])
    for members in ({}, {"MaxLabels": 5000}):
        result = label_names(rekognition("DetectLabels", Image=image, **members))
        assert (len(result), result[0], result[-1]) == (1000, "Label 0", "Label 999")


def test_labels_are_limited_and_filtered(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(labels=[CAT, ["Sofa", 95], ["Dust", 54.9]])

    def results(**members: object) -> list[str]:
        return sorted(label_names(rekognition("DetectLabels", Image=image, **members)))

    assert results(MinConfidence=54.9) == ["Animal", "Cat", "Dust", "Sofa"]
    assert results(MaxLabels=1) == ["Sofa"]

    def settings(**filters: list[str]) -> Json:
        return {"GeneralLabels": filters}

    assert results(Settings=settings(LabelInclusionFilters=["Cat"])) == ["Cat"]
    assert results(Settings=settings(LabelExclusionFilters=["Cat", "Nothing"])) == ["Animal", "Sofa"]
    assert results(Settings=settings(LabelCategoryInclusionFilters=["Animals and Pets"])) == ["Cat"]
    assert "Cat" not in results(Settings=settings(LabelCategoryExclusionFilters=["Animals and Pets"]))


def test_inclusion_comes_before_exclusion(rekognition: Rekognition, control: ControlApi) -> None:
    pets = {"Categories": ["Pets"]}
    image = control.declared_image(labels=[{"Name": "Cat", **pets}, {"Name": "Dog", **pets}, "Sofa", "Lamp"])
    filters = {
        "LabelInclusionFilters": ["Sofa", "sofa", "Nothing"],
        "LabelCategoryInclusionFilters": ["Pets"],
        "LabelExclusionFilters": ["Dog"],
    }
    result = label_names(rekognition("DetectLabels", Image=image, Settings={"GeneralLabels": filters}))
    assert sorted(result) == ["Cat", "Sofa"]


def test_features_select_labels_and_image_properties(rekognition: Rekognition, control: ControlApi) -> None:
    cat = {"Name": "Cat", "Instances": [{"BoundingBox": WHOLE}]}
    image = control.declared_image(labels=[cat])

    def response(*features: str, **more: object) -> Json:
        return rekognition("DetectLabels", Image=image, Features=list(features), **more)

    for general in (response(), response("GENERAL_LABELS"), rekognition("DetectLabels", Image=image)):
        assert (label_names(general), "ImageProperties" in general) == (["Cat"], False)
        assert "DominantColors" not in general["Labels"][0]["Instances"][0]
    both_features = response("GENERAL_LABELS", "IMAGE_PROPERTIES")
    assert both_features["ImageProperties"]["DominantColors"]
    assert both_features["Labels"][0]["Instances"][0]["DominantColors"]
    assert not response("IMAGE_PROPERTIES").get("Labels")
    without_colours = response(
        "GENERAL_LABELS", "IMAGE_PROPERTIES", Settings={"ImageProperties": {"MaxDominantColors": 0}}
    )
    assert without_colours["Labels"][0]["Instances"][0]["DominantColors"] == []


@pytest.mark.parametrize(
    "members",
    [{"MaxLabels": 3}, {"MinConfidence": 55}, {"Settings": {"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}}}],
)
def test_options_of_labels_need_the_feature_general_labels(
    rekognition: Rekognition, control: ControlApi, members: Json
) -> None:
    image = control.declared_image(labels=["Cat"])
    properties = ["IMAGE_PROPERTIES"]
    assert rekognition.error_code("DetectLabels", Image=image, Features=properties, **members) == (
        "InvalidParameterException"
    )
    rekognition("DetectLabels", Image=image, Features=[*properties, "GENERAL_LABELS"], **members)


def test_max_labels_without_general_labels_is_refused(rekognition: Rekognition, control: ControlApi) -> None:
    code = rekognition.error_code(
        "DetectLabels", Image={"Bytes": blank_png()}, Features=["IMAGE_PROPERTIES"], MaxLabels=3
    )
    assert code == "InvalidParameterException"


def test_image_properties_are_measured(rekognition: Rekognition, control: ControlApi, astronaut: Json) -> None:
    response = rekognition("DetectLabels", Image=astronaut, Features=["IMAGE_PROPERTIES"])
    assert not response.get("Labels")
    result = response["ImageProperties"]
    assert set(result["Quality"]) == {"Brightness", "Sharpness", "Contrast"}
    assert {"Red", "Green", "Blue", "HexCode", "CSSColor", "SimplifiedColor", "PixelPercent"} == set(
        result["DominantColors"][0]
    )
    assert {"Foreground", "Background"} <= set(result)


def test_the_number_of_dominant_colours_is_limited(rekognition: Rekognition, astronaut: Json) -> None:
    def count(**settings: int) -> list[int]:
        response = rekognition(
            "DetectLabels", Image=astronaut, Features=["IMAGE_PROPERTIES"], Settings={"ImageProperties": settings}
        )
        result = response["ImageProperties"]
        parts = (result, result["Foreground"], result["Background"])
        assert set(result["Quality"]) == {"Brightness", "Sharpness", "Contrast"}
        return [len(part.get("DominantColors", [])) for part in parts]

    assert count() == count(MaxDominantColors=10)
    assert max(count()) <= 10
    assert count(MaxDominantColors=2) == [2, 2, 2]
    assert count(MaxDominantColors=0) == [0, 0, 0]


def test_responses_name_the_model_versions(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(labels=[], moderation=[], text=[], ppe=[])
    for operation, member in (
        ("DetectLabels", "LabelModelVersion"),
        ("DetectModerationLabels", "ModerationModelVersion"),
        ("DetectText", "TextModelVersion"),
        ("DetectProtectiveEquipment", "ProtectiveEquipmentModelVersion"),
    ):
        assert re.fullmatch(r"\d+\.\d+", rekognition(operation, Image=image)[member])
