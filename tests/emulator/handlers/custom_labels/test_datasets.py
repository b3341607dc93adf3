"""Operations on datasets: create, describe, list entries and labels, update, distribute, delete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator import Limits
from rekog.errors import (
    InvalidS3ObjectException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    WaiterFailedError,
)
from tests.kit.custom_labels import (
    PROJECT,
    START,
    Bench,
    assert_invalid,
    box_line,
    error_code,
    label_line,
    open_bench,
    put_manifest,
    refusal,
    unlabelled_line,
)

TRAIN = PROJECT.replace(f"/{START}", f"/dataset/train/{START}")
TEST = TRAIN.replace("train", "test")


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


@pytest.fixture
def slow_bench() -> Iterator[Bench]:
    with open_bench(60) as opened:
        yield opened


def stats(bench: Bench, dataset: str) -> tuple[int | None, ...]:
    """Return the numbers of entries, labeled entries, entries with errors, and labels."""
    counts = bench.describe_dataset(dataset).dataset_stats
    assert counts is not None
    return counts.total_entries, counts.labeled_entries, counts.error_entries, counts.total_labels


def labels(bench: Bench, dataset: str, size: int | None = None) -> dict[str, tuple[int | None, int | None]]:
    """Return the labels with their numbers of entries and of boxes."""
    counts: dict[str, tuple[int | None, int | None]] = {}
    for item in bench.client.paginate_list_dataset_labels(dataset, page_size=size):
        assert item.label_stats is not None
        counts[str(item.label_name)] = (item.label_stats.entry_count, item.label_stats.bounding_box_count)
    return counts


def images(lines: list[str]) -> list[str]:
    return [json.loads(line)["source-ref"].rpartition("/")[2] for line in lines]


def distribute(bench: Bench, *arns: str) -> None:
    bench.client.distribute_dataset_entries([models.DistributeDataset(arn=arn) for arn in arns])


def pair(bench: Bench, count: int) -> tuple[str, str]:
    """Create a training dataset with `count` images, and an empty test dataset."""
    project = bench.create_project()
    lines = [label_line(f"{number}.jpg") for number in range(count)]
    return bench.create_dataset(project, lines=lines or None), bench.create_dataset(project, "TEST")


# --- create


def test_the_arn_has_project_type_and_time(bench: Bench) -> None:
    project = bench.create_project()
    assert (bench.create_dataset(project, "TRAIN"), bench.create_dataset(project, "TEST")) == (TRAIN, TEST)


def test_a_dataset_without_a_source_is_empty(bench: Bench) -> None:
    dataset = bench.create_dataset(bench.create_project())
    assert stats(bench, dataset) == (0, 0, 0, 0)
    assert bench.list_entries(dataset) == []


def test_creation_goes_from_in_progress_to_complete(slow_bench: Bench) -> None:
    dataset = slow_bench.create_dataset(slow_bench.create_project())
    description = slow_bench.describe_dataset(dataset)
    assert description.status == "CREATE_IN_PROGRESS"
    assert (description.status_message_code, description.dataset_stats) == (None, None)
    slow_bench.client.wait_until_dataset_ready(dataset, delay=0, on_poll=slow_bench.advance_on_poll)
    description = slow_bench.describe_dataset(dataset)
    assert (description.status, description.status_message_code) == ("CREATE_COMPLETE", "SUCCESS")
    assert description.creation_timestamp is not None
    assert description.last_updated_timestamp is not None
    assert (description.last_updated_timestamp - description.creation_timestamp).total_seconds() == 60


def test_a_project_has_one_dataset_of_a_type(bench: Bench) -> None:
    project = bench.create_project()
    bench.create_dataset(project)
    assert refusal(lambda: bench.create_dataset(project)) == (
        "ResourceAlreadyExistsException",
        f"A TRAIN dataset of {project} already exists.",
    )


def test_one_of_many_threads_creates_the_dataset(bench: Bench) -> None:
    project = bench.create_project()

    def create(number: int) -> bool:
        try:
            bench.create_dataset(project)
        except ResourceAlreadyExistsException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(16))) == 1


def test_a_dataset_for_an_unknown_project_is_refused(bench: Bench) -> None:
    assert error_code(lambda: bench.create_dataset(PROJECT)) == "ResourceNotFoundException"


@pytest.mark.parametrize("both", [True, False])
def test_a_source_is_either_a_manifest_or_a_dataset(bench: Bench, both: bool) -> None:
    source = models.DatasetSource()
    if both:
        source = models.DatasetSource(dataset_arn=TRAIN, ground_truth_manifest=models.GroundTruthManifest())
    project = bench.create_project()
    assert_invalid(
        lambda: bench.client.create_dataset(project, dataset_type="TRAIN", dataset_source=source),
        "either GroundTruthManifest or DatasetArn",
    )


def test_a_dataset_is_filled_from_a_manifest(bench: Bench) -> None:
    lines = [label_line("a.jpg"), unlabelled_line("b.jpg")]
    source = models.DatasetSource(ground_truth_manifest=put_manifest(bench.emulator, "train.manifest", *lines))
    bench.client.create_dataset(bench.create_project(), dataset_type="TRAIN", dataset_source=source)
    assert bench.list_entries(TRAIN) == lines
    assert stats(bench, TRAIN) == (2, 1, 0, 1)


@pytest.mark.parametrize(
    "location", [None, models.S3Object(bucket="manifests"), models.S3Object(bucket="m.b", name="k")]
)
def test_a_missing_manifest_is_an_invalid_object(bench: Bench, location: models.S3Object | None) -> None:
    source = models.DatasetSource(ground_truth_manifest=models.GroundTruthManifest(s3_object=location))
    project = bench.create_project()
    with pytest.raises(InvalidS3ObjectException):
        bench.client.create_dataset(project, dataset_type="TRAIN", dataset_source=source)
    with pytest.raises(ResourceNotFoundException):
        bench.client.describe_dataset(TRAIN)


def test_an_invalid_manifest_fails_the_creation(bench: Bench) -> None:
    source = models.DatasetSource(ground_truth_manifest=put_manifest(bench.emulator, "train.manifest", "no json"))
    dataset = bench.client.create_dataset(
        bench.create_project(), dataset_type="TRAIN", dataset_source=source
    ).dataset_arn
    with pytest.raises(WaiterFailedError, match=r"The manifest file has too many terminal errors\."):
        bench.client.wait_until_dataset_ready(dataset, delay=0)
    assert bench.describe_dataset(dataset).status_message_code == "CLIENT_ERROR"
    assert error_code(lambda: bench.client.list_dataset_entries(dataset)) == "ResourceNotReadyException"
    bench.client.delete_dataset(dataset)


def test_a_manifest_that_is_not_utf_8_fails_the_creation(bench: Bench) -> None:
    bench.emulator.put_object("manifests", "train.manifest", b"\xff\xfe")
    invalid = models.GroundTruthManifest(s3_object=models.S3Object(bucket="manifests", name="train.manifest"))
    source = models.DatasetSource(ground_truth_manifest=invalid)
    dataset = bench.client.create_dataset(
        bench.create_project(), dataset_type="TRAIN", dataset_source=source
    ).dataset_arn
    assert bench.describe_dataset(dataset).status == "CREATE_FAILED"


def test_a_manifest_over_the_limit_fails_the_creation() -> None:
    with open_bench(limits=Limits(manifest_bytes=10)) as bench:
        source = models.DatasetSource(
            ground_truth_manifest=put_manifest(bench.emulator, "train.manifest", label_line("a.jpg"))
        )
        dataset = bench.client.create_dataset(
            bench.create_project(), dataset_type="TRAIN", dataset_source=source
        ).dataset_arn
        assert (
            bench.describe_dataset(dataset).status_message
            == "The manifest file size exceeds the maximum supported size."
        )


def test_a_dataset_is_filled_from_another(bench: Bench) -> None:
    lines = [label_line("a.jpg", "cat"), box_line("b.jpg", (0, 0, 50, 50)), unlabelled_line("c.jpg")]
    first = bench.create_dataset(bench.create_project(), lines=lines)
    source = models.DatasetSource(dataset_arn=first)
    second = bench.client.create_dataset(
        bench.create_project("cats"), dataset_type="TEST", dataset_source=source
    ).dataset_arn
    assert bench.list_entries(second) == lines
    assert labels(bench, second) == {"cat": (1, None), "nose": (1, 1)}


def test_an_unknown_or_unfinished_source_dataset_is_refused(slow_bench: Bench) -> None:
    project = slow_bench.create_project()
    source = models.DatasetSource(dataset_arn=TRAIN)
    assert (
        error_code(lambda: slow_bench.client.create_dataset(project, dataset_type="TEST", dataset_source=source))
        == "ResourceNotFoundException"
    )
    slow_bench.create_dataset(project)
    assert refusal(lambda: slow_bench.client.create_dataset(project, dataset_type="TEST", dataset_source=source)) == (
        "InvalidParameterException",
        f"{TRAIN} is CREATE_IN_PROGRESS, so it can't be copied.",
    )


# --- lines


def test_a_line_of_a_known_image_replaces_the_old_one(bench: Bench) -> None:
    dataset = bench.create_dataset(
        bench.create_project(), lines=[label_line("a.jpg", "cat"), label_line("b.jpg", "dog")]
    )
    bench.update_dataset(dataset, label_line("c.jpg", "cow"), label_line("a.jpg", "ox"))
    assert bench.list_entries(dataset) == [
        label_line("a.jpg", "ox"),
        label_line("b.jpg", "dog"),
        label_line("c.jpg", "cow"),
    ]
    assert labels(bench, dataset) == {"dog": (1, None), "cow": (1, None), "ox": (1, None)}


def test_of_two_lines_of_one_image_the_first_counts(bench: Bench) -> None:
    lines = [label_line("a.jpg", "cat"), *(label_line(f"{number}.jpg") for number in range(9)), label_line("a.jpg")]
    manifest = put_manifest(bench.emulator, "train.manifest", *lines)
    created = bench.client.create_dataset(
        bench.create_project(),
        dataset_type="TRAIN",
        dataset_source=models.DatasetSource(ground_truth_manifest=manifest),
    ).dataset_arn
    updated = bench.create_dataset(bench.create_project("cats"), lines=lines)
    for dataset in (created, updated):
        assert bench.list_entries(dataset) == lines[:-1]
        assert labels(bench, dataset) == {"cat": (1, None), "dog": (9, None)}


def test_an_update_is_in_progress_for_its_duration(slow_bench: Bench) -> None:
    dataset = slow_bench.create_dataset(slow_bench.create_project())
    slow_bench.clock.advance(60)
    slow_bench.update_dataset(dataset, label_line("a.jpg"))
    description = slow_bench.describe_dataset(dataset)
    assert (description.status, description.status_message, description.status_message_code) == (
        "UPDATE_IN_PROGRESS",
        "The dataset is being updated.",
        None,
    )
    slow_bench.client.wait_until_dataset_ready(dataset, delay=0, on_poll=slow_bench.advance_on_poll)
    assert slow_bench.describe_dataset(dataset).status == "UPDATE_COMPLETE"


def test_an_update_that_fails_changes_nothing(bench: Bench) -> None:
    dataset = bench.create_dataset(bench.create_project(), lines=[label_line("a.jpg")])
    bench.update_dataset(dataset, "no json", label_line("b.jpg"))
    with pytest.raises(WaiterFailedError):
        bench.client.wait_until_dataset_ready(dataset, delay=0)
    assert bench.list_entries(dataset) == [label_line("a.jpg")]


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "{",
        '{"source-ref": 1}',
        '{"other": "s3://photos/a.jpg"}',
        '{"source-ref": "https://photos/a.jpg"}',
        '{"source-ref": "s3://photos/"}',
        '{"source-ref": "s3://photos/\\ud800"}',
        '{"source-ref": "s3://photos/a.jpg", "x": NaN}',
        json.dumps({"source-ref": "s3://photos/a.jpg", "x": "y" * 100_000}),
        "[" * 5000,
        '{"source-ref": "s3://photos/a.jpg", "x": 1e999}',
        unlabelled_line("0.jpg"),
    ],
)
def test_an_invalid_line_is_left_out(bench: Bench, line: str) -> None:
    good = [unlabelled_line(f"{number}.jpg") for number in range(4)]
    dataset = bench.create_dataset(bench.create_project(), lines=[*good, line])
    assert bench.describe_dataset(dataset).status == "UPDATE_COMPLETE"
    assert bench.list_entries(dataset) == good


@pytest.mark.parametrize("depth", [99, 100, 600, 900, 5000])
def test_a_deep_line_is_left_out(bench: Bench, depth: int) -> None:
    good = [unlabelled_line(f"{number}.jpg") for number in range(4)]
    line = f'{{"source-ref": "s3://photos/a.jpg", "x": {"[" * depth}{"]" * depth}}}'
    dataset = bench.create_dataset(bench.create_project(), lines=[*good, line])
    assert bench.list_entries(dataset) == [*good, *([line] if depth == 99 else [])]


def test_lines_may_end_with_crlf_and_contain_unicode_line_separators(bench: Bench) -> None:
    line = json.dumps({"source-ref": "s3://photos/a\u2028b.jpg"}, ensure_ascii=False)
    dataset = bench.create_dataset(bench.create_project())
    changes = models.DatasetChanges(ground_truth=f"\ufeff{line}\r\n\r\n{unlabelled_line('b.jpg')}\r\n".encode())
    bench.client.update_dataset_entries(dataset, changes)
    assert bench.list_entries(dataset) == [line, unlabelled_line("b.jpg")]


@pytest.mark.parametrize(
    ("line", "path", "error"),
    [
        (label_line("a.jpg", value="x"), ["kind-metadata"], "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"),
        (label_line("a.jpg", ""), ["kind-metadata"], "ERROR_INVALID_LABEL_NAME_LENGTH"),
        (label_line("a.jpg", "x" * 256), ["kind-metadata"], "ERROR_INVALID_LABEL_NAME_LENGTH"),
        (label_line("a.jpg", "\ud800"), ["kind-metadata"], "ERROR_INVALID_LABEL_NAME_LENGTH"),
        (
            label_line("a.jpg").replace("class-name", "name"),
            ["kind-metadata"],
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        ),
        (label_line("a.jpg").replace("groundtruth/", ""), ["kind-metadata"], "ERROR_UNSUPPORTED_USE_CASE_TYPE"),
        (
            box_line("a.jpg").replace("class-map", "map"),
            ["boxes-metadata"],
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        ),
        (box_line("a.jpg", names={"0": ""}), ["boxes-metadata"], "ERROR_INVALID_LABEL_NAME_LENGTH"),
        (box_line("a.jpg").replace("image_size", "size"), ["boxes"], "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"),
        (
            box_line("a.jpg").replace('"depth": 3}]', '"depth": 3}, {}]'),
            ["boxes"],
            "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
        ),
        (
            box_line("a.jpg", (0, 0, 9, 9)).replace('"confidence": 1', ""),
            ["boxes-metadata"],
            "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE",
        ),
        (
            box_line("a.jpg", (0, 0, 9, 9), names={"1": "nose"}),
            ["boxes", "annotations", 0],
            "ERROR_MISSING_CLASS_MAP_ID",
        ),
        (box_line("a.jpg", (0, 0, 1, 9)), ["boxes", "annotations", 0], "ERROR_BOUNDING_BOX_TOO_SMALL"),
        (box_line("a.jpg", (92, 0, 9, 9)), ["boxes", "annotations", 0], "ERROR_INVALID_BOUNDING_BOX"),
        (box_line("a.jpg", (0, -1, 9, 9)), ["boxes", "annotations", 0], "ERROR_INVALID_BOUNDING_BOX"),
        (
            box_line("a.jpg", (0, 0, 9, 9)).replace('"left": 0', '"left": "0"'),
            ["boxes", "annotations", 0],
            "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
        ),
    ],
)
def test_an_error_is_written_beside_the_wrong_value(bench: Bench, line: str, path: list[str | int], error: str) -> None:
    dataset = bench.create_dataset(bench.create_project(), lines=[line])
    (entry,) = bench.list_entries(dataset)
    value = json.loads(entry)
    for part in path:
        value = value[part]
    assert [item["code"] for item in value["errors"]] == [error]
    assert stats(bench, dataset) == (1, 0, 1, 0)


def test_valid_boxes_of_an_entry_with_an_invalid_one_are_counted(bench: Bench) -> None:
    dataset = bench.create_dataset(
        bench.create_project(), lines=[box_line("a.jpg", (0, 0, 50, 50), (-1, 0, 50, 50), (1, 1, 9, 9))]
    )
    assert stats(bench, dataset) == (1, 1, 1, 1)
    assert labels(bench, dataset) == {"nose": (1, 2)}


def faulty(**members: object) -> str:
    """Return a line with an invalid label, in the shortest JSON."""
    line = json.loads(label_line("a.jpg", value="x")) | members
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


FULL = 100_000 - len(faulty(note=""))
"""Number of characters of a note with which the line has the maximum length."""


@pytest.mark.parametrize("note", ["\u0436" * 50_000, "\u0436" * FULL, ["a"] * 24_000])
def test_an_entry_with_errors_is_not_longer_than_the_maximum(bench: Bench, note: object) -> None:
    project = bench.create_project()
    dataset = bench.create_dataset(project, lines=[faulty(note=note)])
    (entry,) = bench.list_entries(dataset)
    assert len(entry) <= 100_000
    assert json.loads(entry)["note"] == note
    assert stats(bench, dataset) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    "line",
    [faulty(note="\u0436" * 50_000), faulty(note="\u0436" * FULL), faulty().replace('"x"', r'"\ud800"')],
    ids=["characters", "length", "half a surrogate pair"],
)
def test_listed_entries_can_be_sent_again_and_copied(bench: Bench, line: str) -> None:
    project = bench.create_project()
    dataset = bench.create_dataset(project, lines=[line])
    entries = bench.list_entries(dataset)
    bench.update_dataset(dataset, *entries)
    copy = models.DatasetSource(dataset_arn=dataset)
    test = bench.client.create_dataset(project, dataset_type="TEST", dataset_source=copy).dataset_arn
    assert (bench.list_entries(dataset), bench.list_entries(test)) == (entries, entries)
    assert stats(bench, test) == (1, 0, 1, 0)


def test_an_entry_with_errors_keeps_its_characters(bench: Bench) -> None:
    dataset = bench.create_dataset(bench.create_project(), lines=[faulty(note="\u0436\U0001f600")])
    (entry,) = bench.list_entries(dataset)
    assert "\u0436\U0001f600" in entry


def test_errors_are_removed_when_the_values_are_corrected(bench: Bench) -> None:
    dataset = bench.create_dataset(bench.create_project(), lines=[label_line("a.jpg", value="x")])
    (entry,) = bench.list_entries(dataset)
    bench.update_dataset(dataset, entry.replace('"x"', "1"))
    assert bench.list_entries(dataset) == [label_line("a.jpg")]
    assert stats(bench, dataset) == (1, 1, 0, 1)


def test_labels_of_adapters_are_not_checked(bench: Bench) -> None:
    project = bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED")
    dataset = bench.create_dataset(
        project, lines=[label_line("a.jpg").replace("groundtruth/", "other/"), unlabelled_line("b.jpg")]
    )
    assert stats(bench, dataset) == (2, 1, 0, 0)


@pytest.mark.parametrize("names", [["Rude Gestures"], []])
def test_a_line_with_the_moderation_labels_of_its_image_is_labeled(bench: Bench, names: list[str]) -> None:
    project = bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED")
    truth = {"ModerationLabels": [{"Name": name} for name in names]}
    line = {**json.loads(unlabelled_line("a.jpg")), "content-moderation-groundtruth": truth}
    dataset = bench.create_dataset(project, lines=[json.dumps(line), unlabelled_line("b.jpg")])
    assert stats(bench, dataset) == (2, 1, 0, 0)


# --- filters and pages


@pytest.fixture
def mixed(bench: Bench) -> Bench:
    """A dataset of four kinds of entries."""
    lines = [
        label_line("cats/a.jpg", "cat"),
        unlabelled_line("cats/b.jpg"),
        box_line("dogs/c.jpg", (0, 0, 50, 50)),
        label_line("dogs/d.jpg", value="x"),
    ]
    bench.create_dataset(bench.create_project(), lines=lines)
    return bench


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "abcd"),
        ({"contains_labels": ["cat"]}, "a"),
        ({"contains_labels": ["nose", "cat", "none"]}, "ac"),
        ({"contains_labels": ["Cat"]}, ""),
        ({"labeled": True}, "ac"),
        ({"labeled": False}, "bd"),
        ({"source_ref_contains": "photos/dogs"}, "cd"),
        ({"source_ref_contains": "s3://photos"}, "abcd"),
        ({"source_ref_contains": "d.jpg"}, "d"),
        ({"source_ref_contains": "DOGS"}, ""),
        ({"source_ref_contains": "%"}, ""),
        ({"has_errors": True}, "d"),
        ({"has_errors": False}, "abcd"),
        ({"labeled": False, "source_ref_contains": "dogs"}, "d"),
        ({"labeled": True, "contains_labels": ["cat"], "source_ref_contains": "dogs"}, ""),
    ],
)
def test_an_entry_is_listed_if_it_passes_all_filters(mixed: Bench, filters: dict[str, object], expected: str) -> None:
    lines = mixed.client.list_dataset_entries(TRAIN, **filters).dataset_entries  # type: ignore[arg-type]  # filters
    assert "".join(image[-5] for image in images(lines)) == expected


@pytest.mark.parametrize(
    "metadata", ["text", 1, None, True, [], [{"type": "groundtruth/image-classification"}]], ids=str
)
@pytest.mark.parametrize("feature", ["CUSTOM_LABELS", "CONTENT_MODERATION"])
def test_an_attribute_whose_metadata_are_no_object_labels_no_image(
    bench: Bench, feature: str, metadata: object
) -> None:
    line = json.dumps({"source-ref": "s3://photos/a.jpg", "kind": 1, "kind-metadata": metadata})
    more = {} if feature == "CUSTOM_LABELS" else {"Feature": feature, "AutoUpdate": "DISABLED"}
    dataset = bench.create_dataset(bench.create_project(**more), lines=[line])
    stats = bench.describe_dataset(dataset).dataset_stats
    assert stats == models.DatasetStats(labeled_entries=0, total_entries=1, total_labels=0, error_entries=0)
    assert bench.list_entries(dataset) == [line]


def test_each_status_of_a_dataset_has_its_message_and_code(slow_bench: Bench) -> None:
    project = slow_bench.create_project()
    slow_bench.clock.advance(60)
    manifest = models.DatasetSource(
        ground_truth_manifest=put_manifest(slow_bench.emulator, "train.manifest", label_line("a.jpg"))
    )
    made = [
        slow_bench.create_dataset(project),
        slow_bench.client.create_dataset(project, dataset_type="TEST", dataset_source=manifest).dataset_arn,
    ]

    def described() -> list[tuple[object, ...]]:
        rows = map(slow_bench.describe_dataset, made)
        return [(row.status, row.status_message, row.status_message_code) for row in rows]

    assert described() == [("CREATE_IN_PROGRESS", "The dataset is being created.", None)] * 2
    slow_bench.clock.advance(60)
    assert described() == [
        ("CREATE_COMPLETE", "The dataset was successfully created.", "SUCCESS"),
        ("CREATE_COMPLETE", "The dataset was successfully created from the manifest file.", "SUCCESS"),
    ]
    slow_bench.update_dataset(made[0], label_line("b.jpg"))
    slow_bench.update_dataset(made[1], "no json")
    assert described() == [("UPDATE_IN_PROGRESS", "The dataset is being updated.", None)] * 2
    slow_bench.clock.advance(60)
    assert described() == [
        ("UPDATE_COMPLETE", "The dataset was successfully updated.", "SUCCESS"),
        ("UPDATE_FAILED", "The manifest file has too many terminal errors.", "CLIENT_ERROR"),
    ]
    for dataset in made:
        slow_bench.client.delete_dataset(dataset)
    assert described() == [("DELETE_IN_PROGRESS", "The dataset is being deleted.", None)] * 2


@settings(derandomize=True, max_examples=15, deadline=None)
@given(count=st.integers(0, 12), size=st.integers(1, 5))
def test_the_pages_together_have_all_entries_in_order(count: int, size: int) -> None:
    lines = [label_line(f"{number}.jpg", f"label {number}") for number in range(count)]
    with open_bench() as bench:
        dataset = bench.create_dataset(bench.create_project(), lines=lines or None)
        assert list(bench.client.paginate_list_dataset_entries(dataset, page_size=size)) == lines
        assert list(labels(bench, dataset, size)) == [f"label {number}" for number in range(count)]


@pytest.mark.parametrize("other", [{"Labeled": True}, {"DatasetArn": TEST}, {"SourceRefContains": "a"}])
def test_a_token_of_another_listing_is_refused(bench: Bench, other: dict[str, object]) -> None:
    bench.create_dataset(bench.create_project(), lines=[label_line("a.jpg"), label_line("b.jpg")])
    bench.create_dataset(PROJECT, "TEST")
    token = bench.client.list_dataset_entries(TRAIN, max_results=1).next_token
    request = {"DatasetArn": TRAIN, "NextToken": token, **other}
    assert error_code(lambda: bench.client.call("ListDatasetEntries", request)) == "InvalidPaginationTokenException"
    labels_request = {"DatasetArn": TRAIN, "NextToken": token}
    assert (
        error_code(lambda: bench.client.call("ListDatasetLabels", labels_request)) == "InvalidPaginationTokenException"
    )


# --- distribute


@pytest.mark.parametrize(("count", "moved"), [(10, ["4.jpg", "9.jpg"]), (11, ["4.jpg", "9.jpg"]), (2, ["1.jpg"])])
def test_a_fifth_of_the_entries_is_moved_to_the_test_dataset(bench: Bench, count: int, moved: list[str]) -> None:
    train, test = pair(bench, count)
    distribute(bench, test, train)
    assert images(bench.list_entries(test)) == moved
    assert stats(bench, train)[0] == count - len(moved)
    assert labels(bench, test) == {"dog": (len(moved), None)}


def test_both_datasets_are_updated_by_a_distribution(slow_bench: Bench) -> None:
    project = slow_bench.create_project()
    datasets = [slow_bench.create_dataset(project), slow_bench.create_dataset(project, "TEST")]
    slow_bench.clock.advance(60)
    slow_bench.update_dataset(datasets[0], label_line("a.jpg"), label_line("b.jpg"))
    slow_bench.clock.advance(60)
    distribute(slow_bench, *datasets)
    assert [slow_bench.describe_dataset(arn).status for arn in datasets] == ["UPDATE_IN_PROGRESS"] * 2
    slow_bench.clock.advance(60)
    ended = [slow_bench.describe_dataset(arn) for arn in datasets]
    text = "The dataset was successfully updated."
    assert [(each.status, each.status_message) for each in ended] == [("UPDATE_COMPLETE", text)] * 2


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_entries_are_not_distributed(bench: Bench, count: int) -> None:
    train, test = pair(bench, count)
    distribute(bench, train, test)
    for dataset in (train, test):
        failed = bench.describe_dataset(dataset)
        assert (failed.status, failed.status_message, failed.status_message_code) == (
            "UPDATE_FAILED",
            "The dataset doesn't have enough images to be distributed.",
            "CLIENT_ERROR",
        )
    assert (stats(bench, train)[0], stats(bench, test)[0]) == (count, 0)


def test_only_the_two_datasets_of_one_project_are_distributed(bench: Bench) -> None:
    train, test = pair(bench, 5)
    other = bench.create_dataset(bench.create_project("cats"), "TEST")
    for arns in ([train, train], [train, other], [test, test]):
        assert_invalid(lambda arns=arns: distribute(bench, *arns), "of one project")  # type: ignore[misc]  # now


def test_entries_are_not_distributed_to_a_test_dataset_that_has_some(bench: Bench) -> None:
    train, test = pair(bench, 5)
    distribute(bench, train, test)
    assert_invalid(lambda: distribute(bench, train, test), "must be empty")


def test_datasets_that_are_not_ready_are_not_distributed(slow_bench: Bench) -> None:
    project = slow_bench.create_project()
    arns = slow_bench.create_dataset(project), slow_bench.create_dataset(project, "TEST")
    assert error_code(lambda: distribute(slow_bench, *arns)) == "ResourceNotReadyException"


def test_unknown_datasets_are_not_distributed(bench: Bench) -> None:
    assert error_code(lambda: distribute(bench, TRAIN, TEST)) == "ResourceNotFoundException"


@settings(derandomize=True, max_examples=20, deadline=None)
@given(st.integers(0, 40))
def test_a_distribution_loses_no_entry_and_moves_about_a_fifth(count: int) -> None:
    with open_bench() as bench:
        train, test = pair(bench, count)
        before = set(bench.list_entries(train))
        distribute(bench, train, test)
        remaining, moved = bench.list_entries(train), bench.list_entries(test)
    assert set(remaining) | set(moved) == before
    assert len(remaining) + len(moved) == count
    assert len(moved) == (max(1, count // 5) if count > 1 else 0)


# --- datasets in progress, deleted and unknown


def test_a_dataset_that_is_being_created_cannot_be_read(slow_bench: Bench) -> None:
    dataset = slow_bench.create_dataset(slow_bench.create_project())
    assert error_code(lambda: slow_bench.client.list_dataset_entries(dataset)) == "ResourceNotReadyException"
    assert error_code(lambda: slow_bench.client.list_dataset_labels(dataset)) == "ResourceNotReadyException"


def test_a_dataset_that_is_being_created_cannot_be_changed_or_deleted(slow_bench: Bench) -> None:
    dataset = slow_bench.create_dataset(slow_bench.create_project())
    assert error_code(lambda: slow_bench.update_dataset(dataset, unlabelled_line("a.jpg"))) == "ResourceInUseException"
    assert error_code(lambda: slow_bench.client.delete_dataset(dataset)) == "ResourceInUseException"


def test_a_dataset_that_is_being_changed_is_in_use(slow_bench: Bench) -> None:
    dataset = slow_bench.create_dataset(slow_bench.create_project())
    slow_bench.clock.advance(60)
    slow_bench.update_dataset(dataset, unlabelled_line("a.jpg"))
    for call in (
        lambda: slow_bench.client.list_dataset_entries(dataset),
        lambda: slow_bench.client.list_dataset_labels(dataset),
        lambda: slow_bench.update_dataset(dataset, unlabelled_line("b.jpg")),
        lambda: slow_bench.client.delete_dataset(dataset),
    ):
        assert error_code(call) == "ResourceInUseException"


def test_a_deleted_dataset_is_gone_after_the_duration(slow_bench: Bench) -> None:
    dataset = slow_bench.create_dataset(slow_bench.create_project())
    slow_bench.clock.advance(60)
    slow_bench.client.delete_dataset(dataset)
    assert slow_bench.describe_dataset(dataset).status == "DELETE_IN_PROGRESS"
    slow_bench.client.wait_until_dataset_deleted(dataset, delay=0, on_poll=slow_bench.advance_on_poll)
    assert slow_bench.client.describe_projects().project_descriptions[0].datasets == []


def test_a_dataset_can_be_created_after_one_of_its_type_was_deleted(bench: Bench) -> None:
    project = bench.create_project()
    bench.client.delete_dataset(bench.create_dataset(project, lines=[label_line("a.jpg")]))
    assert bench.list_entries(bench.create_dataset(project)) == []


@pytest.mark.parametrize(
    "operation", ["DescribeDataset", "ListDatasetEntries", "ListDatasetLabels", "DeleteDataset", "UpdateDatasetEntries"]
)
def test_an_unknown_dataset_is_not_found(bench: Bench, operation: str) -> None:
    wire = {"DatasetArn": TRAIN, **({"Changes": {"GroundTruth": b"{}"}} if operation.startswith("Update") else {})}
    assert refusal(lambda: bench.client.call(operation, wire)) == (
        "ResourceNotFoundException",
        f"{TRAIN} does not exist.",
    )
