"""Rows of video and media analysis jobs, and of the detections and results of video jobs."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, NamedTuple, cast

from .. import idempotency

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...scope import Scope

TABLES = (
    # AUTOINCREMENT: a page token may hold a key, so no later job may get the same key
    """CREATE TABLE job (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        family TEXT NOT NULL,
        kind TEXT NOT NULL,
        job_id TEXT NOT NULL UNIQUE,
        request TEXT NOT NULL,
        status TEXT NOT NULL,
        message TEXT NOT NULL,
        created REAL NOT NULL,
        due REAL NOT NULL,
        finished REAL,
        detail TEXT NOT NULL
    )""",
    "CREATE INDEX job_family ON job (account, region, family, status, key)",
    # detections in a job's video, stored before the job is due; they are valid for the video with this hash ("content")
    """CREATE TABLE job_look (
        job_key INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
        content TEXT NOT NULL,
        seen TEXT NOT NULL
    )""",
    # a view is one order of the results, of those that a request can choose; all views are stored when the job ends
    """CREATE TABLE job_result (
        job_key INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
        view TEXT NOT NULL,
        position INTEGER NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (job_key, view, position)
    ) WITHOUT ROWID""",
)

IN_PROGRESS = "IN_PROGRESS"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"

_COLUMNS = "key, kind, job_id, request, status, message, created, finished, detail"


class JobRow(NamedTuple):
    """A stored job; its times are in epoch seconds. `status` is IN_PROGRESS until the job has ended."""

    key: int
    kind: str
    job_id: str
    request_json: str
    status: str
    message: str
    created: float
    finished: float | None
    detail_json: str

    @property
    def request(self) -> dict[str, object]:
        """The wire form of the request that started it."""
        return cast("dict[str, object]", json.loads(self.request_json))  # cast: `insert` wrote it

    @property
    def detail(self) -> dict[str, object]:
        """The wire form of a response about the job, without its results."""
        return cast("dict[str, object]", json.loads(self.detail_json))  # cast: `finish` wrote it


class Ending(NamedTuple):
    """End of a job: results, one list for each view, or an error message."""

    status: str
    message: str = ""
    detail: Mapping[str, object] = {}
    views: Mapping[str, Sequence[Mapping[str, object]]] = {}


def insert(
    connection: sqlite3.Connection,
    scope: Scope,
    *,
    family: str,
    kind: str,
    job_id: str,
    request: Mapping[str, object],
    created: float,
    due: float,
) -> None:
    """Store a new job, which ends when it is due."""
    connection.execute(
        "INSERT INTO job (account, region, family, kind, job_id, request, status, message, created, due, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, '{}')",
        (*scope, family, kind, job_id, json.dumps(request), IN_PROGRESS, created, due),
    )


def find(connection: sqlite3.Connection, scope: Scope, job_id: str) -> JobRow | None:
    """Return a job of any kind, or None."""
    return next(_rows(connection, "account = ? AND region = ? AND job_id = ?", *scope, job_id), None)


def open_count(connection: sqlite3.Connection, scope: Scope, family: str, now: float) -> int:
    """Return the number of jobs of a family in progress; due jobs do not count, even if they have not ended yet."""
    row: tuple[int] = connection.execute(
        "SELECT count(*) FROM job WHERE account = ? AND region = ? AND family = ? AND status = ? AND due > ?",
        (*scope, family, IN_PROGRESS, now),
    ).fetchone()
    return row[0]


def newest(connection: sqlite3.Connection, scope: Scope, family: str, before: int, limit: int) -> list[JobRow]:
    """Return the newest jobs of a family before a key, the newest first."""
    condition = "account = ? AND region = ? AND family = ? AND key < ? ORDER BY key DESC LIMIT ?"
    return list(_rows(connection, condition, *scope, family, before, limit))


def finish(connection: sqlite3.Connection, job: JobRow, ending: Ending, finished: float) -> bool:
    """Store the end of a job, and return True; return False, and store nothing, if it has ended already."""
    changed = connection.execute(
        "UPDATE job SET status = ?, message = ?, finished = ?, detail = ? WHERE job_id = ? AND key = ? AND status = ?",
        (ending.status, ending.message, finished, json.dumps(ending.detail), job.job_id, job.key, IN_PROGRESS),
    )
    if not changed.rowcount:
        return False
    connection.execute("DELETE FROM job_look WHERE job_key = ?", (job.key,))
    for view, entries in ending.views.items():
        rows = ((job.key, view, position, json.dumps(entry)) for position, entry in enumerate(entries))
        connection.executemany("INSERT INTO job_result VALUES (?, ?, ?, ?)", rows)
    return True


def store_detections(
    connection: sqlite3.Connection, job: JobRow, content: str, found: Sequence[Mapping[str, object]]
) -> None:
    """Store the detections in the video of a job that is in progress."""
    connection.execute(
        "INSERT OR REPLACE INTO job_look SELECT key, ?, ? FROM job WHERE job_id = ? AND status = ?",
        (content, json.dumps(found), job.job_id, IN_PROGRESS),
    )


def detections(connection: sqlite3.Connection, key: int, content: str) -> list[dict[str, object]] | None:
    """Return the detections in a job's video if they are stored for this content (a hash), or None."""
    row = connection.execute("SELECT seen FROM job_look WHERE job_key = ? AND content = ?", (key, content)).fetchone()
    return (
        None if row is None else cast("list[dict[str, object]]", json.loads(row[0]))
    )  # cast: `store_detections` wrote it


def results(connection: sqlite3.Connection, key: int, view: str, start: int, limit: int) -> list[dict[str, object]]:
    """Return the results of a job in one view, from a position on."""
    cursor = connection.execute(
        "SELECT detail FROM job_result WHERE job_key = ? AND view = ? AND position >= ? ORDER BY position LIMIT ?",
        (key, view, start, limit),
    )
    return [json.loads(row[0]) for row in cursor]


def delete(connection: sqlite3.Connection, row: JobRow) -> None:
    """Remove a job with its results and its request token."""
    idempotency.delete(connection, row.job_id)
    connection.execute("DELETE FROM job WHERE key = ?", (row.key,))


def _rows(connection: sqlite3.Connection, condition: str, *values: str | int) -> Iterator[JobRow]:
    cursor = connection.execute(f"SELECT {_COLUMNS} FROM job WHERE {condition}", values)  # noqa: S608 (no user input)
    return (JobRow(*row) for row in cursor)
