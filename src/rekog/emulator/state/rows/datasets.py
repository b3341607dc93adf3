"""Rows of datasets, of their entries, and of the labels of entries."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from . import tags as tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...scope import Scope

TABLES = (
    """CREATE TABLE dataset (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        project_key INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
        type TEXT NOT NULL,
        arn TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        message TEXT NOT NULL,
        code TEXT,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        UNIQUE (project_key, type)
    )""",
    """CREATE TABLE dataset_entry (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        dataset_key INTEGER NOT NULL REFERENCES dataset ON DELETE CASCADE,
        source_ref TEXT NOT NULL,
        line TEXT NOT NULL,
        labeled INTEGER NOT NULL,
        faulty INTEGER NOT NULL,
        UNIQUE (dataset_key, source_ref)
    )""",
    # the datasets of a project share their labels, so that an entry keeps its labels when it moves to the other dataset
    """CREATE TABLE label (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        project_key INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
        name TEXT NOT NULL,
        UNIQUE (project_key, name)
    )""",
    """CREATE TABLE entry_label (
        entry_key INTEGER NOT NULL REFERENCES dataset_entry ON DELETE CASCADE,
        label_key INTEGER NOT NULL REFERENCES label ON DELETE CASCADE,
        boxes INTEGER NOT NULL,
        PRIMARY KEY (entry_key, label_key)
    ) WITHOUT ROWID""",
    "CREATE INDEX entry_label_label ON entry_label (label_key)",
)

_SELECT = """
    SELECT dataset.key, project_key, feature, type, dataset.arn, dataset.status, message, code, dataset.created, updated
    FROM dataset JOIN project ON project.key = project_key
"""


class DatasetRow(NamedTuple):
    """A stored dataset, with its project's feature; its times are in epoch seconds."""

    key: int
    project_key: int
    feature: str
    type: str
    arn: str
    status: str
    message: str
    code: str | None
    created: float
    updated: float


class Entry(NamedTuple):
    """Content of a manifest line. `labels` maps each label to its number of boxes; 0 for a label of the whole image."""

    source_ref: str
    line: str
    labels: Mapping[str, int]
    labeled: bool
    faulty: bool


class EntryRow(NamedTuple):
    """An entry: its key, which gives the order, and its line."""

    key: int
    line: str


class LabelRow(NamedTuple):
    """A label of a dataset, with the numbers of its entries and boxes."""

    key: int
    name: str
    entries: int
    boxes: int


class Stats(NamedTuple):
    """Counts over a dataset."""

    entries: int
    labeled: int
    faulty: int
    labels: int


class Filters(NamedTuple):
    """Filters of entries; None means no filter."""

    labels: Sequence[str] | None = None
    labeled: bool | None = None
    source_ref: str | None = None
    faulty: bool | None = None


NO_FILTERS = Filters()


def insert(
    connection: sqlite3.Connection,
    project_key: int,
    *,
    kind: str,
    arn: str,
    message: str,
    created: float,
    tags: Mapping[str, str],
) -> int | None:
    """Store a dataset that is being created, with its tags; return its key, or None if the kind exists."""
    inserted = connection.execute(
        "INSERT INTO dataset (project_key, type, arn, status, message, created, updated)"
        " VALUES (?, ?, ?, 'CREATE_IN_PROGRESS', ?, ?, ?) ON CONFLICT DO NOTHING",
        (project_key, kind, arn, message, created, created),
    )
    if not inserted.rowcount:
        return None
    tags_of.put(connection, arn, tags)
    return inserted.lastrowid


def find(connection: sqlite3.Connection, scope: Scope, arn: str) -> DatasetRow | None:
    """Return a dataset, or None."""
    return next(_rows(connection, "account = ? AND region = ? AND dataset.arn = ?", *scope, arn), None)


def of_project(connection: sqlite3.Connection, project_key: int) -> list[DatasetRow]:
    """Return a project's datasets, the training dataset first."""
    return list(_rows(connection, "project_key = ? ORDER BY type DESC", project_key))


def set_status(
    connection: sqlite3.Connection, key: int, status: str, *, message: str, code: str | None, now: float
) -> None:
    """Set the status of a dataset, with its message; `now` is in epoch seconds."""
    connection.execute(
        "UPDATE dataset SET status = ?, message = ?, code = ?, updated = ? WHERE key = ?",
        (status, message, code, now, key),
    )


def delete(connection: sqlite3.Connection, key: int) -> None:
    """Remove a dataset with its entries and tags."""
    for (arn,) in connection.execute("DELETE FROM dataset WHERE key = ? RETURNING arn", (key,)).fetchall():
        tags_of.delete(connection, arn)


def put_entries(connection: sqlite3.Connection, dataset_key: int, entries: Iterable[Entry]) -> None:
    """Store entries; an entry replaces the one of the same image."""
    (project_key,) = connection.execute("SELECT project_key FROM dataset WHERE key = ?", (dataset_key,)).fetchone()
    for entry in entries:
        (key,) = connection.execute(
            "INSERT INTO dataset_entry (dataset_key, source_ref, line, labeled, faulty) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (dataset_key, source_ref) DO UPDATE"
            " SET line = excluded.line, labeled = excluded.labeled, faulty = excluded.faulty RETURNING key",
            (dataset_key, entry.source_ref, entry.line, entry.labeled, entry.faulty),
        ).fetchone()
        connection.execute("DELETE FROM entry_label WHERE entry_key = ?", (key,))
        for name, boxes in entry.labels.items():
            connection.execute("INSERT OR IGNORE INTO label (project_key, name) VALUES (?, ?)", (project_key, name))
            connection.execute(
                "INSERT INTO entry_label SELECT ?, key, ? FROM label WHERE project_key = ? AND name = ?",
                (key, boxes, project_key, name),
            )


def move_entries(connection: sqlite3.Connection, keys: Sequence[int], dataset_key: int) -> None:
    """Move entries to another dataset of the same project."""
    moves = [(dataset_key, key) for key in keys]
    connection.executemany("UPDATE dataset_entry SET dataset_key = ? WHERE key = ?", moves)


def entries(
    connection: sqlite3.Connection, dataset_key: int, filters: Filters = NO_FILTERS, after: int = 0, limit: int = -1
) -> list[EntryRow]:
    """Return the entries that match all filters, in the order of their insertion; without a limit, all of them."""
    wanted = None if filters.labels is None else json.dumps(filters.labels)
    cursor = connection.execute(
        """SELECT key, line FROM dataset_entry
        WHERE dataset_key = ? AND key > ? AND labeled = ifnull(?, labeled) AND faulty = ifnull(?, faulty)
            AND (? IS NULL OR instr(source_ref, ?) > 0)
            AND (? IS NULL OR EXISTS (
                SELECT 1 FROM entry_label JOIN label ON label.key = label_key
                WHERE entry_key = dataset_entry.key AND label.name IN (SELECT value FROM json_each(?))))
        ORDER BY key LIMIT ?""",
        (
            dataset_key,
            after,
            filters.labeled,
            filters.faulty,
            filters.source_ref,
            filters.source_ref,
            wanted,
            wanted,
            limit,
        ),
    )
    return [EntryRow(*row) for row in cursor]


def labels(connection: sqlite3.Connection, dataset_key: int, after: int, limit: int) -> list[LabelRow]:
    """Return the labels of a dataset, in the order in which they were added to the project."""
    cursor = connection.execute(
        """SELECT label.key, label.name, count(*), sum(boxes)
        FROM dataset_entry JOIN entry_label ON entry_key = dataset_entry.key JOIN label ON label.key = label_key
        WHERE dataset_key = ? AND label.key > ? GROUP BY label.key ORDER BY label.key LIMIT ?""",
        (dataset_key, after, limit),
    )
    return [LabelRow(*row) for row in cursor]


def stats(connection: sqlite3.Connection, dataset_key: int) -> Stats:
    """Return the counts over a dataset; each label counts once."""
    row = connection.execute(
        """SELECT count(*), ifnull(sum(labeled), 0), ifnull(sum(faulty), 0), (
            SELECT count(DISTINCT label_key) FROM entry_label JOIN dataset_entry ON entry_key = dataset_entry.key
            WHERE dataset_key = ?)
        FROM dataset_entry WHERE dataset_key = ?""",
        (dataset_key, dataset_key),
    ).fetchone()
    return Stats(*row)


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int) -> Iterator[DatasetRow]:
    cursor = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return (DatasetRow(*row) for row in cursor)
