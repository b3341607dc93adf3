"""Notifications of jobs in the envelopes of SNS, SQS and Lambda."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rekog.errors import ParamValidationError
from rekog.jobs import JobNotification, parse_notifications
from rekog.models import S3Object

MESSAGE = {
    "JobId": "b1946ac92492d2347c6235b4d2611184",
    "Status": "SUCCEEDED",
    "API": "StartLabelDetection",
    "JobTag": "street",
    "Timestamp": 1700000000500,
    "Video": {"S3ObjectName": "street.mp4", "S3Bucket": "films"},
}
EXPECTED = JobNotification(
    kind="label_detection",
    job_id="b1946ac92492d2347c6235b4d2611184",
    status="SUCCEEDED",
    job_tag="street",
    time=datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC),
    video=S3Object(bucket="films", name="street.mp4"),
)
SNS = {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:...", "Message": json.dumps(MESSAGE)}
FORMS: dict[str, Any] = {
    "the message itself": MESSAGE,
    "its text": json.dumps(MESSAGE),
    "its bytes": json.dumps(MESSAGE).encode(),
    "a request of SNS over HTTP": json.dumps(SNS),
    "a Lambda event of SNS": {"Records": [{"EventSource": "aws:sns", "Sns": SNS}]},
    "a message of SQS": {"MessageId": "2", "Body": json.dumps(SNS)},
    "a message of SQS with raw delivery": {"MessageId": "2", "Body": json.dumps(MESSAGE)},
    "a response of ReceiveMessage": {"Messages": [{"Body": json.dumps(SNS)}], "ResponseMetadata": {}},
    "a Lambda event of SQS": {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(SNS)}]},
}


@pytest.mark.parametrize("name", FORMS)
def test_a_notification_is_found_in_its_envelope(name: str) -> None:
    assert parse_notifications(FORMS[name]) == [EXPECTED]


def test_an_event_has_several_notifications() -> None:
    bodies = [{"body": json.dumps({**MESSAGE, "JobId": str(number)})} for number in range(3)]
    assert [each.job_id for each in parse_notifications({"Records": bodies})] == ["0", "1", "2"]


def test_other_members_may_be_absent() -> None:
    (found,) = parse_notifications({"JobId": "1", "Status": "FAILED", "API": "StartFaceSearch"})
    assert found == JobNotification(
        kind="face_search", job_id="1", status="FAILED", job_tag=None, time=None, video=None
    )


@pytest.mark.parametrize("stamp", ["yesterday", 10**30, float("nan"), None])
def test_a_time_that_is_no_date_is_none(stamp: object) -> None:
    assert parse_notifications({**MESSAGE, "Timestamp": stamp})[0].time is None


def test_a_video_without_names_has_none() -> None:
    assert parse_notifications({**MESSAGE, "Video": {"S3Bucket": 5}})[0].video == S3Object()


@pytest.mark.parametrize(
    "message",
    [{"Records": []}, {"ResponseMetadata": {}}, {"Type": "SubscriptionConfirmation", "Message": "You have chosen ..."}],
)
def test_a_message_without_a_notification_gives_none(message: dict[str, object]) -> None:
    assert parse_notifications(message) == []


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("hello", "JSON was expected, not 'hello'"),
        ("[" * 100_000, "JSON was expected, not '"),
        ("[]", r"a notification of a job was expected, not '\[\]'"),
        (5, "a notification of a job was expected, not 5"),
        ({"a": 1}, "neither JobId nor Records, Messages, Message, body, Body, Sns is in"),
        ({"JobId": 1, "Status": "FAILED", "API": "StartFaceSearch"}, "JobId must be text, not 1"),
        ({"JobId": "1", "Status": "FAILED"}, "API must be text, not None"),
        ({"Records": [{"body": "hello"}]}, "JSON was expected, not 'hello'"),
    ],
)
def test_another_form_is_refused(message: Any, problem: str) -> None:
    with pytest.raises(ParamValidationError, match=f"parse_notifications: message: {problem}"):
        parse_notifications(message)


def test_envelopes_in_envelopes_end() -> None:
    message: object = MESSAGE
    for _ in range(9):
        message = {"Message": json.dumps(message)}
    with pytest.raises(ParamValidationError, match="a notification of a job was expected"):
        parse_notifications(json.dumps(message))
