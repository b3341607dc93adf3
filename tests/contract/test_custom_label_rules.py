"""Projects, versions, datasets and policies, beyond test_custom_labels.py."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.test_custom_labels import ADAPTER, described, project, projects, version
from tests.kit.request_members import (
    OUTPUT,
    copy_policy,
    create_running_version,
    create_trained_version,
    manifest_lines,
)
from tests.kit.service import open_accounts

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

__all__ = ["project"]  # a fixture

BOXES = {
    "source-ref": "s3://photos/boxes.jpg",
    "boxes": {
        "image_size": [{"width": 640, "height": 480, "depth": 3}],
        "annotations": [
            {"class_id": number % 2, "left": 10 * number, "top": 5, "width": 100, "height": 50} for number in range(3)
        ],
    },
    "boxes-metadata": {
        "type": "groundtruth/object-detection",
        "class-map": {"0": "dog", "1": "cat"},
        "objects": [{"confidence": 1}] * 3,
    },
}


def dataset(rekognition: Rekognition, project: str, kind: str = "TRAIN", text: str = "") -> str:
    """Make a dataset with these lines, and return its ARN."""
    arn = str(rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"])
    if text:
        change(rekognition, arn, text)
    return arn


def change(rekognition: Rekognition, arn: str, text: str) -> None:
    rekognition("UpdateDatasetEntries", DatasetArn=arn, Changes={"GroundTruth": text.encode()})


def entries(rekognition: Rekognition, arn: str, **filters: object) -> list[Json]:
    answer = rekognition("ListDatasetEntries", DatasetArn=arn, **filters)
    return [json.loads(entry) for entry in answer["DatasetEntries"]]


def manifests(control: ControlApi, count: int = 10) -> Json:
    """Return the members that name manifests to train with."""
    place = control.put_object("photos", "train.manifest", manifest_lines(count))
    return {"TrainingData": {"Assets": [{"GroundTruthManifest": place}]}, "TestingData": {"AutoCreate": True}}


# --- projects


def test_a_project_is_described_as_it_was_made(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"project": 10})
    arn = rekognition("CreateProject", ProjectName="adapter", **ADAPTER, Tags={"team": "red"})["ProjectArn"]
    assert re.fullmatch(r"arn:aws:rekognition:us-east-1:123456789012:project/adapter/\d{13}", arn)
    asked = {"Features": ["CONTENT_MODERATION"]}
    (found,) = rekognition("DescribeProjects", **asked)["ProjectDescriptions"]
    assert found.pop("CreationTimestamp") == pytest.approx(control.request("GET", "/clock")["now"], abs=0.01)
    assert found == {"ProjectArn": arn, "Status": "CREATING", "Datasets": [], **ADAPTER}
    control.advance_clock(10)
    assert rekognition("DescribeProjects", **asked)["ProjectDescriptions"][0]["Status"] == "CREATED"
    assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": "red"}


def test_projects_are_listed_the_newest_first_with_their_datasets(
    rekognition: Rekognition, control: ControlApi
) -> None:
    for name in ("b", "a", "c"):
        arn = rekognition("CreateProject", ProjectName=name)["ProjectArn"]
        control.advance_clock(1)
    assert projects(rekognition) == ["c", "a", "b"]
    made = dataset(rekognition, arn, "TEST")
    (found,) = rekognition("DescribeProjects", ProjectNames=["c"])["ProjectDescriptions"]
    (control_api,) = found["Datasets"]
    assert (control_api["DatasetArn"], control_api["DatasetType"], control_api["Status"]) == (
        made,
        "TEST",
        "CREATE_COMPLETE",
    )
    assert re.fullmatch(rf"{arn.rpartition('/')[0]}/dataset/test/\d{{13}}", made)


def test_everything_of_a_project_goes_with_it(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    made = dataset(rekognition, project)
    rekognition("PutProjectPolicy", ProjectArn=project, PolicyName="p", PolicyDocument=copy_policy())
    rekognition("DeleteProject", ProjectArn=project)
    assert projects(rekognition) == []
    assert rekognition.error_code("DescribeDataset", DatasetArn=made) == "ResourceNotFoundException"
    control.advance_clock(1)
    again = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    assert again != project
    assert rekognition("ListProjectPolicies", ProjectArn=again)["ProjectPolicies"] == []


# --- versions


def test_a_version_is_described_as_far_as_it_has_come(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    control.set_durations({"training": 60})
    arn = create_trained_version(rekognition, project)
    assert re.fullmatch(rf"{project.rpartition('/')[0]}/version/v1/\d{{13}}", arn)
    before = version(rekognition, project)
    assert not {"EvaluationResult", "BillableTrainingTimeInSeconds", "TrainingEndTimestamp"} & set(before)
    assert not {"SourceProjectVersionArn", "MinInferenceUnits", "MaxInferenceUnits"} & set(before)
    control.advance_clock(60)
    after = version(rekognition, project)
    assert after["BillableTrainingTimeInSeconds"] == 60
    assert after["TrainingEndTimestamp"] - after["CreationTimestamp"] == pytest.approx(60, abs=0.01)
    assert after["EvaluationResult"]["Summary"]["S3Object"]["Bucket"] == "results"
    assert (after["Feature"], after["OutputConfig"]) == ("CUSTOM_LABELS", OUTPUT)


def test_versions_are_listed_the_newest_first(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    create_trained_version(rekognition, project, "v1")
    for name in ("v3", "v2"):
        control.advance_clock(1)
        rekognition("CreateProjectVersion", ProjectArn=project, VersionName=name, OutputConfig=OUTPUT)

    def listed(**names: list[str]) -> list[str]:
        found = rekognition("DescribeProjectVersions", ProjectArn=project, **names)["ProjectVersionDescriptions"]
        return [each["ProjectVersionArn"].split("/")[3] for each in found]

    assert listed() == ["v2", "v3", "v1"]
    assert listed(VersionNames=["v1", "v3", "v9"]) == ["v3", "v1"]


def test_a_version_is_trained_with_manifests_or_with_datasets(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    members = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}
    data = manifests(control)
    assert rekognition.error_code("CreateProjectVersion", **members) == "InvalidParameterException"  # with nothing
    for half in ("TrainingData", "TestingData"):
        code = rekognition.error_code("CreateProjectVersion", **members, **{half: data[half]})
        assert code == "InvalidParameterException"
    rekognition("CreateProjectVersion", **members, **data)
    found = version(rekognition, project)
    assert found["Status"] == "TRAINING_COMPLETED"
    (asset,) = found["TrainingDataResult"]["Output"]["Assets"]
    assert control.get_object(asset["GroundTruthManifest"]["S3Object"]).count(b"\n") == 8  # the others are for the test
    dataset(rekognition, project, text=manifest_lines(2))
    code = rekognition.error_code("CreateProjectVersion", **{**members, "VersionName": "v2"}, **data)
    assert code == "InvalidParameterException"


def test_a_feature_config_is_for_adapters(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    config = {"FeatureConfig": {"ContentModeration": {"ConfidenceThreshold": 70}}}
    dataset(rekognition, project, text=manifest_lines(10))
    members = {"VersionName": "v1", "OutputConfig": OUTPUT, **config}
    code = rekognition.error_code("CreateProjectVersion", ProjectArn=project, **members)
    assert code == "InvalidParameterException"
    adapter = rekognition("CreateProject", ProjectName="adapter", **ADAPTER)["ProjectArn"]
    dataset(rekognition, adapter, text=manifest_lines(10))
    rekognition("CreateProjectVersion", ProjectArn=adapter, **members, VersionDescription="It's (ours), 1-2?")
    found = version(rekognition, adapter)
    assert (found["FeatureConfig"], found["Feature"]) == (config["FeatureConfig"], "CONTENT_MODERATION")
    assert (found["VersionDescription"], "BaseModelVersion" in found) == ("It's (ours), 1-2?", True)


def test_units_are_told_and_in_order(rekognition: Rekognition, project: str) -> None:
    arn = {"ProjectVersionArn": create_trained_version(rekognition, project)}
    code = rekognition.error_code("StartProjectVersion", **arn, MinInferenceUnits=3, MaxInferenceUnits=2)
    assert code == "InvalidParameterException"
    rekognition("StartProjectVersion", **arn, MinInferenceUnits=2, MaxInferenceUnits=3)
    found = version(rekognition, project)
    assert (found["MinInferenceUnits"], found["MaxInferenceUnits"]) == (2, 3)


def test_a_model_that_failed_is_started_again_and_a_training_that_failed_is_not(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    control.set_durations({"starting": 10})
    arn = {"ProjectVersionArn": create_trained_version(rekognition, project)}
    start = {**arn, "MinInferenceUnits": 1}
    rekognition("StartProjectVersion", **start)
    control.request("POST", "/versions", {"project_version_arn": arn["ProjectVersionArn"], "status": "FAILED"})
    assert version(rekognition, project)["Status"] == "FAILED"
    assert rekognition.error_code("StopProjectVersion", **arn) == "ResourceInUseException"
    rekognition("StartProjectVersion", **start)
    control.advance_clock(10)
    assert version(rekognition, project)["Status"] == "RUNNING"
    control.set_durations({"training": 10})
    made = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v2", OutputConfig=OUTPUT)
    control.request("POST", "/versions", {"project_version_arn": made["ProjectVersionArn"], "status": "FAILED"})
    assert version(rekognition, project, "v2")["Status"] == "TRAINING_FAILED"
    assert rekognition.error_code("StartProjectVersion", **made, MinInferenceUnits=1) == "ResourceInUseException"
    assert rekognition("DeleteProjectVersion", **made)["Status"] == "DELETING"


def copy(project: str, arn: str, to: str, name: str = "copy") -> Json:
    source = {"SourceProjectArn": project, "SourceProjectVersionArn": arn}
    return {**source, "DestinationProjectArn": to, "VersionName": name, "OutputConfig": OUTPUT}


def test_a_copy_is_busy_until_it_is_complete_and_then_runs(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    arn = create_trained_version(rekognition, project)
    control.request("POST", "/versions", {"project_version_arn": arn, "f1_score": 0.5})
    to = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    control.set_durations({"copying": 10})
    made = rekognition("CopyProjectVersion", **copy(project, arn, to))
    for operation, more in (("StartProjectVersion", {"MinInferenceUnits": 1}), ("DeleteProjectVersion", {})):
        assert rekognition.error_code(operation, **made, **more) == "ResourceInUseException"
    control.advance_clock(10)
    found = version(rekognition, to, "copy")
    assert (found["EvaluationResult"]["F1Score"], found["SourceProjectVersionArn"]) == (0.5, arn)
    rekognition("StartProjectVersion", **made, MinInferenceUnits=1)
    assert version(rekognition, to, "copy")["Status"] == "RUNNING"
    failed = rekognition("CopyProjectVersion", **copy(project, arn, to, "copy2"))["ProjectVersionArn"]
    control.request("POST", "/versions", {"project_version_arn": failed, "status": "FAILED"})
    assert version(rekognition, to, "copy2")["Status"] == "COPYING_FAILED"


def test_a_copy_is_of_a_trained_model_of_its_project(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    arn = create_trained_version(rekognition, project)
    to = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    adapter = rekognition("CreateProject", ProjectName="adapter", **ADAPTER)["ProjectArn"]
    adapted = create_trained_version(rekognition, adapter)
    elsewhere = [text.replace("us-east-1", "eu-west-1") for text in (project, arn)]
    for members in (
        copy(to, arn, to),
        copy(adapter, adapted, to),
        copy(project, arn, adapter),
        copy(elsewhere[0], elsewhere[1], to),
    ):
        assert rekognition.error_code("CopyProjectVersion", **members) == "InvalidParameterException"
    control.set_durations({"training": 10})
    fresh = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v2", OutputConfig=OUTPUT)
    code = rekognition.error_code("CopyProjectVersion", **copy(project, fresh["ProjectVersionArn"], to))
    assert code == "ResourceInUseException"


def test_a_policy_lets_another_account_copy() -> None:
    other_account = "222222222222"
    with open_accounts("111111111111", other_account) as (owner, other):
        source = owner("CreateProject", ProjectName="dogs")["ProjectArn"]
        members = copy(
            source, create_trained_version(owner, source), other("CreateProject", ProjectName="x")["ProjectArn"]
        )
        assert other.error_code("CopyProjectVersion", **members) == "AccessDeniedException"
        owner("PutProjectPolicy", ProjectArn=source, PolicyName="p", PolicyDocument=copy_policy("333333333333"))
        assert other.error_code("CopyProjectVersion", **members) == "AccessDeniedException"
        owner("PutProjectPolicy", ProjectArn=source, PolicyName="q", PolicyDocument=copy_policy(other_account))
        arn = other("CopyProjectVersion", **members)["ProjectVersionArn"]
        assert f":{other_account}:" in arn
        assert other.error_code("DescribeProjectVersions", ProjectArn=source) == "ResourceNotFoundException"


def test_a_model_answers_only_while_it_runs(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    image = control.declared_image(custom_labels=["dog"])
    rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=image)
    rekognition("StopProjectVersion", ProjectVersionArn=arn)
    code = rekognition.error_code("DetectCustomLabels", ProjectVersionArn=arn, Image=image)
    assert code == "ResourceNotReadyException"


# --- datasets


def test_a_line_of_a_known_image_replaces_its_entry(rekognition: Rekognition, project: str) -> None:
    arn = dataset(rekognition, project, text=manifest_lines(2))
    change(rekognition, arn, manifest_lines(3).replace("dog", "cat"))
    found = entries(rekognition, arn)
    assert [each["source-ref"] for each in found] == [f"s3://photos/{number}.jpg" for number in range(3)]
    assert {each["kind-metadata"]["class-name"] for each in found} == {"cat"}


def test_what_is_wrong_in_a_line_is_told_in_it(rekognition: Rekognition, project: str) -> None:
    wrong = json.dumps({"source-ref": "s3://photos/x.jpg", "kind": 1, "kind-metadata": {"type": "groundtruth/other"}})
    arn = dataset(rekognition, project, text=f"{manifest_lines(4)}\n{wrong}")
    (found,) = entries(rekognition, arn, HasErrors=True)
    (error,) = found["kind-metadata"]["errors"]
    assert error["code"] == "ERROR_UNSUPPORTED_USE_CASE_TYPE"
    assert described(rekognition, arn)["DatasetStats"]["ErrorEntries"] == 1
    assert entries(rekognition, arn, HasErrors=True, Labeled=True) == []  # all filters must hold


def test_a_change_that_can_not_be_read_fails(rekognition: Rekognition, project: str) -> None:
    arn = dataset(rekognition, project, text=manifest_lines(2))
    change(rekognition, arn, "nonsense\n" * 5)
    found = described(rekognition, arn)
    assert (found["Status"], found["StatusMessageCode"]) == ("UPDATE_FAILED", "CLIENT_ERROR")
    assert found["StatusMessage"]
    assert len(entries(rekognition, arn)) == 2


def test_labels_are_counted_by_entries_and_boxes(rekognition: Rekognition, project: str) -> None:
    arn = dataset(rekognition, project, text=f"{manifest_lines(2)}\n{json.dumps(BOXES)}")
    found = rekognition("ListDatasetLabels", DatasetArn=arn)["DatasetLabelDescriptions"]
    assert {each["LabelName"]: each["LabelStats"] for each in found} == {
        "dog": {"EntryCount": 3, "BoundingBoxCount": 2},
        "cat": {"EntryCount": 1, "BoundingBoxCount": 1},
    }
    stats = described(rekognition, arn)["DatasetStats"]
    assert stats == {"LabeledEntries": 3, "TotalEntries": 3, "TotalLabels": 2, "ErrorEntries": 0}


@pytest.mark.parametrize("text", ["  ", "\n", "x" * 2049])
def test_a_part_of_a_name_is_some_text(rekognition: Rekognition, project: str, text: str) -> None:
    arn = dataset(rekognition, project)
    code = rekognition.error_code("ListDatasetEntries", DatasetArn=arn, SourceRefContains=text)
    assert code == "InvalidParameterException"


def test_datasets_are_changed_while_entries_move(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    train, test = dataset(rekognition, project, text=manifest_lines(5)), dataset(rekognition, project, "TEST")
    control.set_durations({"dataset": 10})
    rekognition("DistributeDatasetEntries", Datasets=[{"Arn": test}, {"Arn": train}])
    for arn in (train, test):
        assert described(rekognition, arn)["Status"] == "UPDATE_IN_PROGRESS"
        assert rekognition.error_code("ListDatasetEntries", DatasetArn=arn) == "ResourceInUseException"
        assert rekognition.error_code("DeleteDataset", DatasetArn=arn) == "ResourceInUseException"
    control.advance_clock(10)
    assert [described(rekognition, arn)["Status"] for arn in (train, test)] == ["UPDATE_COMPLETE"] * 2
    assert [len(entries(rekognition, arn)) for arn in (train, test)] == [4, 1]


def test_entries_move_within_one_project(rekognition: Rekognition, project: str) -> None:
    train = dataset(rekognition, project, text=manifest_lines(5))
    other = rekognition("CreateProject", ProjectName="cats")["ProjectArn"]
    foreign = dataset(rekognition, other, "TEST")
    for pair in ((train, train), (train, foreign)):
        code = rekognition.error_code("DistributeDatasetEntries", Datasets=[{"Arn": arn} for arn in pair])
        assert code == "InvalidParameterException"


def test_a_dataset_that_is_deleted_makes_room_for_another(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    control.set_durations({"deleting": 10})
    arn = dataset(rekognition, project)
    rekognition("DeleteDataset", DatasetArn=arn)
    assert described(rekognition, arn)["Status"] == "DELETE_IN_PROGRESS"
    control.advance_clock(10)
    assert dataset(rekognition, project) != arn


# --- policies


def test_policies_are_listed_as_they_are(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    revisions: list[str] = []
    for number in range(5):
        control.advance_clock(1)
        made = rekognition(
            "PutProjectPolicy", ProjectArn=project, PolicyName=f"p{number}", PolicyDocument=copy_policy()
        )
        revisions.append(made["PolicyRevisionId"])
    found = rekognition("ListProjectPolicies", ProjectArn=project)["ProjectPolicies"]
    assert [each["PolicyRevisionId"] for each in found] == revisions
    assert all(re.fullmatch("[0-9A-Fa-f]{1,64}", revision) for revision in revisions)
    assert found[0]["PolicyDocument"] == copy_policy()
    assert found[0]["ProjectArn"] == project
    assert found[0]["CreationTimestamp"] == found[0]["LastUpdatedTimestamp"] < found[1]["CreationTimestamp"]
    code = rekognition.error_code("PutProjectPolicy", ProjectArn=project, PolicyName="p5", PolicyDocument=copy_policy())
    assert code == "ServiceQuotaExceededException"


def test_adapters_have_no_policies(rekognition: Rekognition, control: ControlApi) -> None:
    adapter = rekognition("CreateProject", ProjectName="adapter", **ADAPTER)["ProjectArn"]
    members = {"ProjectArn": adapter, "PolicyName": "p", "PolicyDocument": copy_policy()}
    assert rekognition.error_code("PutProjectPolicy", **members) == "InvalidParameterException"


def test_a_policy_is_deleted_without_its_revision_too(rekognition: Rekognition, project: str) -> None:
    named = {"ProjectArn": project, "PolicyName": "p"}
    rekognition("PutProjectPolicy", **named, PolicyDocument=copy_policy())
    assert rekognition("DeleteProjectPolicy", **named) == {}
    assert rekognition("ListProjectPolicies", ProjectArn=project)["ProjectPolicies"] == []
