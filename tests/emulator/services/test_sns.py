"""Notifications to SNS topics: their content, and their sinks."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto.server import ThreadedMotoServer

from rekog.emulator import Emulator, ManualClock, Notification
from rekog.emulator.services.sns import Notifications
from rekog.emulator.settings import Durations
from tests.kit.clock import LIMIT_SECONDS
from tests.kit.servers import ScriptedServer, dripping, head, ok
from tests.kit.videos import VIDEO, put_video, run_job
from tests.kit.wire import WireClient

TOPIC = "arn:aws:sns:us-east-1:123456789012:done"
CHANNEL = {"SNSTopicArn": TOPIC, "RoleArn": "arn:aws:iam::123456789012:role/Rekognition"}
KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}


def aws(service: str, url: str) -> Any:
    """Return boto3's client of a service."""
    return cast(Any, boto3).client(service, endpoint_url=url, **KEYS)  # cast: boto3 has no types


def finish(emulator: Emulator, kind: str = "LabelDetection", **more: Any) -> str:
    """Run a job to its end, and return its id."""
    return str(run_job(WireClient(emulator), kind, **{"NotificationChannel": CHANNEL, **more})["JobId"])


def test_a_notification_contains_the_job_its_status_its_video_and_its_time(emulator: Emulator) -> None:
    put_video(emulator, labels=[])
    job = finish(emulator, JobTag="tag")
    (notification,) = emulator.notifications
    assert (notification.topic_arn, notification.role_arn) == (TOPIC, CHANNEL["RoleArn"])
    assert list(notification.message.items()) == [
        ("JobId", job), ("Status", "SUCCEEDED"), ("API", "StartLabelDetection"), ("JobTag", "tag"),
        ("Timestamp", 1_700_000_000_500), ("Video", {"S3ObjectName": "trip.mp4", "S3Bucket": "videos"}),
    ]  # fmt: skip
    assert json.loads(notification.text) == notification.message


def test_a_notification_of_a_failed_job_has_its_status_and_no_tag(emulator: Emulator) -> None:
    put_video(emulator)
    finish(emulator, "TextDetection")
    (notification,) = emulator.notifications
    assert (notification.message["Status"], notification.message["API"]) == ("FAILED", "StartTextDetection")
    assert "JobTag" not in notification.message


def test_a_job_without_a_channel_sends_no_notification(emulator: Emulator) -> None:
    put_video(emulator, labels=[])
    run_job(WireClient(emulator), "LabelDetection")
    assert emulator.notifications == ()


def test_a_notification_is_sent_once_when_the_job_ends() -> None:
    clock = ManualClock(0)
    with Emulator(clock=clock, durations=Durations(job=5)) as emulator:
        put_video(emulator, labels=[])
        wire = WireClient(emulator)
        job = wire("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body
        counts: list[int] = []
        for _ in range(4):
            wire("GetLabelDetection", **job)
            counts.append(len(emulator.notifications))
            clock.advance(2.5)
    assert counts == [0, 0, 1, 1]


def test_a_function_that_receives_notifications_may_send_requests() -> None:
    received: list[str] = []

    def notify(notification: Notification) -> None:
        job = notification.message["JobId"]
        received.append(WireClient(emulator)("GetLabelDetection", JobId=job).body["JobStatus"])

    with Emulator(notify=notify) as emulator:
        put_video(emulator, labels=[])
        finish(emulator)
    assert received == ["SUCCEEDED"]


def test_a_file_gets_a_line_for_each_notification(tmp_path: Path) -> None:
    with Emulator(notify=tmp_path / "messages.jsonl") as emulator:
        put_video(emulator, labels=[])
        jobs = [finish(emulator), finish(emulator)]
    lines = [json.loads(line) for line in (tmp_path / "messages.jsonl").read_text().splitlines()]
    assert [line["TopicArn"] for line in lines] == [TOPIC, TOPIC]
    assert [json.loads(line["Message"])["JobId"] for line in lines] == jobs


def test_a_file_is_continued_by_the_next_emulator(tmp_path: Path) -> None:
    for _ in range(2):
        assert Notifications(tmp_path / "notifications").deliver(MESSAGE)
    assert len((tmp_path / "notifications").read_text("utf-8").splitlines()) == 2


@pytest.fixture(scope="module")
def sns() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_an_sns_endpoint_delivers_notifications_to_its_subscribers(sns: str) -> None:
    topics, queues = aws("sns", sns), aws("sqs", sns)
    assert topics.create_topic(Name="done")["TopicArn"] == TOPIC
    queue = queues.create_queue(QueueName="received")["QueueUrl"]
    name = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=name)
    with Emulator(notify=sns) as emulator:
        put_video(emulator, labels=[])
        job = finish(emulator)
    (delivered,) = queues.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(json.loads(delivered["Body"])["Message"])["JobId"] == job


@pytest.mark.parametrize("sink", ["http://127.0.0.1:9/", "folder/messages"])
def test_a_failure_of_the_sink_is_logged_and_does_not_change_the_job(
    sink: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with Emulator(notify=sink) as emulator:
        shutil.rmtree(tmp_path / "folder")
        put_video(emulator, labels=[])
        finish(emulator)
        assert len(emulator.notifications) == 1
    assert f"a notification to {TOPIC} was not delivered" in caplog.text


MESSAGE = Notification(topic_arn=TOPIC, role_arn=str(CHANNEL["RoleArn"]), message={"JobId": "1"})


@pytest.mark.parametrize(("status", "delivered"), [(200, True), (302, False), (403, False), (500, False), (503, False)])
def test_only_a_success_of_the_endpoint_is_a_delivery(
    status: int, delivered: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer(ok(status=status)) as server:
        assert Notifications(server.url).deliver(MESSAGE) is delivered
        assert len(server.requests) == 1
    assert (f"a notification to {TOPIC} was not delivered" in caplog.text) is not delivered


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_unreachable_endpoint_is_no_delivery(scheme: str, caplog: pytest.LogCaptureFixture) -> None:
    assert not Notifications(f"{scheme}://127.0.0.1:1").deliver(MESSAGE)
    assert "ConnectError" in caplog.text


def test_a_notification_is_delivered_without_the_content_of_the_response() -> None:
    with ScriptedServer((head(200, {"Content-Length": "100"}), 60.0)) as server:
        assert Notifications(server.url).deliver(MESSAGE)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Long: ", b"H"])
def test_an_endpoint_that_sends_a_byte_at_a_time_does_not_hold_the_worker(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rekog.emulator.services.sns._HEAD_SECONDS", 0.3)
    with ScriptedServer(dripping(start)) as server:
        began = time.monotonic()
        assert not Notifications(server.url).deliver(MESSAGE)
        assert time.monotonic() - began < LIMIT_SECONDS  # the server would go on for five minutes


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_notification_does_not_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with ScriptedServer() as server, ScriptedServer() as proxy:
        monkeypatch.setenv(name, proxy.url)
        assert Notifications(server.url).deliver(MESSAGE)
        assert (len(server.requests), len(proxy.requests)) == (1, 0)


def test_an_object_is_not_read_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(ok(b"content")) as server, ScriptedServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with Emulator(s3_endpoint=server.url) as emulator:
            assert emulator.get_object("photos", "cat.jpg") == b"content"
        assert len(proxy.requests) == 0


def test_at_most_ten_thousand_notifications_are_recorded() -> None:
    notifications = Notifications()
    for number in range(10_001):
        notifications.record(Notification(topic_arn=TOPIC, role_arn="", message={"JobId": str(number)}))
    assert (len(notifications.recorded), notifications.recorded[0].message) == (10_000, {"JobId": "1"})
