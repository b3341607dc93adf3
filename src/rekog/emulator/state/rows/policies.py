"""Rows of project policies."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

TABLES = (
    """CREATE TABLE policy (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        project_key INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
        name TEXT NOT NULL,
        revision TEXT NOT NULL,
        document TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        UNIQUE (project_key, name)
    )""",
)


class PolicyRow(NamedTuple):
    """A stored policy; its times are in epoch seconds."""

    key: int
    name: str
    revision: str
    document: str
    created: float
    updated: float


def put(
    connection: sqlite3.Connection, project_key: int, *, name: str, revision: str, document: str, now: float
) -> None:
    """Store a policy, or a new revision of it."""
    connection.execute(
        "INSERT INTO policy (project_key, name, revision, document, created, updated) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (project_key, name) DO UPDATE"
        " SET revision = excluded.revision, document = excluded.document, updated = excluded.updated",
        (project_key, name, revision, document, now, now),
    )


def find(connection: sqlite3.Connection, project_key: int, name: str) -> PolicyRow | None:
    """Return a policy, or None."""
    row = connection.execute(
        "SELECT key, name, revision, document, created, updated FROM policy WHERE project_key = ? AND name = ?",
        (project_key, name),
    ).fetchone()
    return row and PolicyRow(*row)


def page(connection: sqlite3.Connection, project_key: int, after: int = 0, limit: int = -1) -> list[PolicyRow]:
    """Return the next policies of a project after a key, the oldest first; without a limit, all of them."""
    cursor = connection.execute(
        "SELECT key, name, revision, document, created, updated FROM policy"
        " WHERE project_key = ? AND key > ? ORDER BY key LIMIT ?",
        (project_key, after, limit),
    )
    return [PolicyRow(*row) for row in cursor]


def delete(connection: sqlite3.Connection, key: int) -> None:
    """Remove a policy."""
    connection.execute("DELETE FROM policy WHERE key = ?", (key,))
