"""Files of a training in the bucket of its OutputConfig: their names, and their content in the service's form.

The names of the two summaries are those in published responses of the service. The members of the summary of an
evaluation, and those of the tested manifest, are those of the service's guide. All manifests are in a folder of ours,
because nothing shows where the service writes them.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ...._core.scalars import moment
from ..files import write_file
from .annotations import CLASSIFICATION
from .training_data import Part, summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from .... import models
    from ...context import Context
    from ...state.rows.datasets import Entry
    from .evaluation import Evaluation
    from .training_data import ContentError

UNWRITABLE = "The output can't be written to the bucket."
LOCATED_NOTE = "Written by an emulator: the scores are those of labels of whole images, not of bounding boxes."

_EVALUATION, _MANIFESTS = "EvaluationResultSummary", "ManifestSummary"
_FORMAT_VERSION = 1
_NO_SCORES = {"F1Score": None, "Precision": None, "Recall": None}
_TRAINING_JOB, _EVALUATION_JOB = "rekognition-custom-labels-training", "rekognition-custom-labels-evaluation"


class VersionFiles(NamedTuple):
    """Names of the files of a version, below the prefix of its OutputConfig."""

    project: str
    version: str

    @property
    def evaluation(self) -> str:
        """Name of the summary of the evaluation."""
        return f"{_EVALUATION}-{self.project}-{self.version}.json"

    @property
    def manifest_summary(self) -> str:
        """Name of the summary of the manifests."""
        return f"{_MANIFESTS}-{self.project}-{self.version}.json"

    def other(self, name: str) -> str:
        """Return the name of another file, such as a manifest."""
        return f"{self.project}/{self.version}/{name}"

    def copy_of(self, name: str) -> str:
        """Return the name of the copy of a file of another version."""
        for kind, own in ((_EVALUATION, self.evaluation), (_MANIFESTS, self.manifest_summary)):
            if name.startswith(f"{kind}-"):
                return own
        return self.other(name)


class VersionOutput(NamedTuple):
    """Destination of a training's files, the ARN of its version, and the time at which it ends."""

    config: models.OutputConfig
    files: VersionFiles
    arn: str
    end: float

    def write(self, context: Context, name: str, content: bytes) -> dict[str, object]:
        """Write a file, and return the member of a description that locates it."""
        return {"S3Object": write_file(context, self.config.s3_bucket or "", self.config.s3_key_prefix, name, content)}


def write_manifests(
    context: Context,
    output: VersionOutput,
    train: Part,
    test: Part,
    errors: Sequence[ContentError],
    tested: Sequence[str] | None = None,
) -> dict[str, object]:
    """Write the manifests and their summary, and return the members of the version's description that locate them.

    `tested` has the lines of the test data with results; without it, the usable lines are written.
    """
    files = output.files
    changes: dict[str, object] = {
        "ManifestSummary": output.write(context, files.manifest_summary, summary((train, test), errors))
    }
    used_lines = [entry.line for entry in test.used] if tested is None else tested
    for part, member, lines in (
        (train, "TrainingDataResult", [entry.line for entry in train.used]),
        (test, "TestingDataResult", used_lines),
    ):
        name = files.other(f"{part.name}_manifest_with_validation.json")
        checked = output.write(context, name, _joined([entry.line for entry in part.manifest.entries]))
        used = output.write(context, files.other(f"{part.name}.manifest"), _joined(lines))
        changes[member] = {"Output": _assets(used), "Validation": _assets(checked)}
    return changes


def unmeasured_summary(output: VersionOutput, train: Part, test: Part, note: str) -> bytes:
    """Return the summary of an evaluation without a model: counts and labels, and null for every score."""
    images = Counter(label for entry in test.used for label in entry.labels)
    results: list[object] = [
        {"Label": label, "Metrics": {**_NO_SCORES, "Threshold": None}, "NumberOfTestingImages": images[label]}
        for label in sorted(train.labels | test.labels)
    ]
    labels = sorted(train.labels | test.labels)
    scores: dict[str, object] = {"ConfusionMatrix": [], **_NO_SCORES}
    return _evaluation_summary(output, train, test, labels, scores, results, note)


def measured_summary(output: VersionOutput, train: Part, test: Part, evaluation: Evaluation) -> bytes:
    """Return the summary of the evaluation of a model; the labels are ordered by their F1 scores (assumed: falling)."""
    results: list[object] = [
        {
            "Label": result.label,
            "Metrics": {
                "F1Score": result.f1_score,
                "Precision": result.precision,
                "Recall": result.recall,
                "Threshold": result.threshold,
            },
            "NumberOfTestingImages": result.images,
        }
        for result in sorted(evaluation.labels, key=lambda result: (-(result.f1_score or 0.0), result.label))
    ]
    matrix = [
        {"GroundTruthLabel": cell.truth, "PredictedLabel": cell.predicted, "Value": cell.share}
        for cell in evaluation.confusion
    ]
    scores: dict[str, object] = {
        "ConfusionMatrix": matrix,
        "F1Score": evaluation.f1_score,
        "Precision": evaluation.precision,
        "Recall": evaluation.recall,
    }
    labels = [result.label for result in evaluation.labels]
    note = LOCATED_NOTE if train.use_case == "OBJECT_LOCALIZATION" else None
    return _evaluation_summary(output, train, test, labels, scores, results, note)


def _evaluation_summary(
    output: VersionOutput,
    train: Part,
    test: Part,
    labels: Sequence[str],
    scores: Mapping[str, object],
    results: Sequence[object],
    note: str | None,
) -> bytes:
    document: dict[str, object] = {
        "Version": _FORMAT_VERSION,
        **({} if note is None else {"Note": note}),
        "AggregatedEvaluationResults": scores,
        "EvaluationDetails": {
            "EvaluationEndTimestamp": _timestamp(output.end),
            "Labels": labels,
            "NumberOfTestingImages": len(test.used),
            "NumberOfTrainingImages": len(train.used),
            "ProjectVersionArn": output.arn,
        },
        "LabelEvaluationResults": results,
    }
    return json.dumps(document).encode()


def tested_line(
    entry: Entry, scores: Mapping[str, float], thresholds: Mapping[str, float], truth: Set[str], end: float
) -> str:
    """Return the line of a tested image: its labels, and each label's score with the kind of the result."""
    line: dict[str, object] = {"source-ref": entry.source_ref}
    for number, label in enumerate(sorted(truth)):
        name = f"{_TRAINING_JOB}-{number}"
        line[name] = 1
        line[f"{name}-metadata"] = _metadata(label, 1.0, f"{_TRAINING_JOB}-job", human=True, end=end)
    for number, (label, score) in enumerate(sorted(scores.items())):
        name, predicted, present = f"{_EVALUATION_JOB}-{number}", score >= thresholds[label], label in truth
        line[name] = int(predicted)
        line[f"{name}-metadata"] = {
            **_metadata(label, score, f"{_EVALUATION_JOB}-job", human=False, end=end),
            f"{_EVALUATION_JOB}-details": {
                "version": _FORMAT_VERSION,
                "ground-truth-labelling-jobs": [f"{_TRAINING_JOB}-job"],
                "is-true-positive": predicted and present,
                "is-true-negative": not predicted and not present,
                "is-false-positive": predicted and not present,
                "is-false-negative": not predicted and present,
                "is-present-in-ground-truth": present,
            },
        }
    return json.dumps(line)


def _metadata(label: str, confidence: float, job: str, *, human: bool, end: float) -> dict[str, object]:
    return {
        "confidence": confidence,
        "job-name": job,
        "class-name": label,
        "human-annotated": "yes" if human else "no",
        "creation-date": _timestamp(end),
        "type": CLASSIFICATION,
    }


def _timestamp(seconds: float) -> str:
    return moment(seconds).replace(tzinfo=None).isoformat()


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _assets(manifest: dict[str, object]) -> dict[str, object]:
    return {"Assets": [{"GroundTruthManifest": manifest}]}
