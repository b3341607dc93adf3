"""Schedule of asynchronous steps: each is stored with the time at which it is due, until it has been done.

Quick steps are done by the request that finds them due. Slow steps are done by a worker: a request that finds one due
hands it over, and a worker takes it. Both transitions are stored, so a restarted emulator goes on with steps that were
handed over or taken. When several emulators use one folder, only one does a step: a taken step carries the name of its
worker and belongs to that worker as long as its process is alive (`worker_locks`).

A newer emulator may have stored steps of kinds that this one does not know. No function here finds them, except
`unknown_kinds`: they stay in the database until a newer emulator uses it again.
"""

from __future__ import annotations

import json
import sqlite3
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple, cast

from ..scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLES = (
    # "subject" is the id of the job that a worker's step belongs to
    """CREATE TABLE event (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        due REAL NOT NULL,
        kind TEXT NOT NULL,
        detail TEXT NOT NULL,
        turn INTEGER NOT NULL,
        subject TEXT NOT NULL,
        stage INTEGER NOT NULL
    )""",
    "CREATE INDEX event_due ON event (stage, turn, due, key)",
)
WORKER_NAME = ("ALTER TABLE event ADD COLUMN taker TEXT NOT NULL DEFAULT ''",)

_WAITING, _HANDED_OVER, _TAKEN = range(3)
"""Stages of a step: the 0, 1 and 2 of the queries below."""


class StepKind(StrEnum):
    """Kinds of steps. The values are stored in users' databases and never change, wherever the code moves."""

    FINISH_PROJECT_CREATION = "projects.finish_creation"
    FINISH_PROJECT_DELETION = "projects.finish_deletion"
    FINISH_DATASET_CHANGE = "datasets.finish_change"
    FINISH_DATASET_DELETION = "datasets.finish_deletion"
    FINISH_VERSION_STEP = "versions.finish_step"
    FINISH_VERSION_DELETION = "versions.finish_deletion"
    EXTRACT_FEATURES = "learning.extract_features"
    FINISH_TRAINING = "learning.finish"
    FINISH_STREAM_STEP = "streams.finish_step"
    FREE_STREAM_NAME = "streams.free_name"
    ANALYSE_VIDEO = "video_work.look"
    FINISH_VIDEO_JOB = "video_work.finish"
    SEND_NOTIFICATION = "video_work.send"
    EXPIRE_VIDEO_JOB = "video_work.expire"
    FINISH_MEDIA_ANALYSIS = "media_analysis.finish"


_KINDS = ", ".join(f"'{kind}'" for kind in StepKind)
_KNOWN = f"kind IN ({_KINDS})"
RETRY_SECONDS = 30.0
"""Delay, by the emulator's clock, before a step that raised an unexpected error runs again."""


class Priority(IntEnum):
    """Runner of a step: the request that finds it due, or the worker, which takes the lowest value first."""

    REQUEST = 0
    NOTIFICATION = 1
    JOB_END = 2
    ANALYSIS = 3


class Step(NamedTuple):
    """A step that is due."""

    key: int
    scope: Scope
    due: float
    kind: StepKind
    detail: Mapping[str, object]


class WorkerSteps(NamedTuple):
    """The worker's steps: key of the last waiting step that is due (0 for none), and whether any are past waiting.

    Steps past waiting were handed over or taken; the worker that took them may have died, which the next worker checks.
    """

    last_due: int
    handed_over: bool


def add(
    connection: sqlite3.Connection,
    scope: Scope,
    due: float,
    kind: StepKind,
    detail: Mapping[str, object],
    *,
    priority: Priority = Priority.REQUEST,
    subject: str = "",
    ready: bool = False,
) -> None:
    """Schedule a step for a time in epoch seconds; a worker's step that is `ready` is handed over at once."""
    connection.execute(
        "INSERT INTO event (account, region, due, kind, detail, turn, subject, stage) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*scope, due, kind, json.dumps(detail), priority, subject, _HANDED_OVER if ready else _WAITING),
    )


def next_due(connection: sqlite3.Connection, now: float) -> Step | None:
    """Return the quick step that has been due for longest, or None."""
    return _first(connection, "turn = 0 AND stage = 0 AND due <= ? ORDER BY due, key", now)


def worker_steps(connection: sqlite3.Connection, now: float) -> WorkerSteps:
    """Return which steps there are for the worker."""
    row: tuple[int, int] = connection.execute(
        f"SELECT coalesce((SELECT max(key) FROM event WHERE stage = 0 AND turn > 0 AND due <= ? AND {_KNOWN}), 0),"  # noqa: S608 (no user input)
        f" EXISTS (SELECT 1 FROM event WHERE stage > 0 AND {_KNOWN})",
        (now,),
    ).fetchone()
    return WorkerSteps(row[0], bool(row[1]))


def next_wake_time(connection: sqlite3.Connection) -> float | None:
    """Return when the worker's next step with a duration is due; steps without one wait for the next request."""
    row: tuple[float | None] = connection.execute(
        f"SELECT min(due) FROM event WHERE stage = 0 AND turn > 0 AND due > 0 AND {_KNOWN}"  # noqa: S608 (no user input)
    ).fetchone()
    return row[0]


def hand_over(connection: sqlite3.Connection, now: float, last: int) -> None:
    """Hand the worker its due steps, up to the key `last`."""
    connection.execute(
        f"UPDATE event SET stage = 1 WHERE stage = 0 AND turn > 0 AND due <= ? AND key <= ? AND {_KNOWN}",  # noqa: S608 (no user input)
        (now, last),
    )


def take(connection: sqlite3.Connection, worker: str, subject: str = "") -> Step | None:
    """Take the worker's next step and mark it with the worker's name; return None if there is none.

    With a job's id, take only steps that end this job or send its notification.
    """
    condition = "stage = 1 AND (? = '' OR (subject = ? AND turn < ?)) ORDER BY turn, due, key"
    step = _first(connection, condition, subject, subject, Priority.ANALYSIS)
    if step is not None:
        _change(connection, step, "UPDATE event SET stage = ?, taker = ?", _TAKEN, worker)
    return step


def release(connection: sqlite3.Connection, step: Step) -> None:
    """Let another worker, perhaps the next process's, do a step that was taken."""
    _change(connection, step, "UPDATE event SET stage = ?", _HANDED_OVER)


def postpone(connection: sqlite3.Connection, step: Step, due: float) -> None:
    """Let a step that failed be due again later."""
    _change(connection, step, "UPDATE event SET stage = ?, due = ?", _WAITING, due)


def complete(connection: sqlite3.Connection, step: Step) -> None:
    """Remove a step that was done."""
    _change(connection, step, "DELETE FROM event")


def worker_names(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the workers that have taken steps."""
    return {name for (name,) in connection.execute("SELECT DISTINCT taker FROM event WHERE stage = 2")}


def release_all(connection: sqlite3.Connection, workers: Iterable[str]) -> None:
    """Release all steps of workers that no longer run."""
    connection.executemany("UPDATE event SET stage = 1 WHERE stage = 2 AND taker = ?", [(name,) for name in workers])


def is_ending(connection: sqlite3.Connection, subject: str) -> bool:
    """Tell whether a worker still has to end a job or send its notification; with '', whether any job is ending."""
    row = connection.execute(
        f"SELECT 1 FROM event WHERE stage > 0 AND turn < ? AND (? = '' OR subject = ?) AND {_KNOWN}",  # noqa: S608 (no user input)
        (Priority.ANALYSIS, subject, subject),
    ).fetchone()
    return row is not None


def has_steps(connection: sqlite3.Connection, subject: str) -> bool:
    """Tell whether a worker still has any step of a subject to do."""
    row = connection.execute(f"SELECT 1 FROM event WHERE subject = ? AND {_KNOWN} LIMIT 1", (subject,)).fetchone()  # noqa: S608 (no user input)
    return row is not None


def unknown_kinds(connection: sqlite3.Connection) -> list[str]:
    """Return the kinds of steps that only a newer emulator can do."""
    rows = connection.execute(f"SELECT DISTINCT kind FROM event WHERE NOT {_KNOWN} ORDER BY kind")  # noqa: S608 (no user input)
    return [kind for (kind,) in rows]


def remove_if_pending(connection: sqlite3.Connection, step: Step) -> bool:
    """Remove a step and tell whether it was still pending; call it in the transaction that does the step.

    Two threads may find the same step due, and a second one may reach it only after its resource has gone through the
    same states again, where the step must do nothing.
    """
    return _change(connection, step, "DELETE FROM event") > 0


def row_key(step: Step) -> int:
    """Return the key of the row that a step changes."""
    return int(str(step.detail["key"]))


def _change(connection: sqlite3.Connection, step: Step, change: str, *values: float | str) -> int:
    """Change a step, unless a restored snapshot has put another step in its place; return the number of rows."""
    condition = "WHERE key = ? AND kind = ? AND detail = ?"
    cursor = connection.execute(f"{change} {condition}", (*values, step.key, step.kind, json.dumps(step.detail)))
    return cursor.rowcount


def _first(connection: sqlite3.Connection, condition: str, *values: float | str) -> Step | None:
    row = connection.execute(
        f"SELECT key, account, region, due, kind, detail FROM event WHERE {_KNOWN} AND {condition} LIMIT 1",  # noqa: S608 (no user input)
        values,
    ).fetchone()
    if row is None:
        return None
    key, account, region, due, kind, detail = row
    return Step(key, Scope(account, region), due, StepKind(kind), cast("Mapping[str, object]", json.loads(detail)))
