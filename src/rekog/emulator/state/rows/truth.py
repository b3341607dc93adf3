"""What pictures and videos contain by declaration.

A declaration is about a name: `sha256:HEX` for the bytes themselves, or `s3://BUCKET/KEY`. It holds for all accounts
and regions (assumed): what a picture shows does not depend on who looks at it.
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
    """Keep what was declared about a name; what was declared of other capabilities stays."""
    rows = [(name, capability, json.dumps(detail)) for capability, detail in capabilities.items()]
    connection.executemany("INSERT OR REPLACE INTO truth VALUES (?, ?, ?)", rows)


def find(connection: sqlite3.Connection, names: Sequence[str], capability: str) -> object:
    """Return what was declared of a capability about the first of the names that has something; None if none has."""
    for name in names:
        row = connection.execute(
            "SELECT detail FROM truth WHERE name = ? AND capability = ?", (name, capability)
        ).fetchone()
        if row is not None:
            found: object = json.loads(row[0])
            return found
    return None


def entries(connection: sqlite3.Connection, capability: str) -> list[dict[str, object]]:
    """Return all that was declared of a capability about anything, if it is a list of entries."""
    rows = connection.execute("SELECT detail FROM truth WHERE capability = ? ORDER BY name", (capability,))
    return [entry for (detail,) in rows for entry in json.loads(detail)]


def forget(connection: sqlite3.Connection, name: str, capabilities: Iterable[str] = ()) -> None:
    """Remove what was declared about a name: of some capabilities, or everything."""
    only = list(capabilities)
    if not only:
        connection.execute("DELETE FROM truth WHERE name = ?", (name,))
    connection.executemany("DELETE FROM truth WHERE name = ? AND capability = ?", [(name, each) for each in only])


def clear(connection: sqlite3.Connection) -> None:
    """Remove everything that was declared."""
    connection.execute("DELETE FROM truth")
