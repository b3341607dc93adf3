"""Rows of trainings in progress, with the features of their images, and of trained models.

The rows of a training are deleted when it ends; those of a model when its version is deleted.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TABLES = (
    # the data as they were at the start of the training
    """CREATE TABLE training (
        version_key INTEGER PRIMARY KEY REFERENCES version ON DELETE CASCADE,
        data TEXT NOT NULL
    )""",
    # so that an image is analysed once, also if the training is interrupted; "image" is the hash of its bytes
    """CREATE TABLE training_image (
        key INTEGER PRIMARY KEY,
        version_key INTEGER NOT NULL REFERENCES training ON DELETE CASCADE,
        image TEXT NOT NULL,
        features BLOB NOT NULL,
        UNIQUE (version_key, image)
    )""",
    """CREATE TABLE model (
        version_key INTEGER PRIMARY KEY REFERENCES version ON DELETE CASCADE,
        classifier BLOB NOT NULL,
        thresholds TEXT NOT NULL
    )""",
)


class ModelRow(NamedTuple):
    """A trained model: the bytes of its classifier, and the assumed threshold (0 to 1) of each label."""

    classifier: bytes
    thresholds: Mapping[str, float]


def insert(connection: sqlite3.Connection, version_key: int, data: Mapping[str, object]) -> None:
    """Store the data of a training that begins."""
    connection.execute("INSERT INTO training VALUES (?, ?)", (version_key, json.dumps(data)))


def data_of(connection: sqlite3.Connection, version_key: int) -> dict[str, object] | None:
    """Return the data of a training in progress, or None."""
    row = connection.execute("SELECT data FROM training WHERE version_key = ?", (version_key,)).fetchone()
    return None if row is None else cast("dict[str, object]", json.loads(row[0]))  # cast: `insert` wrote it


def delete(connection: sqlite3.Connection, version_key: int) -> None:
    """Remove a training that has ended, with the features of its images."""
    connection.execute("DELETE FROM training WHERE version_key = ?", (version_key,))


def store_features(connection: sqlite3.Connection, version_key: int, image: str, features: bytes) -> bool:
    """Store the features of an image for a training, and return True; return False if the training has ended."""
    stored = connection.execute(
        "INSERT OR REPLACE INTO training_image (version_key, image, features)"
        " SELECT version_key, ?, ? FROM training WHERE version_key = ?",
        (image, features, version_key),
    )
    return stored.rowcount > 0


def has_features(connection: sqlite3.Connection, version_key: int, image: str) -> bool:
    """Tell whether the features of an image are stored for a training."""
    row = connection.execute(
        "SELECT 1 FROM training_image WHERE version_key = ? AND image = ?", (version_key, image)
    ).fetchone()
    return row is not None


def features(connection: sqlite3.Connection, version_key: int, images: Iterable[str]) -> Iterator[bytes | None]:
    """Yield the stored features of each image; None for an image without."""
    for image in images:
        row: tuple[bytes] | None = connection.execute(
            "SELECT features FROM training_image WHERE version_key = ? AND image = ?", (version_key, image)
        ).fetchone()
        yield None if row is None else row[0]


def store_model(connection: sqlite3.Connection, version_key: int, model: ModelRow) -> None:
    """Store the model of a version."""
    connection.execute(
        "INSERT OR REPLACE INTO model VALUES (?, ?, ?)",
        (version_key, model.classifier, json.dumps(model.thresholds)),
    )


def model_of(connection: sqlite3.Connection, version_arn: str) -> ModelRow | None:
    """Return the model of a version, or None."""
    row = connection.execute(
        "SELECT classifier, thresholds FROM model JOIN version ON version.key = version_key WHERE arn = ?",
        (version_arn,),
    ).fetchone()
    return None if row is None else ModelRow(row[0], json.loads(row[1]))


def copy_model(connection: sqlite3.Connection, source_key: int, version_key: int) -> None:
    """Store a copy of a version's model for another version; do nothing if there is no model."""
    connection.execute(
        "INSERT INTO model SELECT ?, classifier, thresholds FROM model WHERE version_key = ?", (version_key, source_key)
    )
