"""Responses that lack members: as recorded, as published, and as stubs and other emulators send them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from rekog import AsyncRekognitionClient, RekognitionClient, from_wire, models
from rekog._core.rejected import incomplete
from rekog.errors import DecodeError
from rekog.models import GetLabelDetectionResponse, SearchUsersByImageResponse
from rekog.testing import answer_of
from tests.kit.backends import PNG, Backend, Reply, Scripted, json_reply

BOX = {"Width": 0.5, "Height": 0.5, "Left": 0.25, "Top": 0.25}
ARN = "aws:rekognition:us-east-1:123456789012:collection/people"


@pytest.fixture(autouse=True)
def nothing_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start as a new process does, in which no member has been logged."""
    monkeypatch.setattr(incomplete, "_logged", set[tuple[str, str]]())


def received(backend: Backend, wire: object, call: Callable[[Any], Any], **settings: Any) -> Any:
    client = backend.client(Scripted(json_reply(wire)), **settings)
    return backend.run(lambda: call(client))


# --- Known gaps --------------------------------------------------------------------------------------------------


SEARCHED = {
    "UserMatches": [{"User": {"UserId": "ann", "UserStatus": "ACTIVE"}, "Similarity": 99.9}],
    "FaceModelVersion": "6.0",
    "SearchedFace": {"FaceDetail": {"BoundingBox": BOX}},
    "UnsearchedFaces": [{"FaceDetails": {"BoundingBox": BOX}, "Reasons": ["FACE_NOT_LARGEST"]}],
}


def test_a_searched_face_may_have_a_box_only(backend: Backend) -> None:
    found = received(backend, SEARCHED, lambda client: client.search_users_by_image("people", PNG))
    assert found.searched_face.face_detail.bounding_box.width == 0.5
    assert found.searched_face.face_detail.confidence is None
    assert [face.face_details.confidence for face in found.unsearched_faces] == [None]
    assert [(match.user.user_id, match.similarity) for match in found.user_matches] == [("ann", 99.9)]


SEGMENT = {"Label": {"Name": "Cat", "Confidence": 99.0}, "StartTimestampMillis": 0, "EndTimestampMillis": 500}
SEGMENTS = {"JobStatus": "SUCCEEDED", "Labels": [SEGMENT, {**SEGMENT, "Timestamp": 7}]}


def test_a_segment_of_a_video_may_have_no_timestamp(backend: Backend) -> None:
    page = received(backend, SEGMENTS, lambda client: client.get_label_detection("a1", aggregate_by="SEGMENTS"))
    assert [(entry.timestamp, entry.start_timestamp_millis) for entry in page.labels] == [(None, 0), (7, 0)]


def test_a_created_collection_may_have_no_version(backend: Backend) -> None:
    wire = {"StatusCode": 200, "CollectionArn": ARN}
    created = received(backend, wire, lambda client: client.create_collection("people"))
    assert (created.status_code, created.collection_arn, created.face_model_version) == (200, ARN, None)


def test_an_indexed_face_may_have_neither_box_nor_detail(backend: Backend) -> None:
    wire = {"FaceRecords": [{"Face": {"FaceId": "f", "ImageId": "i", "Confidence": 9.0}}], "FaceModelVersion": "6.0"}
    (record,) = received(backend, wire, lambda client: client.index_faces("people", PNG)).face_records
    assert (record.face.face_id, record.face.bounding_box, record.face_detail) == ("f", None, None)


def test_a_detected_face_may_have_an_age_only(backend: Backend) -> None:
    wire = {"FaceDetails": [{"AgeRange": {"Low": 20, "High": 30}}]}
    (face,) = received(backend, wire, lambda client: client.detect_faces(PNG)).face_details
    assert (face.age_range.low, face.confidence, face.bounding_box, face.emotions) == (20, None, None, [])


def test_an_empty_body_is_a_response_in_which_everything_is_missing(backend: Backend) -> None:
    client = backend.client(Scripted(Reply(200, b"", {})))
    assert backend.run(lambda: client.create_collection("people")).status_code is None


def test_a_null_in_a_list_of_structures_is_left_out(backend: Backend) -> None:
    wire = {"Labels": [None, {"Name": "Cat", "Confidence": 99.0}]}
    assert [label.name for label in received(backend, wire, lambda client: client.detect_labels(PNG)).labels] == ["Cat"]


def test_a_value_that_its_enum_does_not_have_is_kept(backend: Backend) -> None:
    wire = {"FaceDetails": [{"Emotions": [{"Type": "BORED"}]}]}
    (face,) = received(backend, wire, lambda client: client.detect_faces(PNG)).face_details
    assert ([emotion.type for emotion in face.emotions], face.confidence) == (["BORED"], None)


def test_a_missing_list_that_is_never_none_is_empty() -> None:
    assert from_wire(models.DeleteFacesRequest, {"CollectionId": "people"}).face_ids == []


@pytest.mark.parametrize("strict", [False, True])
def test_an_empty_value_in_place_of_a_list_of_texts_is_an_empty_list(strict: bool) -> None:
    wire = {"CollectionIds": "", "FaceModelVersions": ["7.0"]}
    assert from_wire(models.ListCollectionsResponse, wire, strict=strict).collection_ids == []


def test_a_null_at_any_depth_is_missing_when_all_members_are_wanted() -> None:
    wire = {"Confidence": 9.0, "BoundingBox": {**BOX, "Width": None}}
    assert from_wire(models.FaceDetail, wire).confidence == 9.0
    with pytest.raises(DecodeError, match=r"FaceDetail: BoundingBox\.Width is missing"):
        from_wire(models.FaceDetail, wire, strict=True)


def test_the_other_entries_of_a_page_are_complete(backend: Backend) -> None:
    faces = [{"FaceId": f"f{number}", "BoundingBox": BOX, "ImageId": "i", "Confidence": 9.0} for number in range(9)]
    expected = [from_wire(models.Face, face) for face in faces]
    del faces[4]["ImageId"]
    page = received(backend, {"Faces": faces}, lambda client: client.list_faces("people"))
    assert [face for face in page.faces if face.image_id is not None] == [*expected[:4], *expected[5:]]


# --- The log -----------------------------------------------------------------------------------------------------


def test_a_missing_member_is_logged_once(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    client = backend.client(Scripted(json_reply({"StatusCode": 200, "CollectionArn": ARN})))
    for _ in range(3):
        backend.run(lambda: client.create_collection("people"))
    assert [(record.name, record.levelno) for record in caplog.records] == [("rekog", logging.WARNING)]
    assert caplog.messages[0].startswith("CreateCollection: FaceModelVersion is missing: it is None.")


def test_a_member_is_logged_once_for_all_places_of_its_structure(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    received(backend, SEARCHED, lambda client: client.search_users_by_image("people", PNG))
    begin = "SearchUsersByImage: SearchedFace.FaceDetail.Confidence is missing"
    assert [message[: len(begin)] for message in caplog.messages] == [begin]


def test_the_nulls_of_a_list_are_logged_once(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    received(backend, {"Labels": [None, None]}, lambda client: client.detect_labels(PNG))
    assert [message[:53] for message in caplog.messages] == ["DetectLabels: Labels[0] is missing: it is left out. T"]


@pytest.mark.parametrize("value", [{}, {"Confidence": None}])
def test_a_null_is_a_missing_member(
    backend: Backend, value: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    received(backend, {"Labels": [{"Name": "Cat", **value}]}, lambda client: client.detect_labels(PNG))
    assert [message[:51] for message in caplog.messages] == ["DetectLabels: Labels[0].Confidence is missing: it i"]


def test_optional_members_and_lists_are_not_logged(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    received(backend, {"Labels": None, "OrientationCorrection": None}, lambda client: client.detect_labels(PNG))
    assert caplog.messages == []


# --- Strict clients ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [True, ["answers"]])
@pytest.mark.parametrize(
    ("wire", "path"),
    [
        ({"Labels": [{"Name": "a"}, {}]}, "Labels[0].Confidence"),
        ({"Labels": [{"Name": "a", "Confidence": None}]}, "Labels[0].Confidence"),
        ({"Labels": [None]}, "Labels[0]"),
        (
            {"Labels": [{"Name": "a", "Confidence": 1, "Instances": [{"BoundingBox": {"Width": 1}}]}]},
            "Labels[0].Instances[0].BoundingBox.Height",
        ),
    ],
)
def test_a_strict_client_refuses_a_missing_member(backend: Backend, strict: Any, wire: object, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        received(backend, wire, lambda client: client.detect_labels(PNG), strict=strict)
    assert str(caught.value) == f"DetectLabels: {path} is missing"
    assert (caught.value.operation, caught.value.path, caught.value.request_id) == ("DetectLabels", path, "request-1")


def test_a_client_that_is_strict_in_requests_accepts_a_missing_member(backend: Backend) -> None:
    wire = {"Labels": [{"Name": "Cat"}]}
    answer = received(backend, wire, lambda client: client.detect_labels(PNG), strict=["requests"])
    assert answer.labels[0].confidence is None


# --- Pagers and waiters ------------------------------------------------------------------------------------------


def test_a_pager_yields_incomplete_items_and_goes_on(backend: Backend) -> None:
    pages = [{"Faces": [{"FaceId": "a"}], "NextToken": "t"}, {"Faces": [{}, {"FaceId": "b"}]}]
    client = backend.client(Scripted(*map(json_reply, pages)))
    faces = backend.items(lambda: client.paginate_list_faces("people"))
    assert [face.face_id for face in faces] == ["a", None, "b"]


def test_a_pager_of_two_lists_ends_at_an_empty_page(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"NextToken": "t"}), json_reply({"CollectionIds": ["a"]})))
    listed = backend.items(client.paginate_list_collections)
    assert [(entry.collection_id, entry.face_model_version) for entry in listed] == [("a", None)]


def test_a_waiter_polls_on_while_the_status_is_missing(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({}), json_reply({"JobStatus": "SUCCEEDED"})))
    response = backend.run(lambda: client.wait_until_label_detection_completed("a1", delay=0))
    assert response.job_status == "SUCCEEDED"


def test_a_waiter_of_a_listing_passes_over_entries_without_an_identifier(backend: Backend) -> None:
    users = [{"UserStatus": "ACTIVE"}, {"UserId": "ann", "UserStatus": "ACTIVE"}]
    client = backend.client(Scripted(json_reply({"Users": users})))
    response = backend.run(lambda: client.wait_until_user_active("people", user_id="ann"))
    assert [user.user_id for user in response.users] == ["ann"]


# --- Responses without a call ------------------------------------------------------------------------------------


def test_from_wire_accepts_a_missing_member(caplog: pytest.LogCaptureFixture) -> None:
    assert from_wire(SearchUsersByImageResponse, SEARCHED).user_matches[0].similarity == 99.9
    assert caplog.messages[0].startswith("SearchUsersByImageResponse: SearchedFace.FaceDetail.Confidence is missing")


def test_a_strict_from_wire_refuses_a_missing_member() -> None:
    with pytest.raises(DecodeError, match=r"^GetLabelDetectionResponse: Labels\[0\]\.Timestamp is missing$"):
        from_wire(GetLabelDetectionResponse, SEGMENTS, strict=True)


def test_a_test_double_logs_no_missing_member(caplog: pytest.LogCaptureFixture) -> None:
    answer_of("SearchUsersByImage", SEARCHED)
    assert caplog.messages == []


@pytest.mark.parametrize(
    "wire", [7, [], "text", {"Labels": 7}, {"Labels": [7]}, {"Labels": [{"Parents": 1}]}, {"OrientationCorrection": []}]
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_value_of_the_wrong_kind_is_always_an_error(wire: Any, strict: bool) -> None:
    with pytest.raises(DecodeError, match="must be"):
        from_wire(models.DetectLabelsResponse, wire, strict=strict)


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_the_documentation_of_a_client_explains_the_name(kind: type[Any]) -> None:
    assert '"answers" raises `DecodeError`' in str(kind.__doc__)
