"""Calls on projects, versions and datasets that several test modules make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kit.request_members import (
    OUTPUT,
)

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import Rekognition


ADAPTER = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}


def list_projects(rekognition: Rekognition, **members: object) -> list[str]:
    result = rekognition("DescribeProjects", **members)["ProjectDescriptions"]
    return [each["ProjectArn"].split("/")[1] for each in result]


def describe_version(rekognition: Rekognition, project: str, name: str = "v1") -> Json:
    (result,) = rekognition("DescribeProjectVersions", ProjectArn=project, VersionNames=[name])[
        "ProjectVersionDescriptions"
    ]
    return dict(result)


def describe_dataset(rekognition: Rekognition, dataset: str) -> Json:
    return dict(rekognition("DescribeDataset", DatasetArn=dataset)["DatasetDescription"])


def create_dataset(rekognition: Rekognition, project: str, kind: str = "TRAIN", text: str = "") -> str:
    """Make a dataset with these lines, and return its ARN."""
    arn = str(rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"])
    if text:
        update_dataset(rekognition, arn, text)
    return arn


def update_dataset(rekognition: Rekognition, arn: str, text: str) -> None:
    rekognition("UpdateDatasetEntries", DatasetArn=arn, Changes={"GroundTruth": text.encode()})


def copy_members(project: str, arn: str, to: str, name: str = "copy") -> Json:
    source = {"SourceProjectArn": project, "SourceProjectVersionArn": arn}
    return {**source, "DestinationProjectArn": to, "VersionName": name, "OutputConfig": OUTPUT}
