"""Embeddings by the gallery that they are searched in, and the galleries themselves, kept in memory while in use.

A vector is written once and never changed, and its key is never given again, so a gallery in memory only has to learn
of the rows behind its last one; a vector that was deleted is left in it and found out when its row is looked up. Other
processes may write to the same file, and the file's content may be replaced by an older one: the stamp, a random number
of each row, shows whether a gallery's last row is still that row, and with it all before it.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..vision.gallery import Gallery

TABLES = (
    """CREATE TABLE vector (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        gallery TEXT NOT NULL,
        stamp INTEGER NOT NULL,
        embedding BLOB NOT NULL
    )""",
    "CREATE INDEX vector_gallery ON vector (gallery, key)",
)

_MOST_KEPT = 2**21
"""Vectors in memory (1 GB) beyond which the galleries that were not searched for longest are let go."""
_BATCH = 16_384


def insert(connection: sqlite3.Connection, gallery: str, embedding: bytes) -> int:
    """Store a vector and return its key, which is greater than all before."""
    done = connection.execute(
        "INSERT INTO vector (gallery, stamp, embedding) VALUES (?, ?, ?)", (gallery, secrets.randbits(62), embedding)
    )
    return cast("int", done.lastrowid)  # cast: after an INSERT there is one


def read(connection: sqlite3.Connection, key: int) -> bytes:
    """Return the embedding of a key that is there."""
    row: tuple[bytes] = connection.execute("SELECT embedding FROM vector WHERE key = ?", (key,)).fetchone()
    return row[0]


def remove(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Delete vectors."""
    connection.executemany("DELETE FROM vector WHERE key = ?", [(key,) for key in keys])


def forget(connection: sqlite3.Connection, gallery: str) -> None:
    """Delete all vectors of a gallery."""
    connection.execute("DELETE FROM vector WHERE gallery = ?", (gallery,))


class Galleries:
    """The galleries of one database that were searched lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Gallery] = {}

    def current(self, connection: sqlite3.Connection, name: str) -> Gallery:
        """Return a gallery as it is in the transaction; it may hold vectors that were deleted since."""
        with self._lock:
            gallery = _extended(connection, name, _still_true(connection, name, self._known.pop(name, None)))
            self._known[name] = gallery
            while len(self._known) > 1 and sum(map(len, self._known.values())) > _MOST_KEPT:
                del self._known[next(iter(self._known))]
            return gallery


def _still_true(connection: sqlite3.Connection, name: str, known: Gallery | None) -> Gallery:
    from ..vision.gallery import Gallery

    row: tuple[int, int] | None = None
    if known is not None:
        row = connection.execute(
            "SELECT key, stamp FROM vector WHERE gallery = ? AND key <= ? ORDER BY key DESC LIMIT 1",
            (name, known.last_key),
        ).fetchone()
    return Gallery() if known is None or row is None else known.up_to(*row)


def _extended(connection: sqlite3.Connection, name: str, known: Gallery) -> Gallery:
    from ..vision.gallery import StoredVector

    cursor = connection.execute(
        "SELECT key, stamp, embedding FROM vector WHERE gallery = ? AND key > ? ORDER BY key", (name, known.last_key)
    )
    while rows := cursor.fetchmany(_BATCH):
        known = known.extended([StoredVector(*row) for row in rows])
    return known
