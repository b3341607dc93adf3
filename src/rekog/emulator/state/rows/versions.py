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
    """A version as it is stored. `description` is the wire form of what its description has beside the columns."""

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
        return cast("dict[str, object]", json.loads(self.description_json))  # cast: it was written below


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
    """Store a version with its tags; the caller has seen that the project has none of this name."""
    connection.execute(
        "INSERT INTO version (project_key, name, arn, status, created, description) VALUES (?, ?, ?, ?, ?, ?)",
        (project_key, name, arn, status, created, json.dumps(description)),
    )
    tags_of.put(connection, arn, tags)


def count(connection: sqlite3.Connection, project_key: int) -> int:
    """Return how many versions a project has."""
    return int(connection.execute("SELECT count(*) FROM version WHERE project_key = ?", (project_key,)).fetchone()[0])


def find(connection: sqlite3.Connection, scope: Scope, arn: str) -> VersionRow | None:
    """Return a version, or None."""
    return next(_rows(connection, "account = ? AND region = ? AND version.arn = ?", *scope, arn), None)


def page(
    connection: sqlite3.Connection, project_key: int, *, names: Sequence[str] | None, before: int, limit: int
) -> list[VersionRow]:
    """Return a project's newest versions, of these names (None: of any), that are older than the one of a key."""
    condition = (
        "project_key = ? AND version.key < ? AND (? IS NULL OR version.name IN (SELECT value FROM json_each(?)))"
        " ORDER BY version.key DESC LIMIT ?"
    )
    wanted = None if names is None else json.dumps(names)
    return list(_rows(connection, condition, project_key, before, wanted, wanted, limit))


def move(
    connection: sqlite3.Connection, key: int, before: str, after: str, changes: Mapping[str, object] | None = None
) -> bool:
    """Let a version go from one state to another, if it is in the first; tell whether it was.

    `changes` go over the description's members; None removes one.
    """
    moved = connection.execute(
        "UPDATE version SET status = ?, description = json_patch(description, ?) WHERE key = ? AND status = ?",
        (after, json.dumps(changes or {}), key, before),
    )
    return bool(moved.rowcount)


def set_f1_score(connection: sqlite3.Connection, key: int, f1_score: float) -> None:
    """Declare what a version's evaluation says."""
    connection.execute("UPDATE version SET f1_score = ? WHERE key = ?", (f1_score, key))


def delete(connection: sqlite3.Connection, key: int) -> None:
    """Remove a version with its tags."""
    for (arn,) in connection.execute("DELETE FROM version WHERE key = ? RETURNING arn", (key,)).fetchall():
        tags_of.forget(connection, arn)


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int | None) -> Iterator[VersionRow]:
    cursor = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return (VersionRow(*row) for row in cursor)
