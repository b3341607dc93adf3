"""SearchFaces and SearchFacesByImage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.face_calls import UNKNOWN_FACE_ID, index_faces

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


GOOD_QUALITY = {"Sharpness": 99, "Brightness": 60}


def declared_face(left: float = 0.1, side: float = 0.3, **others: object) -> Json:
    return {"BoundingBox": [left, 0.1, side, side], "Confidence": 99, "Quality": GOOD_QUALITY, **others}


def test_an_indexed_face_matches_its_photograph(
    rekognition: Rekognition, collection: str, astronaut: Json, hopper: Json
) -> None:
    (face,) = index_faces(rekognition, collection, astronaut, ExternalImageId="astronaut:1")
    index_faces(rekognition, collection, hopper)
    result = rekognition("SearchFacesByImage", CollectionId=collection, Image=astronaut)
    (match,) = result["FaceMatches"]
    assert (match["Face"]["FaceId"], match["Face"]["ExternalImageId"]) == (face, "astronaut:1")
    assert match["Similarity"] > 99
    assert result["SearchedFaceConfidence"] > 50
    assert set(result["SearchedFaceBoundingBox"]) == {"Left", "Top", "Width", "Height"}


def test_the_searched_face_is_not_among_its_matches(rekognition: Rekognition, collection: str, astronaut: Json) -> None:
    (face,) = index_faces(rekognition, collection, astronaut)
    response = rekognition("SearchFaces", CollectionId=collection, FaceId=face)
    assert (response["SearchedFaceId"], response["FaceMatches"]) == (face, [])


def test_an_unknown_face_id_is_an_invalid_parameter(rekognition: Rekognition, collection: str) -> None:
    refusal = rekognition.refusal("SearchFaces", CollectionId=collection, FaceId=UNKNOWN_FACE_ID)
    assert refusal.code == "InvalidParameterException"
    assert "was not found in the collection" in refusal.message


def test_matches_are_ordered_by_similarity_and_limited(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    faces = [index_faces(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(4)]
    result = rekognition("SearchFaces", CollectionId=collection, FaceId=faces[0])["FaceMatches"]
    similarities = [match["Similarity"] for match in result]
    assert {match["Face"]["FaceId"] for match in result} == set(faces[1:])
    assert similarities == sorted(similarities, reverse=True)
    cut = rekognition("SearchFaces", CollectionId=collection, FaceId=faces[0], MaxFaces=2)["FaceMatches"]
    assert cut == result[:2]


def test_matches_by_image_are_limited_by_number_and_threshold(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    for _ in range(3):
        index_faces(rekognition, collection, control.image_of_people("Ann"))
    members = {"CollectionId": collection, "Image": control.image_of_people("Ann")}
    matches = rekognition("SearchFacesByImage", **members)["FaceMatches"]
    similarities = [match["Similarity"] for match in matches]
    assert (len(matches), similarities) == (3, sorted(similarities, reverse=True))
    assert rekognition("SearchFacesByImage", **members, MaxFaces=2)["FaceMatches"] == matches[:2]
    best_matches = rekognition("SearchFacesByImage", **members, FaceMatchThreshold=similarities[1])["FaceMatches"]
    assert best_matches == matches[:2]  # the threshold is inclusive


def test_the_threshold_of_a_search_is_inclusive(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    ann, other = (index_faces(rekognition, collection, control.image_of_people("Ann"))[0] for _ in range(2))

    def results(threshold: float) -> list[str]:
        response = rekognition("SearchFaces", CollectionId=collection, FaceId=ann, FaceMatchThreshold=threshold)
        return [match["Face"]["FaceId"] for match in response["FaceMatches"]]

    (match,) = rekognition("SearchFaces", CollectionId=collection, FaceId=ann)["FaceMatches"]
    assert match["Similarity"] >= 80
    assert results(80) == [other]
    assert results(0) == [other]
    assert results(100) == ([other] if match["Similarity"] == 100 else [])


def test_a_search_without_a_match_is_empty(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    (ann,) = index_faces(rekognition, collection, control.image_of_people("Ann"))
    assert rekognition("SearchFaces", CollectionId=collection, FaceId=ann)["FaceMatches"] == []
    response = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Bob"))
    assert (response["FaceMatches"], "SearchedFaceBoundingBox" in response) == ([], True)


def test_only_the_largest_face_of_an_image_is_searched_for(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, _ = index_faces(rekognition, collection, control.image_of_people("Ann", "Bob"))
    response = rekognition("SearchFacesByImage", CollectionId=collection, Image=control.image_of_people("Ann", "Bob"))
    assert [match["Face"]["FaceId"] for match in response["FaceMatches"]] == [ann]
    assert response["SearchedFaceBoundingBox"]["Width"] == pytest.approx(0.3)
    assert response["FaceModelVersion"]


def test_a_quality_filter_selects_the_next_largest_face(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    ann, bob = index_faces(rekognition, collection, control.image_of_people("Ann", "Bob"))
    blurred: Json = {"Quality": {"Sharpness": 1, "Brightness": 60}}
    image = control.declared_image(
        faces=[declared_face(0.0, 0.4, Identity="Ann", **blurred), declared_face(0.6, 0.3, Identity="Bob")]
    )
    members = {"CollectionId": collection, "Image": image}

    def results(**members: object) -> list[str]:
        return [match["Face"]["FaceId"] for match in rekognition("SearchFacesByImage", **members)["FaceMatches"]]

    assert results(**members) == [ann]
    assert results(**members, QualityFilter="LOW") == [bob]
    unclear = {"CollectionId": collection, "Image": control.declared_image(faces=[declared_face(**blurred)])}
    assert "SearchedFace" in rekognition("SearchUsersByImage", **unclear)
    none = {**unclear, "QualityFilter": "LOW"}
    refusal = rekognition.refusal("SearchFacesByImage", **none)
    assert (refusal.code, refusal.message[:35]) == ("InvalidParameterException", "There are no faces in the image. Sh")
    assert rekognition("SearchUsersByImage", **none)["UnsearchedFaces"][0]["Reasons"] == ["LOW_SHARPNESS"]
