"""Calls on collections of faces that several test modules make."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import Rekognition


UNKNOWN_FACE_ID = "00000000-0000-0000-0000-000000000000"


def index_faces(rekognition: Rekognition, collection: str, image: Json, **members: object) -> list[str]:
    response = rekognition("IndexFaces", CollectionId=collection, Image=image, **members)
    return [record["Face"]["FaceId"] for record in response["FaceRecords"]]


def list_faces(rekognition: Rekognition, collection: str, **members: object) -> list[str]:
    return [face["FaceId"] for face in rekognition("ListFaces", CollectionId=collection, **members)["Faces"]]
