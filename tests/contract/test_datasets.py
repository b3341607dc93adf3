"""Datasets of projects: entries, labels and states."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.contract.custom_label_calls import create_dataset, describe_dataset, update_dataset
from tests.kit.request_members import (
    manifest_lines,
)

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


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


def list_entries(rekognition: Rekognition, arn: str, **filters: object) -> list[Json]:
    response = rekognition("ListDatasetEntries", DatasetArn=arn, **filters)
    return [json.loads(entry) for entry in response["DatasetEntries"]]


def test_a_dataset_goes_through_its_states(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    control.set_durations({"dataset": 10, "deleting": 10})
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    assert describe_dataset(rekognition, dataset)["Status"] == "CREATE_IN_PROGRESS"
    assert rekognition.error_code("ListDatasetEntries", DatasetArn=dataset) == "ResourceNotReadyException"
    assert rekognition.error_code("DeleteDataset", DatasetArn=dataset) == "ResourceInUseException"
    control.advance_clock(10)
    assert describe_dataset(rekognition, dataset)["Status"] == "CREATE_COMPLETE"
    change = {"DatasetArn": dataset, "Changes": {"GroundTruth": manifest_lines(3).encode()}}
    assert rekognition("UpdateDatasetEntries", **change) == {}
    assert describe_dataset(rekognition, dataset)["Status"] == "UPDATE_IN_PROGRESS"
    assert rekognition.error_code("UpdateDatasetEntries", **change) == "ResourceInUseException"
    control.advance_clock(10)
    result = describe_dataset(rekognition, dataset)
    assert (result["Status"], result["StatusMessageCode"]) == ("UPDATE_COMPLETE", "SUCCESS")
    assert result["DatasetStats"] == {"LabeledEntries": 3, "TotalEntries": 3, "TotalLabels": 1, "ErrorEntries": 0}
    rekognition("DeleteDataset", DatasetArn=dataset)
    control.advance_clock(10)
    assert rekognition.error_code("DescribeDataset", DatasetArn=dataset) == "ResourceNotFoundException"


def test_a_project_has_one_dataset_of_each_type(rekognition: Rekognition, project: str) -> None:
    members = {"ProjectArn": project, "DatasetType": "TRAIN"}
    dataset = rekognition("CreateDataset", **members)["DatasetArn"]
    assert rekognition.error_code("CreateDataset", **members) == "ResourceAlreadyExistsException"
    two_sources = {"DatasetArn": dataset, "GroundTruthManifest": {"S3Object": {"Bucket": "photos", "Name": "m"}}}
    for source in ({}, two_sources):
        code = rekognition.error_code("CreateDataset", ProjectArn=project, DatasetType="TEST", DatasetSource=source)
        assert code == "InvalidParameterException"


def test_a_dataset_is_created_from_a_manifest_or_another_dataset(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    manifest = {"GroundTruthManifest": control.put_object("photos", "train.manifest", manifest_lines(4))}
    train = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN", DatasetSource=manifest)["DatasetArn"]
    copied = {"DatasetArn": train}
    test = rekognition("CreateDataset", ProjectArn=project, DatasetType="TEST", DatasetSource=copied)["DatasetArn"]
    for dataset in (train, test):
        entries = rekognition("ListDatasetEntries", DatasetArn=dataset)["DatasetEntries"]
        assert [json.loads(entry)["source-ref"] for entry in entries] == [f"s3://photos/{n}.jpg" for n in range(4)]


def test_a_deleted_dataset_can_be_replaced(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    control.set_durations({"deleting": 10})
    arn = create_dataset(rekognition, project)
    rekognition("DeleteDataset", DatasetArn=arn)
    assert describe_dataset(rekognition, arn)["Status"] == "DELETE_IN_PROGRESS"
    control.advance_clock(10)
    assert create_dataset(rekognition, project) != arn


# --- entries and labels


def test_a_line_of_a_known_image_replaces_its_entry(rekognition: Rekognition, project: str) -> None:
    arn = create_dataset(rekognition, project, text=manifest_lines(2))
    update_dataset(rekognition, arn, manifest_lines(3).replace("dog", "cat"))
    result = list_entries(rekognition, arn)
    assert [each["source-ref"] for each in result] == [f"s3://photos/{number}.jpg" for number in range(3)]
    assert {each["kind-metadata"]["class-name"] for each in result} == {"cat"}


def test_an_entry_contains_the_error_of_its_line(rekognition: Rekognition, project: str) -> None:
    wrong = json.dumps({"source-ref": "s3://photos/x.jpg", "kind": 1, "kind-metadata": {"type": "groundtruth/other"}})
    arn = create_dataset(rekognition, project, text=f"{manifest_lines(4)}\n{wrong}")
    (result,) = list_entries(rekognition, arn, HasErrors=True)
    (error,) = result["kind-metadata"]["errors"]
    assert error["code"] == "ERROR_UNSUPPORTED_USE_CASE_TYPE"
    assert describe_dataset(rekognition, arn)["DatasetStats"]["ErrorEntries"] == 1
    assert list_entries(rekognition, arn, HasErrors=True, Labeled=True) == []  # all filters must hold


def test_an_unreadable_change_fails(rekognition: Rekognition, project: str) -> None:
    arn = create_dataset(rekognition, project, text=manifest_lines(2))
    update_dataset(rekognition, arn, "nonsense\n" * 5)
    result = describe_dataset(rekognition, arn)
    assert (result["Status"], result["StatusMessageCode"]) == ("UPDATE_FAILED", "CLIENT_ERROR")
    assert result["StatusMessage"]
    assert len(list_entries(rekognition, arn)) == 2


def test_entries_are_filtered(rekognition: Rekognition, project: str) -> None:
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    text = f'{manifest_lines(2)}\n{{"source-ref": "s3://photos/plain.jpg"}}'.encode()
    rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": text})

    def count(**filters: object) -> int:
        return len(rekognition("ListDatasetEntries", DatasetArn=dataset, **filters)["DatasetEntries"])

    assert (count(), count(Labeled=True), count(Labeled=False)) == (3, 2, 1)
    assert (count(ContainsLabels=["dog", "cat"]), count(ContainsLabels=["cat"])) == (2, 0)
    assert (count(SourceRefContains="plain"), count(HasErrors=True)) == (1, 0)


@pytest.mark.parametrize("text", ["  ", "\n", "x" * 2049])
def test_source_ref_contains_needs_text_of_valid_length(rekognition: Rekognition, project: str, text: str) -> None:
    arn = create_dataset(rekognition, project)
    code = rekognition.error_code("ListDatasetEntries", DatasetArn=arn, SourceRefContains=text)
    assert code == "ValidationException"


def test_a_label_of_whole_images_has_no_count_of_boxes(rekognition: Rekognition, project: str) -> None:
    arn = create_dataset(rekognition, project, text=manifest_lines(2))
    (label,) = rekognition("ListDatasetLabels", DatasetArn=arn)["DatasetLabelDescriptions"]
    assert label["LabelStats"] == {"EntryCount": 2}


def test_labels_are_counted_by_entries_and_boxes(rekognition: Rekognition, project: str) -> None:
    arn = create_dataset(rekognition, project, text=f"{manifest_lines(2)}\n{json.dumps(BOXES)}")
    result = rekognition("ListDatasetLabels", DatasetArn=arn)["DatasetLabelDescriptions"]
    assert {each["LabelName"]: each["LabelStats"] for each in result} == {
        "dog": {"EntryCount": 3, "BoundingBoxCount": 2},
        "cat": {"EntryCount": 1, "BoundingBoxCount": 1},
    }
    stats = describe_dataset(rekognition, arn)["DatasetStats"]
    assert stats == {"LabeledEntries": 3, "TotalEntries": 3, "TotalLabels": 2, "ErrorEntries": 0}


def test_the_status_message_names_the_manifest_of_a_dataset(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    manifest = {"GroundTruthManifest": control.put_object("photos", "train.manifest", manifest_lines(2))}
    members = {"ProjectArn": project, "DatasetType": "TRAIN", "DatasetSource": manifest}
    dataset = rekognition("CreateDataset", **members)["DatasetArn"]
    described = describe_dataset(rekognition, dataset)
    assert described["StatusMessage"] == "The dataset was successfully created from the manifest file."
    (listed,) = rekognition("DescribeProjects")["ProjectDescriptions"][0]["Datasets"]
    assert listed["StatusMessage"] == described["StatusMessage"]


# --- distribution


def test_a_fifth_of_the_entries_moves_to_the_test_dataset(rekognition: Rekognition, project: str) -> None:
    created = [
        rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"] for kind in ("TRAIN", "TEST")
    ]
    rekognition("UpdateDatasetEntries", DatasetArn=created[0], Changes={"GroundTruth": manifest_lines(20).encode()})
    pair = [{"Arn": arn} for arn in created]
    rekognition("DistributeDatasetEntries", Datasets=pair)
    assert [describe_dataset(rekognition, arn)["DatasetStats"]["TotalEntries"] for arn in created] == [16, 4]
    assert rekognition.error_code("DistributeDatasetEntries", Datasets=pair) == "InvalidParameterException"


def test_datasets_are_updating_while_entries_move(rekognition: Rekognition, control: ControlApi, project: str) -> None:
    train, test = (
        create_dataset(rekognition, project, text=manifest_lines(5)),
        create_dataset(rekognition, project, "TEST"),
    )
    control.set_durations({"dataset": 10})
    rekognition("DistributeDatasetEntries", Datasets=[{"Arn": test}, {"Arn": train}])
    for arn in (train, test):
        assert describe_dataset(rekognition, arn)["Status"] == "UPDATE_IN_PROGRESS"
        assert rekognition.error_code("ListDatasetEntries", DatasetArn=arn) == "ResourceInUseException"
        assert rekognition.error_code("DeleteDataset", DatasetArn=arn) == "ResourceInUseException"
    control.advance_clock(10)
    assert [describe_dataset(rekognition, arn)["Status"] for arn in (train, test)] == ["UPDATE_COMPLETE"] * 2
    assert [len(list_entries(rekognition, arn)) for arn in (train, test)] == [4, 1]


def test_entries_move_within_one_project(rekognition: Rekognition, project: str) -> None:
    train = create_dataset(rekognition, project, text=manifest_lines(5))
    other = rekognition("CreateProject", ProjectName="cats")["ProjectArn"]
    foreign = create_dataset(rekognition, other, "TEST")
    for pair in ((train, train), (train, foreign)):
        code = rekognition.error_code("DistributeDatasetEntries", Datasets=[{"Arn": arn} for arn in pair])
        assert code == "InvalidParameterException"
