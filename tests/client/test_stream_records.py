"""Records of face search stream processors, and notifications of label detection ones."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rekog._values.narrow import is_mapping, is_sequence
from rekog.errors import ConfigError, ParamValidationError
from rekog.jobs import (
    StreamLabel,
    StreamNotification,
    StreamRecord,
    parse_stream_notifications,
    parse_stream_records,
)
from rekog.models import BoundingBox, S3Object

BOX = {"Width": 0.0625, "Height": 0.125, "Left": 0.5, "Top": 0.25}
RECORD: dict[str, Any] = {
    "InputInformation": {
        "KinesisVideo": {
            "StreamArn": "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/door/1500000000000",
            "FragmentNumber": "91343852333289682796718532614445757584843717598",
            "ServerTimestamp": 1700000000.5,
            "ProducerTimestamp": 1700000000.25,
            "FrameOffsetInSeconds": 0.5,
        }
    },
    "StreamProcessorInformation": {"Status": "RUNNING"},
    "FaceSearchResponse": [
        {
            "DetectedFace": {
                "BoundingBox": BOX,
                "Confidence": 99.97517,
                "Landmarks": [{"Type": "eyeLeft", "X": 0.53, "Y": 0.28}],
                "Pose": {"Roll": -2.5, "Yaw": 3.5, "Pitch": 14.5},
                "Quality": {"Brightness": 38.5, "Sharpness": 53.25},
            },
            "MatchedFaces": [
                {
                    "Similarity": 98.75,
                    "Face": {
                        "FaceId": "0f4b7a2c-6d3e-4f6a-8b1c-2d3e4f5a6b7c",
                        "BoundingBox": BOX,
                        "ImageId": "11c2a3b4-6d3e-4f6a-8b1c-2d3e4f5a6b7c",
                        "ExternalImageId": "ann",
                        "Confidence": 99.75,
                    },
                }
            ],
        },
        {"DetectedFace": {"BoundingBox": BOX, "Confidence": 98.5}, "MatchedFaces": []},
    ],
}
TEXT = json.dumps(RECORD)
BASE64 = base64.b64encode(TEXT.encode()).decode()
FORMS: dict[str, Any] = {
    "its content": RECORD,
    "its text": TEXT,
    "its bytes": TEXT.encode(),
    "a view of its bytes": memoryview(TEXT.encode()),
    "base64 text": BASE64,
    "base64 as bytes": BASE64.encode(),
    "an event of Lambda": {
        "Records": [{"eventSource": "aws:kinesis", "kinesis": {"partitionKey": "1", "data": BASE64}}]
    },
    "a record of an event": {"kinesis": {"partitionKey": "1", "data": BASE64}},
    "the text of an event": json.dumps({"Records": [{"kinesis": {"data": BASE64}}]}),
    "an event of Firehose": {"records": [{"recordId": "1", "data": BASE64}]},
    "a response of GetRecords": {"Records": [{"Data": TEXT.encode(), "PartitionKey": "1"}], "ResponseMetadata": {}},
    "a record of GetRecords": {"Data": TEXT.encode(), "SequenceNumber": "1"},
}


@pytest.mark.parametrize("name", FORMS)
def test_a_record_is_found_in_its_envelope(name: str) -> None:
    (found,) = parse_stream_records(FORMS[name])
    assert found == StreamRecord.from_dict(RECORD)


def test_a_record_has_the_frame_and_its_faces() -> None:
    record = StreamRecord.from_json(TEXT)
    assert record.stream_arn == RECORD["InputInformation"]["KinesisVideo"]["StreamArn"]
    assert (record.status, record.frame_offset_in_seconds) == ("RUNNING", 0.5)
    assert record.server_timestamp == datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC)
    assert record.time == datetime(2023, 11, 14, 22, 13, 20, 750_000, UTC)
    known, stranger = record.faces
    assert known.detected_face.bounding_box == BoundingBox(left=0.5, top=0.25, width=0.0625, height=0.125)
    match = known.matched_faces[0]
    assert (match.similarity, match.face.external_image_id, stranger.matched_faces) == (98.75, "ann", ())


@pytest.mark.parametrize("count", [0, 2])
def test_an_envelope_with_another_number_of_records_is_refused(count: int) -> None:
    with pytest.raises(ParamValidationError, match=f"one record was expected, not {count}: parse_stream_records"):
        StreamRecord.from_json(json.dumps({"Records": [{"kinesis": {"data": RECORD}}] * count}))


def test_a_record_is_written_as_it_was_read() -> None:
    record = StreamRecord.from_dict(RECORD)
    assert record.to_dict(names="wire") == RECORD
    assert json.loads(record.to_json()) == RECORD
    python = record.to_dict()
    assert python["faces"][0]["matched_faces"][0]["face"]["external_image_id"] == "ann"
    assert StreamRecord.from_dict(python) == record
    with pytest.raises(ConfigError, match="names must be 'python' or 'wire', not 'other'"):
        record.to_dict(names="other")  # type: ignore[arg-type]  # of an untyped caller


def with_unknown_members(value: Any) -> Any:
    """Return a value with a further member in each of its objects."""
    if is_sequence(value):
        return [with_unknown_members(item) for item in value]
    if is_mapping(value):
        return {**{name: with_unknown_members(item) for name, item in value.items()}, "Later": {"A": [1]}}
    return value


def test_unknown_members_are_left_out_and_the_rest_is_kept() -> None:
    assert StreamRecord.from_dict(with_unknown_members(RECORD)) == StreamRecord.from_dict(RECORD)


@pytest.mark.parametrize("name", ["InputInformation", "StreamProcessorInformation", "FaceSearchResponse"])
def test_each_member_may_be_missing(name: str) -> None:
    (found,) = parse_stream_records({key: value for key, value in RECORD.items() if key != name})
    assert found != StreamRecord.from_dict(RECORD)
    assert StreamRecord.from_dict(found.to_dict()) == StreamRecord.from_dict(found.to_dict(names="wire")) == found


def test_a_record_without_a_frame_has_no_time() -> None:
    (found,) = parse_stream_records({"InputInformation": {"KinesisVideo": None}})
    assert (found.time, found.faces, found.to_dict()) == (None, (), {"faces": []})
    (late,) = parse_stream_records({"InputInformation": {"KinesisVideo": {"ServerTimestamp": 0, "FragmentNumber": 5}}})
    assert (late.time, late.fragment_number) == (datetime(1970, 1, 1, tzinfo=UTC), None)


@pytest.mark.parametrize("stamp", [True, "1700000000", 10**30, float("nan"), None])
def test_a_timestamp_that_is_no_date_is_none(stamp: object) -> None:
    (found,) = parse_stream_records({"InputInformation": {"KinesisVideo": {"ProducerTimestamp": stamp}}})
    assert found.producer_timestamp is None


def test_an_event_has_its_records_in_order() -> None:
    data = [json.dumps({"StreamProcessorInformation": {"Status": status}}) for status in ("STARTING", "RUNNING")]
    found = parse_stream_records({"Records": [{"Data": each} for each in data]})
    assert [record.status for record in found] == ["STARTING", "RUNNING"]
    assert parse_stream_records({"Records": [], "ResponseMetadata": {}}) == []


def broken(path: list[Any], value: object) -> dict[str, Any]:
    """Return the record with another value in one place."""
    record = copy.deepcopy(RECORD)
    place: Any = record
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return record


FIRST = ["FaceSearchResponse", 0]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("hello", "JSON was expected, not 'hello'"),
        (BASE64[:-5], "JSON was expected, not 'eyJ"),
        (5, "a record of a stream processor was expected, not 5"),
        ({"a": 1}, "neither InputInformation nor StreamProcessorInformation, FaceSearchResponse, Records, records,"),
        (broken(["FaceSearchResponse"], {}), "FaceSearchResponse must be a list, not dict"),
        (broken(FIRST, 1), r"FaceSearchResponse\[0\] must be an object, not int"),
        (
            broken([*FIRST, "DetectedFace"], None),
            r"FaceSearchResponse\[0\].DetectedFace must be an object, not NoneType",
        ),
        (broken([*FIRST, "MatchedFaces"], 1), r"FaceSearchResponse\[0\].MatchedFaces must be a list, not int"),
        (
            broken([*FIRST, "MatchedFaces"], [1]),
            r"FaceSearchResponse\[0\].MatchedFaces\[0\] must be an object, not int",
        ),
        (broken([*FIRST, "DetectedFace", "Landmarks"], 1), r"FaceSearchResponse\[0\]: .*Landmarks must be"),
    ],
)
def test_another_form_is_refused(message: Any, problem: str) -> None:
    with pytest.raises(ParamValidationError, match=f"parse_stream_records: message: {problem}"):
        parse_stream_records(message)


# --- Notifications of label detection ------------------------------------------------------------------------------

SEEN: dict[str, Any] = {
    "inputInformation": {"kinesisVideo": {"streamArn": "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/door/1"}},
    "eventNamespace": {"type": "LABEL_DETECTED"},
    "labels": [
        {
            "id": "label-1",
            "name": "PACKAGE",
            "confidence": 87.5,
            "frameImageUri": "s3://frames/door/session-1/frame.jpg",
            "croppedImageUri": "s3://frames/door/session-1/crop.jpg",
            "videoMapping": {
                "kinesisVideoMapping": {
                    "fragmentNumber": "91343852333",
                    "serverTimestamp": 1700000000500,
                    "producerTimestamp": 1700000000250,
                    "frameOffsetMillis": 500,
                }
            },
            "boundingBox": {"left": 0.5, "top": 0.25, "height": 0.125, "width": 0.0625},
        }
    ],
    "eventId": "event-1",
    "tags": {"door": "front"},
    "sessionId": "session-1",
    "startStreamProcessorRequest": {"Name": "door"},
}
NOTIFICATION = StreamNotification(
    type="LABEL_DETECTED",
    session_id="session-1",
    event_id="event-1",
    stream_arn="arn:aws:kinesisvideo:eu-west-1:123456789012:stream/door/1",
    labels=(
        StreamLabel(
            label_id="label-1",
            name="PACKAGE",
            confidence=87.5,
            bounding_box=BoundingBox(left=0.5, top=0.25, width=0.0625, height=0.125),
            frame_image=S3Object(bucket="frames", name="door/session-1/frame.jpg"),
            cropped_image=S3Object(bucket="frames", name="door/session-1/crop.jpg"),
            fragment_number="91343852333",
            server_timestamp=datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC),
            producer_timestamp=datetime(2023, 11, 14, 22, 13, 20, 250_000, UTC),
            frame_offset_millis=500,
        ),
    ),
    message=None,
    processed_video_duration_millis=None,
    tags={"door": "front"},
    request={"Name": "door"},
)
SNS = {"Type": "Notification", "Subject": "Rekognition Stream Processing Event", "Message": json.dumps(SEEN)}


@pytest.mark.parametrize(
    "message",
    [
        SEEN,
        json.dumps(SNS),
        {"Records": [{"EventSource": "aws:sns", "Sns": SNS}]},
        {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(SNS)}]},
        with_unknown_members(SEEN),
    ],
)
def test_new_objects_are_notified(message: Any) -> None:
    (found,) = parse_stream_notifications(message)
    assert found.labels == NOTIFICATION.labels
    assert found == NOTIFICATION.__replace__(tags=found.tags, request=found.request)
    assert found.tags["door"] == "front"
    assert hash(found) == hash(NOTIFICATION)
    assert found.labels[0].time == datetime(2023, 11, 14, 22, 13, 20, 750_000, UTC)


def test_the_end_of_a_session_is_notified() -> None:
    video = {"streamArn": "arn:s", "processedVideoDurationMillis": 9500}
    (found,) = parse_stream_notifications(
        {
            "inputInformation": {"kinesisVideo": video},
            "eventNamespace": {"type": "STREAM_PROCESSING_COMPLETE"},
            "streamProcessingResults": {"message": "Stream processing is complete."},
            "sessionId": "session-1",
        }
    )
    assert (found.type, found.message) == ("STREAM_PROCESSING_COMPLETE", "Stream processing is complete.")
    assert (found.processed_video_duration_millis, found.labels, dict(found.tags)) == (9500, (), {})


def test_members_of_a_label_may_be_missing() -> None:
    known = {"frameImageUri": "s3://frames", "boundingBox": {"left": 0.5, "top": "0.5", "width": 0.5}}
    (found,) = parse_stream_notifications({**SEEN, "labels": [known, {}]})
    label, empty = found.labels
    assert (label, set(label.__dict__.values())) == (empty, {None})
    assert label.time is None


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"Message": "hello"}, "JSON was expected, not 'hello'"),
    ({"JobId": "1"}, "neither eventNamespace nor Records, Messages, Message, body, Body, Sns is in"),
    ({**SEEN, "eventNamespace": {"type": 1}}, "eventNamespace.type must be text, in {'type': 1}"),
    ({**SEEN, "labels": {}}, "labels must be a list, not dict"),
    ({**SEEN, "labels": [1]}, r"labels\[0\] must be an object, not int"),
]


@pytest.mark.parametrize(("message", "problem"), BROKEN)
def test_another_notification_is_refused(message: Any, problem: str) -> None:
    with pytest.raises(ParamValidationError, match=f"parse_stream_notifications: message: {problem}"):
        parse_stream_notifications(message)
