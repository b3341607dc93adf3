"""Rows of enrolled celebrities, and of their faces, each with the key of its embedding.

All accounts and regions share them (assumed), as they share the service's own celebrities.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import string
from typing import TYPE_CHECKING, NamedTuple

from .. import vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TABLES = (
    """CREATE TABLE celebrity (
        key INTEGER PRIMARY KEY,
        celebrity_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        urls TEXT NOT NULL,
        gender TEXT
    )""",
    """CREATE TABLE celebrity_face (
        key INTEGER PRIMARY KEY,
        celebrity INTEGER NOT NULL REFERENCES celebrity (key) ON DELETE CASCADE
    )""",
    "CREATE INDEX celebrity_face_owner ON celebrity_face (celebrity)",
)

GALLERY = "celebrities"

_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH = 8

_COLUMNS = "celebrity.key, celebrity_id, name, urls, gender"


class CelebrityRow(NamedTuple):
    """A celebrity as it is stored."""

    key: int
    celebrity_id: str
    name: str
    urls: list[str]
    gender: str | None


def id_of(name: str) -> str:
    """Return the default id of a celebrity: equal names have equal ids in every state.

    >>> id_of("Grace Hopper")
    '06R4Tqcz'
    """
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())
    return "".join(_ALPHABET[number // len(_ALPHABET) ** digit % len(_ALPHABET)] for digit in range(_ID_LENGTH))


def put(
    connection: sqlite3.Connection,
    celebrity_id: str,
    *,
    name: str,
    urls: Sequence[str],
    gender: str | None,
    embeddings: Iterable[bytes],
) -> None:
    """Store a celebrity with its faces; replace the one that has this id."""
    old = connection.execute(
        "SELECT celebrity_face.key FROM celebrity_face JOIN celebrity ON celebrity.key = celebrity"
        " WHERE celebrity_id = ?",
        (celebrity_id,),
    ).fetchall()
    vectors.remove(connection, [key for (key,) in old])
    connection.execute("DELETE FROM celebrity WHERE celebrity_id = ?", (celebrity_id,))
    inserted = connection.execute(
        "INSERT INTO celebrity (celebrity_id, name, urls, gender) VALUES (?, ?, ?, ?)",
        (celebrity_id, name, json.dumps(list(urls)), gender),
    )
    keys = [vectors.insert(connection, GALLERY, embedding) for embedding in embeddings]
    connection.executemany("INSERT INTO celebrity_face VALUES (?, ?)", [(key, inserted.lastrowid) for key in keys])


def find(connection: sqlite3.Connection, celebrity_id: str) -> CelebrityRow | None:
    """Return a celebrity, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM celebrity WHERE celebrity_id = ?",  # noqa: S608 (no user input)
        (celebrity_id,),
    ).fetchone()
    return None if row is None else _row(*row)


def by_face(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, CelebrityRow]:
    """Return the celebrities that have faces with these keys, by key of the face."""
    cursor = connection.execute(
        f"SELECT celebrity_face.key, {_COLUMNS} FROM celebrity_face JOIN celebrity ON celebrity.key = celebrity"  # noqa: S608 (no user input)
        " WHERE celebrity_face.key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {row[0]: _row(*row[1:]) for row in cursor}


def any_enrolled(connection: sqlite3.Connection) -> bool:
    """Tell whether any celebrity is enrolled."""
    return connection.execute("SELECT 1 FROM celebrity LIMIT 1").fetchone() is not None


def _row(key: int, celebrity_id: str, name: str, urls: str, gender: str | None) -> CelebrityRow:
    return CelebrityRow(key, celebrity_id, name, json.loads(urls), gender)
