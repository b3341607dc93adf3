"""Code with mistakes: a marker on each wrong line has exactly the codes that mypy and pyright must report there."""

# ruff: noqa: B018, TC001 (this code is for the type checkers)

from __future__ import annotations

from typing import assert_type

import httpx
import httpx2

import rekog
from rekog import (
    AsyncRekognitionClient,
    CallOptions,
    Credentials,
    Image,
    RekognitionClient,
    RetryPolicy,
    S3Object,
    Timeout,
    from_wire,
    models,
    to_wire,
)
from rekog.conversion import converter
from rekog.paging import Pager


def wrong_settings(transport: httpx.HTTPTransport) -> None:
    RekognitionClient(region="eu-west-1")  # E: call-arg | reportCallIssue
    RekognitionClient("eu-west-1", "http://localhost")  # E: call-arg | reportCallIssue
    RekognitionClient(timeout="5")  # E: arg-type | reportArgumentType
    RekognitionClient(credentials=("AKID", "secret"))  # E: arg-type | reportArgumentType
    RekognitionClient(retry="standard")  # E: arg-type | reportArgumentType
    RekognitionClient(transport=httpx.AsyncHTTPTransport())  # E: arg-type | reportArgumentType
    AsyncRekognitionClient(transport=transport)  # E: arg-type | reportArgumentType
    RekognitionClient(transport=httpx2.AsyncHTTPTransport())  # E: arg-type | reportArgumentType
    AsyncRekognitionClient(transport=httpx2.HTTPTransport())  # E: arg-type | reportArgumentType
    RetryPolicy(mode="legacy")  # E: arg-type | reportArgumentType
    Timeout(total="5")  # E: arg-type | reportArgumentType
    CallOptions(headers=["x-trace"])  # E: arg-type | reportArgumentType
    Credentials("AKID")  # E: call-arg | reportCallIssue


def wrong_arguments(client: RekognitionClient, image: Image) -> None:
    client.detect_labels()  # E: call-arg | reportCallIssue
    client.detect_labels(5)  # E: arg-type | reportArgumentType
    client.detect_labels(None)  # E: arg-type | reportArgumentType
    client.detect_labels(image, 10)  # E: call-arg | reportCallIssue
    client.detect_labels(image, max_labels="10")  # E: arg-type | reportArgumentType
    client.detect_labels(image, MaxLabels=10)  # E: call-arg | reportCallIssue
    client.detect_labels(image, options=5)  # E: arg-type | reportArgumentType
    client.detect_labels({"Bytes": b"..."})  # E: arg-type | reportArgumentType
    client.detect_faces(image, attributes=["SMILES"])  # E: list-item | reportArgumentType
    client.detect_faces(image, attributes="ALL")  # E: arg-type | reportArgumentType
    client.compare_faces(image, image, quality_filter="BEST")  # E: arg-type | reportArgumentType
    client.create_dataset("arn", dataset_type=models.DatasetStatus.CREATE_COMPLETE)  # E: arg-type | reportArgumentType
    client.start_face_detection(b"...")  # E: arg-type | reportArgumentType
    client.tag_resource("arn", {"key": 1})  # E: dict-item | reportArgumentType
    client.detect_cats(image)  # E: attr-defined | reportAttributeAccessIssue
    client.call("DetectLabels", [image])  # E: arg-type | reportArgumentType


def wrong_responses(client: RekognitionClient, image: Image) -> None:
    response = client.detect_faces(image)
    response["FaceDetails"]  # E: index | reportIndexIssue
    response.faces  # E: attr-defined | reportAttributeAccessIssue
    response.face_details[0].age_range.low  # E: union-attr | reportOptionalMemberAccess
    response.face_details[0].bounding_box.width.lower()  # E: attr-defined | reportAttributeAccessIssue
    response.face_details[0].emotions[0].type.value  # E: union-attr | reportAttributeAccessIssue
    assert_type(response.orientation_correction, str)  # E: assert-type | reportAssertTypeFailure
    print({response: 1})  # E: none | reportUnhashable
    labels: list[str] = client.detect_labels(image).labels  # E: assignment | reportAssignmentType
    print(labels)


def wrong_models() -> None:
    models.BoundingBox(width=0.5, height=0.5, left=0)  # E: call-arg | reportCallIssue
    models.BoundingBox(0.5, 0.5, 0, 0)  # E: call-arg | reportCallIssue
    models.Label(name="Cat", confidence="high")  # E: arg-type | reportArgumentType
    Image(bytes="aGVsbG8=")  # E: arg-type | reportArgumentType
    S3Object(bucket="bucket", key="key")  # E: call-arg | reportCallIssue
    models.Attribute.SMILES  # E: attr-defined | reportAttributeAccessIssue
    models.FaceDetails  # E: attr-defined | reportAttributeAccessIssue
    rekog.Client  # E: attr-defined | reportAttributeAccessIssue
    label = models.Label(name="Cat", confidence=99.0)
    label.labelname = "2"  # E: attr-defined | reportAttributeAccessIssue
    label.name = None  # E: assignment | reportAttributeAccessIssue


def wrong_pagers(client: RekognitionClient) -> None:
    client.paginate_list_faces()  # E: call-arg | reportCallIssue
    client.paginate_list_faces("people", next_token="t")  # E: call-arg | reportCallIssue
    client.paginate_detect_faces()  # E: attr-defined | reportAttributeAccessIssue
    for page in client.paginate_list_faces("people").pages():
        page.face_id  # E: attr-defined | reportAttributeAccessIssue
    users: Pager[str, object] = client.paginate_list_users("people")  # E: assignment | reportAssignmentType
    by_name = client.get_paginator("list_users").paginate()
    assert_type(next(iter(by_name)), models.Face)  # E: assert-type | reportAssertTypeFailure
    client.get_paginator("detect_faces")  # E: call-overload | reportCallIssue, reportArgumentType
    client.get_waiter("user_activ")  # E: call-overload | reportCallIssue, reportArgumentType
    print(users)


def wrong_waits(client: RekognitionClient) -> None:
    client.wait_until_face_search_completed()  # E: call-arg | reportCallIssue
    client.wait_until_project_deleted()  # E: call-arg | reportCallIssue
    client.wait_until_user_active("people")  # E: call-arg | reportCallIssue
    client.wait_until_dataset_ready("arn", delay="1")  # E: arg-type | reportArgumentType
    client.wait_until_dataset_ready("arn", on_poll=5)  # E: arg-type | reportArgumentType


def wrong_conversions(label: models.Label) -> None:
    to_wire({"Name": "Cat"})  # E: arg-type | reportArgumentType
    from_wire("Label", {})  # E: arg-type | reportArgumentType
    from_wire(dict, {})  # E: type-var | reportArgumentType
    face: models.Face = from_wire(models.Label, {})  # E: assignment | reportAssignmentType
    converter("camel")  # E: arg-type | reportArgumentType
    print(face, label)


async def wrong_async(client: AsyncRekognitionClient, image: Image) -> None:
    client.detect_labels(image)  # E: unused-coroutine | reportUnusedCoroutine
    client.detect_labels(image).labels  # E: attr-defined | reportAttributeAccessIssue
    await client.paginate_list_faces("people")  # E: misc | reportGeneralTypeIssues
    for face in client.paginate_list_faces("people"):  # E: attr-defined | reportGeneralTypeIssues
        print(face)
    with client:  # E: attr-defined | reportGeneralTypeIssues
        pass
    await client.wait_until_dataset_ready()  # E: call-arg | reportCallIssue


def wrong_error(client: RekognitionClient) -> None:
    from rekog.errors import NoFaceError  # E: attr-defined | reportAttributeAccessIssue

    try:
        client.list_collections()
    except rekog.ServiceError as error:
        error.response  # E: attr-defined | reportAttributeAccessIssue
        print(NoFaceError)
