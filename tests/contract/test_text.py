"""DetectText: lines, words and filters."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from tests.kit.printed import Printed, corners, printed

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


WHOLE = {"Left": 0, "Top": 0, "Width": 1, "Height": 1}
LEFT_HALF = {"Left": 0, "Top": 0, "Width": 0.5, "Height": 1}
TRIANGLE = [{"X": 0, "Y": 0}, {"X": 1, "Y": 0}, {"X": 0, "Y": 1}]


def detected_text(rekognition: Rekognition, image: Json, kind: str = "WORD", **filters: object) -> list[str]:
    response = rekognition("DetectText", Image=image, Filters=filters)
    return [each["DetectedText"] for each in response["TextDetections"] if each["Type"] == kind]


def test_printed_text_is_seen(rekognition: Rekognition) -> None:
    file, size = io.BytesIO(), (600, 200)
    upper, lower = Printed("Gate 24 to Oslo", 40, 40, 40), Printed("Boarding now", 40, 120, 30)
    printed([upper, lower], size).save(file, "PNG")
    image = {"Bytes": file.getvalue()}
    assert detected_text(rekognition, image, "LINE") == ["Gate 24 to Oslo", "Boarding now"]
    assert detected_text(rekognition, image) == ["Gate", "24", "to", "Oslo", "Boarding", "now"]
    lower_half = {"BoundingBox": {"Left": 0, "Top": 0.5, "Width": 1, "Height": 0.5}}
    assert detected_text(rekognition, image, RegionsOfInterest=[lower_half]) == ["Boarding", "now"]
    first = rekognition("DetectText", Image=image)["TextDetections"][0]
    for point, (x, y) in zip(first["Geometry"]["Polygon"], corners(upper, size=size), strict=True):
        assert (point["X"], point["Y"]) == pytest.approx((x / 600, y / 200), abs=0.03)
    assert first["Confidence"] > 90


def test_lines_have_words(rekognition: Rekognition, control: ControlApi) -> None:
    response = rekognition("DetectText", Image=control.declared_image(text=["EXIT NOW", ["dim", 79.9]]))
    result = [
        (each["Type"], each["DetectedText"], each["Id"], each.get("ParentId")) for each in response["TextDetections"]
    ]
    assert result == [("LINE", "EXIT NOW", 0, None), ("WORD", "EXIT", 1, 0), ("WORD", "NOW", 2, 0)]


def test_lines_are_ordered_from_top_to_bottom(rekognition: Rekognition, control: ControlApi) -> None:
    declared = [{"DetectedText": text, "Geometry": [0.1, top, 0.5, 0.1]} for text, top in (("low", 0.7), ("high", 0.1))]
    response = rekognition("DetectText", Image=control.declared_image(text=declared))["TextDetections"]
    assert [(each["Type"], each["DetectedText"], each["Id"]) for each in response] == [
        ("LINE", "high", 0),
        ("LINE", "low", 1),
        ("WORD", "high", 2),
        ("WORD", "low", 3),
    ]
    assert all(set(each["Geometry"]) == {"BoundingBox", "Polygon"} for each in response)


def test_at_most_a_hundred_words_are_returned(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(text=[" ".join(["word"] * 7)] * 15)
    assert len(detected_text(rekognition, image)) == 100
    assert len(detected_text(rekognition, image, "LINE")) == 15


def test_words_are_filtered_by_confidence_size_and_area(rekognition: Rekognition, control: ControlApi) -> None:
    declared = [
        {"DetectedText": "LEFT", "Geometry": [0, 0, 0.4, 0.2], "Confidence": 70},
        {"DetectedText": "RIGHT", "Geometry": [0.5, 0.5, 0.4, 0.1]},
    ]
    image = control.declared_image(text=declared)

    def results(**filters: object) -> list[str]:
        response = rekognition("DetectText", Image=image, Filters=filters)
        return [each["DetectedText"] for each in response["TextDetections"] if each["Type"] == "WORD"]

    assert results() == ["RIGHT"]
    assert results(WordFilter={"MinConfidence": 70}) == ["LEFT", "RIGHT"]
    assert results(WordFilter={"MinConfidence": 0, "MinBoundingBoxHeight": 0.15}) == ["LEFT"]
    half = {"BoundingBox": {"Left": 0.5, "Top": 0, "Width": 0.5, "Height": 1}}
    assert results(WordFilter={"MinConfidence": 0}, RegionsOfInterest=[half]) == ["RIGHT"]
    two = {"BoundingBox": half["BoundingBox"], "Polygon": [{"X": 0, "Y": 0}, {"X": 1, "Y": 0}]}
    refusal = rekognition.error_code("DetectText", Image=image, Filters={"RegionsOfInterest": [two]})
    assert refusal == "InvalidParameterException"


def test_words_are_filtered_by_width(rekognition: Rekognition, control: ControlApi) -> None:
    declared = [
        {"DetectedText": text, "Geometry": [0.1, 0.1, width, 0.1]} for text, width in (("thin", 0.1), ("wide", 0.5))
    ]
    image = control.declared_image(text=declared)
    assert detected_text(rekognition, image, WordFilter={"MinBoundingBoxWidth": 0.2}) == ["wide"]
    assert detected_text(rekognition, image, "LINE", WordFilter={"MinBoundingBoxWidth": 0.2}) == ["wide"]
    assert detected_text(rekognition, image, WordFilter={"MinBoundingBoxWidth": 0.5}) == ["wide"]


@pytest.mark.parametrize(("left", "counts"), [(0.24, True), (0.25, False), (0.26, False)])
def test_more_than_half_of_a_word_must_be_in_an_area(
    rekognition: Rekognition, control: ControlApi, left: float, counts: bool
) -> None:
    image = control.declared_image(text=[{"DetectedText": "word", "Geometry": [left, 0.1, 0.5, 0.1]}])
    corners = [{"X": x, "Y": y} for x, y in ((0, 0), (0.5, 0), (0.5, 1), (0, 1))]
    for region in ({"BoundingBox": LEFT_HALF}, {"Polygon": corners}):
        result = detected_text(rekognition, image, RegionsOfInterest=[region])
        assert (result == ["word"]) is counts
    areas = [{"BoundingBox": {**WHOLE, "Width": 0.1}}, {"BoundingBox": WHOLE}]
    assert detected_text(rekognition, image, RegionsOfInterest=areas) == ["word"]


@pytest.mark.parametrize(
    "regions",
    [
        [{}],
        [{"BoundingBox": WHOLE, "Polygon": TRIANGLE}],
        [{"Polygon": TRIANGLE[:2]}],
        [{"Polygon": TRIANGLE * 4}],
    ],
)
def test_an_area_is_one_box_or_one_polygon(rekognition: Rekognition, control: ControlApi, regions: list[Json]) -> None:
    image = control.declared_image(text=["word"])
    code = rekognition.error_code("DetectText", Image=image, Filters={"RegionsOfInterest": regions})
    assert code == "InvalidParameterException"


def test_at_most_ten_areas_are_accepted(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(text=["word"])
    eleven = {"RegionsOfInterest": [{"BoundingBox": WHOLE}] * 11}
    assert rekognition.error_code("DetectText", Image=image, Filters=eleven) == "ValidationException"
    detected_text(rekognition, image, RegionsOfInterest=[{"BoundingBox": WHOLE}] * 9 + [{"Polygon": TRIANGLE}])
