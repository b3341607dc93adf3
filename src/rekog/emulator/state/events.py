"""What will happen by itself: an asynchronous step that is due at a time, kept until it has been done."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple, cast

from ..context import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES = (
    """CREATE TABLE event (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        due REAL NOT NULL,
        kind TEXT NOT NULL,
        detail TEXT NOT NULL
    )""",
    "CREATE INDEX event_due ON event (due, key)",
)


class Event(NamedTuple):
    """A step that is due: which function of which family (`videos.finish`), whose, and what it needs to know."""

    key: int
    scope: Scope
    due: float
    kind: str
    detail: Mapping[str, object]


def schedule(connection: sqlite3.Connection, scope: Scope, due: float, kind: str, detail: Mapping[str, object]) -> None:
    """Let a step happen at a time in epoch seconds."""
    connection.execute(
        "INSERT INTO event (account, region, due, kind, detail) VALUES (?, ?, ?, ?, ?)",
        (*scope, due, kind, json.dumps(detail)),
    )


def next_due(connection: sqlite3.Connection, now: float) -> Event | None:
    """Return the step that has been due for longest, or None."""
    row = connection.execute(
        "SELECT key, account, region, due, kind, detail FROM event WHERE due <= ? ORDER BY due, key LIMIT 1", (now,)
    ).fetchone()
    if row is None:
        return None
    key, account, region, due, kind, detail = row
    return Event(key, Scope(account, region), due, kind, cast("Mapping[str, object]", json.loads(detail)))


def forget(connection: sqlite3.Connection, key: int) -> None:
    """Remove a step that has been done."""
    connection.execute("DELETE FROM event WHERE key = ?", (key,))
