"""Damaged databases, and databases that another program has changed: each is refused, and changes nothing else."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rekog.emulator import Emulator, StateError
from rekog.emulator.state import State, StorageError, schedule
from rekog.emulator.state.schedule import Priority, StepKind
from rekog.emulator.state.store import FILE_NAME
from tests.emulator.background.jobs import worker_threads
from tests.kit.clock import wait_until
from tests.kit.contexts import SCOPE
from tests.kit.wire import WireClient

PAGE = 4096
DAMAGED = "the file was damaged: move it away and restore a snapshot, or use another folder"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a snapshot of 100 collections with tags, in many pages."""
    file = tmp_path_factory.mktemp("snapshot") / "saved"
    with Emulator() as emulator:
        wire = WireClient(emulator)
        for number in range(100):
            wire("CreateCollection", CollectionId=f"c{number:03}", Tags={"team": f"blue{number:03}"})
        emulator.snapshot(file)
    return file.read_bytes()


@pytest.fixture
def file(snapshot: bytes, tmp_path: Path) -> Path:
    """Return a copy of the snapshot that a test may change."""
    (tmp_path / "changed").write_bytes(snapshot)
    return tmp_path / "changed"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Emulator]:
    """Yield an emulator with one collection in a data folder, and check at the end that it still works."""
    with Emulator(data=tmp_path / "data") as emulator:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="kept")
        yield emulator
        assert wire("ListCollections").body["CollectionIds"] == ["kept"]
        assert wire("CreateCollection", CollectionId="new", Tags={"team": "red"}).status == 200
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("missing", [1, 10, 2000, PAGE - 1, PAGE, 10 * PAGE])
def test_a_snapshot_without_its_last_bytes_is_refused(kept: Emulator, file: Path, missing: int) -> None:
    file.write_bytes(file.read_bytes()[:-missing])
    with pytest.raises(StateError, match=r"can't use .*changed'"):
        kept.restore(file)


def test_a_snapshot_with_more_bytes_than_its_pages_is_refused(kept: Emulator, file: Path) -> None:
    size = file.stat().st_size
    file.write_bytes(file.read_bytes() + b"more")
    with pytest.raises(StateError, match=f"it has {size + 4} bytes instead of {size}; copy it again"):
        kept.restore(file)


def test_a_snapshot_with_any_of_its_inner_pages_changed_is_refused(kept: Emulator, file: Path) -> None:
    whole = file.read_bytes()
    for start in range(PAGE, len(whole), PAGE):
        file.write_bytes(whole[:start] + bytes([7] * 16) + whole[start + 16 :])
        with pytest.raises(StateError, match=r"the file is damaged|malformed"):
            kept.restore(file)


def test_a_snapshot_whose_index_differs_from_its_table_is_refused(kept: Emulator, file: Path) -> None:
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_collection_1'"
        ).fetchone()
    place = whole.index(b"c050", (page - 1) * PAGE)
    file.write_bytes(whole[:place] + b"c05x" + whole[place + 4 :])
    with pytest.raises(StateError, match="the file is damaged"):
        kept.restore(file)


CHANGES = {
    "ALTER TABLE collection RENAME COLUMN arn TO name": "has changed its tables or indexes: collection",
    "ALTER TABLE collection ADD COLUMN owner TEXT": "has changed its tables or indexes: collection",
    "DROP TABLE tag; CREATE TABLE tag (arn BLOB, name TEXT, value TEXT)": "has changed its tables or indexes: tag",
    "DROP TABLE tag; CREATE VIEW tag AS SELECT 1 AS arn": "has changed its tables or indexes: tag",
    "DROP TABLE tag": "tables are missing: tag",
    "DROP INDEX event_due": "indexes are missing: event_due",
    "DROP INDEX event_due; CREATE INDEX event_due ON event (due)": "tables or indexes: event_due",
    "DROP INDEX face_order; CREATE UNIQUE INDEX face_order ON face (collection, key)": "tables or indexes: face",
    "CREATE TRIGGER mine AFTER INSERT ON collection BEGIN DELETE FROM collection; END": "of another program: mine",
    "CREATE TABLE mine (x)": "of another program: mine",
    "UPDATE setting SET value = 5": "the secret of its page tokens is not 32 bytes",
    "UPDATE setting SET value = x'00'": "the secret of its page tokens is not 32 bytes",
    "PRAGMA application_id = 1": "it is a database of another program",
}
"""SQL that makes a database unusable, and the end of the error."""


@pytest.mark.parametrize("change", CHANGES)
def test_a_snapshot_that_another_program_has_changed_is_refused(kept: Emulator, file: Path, change: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(change)
    with pytest.raises(StateError, match=f"{CHANGES[change]}$"):
        kept.restore(file)


@pytest.mark.parametrize("change", CHANGES)
def test_a_state_that_another_program_has_changed_is_refused(snapshot: bytes, tmp_path: Path, change: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(snapshot)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.executescript(change)
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StateError, match=rf"can't use state\.sqlite3 in .*{CHANGES[change]}$"):
        Emulator(data=tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_tables_of_sqlite_itself_do_not_matter(kept: Emulator, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ANALYZE")
    with Emulator() as emulator:
        emulator.restore(file)
        assert len(WireClient(emulator)("ListCollections").body["CollectionIds"]) == 100


def test_a_database_of_another_program_keeps_its_bytes(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StateError, match="it is a database of another program"):
        Emulator(data=tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_snapshot_whose_names_are_not_text_is_refused(kept: Emulator, file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE tag", b"CREATE \xf1ABLE tag"))
    with pytest.raises(StateError, match=r"can't use .*changed'"):
        kept.restore(file)


# in use


def damage_table(name: str) -> Callable[[Path], None]:
    """Return a function that overwrites the first page of a table."""

    def damage(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        whole = file.read_bytes()
        file.write_bytes(whole[: (page - 1) * PAGE] + bytes([7] * PAGE) + whole[page * PAGE :])

    return damage


def damage_text(file: Path) -> None:
    """Make ids of collections invalid UTF-8."""
    file.write_bytes(file.read_bytes().replace(b"c05", b"c\xff5"))


@pytest.fixture(params=[damage_table("collection"), damage_text], ids=["table", "text"])
def damaged(request: pytest.FixtureRequest, snapshot: bytes, tmp_path: Path) -> Iterator[Emulator]:
    """Yield an emulator whose file is damaged in a place that it reads only with a request."""
    (tmp_path / FILE_NAME).write_bytes(snapshot)
    request.param(tmp_path / FILE_NAME)
    with Emulator(data=tmp_path) as emulator:
        yield emulator


def test_damage_that_the_start_meets_is_an_error_with_the_remedy(snapshot: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(snapshot)
    damage_table("sqlite_autoindex_collection_1")(tmp_path / FILE_NAME)
    with pytest.raises(StateError, match=f"{DAMAGED}$"):
        Emulator(data=tmp_path)


def test_a_request_that_meets_damage_gets_the_remedy(damaged: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    code, message = WireClient(damaged)("ListCollections").refusal
    assert (code, message.startswith("The emulator failed: the state can't be read")) == ("InternalServerError", True)
    assert message.endswith(f"; {DAMAGED}.")
    assert [(record.exc_info, DAMAGED in record.message) for record in caplog.records] == [(None, True)]


def test_the_state_raises_an_error_of_storage_for_damage(damaged: Emulator, tmp_path: Path) -> None:
    with closing(State(tmp_path)) as state, pytest.raises(StorageError, match=f"{DAMAGED}$"), state.read() as reader:
        reader.execute("SELECT arn, collection_id FROM collection ORDER BY account, region, collection_id").fetchall()


def test_a_file_that_is_replaced_by_another_kind_of_file_is_an_error_of_storage() -> None:
    error = sqlite3.DatabaseError("file is not a database")
    error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
    with closing(State()) as state, pytest.raises(StorageError, match=f"{DAMAGED}$"), state.read():
        raise error


def test_the_error_does_not_quote_a_damaged_text(snapshot: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(snapshot)
    damage_text(tmp_path / FILE_NAME)
    with Emulator(data=tmp_path) as emulator:
        assert "c\ufffd5" not in WireClient(emulator)("ListCollections").refusal[1]


def test_a_damaged_state_works_again_after_a_restore(damaged: Emulator, file: Path) -> None:
    damaged.restore(file)
    assert len(WireClient(damaged)("ListCollections").body["CollectionIds"]) == 100


def test_the_worker_logs_damage_without_a_traceback(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(State(tmp_path)) as state, state.write() as connection:
        step = (connection, SCOPE, 1.0, StepKind.FINISH_VIDEO_JOB, {"JobId": "one"})
        schedule.add(*step, priority=Priority.JOB_END, subject="one", ready=True)
    damage_table("sqlite_autoindex_job_1")(tmp_path / FILE_NAME)  # the index by the ids of jobs
    before = worker_threads()
    with Emulator(data=tmp_path):
        wait_until(lambda: worker_threads() <= before)
    assert [(record.exc_info, DAMAGED in record.message) for record in caplog.records] == [(None, True)]
    assert caplog.records[0].message.startswith("the worker stopped, and the next request starts it again: ")


# permissions


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Let new files be readable for all users, as is usual."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.usefixtures("open_umask")
def test_only_the_user_can_read_the_state_and_its_snapshots(tmp_path: Path) -> None:
    with Emulator(data=tmp_path / "new" / "data") as emulator:
        WireClient(emulator)("CreateCollection", CollectionId="people")
        emulator.snapshot(tmp_path / "saved")
        files = [file for file in (tmp_path / "new" / "data").iterdir() if file.name.startswith(FILE_NAME)]
        assert len(files) == 3  # the database, its log, and the index of its log
        assert {mode(file) for file in [*files, tmp_path / "saved"]} == {0o600}
        assert mode(tmp_path / "new" / "data") == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.usefixtures("open_umask")
def test_a_snapshot_in_the_place_of_a_readable_file_is_not_readable(tmp_path: Path) -> None:
    (tmp_path / "saved").touch(0o644)
    with Emulator() as emulator:
        emulator.snapshot(tmp_path / "saved")
    assert mode(tmp_path / "saved") == 0o600


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.usefixtures("open_umask")
def test_permissions_of_an_existing_folder_and_file_stay(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o755)
    (tmp_path / "data" / FILE_NAME).touch(0o640)
    with Emulator(data=tmp_path / "data"):
        assert (mode(tmp_path / "data"), mode(tmp_path / "data" / FILE_NAME)) == (0o755, 0o640)
