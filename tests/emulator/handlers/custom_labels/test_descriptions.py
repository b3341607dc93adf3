"""Whole descriptions of projects, datasets and versions in each status.

These tests are few and in a module of their own, so that each of them runs for a change of any line that they execute.
"""

from __future__ import annotations

from typing import Any

from rekog import models
from rekog.emulator import Durations
from tests.kit.custom_labels import (
    OUTPUT,
    PROJECT,
    START,
    box_line,
    label_line,
    open_bench,
    put_assets,
    put_manifest,
    unlabelled_line,
)


def test_the_description_of_a_project_has_all_members_of_its_datasets() -> None:
    with open_bench(60) as bench:
        project = bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="ENABLED")
        bench.clock.advance(60)
        dataset = bench.create_dataset(project)

        def described() -> object:
            response: Any = bench.client.call("DescribeProjects", {"Features": ["CONTENT_MODERATION"]})
            return response["ProjectDescriptions"]

        of_project = {
            "ProjectArn": PROJECT,
            "CreationTimestamp": START,
            "Status": "CREATED",
            "Feature": "CONTENT_MODERATION",
            "AutoUpdate": "ENABLED",
        }
        of_dataset = {"CreationTimestamp": START + 60, "DatasetType": "TRAIN", "DatasetArn": dataset}
        creating = {"Status": "CREATE_IN_PROGRESS", "StatusMessage": "The dataset is being created."}
        assert described() == [{**of_project, "Datasets": [{**of_dataset, **creating}]}]
        bench.clock.advance(60)
        created = {
            "Status": "CREATE_COMPLETE",
            "StatusMessage": "The dataset was successfully created.",
            "StatusMessageCode": "SUCCESS",
        }
        assert described() == [{**of_project, "Datasets": [{**of_dataset, **created}]}]


def test_the_description_of_a_dataset_has_all_members() -> None:
    with open_bench(60) as bench:
        bench.create_project()
        bench.clock.advance(60)
        dataset = bench.create_dataset(PROJECT)

        def described() -> object:
            return bench.client.call("DescribeDataset", {"DatasetArn": dataset})["DatasetDescription"]

        creating = {"Status": "CREATE_IN_PROGRESS", "StatusMessage": "The dataset is being created."}
        times = {"CreationTimestamp": START + 60, "LastUpdatedTimestamp": START + 60}
        assert described() == {**times, **creating}
        bench.clock.advance(60)
        created = {
            "Status": "CREATE_COMPLETE",
            "StatusMessage": "The dataset was successfully created.",
            "StatusMessageCode": "SUCCESS",
        }
        nothing = {"LabeledEntries": 0, "TotalEntries": 0, "TotalLabels": 0, "ErrorEntries": 0}
        assert described() == {**times, "LastUpdatedTimestamp": START + 120, **created, "DatasetStats": nothing}
        lines = [label_line("a.jpg", "cat"), label_line("b.jpg", value="x"), unlabelled_line("c.jpg")]
        bench.update_dataset(dataset, *lines, box_line("d.jpg", (0, 0, 9, 9)), label_line("e.jpg", "cat"))
        counts = {"LabeledEntries": 3, "TotalEntries": 5, "TotalLabels": 2, "ErrorEntries": 1}
        updating = {"Status": "UPDATE_IN_PROGRESS", "StatusMessage": "The dataset is being updated."}
        assert described() == {**times, "LastUpdatedTimestamp": START + 120, **updating, "DatasetStats": counts}
        bench.clock.advance(60)
        bench.client.delete_dataset(dataset)
        deleting = {"Status": "DELETE_IN_PROGRESS", "StatusMessage": "The dataset is being deleted."}
        assert described() == {**times, "LastUpdatedTimestamp": START + 180, **deleting, "DatasetStats": counts}


def test_a_dataset_from_a_manifest_has_the_message_of_its_source_and_a_failed_one_its_reason() -> None:
    with open_bench() as bench:
        project = bench.create_project()
        kinds = models.DatasetType
        for kind, line, expected in (
            (kinds.TRAIN, label_line("a.jpg"), ("CREATE_COMPLETE", f"{CREATED} from the manifest file.", "SUCCESS")),
            (
                kinds.TEST,
                "no json",
                ("CREATE_FAILED", "The manifest file has too many terminal errors.", "CLIENT_ERROR"),
            ),
        ):
            source = models.DatasetSource(ground_truth_manifest=put_manifest(bench.emulator, kind, line))
            dataset = bench.client.create_dataset(project, dataset_type=kind, dataset_source=source).dataset_arn
            found = bench.describe_dataset(dataset)
            assert (found.status, found.status_message, found.status_message_code) == expected
            if found.status == "CREATE_COMPLETE":
                counts = models.DatasetStats(labeled_entries=1, total_entries=1, total_labels=1, error_entries=0)
                assert found.dataset_stats == counts


CREATED = "The dataset was successfully created"
TOO_MANY = "The manifest file has too many terminal errors."


def test_the_description_of_a_copy_has_all_members() -> None:
    with open_bench(durations=Durations(project=0, dataset=0, training=0, copying=60)) as bench:
        project = bench.create_project()
        train = models.TrainingData(
            assets=put_assets(bench.emulator, "train", *[label_line(f"{n}.jpg") for n in range(5)])
        )
        source = bench.client.create_project_version(
            project,
            version_name="v1",
            output_config=OUTPUT,
            training_data=train,
            testing_data=models.TestingData(auto_create=True),
        ).project_version_arn
        bench.describe_version(project)
        copies = bench.create_project("copies")
        version = bench.client.copy_project_version(
            source_project_arn=project,
            source_project_version_arn=source,
            destination_project_arn=copies,
            version_name="copy",
            output_config=models.OutputConfig(s3_bucket="copies"),
        ).project_version_arn

        def described() -> Any:
            response: Any = bench.client.call("DescribeProjectVersions", {"ProjectArn": copies})
            return response["ProjectVersionDescriptions"][0]

        common = {
            "ProjectVersionArn": version,
            "CreationTimestamp": START,
            "OutputConfig": {"S3Bucket": "copies"},
            "SourceProjectVersionArn": source,
            "Feature": "CUSTOM_LABELS",
        }
        copying = {"Status": "COPYING_IN_PROGRESS", "StatusMessage": "The model is being copied."}
        assert described() == {**common, **copying}
        bench.clock.advance(60)

        def place(name: str) -> dict[str, object]:
            return {"S3Object": {"Bucket": "copies", "Name": name}}

        def assets(name: str) -> dict[str, object]:
            return {"Assets": [{"GroundTruthManifest": place(f"copies/copy/{name}")}]}

        own = {"Assets": [{"GroundTruthManifest": {"S3Object": {"Bucket": "manifests", "Name": "train"}}}]}
        assert described() == {
            **common,
            "Status": "COPYING_COMPLETED",
            "StatusMessage": "The model is ready to run.",
            "ManifestSummary": place("ManifestSummary-copies-copy.json"),
            "EvaluationResult": {"Summary": place("EvaluationResultSummary-copies-copy.json")},
            "TrainingDataResult": {
                "Input": own,
                "Output": assets("training.manifest"),
                "Validation": assets("training_manifest_with_validation.json"),
            },
            "TestingDataResult": {
                "Input": {"AutoCreate": True},
                "Output": assets("testing.manifest"),
                "Validation": assets("testing_manifest_with_validation.json"),
            },
        }


def test_each_status_of_a_version_has_its_message_and_its_units() -> None:
    with open_bench(60) as bench:
        bench.create_project()
        bench.clock.advance(60)
        dataset = bench.create_dataset(PROJECT)
        bench.clock.advance(60)
        bench.update_dataset(dataset, *(label_line(f"{number}.jpg") for number in range(5)))
        bench.clock.advance(60)
        version = bench.create_version(PROJECT)
        seen: list[tuple[Any, ...]] = []

        def note() -> None:
            found = bench.describe_version(PROJECT)
            units = (found.min_inference_units, found.max_inference_units)
            seen.append((found.status, found.status_message, units))
            bench.clock.advance(60)

        note()
        note()
        bench.client.start_project_version(version, min_inference_units=1, max_inference_units=2)
        note()
        note()
        bench.client.stop_project_version(version)
        note()
        note()
        bench.client.start_project_version(version, min_inference_units=3)
        bench.emulator.declare_version(version, status="FAILED")
        note()
        bench.client.delete_project_version(version)
        note()
        assert seen == [
            ("TRAINING_IN_PROGRESS", "The model is being trained.", (None, None)),
            ("TRAINING_COMPLETED", "The model is ready to run.", (None, None)),
            ("STARTING", "The model is starting.", (1, 2)),
            ("RUNNING", "The model is running.", (1, 2)),
            ("STOPPING", "The model is stopping.", (1, 2)),
            ("STOPPED", "The model is stopped.", (1, 2)),
            ("FAILED", "Declared to be FAILED.", (3, None)),
            ("DELETING", "The model is being deleted.", (3, None)),
        ]
        assert bench.client.describe_project_versions(PROJECT).project_version_descriptions == []
