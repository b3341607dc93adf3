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
from typing import TYPE_CHECKING, TypeGuard

from . import copies, schedule
from .schema import SchemaError, migrate
from .vectors import Galleries

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..scope import Scope
    from ..vision.gallery import Gallery

FILE_NAME = "state.sqlite3"
_LOCK_WAIT_SECONDS = 30.0
_ADVICE = {
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_IOERR: "look for room on the disk, and for its health",
    sqlite3.SQLITE_CANTOPEN: "it must be a file that this user may read and write, in a folder of which that is true",
    sqlite3.SQLITE_PERM: "this user must be allowed to read and write it and its folder",
    sqlite3.SQLITE_READONLY: "this user must be allowed to write it and its folder",
    sqlite3.SQLITE_BUSY: "another process has kept it locked for too long",
}
"""What to do about the failures that come from without, by SQLite's code."""
_UNUSABLE = "name another folder, or put this one's files aside"
_CODE_BITS = 0xFF
"""Those of a code that tell the kind of failure; the others tell its cause."""


class StateError(Exception):
    """The data folder, or a snapshot, can't be used as it is."""


class StorageError(StateError):
    """The disk or the file did not do what it was asked for now: it may be full, locked, or not ours to write."""


class ClosedError(StorageError):
    """The emulator was closed, and its state with it."""


class State:
    """All that an emulator remembers. Without a folder it is in memory and gone when the emulator is closed."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder: Path | None = None if folder is None else _made(folder)
        self._lock = threading.RLock()
        self._galleries = Galleries()
        self._connection = _open(self.folder)
        self._closer = weakref.finalize(self, self._connection.close)
        try:
            self.token_secret: bytes = self._migrated()
        except (SchemaError, sqlite3.DatabaseError, StorageError) as error:
            self.close()
            why = _why(error) if isinstance(error, sqlite3.DatabaseError) else error
            raise StateError(f"can't use {FILE_NAME} in {os.fspath(folder or '')!r}: {why}") from error

    def _migrated(self) -> bytes:
        """Bring the tables up to date, and return the secret of the page tokens."""
        with self.write() as connection:
            migrate(connection)
            row: tuple[bytes] = connection.execute("SELECT value FROM setting WHERE name = 'token_secret'").fetchone()
            return row[0]

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """Run a transaction that may change something: all of it happens, or after an error nothing.

        `StorageError`, here as in `read`, when the disk or the file fails.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """Run a transaction that sees one state from beginning to end."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _held(self) -> Generator[None]:
        """Keep other threads out, while the database is open."""
        with self._lock:
            if self.closed:
                raise ClosedError("the emulator is closed")
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        with self._held():
            within = self._connection.in_transaction  # this thread's own: the lock keeps the others out
            if within:
                yield self._connection
                return
            try:
                self._connection.execute(begin)
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if _is_from_without(error):
                    raise StorageError(f"the state can't be read or written: {_why(error)}") from error
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
        with self._held():
            try:
                copies.write_copy(self._connection, path)
            except (sqlite3.DatabaseError, OSError) as error:
                raise StorageError(f"can't write {os.fspath(path)!r}: {error}") from error

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Put what a snapshot holds in place of everything; after a `StateError` all is as it was."""
        with self._held():
            try:
                copies.read_copy(self._connection, path)
                self.token_secret = self._migrated()
                with self.write() as connection:  # whoever took steps in the snapshot's time does not do these
                    schedule.release_all(connection, schedule.worker_names(connection))
            except (SchemaError, sqlite3.DatabaseError, OSError) as error:
                raise StateError(f"can't use {os.fspath(path)!r}: {error}") from error

    @property
    def closed(self) -> bool:
        """Whether the database was closed."""
        return not self._closer.alive

    def close(self) -> None:
        """Close the database; a second time does nothing."""
        with self._lock:
            self._closer()


def open_existing(folder: str | os.PathLike[str]) -> State:
    """Return the state that a folder holds; `StateError` when there is none, and nothing is made then."""
    if not os.fspath(folder) or not Path(folder, FILE_NAME).exists():
        raise StateError(f"data must be a folder that holds a state, and {os.fspath(folder)!r} has no {FILE_NAME}")
    return State(folder)


def _open(folder: Path | None) -> sqlite3.Connection:
    place = ":memory:" if folder is None else str(folder / FILE_NAME)
    try:
        connection = sqlite3.connect(
            place, timeout=_LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise StateError(f"can't use {place!r}: {_why(error)}") from error
    return connection


def _made(folder: str | os.PathLike[str]) -> Path:
    if not os.fspath(folder):
        raise StateError("data must be a folder, and '' names none; '.' is the one that you are in")
    made = Path(folder)
    try:
        made.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"data must be a folder, and {str(made)!r} can't be made one: {error}") from error
    return made


def _is_from_without(error: BaseException) -> TypeGuard[sqlite3.DatabaseError]:
    return isinstance(error, sqlite3.DatabaseError) and _code(error) in _ADVICE


def _why(error: sqlite3.DatabaseError) -> str:
    """Return what is wrong, and what to do about it."""
    return f"{error}; {_ADVICE.get(_code(error), _UNUSABLE)}"


def _code(error: sqlite3.DatabaseError) -> int:
    """Return SQLite's code, 0 of an error that is not SQLite's own."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & _CODE_BITS
