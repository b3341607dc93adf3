"""Locks that show whether the worker that took a step is alive: the lock ends with its process, however it ends.

Each worker has a name, which is stored with the steps that it takes. In the data folder it has a file of that name, an
empty database that SQLite keeps locked. So other workers detect a dead one without a timeout, and without a process id,
which another process may have by now. A state in memory has one worker, so it needs no files.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import weakref
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PREFIX, _SUFFIX = "worker-", ".lock"


class WorkerLock:
    """Name of one worker, and the lock that shows other workers that it is alive."""

    def __init__(self, folder: Path | None) -> None:
        self.name: str = secrets.token_hex(8)
        self._folder = folder
        self._release: weakref.finalize[[sqlite3.Connection, Path, int], WorkerLock] | None = None

    def acquire(self) -> str:
        """Lock the worker's file, unless it is locked already, and return the worker's name.

        Call it within a write transaction: other workers remove unlocked files within theirs.
        """
        if self._folder is not None and self._release is None:
            file = _file(self._folder, self.name)
            connection = _lock(sqlite3.connect(file, isolation_level=None, check_same_thread=False))
            self._release = weakref.finalize(self, _remove, connection, file, os.getpid())
        return self.name

    def release(self) -> None:
        """Unlock and remove the file, so that other workers run the steps left; a second call does nothing."""
        if self._release is not None:
            self._release()


def remove_dead(folder: Path | None, names: Iterable[str]) -> set[str]:
    """Remove the lock files of dead workers, and return their names; call it within a write transaction."""
    if folder is None:
        return set()
    return {name for name in names if _remove_unless_locked(_file(folder, name))}


def lock_names(folder: Path | None) -> set[str]:
    """Return the names of the workers that have a lock file."""
    files = () if folder is None else folder.glob(f"{_PREFIX}*{_SUFFIX}")
    return {file.name.removeprefix(_PREFIX).removesuffix(_SUFFIX) for file in files}


def _file(folder: Path, name: str) -> Path:
    return folder / f"{_PREFIX}{name}{_SUFFIX}"


def _remove_unless_locked(file: Path) -> bool:
    """Remove the lock file of a dead worker; return False if its worker counts as alive."""
    try:
        with closing(_open(file)) as connection:
            _lock(connection)
    except sqlite3.DatabaseError:
        # missing: the worker is dead. Locked, or unreadable and perhaps another user's: it counts as alive.
        return not file.exists()
    file.unlink(missing_ok=True)
    return True


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)


def _lock(connection: sqlite3.Connection) -> sqlite3.Connection:
    # Otherwise SQLite creates a -journal file beside the lock. Nothing is ever written, so it is not needed.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def _remove(connection: sqlite3.Connection, file: Path, process: int) -> None:
    connection.close()
    if os.getpid() == process:  # the exit of a forked child must not remove the file
        file.unlink(missing_ok=True)
