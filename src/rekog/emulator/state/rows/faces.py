"""Rows of the faces of collections. A face's key is that of its embedding, in the collection's gallery of faces."""

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
    """A face to be stored; its box in ratios of the picture, the time from which searches find it in epoch seconds."""

    face_id: str
    image_id: str
    external_image_id: str | None
    box: tuple[float, float, float, float]
    confidence: float
    findable: float


class FaceRow(NamedTuple):
    """A face as it is stored: its box is left, top, width, height."""

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
    """Return the name of the gallery that a collection's faces are searched in."""
    return f"faces {collection}"


def insert(connection: sqlite3.Connection, collection: int, face: NewFace, embedding: bytes) -> int:
    """Store a face that is not there yet, and return its key."""
    key = vectors.insert(connection, gallery(collection), embedding)
    names = (face.face_id, face.image_id, face.external_image_id)
    connection.execute(
        "INSERT INTO face VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (key, collection, *names, *face.box, face.confidence, face.findable),
    )
    return key


def count(connection: sqlite3.Connection, collection: int) -> int:
    """Return how many faces a collection has."""
    row: tuple[int] = connection.execute("SELECT count(*) FROM face WHERE collection = ?", (collection,)).fetchone()
    return row[0]


def has_capacity(connection: sqlite3.Connection, collection: int, more: int, limit: int) -> bool:
    """Tell whether a collection would be within its limit with some more faces."""
    row: tuple[int] = connection.execute(
        "SELECT coalesce((SELECT max(key) FROM face WHERE collection = :collection)"
        " - (SELECT min(key) FROM face WHERE collection = :collection) + 1, 0)",
        {"collection": collection},
    ).fetchone()
    # there are no more faces than keys from the first to the last; counting a million takes a tenth of a second
    return row[0] + more <= limit or count(connection, collection) + more <= limit


def by_id(connection: sqlite3.Connection, collection: int, face_ids: Iterable[str]) -> dict[str, FaceRow]:
    """Return those of the faces with these ids that are in a collection."""
    given = json.dumps(list(face_ids))
    return {
        row.face_id: row for row in _rows(connection, f"face.collection = ? AND face_id IN {_GIVEN}", collection, given)
    }


def by_key(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, FaceRow]:
    """Return those of the faces with these keys that are still there."""
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
    """Return the first faces of a collection behind a key: all, or those of a user, or of a choice of ids."""
    conditions, values = ["face.collection = ?"], [collection]
    more: list[str | int] = []
    if user_id is not None:
        conditions.append("face.user = (SELECT key FROM user WHERE collection = ? AND user_id = ?)")
        more += [collection, user_id]
    if face_ids is not None:
        conditions.append(f"face_id IN {_GIVEN}")
        more.append(json.dumps(list(face_ids)))
    # a plus keeps SQLite from walking through all keys where it can go by the ids
    place = "face.key" if face_ids is None else "+face.key"
    chosen = " AND ".join([*conditions, f"{place} > ?"])
    return list(_rows(connection, f"{chosen} ORDER BY {place} LIMIT ?", *values, *more, key, limit))


def of_user(connection: sqlite3.Connection, user: int) -> list[FaceRow]:
    """Return the faces of a user, the oldest first."""
    return list(_rows(connection, "face.user = ? ORDER BY face.key", user))


def assign(connection: sqlite3.Connection, keys: Iterable[int], user: int | None) -> None:
    """Give faces to a user, or to nobody."""
    connection.executemany("UPDATE face SET user = ? WHERE key = ?", [(user, key) for key in keys])


def delete(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Remove faces with their embeddings."""
    connection.executemany("DELETE FROM face WHERE key = ?", [(key,) for key in keys])
    vectors.remove(connection, keys)


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int) -> Iterator[FaceRow]:
    cursor = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return (FaceRow(*row) for row in cursor)
