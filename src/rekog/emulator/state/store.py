"""The connection to the database, and the transactions over it.

One connection serves all threads of an emulator, one transaction at a time; SQLite's own locks keep other processes
apart that use the same file. A write is on the disk before it is answered.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .schema import SchemaError, migrate
from .vectors import Galleries

if TYPE_CHECKING:
    from collections.abc import Generator

FILE_NAME = "state.sqlite3"
_LOCK_WAIT_SECONDS = 30.0


class StateError(Exception):
    """The data folder can't be used as it is."""


class State:
    """All that an emulator remembers. Without a folder it is in memory and gone when the emulator is closed."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self._lock = threading.RLock()
        self.galleries = Galleries()
        self._connection = _open(folder)
        self._closer = weakref.finalize(self, self._connection.close)
        try:
            with self.write() as connection:
                migrate(connection)
                row: tuple[bytes] = connection.execute(
                    "SELECT value FROM setting WHERE name = 'token_secret'"
                ).fetchone()
                self.token_secret: bytes = row[0]
        except (SchemaError, sqlite3.DatabaseError) as error:
            self.close()
            raise StateError(f"can't use {FILE_NAME} in {os.fspath(folder or '')!r}: {error}") from error

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """Run a transaction that may change something: all of it happens, or after an error nothing."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """Run a transaction that sees one state from beginning to end."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute(begin)
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the database; a second time does nothing."""
        with self._lock:
            self._closer()


def _open(folder: str | os.PathLike[str] | None) -> sqlite3.Connection:
    place = ":memory:" if folder is None else _file(Path(folder))
    connection = sqlite3.connect(
        place, timeout=_LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StateError(f"can't use {place!r}: {error}") from error
    return connection


def _file(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"data must be a folder, and {str(folder)!r} can't be made one: {error}") from error
    return str(folder / FILE_NAME)
