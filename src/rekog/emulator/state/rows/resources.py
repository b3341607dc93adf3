"""Resources that can have tags, by ARN."""

from __future__ import annotations

import sqlite3

_TAGGABLE = """
    SELECT arn FROM collection UNION ALL
    SELECT arn FROM stream_processor WHERE status != 'DELETED' UNION ALL
    SELECT arn FROM project UNION ALL
    SELECT arn FROM version UNION ALL
    SELECT arn FROM dataset
"""


def exists(connection: sqlite3.Connection, arn: str) -> bool:
    """Tell whether the ARN names an existing resource that can have tags."""
    query = f"SELECT 1 FROM ({_TAGGABLE}) WHERE arn = ?"  # noqa: S608 (no user input)
    return connection.execute(query, (arn,)).fetchone() is not None
