"""Which ARNs there are, and whose."""

from __future__ import annotations

import sqlite3

from ...context import Scope

_TAGGABLE = """
    SELECT arn FROM collection UNION ALL
    SELECT arn FROM stream_processor WHERE status != 'DELETED' UNION ALL
    SELECT arn FROM project UNION ALL
    SELECT arn FROM version UNION ALL
    SELECT arn FROM dataset
"""

_PARTS = 5
"""Of an ARN, behind its scheme: the third is a region, the fourth an account."""


def exists(connection: sqlite3.Connection, arn: str) -> bool:
    """Tell whether there is a resource of this ARN that can have tags."""
    query = f"SELECT 1 FROM ({_TAGGABLE}) WHERE arn = ?"  # noqa: S608 (ours)
    return connection.execute(query, (arn,)).fetchone() is not None


def owner(arn: str) -> Scope:
    """Return whose resource a whole ARN names; `LookupError` if it is none.

    >>> owner("arn:aws:rekognition:eu-west-1:123456789012:project/dogs/1")
    Scope(account='123456789012', region='eu-west-1')
    """
    scheme, *parts = arn.split(":", 5)
    if scheme != "arn" or len(parts) != _PARTS:
        raise LookupError(f"{arn!r} is no ARN")
    return Scope(parts[3], parts[2])
