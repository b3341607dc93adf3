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
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from ..vision.gallery import Gallery

TABLES = (
    """CREATE TABLE vector (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        gallery TEXT NOT NULL,
        stamp INTEGER NOT NULL,
        embedding BLOB NOT NULL CHECK (length(embedding) = 512)
    )""",
    "CREATE INDEX vector_gallery ON vector (gallery, key)",
)

MAX_VECTORS = 2**21
"""Vectors in memory (1 GB) beyond which the galleries that were not searched for longest are let go."""
BATCH = 16_384
"""Vectors that are read in one transaction."""

Reading: TypeAlias = "Callable[[], AbstractContextManager[sqlite3.Connection]]"
"""What begins a transaction that only reads."""


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


def remove(connection: sqlite3.Connection, keys: Iterable[int | None]) -> None:
    """Delete vectors."""
    connection.executemany("DELETE FROM vector WHERE key = ?", [(key,) for key in keys])


def forget(connection: sqlite3.Connection, gallery: str) -> None:
    """Delete all vectors of a gallery."""
    connection.execute("DELETE FROM vector WHERE gallery = ?", (gallery,))


class Galleries:
    """The galleries of one database that were searched lately, of together at most so many vectors or just one."""

    def __init__(self, maximum: int = MAX_VECTORS) -> None:
        self._maximum = maximum
        self._lock = threading.Lock()
        self._known: dict[str, Gallery] = {}

    def __len__(self) -> int:
        """Return how many vectors are in memory."""
        with self._lock:
            return sum(map(len, self._known.values()))

    def current(self, read: Reading, name: str) -> Gallery:
        """Return a gallery as the database has it; it may hold vectors that were deleted since.

        A large one is read in parts, each in a transaction of its own, so that nobody waits for the whole. Threads that
        come at the same time go on from where the others are.
        """
        from ..vision.gallery import Gallery

        gallery, more = Gallery(), True
        while more:
            with read() as connection:
                # what this thread has read may have been let go meanwhile, for a gallery that another is reading
                gallery = max(gallery, self._last_known(name) or gallery, key=len)
                gallery, more = _further(connection, name, gallery)
                self._keep(name, gallery)
        return gallery

    def _last_known(self, name: str) -> Gallery | None:
        with self._lock:
            return self._known.get(name)

    def _keep(self, name: str, gallery: Gallery) -> None:
        with self._lock:
            self._known.pop(name, None)
            self._known[name] = gallery  # behind the others, which were searched for longer ago
            while len(self._known) > 1 and sum(map(len, self._known.values())) > self._maximum:
                del self._known[next(iter(self._known))]


def _further(connection: sqlite3.Connection, name: str, known: Gallery) -> tuple[Gallery, bool]:
    """Return what is still true of a gallery and some of the rows behind it, and whether there may be more."""
    from ..vision.gallery import StoredVector

    last: tuple[int, int] | None = connection.execute(
        "SELECT key, stamp FROM vector WHERE gallery = ? AND key <= ? ORDER BY key DESC LIMIT 1",
        (name, known.last_key),
    ).fetchone()
    true = known.up_to(*(last or (0, 0)))
    cursor = connection.execute(
        "SELECT key, stamp, embedding FROM vector WHERE gallery = ? AND key > ? ORDER BY key LIMIT ?",
        (name, true.last_key, BATCH),
    )
    rows = [StoredVector(*row) for row in cursor]
    return true.extended(rows), len(rows) == BATCH
