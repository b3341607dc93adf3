"""Versions of projects: train, describe, start, stop, delete; and what other operations may do with one.

No learning happens. A version that was trained here goes through all states, and DetectCustomLabels answers through it
what pictures were declared to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from .... import models
from ...._core.scalars import epoch, moment
from ...._core.wire import from_wire, to_wire
from ... import refusals
from ...answers.moderation import MODEL_VERSION
from ...scope import arn
from ...state import schedule
from ...state.rows import versions
from ...state.schedule import Step, StepKind
from ..pages import NEWEST, Listing
from . import training
from .projects import find_project, milliseconds, open_project

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping

    from ...context import Context
    from ...scope import Scope
    from ...state.rows.projects import ProjectRow
    from ...state.rows.versions import VersionRow


DEFAULT_PAGE = 100
STARTABLE = ("TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED")
DELETABLE = (*STARTABLE, "TRAINING_FAILED", "COPYING_FAILED", "DEPRECATED", "EXPIRED")
RUNNING = "The model is running."
STOPPED = "The model is stopped."

_CUSTOM_LABELS = models.CustomizationFeature.CUSTOM_LABELS


class VersionState(NamedTuple):
    """A version as other operations see it."""

    arn: str
    feature: str
    status: str


def create_project_version(
    context: Context, request: models.CreateProjectVersionRequest
) -> models.CreateProjectVersionResponse:
    """Begin the training of a version, with the given manifests or with the project's datasets."""
    check_output(request.output_config)
    if (request.training_data is None) is not (request.testing_data is None):
        raise refusals.invalid_parameter("TrainingData and TestingData must be given together or not at all.")
    with context.state.read() as connection:
        project = open_project(connection, context.scope, request.project_arn)
        if request.feature_config is not None and project.feature == _CUSTOM_LABELS:
            raise refusals.invalid_parameter("FeatureConfig is for projects of CONTENT_MODERATION only.")
        check_room(context, connection, project, request.version_name)
        data = training.find_data(connection, project, request)
    status, changes = training.train(context, project, request, data)
    description = {
        "StatusMessage": "The model is being trained.",
        "OutputConfig": to_wire(request.output_config),
        "KmsKeyId": request.kms_key_id,
        "VersionDescription": request.version_description,
        "FeatureConfig": request.feature_config and to_wire(request.feature_config),
        "BaseModelVersion": None if project.feature == _CUSTOM_LABELS else MODEL_VERSION,
        **training.inputs(request),
    }
    with context.state.write() as connection:
        project = open_project(connection, context.scope, request.project_arn)
        row = insert(
            context, connection, project, request.version_name, "TRAINING_IN_PROGRESS", description, request.tags
        )
        due = row.created + context.durations.training
        changes["TrainingEndTimestamp"] = due
        if status == models.ProjectVersionStatus.TRAINING_COMPLETED:
            changes["BillableTrainingTimeInSeconds"] = int(context.durations.training)
        finish_at(context, connection, row, due, status, changes)
    return models.CreateProjectVersionResponse(project_version_arn=row.arn)


def describe_project_versions(
    context: Context, request: models.DescribeProjectVersionsRequest
) -> models.DescribeProjectVersionsResponse:
    """List a project's versions, the newest first."""
    limit = request.max_results or DEFAULT_PAGE
    with context.state.read() as connection:
        project = find_project(connection, context.scope, request.project_arn)
        listing = Listing(context, ("DescribeProjectVersions", project.key, sorted(request.version_names or ())))
        before = listing.resume(request.next_token, NEWEST)
        rows = versions.page(connection, project.key, names=request.version_names, before=before, limit=limit + 1)
    page, token = listing.cut(rows, limit)
    return models.DescribeProjectVersionsResponse(
        project_version_descriptions=[_describe(row) for row in page], next_token=token
    )


def start_project_version(
    context: Context, request: models.StartProjectVersionRequest
) -> models.StartProjectVersionResponse:
    """Let a model run."""
    least, most = request.min_inference_units, request.max_inference_units
    if most is not None and most < least:
        raise refusals.invalid_parameter("MaxInferenceUnits must not be less than MinInferenceUnits.")  # ours
    units = {"MinInferenceUnits": least, "MaxInferenceUnits": most}
    with context.state.write() as connection:
        row = _find_model(connection, context.scope, request.project_version_arn)
        row = _leave(connection, row, STARTABLE, "STARTING", {**units, "StatusMessage": "The model is starting."})
        due = context.clock() + context.durations.starting
        finish_at(context, connection, row, due, "RUNNING", {"StatusMessage": RUNNING})
    return models.StartProjectVersionResponse(status=models.ProjectVersionStatus.STARTING)


def stop_project_version(
    context: Context, request: models.StopProjectVersionRequest
) -> models.StopProjectVersionResponse:
    """Let a model run no longer."""
    with context.state.write() as connection:
        row = _find_model(connection, context.scope, request.project_version_arn)
        row = _leave(connection, row, ("RUNNING",), "STOPPING", {"StatusMessage": "The model is stopping."})
        due = context.clock() + context.durations.stopping
        finish_at(context, connection, row, due, "STOPPED", {"StatusMessage": STOPPED})
    return models.StopProjectVersionResponse(status=models.ProjectVersionStatus.STOPPING)


def delete_project_version(
    context: Context, request: models.DeleteProjectVersionRequest
) -> models.DeleteProjectVersionResponse:
    """Let a version go that is neither busy nor running."""
    with context.state.write() as connection:
        row = find_version(connection, context.scope, request.project_version_arn)
        row = _leave(connection, row, DELETABLE, "DELETING", {"StatusMessage": "The model is being deleted."})
        due = context.clock() + context.durations.deleting
        schedule.add(connection, context.scope, due, StepKind.FINISH_VERSION_DELETION, {"key": row.key})
    return models.DeleteProjectVersionResponse(status=models.ProjectVersionStatus.DELETING)


def finish_step(context: Context, step: Step) -> None:
    """Let a version be where its step leads, unless it has left the state in which the step began."""
    before, after = str(step.detail["before"]), str(step.detail["after"])
    changes = cast("Mapping[str, object]", step.detail["changes"])  # cast: it was written below
    with context.state.write() as connection:
        if schedule.claim(connection, step):
            versions.move(connection, schedule.row_key(step), before, after, changes)


def finish_deletion(context: Context, step: Step) -> None:
    """Remove a version."""
    with context.state.write() as connection:
        if schedule.claim(connection, step):
            versions.delete(connection, schedule.row_key(step))


def version_state(context: Context, name: str) -> VersionState:
    """Return what a version is and how it is, or refuse an ARN that there is none of."""
    with context.state.read() as connection:
        row = find_version(connection, context.scope, name)
    return VersionState(row.arn, row.feature, row.status)


def require_model(context: Context, name: str) -> VersionState:
    """Return a model that DetectCustomLabels may use, or refuse."""
    version = version_state(context, name)
    if version.feature != _CUSTOM_LABELS:
        raise refusals.invalid_parameter(f"{name} is an adapter: use it with DetectModerationLabels.")  # ours
    if version.status != models.ProjectVersionStatus.RUNNING:
        raise refusals.resource_not_ready(f"{name} is {version.status}, not RUNNING.")
    return version


def require_adapter(context: Context, name: str) -> str | None:
    """Return the ARN that DetectModerationLabels repeats, None of an expired adapter, or refuse.

    An adapter needs no start: it can be used once it was trained (assumed). An expired one leaves the work to the base
    model.
    """
    version = version_state(context, name)
    if version.feature == _CUSTOM_LABELS:
        raise refusals.invalid_parameter(f"{name} is a model: use it with DetectCustomLabels.")  # ours
    if version.status == models.ProjectVersionStatus.EXPIRED:
        return None
    if version.status not in ("TRAINING_COMPLETED", "DEPRECATED"):
        raise refusals.resource_not_ready(f"{name} is {version.status}.")
    return version.arn


def find_version(connection: sqlite3.Connection, scope: Scope, name: str) -> VersionRow:
    """Return a version, or refuse."""
    row = versions.find(connection, scope, name)
    if row is None:
        raise refusals.resource_missing(name)
    return row


def insert(
    context: Context,
    connection: sqlite3.Connection,
    project: ProjectRow,
    version_name: str,
    status: str,
    description: Mapping[str, object],
    tags: Mapping[str, str] | None,
) -> VersionRow:
    """Store a new version and return it, or refuse a name that is taken or one more than there may be."""
    check_room(context, connection, project, version_name)
    now = context.clock()
    name = arn(context.scope, f"project/{project.name}/version/{version_name}/{milliseconds(now)}")
    versions.insert(
        connection,
        project.key,
        name=version_name,
        arn=name,
        status=status,
        created=now,
        description={member: value for member, value in description.items() if value is not None},
        tags=tags or {},
    )
    return find_version(connection, context.scope, name)


def check_room(context: Context, connection: sqlite3.Connection, project: ProjectRow, version_name: str) -> None:
    """Refuse a version's name that is taken, or one version more than a project may have."""
    if versions.page(connection, project.key, names=[version_name], before=NEWEST, limit=1):
        raise refusals.resource_in_use(f"{project.arn} has a version named {version_name}.")  # ours
    if versions.count(connection, project.key) >= context.limits.versions_per_project:
        raise refusals.quota_exceeded("versions of a project", context.limits.versions_per_project)


def finish_at(
    context: Context,
    connection: sqlite3.Connection,
    row: VersionRow,
    due: float,
    after: str,
    changes: Mapping[str, object],
) -> None:
    """Let a version's present state lead to another at a time, with changes to its description."""
    detail = {"key": row.key, "before": row.status, "after": after, "changes": changes}
    schedule.add(connection, context.scope, due, StepKind.FINISH_VERSION_STEP, detail)


def check_output(output: models.OutputConfig) -> None:
    """Refuse a place for files that has no bucket (assumed)."""
    if not output.s3_bucket:
        raise refusals.invalid_parameter("OutputConfig must have an S3Bucket.")


def _find_model(connection: sqlite3.Connection, scope: Scope, name: str) -> VersionRow:
    row = find_version(connection, scope, name)
    if row.feature != _CUSTOM_LABELS:
        raise refusals.invalid_parameter(f"{name} is an adapter, which is neither started nor stopped.")  # ours
    return row


def _leave(
    connection: sqlite3.Connection, row: VersionRow, allowed: Collection[str], after: str, changes: Mapping[str, object]
) -> VersionRow:
    """Let a version go on to another state, and return it as it is then; refuse a state that does not allow it."""
    if row.status not in allowed:
        raise refusals.resource_in_use(f"{row.arn} is {row.status}.")
    versions.move(connection, row.key, row.status, after, changes)
    return row._replace(status=after)


def _describe(row: VersionRow) -> models.ProjectVersionDescription:
    wire = {
        **row.description,
        "ProjectVersionArn": row.arn,
        "CreationTimestamp": epoch(moment(row.created)),
        "Status": row.status,
        "Feature": row.feature,
    }
    described = from_wire(models.ProjectVersionDescription, wire)
    if described.evaluation_result is not None:
        described.evaluation_result.f1_score = row.f1_score
    return described
