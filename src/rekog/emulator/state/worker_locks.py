"""Whether the emulator that has taken a step is still there: it holds a lock that its process loses however it ends.

A worker has a name, which stands on the steps that it takes, and in the data folder a file of that name, an empty
database that SQLite keeps locked. So nobody has to guess from the time that has passed, or from a process id that
another may have by now, who is no more. In memory nobody else is there to ask.
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
    """One worker, as others come to know of it."""

    def __init__(self, folder: Path | None) -> None:
        self.name: str = secrets.token_hex(8)
        self._folder = folder
        self._release: weakref.finalize[[sqlite3.Connection, Path, int], WorkerLock] | None = None

    def acquire(self) -> str:
        """Be there for others from now on, and return the name.

        To be called within a transaction that writes, for others look for files that nobody holds in theirs.
        """
        if self._folder is not None and self._release is None:
            file = _file(self._folder, self.name)
            connection = _locked(sqlite3.connect(file, isolation_level=None, check_same_thread=False))
            self._release = weakref.finalize(self, _remove, connection, file, os.getpid())
        return self.name

    def release(self) -> None:
        """Leave what was taken and not done to others; a second time does nothing."""
        if self._release is not None:
            self._release()


def remove_dead(folder: Path | None, names: Iterable[str]) -> set[str]:
    """Return those of some names whose workers are no more, and remove their files; see `WorkerLock.hold` for when."""
    if folder is None:
        return set()
    return {name for name in names if not _is_held(_file(folder, name))}


def lock_names(folder: Path | None) -> set[str]:
    """Return the names that have a file."""
    files = () if folder is None else folder.glob(f"{_PREFIX}*{_SUFFIX}")
    return {file.name.removeprefix(_PREFIX).removesuffix(_SUFFIX) for file in files}


def _file(folder: Path, name: str) -> Path:
    return folder / f"{_PREFIX}{name}{_SUFFIX}"


def _is_held(file: Path) -> bool:
    try:
        with closing(_opened(file)) as connection:
            _locked(connection)
    except sqlite3.DatabaseError:
        return file.exists()  # locked; or not ours to open, and then perhaps somebody else's
    file.unlink(missing_ok=True)
    return False


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)


def _locked(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA journal_mode = OFF")  # nothing is ever written
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def _remove(connection: sqlite3.Connection, file: Path, process: int) -> None:
    connection.close()
    if os.getpid() == process:  # and not a fork of it, that ends
        file.unlink(missing_ok=True)
