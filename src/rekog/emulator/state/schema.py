"""The database's tables, as the steps that lead to them.

A step is never changed once it was released: a new one is added, and a file written by an older emulator is brought up
to date when it is opened. `PRAGMA user_version` holds the number of steps that a file has had.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from . import idempotency, schedule, vectors
from .rows import (
    celebrities,
    collections,
    datasets,
    faces,
    jobs,
    liveness,
    objects,
    policies,
    projects,
    streams,
    tags,
    truth,
    users,
    versions,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

APPLICATION_ID = 0x72656B67
"""Marks a file as ours ("rekg"), so that no other program's database is ever migrated."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        *tags.TABLES,
        *schedule.TABLES,
        *idempotency.TABLES,
        *truth.TABLES,
        *collections.TABLES,
        *vectors.TABLES,
        *faces.TABLES,
        *users.TABLES,
        *celebrities.TABLES,
        *jobs.TABLES,
        *projects.TABLES,
        *versions.TABLES,
        *datasets.TABLES,
        *policies.TABLES,
        *streams.TABLES,
        *liveness.TABLES,
        *objects.TABLES,
    ),
    schedule.WORKER_NAME,
)


_CREATED = re.compile(r"CREATE TABLE (\w+)")


class SchemaError(Exception):
    """The file is not one of ours, or a newer emulator wrote it."""


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring a database up to date; the caller has begun a transaction, which also keeps other processes out."""
    if _pragma(connection, "user_version") == 0 and _pragma(connection, "schema_version") == 0:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for step in steps[check_origin(connection, steps) :]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(steps)}")
    connection.execute("INSERT OR IGNORE INTO setting VALUES ('token_secret', ?)", (secrets.token_bytes(32),))


def check_origin(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> int:
    """Return how many steps a database has had, if it is one of ours that this emulator understands."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise SchemaError("it is a database of another program")
    version = _pragma(connection, "user_version")
    if version > len(steps):
        raise SchemaError(f"a newer emulator wrote it (its schema is {version}, this emulator knows {len(steps)})")
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if missing := [name for name in _tables(steps[:version]) if name not in there]:
        raise SchemaError(f"tables are missing that it should have: {', '.join(missing)}")
    return version


def _tables(steps: Sequence[Sequence[str]]) -> list[str]:
    return [found[1] for step in steps for statement in step if (found := _CREATED.match(statement))]


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
