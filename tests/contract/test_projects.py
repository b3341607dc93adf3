"""Projects of custom labels and of adapters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.custom_label_calls import ADAPTER, create_dataset, list_projects
from tests.kit.request_members import (
    copy_policy,
    create_trained_version,
)

if TYPE_CHECKING:
    from tests.kit.service import ControlApi, Rekognition


def test_a_project_is_described_as_created(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"project": 10})
    arn = rekognition("CreateProject", ProjectName="adapter", **ADAPTER, Tags={"team": "red"})["ProjectArn"]
    assert re.fullmatch(r"arn:aws:rekognition:us-east-1:123456789012:project/adapter/\d{13}", arn)
    requested = {"Features": ["CONTENT_MODERATION"]}
    (result,) = rekognition("DescribeProjects", **requested)["ProjectDescriptions"]
    assert result.pop("CreationTimestamp") == pytest.approx(control.request("GET", "/clock")["now"], abs=0.01)
    assert result == {"ProjectArn": arn, "Status": "CREATING", "Datasets": [], **ADAPTER}
    control.advance_clock(10)
    assert rekognition("DescribeProjects", **requested)["ProjectDescriptions"][0]["Status"] == "CREATED"
    assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": "red"}


def test_adapters_are_described_only_on_request(rekognition: Rekognition, project: str) -> None:
    rekognition("CreateProject", ProjectName="adapter", **ADAPTER)
    assert list_projects(rekognition) == ["dogs"]
    assert list_projects(rekognition, Features=["CONTENT_MODERATION"]) == ["adapter"]
    assert list_projects(rekognition, Features=["CONTENT_MODERATION", "CUSTOM_LABELS"]) == ["adapter", "dogs"]
    assert list_projects(rekognition, ProjectNames=["dogs", "cats"]) == ["dogs"]


@pytest.mark.parametrize("members", [{"Feature": "CONTENT_MODERATION"}, {"AutoUpdate": "ENABLED"}])
def test_auto_update_is_required_for_adapters_and_refused_otherwise(
    rekognition: Rekognition, control: ControlApi, members: dict[str, str]
) -> None:
    assert rekognition.error_code("CreateProject", ProjectName="p", **members) == "InvalidParameterException"


def test_projects_are_listed_newest_first_with_their_datasets(rekognition: Rekognition, control: ControlApi) -> None:
    for name in ("b", "a", "c"):
        arn = rekognition("CreateProject", ProjectName=name)["ProjectArn"]
        control.advance_clock(1)
    assert list_projects(rekognition) == ["c", "a", "b"]
    created = create_dataset(rekognition, arn, "TEST")
    (result,) = rekognition("DescribeProjects", ProjectNames=["c"])["ProjectDescriptions"]
    (description,) = result["Datasets"]
    assert (description["DatasetArn"], description["DatasetType"], description["Status"]) == (
        created,
        "TEST",
        "CREATE_COMPLETE",
    )
    assert re.fullmatch(rf"{arn.rpartition('/')[0]}/dataset/test/\d{{13}}", created)


def test_a_project_with_versions_cannot_be_deleted(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    arn = create_trained_version(rekognition, project)
    assert rekognition.error_code("DeleteProject", ProjectArn=project) == "ResourceInUseException"
    rekognition("DeleteProjectVersion", ProjectVersionArn=arn)
    control.set_durations(10)
    assert rekognition("DeleteProject", ProjectArn=project)["Status"] == "DELETING"
    assert list_projects(rekognition) == ["dogs"]
    control.advance_clock(10)
    assert list_projects(rekognition) == []


def test_deleting_a_project_deletes_its_datasets_and_policies(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    created = create_dataset(rekognition, project)
    rekognition("PutProjectPolicy", ProjectArn=project, PolicyName="p", PolicyDocument=copy_policy())
    rekognition("DeleteProject", ProjectArn=project)
    assert list_projects(rekognition) == []
    assert rekognition.error_code("DescribeDataset", DatasetArn=created) == "ResourceNotFoundException"
    control.advance_clock(1)
    again = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    assert again != project
    assert rekognition("ListProjectPolicies", ProjectArn=again)["ProjectPolicies"] == []
