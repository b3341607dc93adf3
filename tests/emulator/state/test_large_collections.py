"""Deletion of a large collection: gone for all requests at once, and its rows are deleted in parts, beside requests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rekog.emulator import Emulator
from rekog.emulator.__main__ import main
from rekog.emulator.scope import Scope
from rekog.emulator.state import State
from rekog.emulator.state.rows import collections, faces, users
from rekog.emulator.state.rows.faces import NewFace
from rekog.emulator.state.store import FILE_NAME
from tests.emulator.background.jobs import worker_threads
from tests.kit.clock import wait_until
from tests.kit.contexts import SCOPE, context_and_worker
from tests.kit.wire import WireClient

PART = 4
FACES, USERS = 10, 5
OTHER = Scope("123456789012", "eu-west-1")
ARN = "arn:aws:rekognition:us-east-1:123456789012:collection"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "PART_ROWS", PART)


def fill(state: State, name: str, scope: Scope = SCOPE) -> None:
    """Create a collection with faces and users, more than one part of rows."""
    with state.write() as connection:
        arn = f"{ARN}/{name}"
        made = {"collection_id": name, "arn": arn, "face_model_version": "7.0", "created": 1.0}
        collections.insert(connection, scope, **made, tags={"team": "blue"})  # type: ignore[arg-type]  # values by name
        row = collections.find(connection, scope, name)
        assert row is not None
        for number in range(FACES):
            face = NewFace(f"{name}{number}", "image", None, (0.1, 0.1, 0.2, 0.2), 0.9, 0.0)
            faces.insert(connection, row.key, face, bytes(512))
        for number in range(USERS):
            users.insert(connection, row.key, f"u{number}")
            user = users.find(connection, row.key, f"u{number}")
            assert user is not None
            users.change(connection, user, bytes(512), 0.0)


def counts(connection: sqlite3.Connection) -> list[int]:
    """Return the numbers of rows of collections, their faces, users and vectors, and tags."""
    tables = ("collection", "face", "user", "vector", "tag")
    return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


ONE = [1, FACES, USERS, FACES + USERS, 1]
"""Rows of one collection."""


def delete(state: State, name: str) -> bool:
    with state.write() as connection:
        row = collections.find(connection, SCOPE, name)
        assert row is not None
        return collections.delete(connection, row)


@pytest.fixture
def state() -> Iterator[State]:
    with closing(State()) as opened:
        fill(opened, "people")
        yield opened


def test_a_deleted_collection_is_gone_before_its_rows_are(state: State) -> None:
    with state.read() as connection:
        row = collections.find(connection, SCOPE, "people")
        assert row is not None
    assert delete(state, "people")
    with state.read() as connection:
        assert counts(connection)[:2] == [1, FACES]
        assert collections.find(connection, SCOPE, "people") is None
        assert collections.find_key(connection, row.key) is None
        assert collections.count(connection, SCOPE) == 0
        assert collections.after(connection, SCOPE, "", 10, 99.0) == []
        assert counts(connection)[4] == 0  # tags


def test_a_part_has_a_limited_number_of_rows(state: State) -> None:
    delete(state, "people")
    more = True
    while more:
        with state.read() as connection:
            before = sum(counts(connection))
        more = state.delete_part()
        with state.read() as connection:
            assert 0 <= before - sum(counts(connection)) <= PART
    with state.read() as connection:
        assert counts(connection) == [0] * 5


def test_a_small_collection_is_deleted_with_its_rows(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "PART_ROWS", 100)
    assert not delete(state, "people")
    with state.read() as connection:
        assert counts(connection) == [0] * 5


def test_the_rows_of_other_collections_stay(state: State) -> None:
    fill(state, "others")
    delete(state, "people")
    while state.delete_part():
        pass
    with state.read() as connection:
        assert counts(connection) == ONE
        row = collections.find(connection, SCOPE, "others")
        assert row is not None
        assert faces.count(connection, row.key) == FACES


def test_a_new_collection_of_the_same_id_has_its_own_rows(state: State) -> None:
    delete(state, "people")
    fill(state, "people")
    while state.delete_part():
        pass
    with state.read() as connection:
        assert counts(connection) == ONE
        row = collections.find(connection, SCOPE, "people")
        assert row is not None
        assert (faces.count(connection, row.key), users.count(connection, row.key)) == (FACES, USERS)


def test_several_collections_may_be_deleted_at_once(state: State) -> None:
    for name in ("a", "b", "c"):
        fill(state, name)
    for name in ("a", "people", "c"):
        delete(state, name)
    while state.delete_part():
        pass
    with state.read() as connection:
        assert counts(connection) == ONE


def test_a_reset_of_a_region_leaves_rows_for_the_worker_and_other_regions_alone(state: State) -> None:
    fill(state, "there", OTHER)
    assert state.clear(SCOPE)
    while state.delete_part():
        pass
    with state.read() as connection:
        assert counts(connection)[:4] == ONE[:4]
        assert collections.find(connection, OTHER, "there") is not None


def test_a_reset_leaves_rows_for_the_worker(state: State) -> None:
    fill(state, "there", OTHER)
    assert state.clear()
    while state.delete_part():
        pass
    with state.read() as connection:
        assert counts(connection) == [0] * 5


def stored(folder: Path) -> list[int]:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return counts(connection)


@pytest.mark.parametrize("deletion", ["DeleteCollection", "reset", "reset of a Region"])
def test_the_worker_deletes_the_rows(tmp_path: Path, deletion: str) -> None:
    with closing(State(tmp_path)) as state:
        fill(state, "people")
    before = worker_threads()
    with Emulator(data=tmp_path) as emulator:
        if deletion == "DeleteCollection":
            assert WireClient(emulator)("DeleteCollection", CollectionId="people").status == 200
        else:
            emulator.reset(region=None if deletion == "reset" else "us-east-1")
        assert WireClient(emulator)("ListCollections").body["CollectionIds"] == []
        wait_until(lambda: stored(tmp_path) == [0] * 5)
        wait_until(lambda: worker_threads() <= before)


def test_the_next_emulator_deletes_the_rows_that_are_left(tmp_path: Path) -> None:
    with closing(State(tmp_path)) as state:
        fill(state, "people")
        delete(state, "people")
    with Emulator(data=tmp_path):
        wait_until(lambda: stored(tmp_path) == [0] * 5)


def test_the_rows_that_a_snapshot_has_left_are_deleted_after_its_restore(tmp_path: Path) -> None:
    with closing(State()) as state:
        fill(state, "people")
        delete(state, "people")
        state.snapshot(tmp_path / "saved")
    with Emulator(data=tmp_path / "data") as emulator:
        emulator.restore(tmp_path / "saved")
        wait_until(lambda: stored(tmp_path / "data") == [0] * 5)


def test_a_reset_of_a_folder_by_a_command_leaves_no_rows(tmp_path: Path) -> None:
    with closing(State(tmp_path)) as state:
        fill(state, "people")
    assert main(["reset", "--data", str(tmp_path)]) == 0
    assert stored(tmp_path) == [0] * 5


def test_a_closed_worker_deletes_no_further_part(tmp_path: Path) -> None:
    with closing(State(tmp_path)) as state:
        fill(state, "people")
        delete(state, "people")
        _, worker = context_and_worker(state, lambda: 1.0)
        worker.close()
        before = stored(tmp_path)
        worker.wake()
        worker.resume()
        assert stored(tmp_path) == before


def test_a_close_ends_the_deletion_after_the_part_that_runs(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[int] = []

    def endless() -> bool:
        parts.append(1)
        return True

    monkeypatch.setattr(state, "delete_part", endless)
    before = worker_threads()
    _, worker = context_and_worker(state, lambda: 1.0)
    worker.wake()
    wait_until(lambda: len(parts) > 2)
    worker.close()
    assert worker_threads() <= before


def test_steps_that_are_handed_over_come_before_the_next_part(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    delete(state, "people")
    _, worker = context_and_worker(state, lambda: 1.0)
    monkeypatch.setattr(worker, "_run_steps", lambda: done.append("steps"))
    delete_part = state.delete_part

    def recorded() -> bool:
        done.append("part")
        return delete_part()

    monkeypatch.setattr(state, "delete_part", recorded)
    before = worker_threads()
    worker.wake()
    wait_until(lambda: worker_threads() <= before)
    assert done == ["steps", "part"] * (len(done) // 2)
    assert len(done) > 4
