"""Data of a training, and a training by rules alone, without a model.

The data are the manifests of the request or the datasets of the project, as they are when the training begins.
`learning.py` trains a model with them. Without the networks for that, and for an adapter, a training succeeds if its
data are usable, and fails otherwise; the version has no F1 score then, unless the user declares one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .... import models
from ...._core.wire import to_wire
from ... import refusals
from ...refusals import RefusalError
from ...state.rows import datasets
from . import manifests
from .datasets import is_ready, read_manifest, stored_manifest
from .training_data import TESTING, TRAINING, Data, part_of, row_errors
from .training_files import UNWRITABLE, unmeasured_summary, write_manifests

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from ...context import Context
    from ...state.rows.datasets import Entry
    from ...state.rows.projects import ProjectRow
    from .manifests import Manifest
    from .training_files import VersionOutput

TRAINED = "The model is ready to run."
UNREADABLE = "The manifest file can't be read."

_ADAPTER = models.CustomizationFeature.CONTENT_MODERATION


class Outcome(NamedTuple):
    """End of a training: the version's status, and changes to its description."""

    status: str
    changes: dict[str, object]


def inputs(request: models.CreateProjectVersionRequest) -> dict[str, object]:
    """Return the members of a version's description that repeat the data of the request."""
    if request.training_data is None or request.testing_data is None:
        return {}
    return {
        "TrainingDataResult": {"Input": to_wire(request.training_data)},
        "TestingDataResult": {"Input": to_wire(request.testing_data)},
    }


def find_data(
    connection: sqlite3.Connection, project: ProjectRow, request: models.CreateProjectVersionRequest
) -> Data | None:
    """Return the data of a project's datasets, or None if the request names manifests; refuse unusable sources.

    Without a test dataset the test data are split off from the training dataset (assumed).
    """
    rows = {row.type: row for row in datasets.of_project(connection, project.key)}
    if request.training_data is not None and request.testing_data is not None:
        _check_manifests(request.training_data, request.testing_data, has_datasets=bool(rows))
        return None
    if "TRAIN" not in rows:
        raise refusals.invalid_parameter(
            f"{project.arn} has no training dataset; create one, or send TrainingData and TestingData."
        )  # our wording
    for row in rows.values():
        if not is_ready(row):
            raise refusals.resource_in_use(f"{row.arn} is {row.status}.")  # our wording
    adapter = project.feature == _ADAPTER
    by_type = {kind: stored_manifest(connection, row.key, adapter=adapter) for kind, row in rows.items()}
    if "TEST" not in by_type:
        return _split(by_type["TRAIN"])
    return Data(by_type["TRAIN"], by_type["TEST"], split=False)


def read_manifests(context: Context, project: ProjectRow, request: models.CreateProjectVersionRequest) -> Data:
    """Return the data of the manifests in a request. Call this outside transactions: the object store may be slow."""
    training, testing = request.training_data, request.testing_data
    test_assets = testing.assets if testing else None
    adapter = project.feature == _ADAPTER
    train = _join(context, (training.assets if training else None) or (), adapter=adapter)
    if not test_assets:
        return _split(train)
    return Data(train, _join(context, test_assets, adapter=adapter), split=False)


def train_by_rules(context: Context, output: VersionOutput, data: Data, note: str, *, adapter: bool) -> Outcome:
    """Check the data of a training without a model, write its files, and return its outcome.

    `note` says in the summary of the evaluation why there are no scores. Call this outside transactions, like
    `read_manifests`.
    """
    failure = data.train.failure or data.test.failure
    if failure is not None:
        return failed(failure)
    try:
        return _outcome(context, output, data, note, adapter=adapter)
    except RefusalError:
        return failed(UNWRITABLE)


def failed(reason: str, changes: dict[str, object] | None = None) -> Outcome:
    """Return the outcome of a training that fails."""
    return Outcome("TRAINING_FAILED", {**(changes or {}), "StatusMessage": reason})


def _outcome(context: Context, output: VersionOutput, data: Data, note: str, *, adapter: bool) -> Outcome:
    train = part_of(TRAINING, data.train, {}, adapter=adapter)
    test = part_of(TESTING, data.test, {}, adapter=adapter)
    errors = row_errors((train, test))
    changes = write_manifests(context, output, train, test, errors)
    if errors:
        return failed(errors[0].message, changes)
    empty = next((part.name for part in (train, test) if not part.used), None)
    if empty is not None:
        return failed(f"The {empty} data have no labeled images.", changes)  # our wording
    evaluation = unmeasured_summary(output, train, test, note)
    changes["EvaluationResult"] = {"Summary": output.write(context, output.files.evaluation, evaluation)}
    return Outcome("TRAINING_COMPLETED", {**changes, "StatusMessage": TRAINED})


def _check_manifests(training: models.TrainingData, testing: models.TestingData, *, has_datasets: bool) -> None:
    if has_datasets:
        raise refusals.invalid_parameter(
            "TrainingData and TestingData must not be given for a project that has datasets."  # our wording
        )
    if not training.assets or bool(testing.assets) is bool(testing.auto_create):
        raise refusals.invalid_parameter(
            "TrainingData must have Assets, and TestingData must have either Assets or AutoCreate."  # our wording
        )


def _join(context: Context, assets: Sequence[models.Asset], *, adapter: bool) -> Manifest:
    """Read manifests and join them; an unreadable file fails the training, not the request (assumed)."""
    entries: dict[str, Entry] = {}
    left_out = 0
    for asset in assets:
        source = asset.ground_truth_manifest
        try:
            manifest = read_manifest(context, source.s3_object if source else None, adapter=adapter)
        except RefusalError:
            return manifests.Manifest([], 0, UNREADABLE)
        if manifest.failure is not None:
            return manifest
        left_out += manifest.left_out
        for entry in manifest.entries:
            entries.setdefault(entry.source_ref, entry)
    return manifests.Manifest(list(entries.values()), left_out, None)


def _split(manifest: Manifest) -> Data:
    """Split the test data off: a fifth of the images of each label, by their first labels (assumed)."""
    by_label: dict[str, list[Entry]] = {}
    for entry in manifest.entries:
        by_label.setdefault(next(iter(entry.labels), ""), []).append(entry)
    chosen = {
        entries[position].source_ref
        for entries in by_label.values()
        for position in manifests.chosen_for_test(len(entries))
    }
    train = [entry for entry in manifest.entries if entry.source_ref not in chosen]
    test = [entry for entry in manifest.entries if entry.source_ref in chosen]
    return Data(manifest._replace(entries=train), manifests.Manifest(test, 0, None), split=True)
