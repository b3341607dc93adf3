"""Rows of the S3 objects that were put into the emulator, with all versions."""

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

_MAX_BYTES = 2**31 - 1
"""Maximum length that SQLite's `substr` accepts; it treats a larger number as 0, and no value is longer."""


def insert(connection: sqlite3.Connection, bucket: str, name: str, version: str, data: bytes) -> None:
    """Store a new version of an object."""
    connection.execute(
        "INSERT INTO object (bucket, name, version, data) VALUES (?, ?, ?, ?)", (bucket, name, version, data)
    )


def find(
    connection: sqlite3.Connection, bucket: str, name: str, version: str | None, limit: int | None = None
) -> bytes | None:
    """Return the first bytes (all of them without a limit) of a version, or of the newest; None without an object."""
    row = connection.execute(
        "SELECT substr(data, 1, ?) FROM object WHERE bucket = ? AND name = ? AND (? IS NULL OR version = ?)"
        " ORDER BY key DESC LIMIT 1",
        (_MAX_BYTES if limit is None else min(limit, _MAX_BYTES), bucket, name, version, version),
    ).fetchone()
    return None if row is None else bytes(row[0] or b"")  # `substr` of an empty value is NULL
