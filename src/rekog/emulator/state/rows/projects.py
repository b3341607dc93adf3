"""Rows of projects."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from . import tags as tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...scope import Scope

TABLES = (
    # AUTOINCREMENT: steps and page tokens hold keys, so no later project may get the same key
    """CREATE TABLE project (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        arn TEXT NOT NULL UNIQUE,
        feature TEXT NOT NULL,
        auto_update TEXT,
        status TEXT NOT NULL,
        created REAL NOT NULL,
        UNIQUE (account, region, name)
    )""",
)

_COLUMNS = "key, name, arn, feature, auto_update, status, created"


class ProjectRow(NamedTuple):
    """A stored project; `created` is in epoch seconds."""

    key: int
    name: str
    arn: str
    feature: str
    auto_update: str | None
    status: str
    created: float


def insert(
    connection: sqlite3.Connection,
    scope: Scope,
    *,
    name: str,
    arn: str,
    feature: str,
    auto_update: str | None,
    created: float,
    tags: Mapping[str, str],
) -> int | None:
    """Store a project that is being created, with its tags; return its key, or None if its name exists."""
    inserted = connection.execute(
        "INSERT INTO project (account, region, name, arn, feature, auto_update, status, created)"
        " VALUES (?, ?, ?, ?, ?, ?, 'CREATING', ?) ON CONFLICT DO NOTHING",
        (*scope, name, arn, feature, auto_update, created),
    )
    if not inserted.rowcount:
        return None
    tags_of.put(connection, arn, tags)
    return inserted.lastrowid


def count(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return the number of projects."""
    query = "SELECT count(*) FROM project WHERE account = ? AND region = ?"
    return int(connection.execute(query, scope).fetchone()[0])


def find(connection: sqlite3.Connection, scope: Scope, arn: str) -> ProjectRow | None:
    """Return a project, or None."""
    return next(_rows(connection, "account = ? AND region = ? AND arn = ?", *scope, arn), None)


def page(
    connection: sqlite3.Connection,
    scope: Scope,
    *,
    names: Sequence[str] | None,
    features: Sequence[str],
    before: int,
    limit: int,
) -> list[ProjectRow]:
    """Return the next older projects before a key, with these features and names (None: any name)."""
    condition = (
        "account = ? AND region = ? AND key < ? AND feature IN (SELECT value FROM json_each(?))"
        " AND (? IS NULL OR name IN (SELECT value FROM json_each(?))) ORDER BY key DESC LIMIT ?"
    )
    wanted = None if names is None else json.dumps(names)
    return list(_rows(connection, condition, *scope, before, json.dumps(features), wanted, wanted, limit))


def set_status(connection: sqlite3.Connection, key: int, *, before: str, after: str) -> None:
    """Change the status of a project from `before` to `after`; do nothing if it has another status."""
    connection.execute("UPDATE project SET status = ? WHERE key = ? AND status = ?", (after, key, before))


def delete(connection: sqlite3.Connection, key: int) -> None:
    """Remove a project with its datasets and policies, and their tags."""
    owned = "SELECT arn FROM project WHERE key = ? UNION SELECT arn FROM dataset WHERE project_key = ?"
    for (arn,) in connection.execute(owned, (key, key)).fetchall():
        tags_of.delete(connection, arn)
    connection.execute("DELETE FROM project WHERE key = ?", (key,))


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int | None) -> Iterator[ProjectRow]:
    cursor = connection.execute(f"SELECT {_COLUMNS} FROM project WHERE {condition}", values)  # noqa: S608 (no user input)
    return (ProjectRow(*row) for row in cursor)
