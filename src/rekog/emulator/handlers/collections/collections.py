"""Create, describe, list and delete collections."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .... import models
from ... import refusals
from ...scope import arn, without_scheme
from ...state import tokens
from ...state.rows import collections, faces, streams, users
from .. import lookups

if TYPE_CHECKING:
    import sqlite3

    from ...context import Context
    from ...state.rows.collections import CollectionRow

FACE_MODEL_VERSION = "7.0"
DEFAULT_PAGE = 1000
"""Items per page when MaxResults is absent or 0 (assumed)."""

_KEY_MARK = "\n"
_PREFIX_BYTES = tokens.POSITION_BYTES - len(_KEY_MARK) - len(str(2**63))


def create_collection(context: Context, request: models.CreateCollectionRequest) -> models.CreateCollectionResponse:
    """Create an empty collection with the newest face model."""
    name = arn(context.scope, f"collection/{request.collection_id}")
    with context.state.write() as connection:
        if collections.find(connection, context.scope, request.collection_id):
            raise refusals.collection_exists(request.collection_id)
        if collections.count(connection, context.scope) >= context.limits.collections:
            raise refusals.quota_exceeded("collections", context.limits.collections)
        collections.insert(
            connection,
            context.scope,
            collection_id=request.collection_id,
            arn=name,
            face_model_version=FACE_MODEL_VERSION,
            created=context.clock(),
            tags=request.tags or {},
            findable=context.due(context.durations.creation),
        )
    return models.CreateCollectionResponse(
        status_code=200, collection_arn=without_scheme(name), face_model_version=FACE_MODEL_VERSION
    )


def describe_collection(
    context: Context, request: models.DescribeCollectionRequest
) -> models.DescribeCollectionResponse:
    """Describe a collection and count its faces and users."""
    with context.state.read() as connection:
        row = lookups.collection(context, connection, request.collection_id)
        face_count, user_count = faces.count(connection, row.key), users.count(connection, row.key)
    return models.DescribeCollectionResponse(
        face_count=face_count,
        user_count=user_count,
        face_model_version=row.face_model_version,
        collection_arn=row.arn,
        creation_timestamp=datetime.fromtimestamp(row.created, UTC),
    )


def list_collections(context: Context, request: models.ListCollectionsRequest) -> models.ListCollectionsResponse:
    """List the ids of the collections in ascending order (assumed), a page at a time."""
    limit = request.max_results or DEFAULT_PAGE
    listing = ("ListCollections", *context.scope)
    with context.state.read() as connection:
        last = ""
        if request.next_token is not None:
            last = _last(connection, tokens.unseal(context.state.token_secret, listing, request.next_token))
        rows = collections.after(connection, context.scope, last, limit + 1, context.clock())
    page = rows[:limit]
    more = len(rows) > limit
    return models.ListCollectionsResponse(
        collection_ids=[row.collection_id for row in page],
        face_model_versions=[row.face_model_version for row in page],
        next_token=tokens.seal(context.state.token_secret, listing, _position(page[-1])) if more else None,
    )


def delete_collection(context: Context, request: models.DeleteCollectionRequest) -> models.DeleteCollectionResponse:
    """Delete a collection with its tags, faces and users; stream processors that search it fail."""
    with context.state.write() as connection:
        rows_left = collections.delete(connection, lookups.collection(context, connection, request.collection_id))
        streams.fail_searches(connection, context.scope, request.collection_id, context.clock())
    if rows_left:
        context.worker.wake()
    return models.DeleteCollectionResponse(status_code=200)


def _position(row: CollectionRow) -> str:
    """Return the position for a page token: the last id, or, if it is too long for a token, its prefix and row key."""
    if len(row.collection_id) <= tokens.POSITION_BYTES:
        return row.collection_id
    return f"{row.collection_id[:_PREFIX_BYTES]}{_KEY_MARK}{row.key}"


def _last(connection: sqlite3.Connection, position: str) -> str:
    """Return the id after which the next page starts.

    If a long id has been deleted since, its prefix is used: ids with the same prefix may be listed twice, but none is
    left out.
    """
    prefix, mark, key = position.partition(_KEY_MARK)
    row = collections.find_key(connection, int(key)) if mark else None
    return row.collection_id if row else prefix
