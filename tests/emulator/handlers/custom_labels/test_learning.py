"""Trainings of models: real photographs, evaluation files, unusable data, interruptions, and the life of a model."""

from __future__ import annotations

import io
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageEnhance, ImageOps

from rekog import RekognitionClient, models
from rekog.emulator import NOT_SERVED, Emulator
from rekog.emulator.background.worker import Worker
from rekog.emulator.handlers.custom_labels import versions
from rekog.emulator.handlers.steps import STEPS
from rekog.emulator.state.schedule import StepKind
from rekog.emulator.vision.efficientnet import EfficientNet
from tests.kit.clock import LIMIT_SECONDS, wait_until
from tests.kit.custom_labels import (
    OUTPUT,
    Bench,
    box_line,
    label_line,
    open_bench,
    put_assets,
    refusal,
    unlabelled_line,
)
from tests.kit.photographs import photograph
from tests.kit.service import blank_png

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rekog.emulator.context import Context
    from rekog.emulator.state import State
    from rekog.emulator.state.schedule import Step

CLASSES = ("cat", "coffee", "flower", "palace", "motorcycle")
DARK, BRIGHT = blank_png(1), blank_png(0xFFFF)


def view(name: str, corner: tuple[float, float], *, mirrored: bool = False, brightness: float = 1.0) -> bytes:
    """Return a JPEG of a part of a photograph: 60 % of its width and height, from a corner in ratios."""
    image = Image.open(io.BytesIO(photograph(name))).convert("RGB")
    left, top = int(image.width * corner[0]), int(image.height * corner[1])
    image = image.crop((left, top, left + int(image.width * 0.6), top + int(image.height * 0.6)))
    image = ImageEnhance.Brightness(ImageOps.mirror(image) if mirrored else image).enhance(brightness)
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


TRAINING: tuple[dict[str, object], ...] = ({"corner": (0.0, 0.2)}, {"corner": (0.4, 0.1), "mirrored": True})
TESTING: tuple[dict[str, object], ...] = (
    {"corner": (0.2, 0.3), "brightness": 0.7},
    {"corner": (0.1, 0.0), "mirrored": True},
)


def put_views(emulator: Emulator, names: Sequence[str], kind: str, views: Sequence[dict[str, object]]) -> list[str]:
    """Store views of photographs, and return their lines."""
    lines: list[str] = []
    for name in names:
        for number, options in enumerate(views):
            key = f"{kind}-{name}-{number}.jpg"
            emulator.put_object("photos", key, view(name, **options))  # type: ignore[arg-type]  # options of `view`
            lines.append(label_line(key, name))
    return lines


def train(bench: Bench, train_lines: list[str], test_lines: list[str] | None, name: str = "v1") -> str:
    """Train a version of the project `dogs`, which is created if there is none, and return its ARN."""
    projects = bench.client.describe_projects().project_descriptions
    project = str(projects[0].project_arn) if projects else bench.create_project()
    testing = models.TestingData(auto_create=True)
    if test_lines is not None:
        testing = models.TestingData(assets=put_assets(bench.emulator, f"{name}-test.manifest", *test_lines))
    training = models.TrainingData(assets=put_assets(bench.emulator, f"{name}-train.manifest", *train_lines))
    return bench.client.create_project_version(
        project, version_name=name, output_config=OUTPUT, training_data=training, testing_data=testing
    ).project_version_arn


def described(bench: Bench, name: str = "v1") -> models.ProjectVersionDescription:
    (project,) = bench.client.describe_projects().project_descriptions
    return bench.describe_version(str(project.project_arn), name)


def read(bench: Bench, name: str) -> str:
    return bench.emulator.get_object("results", f"out/{name}").decode()


def lines_of(bench: Bench, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in read(bench, name).splitlines()]


def detected(bench: Bench, arn: str, image: bytes, minimum: float | None = None) -> dict[str, float]:
    labels = bench.client.detect_custom_labels(arn, image, min_confidence=minimum).custom_labels
    return {str(label.name): float(label.confidence or 0) for label in labels}


def shades(count: int) -> list[str]:
    """Return the lines of images that are dark or bright, in turn."""
    return [
        label_line(f"{('dark', 'bright')[number % 2]}-{number}.png", ("dark", "bright")[number % 2])
        for number in range(count)
    ]


def put_shades(emulator: Emulator, count: int = 10) -> list[str]:
    for line in shades(count):
        key = json.loads(line)["source-ref"].rpartition("/")[2]
        emulator.put_object("photos", key, DARK if key.startswith("dark") else BRIGHT)
    return shades(count)


# --- real photographs


@pytest.fixture(scope="module")
def photographs() -> Iterator[tuple[Bench, str]]:
    """An emulator with a running model of five photographs, two views of each, and the ARN of the model."""
    with open_bench(vision="on") as bench:
        lines = put_views(bench.emulator, CLASSES, "train", TRAINING)
        arn = train(bench, lines, put_views(bench.emulator, CLASSES, "test", TESTING))
        bench.client.start_project_version(arn, min_inference_units=1)
        yield bench, arn


def test_held_out_views_of_photographs_are_recognised(photographs: tuple[Bench, str]) -> None:
    bench, arn = photographs
    held_out = {"corner": (0.3, 0.4), "mirrored": True, "brightness": 1.2}
    best = {}
    for name in CLASSES:
        scores = detected(bench, arn, view(name, **held_out), 0)  # type: ignore[arg-type]  # options of `view`
        assert list(scores.values()) == sorted(scores.values(), reverse=True)
        assert sum(scores.values()) == pytest.approx(100)
        best[name] = max(scores, key=lambda label: scores[label])
    assert best == {name: name for name in CLASSES}


def test_the_default_minimum_is_the_assumed_threshold(photographs: tuple[Bench, str]) -> None:
    bench, arn = photographs
    results = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))["LabelEvaluationResults"]
    thresholds = {result["Label"]: 100 * result["Metrics"]["Threshold"] for result in results}
    image = view("cat", (0.3, 0.4))
    everything = detected(bench, arn, image, 0)
    assert detected(bench, arn, image) == {
        label: score for label, score in everything.items() if score >= thresholds[label]
    }
    assert "cat" in detected(bench, arn, image)
    assert detected(bench, arn, image, 99.99) == {}


def test_the_evaluation_follows_from_the_tested_manifest(photographs: tuple[Bench, str]) -> None:
    """Recompute the scores from the confidences of the tested images."""
    bench, _ = photographs
    summary = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))
    rows: list[tuple[set[str], dict[str, float]]] = []
    for line in lines_of(bench, "dogs/v1/testing.manifest"):
        metadata: list[Any] = [line[name] for name in line if name.endswith("-metadata")]
        truth = {each["class-name"] for each in metadata if each["human-annotated"] == "yes"}
        rows.append(
            (truth, {each["class-name"]: each["confidence"] for each in metadata if each["human-annotated"] == "no"})
        )
    assert len(rows) == 10
    f1_scores: list[float] = []
    for result in summary["LabelEvaluationResults"]:
        label, metrics = result["Label"], result["Metrics"]
        predicted = [(label in truth) for truth, scores in rows if scores[label] >= metrics["Threshold"]]
        right, images = sum(predicted), sum(label in truth for truth, _ in rows)
        assert metrics["Precision"] == pytest.approx(right / len(predicted))
        assert metrics["Recall"] == pytest.approx(right / images)
        assert metrics["F1Score"] == pytest.approx(2 * right / (len(predicted) + images))
        assert result["NumberOfTestingImages"] == images == 2
        f1_scores.append(metrics["F1Score"])
    total = summary["AggregatedEvaluationResults"]
    assert total["F1Score"] == pytest.approx(sum(f1_scores) / len(f1_scores))
    evaluation = described(bench).evaluation_result
    assert evaluation is not None
    assert evaluation.f1_score == pytest.approx(total["F1Score"])
    assert total["F1Score"] > 0.8
    cells = {(cell["GroundTruthLabel"], cell["PredictedLabel"]): cell["Value"] for cell in total["ConfusionMatrix"]}
    assert len(cells) == 25
    thresholds = {result["Label"]: result["Metrics"]["Threshold"] for result in summary["LabelEvaluationResults"]}
    for (truth, predicted_label), share in cells.items():
        own = [scores[predicted_label] for labels, scores in rows if truth in labels]
        assert share == pytest.approx(sum(score >= thresholds[predicted_label] for score in own) / len(own))


def test_the_summary_has_the_members_of_the_service(photographs: tuple[Bench, str]) -> None:
    bench, arn = photographs
    summary = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))
    assert set(summary) == {"Version", "AggregatedEvaluationResults", "EvaluationDetails", "LabelEvaluationResults"}
    assert summary["EvaluationDetails"] == {
        "EvaluationEndTimestamp": "2023-11-14T22:13:20",
        "Labels": sorted(CLASSES),
        "NumberOfTestingImages": 10,
        "NumberOfTrainingImages": 10,
        "ProjectVersionArn": arn,
    }


def test_a_tested_image_has_a_result_for_each_label(photographs: tuple[Bench, str]) -> None:
    bench, _ = photographs
    line = lines_of(bench, "dogs/v1/testing.manifest")[0]
    assert line["source-ref"] == "s3://photos/test-cat-0.jpg"
    assert line["rekognition-custom-labels-training-0"] == 1
    metadata = line["rekognition-custom-labels-evaluation-0-metadata"]
    assert isinstance(metadata, dict)
    assert (metadata["class-name"], metadata["type"]) == ("cat", "groundtruth/image-classification")
    assert metadata["rekognition-custom-labels-evaluation-details"] == {
        "version": 1,
        "ground-truth-labelling-jobs": ["rekognition-custom-labels-training-job"],
        "is-true-positive": True,
        "is-true-negative": False,
        "is-false-positive": False,
        "is-false-negative": False,
        "is-present-in-ground-truth": True,
    }


def test_declared_labels_come_before_the_model(photographs: tuple[Bench, str]) -> None:
    bench, arn = photographs
    image = view("cat", (0.05, 0.05))
    bench.emulator.declare(image, custom_labels=["lion"])
    assert list(detected(bench, arn, image)) == ["lion"]


@pytest.mark.slow
def test_a_second_training_gives_the_same_model(photographs: tuple[Bench, str]) -> None:
    bench, arn = photographs
    again = train(bench, *(lines_and_tests(bench)), name="again")
    bench.client.start_project_version(again, min_inference_units=1)
    image = view("palace", (0.2, 0.2))
    assert detected(bench, again, image, 0) == detected(bench, arn, image, 0)


def lines_and_tests(bench: Bench) -> tuple[list[str], list[str]]:
    """Return the manifests of the running model."""
    files = (bench.emulator.get_object("manifests", f"v1-{kind}.manifest").decode() for kind in ("train", "test"))
    train_text, test_text = files
    return train_text.splitlines(), test_text.splitlines()


# --- other data


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench(vision="on") as opened:
        yield opened


def test_images_may_have_several_labels(bench: Bench) -> None:
    """Train whether an image is dark, and whether it is green, on four combinations."""
    lines: list[str] = []
    for number, (colour, labels) in enumerate(
        [
            ((0, 60, 0), ["dark", "green"]),
            ((60, 0, 0), ["dark"]),
            ((160, 255, 160), ["green"]),
            ((255, 160, 160), ["pink"]),
        ]
    ):
        file = io.BytesIO()
        Image.new("RGB", (100, 100), colour).save(file, "PNG")
        bench.emulator.put_object("photos", f"{number}.png", file.getvalue())
        parts = [json.loads(label_line(f"{number}.png", label)) for label in labels]
        line = {"source-ref": parts[0]["source-ref"]}
        for index, part in enumerate(parts):
            line |= {f"kind-{index}": 1, f"kind-{index}-metadata": part["kind-metadata"]}
        lines.append(json.dumps(line))
    arn = train(bench, lines, lines)
    assert described(bench).status == "TRAINING_COMPLETED"
    bench.client.start_project_version(arn, min_inference_units=1)
    image = bench.emulator.get_object("photos", "0.png")
    assert set(detected(bench, arn, image)) == {"dark", "green"}
    assert len(detected(bench, arn, image, 0)) == 3


def test_bounding_boxes_count_as_labels_of_the_image_and_none_is_returned(bench: Bench) -> None:
    put_shades(bench.emulator)
    lines = [
        box_line(f"{name}.png", (10, 10, 30, 30), names={"0": name.partition("-")[0]})
        for name in ("dark-0", "bright-1", "dark-2", "bright-3")
    ]
    arn = train(bench, lines, lines[2:])
    bench.client.start_project_version(arn, min_inference_units=1)
    labels = bench.client.detect_custom_labels(arn, DARK).custom_labels
    assert [(label.name, label.geometry) for label in labels] == [("dark", None)]
    summary = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))
    assert "whole images, not of bounding boxes" in summary["Note"]
    statistics = json.loads(read(bench, "ManifestSummary-dogs-v1.json"))["statistics"]
    assert statistics["training"]["use_case"] == "OBJECT_LOCALIZATION"


def test_one_label_of_boxes_has_no_model(bench: Bench) -> None:
    """The service trains with one label of boxes, but nothing here tells which images lack it."""
    put_shades(bench.emulator)
    lines = [box_line(f"{name}.png", (10, 10, 30, 30)) for name in ("dark-0", "bright-1")]
    arn = train(bench, lines, lines)
    description = described(bench)
    assert description.status == "TRAINING_COMPLETED"
    assert description.evaluation_result is not None
    assert description.evaluation_result.f1_score is None
    bench.client.start_project_version(arn, min_inference_units=1)
    assert refusal(lambda: detected(bench, arn, DARK))[0] == NOT_SERVED


def test_images_that_cannot_be_used_are_reported_and_left_out(bench: Bench) -> None:
    lines = put_shades(bench.emulator, 12)
    bench.emulator.put_object("photos", "small.png", blank_png(width=63, height=64))
    lines += [label_line("missing.png", "dark"), label_line("small.png", "bright")]
    bench.emulator.put_object("photos", "long.png", blank_png(width=2001, height=100))
    lines.insert(3, box_line("long.png", (1, 1, 9, 9), names={"0": "dark"}))
    train(bench, lines, shades(4))
    assert described(bench).status == "TRAINING_COMPLETED"
    checked = lines_of(bench, "dogs/v1/training_manifest_with_validation.json")
    codes = {str(line["source-ref"]): line["errors"] for line in checked if "errors" in line}
    assert {source.rpartition("/")[2]: errors[0]["code"] for source, errors in codes.items()} == {  # type: ignore[index]  # a list of errors
        "long.png": "ERROR_INVALID_IMAGE_DIMENSION",
        "missing.png": "ERROR_INVALID_IMAGE",
        "small.png": "ERROR_INVALID_IMAGE",
    }
    assert len(lines_of(bench, "dogs/v1/training.manifest")) == 12
    statistics = json.loads(read(bench, "ManifestSummary-dogs-v1.json"))["statistics"]["training"]
    assert (statistics["total_json_lines"], statistics["valid_json_lines"]) == (15, 12)
    assert (statistics["invalid_json_lines"], statistics["error_json_line_indices"]) == (3, [4, 14, 15])


FEW = "The manifest file has too few labels.", "ERROR_MANIFEST_TOO_FEW_LABELS"
OVERLAP = (
    "Less than 50% label overlap between the training and testing manifest files.",
    "ERROR_INSUFFICIENT_LABEL_OVERLAP",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("train_lines", "test_lines", "failure"),
    [
        ([label_line("dark-0.png", "dark")], shades(2), FEW),
        (shades(2), [label_line("dark-0.png", "dark")], FEW),
        (
            [label_line("dark-0.png", str(number)) for number in range(1)] + shades(4),
            [label_line("dark-0.png", "x"), label_line("bright-1.png", "y")],
            OVERLAP,
        ),
        (
            [*shades(3), label_line("dark-4.png", "rare")],
            None,
            (
                "The manifest file contains insufficient labeled images per label to perform auto-split.",
                "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT",
            ),
        ),
        (
            [label_line("none-1.png", "a"), label_line("none-2.png", "b")],
            shades(2),
            (
                "Failed to copy images from S3 bucket.",
                "ERROR_FAILED_IMAGES_S3_COPY",
            ),
        ),
        (
            [*shades(4), label_line("none.png"), label_line("none-2.png")],
            shades(2),
            (
                "The manifest file contains too many invalid rows.",
                "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST",
            ),
        ),
        ([unlabelled_line("dark-0.png")], shades(2), FEW),
    ],
)
def test_too_little_data_fails_with_the_error_of_the_guide(
    bench: Bench, train_lines: list[str], test_lines: list[str] | None, failure: tuple[str, str]
) -> None:
    put_shades(bench.emulator)
    train(bench, train_lines, test_lines)
    description = described(bench)
    assert (description.status, description.status_message) == ("TRAINING_FAILED", failure[0])
    assert description.evaluation_result is None
    summary = json.loads(read(bench, "ManifestSummary-dogs-v1.json"))
    parts = summary["statistics"].values()
    codes = [error["code"] for part in (*parts, summary) for error in part["errors"]]
    assert failure[1] in codes


def test_one_image_of_each_label_is_enough(bench: Bench) -> None:
    put_shades(bench.emulator)
    train(bench, shades(2), shades(2))
    evaluation = described(bench).evaluation_result
    assert evaluation is not None
    assert evaluation.f1_score == 1


# --- interruptions


@pytest.mark.slow
def test_an_interrupted_training_goes_on_without_repeating_an_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed: list[int] = []
    classify = EfficientNet.classify
    emulators: list[Emulator] = []

    def counting(self: EfficientNet, image: object) -> object:
        analysed.append(1)
        if len(analysed) == 3:
            emulators[0]._worker._closed = True  # pyright: ignore[reportPrivateUsage]  # as `close` does first
        return classify(self, image)  # type: ignore[arg-type]  # the image of the caller

    monkeypatch.setattr(EfficientNet, "classify", counting)
    labels = ["a", "b"]
    with open_bench(vision="on", data=tmp_path) as bench:
        emulators.append(bench.emulator)
        for number in range(8):
            bench.emulator.put_object("photos", f"{number}.png", blank_png(number * 30))
        lines = [label_line(f"{number}.png", labels[number % 2]) for number in range(8)]
        train(bench, lines[:6], lines[6:])
        wait_until(lambda: len(analysed) == 3)
    assert len(analysed) == 3
    with open_bench(vision="on", data=tmp_path) as bench:
        assert described(bench).status == "TRAINING_COMPLETED"
    assert len(analysed) == 8


def test_a_training_that_is_declared_to_fail_stores_no_model(tmp_path: Path) -> None:
    with open_bench(60, vision="on", data=tmp_path) as bench:
        lines = put_shades(bench.emulator)
        project = bench.create_project()
        bench.clock.advance(60)
        arn = train(bench, lines, None)
        bench.emulator.declare_version(arn, status="FAILED", message="out of luck")
        bench.clock.advance(60)
        description = bench.describe_version(project)
        assert (description.status, description.status_message) == ("TRAINING_FAILED", "out of luck")
        assert tables(bench) == {"training": 0, "training_image": 0, "model": 0}


def tables(bench: Bench) -> dict[str, int]:
    """Return the number of rows of each table of trainings."""
    state: State = getattr(bench.emulator, "_state")  # noqa: B009 (private)
    with state.read() as connection:
        return {
            name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
            for name in ("training", "training_image", "model")
        }


def test_a_reset_in_the_middle_of_a_training_leaves_nothing(bench: Bench) -> None:
    train(bench, put_shades(bench.emulator), None)
    bench.emulator.reset()
    assert bench.client.describe_projects().project_descriptions == []
    assert tables(bench) == {"training": 0, "training_image": 0, "model": 0}


def test_a_training_that_the_networks_were_turned_off_for_ends_without_a_model(tmp_path: Path) -> None:
    with open_bench(60, vision="on", data=tmp_path) as bench:
        lines = put_shades(bench.emulator)
        bench.create_project()
        bench.clock.advance(60)
        train(bench, lines, None)
    with open_bench(data=tmp_path) as bench:
        bench.clock.advance(200)
        assert described(bench).status == "TRAINING_COMPLETED"
        assert tables(bench) == {"training": 0, "training_image": 0, "model": 0}


# --- the life of a model


@pytest.mark.slow
def test_a_copied_model_outlives_its_source_and_a_snapshot_has_it(bench: Bench, tmp_path: Path) -> None:
    arn = train(bench, put_shades(bench.emulator), None)
    target = bench.create_project("copies")
    (source,) = [
        each for each in bench.client.describe_projects().project_descriptions if "/dogs/" in str(each.project_arn)
    ]
    copied = bench.client.copy_project_version(
        source_project_arn=str(source.project_arn),
        source_project_version_arn=arn,
        destination_project_arn=target,
        version_name="copy",
        output_config=OUTPUT,
    ).project_version_arn
    bench.describe_version(target, "copy")
    bench.client.delete_project_version(arn)
    bench.describe_version(target, "copy")
    assert tables(bench) == {"training": 0, "training_image": 0, "model": 1}
    bench.client.start_project_version(copied, min_inference_units=1)
    assert list(detected(bench, copied, DARK)) == ["dark"]
    bench.emulator.snapshot(tmp_path / "model.db")
    with open_bench(vision="on") as other:
        other.emulator.restore(tmp_path / "model.db")
        assert detected(other, copied, BRIGHT, 0) == detected(bench, copied, BRIGHT, 0)


def test_a_running_model_needs_the_networks(tmp_path: Path) -> None:
    with open_bench(vision="on", data=tmp_path) as bench:
        arn = train(bench, put_shades(bench.emulator), None)
        bench.client.start_project_version(arn, min_inference_units=1)
        assert list(detected(bench, arn, DARK)) == ["dark"]
    with Emulator(data=tmp_path, vision="off") as emulator, RekognitionClient.local(emulator) as client:
        code, message = refusal(lambda: client.detect_custom_labels(arn, DARK))
        assert code == NOT_SERVED
        assert message.startswith("DetectCustomLabels: this emulator can't detect the custom_labels of an image")
        assert "declare(image, custom_labels=[...])" in message
        emulator.declare(DARK, custom_labels=["night"])
        assert [label.name for label in client.detect_custom_labels(arn, DARK).custom_labels] == ["night"]


def test_a_training_ends_when_it_is_due_whenever_a_request_finds_it() -> None:
    with open_bench(60, vision="on") as bench:
        project = bench.create_project()
        bench.clock.advance(60)
        bench.create_dataset(project)
        bench.clock.advance(60)
        dataset = str(bench.client.describe_projects().project_descriptions[0].datasets[0].dataset_arn)
        bench.update_dataset(dataset, *put_shades(bench.emulator))
        bench.clock.advance(60)
        begun = bench.clock()
        bench.create_version(project)
        bench.clock.advance(500)
        version = bench.describe_version(project)
        assert version.status == "TRAINING_COMPLETED"
        assert version.training_end_timestamp is not None
        assert version.training_end_timestamp.timestamp() == begun + 60
        assert version.billable_training_time_in_seconds == 60
        summary = json.loads(read(bench, "EvaluationResultSummary-dogs-v1.json"))
        ended = datetime.fromtimestamp(begun + 60, UTC).replace(tzinfo=None).isoformat()
        assert summary["EvaluationDetails"]["EvaluationEndTimestamp"] == ended


def test_a_response_has_the_end_of_a_training_that_comes_before_the_step_of_its_features(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting, answered = threading.Event(), threading.Event()
    extracted: list[str] = []

    def extract(_context: Context, step: Step) -> None:
        """Keep the worker busy for v1 until the end of v2 is handed over, and for v2 until the request is answered."""
        extracted.append(str(step.detail["arn"]))
        assert (waiting if len(extracted) == 1 else answered).wait(LIMIT_SECONDS)

    def wait(worker: Worker, *job_ids: str) -> None:
        waiting.set()
        worker_wait(worker, *job_ids)

    worker_wait = Worker.wait
    monkeypatch.setitem(STEPS, StepKind.EXTRACT_FEATURES, extract)
    monkeypatch.setattr(Worker, "wait", wait)
    with open_bench(60, vision="on") as bench:
        project = bench.create_project()
        bench.clock.advance(60)
        lines = shades(10)  # of images that do not exist, so the trainings end at once
        arns = [train(bench, lines, None, name) for name in ("v1", "v2")]
        wait_until(lambda: extracted == arns[:1])
        bench.clock.advance(500)
        version = bench.describe_version(project, "v2")
        answered.set()
        assert version.status == "TRAINING_FAILED"


def test_a_response_has_the_end_of_a_training_that_ends_while_the_request_begins_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def settle_twice(context: Context, *version_arns: str) -> None:
        settle_training(context, *version_arns)  # for another request, which comes first
        settle_training(context, *version_arns)

    settle_training = versions.settle_training
    with open_bench(60, vision="on") as bench:
        project = bench.create_project()
        bench.clock.advance(60)
        train(bench, shades(10), None)
        bench.clock.advance(500)
        monkeypatch.setattr(versions, "settle_training", settle_twice)
        assert bench.describe_version(project).status == "TRAINING_FAILED"


def test_a_declared_score_stays(bench: Bench) -> None:
    arn = train(bench, put_shades(bench.emulator), None)
    bench.emulator.declare_version(arn, f1_score=0.25)
    evaluation = described(bench).evaluation_result
    assert evaluation is not None
    assert evaluation.f1_score == 0.25
