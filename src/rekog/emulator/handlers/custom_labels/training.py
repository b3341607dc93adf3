"""Training without learning: check the data, and write the files that describe it.

A training succeeds if its data are usable, and fails otherwise. It writes to the version's OutputConfig
(`version_files.py`): the summaries of the manifests and of the evaluation; under names in the guide
`training_manifest_with_validation.json` and `testing_manifest_with_validation.json`; under names of ours the manifests
with the usable lines. There is no model to evaluate, so a version has no F1 score unless the user declares one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from .... import models
from ...._core.wire import to_wire
from ... import refusals
from ...refusals import RefusalError
from ...state.rows import datasets
from ..files import write_file
from . import manifests
from .datasets import is_ready, read_manifest, stored_manifest
from .version_files import VersionFiles, evaluation_summary

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from ...context import Context
    from ...state.rows.datasets import Entry
    from ...state.rows.projects import ProjectRow
    from .manifests import Manifest

TRAINED = "The model is ready to run."
UNREADABLE = "The manifest file can't be read."
UNWRITABLE = "The output can't be written to the bucket."

_ADAPTER = models.CustomizationFeature.CONTENT_MODERATION


class Outcome(NamedTuple):
    """End of a training: the version's status, and changes to its description."""

    status: str
    changes: dict[str, object]


class Data(NamedTuple):
    """Manifests for the training and for the test."""

    train: Manifest
    test: Manifest


class _Part(NamedTuple):
    """The training or the test data, with the usable entries and the line numbers of invalid ones."""

    name: str
    manifest: Manifest
    used: list[Entry]
    invalid: list[int]


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
    return Data(by_type["TRAIN"], by_type["TEST"]) if "TEST" in by_type else _split(by_type["TRAIN"])


def train(
    context: Context,
    project: ProjectRow,
    request: models.CreateProjectVersionRequest,
    data: Data | None,
    *,
    version_arn: str,
    end: float,
) -> Outcome:
    """Check the data of a training that ends at a time, write its files, and return its outcome.

    If `data` is None, read it from the manifests in the request. Call this outside transactions: the object store may
    be slow.
    """
    data = data or _read_manifests(context, project, request)
    try:
        return _outcome(context, project, request, data, version_arn=version_arn, end=end)
    except RefusalError:
        return _failed(UNWRITABLE)


def _outcome(
    context: Context,
    project: ProjectRow,
    request: models.CreateProjectVersionRequest,
    data: Data,
    *,
    version_arn: str,
    end: float,
) -> Outcome:
    failure = data.train.failure or data.test.failure
    if failure is not None:
        return _failed(failure)
    train, test = parts = (_part("training", data.train, project), _part("testing", data.test, project))
    output, files = request.output_config, VersionFiles(project.name, request.version_name)

    def write(name: str, content: bytes) -> dict[str, object]:
        return {"S3Object": write_file(context, output.s3_bucket or "", output.s3_key_prefix, name, content)}

    changes: dict[str, object] = {"ManifestSummary": write(files.manifest_summary, _summary(parts))}
    for part, member in zip(parts, ("TrainingDataResult", "TestingDataResult"), strict=True):
        name = files.other(f"{part.name}_manifest_with_validation.json")
        checked = write(name, _lines(part.manifest.entries))
        used = write(files.other(f"{part.name}.manifest"), _lines(part.used))
        changes[member] = {"Output": _assets(used), "Validation": _assets(checked)}
    failure = _content_failure(parts)
    if failure is not None:
        return _failed(failure, changes)
    evaluation = evaluation_summary(train.used, test.used, version_arn, end)
    changes["EvaluationResult"] = {"Summary": write(files.evaluation, evaluation)}
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


def _read_manifests(context: Context, project: ProjectRow, request: models.CreateProjectVersionRequest) -> Data:
    training, testing = request.training_data, request.testing_data
    test_assets = testing.assets if testing else None
    adapter = project.feature == _ADAPTER
    train = _join(context, (training.assets if training else None) or (), adapter=adapter)
    return Data(train, _join(context, test_assets, adapter=adapter)) if test_assets else _split(train)


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
    train, test = manifests.split(manifest.entries)
    return Data(manifest._replace(entries=train), manifests.Manifest(test, 0, None))


def _part(name: str, manifest: Manifest, project: ProjectRow) -> _Part:
    used = [entry for entry in manifest.entries if entry.labeled or project.feature == _ADAPTER]
    invalid = [number for number, entry in enumerate(manifest.entries, 1) if entry.faulty and not entry.labeled]
    return _Part(name, manifest, used, invalid)


def _content_failure(parts: Sequence[_Part]) -> str | None:
    """Return the reason why the data are unusable, or None. A fifth of the lines may be invalid, as the guide says."""
    for part in parts:
        lines = len(part.manifest.entries) + part.manifest.left_out
        if len(part.invalid) + part.manifest.left_out > manifests.MAX_INVALID_SHARE * lines:
            return "The manifest file contains too many invalid rows."
        if not part.used:
            return f"The {part.name} data have no labeled images."  # our wording
    return None


def _failed(reason: str, changes: dict[str, object] | None = None) -> Outcome:
    return Outcome("TRAINING_FAILED", {**(changes or {}), "StatusMessage": reason})


def _summary(parts: Sequence[_Part]) -> bytes:
    """Return the manifest summary, in the form that the guide describes."""
    statistics = {
        part.name: {
            "total_json_lines": len(part.manifest.entries) + part.manifest.left_out,
            "valid_json_lines": len(part.used),
            "invalid_json_lines": len(part.invalid) + part.manifest.left_out,
            "ignored_json_lines": len(part.manifest.entries) - len(part.used) - len(part.invalid),
            "error_json_line_indices": part.invalid,
            "errors": [],
        }
        for part in parts
    }
    return json.dumps({"statistics": statistics, "errors": []}).encode()


def _lines(entries: Sequence[Entry]) -> bytes:
    return "".join(f"{entry.line}\n" for entry in entries).encode()


def _assets(manifest: dict[str, object]) -> dict[str, object]:
    return {"Assets": [{"GroundTruthManifest": manifest}]}
