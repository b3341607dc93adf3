"""The life of a job, with its whole responses, its notification and its steps, from the start to the deletion."""

from __future__ import annotations

from typing import Any

from rekog.emulator import Durations, Emulator, ManualClock
from tests.kit.request_members import VIDEO_JOBS
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

START = 1_700_000_000
TOPIC, ROLE = "arn:aws:sns:us-east-1:123456789012:done", "arn:aws:iam::123456789012:role/Rekognition"
LABELS = [{"Timestamp": 100 * number, "Name": f"L{number}"} for number in range(3)]
DAY = 86_400


def test_a_job_runs_succeeds_notifies_and_is_deleted_after_its_days() -> None:
    clock = ManualClock(START)
    with Emulator(vision="off", clock=clock, durations=Durations(job=60), limits={"result_days": 2}) as emulator:
        put_video(emulator, labels=LABELS)
        wire = WireClient(emulator)
        channel = {"SNSTopicArn": TOPIC, "RoleArn": ROLE}
        started = wire("StartLabelDetection", Video=VIDEO, JobTag="tag", NotificationChannel=channel)
        job = started.body
        assert (started.status, list(job)) == (200, ["JobId"])
        common = {"JobId": job["JobId"], "Video": VIDEO, "JobTag": "tag"}
        assert wire("GetLabelDetection", **job).body == {**common, "JobStatus": "IN_PROGRESS", "Labels": []}
        clock.advance(60)
        first = wire("GetLabelDetection", **job, MaxResults=2).body
        rest = wire("GetLabelDetection", **job, MaxResults=2, NextToken=first.pop("NextToken")).body
        found = {
            **common,
            "JobStatus": "SUCCEEDED",
            "LabelModelVersion": "3.0",
            "GetRequestMetadata": {"SortBy": "TIMESTAMP", "AggregateBy": "TIMESTAMPS"},
        }
        members: dict[str, object] = {
            "Confidence": 100,
            "Instances": [],
            "Parents": [],
            "Aliases": [],
            "Categories": [],
        }
        labels = [{"Timestamp": 100 * number, "Label": {"Name": f"L{number}", **members}} for number in range(3)]
        assert [first, rest] == [{**found, "Labels": labels[:2]}, {**found, "Labels": labels[2:]}]
        (notification,) = emulator.notifications
        assert (notification.topic_arn, notification.role_arn) == (TOPIC, ROLE)
        assert notification.message == {
            "JobId": job["JobId"],
            "Status": "SUCCEEDED",
            "API": "StartLabelDetection",
            "JobTag": "tag",
            "Timestamp": (START + 60) * 1000,
            "Video": {"S3ObjectName": "trip.mp4", "S3Bucket": "videos"},
        }
        clock.advance(2 * DAY - 1)
        assert wire("GetLabelDetection", **job).status == 200
        clock.advance(1)
        missing = ("ResourceNotFoundException", f"Job {job['JobId']} does not exist.")
        assert wire("GetLabelDetection", **job).refusal == missing


def test_a_page_token_lives_for_its_hours_and_holds_for_its_order_and_job_only() -> None:
    clock = ManualClock(START)
    with Emulator(vision="off", clock=clock, limits={"token_hours": 3}) as emulator:
        put_video(emulator, labels=LABELS)
        wire = WireClient(emulator)
        jobs = [wire("StartLabelDetection", Video=VIDEO).body for _ in range(2)]
        token = wire("GetLabelDetection", **jobs[0], MaxResults=1).body["NextToken"]
        invalid = ("InvalidPaginationTokenException", "Invalid Pagination Token")
        for members in ({**jobs[0], "SortBy": "NAME"}, {**jobs[0], "AggregateBy": "SEGMENTS"}, jobs[1]):
            assert wire("GetLabelDetection", **members, NextToken=token).refusal == invalid
        clock.advance(3 * 3600)
        page = wire("GetLabelDetection", **jobs[0], NextToken=token).body
        assert [each["Timestamp"] for each in page["Labels"]] == [100, 200]
        assert "NextToken" not in page
        clock.advance(0.001)
        assert wire("GetLabelDetection", **jobs[0], NextToken=token).refusal == invalid


METADATA: dict[str, dict[str, object]] = {
    "CelebrityRecognition": {"Celebrities": []},
    "ContentModeration": {
        "ModerationLabels": [],
        "ModerationModelVersion": "7.0",
        "GetRequestMetadata": {"SortBy": "TIMESTAMP", "AggregateBy": "TIMESTAMPS"},
    },
    "FaceDetection": {"Faces": []},
    "FaceSearch": {"Persons": []},
    "LabelDetection": {
        "Labels": [],
        "LabelModelVersion": "3.0",
        "GetRequestMetadata": {"SortBy": "TIMESTAMP", "AggregateBy": "TIMESTAMPS"},
    },
    "PersonTracking": {"Persons": []},
    "SegmentDetection": {
        "Segments": [],
        "AudioMetadata": [],
        "VideoMetadata": [],
        "SelectedSegmentTypes": [{"Type": "SHOT", "ModelVersion": "1.0"}],
    },
    "TextDetection": {"TextDetections": [], "TextModelVersion": "3.0"},
}
"""The members of a response without results, beside those of each job."""


def test_the_responses_of_each_kind_of_job_have_their_members_only() -> None:
    capabilities = ("celebrities", "faces", "labels", "moderation", "persons", "segments", "text")
    nothing: dict[str, Any] = {name: [] for name in capabilities}
    with Emulator(vision="off") as emulator:
        put_video(emulator, **nothing)
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        for kind, members in METADATA.items():
            job = wire(f"Start{kind}", Video=VIDEO, **VIDEO_JOBS[kind][1]).body
            assert wire(f"Get{kind}", **job).body == {**job, "JobStatus": "SUCCEEDED", "Video": VIDEO, **members}
