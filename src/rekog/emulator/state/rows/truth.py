"""Declared content of images and videos.

A declaration is stored under a name: `sha256:HEX` for bytes, or `s3://BUCKET/KEY` for an object. All accounts and
regions share it (assumed): the content of an image does not depend on the caller.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TABLES = (
    """CREATE TABLE truth (
        name TEXT NOT NULL,
        capability TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (name, capability)
    ) WITHOUT ROWID""",
)


def put(connection: sqlite3.Connection, name: str, capabilities: Mapping[str, object]) -> None:
    """Store the declared content of a name; keep the content of its other capabilities."""
    rows = [(name, capability, json.dumps(detail)) for capability, detail in capabilities.items()]
    connection.executemany("INSERT OR REPLACE INTO truth VALUES (?, ?, ?)", rows)


def find(connection: sqlite3.Connection, names: Sequence[str], capability: str) -> object:
    """Return the declared content of a capability, of the first name that has any; None if none has."""
    for name in names:
        row = connection.execute(
            "SELECT detail FROM truth WHERE name = ? AND capability = ?", (name, capability)
        ).fetchone()
        if row is not None:
            content: object = json.loads(row[0])
            return content
    return None


def entries(connection: sqlite3.Connection, capability: str) -> list[dict[str, object]]:
    """Return the declared entries of a capability, of all names; its content must be a list."""
    rows = connection.execute("SELECT detail FROM truth WHERE capability = ? ORDER BY name", (capability,))
    return [entry for (detail,) in rows for entry in json.loads(detail)]


def forget(connection: sqlite3.Connection, name: str, capabilities: Iterable[str] = ()) -> None:
    """Remove the declared content of a name: of some capabilities, or without any given, of all."""
    only = list(capabilities)
    if not only:
        connection.execute("DELETE FROM truth WHERE name = ?", (name,))
    connection.executemany("DELETE FROM truth WHERE name = ? AND capability = ?", [(name, each) for each in only])


def clear(connection: sqlite3.Connection) -> None:
    """Remove all declared content."""
    connection.execute("DELETE FROM truth")
