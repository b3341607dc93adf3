"""Analysis of one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.request_members import create_running_version
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json

CAT: Json = {"Name": "Cat", "Confidence": 90, "Parents": ["Animal"], "Categories": ["Animals and Pets"]}
PERSON: Json = {
    "BoundingBox": [0, 0, 0.5, 1],
    "BodyParts": [
        {"Name": "HEAD", "Confidence": 99, "EquipmentDetections": [{"Type": "HEAD_COVER", "Confidence": 95}]},
        {"Name": "FACE", "Confidence": 99},
    ],
}
IMAGE_OPERATIONS = (
    "DetectFaces",
    "DetectLabels",
    "DetectModerationLabels",
    "DetectProtectiveEquipment",
    "DetectText",
    "RecognizeCelebrities",
)


def names(answer: Json, member: str = "Labels") -> list[str]:
    return [label["Name"] for label in answer[member]]


# --- which pictures


@pytest.mark.parametrize("operation", IMAGE_OPERATIONS)
def test_an_image_is_checked_before_anything_is_said_of_it(rekognition: Rekognition, operation: str) -> None:
    def refused(image: Json) -> str:
        return rekognition.error_code(operation, Image=image)

    assert refused({}) == "InvalidParameterException"
    assert refused({"Bytes": b"GIF89a" + bytes(100)}) == "InvalidImageFormatException"
    assert refused({"Bytes": blank_png()[:100]}) == "InvalidImageFormatException"
    assert refused({"Bytes": blank_png(width=63, height=100)}) == "InvalidParameterException"


@pytest.mark.parametrize("operation", IMAGE_OPERATIONS)
def test_bytes_and_an_object_at_once_are_refused(rekognition: Rekognition, control: ControlApi, operation: str) -> None:
    image = {"Bytes": blank_png(), "S3Object": {"Bucket": "photos", "Name": "a.png"}}
    assert rekognition.error_code(operation, Image=image) == "InvalidParameterException"


@pytest.mark.parametrize("operation", IMAGE_OPERATIONS)
def test_an_object_that_is_not_there_is_refused(rekognition: Rekognition, control: ControlApi, operation: str) -> None:
    image = {"S3Object": {"Bucket": "photos", "Name": "lost.png"}}
    assert rekognition.error_code(operation, Image=image) == "InvalidS3ObjectException"


def test_an_object_is_the_same_as_its_bytes(rekognition: Rekognition, control: ControlApi, astronaut: Json) -> None:
    place = control.put_object("photos", "astronaut.jpg", astronaut["Bytes"])
    assert rekognition("DetectFaces", Image=place) == rekognition("DetectFaces", Image=astronaut)


@pytest.mark.parametrize("operation", ["DetectCustomLabels", "DetectProtectiveEquipment"])
def test_four_megabytes_are_the_most_for_some(rekognition: Rekognition, control: ControlApi, operation: str) -> None:
    more = {"ProjectVersionArn": create_running_version(rekognition)} if operation == "DetectCustomLabels" else {}
    padded = blank_png().ljust(4 * 1024**2 + 1, b"\0")
    assert rekognition.error_code(operation, Image={"Bytes": padded}, **more) == "ImageTooLargeException"


# --- DetectFaces, CompareFaces


def test_a_face_of_a_photograph_has_the_default_attributes(rekognition: Rekognition, astronaut: Json) -> None:
    answer = rekognition("DetectFaces", Image=astronaut)
    (face,) = answer["FaceDetails"]
    assert {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"} <= set(face)
    assert not {"AgeRange", "Smile", "Gender", "Emotions"} & set(face)
    assert 0 < face["BoundingBox"]["Left"] < 0.6
    assert {"eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"} <= {mark["Type"] for mark in face["Landmarks"]}
    assert all(-180 <= angle <= 180 for angle in face["Pose"].values())
    assert "OrientationCorrection" not in answer


def test_a_named_attribute_comes_with_the_default_ones(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(faces=[{"BoundingBox": [0, 0, 0.5, 0.5], "Smile": True, "AgeRange": [20, 30]}])
    (face,) = rekognition("DetectFaces", Image=image, Attributes=["SMILE"])["FaceDetails"]
    assert face["Smile"] == {"Value": True, "Confidence": 100}
    assert "BoundingBox" in face
    assert "AgeRange" not in face


def test_faces_are_compared_with_the_largest_of_the_source(rekognition: Rekognition, control: ControlApi) -> None:
    answer = rekognition(
        "CompareFaces",
        SourceImage=control.image_of_people("Ann", "Bob"),
        TargetImage=control.image_of_people("Bob", "Ann", "Cid"),
    )
    assert len(answer["FaceMatches"]) == 1
    assert len(answer["UnmatchedFaces"]) == 2
    assert answer["FaceMatches"][0]["Similarity"] >= 80
    assert set(answer["SourceImageFace"]) == {"BoundingBox", "Confidence"}


def test_photographs_of_one_person_match_and_of_two_do_not(
    rekognition: Rekognition, astronaut: Json, hopper: Json
) -> None:
    assert rekognition("CompareFaces", SourceImage=astronaut, TargetImage=astronaut)["UnmatchedFaces"] == []
    assert rekognition("CompareFaces", SourceImage=astronaut, TargetImage=hopper)["FaceMatches"] == []


# --- no face at all


def test_without_a_face_some_answer(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    image = {"Bytes": blank_png()}
    assert rekognition("DetectFaces", Image=image)["FaceDetails"] == []
    assert rekognition("IndexFaces", CollectionId=collection, Image=image)["FaceRecords"] == []
    answer = rekognition("RecognizeCelebrities", Image=image)
    assert (answer["CelebrityFaces"], answer["UnrecognizedFaces"]) == ([], [])
    answer = rekognition("SearchUsersByImage", CollectionId=collection, Image=image)
    assert (answer["UserMatches"], "SearchedFace" in answer) == ([], False)
    asked = {"MinConfidence": 50, "RequiredEquipmentTypes": ["HEAD_COVER"]}
    answer = rekognition(
        "DetectProtectiveEquipment", Image=control.declared_image(ppe=[]), SummarizationAttributes=asked
    )
    assert answer["Persons"] == []
    assert list(answer["Summary"].values()) == [[], [], []]


def test_without_a_face_some_refuse(rekognition: Rekognition, collection: str, astronaut: Json) -> None:
    image = {"Bytes": blank_png()}
    refusal = rekognition.refusal("SearchFacesByImage", CollectionId=collection, Image=image)
    assert refusal.code == "InvalidParameterException"
    assert refusal.message.startswith("There are no faces in the image")
    for source, target in ((image, astronaut), (astronaut, image)):
        assert rekognition.error_code("CompareFaces", SourceImage=source, TargetImage=target) == (
            "InvalidParameterException"
        )


# --- DetectLabels


def test_labels_come_with_their_ancestors_surest_first(rekognition: Rekognition, control: ControlApi) -> None:
    answer = rekognition("DetectLabels", Image=control.declared_image(labels=[CAT, ["Sofa", 95], ["Dust", 54.9]]))
    assert names(answer) == ["Sofa", "Animal", "Cat"]
    assert "ImageProperties" not in answer
    assert answer["LabelModelVersion"]


def test_labels_are_cut_and_filtered(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(labels=[CAT, ["Sofa", 95], ["Dust", 54.9]])

    def found(**members: object) -> list[str]:
        return sorted(names(rekognition("DetectLabels", Image=image, **members)))

    assert found(MinConfidence=54.9) == ["Animal", "Cat", "Dust", "Sofa"]
    assert found(MaxLabels=1) == ["Sofa"]

    def settings(**filters: list[str]) -> Json:
        return {"GeneralLabels": filters}

    assert found(Settings=settings(LabelInclusionFilters=["Cat"])) == ["Cat"]
    assert found(Settings=settings(LabelExclusionFilters=["Cat", "Nothing"])) == ["Animal", "Sofa"]
    assert found(Settings=settings(LabelCategoryInclusionFilters=["Animals and Pets"])) == ["Cat"]
    assert "Cat" not in found(Settings=settings(LabelCategoryExclusionFilters=["Animals and Pets"]))


def test_image_properties_are_measured(rekognition: Rekognition, control: ControlApi, astronaut: Json) -> None:
    answer = rekognition("DetectLabels", Image=astronaut, Features=["IMAGE_PROPERTIES"])
    assert not answer.get("Labels")
    found = answer["ImageProperties"]
    assert set(found["Quality"]) == {"Brightness", "Sharpness", "Contrast"}
    assert {"Red", "Green", "Blue", "HexCode", "CSSColor", "SimplifiedColor", "PixelPercent"} == set(
        found["DominantColors"][0]
    )
    assert {"Foreground", "Background"} <= set(found)


def test_label_settings_without_general_labels_are_refused(rekognition: Rekognition, control: ControlApi) -> None:
    code = rekognition.error_code(
        "DetectLabels", Image={"Bytes": blank_png()}, Features=["IMAGE_PROPERTIES"], MaxLabels=3
    )
    assert code == "InvalidParameterException"


# --- moderation, equipment, text, celebrities


def test_moderation_labels_have_their_place_in_the_taxonomy(rekognition: Rekognition, control: ControlApi) -> None:
    answer = rekognition(
        "DetectModerationLabels", Image=control.declared_image(moderation=[["Smoking", 80], ["Rude", 49.9]])
    )
    found = {label["Name"]: (label["ParentName"], label["TaxonomyLevel"]) for label in answer["ModerationLabels"]}
    assert found == {
        "Smoking": ("Drugs & Tobacco Paraphernalia & Use", 3),
        "Drugs & Tobacco Paraphernalia & Use": ("Drugs & Tobacco", 2),
        "Drugs & Tobacco": ("", 1),
    }
    assert answer["ModerationModelVersion"]


def test_an_adapter_that_is_not_there_is_not_found(rekognition: Rekognition, control: ControlApi) -> None:
    adapter = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
    code = rekognition.error_code("DetectModerationLabels", Image={"Bytes": blank_png()}, ProjectVersion=adapter)
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("required", "least", "group"),
    [
        (["HEAD_COVER"], 80, "PersonsWithRequiredEquipment"),
        (["HEAD_COVER", "FACE_COVER"], 80, "PersonsWithoutRequiredEquipment"),
        (["HEAD_COVER", "HAND_COVER"], 80, "PersonsIndeterminate"),
        (["HEAD_COVER"], 96, "PersonsIndeterminate"),
    ],
)
def test_the_summary_parts_all_persons(
    rekognition: Rekognition, control: ControlApi, required: list[str], least: float, group: str
) -> None:
    asked = {"MinConfidence": least, "RequiredEquipmentTypes": required}
    image = control.declared_image(ppe=[PERSON])
    answer = rekognition("DetectProtectiveEquipment", Image=image, SummarizationAttributes=asked)
    assert [person["Id"] for person in answer["Persons"]] == [0]
    assert {name: ids for name, ids in answer["Summary"].items() if ids} == {group: [0]}
    assert "Summary" not in rekognition("DetectProtectiveEquipment", Image=image)


def test_lines_have_words(rekognition: Rekognition, control: ControlApi) -> None:
    answer = rekognition("DetectText", Image=control.declared_image(text=["EXIT NOW", ["dim", 79.9]]))
    found = [
        (each["Type"], each["DetectedText"], each["Id"], each.get("ParentId")) for each in answer["TextDetections"]
    ]
    assert found == [("LINE", "EXIT NOW", 0, None), ("WORD", "EXIT", 1, 0), ("WORD", "NOW", 2, 0)]


def test_words_are_filtered_by_confidence_size_and_region(rekognition: Rekognition, control: ControlApi) -> None:
    said = [
        {"DetectedText": "LEFT", "Geometry": [0, 0, 0.4, 0.2], "Confidence": 70},
        {"DetectedText": "RIGHT", "Geometry": [0.5, 0.5, 0.4, 0.1]},
    ]
    image = control.declared_image(text=said)

    def found(**filters: object) -> list[str]:
        answer = rekognition("DetectText", Image=image, Filters=filters)
        return [each["DetectedText"] for each in answer["TextDetections"] if each["Type"] == "WORD"]

    assert found() == ["RIGHT"]
    assert found(WordFilter={"MinConfidence": 70}) == ["LEFT", "RIGHT"]
    assert found(WordFilter={"MinConfidence": 0, "MinBoundingBoxHeight": 0.15}) == ["LEFT"]
    half = {"BoundingBox": {"Left": 0.5, "Top": 0, "Width": 0.5, "Height": 1}}
    assert found(WordFilter={"MinConfidence": 0}, RegionsOfInterest=[half]) == ["RIGHT"]
    two = {"BoundingBox": half["BoundingBox"], "Polygon": [{"X": 0, "Y": 0}, {"X": 1, "Y": 0}]}
    refusal = rekognition.error_code("DetectText", Image=image, Filters={"RegionsOfInterest": [two]})
    assert refusal == "InvalidParameterException"


def test_an_enrolled_celebrity_is_recognised(
    rekognition: Rekognition, control: ControlApi, astronaut: Json, hopper: Json
) -> None:
    control.put_object("photos", "hopper.jpg", hopper["Bytes"])
    said = {"name": "Grace Hopper", "pictures": ["s3://photos/hopper.jpg"], "urls": ["example.org"], "gender": "Female"}
    known = control.request("POST", "/celebrities", said)["id"]
    answer = rekognition("RecognizeCelebrities", Image=hopper)
    (found,) = answer["CelebrityFaces"]
    assert (found["Id"], found["Name"], found["KnownGender"]) == (known, "Grace Hopper", {"Type": "Female"})
    assert answer["UnrecognizedFaces"] == []
    assert len(rekognition("RecognizeCelebrities", Image=astronaut)["UnrecognizedFaces"]) == 1
    assert rekognition("GetCelebrityInfo", Id=known) == {
        "Name": "Grace Hopper",
        "Urls": ["example.org"],
        "KnownGender": {"Type": "Female"},
    }


def test_a_celebrity_that_nobody_knows_is_not_found(rekognition: Rekognition) -> None:
    assert rekognition.error_code("GetCelebrityInfo", Id="zzzzzzzz") == "ResourceNotFoundException"


# --- DetectCustomLabels


def test_custom_labels_have_their_assumed_threshold_unless_asked_otherwise(
    rekognition: Rekognition, control: ControlApi
) -> None:
    arn = create_running_version(rekognition)
    said = [["dog", 90], {"Name": "cat", "Confidence": 60, "AssumedThreshold": 70}, ["cow", 49]]
    image = control.declared_image(custom_labels=said)

    def found(**members: object) -> list[str]:
        return names(rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=image, **members), "CustomLabels")

    assert found() == ["dog"]
    assert found(MinConfidence=0) == ["dog", "cat", "cow"]
    assert found(MinConfidence=60) == ["dog", "cat"]
    assert found(MinConfidence=0, MaxResults=1) == ["dog"]
