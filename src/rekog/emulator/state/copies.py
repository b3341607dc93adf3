"""Empty the database, copy it into a file, and restore it from such a copy."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import schedule
from .rows import collections
from .schema import check_schema, migrate

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..scope import Scope

_KEPT = ("setting", "sqlite_sequence")
"""Tables that a reset keeps: the secret of page tokens, and the last keys, so that no key is used twice."""


def clear(connection: sqlite3.Connection, scope: Scope | None) -> bool:
    """Remove the rows of one account in one Region, or without a scope all rows; the caller has begun a transaction.

    Return whether there are rows of collections left for the worker.
    """
    for table in _tables(connection):
        if scope is None:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 (no user input)
        elif {"account", "region"} <= _columns(connection, table):
            connection.execute(f"DELETE FROM {table} WHERE account = ? AND region = ?", scope)  # noqa: S608 (no user input)
    if scope is not None:
        # the tag table has no account and region, but its ARNs do: arn:PARTITION:rekognition:REGION:ACCOUNT:RESOURCE
        arns = f"arn:*:rekognition:{scope.region}:{scope.account}:*"
        connection.execute("DELETE FROM tag WHERE arn GLOB ?", (arns,))
    return collections.delete_all(connection, scope)


def write_copy(connection: sqlite3.Connection, path: str | os.PathLike[str]) -> None:
    """Write the whole database into one file, as `new_file` does."""
    with new_file(path) as unfinished:
        connection.execute("VACUUM INTO ?", (str(unfinished),))


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Generator[Path]:
    """Yield the path of an empty file, which gets its name at the end of the block, when it is complete.

    Only this user may read and write the file: it has uploaded images and the embeddings of faces.
    """
    target = Path(path)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    try:
        create_private(unfinished)
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def create_private(file: Path) -> None:
    """Create an empty file that only this user may read and write; raise `FileExistsError` if there is one."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def open_copy(path: str | os.PathLike[str]) -> sqlite3.Connection:
    """Return a copy of a snapshot that has been checked and migrated.

    The copy is a temporary database, so the file does not change, and a snapshot that can't be used changes nothing.
    """
    copy = sqlite3.connect("", isolation_level=None)
    try:
        with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as source:
            check_schema(source)
            _check_length(source, Path(path))
            source.backup(copy)
        _check_pages(copy)
        copy.execute("BEGIN")
        migrate(copy)
        # the workers that had taken steps run on another state, or not at all
        schedule.release_all(copy, schedule.worker_names(copy))
        copy.execute("COMMIT")
    except BaseException:
        copy.close()
        raise
    return copy


def replace(connection: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    """Replace the content of the database by that of a copy, in one transaction."""
    copy.backup(connection, progress=_stop_if_locked)


def _stop_if_locked(status: int, _remaining: int, _total: int) -> None:
    """Raise the error of a locked database: Python repeats a step of a copy without an end."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = status
        raise error


def _check_length(source: sqlite3.Connection, file: Path) -> None:
    """Raise `DatabaseError` for a file whose last bytes are missing: SQLite reads zeros in their place."""
    pages, size = (int(source.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    in_log = file.with_name(f"{file.name}-wal").exists()  # a file in use may have its newest pages in SQLite's log
    if file.stat().st_size != pages * size and not in_log:
        raise sqlite3.DatabaseError(
            f"the file is damaged: it has {file.stat().st_size} bytes instead of {pages * size}; copy it again"
        )


def _check_pages(copy: sqlite3.Connection) -> None:
    damage = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if damage != "ok":
        raise sqlite3.DatabaseError(f"the file is damaged: {damage}")


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in names if name not in (*_KEPT, *collections.DELETED_IN_PARTS)]


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
