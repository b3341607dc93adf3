"""Connection to the database, and its transactions.

One connection serves all threads of an emulator, one transaction at a time. SQLite's own locks isolate the transactions
of other processes that use the same file. A write is on the disk before the response to its request is sent. A
transaction that is begun within another one of the same thread is a part of it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import weakref
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from ..._values.errors import RekogError
from . import copies, schedule
from .rows import collections
from .schema import SchemaError, check_unchanged, is_empty, migrate, token_secret
from .vectors import Galleries

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..scope import Scope
    from ..vision.gallery import Gallery

_LOG = logging.getLogger("rekog.emulator")

FILE_NAME = "state.sqlite3"
_LOCK_WAIT_SECONDS = 30.0
_DAMAGED = "the file was damaged: move it away and restore a snapshot, or use another folder"
_ADVICE = {
    sqlite3.SQLITE_FULL: "free space on the disk",
    sqlite3.SQLITE_IOERR: "check the free space and the health of the disk",
    sqlite3.SQLITE_CANTOPEN: "it must be a file that this user may read and write, in a writable folder",
    sqlite3.SQLITE_PERM: "this user needs permission to read and write it and its folder",
    sqlite3.SQLITE_READONLY: "this user needs permission to write it and its folder",
    sqlite3.SQLITE_BUSY: "another process has kept it locked for too long",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
"""Remedy for each external failure, by SQLite's error code."""
_NO_TEXT = "Could not decode to UTF-8"
"""Beginning of the Python module's error, without a code, for a text that is not UTF-8."""
_UNUSABLE = "use another folder, or move the files of this one away"
_CODE_BITS = 0xFF
"""Mask for the primary error code; the other bits of SQLite's extended code give the cause."""


class StateError(RekogError):
    """The data folder, or a snapshot, can't be used as it is."""

    __module__ = "rekog.emulator"


class StorageError(StateError):
    """The disk or the file failed: it may be full, locked, or without write permission."""


class ClosedError(StorageError):
    """The emulator and its state were closed."""


_UNREADABLE = (SchemaError, sqlite3.DatabaseError, UnicodeDecodeError, StorageError)
"""Errors for a file that is no database of this emulator, or is damaged."""


class State:
    """State of an emulator; without a folder it is in memory, and lost when the emulator is closed."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder: Path | None = None if folder is None else _created(folder)
        self._lock = threading.RLock()
        self._galleries = Galleries()
        self._connection = _open(self.folder)
        self._closer = weakref.finalize(self, self._connection.close)
        try:
            with self.write() as connection:
                migrate(connection)
            self._report_unknown_steps()
        except _UNREADABLE as error:
            self.close()
            raise _unusable(folder, error) from error

    @property
    def token_secret(self) -> bytes:
        """Secret of the page tokens. It is read each time: another process may have restored a snapshot."""
        with self.read() as connection:
            return token_secret(connection)

    def _report_unknown_steps(self) -> None:
        with self.read() as connection:
            kinds = schedule.unknown_kinds(connection)
        if kinds:
            text = "steps of a newer rekog are kept but not done, so the resources that wait for them do not change: %s"
            _LOG.warning(text, ", ".join(kinds))

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """Run a transaction that may write: it commits all of its changes, or none after an error.

        Raise `StorageError`, like `read`, if the disk or the file fails.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """Run a transaction that reads one consistent state."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _exclusive(self) -> Generator[None]:
        """Lock out other threads; raise `ClosedError` if the database is closed."""
        with self._lock:
            if self.closed:
                raise ClosedError("the emulator is closed")
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        with self._exclusive():
            nested = self._connection.in_transaction  # of this thread: the lock excludes the others
            if nested:
                yield self._connection
                return
            try:
                self._connection.execute(begin)
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if _is_external(error):
                    raise StorageError(f"the state can't be read or written: {_explained(error)}") from error
                raise

    def gallery(self, name: str) -> Gallery:
        """Return the embeddings of a gallery, for a search outside of any transaction."""
        return self._galleries.current(self.read, name)

    def clear(self, scope: Scope | None = None) -> bool:
        """Remove the rows of an account in a Region, or without a scope all rows.

        Return whether `delete_part` has more to do: no request finds these rows, but they are still stored.
        """
        with self.write() as connection:
            return copies.clear(connection, scope)

    def delete_part(self) -> bool:
        """Delete a part of the rows of deleted collections, and return whether there may be more."""
        with self.read() as connection:
            if not collections.has_hidden(connection):
                return False
        with self.write() as connection:
            return collections.delete_part(connection)

    def snapshot(self, path: str | os.PathLike[str]) -> None:
        """Write the state into a file; raise `StateError` if the file can't be written.

        Requests wait only if the state is in memory: a second connection to a file reads beside the writes.
        """
        try:
            with self._exclusive():
                if self.folder is None:
                    copies.write_copy(self._connection, path)
                    return
            with closing(_open(self.folder)) as connection:
                copies.write_copy(connection, path)
        except (sqlite3.DatabaseError, OSError) as error:
            raise StorageError(f"can't write {os.fspath(path)!r}: {error}") from error

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Replace the state by that of a snapshot; after a `StateError` the state is unchanged.

        Requests wait only for the last part: the snapshot is copied and checked before.
        """
        with self._exclusive():  # raises the error of a closed emulator before that of a file
            pass
        try:
            copy = copies.open_copy(path)
        except (*_UNREADABLE, OSError) as error:
            raise StateError(f"can't use {os.fspath(path)!r}: {error}") from error
        with closing(copy), self._exclusive():
            try:
                copies.replace(self._connection, copy)
            except sqlite3.DatabaseError as error:
                raise StorageError(f"the state can't be replaced: {_explained(error)}") from error
        self._report_unknown_steps()

    @property
    def closed(self) -> bool:
        """Whether the database was closed."""
        return not self._closer.alive

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        with self._lock:
            self._closer()


def open_existing(folder: str | os.PathLike[str]) -> State:
    """Return the state in a folder; raise `StateError`, and create nothing, if the folder has none."""
    if not os.fspath(folder) or not Path(folder, FILE_NAME).exists():
        raise StateError(f"data must be a folder that holds a state, and {os.fspath(folder)!r} has no {FILE_NAME}")
    return State(folder)


def _open(folder: Path | None) -> sqlite3.Connection:
    location = ":memory:" if folder is None else folder / FILE_NAME
    if folder is not None:
        with suppress(OSError):  # the file exists, or SQLite's error explains it better
            copies.create_private(folder / FILE_NAME)  # SQLite gives the files beside it the same permissions
    try:
        connection = sqlite3.connect(
            location,
            timeout=_LOCK_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            if not is_empty(connection):
                check_unchanged(connection)  # before the next line, which changes the file
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise StateError(f"can't use {str(location)!r}: {_explained(error)}") from error
    except _UNREADABLE as error:
        raise _unusable(folder, error) from error
    return connection


def _unusable(folder: str | os.PathLike[str] | None, error: Exception) -> StateError:
    text = _explained(error) if isinstance(error, sqlite3.DatabaseError | UnicodeDecodeError) else error
    return StateError(f"can't use {FILE_NAME} in {os.fspath(folder or '')!r}: {text}")


def _created(folder: str | os.PathLike[str]) -> Path:
    if not os.fspath(folder):
        raise StateError("data must be the path of a folder, not ''; '.' is the current folder")
    path = Path(folder)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)  # it will hold images and the embeddings of faces
    except OSError as error:
        raise StateError(f"data must be a folder, and {str(path)!r} can't be created: {error}") from error
    return path


def _is_external(error: BaseException) -> TypeGuard[sqlite3.DatabaseError]:
    return isinstance(error, sqlite3.DatabaseError) and _remedy(error) is not None


def _explained(error: sqlite3.DatabaseError | UnicodeDecodeError) -> str:
    """Return the message of an error, and the remedy."""
    if isinstance(error, UnicodeDecodeError):  # the message of SQLite's error has a name out of a damaged file
        return _DAMAGED
    text = "a stored text is not UTF-8" if str(error).startswith(_NO_TEXT) else error  # the error quotes the text
    return f"{text}; {_remedy(error) or _UNUSABLE}"


def _remedy(error: sqlite3.DatabaseError) -> str | None:
    if str(error).startswith(_NO_TEXT):
        return _DAMAGED
    code: int = getattr(error, "sqlite_errorcode", 0)  # an error of the Python module has none
    return _ADVICE.get(code & _CODE_BITS)
