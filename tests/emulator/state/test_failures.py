"""State after a failure: an interrupted transaction, a locked file, a full disk, a close. Later requests succeed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from rekog.emulator import Emulator, StateError
from rekog.emulator.background.worker import StoppedError
from rekog.emulator.state import ClosedError, State, StorageError, copies
from rekog.emulator.state.rows import collections
from rekog.emulator.state.store import FILE_NAME
from tests.kit.clock import LIMIT_SECONDS
from tests.kit.wire import WireClient

INSERT = "INSERT INTO tag VALUES (?, 'name', 'value')"
LOCKED = "database is locked; another process has kept it locked for too long"


def stored(folder: Path) -> list[str]:
    """Return the ARNs of all tags that are in the file, as another process reads them."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return [arn for (arn,) in connection.execute("SELECT arn FROM tag ORDER BY arn")]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path)) as opened:
        yield opened


# interrupted transactions

INTERRUPTS = [KeyboardInterrupt, SystemExit, GeneratorExit, StoppedError, RuntimeError]


@pytest.mark.parametrize("interrupt", INTERRUPTS)
@pytest.mark.parametrize("depth", [1, 2])
def test_an_interrupted_transaction_is_rolled_back_and_later_ones_are_stored(
    state: State, tmp_path: Path, interrupt: type[BaseException], depth: int
) -> None:
    def fail(levels: int) -> None:
        with state.write() as connection:
            connection.execute(INSERT, (f"lost {levels}",))
            if levels == 1:
                raise interrupt
            fail(levels - 1)

    with pytest.raises(interrupt):
        fail(depth)
    assert stored(tmp_path) == []
    with state.write() as connection:
        connection.execute(INSERT, ("kept",))
    assert stored(tmp_path) == ["kept"]


@pytest.mark.parametrize("interrupt", INTERRUPTS)
def test_an_interrupted_read_does_not_hold_the_state(
    state: State, tmp_path: Path, interrupt: type[BaseException]
) -> None:
    with pytest.raises(interrupt), state.read():
        raise interrupt
    written = threading.Thread(target=lambda: _write(state), daemon=True)
    written.start()
    written.join(LIMIT_SECONDS)
    assert stored(tmp_path) == ["kept"]


def _write(state: State) -> None:
    with state.write() as connection:
        connection.execute(INSERT, ("kept",))


def test_a_request_that_is_interrupted_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    insert = collections.insert

    def interrupted(*arguments: object, **options: object) -> None:
        insert(*arguments, **options)  # type: ignore[arg-type]  # passed on
        raise KeyboardInterrupt

    with Emulator(data=tmp_path) as emulator:
        wire = WireClient(emulator)
        with monkeypatch.context() as patch:
            patch.setattr(collections, "insert", interrupted)
            with pytest.raises(KeyboardInterrupt):
                wire("CreateCollection", CollectionId="lost", Tags={"team": "blue"})
        assert wire("CreateCollection", CollectionId="kept").status == 200
    with Emulator(data=tmp_path) as emulator:
        assert WireClient(emulator)("ListCollections").body["CollectionIds"] == ["kept"]
    assert stored(tmp_path) == []


# a file that another process has locked


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Emulator, sqlite3.Connection]]:
    """Yield an emulator with a snapshot beside its folder, and another process's connection that locks its file."""
    monkeypatch.setattr("rekog.emulator.state.store._LOCK_WAIT_SECONDS", 0.05)
    with Emulator(data=tmp_path / "data") as emulator:
        WireClient(emulator)("CreateCollection", CollectionId="before")
        emulator.snapshot(tmp_path / "saved")
        with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield emulator, other


def test_a_locked_file_is_an_error_of_a_write_only(locked: tuple[Emulator, sqlite3.Connection]) -> None:
    emulator, other = locked
    wire = WireClient(emulator)
    code, message = wire("CreateCollection", CollectionId="new").refusal
    assert (code, message.endswith(f"{LOCKED}.")) == ("InternalServerError", True)
    with pytest.raises(StateError, match=LOCKED):
        emulator.put_object("photos", "one", b"1")
    assert wire("ListCollections").body["CollectionIds"] == ["before"]
    other.execute("ROLLBACK")
    assert wire("CreateCollection", CollectionId="new").status == 200


def test_a_restore_of_a_locked_file_is_an_error(locked: tuple[Emulator, sqlite3.Connection], tmp_path: Path) -> None:
    emulator, other = locked
    with pytest.raises(StorageError, match=f"the state can't be replaced: {LOCKED}"):
        emulator.restore(tmp_path / "saved")
    other.execute("ROLLBACK")
    wire = WireClient(emulator)
    assert wire("CreateCollection", CollectionId="new").status == 200
    emulator.restore(tmp_path / "saved")
    assert wire("ListCollections").body["CollectionIds"] == ["before"]


def test_the_other_process_sees_a_restore_at_once(tmp_path: Path) -> None:
    with Emulator(data=tmp_path / "data") as one, Emulator(data=tmp_path / "data") as other:
        WireClient(one)("CreateCollection", CollectionId="before")
        one.snapshot(tmp_path / "saved")
        WireClient(other)("CreateCollection", CollectionId="after")
        one.restore(tmp_path / "saved")
        assert WireClient(other)("ListCollections").body["CollectionIds"] == ["before"]
        assert WireClient(other)("CreateCollection", CollectionId="new").status == 200
        assert WireClient(one)("ListCollections").body["CollectionIds"] == ["before", "new"]


def test_a_page_token_is_valid_in_every_emulator_on_the_folder_after_a_restore(tmp_path: Path) -> None:
    with Emulator() as emulator:
        for name in "abc":
            WireClient(emulator)("CreateCollection", CollectionId=name)
        emulator.snapshot(tmp_path / "saved")
    with Emulator(data=tmp_path / "data") as one, Emulator(data=tmp_path / "data") as other:
        one.restore(tmp_path / "saved")
        token = WireClient(one)("ListCollections", MaxResults=2).body["NextToken"]
        assert WireClient(other)("ListCollections", NextToken=token).body["CollectionIds"] == ["c"]


def test_a_restore_waits_for_a_transaction_that_begins_while_the_snapshot_is_checked(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.snapshot(tmp_path / "saved")
    entered, released, open_copy = threading.Event(), threading.Event(), copies.open_copy

    def write() -> None:
        with state.write() as connection:
            connection.execute(INSERT, ("before the restore",))
            entered.set()
            assert released.wait(LIMIT_SECONDS)

    with ThreadPoolExecutor(2) as pool:

        def copy(path: Path) -> sqlite3.Connection:
            pool.submit(write)
            assert entered.wait(LIMIT_SECONDS)
            return open_copy(path)

        monkeypatch.setattr(copies, "open_copy", copy)
        restore = pool.submit(state.restore, tmp_path / "saved")
        assert entered.wait(LIMIT_SECONDS)
        try:
            with pytest.raises(TimeoutError):
                restore.result(0.5)
        finally:
            released.set()
        restore.result(LIMIT_SECONDS)
    assert stored(tmp_path) == []


# a disk that is full


@pytest.mark.parametrize("code", ["SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY"])
def test_a_write_that_the_disk_prevents_is_rolled_back(state: State, tmp_path: Path, code: str) -> None:
    error = sqlite3.OperationalError("the disk failed")
    error.sqlite_errorcode = getattr(sqlite3, code)

    def fail() -> None:
        with state.write() as connection:
            connection.execute(INSERT, ("lost",))
            raise error

    with pytest.raises(StorageError, match="the state can't be read or written: the disk failed; "):
        fail()
    with state.write() as connection:
        connection.execute(INSERT, ("kept",))
    assert stored(tmp_path) == ["kept"]


def test_a_restore_that_the_disk_prevents_changes_nothing(tmp_path: Path) -> None:
    with Emulator() as emulator:
        for number in range(200):
            WireClient(emulator)("CreateCollection", CollectionId=f"c{number}", Tags={"team": "blue" * 20})
        emulator.snapshot(tmp_path / "saved")
    with closing(State(tmp_path / "data")) as state:
        _write(state)
        with state.read() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(StorageError, match="database or disk is full; free space on the disk"):
            state.restore(tmp_path / "saved")
        assert stored(tmp_path / "data") == ["kept"]


# a state that was closed


def test_each_method_of_a_closed_state_raises_the_same_error(tmp_path: Path) -> None:
    state = State(tmp_path / "data")
    state.close()
    for call in (
        lambda: state.read().__enter__(),
        lambda: state.write().__enter__(),
        lambda: state.gallery("faces 1"),
        lambda: state.snapshot(tmp_path / "saved"),
        lambda: state.restore(tmp_path / "saved"),
        state.clear,
        state.delete_part,
    ):
        with pytest.raises(ClosedError, match=r"^the emulator is closed$"):
            call()
    assert not (tmp_path / "saved").exists()
