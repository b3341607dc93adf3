"""Empty the database, copy it into a file, and restore it from such a copy."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from .rows import collections
from .schema import check_origin

if TYPE_CHECKING:
    from ..scope import Scope

_KEPT = ("setting", "sqlite_sequence")
"""Tables that a reset keeps: the secret of page tokens, and the last keys, so that no key is used twice."""


def clear(connection: sqlite3.Connection) -> None:
    """Remove the rows of all accounts and regions; the caller has begun a transaction."""
    for table in _tables(connection):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 (no user input)


def clear_scope(connection: sqlite3.Connection, scope: Scope) -> None:
    """Remove the rows of one account in one region; the caller has begun a transaction."""
    owned = "account = ? AND region = ?"
    for (name,) in connection.execute(f"SELECT collection_id FROM collection WHERE {owned}", scope).fetchall():  # noqa: S608 (no user input)
        row = collections.find(connection, scope, name)
        if row is not None:
            collections.delete(connection, row)
    for table in _tables(connection):
        if {"account", "region"} <= _columns(connection, table):
            connection.execute(f"DELETE FROM {table} WHERE {owned}", scope)  # noqa: S608 (no user input)
    # the tag table has no account and region, but its ARNs do: arn:PARTITION:rekognition:REGION:ACCOUNT:RESOURCE
    connection.execute("DELETE FROM tag WHERE arn GLOB ?", (f"arn:*:rekognition:{scope.region}:{scope.account}:*",))


def write_copy(connection: sqlite3.Connection, path: str | os.PathLike[str]) -> None:
    """Write the whole database into one file, which gets its name only when it is complete."""
    target = Path(path)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(unfinished),))
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def read_copy(connection: sqlite3.Connection, path: str | os.PathLike[str]) -> None:
    """Replace the content of the database by that of a copy; the file is not changed."""
    source = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
    try:
        check_origin(source)
        damage = source.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise sqlite3.DatabaseError(f"the file is damaged: {damage}")
        source.backup(connection)
    finally:
        source.close()


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in names if name not in _KEPT]


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
