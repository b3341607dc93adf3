"""Mistakes with runs over many images. Each line names the rules of mypy and of pyright that report it."""

# ruff: noqa: B018 (this code is for the type checkers)

from __future__ import annotations

from rekog import AsyncRekognitionClient, RekognitionClient, bulk


def wrong_runs(client: RekognitionClient) -> None:
    client.bulk.detect_labels([1, 2])  # E: type-var | reportArgumentType
    client.bulk.detect_labels("photos", max_label=5)  # E: call-arg | reportCallIssue
    client.bulk.detect_labels(["a.jpg"], 5)  # E: call-arg | reportCallIssue
    client.bulk.detect_labels(["a.jpg"], max_labels="5")  # E: arg-type | reportArgumentType
    client.bulk.detect_labels(["a.jpg"], concurrency=2.5)  # E: arg-type | reportArgumentType
    client.bulk.detect_labels(["a.jpg"], cluster="tcp://scheduler:8786")  # E: arg-type | reportArgumentType
    client.bulk.list_faces(["a.jpg"])  # E: attr-defined | reportAttributeAccessIssue
    client.bulk.index_faces(["a.jpg"])  # E: call-arg | reportCallIssue
    client.bulk.index_faces(["a.jpg"], collection_id="staff", external_image_id="a")  # E: arg-type | reportArgumentType
    client.bulk.compare_faces(["a.jpg"], target_image="b.jpg")  # E: call-arg | reportCallIssue
    client.bulk.map(client.detect_text, [1, 2])  # E: arg-type | reportArgumentType
    client.bulk.map(client.detect_text, ["a.jpg"], checkpoint="a")  # E: call-arg | reportCallIssue
    run = client.bulk.detect_labels(["a.jpg"])
    next(run)  # E: call-overload | reportArgumentType
    run.aclose()  # E: attr-defined | reportAttributeAccessIssue
    for outcome in run:
        outcome.answer.text_detections  # E: attr-defined | reportAttributeAccessIssue
        outcome.error.message  # E: union-attr | reportOptionalMemberAccess
        outcome.source.stem  # E: attr-defined | reportAttributeAccessIssue
    bulk.write_csv(client.bulk.map(len, ["a"]), "a.csv")  # E: arg-type | reportArgumentType


async def wrong_async_runs(client: AsyncRekognitionClient) -> None:
    for outcome in client.bulk.detect_labels(["a.jpg"]):  # E: attr-defined | reportGeneralTypeIssues
        print(outcome)
    with client.bulk.detect_labels(["a.jpg"]):  # E: attr-defined | reportGeneralTypeIssues
        pass
    client.bulk.detect_labels(["a.jpg"], cluster=None)  # E: call-arg | reportCallIssue
    client.bulk.map(len, ["a.jpg"])  # E: arg-type | reportArgumentType
