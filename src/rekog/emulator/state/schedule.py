"""What will happen by itself: an asynchronous step that is due at a time, kept until it has been done.

Quick steps are done by the request that finds them due. What takes long is done by a worker: a request that finds such
a step due hands it over, and a worker takes it. Both are written down, so that a restarted emulator goes on with what
was handed over or taken, and that of several emulators which use one folder only one does a step: a step that is
taken has its taker's name on it, and is left to it for as long as it is there.
"""

from __future__ import annotations

import json
import sqlite3
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, cast

from ..context import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLES = (
    # the subject is the id of the job that a step of the worker is about
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
TAKER = ("ALTER TABLE event ADD COLUMN taker TEXT NOT NULL DEFAULT ''",)

_WAITING, _HANDED, _TAKEN = range(3)
"""The stages of a step of the worker: 0, 1, 2 below."""


class Turn(IntEnum):
    """Who does a step: the request that finds it due, or the worker, which takes what comes first here first."""

    REQUEST = 0
    MESSAGE = 1
    ENDING = 2
    LOOK = 3


class Event(NamedTuple):
    """A step that is due: which function of which family (`videos.finish`), whose, and what it needs to know."""

    key: int
    scope: Scope
    due: float
    kind: str
    detail: Mapping[str, object]


class Work(NamedTuple):
    """What there is for the worker: the key of the last step that is due, or 0; and whether it has others already.

    These were handed over, or taken: perhaps by another that is gone, which the worker finds out.
    """

    last: int
    handed: bool


def schedule(
    connection: sqlite3.Connection,
    scope: Scope,
    due: float,
    kind: str,
    detail: Mapping[str, object],
    *,
    turn: Turn = Turn.REQUEST,
    subject: str = "",
    ready: bool = False,
) -> None:
    """Let a step happen at a time in epoch seconds; one for the worker that is `ready` needs no request to find it."""
    connection.execute(
        "INSERT INTO event (account, region, due, kind, detail, turn, subject, stage) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*scope, due, kind, json.dumps(detail), turn, subject, _HANDED if ready else _WAITING),
    )


def next_due(connection: sqlite3.Connection, now: float) -> Event | None:
    """Return the step of requests that has been due for longest, or None."""
    return _first(connection, "turn = 0 AND stage = 0 AND due <= ? ORDER BY due, key", now)


def work(connection: sqlite3.Connection, now: float) -> Work:
    """Return what there is for the worker."""
    row: tuple[int, int] = connection.execute(
        "SELECT coalesce((SELECT max(key) FROM event WHERE stage = 0 AND turn > 0 AND due <= ?), 0),"
        " EXISTS (SELECT 1 FROM event WHERE stage > 0)",
        (now,),
    ).fetchone()
    return Work(row[0], bool(row[1]))


def next_alarm(connection: sqlite3.Connection) -> float | None:
    """Return when the worker's next step is due that takes time; what takes none waits for the next request."""
    row: tuple[float | None] = connection.execute(
        "SELECT min(due) FROM event WHERE stage = 0 AND turn > 0 AND due > 0"
    ).fetchone()
    return row[0]


def hand_over(connection: sqlite3.Connection, now: float, last: int) -> None:
    """Let the worker do its steps up to a key that are due."""
    connection.execute("UPDATE event SET stage = 1 WHERE stage = 0 AND turn > 0 AND due <= ? AND key <= ?", (now, last))


def take(connection: sqlite3.Connection, taker: str, subject: str = "") -> Event | None:
    """Return the worker's next step, which is its taker's now, or None.

    With a job's id, only what ends that job and tells of it.
    """
    condition = "stage = 1 AND (? = '' OR (subject = ? AND turn < ?)) ORDER BY turn, due, key"
    event = _first(connection, condition, subject, subject, Turn.LOOK)
    if event is not None:
        _change(connection, event, "UPDATE event SET stage = ?, taker = ?", _TAKEN, taker)
    return event


def hand_back(connection: sqlite3.Connection, event: Event) -> None:
    """Let a step that was taken be done by another worker, which may be that of the next process."""
    _change(connection, event, "UPDATE event SET stage = ?", _HANDED)


def put_off(connection: sqlite3.Connection, event: Event, due: float) -> None:
    """Let a step that was taken and could not be done be due later."""
    _change(connection, event, "UPDATE event SET stage = ?, due = ?", _WAITING, due)


def done(connection: sqlite3.Connection, event: Event) -> None:
    """Remove a step that was taken and done."""
    _change(connection, event, "DELETE FROM event")


def takers(connection: sqlite3.Connection) -> set[str]:
    """Return the names of those who have taken steps."""
    return {name for (name,) in connection.execute("SELECT DISTINCT taker FROM event WHERE stage = 2")}


def hand_back_all(connection: sqlite3.Connection, takers: Iterable[str]) -> None:
    """Let all steps be done by others that were taken by some who do them no more."""
    connection.executemany("UPDATE event SET stage = 1 WHERE stage = 2 AND taker = ?", [(name,) for name in takers])


def is_ending(connection: sqlite3.Connection, subject: str) -> bool:
    """Tell whether a worker has still to end a job or to send its message; of no job in particular if it is ''."""
    row = connection.execute(
        "SELECT 1 FROM event WHERE stage > 0 AND turn < ? AND (? = '' OR subject = ?)", (Turn.LOOK, subject, subject)
    ).fetchone()
    return row is not None


def _change(connection: sqlite3.Connection, event: Event, change: str, *values: float | str) -> None:
    """Change a step; not another that a snapshot has brought in its place meanwhile."""
    connection.execute(f"{change} WHERE key = ? AND detail = ?", (*values, event.key, json.dumps(event.detail)))


def forget(connection: sqlite3.Connection, key: int) -> None:
    """Remove a step that has been done."""
    connection.execute("DELETE FROM event WHERE key = ?", (key,))


def _first(connection: sqlite3.Connection, condition: str, *values: float | str) -> Event | None:
    row = connection.execute(
        f"SELECT key, account, region, due, kind, detail FROM event WHERE {condition} LIMIT 1",  # noqa: S608 (ours)
        values,
    ).fetchone()
    if row is None:
        return None
    key, account, region, due, kind, detail = row
    return Event(key, Scope(account, region), due, kind, cast("Mapping[str, object]", json.loads(detail)))
