"""Tags of resources: set, remove, list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .. import refusals
from ..scope import arn
from ..state.rows import resources, tags

if TYPE_CHECKING:
    import sqlite3

    from ..context import Context
    from ..scope import Scope

_SCHEME = "arn:"


def tag_resource(context: Context, request: models.TagResourceRequest) -> models.TagResourceResponse:
    """Set tags; replace those with the same keys."""
    limit = context.limits.tags_per_resource
    with context.state.write() as connection:
        resource_arn = _existing_resource(connection, context.scope, request.resource_arn)
        tags.put(connection, resource_arn, request.tags)
        if len(tags.read(connection, resource_arn)) > limit:
            raise refusals.quota_exceeded("tags of a resource", limit)
    return models.TagResourceResponse()


def untag_resource(context: Context, request: models.UntagResourceRequest) -> models.UntagResourceResponse:
    """Remove tags; ignore keys that the resource does not have (assumed)."""
    with context.state.write() as connection:
        resource_arn = _existing_resource(connection, context.scope, request.resource_arn)
        tags.remove(connection, resource_arn, request.tag_keys)
    return models.UntagResourceResponse()


def list_tags_for_resource(
    context: Context, request: models.ListTagsForResourceRequest
) -> models.ListTagsForResourceResponse:
    """Return all tags of a resource."""
    with context.state.read() as connection:
        resource_arn = _existing_resource(connection, context.scope, request.resource_arn)
        rows = tags.read(connection, resource_arn)
    return models.ListTagsForResourceResponse(tags=rows)


def _existing_resource(connection: sqlite3.Connection, scope: Scope, given: str) -> str:
    """Return the full ARN of a resource of this account and region; refuse an unknown ARN.

    An ARN without its `arn:` prefix is accepted, because CreateCollection returns it in this form (assumed).
    """
    full = given if given.startswith(_SCHEME) else _SCHEME + given
    if not full.startswith(arn(scope, "")) or not resources.exists(connection, full):
        raise refusals.resource_missing(given)
    return full
