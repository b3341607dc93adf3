"""Rows of the faces of collections. The key of a face is also the key of its embedding, in the gallery of faces."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from .. import vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TABLES = (
    """CREATE TABLE face (
        key INTEGER PRIMARY KEY,
        collection INTEGER NOT NULL REFERENCES collection (key) ON DELETE CASCADE,
        face_id TEXT NOT NULL,
        image_id TEXT NOT NULL,
        external_image_id TEXT,
        box_left REAL NOT NULL,
        box_top REAL NOT NULL,
        box_width REAL NOT NULL,
        box_height REAL NOT NULL,
        confidence REAL NOT NULL,
        findable REAL NOT NULL,
        user INTEGER REFERENCES user (key) ON DELETE SET NULL,
        UNIQUE (collection, face_id)
    )""",
    "CREATE INDEX face_order ON face (collection, key)",
    "CREATE INDEX face_user ON face (user) WHERE user IS NOT NULL",
)

_SELECT = (
    "SELECT face.key, face_id, image_id, external_image_id, box_left, box_top, box_width, box_height, confidence,"
    " findable, face.user, user_id FROM face LEFT JOIN user ON user.key = face.user"
)
_GIVEN = "(SELECT value FROM json_each(?))"


class NewFace(NamedTuple):
    """A face to store: its box in ratios of the image, and the time, in epoch seconds, from which searches find it."""

    face_id: str
    image_id: str
    external_image_id: str | None
    box: tuple[float, float, float, float]
    confidence: float
    findable: float


class FaceRow(NamedTuple):
    """A stored face."""

    key: int
    face_id: str
    image_id: str
    external_image_id: str | None
    left: float
    top: float
    width: float
    height: float
    confidence: float
    findable: float
    user: int | None
    user_id: str | None


def gallery(collection: int) -> str:
    """Return the name of the gallery of a collection's faces."""
    return f"faces {collection}"


def insert(connection: sqlite3.Connection, collection: int, face: NewFace, embedding: bytes) -> int:
    """Store a new face, and return its key."""
    key = vectors.insert(connection, gallery(collection), embedding)
    names = (face.face_id, face.image_id, face.external_image_id)
    connection.execute(
        "INSERT INTO face VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (key, collection, *names, *face.box, face.confidence, face.findable),
    )
    return key


def count(connection: sqlite3.Connection, collection: int) -> int:
    """Return the number of faces in a collection."""
    row: tuple[int] = connection.execute("SELECT count(*) FROM face WHERE collection = ?", (collection,)).fetchone()
    return row[0]


def has_capacity(connection: sqlite3.Connection, collection: int, new: int, limit: int) -> bool:
    """Tell whether a collection stays within its limit with a number of new faces."""
    row: tuple[int] = connection.execute(
        "SELECT coalesce((SELECT max(key) FROM face WHERE collection = :collection)"
        " - (SELECT min(key) FROM face WHERE collection = :collection) + 1, 0)",
        {"collection": collection},
    ).fetchone()
    # the range of keys is an upper bound for the number of faces; counting a million faces takes 0.1 s
    return row[0] + new <= limit or count(connection, collection) + new <= limit


def by_id(connection: sqlite3.Connection, collection: int, face_ids: Iterable[str]) -> dict[str, FaceRow]:
    """Return the faces of a collection with these ids, by id."""
    given = json.dumps(list(face_ids))
    return {
        row.face_id: row for row in _rows(connection, f"face.collection = ? AND face_id IN {_GIVEN}", collection, given)
    }


def by_key(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, FaceRow]:
    """Return the faces with these keys, by key; deleted ones are missing."""
    return {row.key: row for row in _rows(connection, f"face.key IN {_GIVEN}", json.dumps(list(keys)))}


def after(
    connection: sqlite3.Connection,
    collection: int,
    key: int,
    limit: int,
    *,
    user_id: str | None = None,
    face_ids: Sequence[str] | None = None,
) -> list[FaceRow]:
    """Return the next faces of a collection after a key, optionally of one user or with some ids only."""
    conditions, values = ["face.collection = ?"], [collection]
    more: list[str | int] = []
    if user_id is not None:
        conditions.append("face.user = (SELECT key FROM user WHERE collection = ? AND user_id = ?)")
        more += [collection, user_id]
    if face_ids is not None:
        conditions.append(f"face_id IN {_GIVEN}")
        more.append(json.dumps(list(face_ids)))
    # the plus makes SQLite use the index of the ids instead of a scan over all keys
    key_column = "face.key" if face_ids is None else "+face.key"
    chosen = " AND ".join([*conditions, f"{key_column} > ?"])
    return list(_rows(connection, f"{chosen} ORDER BY {key_column} LIMIT ?", *values, *more, key, limit))


def of_user(connection: sqlite3.Connection, user: int) -> list[FaceRow]:
    """Return the faces of a user, in the order of their insertion."""
    return list(_rows(connection, "face.user = ? ORDER BY face.key", user))


def assign(connection: sqlite3.Connection, keys: Iterable[int], user: int | None) -> None:
    """Assign faces to a user, or to none."""
    connection.executemany("UPDATE face SET user = ? WHERE key = ?", [(user, key) for key in keys])


def delete(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Remove faces with their embeddings."""
    connection.executemany("DELETE FROM face WHERE key = ?", [(key,) for key in keys])
    vectors.remove(connection, keys)


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int) -> Iterator[FaceRow]:
    cursor = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return (FaceRow(*row) for row in cursor)
