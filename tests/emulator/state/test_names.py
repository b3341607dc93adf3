"""Names are compared exactly: neither case nor the wildcards of SQL and of file names matter."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import attrs
import pytest

from rekog.emulator.state import State
from rekog.emulator.state.rows import collections, objects, projects, streams, tags, truth, users
from tests.kit.contexts import SCOPE

NAMES = ["a_c", "abc", "aBc", "a%", "a*", "a?c", "[a]bc", "a_c "]


@attrs.frozen
class Names:
    """Functions on rows by name: add one, tell whether there is one, remove one."""

    add: Callable[[sqlite3.Connection, str], object]
    exists: Callable[[sqlite3.Connection, str], object]
    remove: Callable[[sqlite3.Connection, str], object] | None = None


def add_collection(connection: sqlite3.Connection, name: str) -> None:
    collections.insert(
        connection, SCOPE, collection_id=name, arn=f"arn:{name}", face_model_version="7.0", created=1.0, tags={}
    )


def remove_collection(connection: sqlite3.Connection, name: str) -> None:
    row = collections.find(connection, SCOPE, name)
    assert row is not None
    collections.delete(connection, row)


def add_user(connection: sqlite3.Connection, name: str) -> None:
    if collections.find(connection, SCOPE, "people") is None:
        add_collection(connection, "people")
    users.insert(connection, people(connection), name)


def people(connection: sqlite3.Connection) -> int:
    row = collections.find(connection, SCOPE, "people")
    assert row is not None
    return row.key


def remove_user(connection: sqlite3.Connection, name: str) -> None:
    row = users.find(connection, people(connection), name)
    assert row is not None
    users.delete(connection, row)


def add_project(connection: sqlite3.Connection, name: str) -> None:
    projects.insert(
        connection, SCOPE, name=name, arn=f"arn:{name}", feature="CUSTOM_LABELS", auto_update=None, created=1.0, tags={}
    )


def add_stream(connection: sqlite3.Connection, name: str) -> None:
    streams.insert(
        connection, SCOPE, name=name, arn=f"arn:{name}", created=1.0, video_stream=name, collection_id=None,
        description={}, tags={},
    )  # fmt: skip


def remove_stream(connection: sqlite3.Connection, name: str) -> None:
    row = streams.find(connection, SCOPE, name)
    assert row is not None
    streams.mark_deleted(connection, row)


ROWS: dict[str, Names] = {
    "declared content": Names(
        lambda connection, name: truth.put(connection, name, {"labels": [name]}),
        lambda connection, name: truth.find(connection, [name], "labels") == [name],
        truth.forget,
    ),
    "one capability": Names(
        lambda connection, name: truth.put(connection, name, {"labels": [name]}),
        lambda connection, name: truth.find(connection, [name], "labels") == [name],
        lambda connection, name: truth.forget(connection, name, ["labels"]),
    ),
    "tags": Names(
        lambda connection, name: tags.put(connection, "arn", {name: name}),
        lambda connection, name: tags.read(connection, "arn").get(name) == name,
        lambda connection, name: tags.remove(connection, "arn", [name]),
    ),
    "tagged resources": Names(
        lambda connection, name: tags.put(connection, name, {"team": name}),
        lambda connection, name: tags.read(connection, name) == {"team": name},
        tags.delete,
    ),
    "collections": Names(
        add_collection, lambda connection, name: collections.find(connection, SCOPE, name), remove_collection
    ),
    "users": Names(add_user, lambda connection, name: users.find(connection, people(connection), name), remove_user),
    "projects": Names(add_project, lambda connection, name: projects.find(connection, SCOPE, f"arn:{name}")),
    "streams": Names(add_stream, lambda connection, name: streams.find(connection, SCOPE, name), remove_stream),
    "video streams": Names(add_stream, lambda connection, name: streams.reads(connection, SCOPE, name), remove_stream),
    "buckets": Names(
        lambda connection, name: objects.insert(connection, name, "key", "1", name.encode()),
        lambda connection, name: objects.find(connection, name, "key", None) == name.encode(),
    ),
    "keys": Names(
        lambda connection, name: objects.insert(connection, "bucket", name, "1", name.encode()),
        lambda connection, name: objects.find(connection, "bucket", name, None) == name.encode(),
    ),
    "versions": Names(
        lambda connection, name: objects.insert(connection, "bucket", "key", name, name.encode()),
        lambda connection, name: objects.find(connection, "bucket", "key", name) == name.encode(),
    ),
}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(State()) as state, state.write() as opened:
        yield opened


@pytest.mark.parametrize("kind", ROWS)
def test_a_name_is_that_of_one_row(connection: sqlite3.Connection, kind: str) -> None:
    rows = ROWS[kind]
    for number, name in enumerate(NAMES):
        rows.add(connection, name)
        found = [bool(rows.exists(connection, each)) for each in NAMES]
        assert found == [position <= number for position in range(len(NAMES))]
    for number, name in enumerate(NAMES if rows.remove else []):
        assert rows.remove is not None
        rows.remove(connection, name)
        found = [bool(rows.exists(connection, each)) for each in NAMES]
        assert found == [position > number for position in range(len(NAMES))]
