"""Schema of the database: the migrations that create its tables.

A released migration never changes. A change of the schema adds a new migration, and a file of an older emulator is
migrated when it is opened. `PRAGMA user_version` holds the number of migrations that a file has had.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

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
    trainings,
    truth,
    users,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    trainings.TABLES,
)

_SECRET_BYTES = 32


class _Definition(NamedTuple):
    """Definition of a table, index, trigger or view: columns with their types, keys, and indexes."""

    kind: str
    columns: list[tuple[object, ...]]
    keys: list[str]


class SchemaError(Exception):
    """The file is not an emulator's database, its tables were changed, or a newer emulator wrote it."""


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring a database up to date; the caller has begun a write transaction, which locks out other processes."""
    if is_empty(connection):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for migration in migrations[check_schema(connection, migrations) :]:
        for statement in migration:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(migrations)}")
    connection.execute(
        "INSERT OR IGNORE INTO setting VALUES ('token_secret', ?)", (secrets.token_bytes(_SECRET_BYTES),)
    )
    token_secret(connection)


def token_secret(connection: sqlite3.Connection) -> bytes:
    """Return the secret of the page tokens; raise `SchemaError` if another program has changed it."""
    row: tuple[object] = connection.execute("SELECT value FROM setting WHERE name = 'token_secret'").fetchone()
    if not isinstance(row[0], bytes) or len(row[0]) != _SECRET_BYTES:
        raise SchemaError(f"the secret of its page tokens is not {_SECRET_BYTES} bytes")
    return row[0]


def check_owner(connection: sqlite3.Connection) -> None:
    """Raise `SchemaError` for a database of another program."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise SchemaError("it is a database of another program")


def check_unchanged(connection: sqlite3.Connection) -> None:
    """Raise `SchemaError` for a database that `migrate` would refuse, before anything is written."""
    check_schema(connection)
    if connection.execute("SELECT 1 FROM setting WHERE name = 'token_secret'").fetchone():
        token_secret(connection)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether a database was just created, or its file is empty."""
    return _pragma(connection, "user_version") == 0 and _pragma(connection, "schema_version") == 0


def check_schema(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> int:
    """Return the number of migrations that a database has had; raise `SchemaError` if it can't be used."""
    check_owner(connection)
    version = _pragma(connection, "user_version")
    if version > len(migrations):
        text = f"its schema version is {version}, this emulator supports {len(migrations)}"
        raise SchemaError(f"a newer emulator wrote it ({text}): use a newer rekog, or another folder")
    expected, present = _expected(tuple(map(tuple, migrations[:version]))), _definitions(connection)
    for kind, kinds in (("table", "tables"), ("index", "indexes")):
        if missing := [name for name, one in expected.items() if one.kind == kind and name not in present]:
            raise SchemaError(f"{kinds} are missing: {', '.join(missing)}")
    # a trigger would run with each write; SQLite's own tables, such as those of ANALYZE, change nothing
    if others := [name for name in present if name not in expected and not name.startswith("sqlite_")]:
        raise SchemaError(f"it has tables, indexes, triggers or views of another program: {', '.join(others)}")
    if changed := [name for name in expected if present[name] != expected[name]]:
        raise SchemaError(f"another program has changed its tables or indexes: {', '.join(changed)}")
    return version


@cache
def _expected(migrations: tuple[tuple[str, ...], ...]) -> Mapping[str, _Definition]:
    """Return the definitions in a database that has had these migrations."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for migration in migrations:
            for statement in migration:
                connection.execute(statement)
        return {name: one for name, one in _definitions(connection).items() if not name.startswith("sqlite_")}


def _definitions(connection: sqlite3.Connection) -> dict[str, _Definition]:
    """Return the definition of each table, index, trigger and view, by name."""
    definitions: dict[str, _Definition] = {}
    for kind, name in connection.execute("SELECT type, name FROM sqlite_master").fetchall():
        columns = sorted(_rows(connection, "index_info" if kind == "index" else "table_info", name))
        # without the first column, a number that depends on the order in which SQLite lists keys and indexes
        others = [row[1:] for pragma in ("foreign_key_list", "index_list") for row in _rows(connection, pragma, name)]
        definitions[name] = _Definition(kind, columns, sorted(map(repr, others)))
    return definitions


def _rows(connection: sqlite3.Connection, pragma: str, name: str) -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT * FROM pragma_{pragma}(?)", (name,)).fetchall()  # noqa: S608 (no user input)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
