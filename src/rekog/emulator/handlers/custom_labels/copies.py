"""Copies of versions between projects and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .... import models
from ...._core.wire import to_wire
from ... import refusals
from ...refusals import RefusalError
from ...scope import owner
from ...state.rows import trainings, versions
from ..files import write_file
from .policies import allows_copy
from .projects import find_open_project, find_project
from .training import TRAINED
from .training_files import UNWRITABLE, VersionFiles
from .versions import (
    STARTABLE,
    check_new_version,
    check_output,
    create_version_row,
    find_version,
    schedule_status,
    settle_training,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from ...context import Context
    from ...state.rows.versions import VersionRow

COPYABLE = (*STARTABLE, "STARTING", "RUNNING", "STOPPING")
"""Statuses of a trained version (assumed)."""
_RESULTS = ("TrainingDataResult", "TestingDataResult", "ManifestSummary", "EvaluationResult")

_CUSTOM_LABELS = models.CustomizationFeature.CUSTOM_LABELS


def copy_project_version(
    context: Context, request: models.CopyProjectVersionRequest
) -> models.CopyProjectVersionResponse:
    """Add a copy of a trained version with its model and files, and schedule the step that ends the copying.

    The source may be in another account if its policies allow it.
    """
    check_output(request.output_config)
    if owner(request.source_project_arn).region != context.scope.region:
        raise refusals.invalid_parameter("The projects must be in the same region.")  # our wording
    settle_training(context, request.source_project_version_arn)
    with context.state.read() as connection:
        project = find_open_project(connection, context.scope, request.destination_project_arn)
        source = _source(context, connection, request)
        if (source.feature, project.feature) != (_CUSTOM_LABELS, _CUSTOM_LABELS):
            raise refusals.invalid_parameter("Only versions of CUSTOM_LABELS projects are copied.")
        if source.status not in COPYABLE:
            raise refusals.resource_in_use(f"{source.arn} is {source.status}.")
        check_new_version(context, connection, project, request.version_name)
    files = VersionFiles(project.name, request.version_name)
    after, changes = _outcome(context, request.output_config, files, source.description)
    description = {
        "StatusMessage": "The model is being copied.",
        "OutputConfig": to_wire(request.output_config),
        "KmsKeyId": request.kms_key_id,
        "SourceProjectVersionArn": source.arn,
    }
    with context.state.write() as connection:
        project = find_open_project(connection, context.scope, request.destination_project_arn)
        row = create_version_row(
            context,
            connection,
            project,
            request.version_name,
            "COPYING_IN_PROGRESS",
            description,
            request.tags,
            created=context.clock(),
        )
        trainings.copy_model(connection, source.key, row.key)
        if source.f1_score is not None:
            versions.set_f1_score(connection, row.key, source.f1_score)
        schedule_status(context, connection, row, row.created + context.durations.copying, after, changes)
    return models.CopyProjectVersionResponse(project_version_arn=row.arn)


def _outcome(
    context: Context, output: models.OutputConfig, files: VersionFiles, description: Mapping[str, object]
) -> tuple[str, dict[str, object]]:
    """Copy the files of a version, and return the status and changes with which the copy ends.

    Call this outside transactions: the object store may be slow.
    """
    try:
        results = {name: _copied(context, output, files, description[name]) for name in _RESULTS if name in description}
    except RefusalError:
        return "COPYING_FAILED", {"StatusMessage": UNWRITABLE}
    return "COPYING_COMPLETED", {**results, "StatusMessage": TRAINED}


def _source(context: Context, connection: sqlite3.Connection, request: models.CopyProjectVersionRequest) -> VersionRow:
    """Return the version to copy; refuse an unknown one, one of another project, or one that no policy allows."""
    scope = owner(request.source_project_arn)
    project = find_project(connection, scope, request.source_project_arn)
    if scope != context.scope and not allows_copy(
        connection, project.key, context.scope.account, request.source_project_version_arn
    ):
        raise refusals.copy_denied(context.scope.account, request.source_project_version_arn)
    row = find_version(connection, scope, request.source_project_version_arn)
    if row.project_key != project.key:
        raise refusals.invalid_parameter(f"{row.arn} is not a version of {project.arn}.")  # our wording
    return row


def _copied(context: Context, output: models.OutputConfig, files: VersionFiles, value: object) -> object:
    """Return a part of a description with its files copied to the new location, except the user's own in `Input`."""
    if isinstance(value, list):
        items = cast("list[object]", value)  # cast: of a JSON array
        return [_copied(context, output, files, item) for item in items]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, object]", value)  # cast: of a JSON object
    location = members.get("S3Object")
    if isinstance(location, dict):
        source = cast("dict[str, str]", location)  # cast: write_file made it
        return {"S3Object": _copied_file(context, output, files, source)}
    return {name: item if name == "Input" else _copied(context, output, files, item) for name, item in members.items()}


def _copied_file(
    context: Context, output: models.OutputConfig, files: VersionFiles, source: dict[str, str]
) -> Mapping[str, str]:
    """Copy a file and return its new location; for a file that the object store has lost, return the old one."""
    bucket, key = source["Bucket"], source["Name"]
    try:
        with context.objects.open(bucket, key) as file:  # of any size: a training joins manifests
            data = file.read()
    except RefusalError:
        return source
    name = files.copy_of(key.rpartition("/")[2])
    return write_file(context, output.s3_bucket or "", output.s3_key_prefix, name, data)
