"""What DetectFaces, CompareFaces and RecognizeCelebrities say of faces, beyond test_images.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

ATTRIBUTES = {
    "AGE_RANGE": "AgeRange",
    "BEARD": "Beard",
    "EMOTIONS": "Emotions",
    "EYE_DIRECTION": "EyeDirection",
    "EYEGLASSES": "Eyeglasses",
    "EYES_OPEN": "EyesOpen",
    "GENDER": "Gender",
    "MOUTH_OPEN": "MouthOpen",
    "MUSTACHE": "Mustache",
    "FACE_OCCLUDED": "FaceOccluded",
    "SMILE": "Smile",
    "SUNGLASSES": "Sunglasses",
}
EVERYTHING: Json = {
    "BoundingBox": [0.1, 0.1, 0.5, 0.5],
    "Landmarks": [["nose", 0.3, 0.3]],
    "AgeRange": [20, 30],
    "Beard": False,
    "Emotions": [["CALM", 90]],
    "EyeDirection": [10, -20],
    "Eyeglasses": [False, 97],
    "EyesOpen": True,
    "Gender": "Female",
    "MouthOpen": False,
    "Mustache": False,
    "FaceOccluded": False,
    "Smile": True,
    "Sunglasses": False,
}
DEFAULT = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
NOTHING: set[str] = set()
NONE_OF_THEM: list[str] = []
BLURRED = {"Quality": {"Sharpness": 1, "Brightness": 50}}


def crowd(count: int) -> list[Json]:
    """Return faces of different people, one after the other a little smaller."""
    return [
        {"BoundingBox": [0.001 * number, 0.1, 0.4 - 0.001 * number, 0.4], "Identity": f"person {number}"}
        for number in range(count)
    ]


def widths(faces: list[Json]) -> list[float]:
    return [face.get("Face", face)["BoundingBox"]["Width"] for face in faces]


# --- DetectFaces


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, NOTHING),
        (NONE_OF_THEM, NOTHING),
        (["DEFAULT"], NOTHING),
        (["ALL"], set(ATTRIBUTES.values())),
        (["ALL", "DEFAULT"], set(ATTRIBUTES.values())),
        (["DEFAULT", "BEARD", "GENDER"], {"Beard", "Gender"}),
        *(([attribute], {member}) for attribute, member in ATTRIBUTES.items()),
    ],
)
def test_an_attribute_is_a_member_beside_the_default_ones(
    rekognition: Rekognition, control: ControlApi, collection: str, asked: list[str] | None, expected: set[str]
) -> None:
    image = control.declared_image(faces=[EVERYTHING])
    members = {} if asked is None else {"Attributes": asked}
    (face,) = rekognition("DetectFaces", Image=image, **members)["FaceDetails"]
    assert set(face) == DEFAULT | expected
    members = {} if asked is None else {"DetectionAttributes": asked}
    (record,) = rekognition("IndexFaces", CollectionId=collection, Image=image, **members)["FaceRecords"]
    assert set(record["FaceDetail"]) == DEFAULT | expected


def test_a_hundred_faces_are_found_the_largest_first(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    image = control.declared_image(faces=crowd(102)[::-1])
    largest = [pytest.approx(0.4 - 0.001 * number) for number in range(100)]
    assert widths(rekognition("DetectFaces", Image=image)["FaceDetails"]) == largest
    answer = rekognition("IndexFaces", CollectionId=collection, Image=image, MaxFaces=200)
    assert widths(answer["FaceRecords"]) == largest
    source = control.image_of_people("person 99")
    compared = rekognition("CompareFaces", SourceImage=source, TargetImage=image)
    assert len(compared["FaceMatches"]) + len(compared["UnmatchedFaces"]) == 100


# --- CompareFaces


def test_every_face_of_the_target_is_in_one_list(rekognition: Rekognition, control: ControlApi) -> None:
    source, target = control.image_of_people("Ann"), control.image_of_people("Bob", "Ann", "Cid", "Ann")

    def compared(**threshold: float) -> tuple[list[float], list[float]]:
        answer = rekognition("CompareFaces", SourceImage=source, TargetImage=target, **threshold)
        similarities = [match["Similarity"] for match in answer["FaceMatches"]]
        assert similarities == sorted(similarities, reverse=True)
        assert all("Similarity" not in face for face in answer["UnmatchedFaces"])
        found = [*widths(answer["FaceMatches"]), *widths(answer["UnmatchedFaces"])]
        assert sorted(found) == sorted(widths(rekognition("DetectFaces", Image=target)["FaceDetails"]))
        return similarities, widths(answer["UnmatchedFaces"])

    usual, left = compared()
    assert (len(usual), len(left)) == (2, 2)
    assert compared(SimilarityThreshold=80) == (usual, left)
    assert compared(SimilarityThreshold=max(usual))[0] == [each for each in usual if each == max(usual)]  # inclusive
    assert (len(compared(SimilarityThreshold=0)[0]), compared(SimilarityThreshold=0)[1]) == (4, [])


def test_only_the_largest_face_of_the_source_counts(rekognition: Rekognition, control: ControlApi) -> None:
    source = control.image_of_people("Ann", "Bob")
    answer = rekognition("CompareFaces", SourceImage=source, TargetImage=control.image_of_people("Bob"))
    assert (answer["FaceMatches"], len(answer["UnmatchedFaces"])) == ([], 1)
    assert answer["SourceImageFace"]["BoundingBox"]["Width"] == pytest.approx(0.3)


def test_a_compared_face_has_emotions_and_a_smile_that_are_known(rekognition: Rekognition, control: ControlApi) -> None:
    known, plain = control.declared_image(faces=[EVERYTHING]), control.image_of_people("Ann")
    for threshold, member in ((0, "FaceMatches"), (100, "UnmatchedFaces")):
        answer = rekognition("CompareFaces", SourceImage=plain, TargetImage=known, SimilarityThreshold=threshold)
        (face,) = (each.get("Face", each) for each in answer[member])
        assert set(face) == {*DEFAULT, "Emotions", "Smile"}
        assert (face["Emotions"], face["Smile"]["Value"]) == ([{"Type": "CALM", "Confidence": 90}], True)
    answer = rekognition("CompareFaces", SourceImage=known, TargetImage=plain, SimilarityThreshold=0)
    assert not {"Emotions", "Smile"} & set(answer["FaceMatches"][0]["Face"])


def test_faces_of_low_quality_are_compared_unless_they_are_filtered(
    rekognition: Rekognition, control: ControlApi
) -> None:
    clear = control.image_of_people("Ann")
    both = control.declared_image(
        faces=[{**crowd(1)[0], **BLURRED}, {"BoundingBox": [0.5, 0.5, 0.2, 0.2], "Identity": "Ann"}]
    )
    blurred = control.declared_image(faces=[{**crowd(1)[0], **BLURRED}])

    def count(**members: str) -> int:
        answer = rekognition("CompareFaces", SourceImage=clear, TargetImage=both, **members)
        return len(answer["FaceMatches"]) + len(answer["UnmatchedFaces"])

    assert (count(), count(QualityFilter="NONE"), count(QualityFilter="LOW")) == (2, 2, 1)
    for pair in ((clear, blurred), (blurred, clear)):
        images = dict(zip(("SourceImage", "TargetImage"), pair, strict=True))
        rekognition("CompareFaces", **images)
        code = rekognition.error_code("CompareFaces", **images, QualityFilter="AUTO")
        assert code == "InvalidParameterException"


# --- RecognizeCelebrities


def test_sixty_four_faces_are_looked_at(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(faces=crowd(70))
    answer = rekognition("RecognizeCelebrities", Image=image)
    assert (answer["CelebrityFaces"], len(answer["UnrecognizedFaces"])) == ([], 64)
    assert widths(answer["UnrecognizedFaces"]) == pytest.approx([0.4 - 0.001 * number for number in range(64)])


def test_a_face_is_a_celebritys_or_nobodys(rekognition: Rekognition, control: ControlApi) -> None:
    faces = crowd(2)
    faces[1]["BoundingBox"] = [0.6, 0.6, 0.2, 0.2]
    ada = {"Name": "Ada", "Id": "1abc", "Urls": [], "Face": faces[1]["BoundingBox"], "MatchConfidence": 97}
    image = control.declared_image(faces=faces, celebrities=[{**ada, "KnownGender": "Female"}])
    answer = rekognition("RecognizeCelebrities", Image=image)
    (found,), (other,) = answer["CelebrityFaces"], answer["UnrecognizedFaces"]
    assert (found["Name"], found["Id"], found.get("Urls", [])) == ("Ada", "1abc", [])
    assert (found["MatchConfidence"], found["KnownGender"]) == (97, {"Type": "Female"})
    assert other["BoundingBox"]["Width"] == pytest.approx(0.4)
    assert rekognition("GetCelebrityInfo", Id="1abc")["Name"] == "Ada"
