"""Projects: create, describe, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ...._core.scalars import moment
from ... import refusals
from ...scope import arn, arn_suffix
from ...state import schedule
from ...state.rows import datasets, projects, versions
from ...state.schedule import Step, StepKind
from ..pages import NEWEST, Listing

if TYPE_CHECKING:
    import sqlite3

    from ...context import Context
    from ...scope import Scope
    from ...state.rows.projects import ProjectRow


DEFAULT_PAGE = 100

_CUSTOM_LABELS = models.CustomizationFeature.CUSTOM_LABELS


def create_project(context: Context, request: models.CreateProjectRequest) -> models.CreateProjectResponse:
    """Create an empty project."""
    feature = request.feature or _CUSTOM_LABELS
    _check_auto_update(feature, request.auto_update)
    now = context.clock()
    project_arn = arn(context.scope, f"project/{request.project_name}/{arn_suffix(now)}")
    with context.state.write() as connection:
        full = projects.count(connection, context.scope) >= context.limits.projects
        key = projects.insert(
            connection,
            context.scope,
            name=request.project_name,
            arn=project_arn,
            feature=feature,
            auto_update=request.auto_update,
            created=now,
            tags=request.tags or {},
        )
        if key is None:
            raise refusals.resource_in_use(f"A project named {request.project_name} already exists.")  # our wording
        if full:
            raise refusals.limit_exceeded("projects", context.limits.projects)
        due = now + context.durations.project
        schedule.add(connection, context.scope, due, StepKind.FINISH_PROJECT_CREATION, {"key": key})
    return models.CreateProjectResponse(project_arn=project_arn)


def finish_creation(context: Context, step: Step) -> None:
    """Set the status CREATED of a project that is still being created."""
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            projects.set_status(connection, schedule.row_key(step), before="CREATING", after="CREATED")


def describe_projects(context: Context, request: models.DescribeProjectsRequest) -> models.DescribeProjectsResponse:
    """List projects, the newest first (assumed); projects of adapters only if the request has their feature."""
    limit = request.max_results or DEFAULT_PAGE
    features = request.features or (_CUSTOM_LABELS,)
    filters = (sorted(request.project_names or ()), sorted(set(features)))
    listing = Listing(context, ("DescribeProjects", *filters))
    with context.state.read() as connection:
        rows = projects.page(
            connection,
            context.scope,
            names=request.project_names,
            features=features,
            before=listing.resume(request.next_token, NEWEST),
            limit=limit + 1,
        )
        page, token = listing.cut(rows, limit)
        described = [_describe(connection, row) for row in page]
    return models.DescribeProjectsResponse(project_descriptions=described, next_token=token)


def delete_project(context: Context, request: models.DeleteProjectRequest) -> models.DeleteProjectResponse:
    """Set a project without versions to DELETING, and schedule the step that removes it, its datasets and policies."""
    with context.state.write() as connection:
        row = find_project(connection, context.scope, request.project_arn)
        if row.status == models.ProjectStatus.DELETING:
            raise refusals.resource_in_use(f"{row.arn} is being deleted.")  # our wording
        if versions.count(connection, row.key):
            raise refusals.resource_in_use(f"{row.arn} has versions: delete them first.")  # our wording
        projects.set_status(connection, row.key, before=row.status, after="DELETING")
        due = context.clock() + context.durations.deleting
        schedule.add(connection, context.scope, due, StepKind.FINISH_PROJECT_DELETION, {"key": row.key})
    return models.DeleteProjectResponse(status=models.ProjectStatus.DELETING)


def finish_deletion(context: Context, step: Step) -> None:
    """Remove a project that is being deleted."""
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            projects.delete(connection, schedule.row_key(step))


def find_project(connection: sqlite3.Connection, scope: Scope, project_arn: str) -> ProjectRow:
    """Return a project; refuse an unknown ARN."""
    row = projects.find(connection, scope, project_arn)
    if row is None:
        raise refusals.resource_missing(project_arn)
    return row


def find_open_project(connection: sqlite3.Connection, scope: Scope, project_arn: str) -> ProjectRow:
    """Return a project that accepts new resources; refuse one that is being deleted like an unknown one (assumed)."""
    row = find_project(connection, scope, project_arn)
    if row.status == models.ProjectStatus.DELETING:
        raise refusals.resource_missing(project_arn)
    return row


def _check_auto_update(feature: str, auto_update: str | None) -> None:
    if feature == _CUSTOM_LABELS and auto_update is not None:
        raise refusals.invalid_parameter(
            "AutoUpdate is only allowed in a project whose feature is CONTENT_MODERATION."
        )  # our wording
    if feature != _CUSTOM_LABELS and auto_update is None:
        raise refusals.invalid_parameter(
            "AutoUpdate is required for a project whose feature is CONTENT_MODERATION."
        )  # our wording


def _describe(connection: sqlite3.Connection, row: ProjectRow) -> models.ProjectDescription:
    return models.ProjectDescription(
        project_arn=row.arn,
        creation_timestamp=moment(row.created),
        status=row.status,
        datasets=[
            models.DatasetMetadata(
                creation_timestamp=moment(dataset.created),
                dataset_type=dataset.type,
                dataset_arn=dataset.arn,
                status=dataset.status,
                status_message=dataset.message,
                status_message_code=dataset.code,
            )
            for dataset in datasets.of_project(connection, row.key)
        ],
        feature=row.feature,
        auto_update=row.auto_update,
    )
