"""The connection to the database, and the transactions over it.

One connection serves all threads of an emulator, one transaction at a time; SQLite's own locks keep other processes
apart that use the same file. A write is on the disk before it is answered. A transaction that is begun within another
one of the same thread is a part of it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import copies
from .schema import SchemaError, migrate
from .vectors import Galleries

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..context import Scope
    from ..vision.gallery import Gallery

FILE_NAME = "state.sqlite3"
_LOCK_WAIT_SECONDS = 30.0


class StateError(Exception):
    """The data folder can't be used as it is."""


class State:
    """All that an emulator remembers. Without a folder it is in memory and gone when the emulator is closed."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self._lock = threading.RLock()
        self._galleries = Galleries()
        self._connection = _open(folder)
        self._closer = weakref.finalize(self, self._connection.close)
        try:
            self.token_secret: bytes = self._migrated()
        except (SchemaError, sqlite3.DatabaseError) as error:
            self.close()
            raise StateError(f"can't use {FILE_NAME} in {os.fspath(folder or '')!r}: {error}") from error

    def _migrated(self) -> bytes:
        """Bring the tables up to date, and return the secret of the page tokens."""
        with self.write() as connection:
            migrate(connection)
            row: tuple[bytes] = connection.execute("SELECT value FROM setting WHERE name = 'token_secret'").fetchone()
            return row[0]

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
            within = self._connection.in_transaction  # this thread's own: the lock keeps the others out
            if within:
                yield self._connection
                return
            self._connection.execute(begin)
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def gallery(self, name: str) -> Gallery:
        """Return the embeddings of a gallery, to be searched outside of any transaction."""
        return self._galleries.current(self.read, name)

    def clear(self, scope: Scope | None = None) -> None:
        """Remove what belongs to an account in a region, or without one everything there is."""
        with self.write() as connection:
            if scope is None:
                copies.clear(connection)
            else:
                copies.clear_scope(connection, scope)

    def snapshot(self, path: str | os.PathLike[str]) -> None:
        """Write everything into a file; requests wait meanwhile. `StateError` when it can't be written."""
        with self._lock:
            try:
                copies.write_copy(self._connection, path)
            except (sqlite3.DatabaseError, OSError) as error:
                raise StateError(f"can't write {os.fspath(path)!r}: {error}") from error

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Put what a snapshot holds in place of everything; after a `StateError` all is as it was."""
        with self._lock:
            try:
                copies.read_copy(self._connection, path)
                self.token_secret = self._migrated()
            except (SchemaError, sqlite3.DatabaseError, OSError) as error:
                raise StateError(f"can't use {os.fspath(path)!r}: {error}") from error

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
