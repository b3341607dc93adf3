"""Tags of any resource, by its ARN."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLES = (
    """CREATE TABLE tag (
        arn TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (arn, name)
    ) WITHOUT ROWID""",
)


def put(connection: sqlite3.Connection, arn: str, tags: Mapping[str, str]) -> None:
    """Set tags; a tag replaces the one of the same name."""
    connection.executemany("INSERT OR REPLACE INTO tag VALUES (?, ?, ?)", [(arn, *tag) for tag in tags.items()])


def remove(connection: sqlite3.Connection, arn: str, names: Iterable[str]) -> None:
    """Remove the tags of these names; ignore missing ones."""
    connection.executemany("DELETE FROM tag WHERE arn = ? AND name = ?", [(arn, name) for name in names])


def read(connection: sqlite3.Connection, arn: str) -> dict[str, str]:
    """Return a resource's tags."""
    return dict(connection.execute("SELECT name, value FROM tag WHERE arn = ? ORDER BY name", (arn,)))


def delete(connection: sqlite3.Connection, arn: str) -> None:
    """Remove all tags of a resource, which is being deleted."""
    connection.execute("DELETE FROM tag WHERE arn = ?", (arn,))
