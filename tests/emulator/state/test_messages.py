"""Errors of the state: whole texts, each with the cause and the remedy."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from rekog.emulator.scope import Scope
from rekog.emulator.state import State, StateError, StorageError
from rekog.emulator.state.schema import MIGRATIONS, SchemaError, check_schema, migrate
from rekog.emulator.state.store import FILE_NAME, open_existing

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED = "the file was damaged: move it away and restore a snapshot, or use another folder"
REMEDIES = {
    sqlite3.SQLITE_FULL: "free space on the disk",
    sqlite3.SQLITE_IOERR: "check the free space and the health of the disk",
    sqlite3.SQLITE_CANTOPEN: "it must be a file that this user may read and write, in a writable folder",
    sqlite3.SQLITE_PERM: "this user needs permission to read and write it and its folder",
    sqlite3.SQLITE_READONLY: "this user needs permission to write it and its folder",
    sqlite3.SQLITE_BUSY: "another process has kept it locked for too long",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}


def message_of(error: type[Exception], call: Callable[[], object]) -> str:
    with pytest.raises(error) as caught:
        call()
    assert caught.type is error
    return str(caught.value)


def raise_in(state: State, error: Exception) -> None:
    with state.read():
        raise error


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("text of SQLite")
    error.sqlite_errorcode = code
    return error


def test_each_external_failure_of_a_transaction_has_its_remedy() -> None:
    with closing(State()) as state:
        for code, remedy in REMEDIES.items():
            for extended in (code, code | 7 << 8):  # the other bits give the cause
                text = message_of(StorageError, lambda: raise_in(state, sqlite_error(extended)))  # noqa: B023
                assert text == f"the state can't be read or written: text of SQLite; {remedy}"
        for error in (sqlite_error(sqlite3.SQLITE_ERROR), sqlite3.OperationalError("no code"), RuntimeError("no")):
            with pytest.raises(type(error)) as caught:
                raise_in(state, error)
            assert caught.value is error
        text = message_of(
            StorageError, lambda: raise_in(state, sqlite3.OperationalError("Could not decode to UTF-8 x"))
        )
        assert text == f"the state can't be read or written: a stored text is not UTF-8; {DAMAGED}"


def test_an_unusable_folder_is_named_with_the_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert message_of(StateError, lambda: State("")) == (
        "data must be the path of a folder, not ''; '.' is the current folder"
    )
    reason = f"[Errno {errno.EEXIST}] {os.strerror(errno.EEXIST)}: '{tmp_path / 'file'}'"
    assert message_of(StateError, lambda: State(tmp_path / "file")) == (
        f"data must be a folder, and '{tmp_path / 'file'}' can't be created: {reason}"
    )
    assert message_of(StateError, lambda: open_existing("none")) == (
        "data must be a folder that holds a state, and 'none' has no state.sqlite3"
    )
    assert message_of(StateError, lambda: open_existing("")) == (
        "data must be a folder that holds a state, and '' has no state.sqlite3"
    )


def test_an_unusable_file_is_named_with_the_cause_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "folder" / FILE_NAME).mkdir(parents=True)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / FILE_NAME).write_bytes(b"no database " * 100)
    assert message_of(StateError, lambda: State(tmp_path / "folder")) == (
        f"can't use '{tmp_path / 'folder' / FILE_NAME}': unable to open database file;"
        f" {REMEDIES[sqlite3.SQLITE_CANTOPEN]}"
    )
    assert message_of(StateError, lambda: State(tmp_path / "text")) == (
        f"can't use '{tmp_path / 'text' / FILE_NAME}': file is not a database; {DAMAGED}"
    )


CHANGES = {
    "DROP TABLE tag; DROP TABLE model": "tables are missing: tag, model",
    "DROP INDEX event_due; DROP INDEX face_user": "indexes are missing: event_due, face_user",
    "CREATE TABLE mine (x); CREATE VIEW yours AS SELECT 1": (
        "it has tables, indexes, triggers or views of another program: mine, yours"
    ),
    "ALTER TABLE tag ADD COLUMN x; ALTER TABLE truth ADD COLUMN y": (
        "another program has changed its tables or indexes: tag, truth"
    ),
    "UPDATE setting SET value = x'00'": "the secret of its page tokens is not 32 bytes",
    "PRAGMA application_id = 1": "it is a database of another program",
    f"PRAGMA user_version = {len(MIGRATIONS) + 2}": (
        f"a newer emulator wrote it (its schema version is {len(MIGRATIONS) + 2}, this emulator supports"
        f" {len(MIGRATIONS)}): use a newer rekog, or another folder"
    ),
}
"""SQL that makes a database unusable, and the cause."""


def test_a_database_that_another_program_has_changed_is_named_with_the_cause(tmp_path: Path) -> None:
    for number, (change, cause) in enumerate(CHANGES.items()):
        folder = tmp_path / str(number)
        with closing(State(folder)) as state:
            state.snapshot(folder / "saved")
        for file in (folder / FILE_NAME, folder / "saved"):
            with closing(sqlite3.connect(file)) as connection:
                connection.executescript(change)
        assert message_of(StateError, lambda: State(folder)) == f"can't use {FILE_NAME} in '{folder}': {cause}"  # noqa: B023
        with closing(State()) as state:
            text = message_of(StateError, lambda: state.restore(folder / "saved"))  # noqa: B023
        assert text == f"can't use '{folder / 'saved'}': {cause}"


def test_a_snapshot_of_another_size_is_named_with_its_bytes(tmp_path: Path) -> None:
    with closing(State()) as state:
        state.snapshot(tmp_path / "saved")
        size = (tmp_path / "saved").stat().st_size
        with (tmp_path / "saved").open("ab") as file:
            file.write(b"1")
        assert message_of(StateError, lambda: state.restore(tmp_path / "saved")) == (
            f"can't use '{tmp_path / 'saved'}': the file is damaged: it has {size + 1} bytes instead of {size};"
            " copy it again"
        )
        assert message_of(StorageError, lambda: state.snapshot(tmp_path / "none" / "saved")).startswith(
            f"can't write '{tmp_path / 'none' / 'saved'}': [Errno {errno.ENOENT}] {os.strerror(errno.ENOENT)}: "
        )


def test_an_older_schema_is_checked_by_its_own_migrations() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, MIGRATIONS[:1])
        assert check_schema(connection) == 1
        connection.execute("ALTER TABLE event ADD COLUMN taker TEXT")
        assert message_of(SchemaError, lambda: check_schema(connection)) == (
            "another program has changed its tables or indexes: event"
        )


def test_rows_of_a_scope_are_cleared_with_the_tags_of_its_resources() -> None:
    def arn(scope: Scope, partition: str = "aws") -> str:
        return f"arn:{partition}:rekognition:{scope.region}:{scope.account}:project/dogs/1"

    mine, region, account = Scope("1", "us-east-1"), Scope("1", "eu-west-1"), Scope("2", "us-east-1")
    with closing(State()) as state:
        with state.write() as connection:
            for given in (arn(mine), arn(mine, "aws-cn"), arn(region), arn(account)):
                connection.execute("INSERT INTO tag VALUES (?, 'a', 'b')", (given,))
        assert not state.clear(mine)
        with state.read() as connection:
            assert {row[0] for row in connection.execute("SELECT arn FROM tag")} == {arn(region), arn(account)}
        assert not state.clear()
        with state.read() as connection:
            assert connection.execute("SELECT count(*) FROM tag").fetchone() == (0,)
            assert connection.execute("SELECT count(*) FROM setting").fetchone() == (1,)
