"""Rows of collections and of their tags.

The rows of a large collection take seconds to delete. So its deletion hides it, which is one change for all requests,
and the worker deletes its rows afterwards, a part at a time.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from .. import idempotency
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

PART_ROWS = 5_000
"""Maximum number of rows that one transaction deletes, which takes about 0.1 seconds."""
DELETED_IN_PARTS = ("collection", "face", "user", "vector")
"""Tables with the rows of collections."""
_HIDDEN = ""
"""Account of hidden collections; no request has it."""
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


def regions(connection: sqlite3.Connection, account: str) -> list[str]:
    """Return the Regions in which an account has collections, in alphabetical order."""
    query = "SELECT DISTINCT region FROM collection WHERE account = ? ORDER BY region"
    return [str(region) for (region,) in connection.execute(query, (account,))]


def find(connection: sqlite3.Connection, scope: Scope, collection_id: str) -> CollectionRow | None:
    """Return a collection, or None."""
    return next(_rows(connection, "account = ? AND region = ? AND collection_id = ?", *scope, collection_id), None)


def find_key(connection: sqlite3.Connection, key: int) -> CollectionRow | None:
    """Return the collection with this key, or None if it was deleted."""
    return next(_rows(connection, "key = ? AND account <> ?", key, _HIDDEN), None)


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


def delete(connection: sqlite3.Connection, row: CollectionRow) -> bool:
    """Remove a collection with its tags, tokens, faces and users; return whether there are rows left for the worker."""
    tags_of.delete(connection, row.arn)
    users.delete_tokens(connection, row.key)
    idempotency.delete(connection, row.arn)
    _hide(connection, "key = ?", row.key)
    return delete_part(connection)


def delete_all(connection: sqlite3.Connection, scope: Scope | None) -> bool:
    """Remove all collections of an account in a Region, or without a scope all, but not their tags and tokens.

    Return whether there are rows left for the worker.
    """
    if scope is None:
        _hide(connection, "account <> ?", _HIDDEN)
    else:
        _hide(connection, "account = ? AND region = ?", *scope)
    return delete_part(connection)


def delete_part(connection: sqlite3.Connection) -> bool:
    """Delete at most `PART_ROWS` rows of hidden collections; return whether there may be more."""
    left = PART_ROWS
    while left > 0:
        hidden = connection.execute("SELECT key FROM collection WHERE account = ? LIMIT 1", (_HIDDEN,)).fetchone()
        if hidden is None:
            return False
        left -= _delete_rows(connection, hidden[0], left)
    return True


def has_hidden(connection: sqlite3.Connection) -> bool:
    """Tell whether there are rows to delete."""
    return connection.execute("SELECT 1 FROM collection WHERE account = ?", (_HIDDEN,)).fetchone() is not None


def _hide(connection: sqlite3.Connection, condition: str, *values: int | str) -> None:
    change = f"UPDATE collection SET account = ?, region = ?, collection_id = key WHERE {condition}"  # noqa: S608 (no user input)
    connection.execute(change, (_HIDDEN, _HIDDEN, *values))


def _delete_rows(connection: sqlite3.Connection, key: int, limit: int) -> int:
    """Delete rows of one table of a collection, its own as the last; return their number."""
    for table, column, value in (
        ("vector", "gallery", faces.gallery(key)),
        ("vector", "gallery", users.gallery(key)),
        ("face", "collection", key),
        ("user", "collection", key),
        ("collection", "key", key),
    ):
        part = f"SELECT key FROM {table} WHERE {column} = ? LIMIT ?"  # noqa: S608 (no user input)
        deleted = connection.execute(f"DELETE FROM {table} WHERE key IN ({part})", (value, limit))  # noqa: S608 (no user input)
        if deleted.rowcount:
            return deleted.rowcount
    return 0


def _rows(connection: sqlite3.Connection, condition: str, *values: str | float) -> Iterator[CollectionRow]:
    cursor = connection.execute(f"SELECT {_COLUMNS} FROM collection WHERE {condition}", values)  # noqa: S608 (no user input)
    return (CollectionRow(*row) for row in cursor)
