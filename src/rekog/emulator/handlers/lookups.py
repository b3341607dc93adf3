"""Lookups of the resources that a request names; a missing one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import refusals
from ..state.rows import collections, faces, users

if TYPE_CHECKING:
    import sqlite3

    from ..context import Context
    from ..state.rows.collections import CollectionRow
    from ..state.rows.faces import FaceRow
    from ..state.rows.users import UserRow


def collection(context: Context, connection: sqlite3.Connection, collection_id: str) -> CollectionRow:
    """Return a collection; refuse an unknown id, and one whose creation is not visible yet."""
    row = collections.find(connection, context.scope, collection_id)
    if row is None or row.findable > context.clock():
        raise refusals.collection_missing(collection_id)
    return row


def user(connection: sqlite3.Connection, within: CollectionRow, user_id: str) -> UserRow:
    """Return a user of a collection; refuse an unknown id."""
    row = users.find(connection, within.key, user_id)
    if row is None:
        raise refusals.user_missing(user_id)
    return row


def searchable_face(context: Context, connection: sqlite3.Connection, within: CollectionRow, face_id: str) -> FaceRow:
    """Return a face of a collection; refuse an unknown id, and a face that searches do not find yet."""
    row = faces.by_id(connection, within.key, [face_id]).get(face_id)
    if row is None or row.findable > context.clock():
        raise refusals.face_missing()
    return row
