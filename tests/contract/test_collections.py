"""Collections: creation, description, listing and deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.face_calls import UNKNOWN_FACE_ID, index_faces, list_faces

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


def test_a_collection_is_described_as_created(rekognition: Rekognition, name: str) -> None:
    created = rekognition("CreateCollection", CollectionId=name)
    result = rekognition("DescribeCollection", CollectionId=name)
    assert (created["StatusCode"], result["FaceCount"], result["UserCount"]) == (200, 0, 0)
    assert result["FaceModelVersion"] == created["FaceModelVersion"]
    assert result["CollectionARN"].endswith(f":collection/{name}")
    assert result["CollectionARN"] == f"arn:{created['CollectionArn'].removeprefix('arn:')}"
    assert rekognition("DeleteCollection", CollectionId=name) == {"StatusCode": 200}


def test_a_deleted_collection_is_not_found_by_any_operation(
    rekognition: Rekognition, collection: str, astronaut: Json
) -> None:
    rekognition("DeleteCollection", CollectionId=collection)
    calls: dict[str, Json] = {
        "DescribeCollection": {},
        "DeleteCollection": {},
        "ListFaces": {},
        "DeleteFaces": {"FaceIds": [UNKNOWN_FACE_ID]},
        "IndexFaces": {"Image": astronaut},
        "SearchFaces": {"FaceId": UNKNOWN_FACE_ID},
        "SearchFacesByImage": {"Image": astronaut},
        "CreateUser": {"UserId": "Ann"},
        "DeleteUser": {"UserId": "Ann"},
        "ListUsers": {},
        "AssociateFaces": {"UserId": "Ann", "FaceIds": [UNKNOWN_FACE_ID]},
        "DisassociateFaces": {"UserId": "Ann", "FaceIds": [UNKNOWN_FACE_ID]},
        "SearchUsers": {"UserId": "Ann"},
        "SearchUsersByImage": {"Image": astronaut},
    }
    for operation, members in calls.items():
        code = rekognition.error_code(operation, CollectionId=collection, **members)
        assert (operation, code) == (operation, "ResourceNotFoundException")


def test_a_recreated_collection_is_empty(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    index_faces(rekognition, collection, control.image_of_people("Ann"))
    rekognition("CreateUser", CollectionId=collection, UserId="Ann")
    result = rekognition("DescribeCollection", CollectionId=collection)
    assert (result["FaceCount"], result["UserCount"]) == (1, 1)
    rekognition("DeleteCollection", CollectionId=collection)
    rekognition("CreateCollection", CollectionId=collection)
    result = rekognition("DescribeCollection", CollectionId=collection)
    assert (result["FaceCount"], result["UserCount"]) == (0, 0)
    assert list_faces(rekognition, collection) == []
    assert rekognition("ListUsers", CollectionId=collection)["Users"] == []


def test_collection_ids_are_case_sensitive(rekognition: Rekognition, collection: str) -> None:
    assert rekognition.error_code("DescribeCollection", CollectionId=collection.upper()) == "ResourceNotFoundException"


def test_collections_are_listed_with_their_face_models(rekognition: Rekognition, collection: str) -> None:
    pages = rekognition.pages("ListCollections", "CollectionIds", MaxResults=4096)
    assert collection in [name for page in pages for name in page]
    response = rekognition("ListCollections")
    assert len(response["CollectionIds"]) == len(response["FaceModelVersions"])


def test_a_collection_is_created_with_tags(rekognition: Rekognition, name: str) -> None:
    created = rekognition("CreateCollection", CollectionId=name, Tags={"team": "red"})
    arn = "arn:" + created["CollectionArn"].removeprefix("arn:")
    assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": "red"}
    rekognition("DeleteCollection", CollectionId=name)
