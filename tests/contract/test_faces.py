"""DetectFaces and CompareFaces, and operations on images without a face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.declared_faces import ATTRIBUTES, BLURRED, DEFAULT_MEMBERS, EVERY_ATTRIBUTE, crowd, widths
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


NO_MEMBERS: set[str] = set()
NO_ATTRIBUTES: list[str] = []


# --- DetectFaces


def test_a_face_of_a_photograph_has_the_default_attributes(rekognition: Rekognition, astronaut: Json) -> None:
    response = rekognition("DetectFaces", Image=astronaut)
    (face,) = response["FaceDetails"]
    assert {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"} <= set(face)
    assert not {"AgeRange", "Smile", "Gender", "Emotions"} & set(face)
    assert 0 < face["BoundingBox"]["Left"] < 0.6
    assert {"eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"} <= {mark["Type"] for mark in face["Landmarks"]}
    assert all(-180 <= angle <= 180 for angle in face["Pose"].values())
    assert "OrientationCorrection" not in response


def test_a_requested_attribute_comes_with_the_default_ones(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(faces=[{"BoundingBox": [0, 0, 0.5, 0.5], "Smile": True, "AgeRange": [20, 30]}])
    (face,) = rekognition("DetectFaces", Image=image, Attributes=["SMILE"])["FaceDetails"]
    assert face["Smile"] == {"Value": True, "Confidence": 100}
    assert "BoundingBox" in face
    assert "AgeRange" not in face


def test_the_attributes_of_a_photograph_are_seen(rekognition: Rekognition, astronaut: Json, collection: str) -> None:
    (face,) = rekognition("DetectFaces", Image=astronaut, Attributes=["ALL"])["FaceDetails"]
    assert set(face) == DEFAULT_MEMBERS | set(ATTRIBUTES.values()) - {"FaceOccluded"}
    assert [face[name]["Value"] for name in ("Gender", "Smile", "EyesOpen", "Beard")] == ["Female", True, True, False]
    assert (face["Emotions"][0]["Type"], len(face["Emotions"]), len(face["Landmarks"])) == ("HAPPY", 8, 30)
    response = rekognition("IndexFaces", CollectionId=collection, Image=astronaut, DetectionAttributes=["ALL"])
    assert response["FaceRecords"][0]["FaceDetail"] == face


def test_a_compared_photograph_has_emotions_and_a_smile(rekognition: Rekognition, astronaut: Json) -> None:
    (match,) = rekognition("CompareFaces", SourceImage=astronaut, TargetImage=astronaut)["FaceMatches"]
    assert (match["Face"]["Emotions"][0]["Type"], match["Face"]["Smile"]["Value"]) == ("HAPPY", True)
    (unrecognised,) = rekognition("RecognizeCelebrities", Image=astronaut)["UnrecognizedFaces"]
    assert unrecognised == match["Face"]


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        (None, NO_MEMBERS),
        (NO_ATTRIBUTES, NO_MEMBERS),
        (["DEFAULT"], NO_MEMBERS),
        (["ALL"], set(ATTRIBUTES.values())),
        (["ALL", "DEFAULT"], set(ATTRIBUTES.values())),
        (["DEFAULT", "BEARD", "GENDER"], {"Beard", "Gender"}),
        *(([attribute], {member}) for attribute, member in ATTRIBUTES.items()),
    ],
)
def test_each_requested_attribute_adds_its_member(
    rekognition: Rekognition, control: ControlApi, collection: str, requested: list[str] | None, expected: set[str]
) -> None:
    image = control.declared_image(faces=[EVERY_ATTRIBUTE])
    members = {} if requested is None else {"Attributes": requested}
    (face,) = rekognition("DetectFaces", Image=image, **members)["FaceDetails"]
    assert set(face) == DEFAULT_MEMBERS | expected
    members = {} if requested is None else {"DetectionAttributes": requested}
    (record,) = rekognition("IndexFaces", CollectionId=collection, Image=image, **members)["FaceRecords"]
    assert set(record["FaceDetail"]) == DEFAULT_MEMBERS | expected


def test_at_most_a_hundred_faces_are_detected_largest_first(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    image = control.declared_image(faces=crowd(102)[::-1])
    largest = [pytest.approx(0.4 - 0.001 * number) for number in range(100)]
    assert widths(rekognition("DetectFaces", Image=image)["FaceDetails"]) == largest
    response = rekognition("IndexFaces", CollectionId=collection, Image=image, MaxFaces=200)
    assert widths(response["FaceRecords"]) == largest
    source = control.image_of_people("person 99")
    compared = rekognition("CompareFaces", SourceImage=source, TargetImage=image)
    assert len(compared["FaceMatches"]) + len(compared["UnmatchedFaces"]) == 100


# --- CompareFaces


def test_faces_are_compared_with_the_largest_of_the_source(rekognition: Rekognition, control: ControlApi) -> None:
    response = rekognition(
        "CompareFaces",
        SourceImage=control.image_of_people("Ann", "Bob"),
        TargetImage=control.image_of_people("Bob", "Ann", "Cid"),
    )
    assert len(response["FaceMatches"]) == 1
    assert len(response["UnmatchedFaces"]) == 2
    assert response["FaceMatches"][0]["Similarity"] >= 80
    assert set(response["SourceImageFace"]) == {"BoundingBox", "Confidence"}


def test_photographs_of_one_person_match_and_of_two_do_not(
    rekognition: Rekognition, astronaut: Json, hopper: Json
) -> None:
    assert rekognition("CompareFaces", SourceImage=astronaut, TargetImage=astronaut)["UnmatchedFaces"] == []
    assert rekognition("CompareFaces", SourceImage=astronaut, TargetImage=hopper)["FaceMatches"] == []


def test_each_target_face_is_matched_or_unmatched(rekognition: Rekognition, control: ControlApi) -> None:
    source, target = control.image_of_people("Ann"), control.image_of_people("Bob", "Ann", "Cid", "Ann")

    def compared(**threshold: float) -> tuple[list[float], list[float]]:
        response = rekognition("CompareFaces", SourceImage=source, TargetImage=target, **threshold)
        similarities = [match["Similarity"] for match in response["FaceMatches"]]
        assert similarities == sorted(similarities, reverse=True)
        assert all("Similarity" not in face for face in response["UnmatchedFaces"])
        result = [*widths(response["FaceMatches"]), *widths(response["UnmatchedFaces"])]
        assert sorted(result) == sorted(widths(rekognition("DetectFaces", Image=target)["FaceDetails"]))
        return similarities, widths(response["UnmatchedFaces"])

    similarities_by_default, unmatched = compared()
    assert (len(similarities_by_default), len(unmatched)) == (2, 2)
    assert compared(SimilarityThreshold=80) == (similarities_by_default, unmatched)
    assert compared(SimilarityThreshold=max(similarities_by_default))[0] == [
        each for each in similarities_by_default if each == max(similarities_by_default)
    ]  # inclusive
    assert (len(compared(SimilarityThreshold=0)[0]), compared(SimilarityThreshold=0)[1]) == (4, [])


def test_only_the_largest_face_of_the_source_is_compared(rekognition: Rekognition, control: ControlApi) -> None:
    source = control.image_of_people("Ann", "Bob")
    response = rekognition("CompareFaces", SourceImage=source, TargetImage=control.image_of_people("Bob"))
    assert (response["FaceMatches"], len(response["UnmatchedFaces"])) == ([], 1)
    assert response["SourceImageFace"]["BoundingBox"]["Width"] == pytest.approx(0.3)


def test_a_compared_face_has_its_declared_emotions_and_smile(rekognition: Rekognition, control: ControlApi) -> None:
    known, plain = control.declared_image(faces=[EVERY_ATTRIBUTE]), control.image_of_people("Ann")
    for threshold, member in ((0, "FaceMatches"), (100, "UnmatchedFaces")):
        response = rekognition("CompareFaces", SourceImage=plain, TargetImage=known, SimilarityThreshold=threshold)
        (face,) = (each.get("Face", each) for each in response[member])
        assert set(face) == {*DEFAULT_MEMBERS, "Emotions", "Smile"}
        assert (face["Emotions"], face["Smile"]["Value"]) == ([{"Type": "CALM", "Confidence": 90}], True)
    response = rekognition("CompareFaces", SourceImage=known, TargetImage=plain, SimilarityThreshold=0)
    assert not {"Emotions", "Smile"} & set(response["FaceMatches"][0]["Face"])


def test_faces_of_low_quality_are_compared_unless_they_are_filtered(
    rekognition: Rekognition, control: ControlApi
) -> None:
    clear = control.image_of_people("Ann")
    two_faces = control.declared_image(
        faces=[{**crowd(1)[0], **BLURRED}, {"BoundingBox": [0.5, 0.5, 0.2, 0.2], "Identity": "Ann"}]
    )
    blurred = control.declared_image(faces=[{**crowd(1)[0], **BLURRED}])

    def count(**members: str) -> int:
        response = rekognition("CompareFaces", SourceImage=clear, TargetImage=two_faces, **members)
        return len(response["FaceMatches"]) + len(response["UnmatchedFaces"])

    assert (count(), count(QualityFilter="NONE"), count(QualityFilter="LOW")) == (2, 2, 1)
    for pair in ((clear, blurred), (blurred, clear)):
        images = dict(zip(("SourceImage", "TargetImage"), pair, strict=True))
        rekognition("CompareFaces", **images)
        code = rekognition.error_code("CompareFaces", **images, QualityFilter="AUTO")
        assert code == "InvalidParameterException"


# --- images without a face


def test_five_operations_accept_an_image_without_a_face(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    image = {"Bytes": blank_png()}
    assert rekognition("DetectFaces", Image=image)["FaceDetails"] == []
    assert rekognition("IndexFaces", CollectionId=collection, Image=image)["FaceRecords"] == []
    response = rekognition("RecognizeCelebrities", Image=image)
    assert (response["CelebrityFaces"], response["UnrecognizedFaces"]) == ([], [])
    response = rekognition("SearchUsersByImage", CollectionId=collection, Image=image)
    assert (response["UserMatches"], "SearchedFace" in response) == ([], False)
    requested = {"MinConfidence": 50, "RequiredEquipmentTypes": ["HEAD_COVER"]}
    response = rekognition(
        "DetectProtectiveEquipment", Image=control.declared_image(ppe=[]), SummarizationAttributes=requested
    )
    assert response["Persons"] == []
    assert list(response["Summary"].values()) == [[], [], []]


def test_search_and_comparison_refuse_an_image_without_a_face(
    rekognition: Rekognition, collection: str, astronaut: Json
) -> None:
    image = {"Bytes": blank_png()}
    refusal = rekognition.refusal("SearchFacesByImage", CollectionId=collection, Image=image)
    assert refusal.code == "InvalidParameterException"
    assert refusal.message.startswith("There are no faces in the image")
    for source, target in ((image, astronaut), (astronaut, image)):
        assert rekognition.error_code("CompareFaces", SourceImage=source, TargetImage=target) == (
            "InvalidParameterException"
        )
