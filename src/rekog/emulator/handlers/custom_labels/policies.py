"""Policies of projects: put, list, delete, and the copies that they allow to other accounts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .... import models
from ...._core.scalars import moment
from ... import refusals
from ...state.rows import policies
from ..pages import OLDEST, Listing
from .policy_documents import allows, check_document
from .projects import find_open_project, find_project

if TYPE_CHECKING:
    import sqlite3

    from ...context import Context

MAX_PAGE = 5

_CUSTOM_LABELS = models.CustomizationFeature.CUSTOM_LABELS


def put_project_policy(context: Context, request: models.PutProjectPolicyRequest) -> models.PutProjectPolicyResponse:
    """Attach a policy, or replace the one with the given revision; each change creates a new revision."""
    now, limit = context.clock(), context.limits.policies_per_project
    revision = uuid.uuid4().hex
    with context.state.write() as connection:
        project = find_open_project(connection, context.scope, request.project_arn)
        if project.feature != _CUSTOM_LABELS:
            raise refusals.invalid_parameter("Only projects of CUSTOM_LABELS have policies.")  # our wording
        old = policies.find(connection, project.key, request.policy_name)
        if old is not None and request.policy_revision_id is None:
            raise refusals.resource_exists(f"A policy named {request.policy_name} of {project.arn}")
        if request.policy_revision_id is not None and (old is None or old.revision != request.policy_revision_id):
            raise refusals.policy_revision_wrong(request.policy_revision_id)
        if old is None and len(policies.page(connection, project.key)) >= limit:
            raise refusals.quota_exceeded("policies of a project", limit)
        check_document(request.policy_document)
        policies.put(
            connection,
            project.key,
            name=request.policy_name,
            revision=revision,
            document=request.policy_document,
            now=now,
        )
    return models.PutProjectPolicyResponse(policy_revision_id=revision)


def list_project_policies(
    context: Context, request: models.ListProjectPoliciesRequest
) -> models.ListProjectPoliciesResponse:
    """List a project's policies, the oldest first (assumed)."""
    limit = request.max_results or MAX_PAGE
    with context.state.read() as connection:
        project = find_project(connection, context.scope, request.project_arn)
        listing = Listing(context, ("ListProjectPolicies", project.key))
        rows = policies.page(connection, project.key, listing.resume(request.next_token, OLDEST), limit + 1)
    page, token = listing.cut(rows, limit)
    described = [
        models.ProjectPolicy(
            project_arn=project.arn,
            policy_name=row.name,
            policy_revision_id=row.revision,
            policy_document=row.document,
            creation_timestamp=moment(row.created),
            last_updated_timestamp=moment(row.updated),
        )
        for row in page
    ]
    return models.ListProjectPoliciesResponse(project_policies=described, next_token=token)


def delete_project_policy(
    context: Context, request: models.DeleteProjectPolicyRequest
) -> models.DeleteProjectPolicyResponse:
    """Delete a policy; refuse a revision that is not the current one."""
    with context.state.write() as connection:
        project = find_project(connection, context.scope, request.project_arn)
        row = policies.find(connection, project.key, request.policy_name)
        if row is None:
            raise refusals.resource_missing(f"A policy named {request.policy_name} of {project.arn}")
        if request.policy_revision_id not in (None, row.revision):
            raise refusals.policy_revision_wrong(str(request.policy_revision_id))
        policies.delete(connection, row.key)
    return models.DeleteProjectPolicyResponse()


def allows_copy(connection: sqlite3.Connection, project_key: int, account: str, version_arn: str) -> bool:
    """Return whether the policies of a project allow an account to copy a version."""
    documents = [row.document for row in policies.page(connection, project_key)]
    return allows(documents, account, "rekognition:CopyProjectVersion", version_arn)
