"""RecognizeCelebrities and GetCelebrityInfo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.declared_faces import crowd, widths
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


def test_an_enrolled_celebrity_is_recognised(
    rekognition: Rekognition, control: ControlApi, astronaut: Json, hopper: Json
) -> None:
    control.put_object("photos", "hopper.jpg", hopper["Bytes"])
    declared = {
        "name": "Grace Hopper",
        "images": ["s3://photos/hopper.jpg"],
        "urls": ["example.org"],
        "gender": "Female",
    }
    known = control.request("POST", "/celebrities", declared)["id"]
    response = rekognition("RecognizeCelebrities", Image=hopper)
    (result,) = response["CelebrityFaces"]
    assert (result["Id"], result["Name"], result["KnownGender"]) == (known, "Grace Hopper", {"Type": "Female"})
    assert response["UnrecognizedFaces"] == []
    assert len(rekognition("RecognizeCelebrities", Image=astronaut)["UnrecognizedFaces"]) == 1
    assert rekognition("GetCelebrityInfo", Id=known) == {
        "Name": "Grace Hopper",
        "Urls": ["example.org"],
        "KnownGender": {"Type": "Female"},
    }


def test_each_face_is_recognised_or_unrecognised(rekognition: Rekognition, control: ControlApi) -> None:
    faces = crowd(2)
    faces[1]["BoundingBox"] = [0.6, 0.6, 0.2, 0.2]
    ada = {"Name": "Ada", "Id": "1abc", "Urls": [], "Face": faces[1]["BoundingBox"], "MatchConfidence": 97}
    image = control.declared_image(faces=faces, celebrities=[{**ada, "KnownGender": "Female"}])
    response = rekognition("RecognizeCelebrities", Image=image)
    (result,), (other,) = response["CelebrityFaces"], response["UnrecognizedFaces"]
    assert (result["Name"], result["Id"], result.get("Urls", [])) == ("Ada", "1abc", [])
    assert (result["MatchConfidence"], result["KnownGender"]) == (97, {"Type": "Female"})
    assert other["BoundingBox"]["Width"] == pytest.approx(0.4)
    assert rekognition("GetCelebrityInfo", Id="1abc")["Name"] == "Ada"


def test_at_most_sixty_four_faces_are_returned(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(faces=crowd(70))
    response = rekognition("RecognizeCelebrities", Image=image)
    assert (response["CelebrityFaces"], len(response["UnrecognizedFaces"])) == ([], 64)
    assert widths(response["UnrecognizedFaces"]) == pytest.approx([0.4 - 0.001 * number for number in range(64)])


def test_an_unknown_celebrity_is_not_found(rekognition: Rekognition) -> None:
    assert rekognition.error_code("GetCelebrityInfo", Id="zzzzzzzz") == "ResourceNotFoundException"
