"""Files of a version in the bucket of its OutputConfig: their names, and the summary of its evaluation.

The names of the two summaries are those in published responses of the service, and so are the members of the summary of
an evaluation. All other files are in a folder of ours, because nothing shows where the service writes them.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ...._core.scalars import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...state.rows.datasets import Entry

NOTE = "Written by an emulator: no model was trained, so there are no scores."

_EVALUATION, _MANIFESTS = "EvaluationResultSummary", "ManifestSummary"
_FORMAT_VERSION = 1
_NO_SCORES = {"F1Score": None, "Precision": None, "Recall": None}


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


def evaluation_summary(train: Sequence[Entry], test: Sequence[Entry], version_arn: str, end: float) -> bytes:
    """Return the summary of an evaluation that ended at a time: counts and labels, and null for every score."""
    images = Counter(label for entry in test for label in entry.labels)
    labels = sorted({label for entry in (*train, *test) for label in entry.labels})
    summary: dict[str, object] = {
        "Version": _FORMAT_VERSION,
        "Note": NOTE,
        "AggregatedEvaluationResults": {"ConfusionMatrix": list[object](), **_NO_SCORES},
        "EvaluationDetails": {
            "EvaluationEndTimestamp": moment(end).replace(tzinfo=None).isoformat(),
            "Labels": labels,
            "NumberOfTestingImages": len(test),
            "NumberOfTrainingImages": len(train),
            "ProjectVersionArn": version_arn,
        },
        "LabelEvaluationResults": [
            {"Label": label, "Metrics": {**_NO_SCORES, "Threshold": None}, "NumberOfTestingImages": images[label]}
            for label in labels
        ],
    }
    return json.dumps(summary).encode()
