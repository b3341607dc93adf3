"""Rows of users: groups of faces in a collection, each with the embedding that stands for all of them.

A user's key is the service's "own key" by which users are listed: a number made from the user id, so neither in the
order of ids nor of time. A change of faces makes a new embedding, which counts from `due` on; until then the former one
does, and the user is being updated. So nothing has to happen at `due`.
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
    """A user as it is stored: the key of its embedding, of the one before, and when (in epoch seconds) they change."""

    key: int
    collection: int
    user_id: str
    vector: int | None
    former: int | None
    due: float

    def vector_at(self, now: float) -> int | None:
        """Return the key of the embedding that counts at a time."""
        return self.former if self.due > now else self.vector


def gallery(collection: int) -> str:
    """Return the name of the gallery that a collection's users are searched in."""
    return f"users {collection}"


def owner(key: int) -> str:
    """Return the name under which request tokens belong to a user."""
    return f"user {key}"


def insert(connection: sqlite3.Connection, collection: int, user_id: str) -> int:
    """Store a user without faces, whose id is free, and return its key."""
    digest = hashlib.blake2b(f"{collection} {user_id}".encode(), digest_size=8).digest()
    key = int.from_bytes(digest) >> 1  # of 63 bits: ten million users share one with a probability of 1 in 180,000
    row = (key, collection, user_id)
    connection.execute("INSERT INTO user (key, collection, user_id, due) VALUES (?, ?, ?, 0)", row)
    return key


def count(connection: sqlite3.Connection, collection: int) -> int:
    """Return how many users a collection has."""
    row: tuple[int] = connection.execute("SELECT count(*) FROM user WHERE collection = ?", (collection,)).fetchone()
    return row[0]


def find(connection: sqlite3.Connection, collection: int, user_id: str) -> UserRow | None:
    """Return a user, or None."""
    return next(_rows(connection, "collection = ? AND user_id = ?", collection, user_id), None)


def after(connection: sqlite3.Connection, collection: int, key: int, limit: int) -> list[UserRow]:
    """Return the first users of a collection behind a key."""
    return list(_rows(connection, "collection = ? AND key > ? ORDER BY key LIMIT ?", collection, key, limit))


def by_vector(connection: sqlite3.Connection, keys: Iterable[int], now: float) -> dict[int, UserRow]:
    """Return the users whose embedding at a time is one of these."""
    given = json.dumps(list(keys))
    found = [*_rows(connection, f"vector IN {_GIVEN}", given), *_rows(connection, f"former IN {_GIVEN}", given)]
    return {vector: row for row in found if (vector := row.vector_at(now)) is not None}


def change(connection: sqlite3.Connection, row: UserRow, embedding: bytes | None, due: float) -> None:
    """Let another embedding (or none, for a user without faces) stand for a user from a time on; 0 is at once."""
    former = row.vector if due else None
    vectors.remove(connection, {row.vector, row.former} - {former, None})
    key = None if embedding is None else vectors.insert(connection, gallery(row.collection), embedding)
    connection.execute("UPDATE user SET vector = ?, former = ?, due = ? WHERE key = ?", (key, former, due, row.key))


def delete(connection: sqlite3.Connection, row: UserRow) -> None:
    """Remove a user; its faces stay and belong to nobody."""
    vectors.remove(connection, [key for key in (row.vector, row.former) if key is not None])
    idempotency.delete(connection, owner(row.key))
    connection.execute("DELETE FROM user WHERE key = ?", (row.key,))


def forget_tokens(connection: sqlite3.Connection, collection: int) -> None:
    """Forget the request tokens of all users of a collection."""
    connection.execute(
        "DELETE FROM request_token WHERE owner IN (SELECT 'user ' || key FROM user WHERE collection = ?)",
        (collection,),
    )


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int) -> Iterator[UserRow]:
    cursor = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return (UserRow(*row) for row in cursor)
