"""Rows of collections and of their tags."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from .. import idempotency, vectors
from . import faces, users
from . import tags as tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...scope import Scope

TABLES = (
    # AUTOINCREMENT: a page token may hold a key, so no later collection may get the same key
    """CREATE TABLE collection (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        collection_id TEXT NOT NULL,
        arn TEXT NOT NULL,
        face_model_version TEXT NOT NULL,
        created REAL NOT NULL,
        findable REAL NOT NULL,
        UNIQUE (account, region, collection_id)
    )""",
)

_COLUMNS = "key, collection_id, arn, face_model_version, created, findable"


class CollectionRow(NamedTuple):
    """A stored collection; requests find it from `findable` on. Its times are in epoch seconds."""

    key: int
    collection_id: str
    arn: str
    face_model_version: str
    created: float
    findable: float


def insert(
    connection: sqlite3.Connection,
    scope: Scope,
    *,
    collection_id: str,
    arn: str,
    face_model_version: str,
    created: float,
    tags: Mapping[str, str],
    findable: float = 0.0,
) -> bool:
    """Store a collection with its tags, and return True; return False if its id exists."""
    inserted = connection.execute(
        "INSERT INTO collection (account, region, collection_id, arn, face_model_version, created, findable)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, collection_id) DO NOTHING",
        (*scope, collection_id, arn, face_model_version, created, findable),
    )
    if not inserted.rowcount:
        return False
    tags_of.put(connection, arn, tags)
    return True


def find(connection: sqlite3.Connection, scope: Scope, collection_id: str) -> CollectionRow | None:
    """Return a collection, or None."""
    return next(_rows(connection, "account = ? AND region = ? AND collection_id = ?", *scope, collection_id), None)


def find_key(connection: sqlite3.Connection, key: int) -> CollectionRow | None:
    """Return the collection with this key, or None if it was deleted."""
    return next(_rows(connection, "key = ?", key), None)


def count(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return the number of collections."""
    query = "SELECT count(*) FROM collection WHERE account = ? AND region = ?"
    row: tuple[int] = connection.execute(query, scope).fetchone()
    return row[0]


def after(
    connection: sqlite3.Connection, scope: Scope, collection_id: str, limit: int, now: float
) -> list[CollectionRow]:
    """Return the collections with the next ids after the given one, of those that requests find by now."""
    return list(
        _rows(
            connection,
            "account = ? AND region = ? AND collection_id > ? AND findable <= ? ORDER BY collection_id LIMIT ?",
            *scope,
            collection_id,
            now,
            limit,
        )
    )


def delete(connection: sqlite3.Connection, row: CollectionRow) -> None:
    """Remove a collection with its tags, tokens and embeddings; SQLite deletes the rows of its faces and users."""
    tags_of.delete(connection, row.arn)
    users.delete_tokens(connection, row.key)
    idempotency.delete(connection, row.arn)
    vectors.delete_gallery(connection, faces.gallery(row.key))
    vectors.delete_gallery(connection, users.gallery(row.key))
    connection.execute("DELETE FROM collection WHERE key = ?", (row.key,))


def _rows(connection: sqlite3.Connection, condition: str, *values: str | float) -> Iterator[CollectionRow]:
    cursor = connection.execute(f"SELECT {_COLUMNS} FROM collection WHERE {condition}", values)  # noqa: S608 (no user input)
    return (CollectionRow(*row) for row in cursor)
