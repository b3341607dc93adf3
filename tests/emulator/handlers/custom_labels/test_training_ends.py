"""Ends of trainings with a network that is quick: whole descriptions, unusable images, failures, and the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rekog.emulator.content.images import MAX_OBJECT_BYTES
from rekog.emulator.vision import Vision
from tests.kit.clock import wait_until
from tests.kit.custom_labels import (
    PROJECT,
    START,
    UNREACHABLE_S3,
    Bench,
    box_line,
    label_line,
    open_bench,
    put_manifest,
    unlabelled_line,
)
from tests.kit.service import blank_png

if TYPE_CHECKING:
    from rekog.emulator import DecodedImage

VERSION = PROJECT.replace(f"/{START}", f"/version/v1/{START}")
OUTPUT = {"S3Bucket": "results", "S3KeyPrefix": "out"}
FAILURE = "The emulator failed; its log has the cause."
COLOURS = {"dark": 1, "bright": 0xFFFF}


class Classes:
    """The results of the network for an image."""

    def __init__(self, features: object) -> None:
        self.features = features


class Network:
    """A network whose features are those of a pixel; `hook` is called for each image."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.hook: Callable[[], object] = int

    def classify(self, image: DecodedImage) -> Classes:
        self.sizes.append((image.width, image.height))
        self.hook()
        return Classes(image.pixels(1, 1).reshape(3).astype(np.float32) / 255)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """The network of all emulators of the test."""
    found = Network()
    monkeypatch.setattr(Vision, "classifier", property(lambda _vision: found))
    return found


@pytest.fixture
def bench(network: Network) -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


def shades(bench: Bench, *names: str) -> list[str]:
    """Store an image for each name, `dark` or `bright` with a number, and return their lines."""
    for name in names:
        label = name.partition("-")[0]
        bench.emulator.put_object("photos", f"{name}.png", blank_png(COLOURS[label]))
    return [label_line(f"{name}.png", name.partition("-")[0]) for name in names]


def assets(bench: Bench, name: str, texts: list[str]) -> dict[str, Any]:
    """Store a manifest, and return the data of a training that name it."""
    put_manifest(bench.emulator, name, *texts)
    return {"Assets": [{"GroundTruthManifest": {"S3Object": {"Bucket": "manifests", "Name": name}}}]}


def train(bench: Bench, lines: list[str], test: list[str] | None = None, **members: Any) -> None:
    """Begin a training of the project `dogs` with manifests; without one for the test the first is split."""
    testing = {"AutoCreate": True} if test is None else assets(bench, "test", test)
    request = {
        "ProjectArn": bench.create_project(),
        "VersionName": "v1",
        "OutputConfig": OUTPUT,
        "TrainingData": assets(bench, "train", lines),
        "TestingData": testing,
    }
    bench.client.call("CreateProjectVersion", {**request, **members})


def described(bench: Bench) -> dict[str, Any]:
    """Return the description of the version."""
    listed: Any = bench.client.call("DescribeProjectVersions", {"ProjectArn": PROJECT})
    (description,) = listed["ProjectVersionDescriptions"]
    return dict(description)


def ended(bench: Bench) -> dict[str, Any]:
    """Return the description of the version when its training has ended; a request does not wait for ever."""
    wait_until(lambda: described(bench)["Status"] != "TRAINING_IN_PROGRESS")
    return described(bench)


def end(bench: Bench) -> tuple[str, str]:
    found = ended(bench)
    return found["Status"], found["StatusMessage"]


def file(name: str) -> dict[str, Any]:
    return {"S3Object": {"Bucket": "results", "Name": f"out/{name}"}}


def manifest(name: str) -> dict[str, Any]:
    return {"Assets": [{"GroundTruthManifest": file(f"dogs/v1/{name}")}]}


def read(bench: Bench, name: str) -> str:
    return bench.emulator.get_object("results", f"out/{name}").decode()


def results() -> dict[str, Any]:
    """Return the members of a description that locate the manifests."""
    return {
        "ManifestSummary": file("ManifestSummary-dogs-v1.json"),
        **{
            f"{part.capitalize()}DataResult": {
                "Output": manifest(f"{part}.manifest"),
                "Validation": manifest(f"{part}_manifest_with_validation.json"),
            }
            for part in ("training", "testing")
        },
    }


MORE = {"KmsKeyId": "key", "VersionDescription": "Shades (2026)"}


@pytest.mark.parametrize("learnt", [True, False])
def test_the_description_of_a_trained_version_has_all_members(learnt: bool, request: pytest.FixtureRequest) -> None:
    if learnt:
        request.getfixturevalue("network")
    with open_bench(60) as bench:
        lines = shades(bench, "dark-1", "bright-1", "dark-2", "bright-2")
        train(bench, lines, lines[:2], **MORE)
        bench.clock.advance(5)
        common = {
            "ProjectVersionArn": VERSION,
            "CreationTimestamp": START,
            "OutputConfig": OUTPUT,
            "Feature": "CUSTOM_LABELS",
            **MORE,
        }
        inputs = {
            f"{part}DataResult": {"Input": {"Assets": [{"GroundTruthManifest": {"S3Object": place}}]}}
            for part, place in (
                ("Training", {"Bucket": "manifests", "Name": "train"}),
                ("Testing", {"Bucket": "manifests", "Name": "test"}),
            )
        }
        running = {"Status": "TRAINING_IN_PROGRESS", "StatusMessage": "The model is being trained."}
        assert described(bench) == {**common, **inputs, **running}
        bench.clock.advance(500)
        score = {"F1Score": 1.0} if learnt else {}
        assert ended(bench) == {
            **common,
            **{name: {**inputs.get(name, {}), **value} for name, value in results().items()},
            "Status": "TRAINING_COMPLETED",
            "StatusMessage": "The model is ready to run.",
            "BillableTrainingTimeInSeconds": 60,
            "TrainingEndTimestamp": START + 60,
            "EvaluationResult": {**score, "Summary": file("EvaluationResultSummary-dogs-v1.json")},
        }
        note = None if learnt else "Written by an emulator: no model was trained, so there are no scores."
        summary = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))
        assert summary.get("Note") == note
        assert summary["EvaluationDetails"] == {
            "EvaluationEndTimestamp": "2023-11-14T22:14:20",
            "Labels": ["bright", "dark"],
            "NumberOfTestingImages": 2,
            "NumberOfTrainingImages": 4,
            "ProjectVersionArn": VERSION,
        }


@pytest.mark.parametrize("learnt", [True, False])
def test_a_training_with_too_many_invalid_lines_fails_and_writes_the_manifests(
    learnt: bool, request: pytest.FixtureRequest
) -> None:
    if learnt:
        request.getfixturevalue("network")
    with open_bench() as bench:
        lines = [*shades(bench, "dark-1", "bright-1"), box_line("bad.png", (-5, 0, 50, 50))]
        train(bench, lines, lines[:2])
        text = "The manifest file contains too many invalid rows."
        found = ended(bench)
        assert {name: found[name] for name in ("Status", "StatusMessage", "TrainingEndTimestamp")} == {
            "Status": "TRAINING_FAILED",
            "StatusMessage": text,
            "TrainingEndTimestamp": START,
        }
        assert found.keys() & {"EvaluationResult", "BillableTrainingTimeInSeconds"} == set()
        assert found["ManifestSummary"] == results()["ManifestSummary"]
        statistics = json.loads(read(bench, "ManifestSummary-dogs-v1.json"))["statistics"]
        assert statistics["training"]["errors"] == [
            {"code": "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", "message": text}
        ]
        assert read(bench, "dogs/v1/training.manifest").splitlines() == lines[:2]
        checked = read(bench, "dogs/v1/training_manifest_with_validation.json").splitlines()
        assert (checked[:2], len(checked)) == (lines[:2], 3)


@pytest.mark.usefixtures("network")
def test_a_training_whose_files_cannot_be_written_fails_at_its_end() -> None:
    with open_bench(s3_endpoint=UNREACHABLE_S3) as bench:
        train(bench, shades(bench, "dark-1", "bright-1", "dark-2", "bright-2"))
        assert end(bench) == ("TRAINING_FAILED", "The output can't be written to the bucket.")


def test_a_training_whose_images_have_the_same_labels_succeeds_without_scores(bench: Bench) -> None:
    shades(bench, "dark-1")
    lines = [box_line("dark-1.png", (0, 0, 9, 9))]
    train(bench, lines, lines)
    assert end(bench) == ("TRAINING_COMPLETED", "The model is ready to run.")
    summary = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))
    assert summary["Note"] == (
        "Written by an emulator: all images have the same labels, so no model was trained and there are no scores."
    )
    assert summary["AggregatedEvaluationResults"]["F1Score"] is None


def test_an_unexpected_error_fails_the_training_at_its_end_and_is_logged(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("no memory")

    def logged() -> list[tuple[str, str, str | None]]:
        return [(each.levelname, each.getMessage(), each.exc_info and str(each.exc_info[1])) for each in caplog.records]

    network.hook = fail
    early = ("DEBUG", f"{VERSION} could not extract all features yet", "no memory")
    with caplog.at_level(logging.DEBUG, "rekog.emulator"), open_bench(60) as bench:
        train(bench, shades(bench, "dark-1", "bright-1", "dark-2", "bright-2"))
        wait_until(lambda: early in logged())
        assert described(bench)["Status"] == "TRAINING_IN_PROGRESS"
        bench.clock.advance(60)
        assert end(bench) == ("TRAINING_FAILED", FAILURE)
        assert ("ERROR", f"the training of {VERSION} failed", "no memory") in logged()
        assert bench.client.describe_projects().project_descriptions[0].status == "CREATED"


def test_a_failure_that_is_declared_while_images_are_analysed_stands(bench: Bench, network: Network) -> None:
    network.hook = lambda: bench.emulator.declare_version(VERSION, status="FAILED", message="out of luck")
    train(bench, shades(bench, "dark-1", "bright-1", "dark-2", "bright-2"))
    assert end(bench) == ("TRAINING_FAILED", "out of luck")
    assert len(network.sizes) == 1


def test_each_image_is_analysed_once_although_both_manifests_have_it(bench: Bench, network: Network) -> None:
    lines = shades(bench, "dark-1", "bright-1")
    lines += [label_line("dark-1.png", "dark").replace("dark-1", "again")]
    bench.emulator.put_object("photos", "again.png", blank_png(COLOURS["dark"]))  # the same bytes under another name
    train(bench, [*lines, unlabelled_line("never.png")], lines)
    assert end(bench)[0] == "TRAINING_COMPLETED"
    assert len(network.sizes) == 2


def test_the_log_counts_the_images_of_a_training_by_fifties(
    bench: Bench, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    shades(bench, "dark-1", "bright-1")
    names = ("dark", "bright")
    lines = [label_line(f"{names[number % 2]}-1.png", names[number % 2]) for number in range(2)]
    for number in range(99):
        name = f"dark-copy-{number}"
        bench.emulator.put_object("photos", f"{name}.png", blank_png(COLOURS["dark"]))
        lines.append(label_line(f"{name}.png", "dark"))
    with caplog.at_level(logging.INFO, "rekog.emulator"):
        train(bench, lines, lines[:2])
        assert end(bench)[0] == "TRAINING_COMPLETED"
    found = [each.getMessage() for each in caplog.records if "images" in each.getMessage()]
    counts = [f"training 1: {number} of 103 images" for number in (50, 100, 103)]
    assert found in (counts, counts * 2)  # the step that begins at once may have ended before the last one


SIZES: list[tuple[tuple[int, int], bool]] = [
    ((64, 64), True),
    ((63, 64), False),
    ((64, 63), False),
    ((4096, 205), True),
    ((205, 4096), True),
    ((4097, 300), False),
    ((64, 1280), True),
    ((64, 1281), False),
    ((1281, 64), False),
]


def test_images_out_of_the_bounds_of_the_guide_are_not_used(bench: Bench) -> None:
    lines = shades(bench, "dark-1", "bright-1")
    expected: dict[str, str | None] = dict.fromkeys(("dark-1", "bright-1"))
    for (width, height), usable in SIZES:
        bench.emulator.put_object("photos", f"{width}x{height}.png", blank_png(1, width=width, height=height))
        lines.append(label_line(f"{width}x{height}.png", "dark"))
        expected[f"{width}x{height}"] = None if usable else "ERROR_INVALID_IMAGE"
    bench.emulator.put_object("photos", "box.png", blank_png(1, width=63, height=64))
    bench.emulator.put_object("photos", "huge.png", blank_png(1, width=10_001, height=600))
    bench.emulator.put_object("photos", "text.png", b"no image")
    bench.emulator.put_object("photos", "large.png", bytes(MAX_OBJECT_BYTES + 1))
    lines += [box_line(f"{name}.png", (0, 0, 9, 9)) for name in ("box", "huge", "text", "large", "lost")]
    expected |= {"box": "ERROR_INVALID_IMAGE_DIMENSION"}
    expected |= dict.fromkeys(("huge", "text", "large", "lost"), "ERROR_INVALID_IMAGE")
    for number in range(40):
        bench.emulator.put_object("photos", f"more-{number}.png", blank_png(number))
        lines.append(label_line(f"more-{number}.png", "dark"))
    train(bench, lines, lines[:2])
    assert end(bench)[0] == "TRAINING_COMPLETED"
    texts = {
        "ERROR_INVALID_IMAGE": "The image is invalid. Check S3 path and/or image properties.",
        "ERROR_INVALID_IMAGE_DIMENSION": "The image dimension(s) do not conform to allowed dimensions.",
    }
    checked = [json.loads(line) for line in read(bench, "dogs/v1/training_manifest_with_validation.json").splitlines()]
    found = {each["source-ref"].rpartition("/")[2].removesuffix(".png"): each.get("errors") for each in checked}
    assert {name: found[name] for name in expected} == {
        name: None if code is None else [{"code": code, "message": texts[code]}] for name, code in expected.items()
    }
    used = read(bench, "dogs/v1/training.manifest").splitlines()
    assert len(used) == len(lines) - sum(code is not None for code in expected.values())


def test_the_log_counts_a_single_image(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "rekog.emulator"):
        train(bench, shades(bench, "dark-1"), [unlabelled_line("none.png")])
        assert end(bench) == ("TRAINING_FAILED", "The manifest file has too few labels.")
    lines = {each.getMessage() for each in caplog.records if "images" in each.getMessage()}
    assert lines == {"training 1: 1 of 1 images"}


FEW = "The manifest file has too few labels."
FAILURES: list[tuple[list[str], list[str] | None, str]] = [
    (["dark-1"], ["dark-1", "bright-1"], FEW),
    (["dark-1", "bright-1"], ["dark-1"], FEW),
    (
        ["dark-1", "bright-1", "dark-2", "bright-2", "rare-1"],
        None,
        "The manifest file contains insufficient labeled images per label to perform auto-split.",
    ),
    (["rare-1", "lost-1"], ["dark-1", "bright-1"], "Failed to copy images from S3 bucket."),
    (["dark-1", "bright-1", "lost-1"], ["dark-1", "bright-1"], "The manifest file contains too many invalid rows."),
]


@pytest.mark.parametrize(("names", "test", "message"), FAILURES)
def test_data_with_which_no_model_can_be_trained_fail_with_the_first_error(
    bench: Bench, names: list[str], test: list[str] | None, message: str
) -> None:
    shades(bench, "dark-1", "bright-1", "dark-2", "bright-2")
    if test is None:  # else the image of this label is missing
        bench.emulator.put_object("photos", "rare-1.png", blank_png(7))
    lines = [[label_line(f"{name}.png", name.partition("-")[0]) for name in each or ()] for each in (names, test)]
    train(bench, lines[0], None if test is None else lines[1])
    found = ended(bench)
    assert (found["Status"], found["StatusMessage"]) == ("TRAINING_FAILED", message)
    assert found.keys() & {"EvaluationResult", "BillableTrainingTimeInSeconds"} == set()
    assert results().keys() <= found.keys()
    summary = json.loads(read(bench, "ManifestSummary-dogs-v1.json"))
    parts = (*summary["statistics"].values(), summary)
    assert message in [error["message"] for part in parts for error in part["errors"]]


def test_lines_that_are_left_out_are_counted_at_the_end_and_labels_without_training_are_not_measured(
    bench: Bench,
) -> None:
    lines = [*shades(bench, "dark-1", "bright-1", "dark-2", "bright-2"), "no json"]
    fox = json.loads(lines[0].replace("dark-1", "fox-1"))
    bench.emulator.put_object("photos", "fox-1.png", blank_png(COLOURS["dark"]))
    fox |= {"more": 1, "more-metadata": {**fox["kind-metadata"], "class-name": "fox"}}
    train(bench, lines, [*lines[:4], json.dumps(fox), unlabelled_line("none.png")])
    assert end(bench) == ("TRAINING_COMPLETED", "The model is ready to run.")
    counts = json.loads(read(bench, "ManifestSummary-dogs-v1.json"))["statistics"]["training"]
    assert (counts["total_json_lines"], counts["valid_json_lines"], counts["invalid_json_lines"]) == (5, 4, 1)
    document = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))
    measured = [(each["Label"], each["NumberOfTestingImages"]) for each in document["LabelEvaluationResults"]]
    assert sorted(measured) == [("bright", 2), ("dark", 3)]
    tested = [json.loads(line) for line in read(bench, "dogs/v1/testing.manifest").splitlines()]
    assert len(tested) == 5
    names = [
        {value["class-name"] for name, value in line.items() if name.endswith("-metadata") and "training" in name}
        for line in tested
    ]
    assert names == [{"dark"}, {"bright"}, {"dark"}, {"bright"}, {"dark", "fox"}]
    kinds = [
        {value["class-name"] for name, value in line.items() if name.endswith("-metadata") and "evaluation" in name}
        for line in tested
    ]
    assert kinds == [{"dark", "bright"}] * 5


@pytest.mark.parametrize("source", ["manifests", "split manifest", "datasets", "split dataset"])
def test_the_lines_of_an_adapter_are_neither_checked_nor_left_out(source: str) -> None:
    lines = [label_line("a.png", value="x"), *(unlabelled_line(f"{number}.png") for number in range(4))]
    tests = [label_line("b.png", "", value="x"), unlabelled_line("c.png")]
    with open_bench() as bench:
        project = bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED")
        members: dict[str, Any] = {}
        if "manifest" in source:
            members = {"TrainingData": assets(bench, "train", lines), "TestingData": {"AutoCreate": True}}
        if source == "manifests":
            members["TestingData"] = assets(bench, "test", tests)
        if "dataset" in source:
            bench.create_dataset(project, lines=lines)
        if source == "datasets":
            bench.create_dataset(project, "TEST", tests)
        bench.client.call(
            "CreateProjectVersion", {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT, **members}
        )
        assert end(bench) == ("TRAINING_COMPLETED", "The model is ready to run.")
        if source.startswith("split"):  # the images without labels are split: three to one
            expected = {"training": [lines[0], *lines[1:4]], "testing": lines[4:]}
        else:
            expected = {"training": lines, "testing": tests}
        for part, written in expected.items():
            for name in (f"{part}.manifest", f"{part}_manifest_with_validation.json"):
                assert read(bench, f"dogs/v1/{name}").splitlines() == written
