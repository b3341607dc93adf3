"""State: transactions, files, versions of the schema, concurrent requests."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from rekog.emulator import Emulator, StateError
from rekog.emulator.scope import Scope
from rekog.emulator.state import State
from rekog.emulator.state.rows import collections
from rekog.emulator.state.schema import MIGRATIONS, SchemaError, migrate
from rekog.emulator.state.store import FILE_NAME
from tests.kit.process import RESPONSE_TIMEOUT
from tests.kit.wire import WireClient

SCOPE = Scope("123456789012", "us-east-1")


def insert(state: State, name: str, **tags: str) -> bool:
    with state.write() as connection:
        return collections.insert(
            connection,
            SCOPE,
            collection_id=name,
            arn=f"arn:{name}",
            face_model_version="7.0",
            created=1.0,
            tags=tags,
        )


def test_collections_survive_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        WireClient(emulator)("CreateCollection", CollectionId="people")
        before = WireClient(emulator)("DescribeCollection", CollectionId="people").body
    with Emulator(data=tmp_path) as emulator:
        assert WireClient(emulator)("DescribeCollection", CollectionId="people").body == before


def test_page_tokens_are_valid_after_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        for name in "abc":
            WireClient(emulator)("CreateCollection", CollectionId=name)
        token = WireClient(emulator)("ListCollections", MaxResults=2).body["NextToken"]
    with Emulator(data=tmp_path) as emulator:
        assert WireClient(emulator)("ListCollections", NextToken=token).body["CollectionIds"] == ["c"]


def test_the_data_folder_is_created(tmp_path: Path) -> None:
    with Emulator(data=tmp_path / "new" / "folder"):
        assert (tmp_path / "new" / "folder" / FILE_NAME).is_file()


def test_another_emulator_reads_a_write_at_once(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as one, Emulator(data=str(tmp_path)) as two:
        WireClient(one)("CreateCollection", CollectionId="people")
        assert WireClient(two)("ListCollections").body["CollectionIds"] == ["people"]


def test_a_failed_transaction_is_rolled_back() -> None:
    state = State()

    def fail_halfway() -> None:
        with state.write() as connection:
            connection.execute("INSERT INTO tag VALUES ('arn', 'name', 'value')")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()
    with state.read() as connection:
        assert connection.execute("SELECT count(*) FROM tag").fetchone() == (0,)


def test_tags_are_stored_and_deleted_with_their_collection() -> None:
    state = State()
    insert(state, "people", team="blue", floor="2")
    insert(state, "others", team="red")
    with state.write() as connection:
        select = "SELECT * FROM tag ORDER BY arn, name"
        tags = [("arn:others", "team", "red"), ("arn:people", "floor", "2"), ("arn:people", "team", "blue")]
        assert connection.execute(select).fetchall() == tags
        row = collections.find(connection, SCOPE, "people")
        assert row is not None
        collections.delete(connection, row)
        assert connection.execute(select).fetchall() == tags[:1]


def test_a_second_collection_of_the_same_id_does_not_change_the_tags_of_the_first() -> None:
    state = State()
    assert insert(state, "people", team="blue")
    assert not insert(state, "people", team="red")
    with state.read() as connection:
        assert connection.execute("SELECT value FROM tag").fetchall() == [("blue",)]


@pytest.mark.parametrize("scope", [None, SCOPE])
def test_no_key_is_used_twice_not_even_after_a_reset(scope: Scope | None) -> None:
    state = State()
    keys: list[int] = []
    for _ in range(3):
        insert(state, "people")
        with state.read() as connection:
            row = collections.find(connection, SCOPE, "people")
            assert row is not None
            keys.append(row.key)
        state.clear(scope)
    assert keys == [1, 2, 3]


def test_one_of_many_concurrent_creates_of_an_id_succeeds(wire: WireClient) -> None:
    with ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(wire, "CreateCollection", CollectionId="people") for _ in range(64)]
    assert sorted(call.result().status for call in calls) == [200] + [400] * 63


def test_concurrent_creates_in_two_emulators_are_all_stored(tmp_path: Path) -> None:
    ids = [f"c{number:02}" for number in range(40)]
    with Emulator(data=tmp_path) as one, Emulator(data=tmp_path) as two, ThreadPoolExecutor(8) as pool:
        wires = [WireClient(one), WireClient(two)] * 20
        calls = [
            pool.submit(wire, "CreateCollection", CollectionId=name) for wire, name in zip(wires, ids, strict=True)
        ]
        assert [call.result().status for call in calls] == [200] * len(ids)
        assert WireClient(one)("ListCollections").body["CollectionIds"] == ids


def test_a_second_close_does_nothing() -> None:
    emulator = Emulator()
    emulator.close()
    emulator.close()
    with pytest.raises(httpx.TransportError, match="the emulator is closed"):
        WireClient(emulator)("ListCollections")


CALLS: dict[str, Callable[[Emulator, Path], object]] = {
    "put_object": lambda emulator, _: emulator.put_object("photos", "one.jpg", b"..."),
    "declare": lambda emulator, _: emulator.declare("s3://photos/one.jpg", labels=["Cat"]),
    "snapshot": lambda emulator, path: emulator.snapshot(path),
    "restore": lambda emulator, path: emulator.restore(path),
    "reset": lambda emulator, _: emulator.reset(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_methods_of_a_closed_emulator_raise_an_error(
    call: Callable[[Emulator, Path], object], tmp_path: Path
) -> None:
    with Emulator() as emulator:
        pass
    with pytest.raises(StateError, match="the emulator is closed"):
        call(emulator, tmp_path / "snapshot")
    assert list(tmp_path.iterdir()) == []


def test_the_server_of_a_closed_emulator_returns_an_error() -> None:
    with Emulator() as emulator, emulator.serve() as url:
        emulator.close()
        head = WireClient(emulator).headers("ListCollections")
        response = httpx.post(url, headers=head, content=b"{}", timeout=RESPONSE_TIMEOUT).json()
    assert (response["__type"], response["Message"]) == (
        "InternalServerError",
        "The emulator failed: the emulator is closed.",
    )


def test_an_older_file_is_migrated() -> None:
    connection = sqlite3.connect(":memory:")
    migrate(connection)
    connection.execute("INSERT INTO tag VALUES ('arn', 'name', 'value')")
    migrate(connection, [*MIGRATIONS, ("ALTER TABLE tag ADD COLUMN created REAL",)])
    assert connection.execute("SELECT * FROM tag").fetchall() == [("arn", "name", "value", None)]
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
    connection.close()


def test_a_second_migration_changes_nothing() -> None:
    connection = sqlite3.connect(":memory:")
    migrate(connection)
    before = list(connection.iterdump())
    migrate(connection)
    assert list(connection.iterdump()) == before
    connection.close()


def test_a_newer_file_is_an_error() -> None:
    connection = sqlite3.connect(":memory:")
    migrate(connection, [*MIGRATIONS, ()])
    with pytest.raises(SchemaError, match=f"a newer emulator wrote it .its schema version is {len(MIGRATIONS) + 1}, "):
        migrate(connection)
    connection.close()


def test_a_database_of_another_program_is_an_error_and_is_not_changed(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    with pytest.raises(StateError, match=r"can't use state\.sqlite3 in .*: it is a database of another program"):
        Emulator(data=tmp_path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    connection.close()


def test_a_file_that_is_not_a_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database, but long enough to have a head" * 10)
    with pytest.raises(StateError, match="file is not a database"):
        Emulator(data=tmp_path)


def test_the_error_of_a_file_that_is_no_database_has_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("no database " * 100)
    with pytest.raises(StateError) as caught:
        State(tmp_path)
    assert repr(str(tmp_path / FILE_NAME)) in str(caught.value)


def test_a_data_path_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="data must be a folder"):
        Emulator(data=tmp_path / "file")
