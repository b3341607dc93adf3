"""Programs over the public names, as users write them: a test runs each as it is against an emulator."""

from __future__ import annotations


def faces() -> None:
    from rekog import RekognitionClient, images

    with RekognitionClient.local() as client:
        answer = client.detect_faces("examples/images/astronaut.jpg")
        for face in answer.face_details:
            print(f"{face.confidence:.1f} %", images.pixel_box(face.bounding_box, width=512, height=512))
        images.draw("examples/images/astronaut.jpg", answer).save("faces.png")


def video() -> None:
    from rekog import RekognitionClient

    with RekognitionClient("eu-west-1") as client:
        job = client.jobs.start_label_detection("s3://videos/party.mp4", min_confidence=80)
        print("started", job.job_id)
        job.wait(timeout=900, on_poll=lambda poll: print(f"{poll.elapsed:.0f} s: {poll.state}"))
        for found in job.results(sort_by="TIMESTAMP"):
            print(f"{found.timestamp / 1000:.1f} s", found.label.name)


def many_images() -> None:
    from rekog import RateLimit, RekognitionClient, bulk

    with RekognitionClient("eu-west-1", rate_limit=RateLimit.published()) as client:
        photos = bulk.folder("photos", "**/*.jpg")
        with client.bulk.detect_labels(photos, max_labels=5, fit=True, checkpoint="labels.jsonl") as run:
            for outcome in run:
                if outcome.error:
                    print(outcome.key, "failed:", outcome.error)
                else:
                    print(outcome.key, [label.name for label in outcome.answer.labels])
        print(run.progress.done, "done,", run.progress.failed, "failed")


def people() -> None:
    from rekog import RekognitionClient

    with RekognitionClient.local() as client:
        client.create_collection("staff")
        staff = client.people("staff")
        enrolled = staff.enroll("grace", ["examples/images/grace_hopper.jpg"])
        print(len(enrolled.faces), "face, rejected:", enrolled.rejected)
        for person in staff.identify("examples/images/grace_hopper.jpg"):
            print(person.user_id or "unknown", person.similarity)


def many_pages() -> None:
    import asyncio

    from rekog import AsyncRekognitionClient, bulk

    async def main() -> None:
        async with (
            AsyncRekognitionClient("eu-west-1") as client,
            client.bulk.map(client.detect_text, bulk.folder("pages")) as run,
        ):
            async for outcome in run:
                print(outcome.key, [found.detected_text for found in outcome.answer.text_detections])

    asyncio.run(main())


def function(event: dict[str, object]) -> None:
    from rekog import RekognitionClient
    from rekog.jobs import parse_notifications

    client = RekognitionClient()

    def handler(event: dict[str, object], context: object) -> None:
        for notification in parse_notifications(event):
            if notification.status == "SUCCEEDED":
                for found in client.jobs.of(notification):
                    print(found)

    handler(event, None)
