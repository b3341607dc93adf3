"""Rows of the S3 objects that were put into the emulator, every version of each."""

from __future__ import annotations

import sqlite3

TABLES = (
    """CREATE TABLE object (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        data BLOB NOT NULL
    )""",
    "CREATE INDEX object_name ON object (bucket, name, key)",
)

_MOST = 2**31 - 1
"""Bytes that SQLite's `substr` can be asked for; it takes a larger number for 0, and no value is longer."""


def insert(connection: sqlite3.Connection, bucket: str, name: str, version: str, data: bytes) -> None:
    """Store a version of an object, which is its newest now."""
    connection.execute(
        "INSERT INTO object (bucket, name, version, data) VALUES (?, ?, ?, ?)", (bucket, name, version, data)
    )


def find(
    connection: sqlite3.Connection, bucket: str, name: str, version: str | None, limit: int | None = None
) -> bytes | None:
    """Return the first bytes (without a limit all) of a version, or of the newest; None when there is none."""
    row = connection.execute(
        "SELECT substr(data, 1, ?) FROM object WHERE bucket = ? AND name = ? AND (? IS NULL OR version = ?)"
        " ORDER BY key DESC LIMIT 1",
        (_MOST if limit is None else min(limit, _MOST), bucket, name, version, version),
    ).fetchone()
    return None if row is None else bytes(row[0] or b"")  # SQLite takes a part of nothing for NULL
