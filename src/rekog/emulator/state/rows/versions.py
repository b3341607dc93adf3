"""Rows of project versions: models and adapters."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple, cast

from . import tags as tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...scope import Scope

TABLES = (
    """CREATE TABLE version (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        project_key INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
        name TEXT NOT NULL,
        arn TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        created REAL NOT NULL,
        f1_score REAL,
        description TEXT NOT NULL,
        UNIQUE (project_key, name)
    )""",
)

_SELECT = """
    SELECT version.key, project_key, project.arn, feature, version.name, version.arn, version.status, version.created,
        f1_score, description
    FROM version JOIN project ON project.key = project_key
"""


class VersionRow(NamedTuple):
    """A stored version. `description` is the wire form of its description, without the members in other columns."""

    key: int
    project_key: int
    project_arn: str
    feature: str
    name: str
    arn: str
    status: str
    created: float
    f1_score: float | None
    description_json: str

    @property
    def description(self) -> dict[str, object]:
        """The wire form of the rest of the description."""
        return cast("dict[str, object]", json.loads(self.description_json))  # cast: `insert` wrote it


def insert(
    connection: sqlite3.Connection,
    project_key: int,
    *,
    name: str,
    arn: str,
    status: str,
    created: float,
    description: Mapping[str, object],
    tags: Mapping[str, str],
) -> None:
    """Store a version with its tags; the caller has checked that the project has none of this name."""
    connection.execute(
        "INSERT INTO version (project_key, name, arn, status, created, description) VALUES (?, ?, ?, ?, ?, ?)",
        (project_key, name, arn, status, created, json.dumps(description)),
    )
    tags_of.put(connection, arn, tags)


def count(connection: sqlite3.Connection, project_key: int) -> int:
    """Return the number of versions of a project."""
    return int(connection.execute("SELECT count(*) FROM version WHERE project_key = ?", (project_key,)).fetchone()[0])


def find(connection: sqlite3.Connection, scope: Scope, arn: str) -> VersionRow | None:
    """Return a version, or None."""
    return next(_rows(connection, "account = ? AND region = ? AND version.arn = ?", *scope, arn), None)


def page(
    connection: sqlite3.Connection, project_key: int, *, names: Sequence[str] | None, before: int, limit: int
) -> list[VersionRow]:
    """Return the next older versions of a project before a key, with these names (None: any name)."""
    condition = (
        "project_key = ? AND version.key < ? AND (? IS NULL OR version.name IN (SELECT value FROM json_each(?)))"
        " ORDER BY version.key DESC LIMIT ?"
    )
    wanted = None if names is None else json.dumps(names)
    return list(_rows(connection, condition, project_key, before, wanted, wanted, limit))


def move(
    connection: sqlite3.Connection, key: int, before: str, after: str, changes: Mapping[str, object] | None = None
) -> bool:
    """Change the status of a version from `before` to `after`, and return True; return False if it has another status.

    `changes` replace members of the description; None removes a member.
    """
    moved = connection.execute(
        "UPDATE version SET status = ?, description = json_patch(description, ?) WHERE key = ? AND status = ?",
        (after, json.dumps(changes or {}), key, before),
    )
    return bool(moved.rowcount)


def set_f1_score(connection: sqlite3.Connection, key: int, f1_score: float) -> None:
    """Store the declared F1 score of a version's evaluation."""
    connection.execute("UPDATE version SET f1_score = ? WHERE key = ?", (f1_score, key))


def set_measured_f1_score(connection: sqlite3.Connection, key: int, f1_score: float) -> None:
    """Store the measured F1 score of a version's evaluation, unless one was declared."""
    connection.execute("UPDATE version SET f1_score = coalesce(f1_score, ?) WHERE key = ?", (f1_score, key))


def delete(connection: sqlite3.Connection, key: int) -> None:
    """Remove a version with its tags."""
    for (arn,) in connection.execute("DELETE FROM version WHERE key = ? RETURNING arn", (key,)).fetchall():
        tags_of.delete(connection, arn)


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int | None) -> Iterator[VersionRow]:
    cursor = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return (VersionRow(*row) for row in cursor)
