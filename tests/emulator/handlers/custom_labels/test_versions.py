"""CreateProjectVersion, DescribeProjectVersions, StartProjectVersion, StopProjectVersion, DeleteProjectVersion."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator import Limits
from rekog.emulator.handlers.custom_labels.versions import (
    VersionState,
    finish_step,
    require_adapter,
    require_model,
    version_state,
)
from rekog.emulator.refusals import RefusalError
from rekog.emulator.state import State, schedule
from rekog.errors import InvalidParameterException, WaiterFailedError
from tests.kit.contexts import context_and_worker
from tests.kit.custom_labels import (
    OUTPUT,
    PROJECT,
    START,
    UNREACHABLE_S3,
    Bench,
    assert_invalid,
    box_line,
    error_code,
    label_line,
    open_bench,
    put_assets,
    refusal,
    unlabelled_line,
)

if TYPE_CHECKING:
    from rekog.emulator.context import Context

UNKNOWN = PROJECT.replace(f"/{START}", f"/version/none/{START}")
ADAPTER = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
MARKED = [label_line(f"{number}.jpg") for number in range(10)]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


@pytest.fixture
def slow_bench() -> Iterator[Bench]:
    with open_bench(60) as opened:
        yield opened


def ready(bench: Bench, lines: list[str] | None = None) -> str:
    """Create a project with a training dataset, and wait for both."""
    project = bench.create_project()
    dataset = bench.create_dataset(project)
    bench.clock.advance(60)
    bench.update_dataset(dataset, *(MARKED if lines is None else lines))
    bench.clock.advance(60)
    return project


def train_with(bench: Bench, train: list[str], test: list[str] | None) -> models.ProjectVersionDescription:
    """Train a version with manifests, and describe it; without one for tests the service splits the other."""
    testing = models.TestingData(auto_create=True)
    if test is not None:
        testing = models.TestingData(assets=put_assets(bench.emulator, "test.manifest", *test))
    training = models.TrainingData(assets=put_assets(bench.emulator, "train.manifest", *train))
    project = bench.create_project()
    bench.client.create_project_version(
        project, version_name="v1", output_config=OUTPUT, training_data=training, testing_data=testing
    )
    return bench.describe_version(project)


def read(bench: Bench, output: Any) -> list[str]:
    """Return the lines of a file that a description names."""
    location = output.assets[0].ground_truth_manifest.s3_object
    return bench.emulator.get_object(location.bucket, location.name).decode().splitlines()


def images(lines: list[str]) -> list[str]:
    return [json.loads(line)["source-ref"].rpartition("/")[2] for line in lines]


# --- training


def test_the_arn_has_project_version_and_time(bench: Bench) -> None:
    assert bench.train_version(bench.create_project()) == PROJECT.replace(f"/{START}", f"/version/v1/{START}")


def test_training_goes_from_in_progress_to_completed(slow_bench: Bench) -> None:
    project = ready(slow_bench)
    slow_bench.create_version(project)
    statuses: list[object] = []

    def step(poll: Any) -> None:
        statuses.append(poll.response.project_version_descriptions[0].status)
        slow_bench.clock.advance(30)

    slow_bench.client.wait_until_project_version_training_completed(
        project, version_names=["v1"], delay=0, on_poll=step
    )
    assert statuses == ["TRAINING_IN_PROGRESS", "TRAINING_IN_PROGRESS", "TRAINING_COMPLETED"]


def test_a_version_in_training_has_no_results(slow_bench: Bench) -> None:
    project = ready(slow_bench)
    slow_bench.create_version(project)
    description = slow_bench.describe_version(project)
    assert description.evaluation_result is None
    assert description.billable_training_time_in_seconds is None
    assert description.training_end_timestamp is None


def test_times_of_a_training_are_those_of_the_clock(slow_bench: Bench) -> None:
    project = ready(slow_bench)
    slow_bench.create_version(project)
    start = slow_bench.clock()
    slow_bench.clock.advance(1000)
    description = slow_bench.describe_version(project)
    assert description.creation_timestamp is not None
    assert description.training_end_timestamp is not None
    assert (description.creation_timestamp.timestamp(), description.training_end_timestamp.timestamp()) == (
        start,
        start + 60,
    )
    assert description.billable_training_time_in_seconds == 60


def test_a_training_writes_its_files_below_the_prefix(bench: Bench) -> None:
    project = bench.create_project()
    bench.train_version(project)
    response: Any = bench.client.call("DescribeProjectVersions", {"ProjectArn": project})
    description = response["ProjectVersionDescriptions"][0]

    def location(name: str) -> dict[str, object]:
        return {"S3Object": {"Bucket": "results", "Name": f"out/{name}"}}

    def asset(name: str) -> dict[str, object]:
        return {"Assets": [{"GroundTruthManifest": location(f"dogs/v1/{name}")}]}

    assert description["ManifestSummary"] == location("ManifestSummary-dogs-v1.json")
    assert description["TrainingDataResult"] == {
        "Output": asset("training.manifest"),
        "Validation": asset("training_manifest_with_validation.json"),
    }
    assert description["EvaluationResult"] == {"Summary": location("EvaluationResultSummary-dogs-v1.json")}


def test_a_version_without_a_declared_f1_score_has_none(bench: Bench) -> None:
    project = bench.create_project()
    bench.train_version(project)
    evaluation = bench.describe_version(project).evaluation_result
    assert evaluation is not None
    assert evaluation.f1_score is None
    summary = json.loads(bench.emulator.get_object("results", "out/EvaluationResultSummary-dogs-v1.json"))
    scores = dict.fromkeys(("F1Score", "Precision", "Recall"))
    assert summary["AggregatedEvaluationResults"] == {"ConfusionMatrix": [], **scores}
    assert [label["Metrics"] for label in summary["LabelEvaluationResults"]] == [{**scores, "Threshold": None}]


def test_the_summary_of_an_evaluation_has_the_counts_of_images_and_labels(slow_bench: Bench) -> None:
    train = [label_line(f"{number}.jpg", "cat" if number % 3 else "dog") for number in range(10)]
    project = slow_bench.create_project()
    training, test = slow_bench.create_dataset(project), slow_bench.create_dataset(project, "TEST")
    slow_bench.clock.advance(60)
    slow_bench.update_dataset(training, *train)
    slow_bench.update_dataset(test, label_line("a.jpg"), label_line("b.jpg"), label_line("c.jpg", "fox"))
    slow_bench.clock.advance(60)
    version = slow_bench.create_version(project)
    summary = json.loads(slow_bench.emulator.get_object("results", "out/EvaluationResultSummary-dogs-v1.json"))
    assert summary["EvaluationDetails"] == {
        "EvaluationEndTimestamp": "2023-11-14T22:16:20",  # three minutes after START: creation, update, training
        "Labels": ["cat", "dog", "fox"],
        "NumberOfTestingImages": 3,
        "NumberOfTrainingImages": 10,
        "ProjectVersionArn": version,
    }
    tested = {label["Label"]: label["NumberOfTestingImages"] for label in summary["LabelEvaluationResults"]}
    assert tested == {"cat": 0, "dog": 2, "fox": 1}


def test_a_description_has_the_declared_f1_score(bench: Bench) -> None:
    project = bench.create_project()
    bench.emulator.declare_version(bench.train_version(project), f1_score=0.75)
    evaluation = bench.describe_version(project).evaluation_result
    assert evaluation is not None
    assert evaluation.f1_score == 0.75


def test_a_training_without_a_test_dataset_splits_off_a_fifth(bench: Bench) -> None:
    project = bench.create_project()
    bench.train_version(project)
    description = bench.describe_version(project)
    assert description.training_data_result is not None
    assert description.testing_data_result is not None
    assert len(read(bench, description.training_data_result.output)) == 8
    assert images(read(bench, description.testing_data_result.output)) == ["4.jpg", "9.jpg"]


def test_the_maximum_of_inference_units_may_equal_the_minimum(bench: Bench) -> None:
    project = bench.create_project()
    bench.client.start_project_version(bench.train_version(project), min_inference_units=2, max_inference_units=2)
    description = bench.describe_version(project)
    assert (description.min_inference_units, description.max_inference_units) == (2, 2)


def test_a_training_uses_the_datasets_as_they_are_at_its_start(slow_bench: Bench) -> None:
    project = ready(slow_bench)
    train = str(slow_bench.client.describe_projects().project_descriptions[0].datasets[0].dataset_arn)
    test = slow_bench.create_dataset(project, "TEST")
    slow_bench.clock.advance(60)
    slow_bench.client.distribute_dataset_entries(
        [models.DistributeDataset(arn=train), models.DistributeDataset(arn=test)]
    )
    slow_bench.clock.advance(60)
    slow_bench.create_version(project)
    slow_bench.update_dataset(train, label_line("late.jpg"))
    slow_bench.clock.advance(60)
    description = slow_bench.describe_version(project)
    assert description.status == "TRAINING_COMPLETED"
    assert description.training_data_result is not None
    assert "late.jpg" not in images(read(slow_bench, description.training_data_result.output))


def test_manifests_train_a_project_without_datasets(bench: Bench) -> None:
    description = train_with(bench, MARKED, [label_line("test.jpg")])
    assert description.status == "TRAINING_COMPLETED"
    assert description.training_data_result is not None
    assert description.training_data_result.input == models.TrainingData(
        assets=put_assets(bench.emulator, "train.manifest", *MARKED)
    )
    assert description.testing_data_result is not None
    assert images(read(bench, description.testing_data_result.output)) == ["test.jpg"]


def test_auto_create_splits_the_test_data_off_the_training_data(bench: Bench) -> None:
    description = train_with(bench, MARKED, None)
    assert description.testing_data_result is not None
    assert description.testing_data_result.input == models.TestingData(auto_create=True)
    assert images(read(bench, description.testing_data_result.output)) == ["4.jpg", "9.jpg"]


def test_images_without_labels_are_ignored_and_counted(bench: Bench) -> None:
    train_with(
        bench, [*MARKED, unlabelled_line("none.jpg"), box_line("bad.jpg", (-5, 0, 50, 50))], [label_line("test.jpg")]
    )
    summary = json.loads(bench.emulator.get_object("results", "out/ManifestSummary-dogs-v1.json"))
    assert summary["statistics"]["training"] == {
        "use_case": "IMAGE_LEVEL_LABELS",
        "total_json_lines": 12,
        "valid_json_lines": 10,
        "invalid_json_lines": 1,
        "ignored_json_lines": 1,
        "error_json_line_indices": [12],
        "errors": [],
    }


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([unlabelled_line("a.jpg"), unlabelled_line("b.jpg")], "The training data have no labeled images."),
        (["no json", *MARKED[:2]], "The manifest file has too many terminal errors."),
        ([box_line("bad.jpg", (-5, 0, 50, 50)), *MARKED[:2]], "The manifest file contains too many invalid rows."),
        ([" "], "The manifest file extension or contents are invalid."),
    ],
)
def test_a_training_with_unusable_data_fails(bench: Bench, lines: list[str], message: str) -> None:
    description = train_with(bench, lines, [label_line("test.jpg")])
    assert (description.status, description.status_message) == ("TRAINING_FAILED", message)
    assert description.evaluation_result is None
    assert description.billable_training_time_in_seconds is None


def test_a_missing_manifest_fails_the_training_and_not_the_request(bench: Bench) -> None:
    missing = models.GroundTruthManifest(s3_object=models.S3Object(bucket="manifests", name="none"))
    training = models.TrainingData(assets=[models.Asset(ground_truth_manifest=missing)])
    project, testing = bench.create_project(), models.TestingData(auto_create=True)
    bench.client.create_project_version(
        project, version_name="v1", output_config=OUTPUT, training_data=training, testing_data=testing
    )
    with pytest.raises(WaiterFailedError, match=r"The manifest file can't be read\."):
        bench.client.wait_until_project_version_training_completed(project, delay=0)


def test_a_manifest_over_the_limit_fails_the_training() -> None:
    with open_bench(limits=Limits(manifest_bytes=10)) as bench:
        description = train_with(bench, MARKED, None)
    assert (description.status, description.status_message) == (
        "TRAINING_FAILED",
        "The manifest file size exceeds the maximum supported size.",
    )


def test_a_training_whose_files_cannot_be_written_fails() -> None:
    with open_bench(s3_endpoint=UNREACHABLE_S3) as bench:
        bench.train_version(bench.create_project())
        description = bench.describe_version(PROJECT)
    assert (description.status, description.status_message) == (
        "TRAINING_FAILED",
        "The output can't be written to the bucket.",
    )


@pytest.mark.parametrize("given", ["TrainingData", "TestingData"])
def test_training_data_and_testing_data_are_given_together(bench: Bench, given: str) -> None:
    wire = {"ProjectArn": bench.create_project(), "VersionName": "v1", "OutputConfig": {"S3Bucket": "out"}, given: {}}
    assert_invalid(lambda: bench.client.call("CreateProjectVersion", wire), "given together or not at all")


def test_a_project_with_datasets_is_not_trained_with_manifests(bench: Bench) -> None:
    project = bench.create_project()
    bench.create_dataset(project)
    training = models.TrainingData(assets=put_assets(bench.emulator, "train.manifest", *MARKED))
    testing = models.TestingData(auto_create=True)
    with pytest.raises(InvalidParameterException):
        bench.client.create_project_version(
            project, version_name="v1", output_config=OUTPUT, training_data=training, testing_data=testing
        )


@pytest.mark.parametrize(("assets", "split"), [(None, None), (None, False), ([models.Asset()], True)])
def test_testing_data_must_have_either_assets_or_auto_create(
    bench: Bench, assets: list[models.Asset] | None, split: bool | None
) -> None:
    training = models.TrainingData(assets=[models.Asset()])
    testing = models.TestingData(assets=assets, auto_create=split)
    project = bench.create_project()
    with pytest.raises(InvalidParameterException):
        bench.client.create_project_version(
            project, version_name="v1", output_config=OUTPUT, training_data=training, testing_data=testing
        )


def test_a_project_without_data_cannot_be_trained(bench: Bench) -> None:
    assert_invalid(lambda: bench.create_version(bench.create_project()), "has no training dataset")


def test_a_dataset_that_is_busy_is_in_use_for_a_training(slow_bench: Bench) -> None:
    project = slow_bench.create_project()
    dataset = slow_bench.create_dataset(project)
    busy = ("ResourceInUseException", f"{dataset} is CREATE_IN_PROGRESS.")
    assert refusal(lambda: slow_bench.create_version(project)) == busy


def test_an_output_config_without_a_bucket_is_refused(bench: Bench) -> None:
    project = bench.create_project()
    assert_invalid(
        lambda: bench.client.create_project_version(project, version_name="v1", output_config=models.OutputConfig()),
        "OutputConfig must have an S3Bucket",
    )


def test_a_second_version_of_a_name_is_refused(bench: Bench) -> None:
    project = bench.create_project()
    bench.train_version(project)
    assert refusal(lambda: bench.create_version(project)) == (
        "ResourceInUseException",
        f"{project} has a version named v1.",
    )


def test_a_version_over_the_quota_is_refused() -> None:
    with open_bench(limits=Limits(versions_per_project=1)) as bench:
        project = bench.create_project()
        bench.train_version(project)
        assert error_code(lambda: bench.create_version(project, "v2")) == "ServiceQuotaExceededException"


def test_feature_config_is_for_adapters_only(bench: Bench) -> None:
    config = models.CustomizationFeatureConfig(
        content_moderation=models.CustomizationFeatureContentModerationConfig(confidence_threshold=60)
    )
    project = bench.create_project()
    assert_invalid(
        lambda: bench.client.create_project_version(
            project, version_name="v1", output_config=OUTPUT, feature_config=config
        ),
        "FeatureConfig is only allowed",
    )
    adapters = bench.create_project("adapters", **ADAPTER)
    bench.create_dataset(adapters, lines=MARKED)
    bench.client.create_project_version(
        adapters,
        version_name="v1",
        output_config=OUTPUT,
        feature_config=config,
        kms_key_id="key",
        version_description="Adapter (2026)",
    )
    description = bench.describe_version(adapters)
    assert (description.feature_config, description.kms_key_id, description.version_description) == (
        config,
        "key",
        "Adapter (2026)",
    )
    assert (description.feature, description.base_model_version) == ("CONTENT_MODERATION", "7.0")


# --- description


def test_versions_are_listed_newest_first_and_by_name(bench: Bench) -> None:
    project = bench.create_project()
    bench.train_version(project, "b")
    for name in ("c", "a"):
        bench.create_version(project, name)

    def names(**filters: list[str]) -> list[str]:
        pages = bench.client.paginate_describe_project_versions(project, page_size=2, **filters)  # type: ignore[arg-type]  # pagers' options
        return [str(version.project_version_arn).split("/")[3] for version in pages]

    assert names() == ["a", "c", "b"]
    assert names(version_names=["b", "x", "a"]) == ["a", "b"]


def test_a_token_of_another_project_is_refused(bench: Bench) -> None:
    project = bench.create_project()
    bench.train_version(project)
    bench.create_version(project, "v2")
    token = bench.client.describe_project_versions(project, max_results=1).next_token
    other = bench.create_project("cats")
    assert (
        error_code(lambda: bench.client.describe_project_versions(other, next_token=token))
        == "InvalidPaginationTokenException"
    )


def test_the_versions_of_an_unknown_project_are_not_found(bench: Bench) -> None:
    assert error_code(lambda: bench.client.describe_project_versions(PROJECT)) == "ResourceNotFoundException"


# --- running


def test_a_trained_model_starts_runs_and_stops(slow_bench: Bench) -> None:
    project = ready(slow_bench)
    version = slow_bench.create_version(project)
    slow_bench.clock.advance(60)
    assert (
        slow_bench.client.start_project_version(version, min_inference_units=2, max_inference_units=3).status
        == "STARTING"
    )
    slow_bench.client.wait_until_project_version_running(
        project, version_names=["v1"], delay=0, on_poll=slow_bench.advance_on_poll
    )
    description = slow_bench.describe_version(project)
    assert (description.min_inference_units, description.max_inference_units) == (2, 3)
    assert slow_bench.client.stop_project_version(version).status == "STOPPING"
    slow_bench.client.wait_until_project_version_stopped(
        project, version_names=["v1"], delay=0, on_poll=slow_bench.advance_on_poll
    )
    slow_bench.client.start_project_version(version, min_inference_units=1)
    description = slow_bench.describe_version(project)
    assert (description.status, description.min_inference_units, description.max_inference_units) == (
        "STARTING",
        1,
        None,
    )


def test_without_durations_each_step_is_done_at_the_next_poll(bench: Bench) -> None:
    project = bench.create_project()
    version = bench.train_version(project)
    bench.client.start_project_version(version, min_inference_units=1)
    bench.client.wait_until_project_version_running(project, delay=0, max_attempts=1)
    bench.client.stop_project_version(version)
    bench.client.wait_until_project_version_stopped(project, delay=0, max_attempts=1)


def test_fewer_maximum_than_minimum_inference_units_are_refused(bench: Bench) -> None:
    version = bench.train_version(bench.create_project())
    assert_invalid(
        lambda: bench.client.start_project_version(version, min_inference_units=2, max_inference_units=1),
        "MaxInferenceUnits must not be less than MinInferenceUnits",
    )


@pytest.mark.parametrize("operation", ["StartProjectVersion", "StopProjectVersion", "DeleteProjectVersion"])
def test_an_unknown_version_is_not_found(bench: Bench, operation: str) -> None:
    wire = {"ProjectVersionArn": UNKNOWN, **({"MinInferenceUnits": 1} if operation.startswith("Start") else {})}
    assert error_code(lambda: bench.client.call(operation, wire)) == "ResourceNotFoundException"


def test_an_adapter_is_neither_started_nor_stopped(bench: Bench) -> None:
    project = bench.create_project(**ADAPTER)
    version = bench.train_version(project)
    assert_invalid(lambda: bench.client.start_project_version(version, min_inference_units=1), "is an adapter")
    assert_invalid(lambda: bench.client.stop_project_version(version), "is an adapter")


def test_a_deleted_version_is_gone_after_the_duration(slow_bench: Bench) -> None:
    project = ready(slow_bench)
    version = slow_bench.create_version(project)
    slow_bench.clock.advance(60)
    assert slow_bench.client.delete_project_version(version).status == "DELETING"
    assert slow_bench.version_status(project) == "DELETING"
    slow_bench.clock.advance(60)
    assert slow_bench.client.describe_project_versions(project).project_version_descriptions == []


ALLOWED = {
    "TRAINING_IN_PROGRESS": [],
    "TRAINING_COMPLETED": ["Start", "Delete"],
    "TRAINING_FAILED": ["Delete"],
    "STARTING": [],
    "RUNNING": ["Stop"],
    "STOPPING": [],
    "STOPPED": ["Start", "Delete"],
    "FAILED": ["Start", "Delete"],
    "DELETING": [],
}


def version_with_status(slow_bench: Bench, status: str) -> str:
    """Return a version with a status."""
    version = slow_bench.create_version(ready(slow_bench))
    if status == "TRAINING_FAILED":
        slow_bench.emulator.declare_version(version, status="FAILED")
    elif status != "TRAINING_IN_PROGRESS":
        slow_bench.clock.advance(60)
    if status in ("STARTING", "RUNNING", "STOPPING", "STOPPED", "FAILED"):
        slow_bench.client.start_project_version(version, min_inference_units=1)
    if status in ("RUNNING", "STOPPING", "STOPPED"):
        slow_bench.clock.advance(60)
    if status in ("STOPPING", "STOPPED"):
        slow_bench.client.stop_project_version(version)
    if status == "STOPPED":
        slow_bench.clock.advance(60)
    if status == "FAILED":
        slow_bench.emulator.declare_version(version, status="FAILED")
    if status == "DELETING":
        slow_bench.client.delete_project_version(version)
    return version


@pytest.mark.parametrize("status", ALLOWED)
@pytest.mark.parametrize("verb", ["Start", "Stop", "Delete"])
def test_a_call_with_the_wrong_status_is_refused(slow_bench: Bench, status: str, verb: str) -> None:
    version = version_with_status(slow_bench, status)
    assert slow_bench.version_status(PROJECT) == status
    wire = {"ProjectVersionArn": version, **({"MinInferenceUnits": 1} if verb == "Start" else {})}
    if verb in ALLOWED[status]:
        slow_bench.client.call(f"{verb}ProjectVersion", wire)
    else:
        assert refusal(lambda: slow_bench.client.call(f"{verb}ProjectVersion", wire)) == (
            "ResourceInUseException",
            f"{version} is {status}.",
        )


@pytest.mark.parametrize("status", ALLOWED)
def test_a_failure_is_declared_of_a_step_or_a_running_version_only(slow_bench: Bench, status: str) -> None:
    version = version_with_status(slow_bench, status)
    assert slow_bench.version_status(PROJECT) == status  # does the step that is due
    after = {"TRAINING_IN_PROGRESS": "TRAINING_FAILED", "STARTING": "FAILED", "RUNNING": "FAILED"}.get(status)
    if after is None:
        with pytest.raises(ValueError, match=f"that is {status} can't become FAILED"):
            slow_bench.emulator.declare_version(version, status="FAILED", message="declared")
    else:
        slow_bench.emulator.declare_version(version, status="FAILED", message="declared")
        described = slow_bench.describe_version(PROJECT)
        assert (described.status, described.status_message) == (after, "declared")
        slow_bench.clock.advance(60)
        assert slow_bench.version_status(PROJECT) == after


@pytest.mark.slow
@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["Start", "Stop", "Delete", "wait"]), max_size=12))
def test_any_sequence_of_calls_ends_with_the_status_of_the_table(calls: list[str]) -> None:
    steps = {"Start": ("STARTING", "RUNNING"), "Stop": ("STOPPING", "STOPPED"), "Delete": ("DELETING", None)}
    with open_bench(60) as slow_bench:
        version = version_with_status(slow_bench, "TRAINING_COMPLETED")
        state: str | None = "TRAINING_COMPLETED"
        for call in calls:
            if call == "wait":
                slow_bench.clock.advance(60)
                state = dict(steps.values()).get(str(state), state)
                continue
            wire = {"ProjectVersionArn": version, **({"MinInferenceUnits": 1} if call == "Start" else {})}
            if state is not None and call in ALLOWED[state]:
                state = steps[call][0]
                assert slow_bench.client.call(f"{call}ProjectVersion", wire) == {"Status": state}
            else:
                expected = "ResourceNotFoundException" if state is None else "ResourceInUseException"
                assert error_code(lambda: slow_bench.client.call(f"{call}ProjectVersion", wire)) == expected  # noqa: B023 (now)
        versions = slow_bench.client.describe_project_versions(PROJECT).project_version_descriptions
        assert [version.status for version in versions] == ([] if state is None else [state])


# --- declarations


def test_a_training_that_is_declared_to_fail_ends_its_waiter(slow_bench: Bench) -> None:
    project = ready(slow_bench)
    slow_bench.emulator.declare_version(slow_bench.create_version(project), status="FAILED", message="out of luck")
    with pytest.raises(WaiterFailedError, match="out of luck"):
        slow_bench.client.wait_until_project_version_training_completed(project, delay=0)
    slow_bench.clock.advance(60)
    assert slow_bench.version_status(project) == "TRAINING_FAILED"


def test_a_message_with_half_a_surrogate_pair_is_refused(slow_bench: Bench) -> None:
    version = slow_bench.create_version(ready(slow_bench))
    with pytest.raises(ValueError, match="message must be text, without half a surrogate pair"):
        slow_bench.emulator.declare_version(version, status="FAILED", message="\ud800")


def test_a_start_that_is_declared_to_fail_ends_its_waiter(bench: Bench) -> None:
    project = bench.create_project()
    version = bench.train_version(project)
    bench.client.start_project_version(version, min_inference_units=1)
    bench.emulator.declare_version(version, status="FAILED")
    with pytest.raises(WaiterFailedError):
        bench.client.wait_until_project_version_running(project, delay=0)


def test_a_declared_failure_precedes_the_step_that_is_due_at_the_same_time(bench: Bench) -> None:
    project = bench.create_project()
    bench.create_dataset(project, lines=MARKED)
    version = bench.create_version(project)  # its training is due already: it takes no time
    bench.emulator.declare_version(version, status="FAILED")
    assert bench.version_status(project) == "TRAINING_FAILED"
    other = bench.create_version(project, "v2")
    bench.client.start_project_version(other, min_inference_units=1)
    bench.emulator.declare_version(other, status="FAILED")
    assert bench.version_status(project, "v2") == "FAILED"


def test_the_manifests_of_a_training_are_joined_with_the_counts_of_all(bench: Bench) -> None:
    lines = [[*MARKED[:5], "no json"], [*MARKED[3:], "neither"], [label_line("last.jpg")]]
    assets = [put_assets(bench.emulator, f"{number}.manifest", *each)[0] for number, each in enumerate(lines)]
    project = bench.create_project()
    bench.client.create_project_version(
        project,
        version_name="v1",
        output_config=OUTPUT,
        training_data=models.TrainingData(assets=assets),
        testing_data=models.TestingData(assets=put_assets(bench.emulator, "test.manifest", label_line("test.jpg"))),
    )
    assert bench.version_status(project) == "TRAINING_COMPLETED"
    summary = json.loads(bench.emulator.get_object("results", "out/ManifestSummary-dogs-v1.json"))
    counts = summary["statistics"]["training"]
    # an image that two manifests have counts once
    assert (counts["total_json_lines"], counts["valid_json_lines"], counts["invalid_json_lines"]) == (13, 11, 2)


def test_an_adapter_becomes_deprecated_and_expired(bench: Bench) -> None:
    project = bench.create_project(**ADAPTER)
    version = bench.train_version(project)
    bench.emulator.declare_version(version, status="DEPRECATED")
    assert bench.version_status(project) == "DEPRECATED"
    bench.emulator.declare_version(version, status="EXPIRED")
    assert bench.version_status(project) == "EXPIRED"
    bench.client.delete_project_version(version)


def test_impossible_declarations_are_refused(bench: Bench) -> None:
    version = bench.train_version(bench.create_project())
    adapter = bench.train_version(bench.create_project("adapters", **ADAPTER))

    def error(arn: str, **declared: Any) -> str:
        with pytest.raises((ValueError, LookupError)) as caught:
            bench.emulator.declare_version(arn, **declared)
        return str(caught.value)

    of_model = "a version of CUSTOM_LABELS that is TRAINING_COMPLETED can't become"
    for status in ("EXPIRED", "DEPRECATED", "FAILED"):
        assert error(version, status=status) == f"{of_model} {status}"
    assert error(adapter, status="FAILED") == (
        "a version of CONTENT_MODERATION that is TRAINING_COMPLETED can't become FAILED"
    )
    bench.emulator.declare_version(adapter, status="EXPIRED")
    assert error(adapter, status="DEPRECATED") == (
        "a version of CONTENT_MODERATION that is EXPIRED can't become DEPRECATED"
    )
    assert error(version, f1_score=2) == "f1_score must be a number from 0 to 1, not 2"
    assert error(version, f1_score=-0.5) == "f1_score must be a number from 0 to 1, not -0.5"
    assert error(UNKNOWN, f1_score=1) == f"there is no version {UNKNOWN}"


@pytest.mark.parametrize("score", [0, 1])
def test_the_bounds_of_the_f1_score_can_be_declared(bench: Bench, score: float) -> None:
    project = bench.create_project()
    bench.emulator.declare_version(bench.train_version(project), f1_score=score)
    evaluation = bench.describe_version(project).evaluation_result
    assert evaluation is not None
    assert evaluation.f1_score == score


@pytest.mark.parametrize("message", [None, "out of luck"])
def test_a_declared_status_has_its_message_and_the_time_if_it_ends_a_training(
    slow_bench: Bench, message: str | None
) -> None:
    project = ready(slow_bench)
    version = slow_bench.create_version(project)
    slow_bench.clock.advance(7)
    slow_bench.emulator.declare_version(version, status="FAILED", message=message)
    described = slow_bench.describe_version(project)
    assert described.status_message == (message or "Declared to be TRAINING_FAILED.")
    assert described.training_end_timestamp is not None
    assert described.training_end_timestamp.timestamp() == slow_bench.clock()


# --- checks for other operations


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[Bench, Context]]:
    """An emulator, and the context of a handler with the same state."""
    with open_bench(data=tmp_path) as bench, closing(State(tmp_path)) as state:
        yield bench, context_and_worker(state, bench.clock)[0]


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(RefusalError) as caught:
        call()
    return str(caught.value)


def test_a_model_can_be_used_only_while_it_runs(shared: tuple[Bench, Context]) -> None:
    bench, context = shared
    version = bench.train_version(bench.create_project())
    assert refused(lambda: require_model(context, version)) == (
        f"ResourceNotReadyException: {version} is TRAINING_IN_PROGRESS, not RUNNING."
    )
    bench.client.start_project_version(version, min_inference_units=1)
    bench.describe_version(PROJECT)
    assert require_model(context, version) == VersionState(version, "CUSTOM_LABELS", "RUNNING")
    assert refused(lambda: require_adapter(context, version)) == (
        f"InvalidParameterException: {version} is a model: use it with DetectCustomLabels."
    )


def test_an_adapter_can_be_used_after_its_training_until_it_expires(shared: tuple[Bench, Context]) -> None:
    bench, context = shared
    version = bench.train_version(bench.create_project(**ADAPTER))
    assert refused(lambda: require_adapter(context, version)) == (
        f"ResourceNotReadyException: {version} is TRAINING_IN_PROGRESS."
    )
    bench.describe_version(PROJECT)
    assert require_adapter(context, version) == version
    bench.emulator.declare_version(version, status="DEPRECATED")
    assert require_adapter(context, version) == version
    bench.emulator.declare_version(version, status="EXPIRED")
    assert require_adapter(context, version) is None
    assert refused(lambda: require_model(context, version)) == (
        f"InvalidParameterException: {version} is an adapter: use it with DetectModerationLabels."
    )


def test_the_state_of_an_unknown_version_is_refused(shared: tuple[Bench, Context]) -> None:
    with pytest.raises(RefusalError, match="ResourceNotFoundException"):
        version_state(shared[1], UNKNOWN)


def test_a_step_that_two_threads_find_due_is_done_once(shared: tuple[Bench, Context]) -> None:
    bench, context = shared
    version = bench.train_version(bench.create_project())
    bench.client.start_project_version(version, min_inference_units=1)
    with context.state.read() as connection:
        late = schedule.next_due(connection, bench.clock())
    assert late is not None
    bench.client.stop_project_version(version)  # this request does the step
    bench.describe_version(PROJECT)
    bench.client.start_project_version(version, min_inference_units=1)
    finish_step(context, late)  # the other thread, which found the same step
    assert version_state(context, version).status == "STARTING"


def test_versions_and_datasets_survive_a_restart(tmp_path: Path) -> None:
    with open_bench(data=tmp_path) as bench:
        bench.train_version(bench.create_project())
        before = bench.describe_version(PROJECT)
    with open_bench(data=tmp_path) as bench:
        assert bench.describe_version(PROJECT) == before
        assert (
            bench.client.start_project_version(str(before.project_version_arn), min_inference_units=1).status
            == "STARTING"
        )
