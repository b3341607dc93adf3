"""Create, delete and list the users of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ...._core.wire import to_wire
from ... import refusals
from ...state import idempotency
from ...state.rows import users
from .. import lookups
from ..pages import OLDEST, Listing
from .faces import status

if TYPE_CHECKING:
    from ...context import Context

DEFAULT_PAGE = 500
"""Users per page when MaxResults is absent (assumed)."""


def create_user(context: Context, request: models.CreateUserRequest) -> models.CreateUserResponse:
    """Create a user without faces."""
    wire = to_wire(request)
    with context.state.write() as connection:
        if idempotency.replayed(connection, context.scope, "CreateUser", wire) is not None:
            return models.CreateUserResponse()
        collection = lookups.collection(context, connection, request.collection_id)
        if users.find(connection, collection.key, request.user_id):
            raise refusals.user_exists(request.user_id)
        if users.count(connection, collection.key) >= context.limits.users_per_collection:
            raise refusals.quota_exceeded("users in a collection", context.limits.users_per_collection)
        key = users.insert(connection, collection.key, request.user_id)
        idempotency.store(connection, context.scope, "CreateUser", wire, {}, users.owner(key))
    return models.CreateUserResponse()


def delete_user(context: Context, request: models.DeleteUserRequest) -> models.DeleteUserResponse:
    """Delete a user; its faces stay in the collection and belong to no user."""
    wire = to_wire(request)
    with context.state.write() as connection:
        if idempotency.replayed(connection, context.scope, "DeleteUser", wire) is not None:
            return models.DeleteUserResponse()
        collection = lookups.collection(context, connection, request.collection_id)
        users.delete(connection, lookups.user(connection, collection, request.user_id))
        # the user is gone, so the token lives as long as the collection
        idempotency.store(connection, context.scope, "DeleteUser", wire, {}, collection.arn)
    return models.DeleteUserResponse()


def list_users(context: Context, request: models.ListUsersRequest) -> models.ListUsersResponse:
    """List the users of a collection in the order of their row keys, a page at a time."""
    limit = request.max_results or DEFAULT_PAGE
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
        listing = Listing(context, ("ListUsers", collection.key))
        rows = users.after(connection, collection.key, listing.resume(request.next_token, OLDEST), limit + 1)
    page, token = listing.cut(rows, limit)
    now = context.clock()
    return models.ListUsersResponse(
        users=[models.User(user_id=row.user_id, user_status=status(row, now)) for row in page], next_token=token
    )
