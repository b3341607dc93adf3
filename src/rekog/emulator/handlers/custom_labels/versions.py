"""Versions of projects: describe, start, stop, delete; checks for operations that use a version.

A model of a CUSTOM_LABELS project is trained by a worker (`creation.py`, `learning.py`), so requests that need its
result wait for a training that is due. All other versions only pass through the statuses of training, starting and
stopping.

In the service's terms, a version is a model in a project for CUSTOM_LABELS, and an adapter in one for
CONTENT_MODERATION.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from .... import models
from ...._core.scalars import epoch, moment
from ...._core.wire import from_wire
from ... import refusals
from ...background.due import hand_over
from ...scope import arn, arn_suffix
from ...state import schedule
from ...state.rows import versions
from ...state.schedule import Step, StepKind
from ..pages import NEWEST, Listing
from .learning import IN_TRAINING
from .projects import find_project

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
_CUSTOM_LABELS = models.CustomizationFeature.CUSTOM_LABELS
_RUNNING_MESSAGE = "The model is running."
_STOPPED_MESSAGE = "The model is stopped."


class VersionState(NamedTuple):
    """Properties of a version that other operations check."""

    arn: str
    feature: str
    status: str


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
    in_training = [row.arn for row in rows if row.status == IN_TRAINING]
    if in_training:
        settle_training(context, *in_training)
        with context.state.read() as connection:  # even without a wait: a training may have ended since the first read
            rows = versions.page(connection, project.key, names=request.version_names, before=before, limit=limit + 1)
    page, token = listing.cut(rows, limit)
    return models.DescribeProjectVersionsResponse(
        project_version_descriptions=[_describe(row) for row in page], next_token=token
    )


def start_project_version(
    context: Context, request: models.StartProjectVersionRequest
) -> models.StartProjectVersionResponse:
    """Set a version to STARTING, and schedule the step that makes it RUNNING."""
    minimum, maximum = request.min_inference_units, request.max_inference_units
    if maximum is not None and maximum < minimum:
        raise refusals.invalid_parameter("MaxInferenceUnits must not be less than MinInferenceUnits.")  # our wording
    settle_training(context, request.project_version_arn)
    units = {"MinInferenceUnits": minimum, "MaxInferenceUnits": maximum}
    with context.state.write() as connection:
        row = _find_model(connection, context.scope, request.project_version_arn)
        row = _move(connection, row, STARTABLE, "STARTING", {**units, "StatusMessage": "The model is starting."})
        due = context.clock() + context.durations.starting
        schedule_status(context, connection, row, due, "RUNNING", {"StatusMessage": _RUNNING_MESSAGE})
    return models.StartProjectVersionResponse(status=models.ProjectVersionStatus.STARTING)


def stop_project_version(
    context: Context, request: models.StopProjectVersionRequest
) -> models.StopProjectVersionResponse:
    """Set a running version to STOPPING, and schedule the step that makes it STOPPED."""
    with context.state.write() as connection:
        row = _find_model(connection, context.scope, request.project_version_arn)
        row = _move(connection, row, ("RUNNING",), "STOPPING", {"StatusMessage": "The model is stopping."})
        due = context.clock() + context.durations.stopping
        schedule_status(context, connection, row, due, "STOPPED", {"StatusMessage": _STOPPED_MESSAGE})
    return models.StopProjectVersionResponse(status=models.ProjectVersionStatus.STOPPING)


def delete_project_version(
    context: Context, request: models.DeleteProjectVersionRequest
) -> models.DeleteProjectVersionResponse:
    """Set a version to DELETING, and schedule the step that removes it.

    A version that is running, or whose status is about to change, is refused.
    """
    settle_training(context, request.project_version_arn)
    with context.state.write() as connection:
        row = find_version(connection, context.scope, request.project_version_arn)
        row = _move(connection, row, DELETABLE, "DELETING", {"StatusMessage": "The model is being deleted."})
        due = context.clock() + context.durations.deleting
        schedule.add(connection, context.scope, due, StepKind.FINISH_VERSION_DELETION, {"key": row.key})
    return models.DeleteProjectVersionResponse(status=models.ProjectVersionStatus.DELETING)


def finish_step(context: Context, step: Step) -> None:
    """Move a version to the status that its step leads to, unless its status has changed meanwhile."""
    before, after = str(step.detail["before"]), str(step.detail["after"])
    changes = cast("Mapping[str, object]", step.detail["changes"])  # cast: schedule_status wrote it
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            versions.move(connection, schedule.row_key(step), before, after, changes)


def finish_deletion(context: Context, step: Step) -> None:
    """Remove a version that is being deleted."""
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            versions.delete(connection, schedule.row_key(step))


def settle_training(context: Context, *version_arns: str) -> None:
    """Wait for trainings that are due, unless that takes too long (assumed).

    Call it outside transactions, and read the versions afterwards.
    """
    with context.state.read() as connection:
        pending = [arn for arn in version_arns if schedule.has_steps(connection, arn)]
        due = schedule.worker_steps(connection, context.clock())
    if not pending:
        return
    hand_over(context, due)
    context.worker.wait(*pending)


def version_state(context: Context, version_arn: str) -> VersionState:
    """Return feature and status of a version; refuse an unknown ARN."""
    settle_training(context, version_arn)
    with context.state.read() as connection:
        row = find_version(connection, context.scope, version_arn)
    return VersionState(row.arn, row.feature, row.status)


def require_model(context: Context, version_arn: str) -> VersionState:
    """Return a version for DetectCustomLabels; refuse an adapter, and a model that is not running."""
    version = version_state(context, version_arn)
    if version.feature != _CUSTOM_LABELS:
        raise refusals.invalid_parameter(
            f"{version_arn} is an adapter: use it with DetectModerationLabels."
        )  # our wording
    if version.status != models.ProjectVersionStatus.RUNNING:
        raise refusals.resource_not_ready(f"{version_arn} is {version.status}, not RUNNING.")
    return version


def require_adapter(context: Context, version_arn: str) -> str | None:
    """Return the ARN of a trained adapter for the response of DetectModerationLabels; refuse any other version.

    An adapter is not started: it can be used once it has been trained (assumed). Return None for an expired adapter,
    because the service then uses its base model instead.
    """
    version = version_state(context, version_arn)
    if version.feature == _CUSTOM_LABELS:
        raise refusals.invalid_parameter(f"{version_arn} is a model: use it with DetectCustomLabels.")  # our wording
    if version.status == models.ProjectVersionStatus.EXPIRED:
        return None
    if version.status not in ("TRAINING_COMPLETED", "DEPRECATED"):
        raise refusals.resource_not_ready(f"{version_arn} is {version.status}.")
    return version.arn


def find_version(connection: sqlite3.Connection, scope: Scope, version_arn: str) -> VersionRow:
    """Return a version; refuse an unknown ARN."""
    row = versions.find(connection, scope, version_arn)
    if row is None:
        raise refusals.resource_missing(version_arn)
    return row


def create_version_row(
    context: Context,
    connection: sqlite3.Connection,
    project: ProjectRow,
    version_name: str,
    status: str,
    description: Mapping[str, object],
    tags: Mapping[str, str] | None,
    *,
    created: float,
) -> VersionRow:
    """Store a new version and return it; refuse it as `check_new_version` does."""
    check_new_version(context, connection, project, version_name)
    version_arn = new_arn(context.scope, project, version_name, created)
    versions.insert(
        connection,
        project.key,
        name=version_name,
        arn=version_arn,
        status=status,
        created=created,
        description={member: value for member, value in description.items() if value is not None},
        tags=tags or {},
    )
    return find_version(connection, context.scope, version_arn)


def new_arn(scope: Scope, project: ProjectRow, version_name: str, created: float) -> str:
    """Return the ARN of a version that is created at a time."""
    return arn(scope, f"project/{project.name}/version/{version_name}/{arn_suffix(created)}")


def check_new_version(context: Context, connection: sqlite3.Connection, project: ProjectRow, version_name: str) -> None:
    """Refuse a version name that the project already has, or a version over the limit of the project."""
    if versions.page(connection, project.key, names=[version_name], before=NEWEST, limit=1):
        raise refusals.resource_in_use(f"{project.arn} has a version named {version_name}.")  # our wording
    if versions.count(connection, project.key) >= context.limits.versions_per_project:
        raise refusals.quota_exceeded("versions of a project", context.limits.versions_per_project)


def schedule_status(
    context: Context,
    connection: sqlite3.Connection,
    row: VersionRow,
    due: float,
    after: str,
    changes: Mapping[str, object],
) -> None:
    """Schedule the step that moves a version to another status, with changes to its description."""
    detail = {"key": row.key, "before": row.status, "after": after, "changes": changes}
    schedule.add(connection, context.scope, due, StepKind.FINISH_VERSION_STEP, detail)


def check_output(output: models.OutputConfig) -> None:
    """Refuse an OutputConfig without a bucket (assumed)."""
    if not output.s3_bucket:
        raise refusals.invalid_parameter("OutputConfig must have an S3Bucket.")


def _find_model(connection: sqlite3.Connection, scope: Scope, version_arn: str) -> VersionRow:
    row = find_version(connection, scope, version_arn)
    if row.feature != _CUSTOM_LABELS:
        raise refusals.invalid_parameter(
            f"{version_arn} is an adapter, which can't be started or stopped."
        )  # our wording
    return row


def _move(
    connection: sqlite3.Connection, row: VersionRow, allowed: Collection[str], after: str, changes: Mapping[str, object]
) -> VersionRow:
    """Move a version to another status and return it; refuse the call unless its status is an allowed one."""
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
