"""Files of a training: whole documents, with each member that the service's guide names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rekog import models
from rekog.emulator.handlers.custom_labels import training_files
from rekog.emulator.handlers.custom_labels.evaluation import Cell, Evaluation, LabelResult
from rekog.emulator.handlers.custom_labels.manifests import Manifest, parse_line
from rekog.emulator.handlers.custom_labels.training_data import (
    BOTH,
    TESTING,
    TRAINING,
    ContentError,
    Part,
    part_of,
    summary,
)
from rekog.emulator.handlers.custom_labels.training_files import (
    VersionFiles,
    VersionOutput,
    measured_summary,
    unmeasured_summary,
)
from tests.kit.custom_labels import START, box_line, label_line, unlabelled_line

if TYPE_CHECKING:
    from rekog.emulator.state.rows.datasets import Entry

FILES = VersionFiles("dogs", "v1")
OUTPUT = VersionOutput(models.OutputConfig(s3_bucket="results"), FILES, "arn:version", START + 0.25)
ENDED = "2023-11-14T22:13:20.250000"
JOB = "rekognition-custom-labels"


def entry(line: str) -> Entry:
    parsed = parse_line(line, adapter=False)
    assert parsed is not None
    return parsed


def part(name: str, *lines: str, left_out: int = 0, adapter: bool = False) -> Part:
    return part_of(name, Manifest([entry(line) for line in lines], left_out, None), {}, adapter=adapter)


TRAIN = part(TRAINING, label_line("1.jpg", "cat"), label_line("2.jpg"), unlabelled_line("3.jpg"))
TEST = part(TESTING, label_line("4.jpg", "cat"), label_line("5.jpg", "fox"), label_line("6.jpg", "fox"))


def test_each_file_of_a_version_and_of_its_copy_has_its_name() -> None:
    assert (FILES.evaluation, FILES.manifest_summary, FILES.other("training.manifest")) == (
        "EvaluationResultSummary-dogs-v1.json",
        "ManifestSummary-dogs-v1.json",
        "dogs/v1/training.manifest",
    )
    copies = VersionFiles("copies", "v2")
    names = [FILES.evaluation, FILES.manifest_summary, "training.manifest", "ManifestSummaryOther.json"]
    assert [copies.copy_of(name) for name in names] == [
        "EvaluationResultSummary-copies-v2.json",
        "ManifestSummary-copies-v2.json",
        "copies/v2/training.manifest",
        "copies/v2/ManifestSummaryOther.json",
    ]


def test_the_summary_of_a_training_without_a_model_has_counts_and_no_scores() -> None:
    none = {"F1Score": None, "Precision": None, "Recall": None}
    counts = {"cat": 1, "dog": 0, "fox": 2}
    assert json.loads(unmeasured_summary(OUTPUT, TRAIN, TEST, "no model")) == {
        "Version": 1,
        "Note": "no model",
        "AggregatedEvaluationResults": {"ConfusionMatrix": [], **none},
        "EvaluationDetails": {
            "EvaluationEndTimestamp": ENDED,
            "Labels": ["cat", "dog", "fox"],
            "NumberOfTestingImages": 3,
            "NumberOfTrainingImages": 2,
            "ProjectVersionArn": "arn:version",
        },
        "LabelEvaluationResults": [
            {"Label": label, "Metrics": {**none, "Threshold": None}, "NumberOfTestingImages": count}
            for label, count in counts.items()
        ],
    }


EVALUATION = Evaluation(
    [
        LabelResult("ant", 0.5, None, None, None, 0),
        LabelResult("bee", 0.25, 0.5, 0.75, 0.625, 4),
        LabelResult("cat", 0.125, 1.0, 0.875, 0.9375, 3),
        LabelResult("dog", 0.375, 0.5, 0.75, 0.625, 2),
    ],
    [Cell("bee", "cat", 0.25)],
    0.1,
    0.2,
    0.3,
)
BOXES = part(TRAINING, box_line("1.jpg", (0, 0, 9, 9)))


@pytest.mark.parametrize("train", [TRAIN, BOXES])
def test_the_summary_of_a_model_has_all_scores_and_the_labels_of_the_best_scores_first(train: Part) -> None:
    document: dict[str, Any] = json.loads(measured_summary(OUTPUT, train, TEST, EVALUATION))
    note = "Written by an emulator: the scores are those of labels of whole images, not of bounding boxes."
    assert document == {
        "Version": 1,
        **({"Note": note} if train is BOXES else {}),
        "AggregatedEvaluationResults": {
            "ConfusionMatrix": [{"GroundTruthLabel": "bee", "PredictedLabel": "cat", "Value": 0.25}],
            "F1Score": 0.3,
            "Precision": 0.1,
            "Recall": 0.2,
        },
        "EvaluationDetails": {
            "EvaluationEndTimestamp": ENDED,
            "Labels": ["ant", "bee", "cat", "dog"],
            "NumberOfTestingImages": 3,
            "NumberOfTrainingImages": len(train.used),
            "ProjectVersionArn": "arn:version",
        },
        "LabelEvaluationResults": [
            {
                "Label": label,
                "Metrics": {"F1Score": f1_score, "Precision": precision, "Recall": recall, "Threshold": threshold},
                "NumberOfTestingImages": images,
            }
            for label, threshold, precision, recall, f1_score, images in (
                ("cat", 0.125, 1.0, 0.875, 0.9375, 3),
                ("bee", 0.25, 0.5, 0.75, 0.625, 4),
                ("dog", 0.375, 0.5, 0.75, 0.625, 2),
                ("ant", 0.5, None, None, None, 0),
            )
        ],
    }


def test_a_tested_line_has_each_label_of_its_image_and_a_result_for_each_label_of_the_model() -> None:
    image = entry(label_line("4.jpg", "cat"))
    scores = {"eel": 0.125, "cat": 0.5, "dog": 0.25, "ant": 0.75}
    thresholds = {"cat": 0.5, "dog": 0.5, "ant": 0.5, "eel": 0.25}
    line = json.loads(training_files.tested_line(image, scores, thresholds, {"dog", "cat"}, START + 0.25))
    expected: dict[str, object] = {"source-ref": "s3://photos/4.jpg"}
    common = {"creation-date": ENDED, "type": "groundtruth/image-classification"}
    for number, label in enumerate(("cat", "dog")):
        expected |= {
            f"{JOB}-training-{number}": 1,
            f"{JOB}-training-{number}-metadata": {
                "confidence": 1.0,
                "job-name": f"{JOB}-training-job",
                "class-name": label,
                "human-annotated": "yes",
                **common,
            },
        }
    results = [("ant", 1, "is-false-positive"), ("cat", 1, "is-true-positive"), ("dog", 0, "is-false-negative")]
    for number, (label, predicted, kind) in enumerate([*results, ("eel", 0, "is-true-negative")]):
        kinds = ("is-true-positive", "is-true-negative", "is-false-positive", "is-false-negative")
        expected |= {
            f"{JOB}-evaluation-{number}": predicted,
            f"{JOB}-evaluation-{number}-metadata": {
                "confidence": scores[label],
                "job-name": f"{JOB}-evaluation-job",
                "class-name": label,
                "human-annotated": "no",
                **common,
                f"{JOB}-evaluation-details": {
                    "version": 1,
                    "ground-truth-labelling-jobs": [f"{JOB}-training-job"],
                    **{name: name == kind for name in kinds},
                    "is-present-in-ground-truth": label in {"dog", "cat"},
                },
            },
        }
    assert line == expected


def test_the_summary_of_the_manifests_has_the_counts_of_all_lines_and_the_errors_of_each_part() -> None:
    bad = box_line("bad.jpg", (-5, 0, 50, 50))
    train = part(TRAINING, bad, label_line("1.jpg"), unlabelled_line("2.jpg"), bad.replace("bad", "worse"), left_out=2)
    test = part(TESTING, box_line("3.jpg", (0, 0, 9, 9)), label_line("4.jpg"), left_out=1)
    errors = [ContentError(TESTING, "A", "a"), ContentError(BOTH, "B", "b"), ContentError(TESTING, "C", "c")]
    assert json.loads(summary((train, test), errors)) == {
        "statistics": {
            "training": {
                "use_case": "IMAGE_LEVEL_LABELS",
                "total_json_lines": 6,
                "valid_json_lines": 1,
                "invalid_json_lines": 4,
                "ignored_json_lines": 1,
                "error_json_line_indices": [1, 4],
                "errors": [],
            },
            "testing": {
                "use_case": "OBJECT_LOCALIZATION",
                "total_json_lines": 3,
                "valid_json_lines": 2,
                "invalid_json_lines": 1,
                "ignored_json_lines": 0,
                "error_json_line_indices": [],
                "errors": [{"code": "A", "message": "a"}, {"code": "C", "message": "c"}],
            },
        },
        "errors": [{"code": "B", "message": "b"}],
    }
    statistics = json.loads(summary((part(TRAINING, unlabelled_line("1.jpg")),)))["statistics"]
    assert statistics["training"]["use_case"] == "NOT_DETERMINED"
