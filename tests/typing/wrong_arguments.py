"""Arguments with mistakes: a marker on each wrong line has exactly the codes that both checkers must report there."""

# ruff: noqa: TC001 (this code is for the type checkers)

from __future__ import annotations

from rekog import RekognitionClient, models
from rekog.models import DetectLabelsSettings, DetectLabelsSettingsDict


def wrong_dicts(client: RekognitionClient, settings: DetectLabelsSettingsDict) -> None:
    client.detect_labels("cat.jpg", settings={"general_label": {}})  # E: arg-type | reportArgumentType
    client.detect_labels("cat.jpg", settings={"GeneralLabels": {}})  # E: arg-type | reportArgumentType
    client.detect_labels("cat.jpg", settings={"general_labels": 5})  # E: arg-type | reportArgumentType
    client.detect_labels("cat.jpg", settings=[settings])  # E: arg-type | reportArgumentType
    channel = {"role_arn": "arn"}
    client.start_face_detection("s3://a/b", notification_channel=channel)  # E: arg-type | reportArgumentType
    client.start_face_detection("s3://a/b", notification_channel={})  # E: arg-type | reportArgumentType
    client.distribute_dataset_entries([{"name": "arn"}])  # E: list-item | reportArgumentType
    DetectLabelsSettings(general_labels={"colour": "red"})  # E: arg-type | reportArgumentType
    settings["general_labels"] = "Cat"  # E: typeddict-item | reportGeneralTypeIssues


def wrong_iterables(client: RekognitionClient, ids: dict[int, str]) -> None:
    client.delete_faces("people", ids)  # E: arg-type | reportArgumentType
    client.delete_faces("people", {1, 2})  # E: arg-type | reportArgumentType
    client.detect_faces("cat.jpg", attributes={"SMILES"})  # E: arg-type | reportArgumentType
    client.detect_faces("cat.jpg", attributes="ALL")  # E: arg-type | reportArgumentType


def wrong_positions(client: RekognitionClient, output: models.OutputConfig) -> None:
    client.associate_faces("people", "ann", ["id"])  # E: call-arg | reportCallIssue
    client.create_project_version("arn", "v1", output)  # E: call-arg | reportCallIssue
    client.copy_project_version("a", "b", "c", "d", output)  # E: call-arg | reportCallIssue
    client.start_project_version("arn", 1)  # E: call-arg | reportCallIssue
    client.create_dataset("TRAIN", "arn")  # E: call-arg, arg-type | reportCallIssue
    client.generate_presigned_url("detect_faces", {}, 60)  # E: call-arg | reportCallIssue


def a_received_value_is_open(client: RekognitionClient) -> None:
    flag = client.detect_faces("cat.jpg").face_details[0].landmarks[0].type
    client.detect_faces("cat.jpg", attributes=[flag])  # E: list-item | reportArgumentType
