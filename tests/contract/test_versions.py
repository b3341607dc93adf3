"""Versions of projects: training, models and copies."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.custom_label_calls import ADAPTER, copy_members, create_dataset, describe_version
from tests.kit.request_members import (
    OUTPUT,
    create_trained_version,
    manifest_lines,
    put_training_images,
)

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


def training_members(control: ControlApi, count: int = 10) -> Json:
    """Store a manifest, and return the members of a training with it."""
    location = control.put_object("photos", "train.manifest", put_training_images(control, count))
    return {"TrainingData": {"Assets": [{"GroundTruthManifest": location}]}, "TestingData": {"AutoCreate": True}}


def test_a_version_goes_through_its_states(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    control.set_durations({"training": 10, "starting": 10, "stopping": 10, "deleting": 10})
    arn = create_trained_version(rekognition, project)
    of = {"ProjectVersionArn": arn}
    calls: tuple[tuple[str, Json], ...]
    calls = ("StartProjectVersion", {"MinInferenceUnits": 1}), ("StopProjectVersion", {}), ("DeleteProjectVersion", {})

    def refused() -> list[bool]:
        """Return whether each call is refused, in states that allow no deletion."""
        checked = (
            calls if describe_version(rekognition, project)["Status"] not in ("TRAINING_COMPLETED", "STOPPED") else ()
        )
        return [rekognition.error_code(name, **of, **more) == "ResourceInUseException" for name, more in checked]

    assert describe_version(rekognition, project)["Status"] == "TRAINING_IN_PROGRESS"
    assert refused() == [True] * 3
    control.advance_clock(10)
    assert describe_version(rekognition, project)["Status"] == "TRAINING_COMPLETED"
    assert rekognition.error_code("StopProjectVersion", **of) == "ResourceInUseException"
    assert rekognition("StartProjectVersion", **of, MinInferenceUnits=1)["Status"] == "STARTING"
    assert refused() == [True] * 3
    control.advance_clock(10)
    running = describe_version(rekognition, project)
    assert (running["Status"], running["MinInferenceUnits"]) == ("RUNNING", 1)
    assert rekognition.error_code("DeleteProjectVersion", **of) == "ResourceInUseException"
    assert rekognition("StopProjectVersion", **of)["Status"] == "STOPPING"
    assert refused() == [True] * 3
    control.advance_clock(10)
    assert describe_version(rekognition, project)["Status"] == "STOPPED"
    assert rekognition("DeleteProjectVersion", **of)["Status"] == "DELETING"
    assert rekognition.error_code("StartProjectVersion", **of, MinInferenceUnits=1) == "ResourceInUseException"
    control.advance_clock(10)
    assert rekognition.error_code("StopProjectVersion", **of) == "ResourceNotFoundException"


# --- training


def test_a_version_is_trained_with_manifests_or_with_datasets(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    members = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}
    data = training_members(control)
    assert rekognition.error_code("CreateProjectVersion", **members) == "InvalidParameterException"  # with nothing
    for half in ("TrainingData", "TestingData"):
        code = rekognition.error_code("CreateProjectVersion", **members, **{half: data[half]})
        assert code == "InvalidParameterException"
    rekognition("CreateProjectVersion", **members, **data)
    result = describe_version(rekognition, project)
    assert result["Status"] == "TRAINING_COMPLETED"
    (asset,) = result["TrainingDataResult"]["Output"]["Assets"]
    assert control.get_object(asset["GroundTruthManifest"]["S3Object"]).count(b"\n") == 8  # the others are for the test
    create_dataset(rekognition, project, text=manifest_lines(2))
    code = rekognition.error_code("CreateProjectVersion", **{**members, "VersionName": "v2"}, **data)
    assert code == "InvalidParameterException"


def test_a_version_has_results_when_its_training_has_ended(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    control.set_durations({"training": 60})
    arn = create_trained_version(rekognition, project)
    assert re.fullmatch(rf"{project.rpartition('/')[0]}/version/v1/\d{{13}}", arn)
    before = describe_version(rekognition, project)
    assert not {"EvaluationResult", "BillableTrainingTimeInSeconds", "TrainingEndTimestamp"} & set(before)
    assert not {"SourceProjectVersionArn", "MinInferenceUnits", "MaxInferenceUnits"} & set(before)
    control.advance_clock(60)
    after = describe_version(rekognition, project)
    assert after["BillableTrainingTimeInSeconds"] == 60
    assert after["TrainingEndTimestamp"] - after["CreationTimestamp"] == pytest.approx(60, abs=0.01)
    assert after["EvaluationResult"]["Summary"]["S3Object"]["Bucket"] == "results"
    assert (after["Feature"], after["OutputConfig"]) == ("CUSTOM_LABELS", OUTPUT)


def test_a_failed_training_has_a_status_message(rekognition: Rekognition, project: str) -> None:
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    line = json.dumps({"source-ref": "s3://photos/a.jpg"}).encode()
    rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": line})
    rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT)
    result = describe_version(rekognition, project)
    assert result["Status"] == "TRAINING_FAILED"
    assert result["StatusMessage"]
    assert "EvaluationResult" not in result


@pytest.mark.parametrize(("prefix", "folder"), [(None, ""), ("out", "out/"), ("out/", "out/")])
def test_the_summaries_of_a_training_are_named_after_the_version(
    rekognition: Rekognition, control: ControlApi, project: str, prefix: str | None, folder: str
) -> None:
    create_dataset(rekognition, project, text=put_training_images(control))
    output = {"S3Bucket": "results", **({} if prefix is None else {"S3KeyPrefix": prefix})}
    members = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": output}
    arn = rekognition("CreateProjectVersion", **members)["ProjectVersionArn"]
    result = describe_version(rekognition, project)
    name = f"{project.split('/')[1]}-v1.json"
    evaluation = result["EvaluationResult"]["Summary"]["S3Object"]
    assert evaluation["Name"] == f"{folder}EvaluationResultSummary-{name}"
    assert result["ManifestSummary"]["S3Object"]["Name"] == f"{folder}ManifestSummary-{name}"
    document = json.loads(control.get_object(evaluation))
    assert document["EvaluationDetails"]["ProjectVersionArn"] == arn
    assert document["Version"] == 1
    assert set(document["AggregatedEvaluationResults"]) == {"ConfusionMatrix", "F1Score", "Precision", "Recall"}
    assert set(document["EvaluationDetails"]) == {
        "EvaluationEndTimestamp", "Labels", "NumberOfTestingImages", "NumberOfTrainingImages", "ProjectVersionArn",
    }  # fmt: skip
    label, other = document["LabelEvaluationResults"]
    assert {label["Label"], other["Label"]} == {"dark", "bright"}
    assert set(label) == {"Label", "Metrics", "NumberOfTestingImages"}
    assert set(label["Metrics"]) == {"F1Score", "Precision", "Recall", "Threshold"}


def test_a_training_writes_a_manifest_summary(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    arn = create_trained_version(rekognition, project)
    control.request("POST", "/versions", {"project_version_arn": arn, "f1_score": 0.75})
    result = describe_version(rekognition, project)
    assert result["EvaluationResult"]["F1Score"] == 0.75
    assert json.loads(control.get_object(result["ManifestSummary"]["S3Object"]))["statistics"]["training"][
        "valid_json_lines"
    ]


def test_a_version_name_is_unique(rekognition: Rekognition, project: str) -> None:
    create_trained_version(rekognition, project)
    again = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}
    assert rekognition.error_code("CreateProjectVersion", **again) == "ResourceInUseException"
    half: Json = {"TrainingData": {"Assets": []}}
    code = rekognition.error_code("CreateProjectVersion", **{**again, "VersionName": "v2"}, **half)
    assert code == "InvalidParameterException"


def test_a_feature_config_is_for_adapters(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    config = {"FeatureConfig": {"ContentModeration": {"ConfidenceThreshold": 70}}}
    create_dataset(rekognition, project, text=manifest_lines(10))
    members = {"VersionName": "v1", "OutputConfig": OUTPUT, **config}
    code = rekognition.error_code("CreateProjectVersion", ProjectArn=project, **members)
    assert code == "InvalidParameterException"
    adapter = rekognition("CreateProject", ProjectName="adapter", **ADAPTER)["ProjectArn"]
    create_dataset(rekognition, adapter, text=manifest_lines(10))
    rekognition("CreateProjectVersion", ProjectArn=adapter, **members, VersionDescription="It's (ours), 1-2?")
    result = describe_version(rekognition, adapter)
    assert (result["FeatureConfig"], result["Feature"]) == (config["FeatureConfig"], "CONTENT_MODERATION")
    assert (result["VersionDescription"], "BaseModelVersion" in result) == ("It's (ours), 1-2?", True)


def test_versions_are_listed_newest_first(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    create_trained_version(rekognition, project, "v1")
    for name in ("v3", "v2"):
        control.advance_clock(1)
        rekognition("CreateProjectVersion", ProjectArn=project, VersionName=name, OutputConfig=OUTPUT)

    def listed(**names: list[str]) -> list[str]:
        result = rekognition("DescribeProjectVersions", ProjectArn=project, **names)["ProjectVersionDescriptions"]
        return [each["ProjectVersionArn"].split("/")[3] for each in result]

    assert listed() == ["v2", "v3", "v1"]
    assert listed(VersionNames=["v1", "v3", "v9"]) == ["v3", "v1"]


# --- models


def test_inference_units_are_described_and_minimum_is_not_above_maximum(rekognition: Rekognition, project: str) -> None:
    arn = {"ProjectVersionArn": create_trained_version(rekognition, project)}
    code = rekognition.error_code("StartProjectVersion", **arn, MinInferenceUnits=3, MaxInferenceUnits=2)
    assert code == "InvalidParameterException"
    rekognition("StartProjectVersion", **arn, MinInferenceUnits=2, MaxInferenceUnits=3)
    result = describe_version(rekognition, project)
    assert (result["MinInferenceUnits"], result["MaxInferenceUnits"]) == (2, 3)


def test_a_failed_model_starts_again_and_a_failed_training_does_not(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    control.set_durations({"starting": 10})
    arn = {"ProjectVersionArn": create_trained_version(rekognition, project)}
    start = {**arn, "MinInferenceUnits": 1}
    rekognition("StartProjectVersion", **start)
    control.request("POST", "/versions", {"project_version_arn": arn["ProjectVersionArn"], "status": "FAILED"})
    assert describe_version(rekognition, project)["Status"] == "FAILED"
    assert rekognition.error_code("StopProjectVersion", **arn) == "ResourceInUseException"
    rekognition("StartProjectVersion", **start)
    control.advance_clock(10)
    assert describe_version(rekognition, project)["Status"] == "RUNNING"
    control.set_durations({"training": 10})
    created = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v2", OutputConfig=OUTPUT)
    control.request("POST", "/versions", {"project_version_arn": created["ProjectVersionArn"], "status": "FAILED"})
    assert describe_version(rekognition, project, "v2")["Status"] == "TRAINING_FAILED"
    assert rekognition.error_code("StartProjectVersion", **created, MinInferenceUnits=1) == "ResourceInUseException"
    assert rekognition("DeleteProjectVersion", **created)["Status"] == "DELETING"


# --- copies


def test_a_copy_is_a_separate_version(rekognition: Rekognition, control: ControlApi, project: str) -> None:
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
    assert describe_version(rekognition, copies, "copy")["Status"] == "COPYING_IN_PROGRESS"
    control.advance_clock(10)
    result = describe_version(rekognition, copies, "copy")
    assert (result["Status"], result["SourceProjectVersionArn"]) == ("COPYING_COMPLETED", arn)
    assert rekognition.error_code("CopyProjectVersion", **members) == "ResourceInUseException"


def test_a_copy_starts_only_when_it_is_complete(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    arn = create_trained_version(rekognition, project)
    control.request("POST", "/versions", {"project_version_arn": arn, "f1_score": 0.5})
    to = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    control.set_durations({"copying": 10})
    created = rekognition("CopyProjectVersion", **copy_members(project, arn, to))
    for operation, more in (("StartProjectVersion", {"MinInferenceUnits": 1}), ("DeleteProjectVersion", {})):
        assert rekognition.error_code(operation, **created, **more) == "ResourceInUseException"
    control.advance_clock(10)
    result = describe_version(rekognition, to, "copy")
    assert (result["EvaluationResult"]["F1Score"], result["SourceProjectVersionArn"]) == (0.5, arn)
    rekognition("StartProjectVersion", **created, MinInferenceUnits=1)
    assert describe_version(rekognition, to, "copy")["Status"] == "RUNNING"
    failed = rekognition("CopyProjectVersion", **copy_members(project, arn, to, "copy2"))["ProjectVersionArn"]
    control.request("POST", "/versions", {"project_version_arn": failed, "status": "FAILED"})
    assert describe_version(rekognition, to, "copy2")["Status"] == "COPYING_FAILED"


def test_a_copy_needs_a_trained_model_of_the_source_project(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    arn = create_trained_version(rekognition, project)
    to = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    adapter = rekognition("CreateProject", ProjectName="adapter", **ADAPTER)["ProjectArn"]
    adapted = create_trained_version(rekognition, adapter)
    elsewhere = [text.replace("us-east-1", "eu-west-1") for text in (project, arn)]
    for members in (
        copy_members(to, arn, to),
        copy_members(adapter, adapted, to),
        copy_members(project, arn, adapter),
        copy_members(elsewhere[0], elsewhere[1], to),
    ):
        assert rekognition.error_code("CopyProjectVersion", **members) == "InvalidParameterException"
    control.set_durations({"training": 10})
    fresh = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v2", OutputConfig=OUTPUT)
    code = rekognition.error_code("CopyProjectVersion", **copy_members(project, fresh["ProjectVersionArn"], to))
    assert code == "ResourceInUseException"
