"""Rows of stream processors."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple, cast

from . import tags as tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...scope import Scope

TABLES = (
    # a row with the status DELETED only reserves its name for a while
    """CREATE TABLE stream_processor (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        arn TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        message TEXT,
        session TEXT,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        video_stream TEXT NOT NULL,
        collection_id TEXT,
        description TEXT NOT NULL,
        UNIQUE (account, region, name)
    )""",
)

_COLUMNS = "key, name, arn, status, message, session, created, updated, collection_id, description"


class StreamRow(NamedTuple):
    """A stored processor. `description` is the wire form of its description, without the members in other columns.

    A processor that searches for faces has a `collection_id`. The times are in epoch seconds.
    """

    key: int
    name: str
    arn: str
    status: str
    message: str | None
    session: str | None
    created: float
    updated: float
    collection_id: str | None
    description_json: str

    @property
    def description(self) -> dict[str, object]:
        """The wire form of the rest of the description."""
        return cast("dict[str, object]", json.loads(self.description_json))  # cast: `insert` wrote it


def insert(
    connection: sqlite3.Connection,
    scope: Scope,
    *,
    name: str,
    arn: str,
    created: float,
    video_stream: str,
    collection_id: str | None,
    description: Mapping[str, object],
    tags: Mapping[str, str],
) -> bool:
    """Store a stopped processor with its tags, and return True; return False if its name exists."""
    inserted = connection.execute(
        "INSERT INTO stream_processor"
        " (account, region, name, arn, status, created, updated, video_stream, collection_id, description)"
        " VALUES (?, ?, ?, ?, 'STOPPED', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*scope, name, arn, created, created, video_stream, collection_id, json.dumps(description)),
    )
    if not inserted.rowcount:
        return False
    tags_of.put(connection, arn, tags)
    return True


def count(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return the number of processors."""
    query = "SELECT count(*) FROM stream_processor WHERE account = ? AND region = ? AND status != 'DELETED'"
    return int(connection.execute(query, scope).fetchone()[0])


def reads(connection: sqlite3.Connection, scope: Scope, video_stream: str) -> bool:
    """Tell whether a processor reads this video stream."""
    condition = "account = ? AND region = ? AND video_stream = ? AND status != 'DELETED'"
    return next(_rows(connection, condition, *scope, video_stream), None) is not None


def find(connection: sqlite3.Connection, scope: Scope, name: str) -> StreamRow | None:
    """Return a processor, or None."""
    condition = "account = ? AND region = ? AND name = ? AND status != 'DELETED'"
    return next(_rows(connection, condition, *scope, name), None)


def after(connection: sqlite3.Connection, scope: Scope, name: str, limit: int) -> list[StreamRow]:
    """Return the processors with the next names after the given one."""
    condition = "account = ? AND region = ? AND name > ? AND status != 'DELETED' ORDER BY name LIMIT ?"
    return list(_rows(connection, condition, *scope, name, limit))


def move(
    connection: sqlite3.Connection,
    key: int,
    before: str,
    after: str,
    *,
    now: float,
    session: str | None,
    message: str | None = None,
) -> bool:
    """Change the status of a processor from `before` to `after`, and return True.

    Return False, and change nothing, if the processor has another status or session.
    """
    moved = connection.execute(
        "UPDATE stream_processor SET status = ?, message = ?, updated = ?"
        " WHERE key = ? AND status = ? AND session IS ?",
        (after, message, now, key, before, session),
    )
    return bool(moved.rowcount)


def begin_session(connection: sqlite3.Connection, key: int, session: str, now: float) -> None:
    """Set the status STARTING, with the id of the new session."""
    connection.execute(
        "UPDATE stream_processor SET status = 'STARTING', message = NULL, session = ?, updated = ? WHERE key = ?",
        (session, now, key),
    )


def update(connection: sqlite3.Connection, key: int, description: Mapping[str, object], now: float) -> None:
    """Replace the description of a processor, and set its status UPDATING."""
    connection.execute(
        "UPDATE stream_processor SET status = 'UPDATING', message = NULL, description = ?, updated = ? WHERE key = ?",
        (json.dumps(description), now, key),
    )


def fail_searches(connection: sqlite3.Connection, scope: Scope, collection_id: str, now: float) -> None:
    """Set the status FAILED of running processors that search a collection, which is being deleted (assumed)."""
    connection.execute(
        "UPDATE stream_processor SET status = 'FAILED', updated = ?, message = ? WHERE account = ? AND region = ?"
        " AND status IN ('STARTING', 'RUNNING') AND collection_id = ?",
        (now, f"The collection id: {collection_id} does not exist", *scope, collection_id),
    )


def mark_deleted(connection: sqlite3.Connection, row: StreamRow) -> None:
    """Remove a processor and its tags, but reserve its name."""
    tags_of.delete(connection, row.arn)
    connection.execute("UPDATE stream_processor SET status = 'DELETED' WHERE key = ?", (row.key,))


def free_name(connection: sqlite3.Connection, key: int) -> None:
    """Free the name of a deleted processor."""
    connection.execute("DELETE FROM stream_processor WHERE key = ? AND status = 'DELETED'", (key,))


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int) -> Iterator[StreamRow]:
    cursor = connection.execute(
        f"SELECT {_COLUMNS} FROM stream_processor WHERE {condition}",  # noqa: S608 (no user input)
        values,
    )
    return (StreamRow(*row) for row in cursor)
