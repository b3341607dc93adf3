"""Face vectors (embeddings) by gallery, the set of vectors that one search covers, and a cache of galleries in memory.

A vector is written once and never changed, and no key is used twice. So a cached gallery reads only the rows after its
last one. A deleted vector stays in the cached gallery; the search drops its match, because its row is missing. Other
processes may write to the same file, and a restore may replace the content by an older one. The stamp, a random number
of each row, shows whether the last row of a cached gallery is still the same row, and with it all rows before it.
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
"""Maximum number of cached vectors (1 GB); above it, the least recently searched galleries are dropped."""
BATCH = 16_384
"""Number of vectors that one transaction reads."""

ReadTransaction: TypeAlias = "Callable[[], AbstractContextManager[sqlite3.Connection]]"
"""A function that begins a read-only transaction."""


def insert(connection: sqlite3.Connection, gallery: str, embedding: bytes) -> int:
    """Store a vector and return its key, which is greater than all earlier ones."""
    inserted = connection.execute(
        "INSERT INTO vector (gallery, stamp, embedding) VALUES (?, ?, ?)", (gallery, secrets.randbits(62), embedding)
    )
    return cast("int", inserted.lastrowid)  # cast: not None after an INSERT


def read(connection: sqlite3.Connection, key: int) -> bytes:
    """Return the embedding of a key that exists."""
    row: tuple[bytes] = connection.execute("SELECT embedding FROM vector WHERE key = ?", (key,)).fetchone()
    return row[0]


def remove(connection: sqlite3.Connection, keys: Iterable[int | None]) -> None:
    """Delete vectors."""
    connection.executemany("DELETE FROM vector WHERE key = ?", [(key,) for key in keys])


class Galleries:
    """Cache of the recently searched galleries of one database: at most `maximum` vectors, or a single gallery."""

    def __init__(self, maximum: int = MAX_VECTORS) -> None:
        self._maximum = maximum
        self._lock = threading.Lock()
        self._cached: dict[str, Gallery] = {}

    def __len__(self) -> int:
        """Return the number of vectors in memory."""
        with self._lock:
            return sum(map(len, self._cached.values()))

    def current(self, read: ReadTransaction, name: str) -> Gallery:
        """Return a gallery with all vectors of the database; it may also hold vectors that were deleted.

        A large gallery is read in batches, each in a transaction of its own, so that other requests wait for one batch
        only. Threads that read the same gallery at once share the batches that are in the cache.
        """
        from ..vision.gallery import Gallery

        gallery, more = Gallery(), True
        while more:
            with read() as connection:
                # another thread may have dropped the batches of this one from the cache, to cache its own gallery
                gallery = max(gallery, self._find(name) or gallery, key=len)
                gallery, more = _with_next_batch(connection, name, gallery)
                self._store(name, gallery)
        return gallery

    def _find(self, name: str) -> Gallery | None:
        with self._lock:
            return self._cached.get(name)

    def _store(self, name: str, gallery: Gallery) -> None:
        with self._lock:
            self._cached.pop(name, None)
            self._cached[name] = gallery  # last: dropped after those that were searched less recently
            while len(self._cached) > 1 and sum(map(len, self._cached.values())) > self._maximum:
                del self._cached[next(iter(self._cached))]


def _with_next_batch(connection: sqlite3.Connection, name: str, cached: Gallery) -> tuple[Gallery, bool]:
    """Return the valid part of a cached gallery with the next batch of rows, and whether there may be more rows."""
    from ..vision.gallery import StoredVector

    last: tuple[int, int] | None = connection.execute(
        "SELECT key, stamp FROM vector WHERE gallery = ? AND key <= ? ORDER BY key DESC LIMIT 1",
        (name, cached.last_key),
    ).fetchone()
    valid = cached.up_to(*(last or (0, 0)))
    cursor = connection.execute(
        "SELECT key, stamp, embedding FROM vector WHERE gallery = ? AND key > ? ORDER BY key LIMIT ?",
        (name, valid.last_key, BATCH),
    )
    rows = [StoredVector(*row) for row in cursor]
    return valid.extended(rows), len(rows) == BATCH
