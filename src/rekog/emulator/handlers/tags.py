"""Tags: set, remove, list, of whatever can have them."""

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
    """Set tags; one of the same key is replaced."""
    most = context.limits.tags_per_resource
    with context.state.write() as connection:
        name = _existing(connection, context.scope, request.resource_arn)
        tags.put(connection, name, request.tags)
        if len(tags.read(connection, name)) > most:
            raise refusals.quota_exceeded("tags of a resource", most)
    return models.TagResourceResponse()


def untag_resource(context: Context, request: models.UntagResourceRequest) -> models.UntagResourceResponse:
    """Remove tags; a key that is not there is no error (assumed)."""
    with context.state.write() as connection:
        tags.remove(connection, _existing(connection, context.scope, request.resource_arn), request.tag_keys)
    return models.UntagResourceResponse()


def list_tags_for_resource(
    context: Context, request: models.ListTagsForResourceRequest
) -> models.ListTagsForResourceResponse:
    """Give all tags of a resource."""
    with context.state.read() as connection:
        found = tags.read(connection, _existing(connection, context.scope, request.resource_arn))
    return models.ListTagsForResourceResponse(tags=found)


def _existing(connection: sqlite3.Connection, scope: Scope, name: str) -> str:
    """Return the whole ARN of a resource of this account and region, or refuse.

    An ARN without its `arn:` is taken too, for CreateCollection gives it so (assumed).
    """
    whole = name if name.startswith(_SCHEME) else _SCHEME + name
    if not whole.startswith(arn(scope, "")) or not resources.exists(connection, whole):
        raise refusals.resource_missing(name)
    return whole
