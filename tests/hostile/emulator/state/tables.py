"""Write large tables into the file of a data folder, much faster than by requests."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from rekog.emulator.state.rows import faces
from rekog.emulator.state.store import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

BATCH = 10_000
DIMENSIONS = 128
BOX = (0.1, 0.1, 0.2, 0.2)


def add_faces(folder: Path, count: int) -> list[str]:
    """Add faces to the only collection of a state that is not in use, and return some of their ids."""
    numbers = np.random.default_rng(1)
    some: list[str] = []
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        (collection,) = connection.execute("SELECT key FROM collection").fetchone()
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        (last,) = connection.execute("SELECT coalesce(max(key), 0) FROM vector").fetchone()
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            vectors = numbers.standard_normal((size, DIMENSIONS)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            ids = [str(uuid.uuid4()) for _ in range(size)]
            keys = range(last + start + 1, last + start + size + 1)
            connection.executemany(
                "INSERT INTO vector (key, gallery, stamp, embedding) VALUES (?, ?, ?, ?)",
                [(key, faces.gallery(collection), key, row.tobytes()) for key, row in zip(keys, vectors, strict=True)],
            )
            connection.executemany(
                "INSERT INTO face VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?, 0.99, 0.0, NULL)",
                [(key, collection, name, name, *BOX) for key, name in zip(keys, ids, strict=True)],
            )
            some.append(ids[0])
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return some
