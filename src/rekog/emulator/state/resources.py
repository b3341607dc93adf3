"""Which ARNs there are, and whose."""

from __future__ import annotations

import sqlite3

from ..context import Scope

_TAGGABLE = """
    SELECT arn FROM collection UNION ALL
    SELECT arn FROM stream_processor WHERE status != 'DELETED' UNION ALL
    SELECT arn FROM project UNION ALL
    SELECT arn FROM version UNION ALL
    SELECT arn FROM dataset
"""


def exists(connection: sqlite3.Connection, arn: str) -> bool:
    """Tell whether there is a resource of this ARN that can have tags."""
    query = f"SELECT 1 FROM ({_TAGGABLE}) WHERE arn = ?"  # noqa: S608 (ours)
    return connection.execute(query, (arn,)).fetchone() is not None


def owner(arn: str) -> Scope:
    """Return whose resource a whole ARN names.

    >>> owner("arn:aws:rekognition:eu-west-1:123456789012:project/dogs/1")
    Scope(account='123456789012', region='eu-west-1')
    """
    _, _, _, region, account, _ = arn.split(":", 5)
    return Scope(account, region)
