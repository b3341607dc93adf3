"""Schema of the database: the migrations that create its tables.

A released migration never changes. A change of the schema adds a new migration, and a file of an older emulator is
migrated when it is opened. `PRAGMA user_version` holds the number of migrations that a file has had.
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
"""Identifies a database of this emulator ("rekg"), so that no database of another program is migrated."""

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
    """The file is not an emulator's database, is incomplete, or was written by a newer emulator."""


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring a database up to date; the caller has begun a write transaction, which locks out other processes."""
    if _pragma(connection, "user_version") == 0 and _pragma(connection, "schema_version") == 0:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for migration in migrations[check_origin(connection, migrations) :]:
        for statement in migration:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(migrations)}")
    connection.execute("INSERT OR IGNORE INTO setting VALUES ('token_secret', ?)", (secrets.token_bytes(32),))


def check_origin(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> int:
    """Return the number of migrations that a database has had; raise `SchemaError` if it can't be used."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise SchemaError("it is a database of another program")
    version = _pragma(connection, "user_version")
    if version > len(migrations):
        text = f"its schema version is {version}, this emulator supports {len(migrations)}"
        raise SchemaError(f"a newer emulator wrote it ({text}): use a newer rekog, or another folder")
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if missing := [name for name in _tables(migrations[:version]) if name not in present]:
        raise SchemaError(f"tables are missing: {', '.join(missing)}")
    return version


def _tables(migrations: Sequence[Sequence[str]]) -> list[str]:
    statements = (statement for migration in migrations for statement in migration)
    return [match[1] for statement in statements if (match := _CREATED.match(statement))]


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
