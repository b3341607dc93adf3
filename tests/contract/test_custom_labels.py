"""Projects, versions, datasets and policies, as far as they can be seen from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kit.request_members import OUTPUT, copy_policy, create_trained_version, manifest_lines

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

ADAPTER = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}


@pytest.fixture
def project(rekognition: Rekognition, control: ControlApi) -> str:
    """The ARN of an empty project."""
    return str(rekognition("CreateProject", ProjectName="dogs")["ProjectArn"])


def projects(rekognition: Rekognition, **members: object) -> list[str]:
    found = rekognition("DescribeProjects", **members)["ProjectDescriptions"]
    return [each["ProjectArn"].split("/")[1] for each in found]


def version(rekognition: Rekognition, project: str, name: str = "v1") -> Json:
    (found,) = rekognition("DescribeProjectVersions", ProjectArn=project, VersionNames=[name])[
        "ProjectVersionDescriptions"
    ]
    return dict(found)


def described(rekognition: Rekognition, dataset: str) -> Json:
    return dict(rekognition("DescribeDataset", DatasetArn=dataset)["DatasetDescription"])


# --- projects


def test_adapters_are_hidden_unless_asked_for(rekognition: Rekognition, project: str) -> None:
    rekognition("CreateProject", ProjectName="adapter", **ADAPTER)
    assert projects(rekognition) == ["dogs"]
    assert projects(rekognition, Features=["CONTENT_MODERATION"]) == ["adapter"]
    assert projects(rekognition, Features=["CONTENT_MODERATION", "CUSTOM_LABELS"]) == ["adapter", "dogs"]
    assert projects(rekognition, ProjectNames=["dogs", "cats"]) == ["dogs"]


@pytest.mark.parametrize("members", [{"Feature": "CONTENT_MODERATION"}, {"AutoUpdate": "ENABLED"}])
def test_auto_update_goes_with_adapters(rekognition: Rekognition, control: ControlApi, members: dict[str, str]) -> None:
    assert rekognition.error_code("CreateProject", ProjectName="p", **members) == "InvalidParameterException"


def test_a_project_with_versions_stays(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    arn = create_trained_version(rekognition, project)
    assert rekognition.error_code("DeleteProject", ProjectArn=project) == "ResourceInUseException"
    rekognition("DeleteProjectVersion", ProjectVersionArn=arn)
    control.set_durations(10)
    assert rekognition("DeleteProject", ProjectArn=project)["Status"] == "DELETING"
    assert projects(rekognition) == ["dogs"]
    control.advance_clock(10)
    assert projects(rekognition) == []


# --- versions


def test_a_version_goes_through_its_states(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    control.set_durations({"training": 10, "starting": 10, "stopping": 10, "deleting": 10})
    arn = create_trained_version(rekognition, project)
    of = {"ProjectVersionArn": arn}
    calls: tuple[tuple[str, Json], ...]
    calls = ("StartProjectVersion", {"MinInferenceUnits": 1}), ("StopProjectVersion", {}), ("DeleteProjectVersion", {})

    def refused() -> list[bool]:
        """Tell which calls the state does not allow; DeleteProjectVersion is last, and not called where it may be."""
        checked = calls if version(rekognition, project)["Status"] not in ("TRAINING_COMPLETED", "STOPPED") else ()
        return [rekognition.error_code(name, **of, **more) == "ResourceInUseException" for name, more in checked]

    assert version(rekognition, project)["Status"] == "TRAINING_IN_PROGRESS"
    assert refused() == [True] * 3
    control.advance_clock(10)
    assert version(rekognition, project)["Status"] == "TRAINING_COMPLETED"
    assert rekognition.error_code("StopProjectVersion", **of) == "ResourceInUseException"
    assert rekognition("StartProjectVersion", **of, MinInferenceUnits=1)["Status"] == "STARTING"
    assert refused() == [True] * 3
    control.advance_clock(10)
    running = version(rekognition, project)
    assert (running["Status"], running["MinInferenceUnits"]) == ("RUNNING", 1)
    assert rekognition.error_code("DeleteProjectVersion", **of) == "ResourceInUseException"
    assert rekognition("StopProjectVersion", **of)["Status"] == "STOPPING"
    assert refused() == [True] * 3
    control.advance_clock(10)
    assert version(rekognition, project)["Status"] == "STOPPED"
    assert rekognition("DeleteProjectVersion", **of)["Status"] == "DELETING"
    assert rekognition.error_code("StartProjectVersion", **of, MinInferenceUnits=1) == "ResourceInUseException"
    control.advance_clock(10)
    assert rekognition.error_code("StopProjectVersion", **of) == "ResourceNotFoundException"


def test_a_training_that_fails_says_why(rekognition: Rekognition, project: str) -> None:
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    line = json.dumps({"source-ref": "s3://photos/a.jpg"}).encode()
    rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": line})
    rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT)
    found = version(rekognition, project)
    assert found["Status"] == "TRAINING_FAILED"
    assert found["StatusMessage"]
    assert "EvaluationResult" not in found


def test_a_training_writes_what_it_used(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    arn = create_trained_version(rekognition, project)
    control.request("POST", "/versions", {"project_version_arn": arn, "f1_score": 0.75})
    found = version(rekognition, project)
    assert found["EvaluationResult"]["F1Score"] == 0.75
    assert json.loads(control.get_object(found["ManifestSummary"]["S3Object"]))["statistics"]["training"][
        "valid_json_lines"
    ]


def test_a_version_name_is_taken_once(rekognition: Rekognition, project: str) -> None:
    create_trained_version(rekognition, project)
    again = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}
    assert rekognition.error_code("CreateProjectVersion", **again) == "ResourceInUseException"
    half: Json = {"TrainingData": {"Assets": []}}
    code = rekognition.error_code("CreateProjectVersion", **{**again, "VersionName": "v2"}, **half)
    assert code == "InvalidParameterException"


def test_a_copy_is_a_version_of_its_own(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    arn = create_trained_version(rekognition, project)
    copies = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    members = {
        "SourceProjectArn": project,
        "SourceProjectVersionArn": arn,
        "DestinationProjectArn": copies,
        "VersionName": "copy",
        "OutputConfig": OUTPUT,
    }
    control.set_durations({"copying": 10})
    rekognition("CopyProjectVersion", **members)
    assert version(rekognition, copies, "copy")["Status"] == "COPYING_IN_PROGRESS"
    control.advance_clock(10)
    found = version(rekognition, copies, "copy")
    assert (found["Status"], found["SourceProjectVersionArn"]) == ("COPYING_COMPLETED", arn)
    assert rekognition.error_code("CopyProjectVersion", **members) == "ResourceInUseException"


# --- datasets


def test_a_dataset_goes_through_its_states(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    control.set_durations({"dataset": 10, "deleting": 10})
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    assert described(rekognition, dataset)["Status"] == "CREATE_IN_PROGRESS"
    assert rekognition.error_code("ListDatasetEntries", DatasetArn=dataset) == "ResourceNotReadyException"
    assert rekognition.error_code("DeleteDataset", DatasetArn=dataset) == "ResourceInUseException"
    control.advance_clock(10)
    assert described(rekognition, dataset)["Status"] == "CREATE_COMPLETE"
    change = {"DatasetArn": dataset, "Changes": {"GroundTruth": manifest_lines(3).encode()}}
    assert rekognition("UpdateDatasetEntries", **change) == {}
    assert described(rekognition, dataset)["Status"] == "UPDATE_IN_PROGRESS"
    assert rekognition.error_code("UpdateDatasetEntries", **change) == "ResourceInUseException"
    control.advance_clock(10)
    found = described(rekognition, dataset)
    assert (found["Status"], found["StatusMessageCode"]) == ("UPDATE_COMPLETE", "SUCCESS")
    assert found["DatasetStats"] == {"LabeledEntries": 3, "TotalEntries": 3, "TotalLabels": 1, "ErrorEntries": 0}
    rekognition("DeleteDataset", DatasetArn=dataset)
    control.advance_clock(10)
    assert rekognition.error_code("DescribeDataset", DatasetArn=dataset) == "ResourceNotFoundException"


def test_a_project_has_one_dataset_of_each_kind(rekognition: Rekognition, project: str) -> None:
    members = {"ProjectArn": project, "DatasetType": "TRAIN"}
    dataset = rekognition("CreateDataset", **members)["DatasetArn"]
    assert rekognition.error_code("CreateDataset", **members) == "ResourceAlreadyExistsException"
    both = {"DatasetArn": dataset, "GroundTruthManifest": {"S3Object": {"Bucket": "photos", "Name": "m"}}}
    for source in ({}, both):
        code = rekognition.error_code("CreateDataset", ProjectArn=project, DatasetType="TEST", DatasetSource=source)
        assert code == "InvalidParameterException"


def test_a_dataset_comes_from_a_manifest_or_another_dataset(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    manifest = {"GroundTruthManifest": control.put_object("photos", "train.manifest", manifest_lines(4))}
    train = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN", DatasetSource=manifest)["DatasetArn"]
    copied = {"DatasetArn": train}
    test = rekognition("CreateDataset", ProjectArn=project, DatasetType="TEST", DatasetSource=copied)["DatasetArn"]
    for dataset in (train, test):
        entries = rekognition("ListDatasetEntries", DatasetArn=dataset)["DatasetEntries"]
        assert [json.loads(entry)["source-ref"] for entry in entries] == [f"s3://photos/{n}.jpg" for n in range(4)]


def test_entries_are_filtered(rekognition: Rekognition, project: str) -> None:
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    text = f'{manifest_lines(2)}\n{{"source-ref": "s3://photos/plain.jpg"}}'.encode()
    rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": text})

    def count(**filters: object) -> int:
        return len(rekognition("ListDatasetEntries", DatasetArn=dataset, **filters)["DatasetEntries"])

    assert (count(), count(Labeled=True), count(Labeled=False)) == (3, 2, 1)
    assert (count(ContainsLabels=["dog", "cat"]), count(ContainsLabels=["cat"])) == (2, 0)
    assert (count(SourceRefContains="plain"), count(HasErrors=True)) == (1, 0)


def test_a_fifth_of_the_entries_goes_to_the_tests(rekognition: Rekognition, project: str) -> None:
    made = [
        rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"] for kind in ("TRAIN", "TEST")
    ]
    rekognition("UpdateDatasetEntries", DatasetArn=made[0], Changes={"GroundTruth": manifest_lines(20).encode()})
    pair = [{"Arn": arn} for arn in made]
    rekognition("DistributeDatasetEntries", Datasets=pair)
    assert [described(rekognition, arn)["DatasetStats"]["TotalEntries"] for arn in made] == [16, 4]
    assert rekognition.error_code("DistributeDatasetEntries", Datasets=pair) == "InvalidParameterException"


# --- policies


def test_a_policy_is_changed_by_its_revision(rekognition: Rekognition, project: str) -> None:
    members = {"ProjectArn": project, "PolicyName": "copy", "PolicyDocument": copy_policy()}
    first = rekognition("PutProjectPolicy", **members)["PolicyRevisionId"]
    assert rekognition.error_code("PutProjectPolicy", **members) == "ResourceAlreadyExistsException"
    second = rekognition("PutProjectPolicy", **members, PolicyRevisionId=first)["PolicyRevisionId"]
    assert second != first
    named = {"ProjectArn": project, "PolicyName": "copy"}
    assert rekognition.error_code("DeleteProjectPolicy", **named, PolicyRevisionId=first) == (
        "InvalidPolicyRevisionIdException"
    )
    rekognition("DeleteProjectPolicy", **named, PolicyRevisionId=second)
    assert rekognition.error_code("DeleteProjectPolicy", **named) == "ResourceNotFoundException"
