"""Rows of liveness sessions."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from ...scope import Scope

TABLES = (
    """CREATE TABLE liveness_session (
        session_id TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        created REAL NOT NULL,
        settings TEXT NOT NULL,
        status TEXT NOT NULL,
        result TEXT
    ) WITHOUT ROWID""",
    "CREATE INDEX liveness_session_created ON liveness_session (created)",
)


class SessionRow(NamedTuple):
    """A stored session: its settings and result are JSON; `created` is in epoch seconds."""

    session_id: str
    scope: Scope
    created: float
    settings: str
    status: str
    result: str | None


def insert(connection: sqlite3.Connection, scope: Scope, session_id: str, created: float, settings: str) -> None:
    """Store a new session, with the status CREATED."""
    connection.execute(
        "INSERT INTO liveness_session VALUES (?, ?, ?, ?, ?, 'CREATED', NULL)", (session_id, *scope, created, settings)
    )


def find(connection: sqlite3.Connection, session_id: str) -> SessionRow | None:
    """Return a session of any account and region, or None."""
    row = connection.execute("SELECT * FROM liveness_session WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        return None
    session_id, account, region, created, settings, status, result = row
    return SessionRow(session_id, Scope(account, region), created, settings, status, result)


def finish(connection: sqlite3.Connection, session_id: str, status: str, result: str | None) -> None:
    """Set the status of a session and, if the session has ended, its result."""
    connection.execute(
        "UPDATE liveness_session SET status = ?, result = ? WHERE session_id = ?", (status, result, session_id)
    )


def ids_until(connection: sqlite3.Connection, created: float) -> list[str]:
    """Return the ids of the sessions created at or before a time."""
    cursor = connection.execute("SELECT session_id FROM liveness_session WHERE created <= ?", (created,))
    return [str(row[0]) for row in cursor]


def delete_until(connection: sqlite3.Connection, created: float) -> None:
    """Remove the sessions created at or before a time."""
    connection.execute("DELETE FROM liveness_session WHERE created <= ?", (created,))
