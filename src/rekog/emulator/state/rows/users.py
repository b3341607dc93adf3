"""Rows of users: groups of faces in a collection, each with one embedding for the whole group.

A user's key is the service's "own key", which orders the list of users. It is a hash of the user id, so the order is
neither that of ids nor that of creation. A change of the faces makes a new embedding, which is in use from `due` on.
Until then the former embedding is in use, and the user is being updated. So no step has to run at `due`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from .. import idempotency, vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TABLES = (
    """CREATE TABLE user (
        key INTEGER PRIMARY KEY,
        collection INTEGER NOT NULL REFERENCES collection (key) ON DELETE CASCADE,
        user_id TEXT NOT NULL,
        vector INTEGER UNIQUE,
        former INTEGER UNIQUE,
        due REAL NOT NULL,
        UNIQUE (collection, user_id)
    )""",
    "CREATE INDEX user_order ON user (collection, key)",
)

_SELECT = "SELECT key, collection, user_id, vector, former, due FROM user"
_GIVEN = "(SELECT value FROM json_each(?))"


class UserRow(NamedTuple):
    """A stored user: keys of its embedding and of the former one, and the time of their change in epoch seconds."""

    key: int
    collection: int
    user_id: str
    vector: int | None
    former: int | None
    due: float

    def vector_at(self, now: float) -> int | None:
        """Return the key of the embedding that is in use at a time."""
        return self.former if self.due > now else self.vector


def gallery(collection: int) -> str:
    """Return the name of the gallery of a collection's users."""
    return f"users {collection}"


def owner(key: int) -> str:
    """Return the name of a user as the owner of request tokens."""
    return f"user {key}"


def insert(connection: sqlite3.Connection, collection: int, user_id: str) -> int:
    """Store a new user without faces, and return its key; the caller has checked that the id is free."""
    digest = hashlib.blake2b(f"{collection} {user_id}".encode(), digest_size=8).digest()
    key = int.from_bytes(digest) >> 1  # 63 bits: ten million users have a collision with a probability of 1 in 180,000
    row = (key, collection, user_id)
    connection.execute("INSERT INTO user (key, collection, user_id, due) VALUES (?, ?, ?, 0)", row)
    return key


def count(connection: sqlite3.Connection, collection: int) -> int:
    """Return the number of users in a collection."""
    row: tuple[int] = connection.execute("SELECT count(*) FROM user WHERE collection = ?", (collection,)).fetchone()
    return row[0]


def find(connection: sqlite3.Connection, collection: int, user_id: str) -> UserRow | None:
    """Return a user, or None."""
    return next(_rows(connection, "collection = ? AND user_id = ?", collection, user_id), None)


def after(connection: sqlite3.Connection, collection: int, key: int, limit: int) -> list[UserRow]:
    """Return the next users of a collection after a key."""
    return list(_rows(connection, "collection = ? AND key > ? ORDER BY key LIMIT ?", collection, key, limit))


def by_vector(connection: sqlite3.Connection, keys: Iterable[int], now: float) -> dict[int, UserRow]:
    """Return the users whose embedding in use at a time is one of these, by key of the embedding."""
    given = json.dumps(list(keys))
    users = [*_rows(connection, f"vector IN {_GIVEN}", given), *_rows(connection, f"former IN {_GIVEN}", given)]
    return {vector: row for row in users if (vector := row.vector_at(now)) is not None}


def change(connection: sqlite3.Connection, row: UserRow, embedding: bytes | None, due: float) -> None:
    """Replace the embedding of a user (None for a user without faces) from a time on; 0 means at once."""
    former = row.vector if due else None
    vectors.remove(connection, {row.vector, row.former} - {former, None})
    key = None if embedding is None else vectors.insert(connection, gallery(row.collection), embedding)
    connection.execute("UPDATE user SET vector = ?, former = ?, due = ? WHERE key = ?", (key, former, due, row.key))


def delete(connection: sqlite3.Connection, row: UserRow) -> None:
    """Remove a user; its faces stay, without a user."""
    vectors.remove(connection, [key for key in (row.vector, row.former) if key is not None])
    idempotency.delete(connection, owner(row.key))
    connection.execute("DELETE FROM user WHERE key = ?", (row.key,))


def delete_tokens(connection: sqlite3.Connection, collection: int) -> None:
    """Delete the request tokens of all users of a collection."""
    connection.execute(
        "DELETE FROM request_token WHERE owner IN (SELECT 'user ' || key FROM user WHERE collection = ?)",
        (collection,),
    )


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int) -> Iterator[UserRow]:
    cursor = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return (UserRow(*row) for row in cursor)
