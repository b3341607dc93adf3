"""Start a job on a stored video, wait for it, print its results, and return to it from a notification.

    python examples/jobs.py

No credentials and no network: `RekognitionClient.local(emulator)` runs the job in this process. Replace it by
`RekognitionClient()`, and the video by one of yours in S3, and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rekog import RekognitionClient
from rekog.emulator import Emulator, Notification
from rekog.jobs import parse_notifications
from rekog.models import NotificationChannel

if TYPE_CHECKING:
    from rekog.waiting import Poll

VIDEO = "s3://films/street.mp4"
CHANNEL = NotificationChannel(
    sns_topic_arn="arn:aws:sns:us-east-1:123456789012:jobs", role_arn="arn:aws:iam::123456789012:role/jobs"
)


def main() -> None:
    messages: list[str] = []

    def notify(notification: Notification) -> None:
        messages.append(notification.text)

    # The job takes half a second here. With the extra `video` the emulator analyses the frames of a film of yours.
    with Emulator(durations={"job": 0.5}, notify=notify) as emulator, RekognitionClient.local(emulator) as client:
        emulator.put_object("films", "street.mp4", b"")
        seen = {0: "Car", 500: "Person", 2500: "Car"}
        emulator.declare(VIDEO, labels=[{"Timestamp": at, "Name": name} for at, name in seen.items()])

        job = client.jobs.start_label_detection(VIDEO, min_confidence=80, notification_channel=CHANNEL)
        job.wait(timeout=60, delay=0.2, on_poll=show)
        for found in job.results(sort_by="TIMESTAMP"):
            print(f"{found.timestamp / 1000:.1f} s: {found.label.name}")

        # A Lambda function or a worker of a queue gets the message, perhaps in another process.
        for notification in parse_notifications(messages[0]):
            names = {row["name"] for row in client.jobs.label_detection(notification.job_id).wait().to_rows()}
            print(notification.status, notification.kind, sorted(names))


def show(poll: Poll[object]) -> None:
    print(f"{poll.elapsed:.1f} s: {poll.state}")


if __name__ == "__main__":
    main()
