"""Rows of resources: changes of a status, rows that only reserve a name, and rows that belong to a deleted one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from rekog.emulator.scope import Scope
from rekog.emulator.state import State
from rekog.emulator.state.rows import celebrities, jobs, liveness, projects, streams, trainings, versions
from rekog.emulator.vision.embeddings import declared_embedding
from tests.kit.contexts import SCOPE


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(State()) as state, state.write() as opened:
        yield opened


def add_stream(connection: sqlite3.Connection, name: str, scope: Scope = SCOPE) -> streams.StreamRow:
    streams.insert(
        connection, scope, name=name, arn=f"arn:{scope.region}:{name}", created=1.0, video_stream=f"video {name}",
        collection_id="people", description={}, tags={},
    )  # fmt: skip
    row = streams.find(connection, scope, name)
    assert row is not None
    return row


def test_a_deleted_processor_reserves_its_name_only(connection: sqlite3.Connection) -> None:
    add_stream(connection, "kept")
    row = add_stream(connection, "gone")
    streams.mark_deleted(connection, row)
    assert streams.count(connection, SCOPE) == 1
    assert streams.find(connection, SCOPE, "gone") is None
    assert not streams.reads(connection, SCOPE, "video gone")
    assert [each.name for each in streams.after(connection, SCOPE, "", 9)] == ["kept"]
    assert not streams.insert(
        connection, SCOPE, name="gone", arn="arn:new", created=2.0, video_stream="v", collection_id=None,
        description={}, tags={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "after"),
    [("STARTING", "FAILED"), ("RUNNING", "FAILED"), ("STOPPED", "STOPPED"), ("UPDATING", "UPDATING")],
)
def test_the_processors_that_search_a_deleted_collection_fail(
    connection: sqlite3.Connection, status: str, after: str
) -> None:
    elsewhere = Scope(SCOPE.account, "eu-west-1")
    for scope in (SCOPE, elsewhere):
        row = add_stream(connection, "one", scope)
        assert streams.move(connection, row.key, "STOPPED", status, now=2.0, session=None)
    streams.fail_searches(connection, SCOPE, "others", 3.0)
    streams.fail_searches(connection, SCOPE, "people", 3.0)
    found = [streams.find(connection, scope, "one") for scope in (SCOPE, elsewhere)]
    assert [row and row.status for row in found] == [after, status]


@pytest.mark.parametrize(("before", "after"), [("CREATING", "CREATED"), ("DELETING", "CREATING")])
def test_a_status_changes_from_the_expected_one_only(connection: sqlite3.Connection, before: str, after: str) -> None:
    key = projects.insert(
        connection, SCOPE, name="dogs", arn="arn:dogs", feature="CUSTOM_LABELS", auto_update=None, created=1.0, tags={}
    )
    assert key is not None
    projects.set_status(connection, key, before=before, after="CREATED")
    row = projects.find(connection, SCOPE, "arn:dogs")
    assert row is not None
    assert row.status == after


def test_the_detections_of_a_job_are_removed_with_its_end(connection: sqlite3.Connection) -> None:
    jobs.insert(
        connection, SCOPE, family="video", kind="faces", job_id="one", request={}, created=1.0, due=2.0
    )  # fmt: skip
    row = jobs.find(connection, SCOPE, "one")
    assert row is not None
    jobs.store_detections(connection, row, "hash", [{"Timestamp": 0}])
    assert jobs.detections(connection, row.key, "hash") == [{"Timestamp": 0}]
    assert jobs.finish(connection, row, jobs.Ending(jobs.SUCCEEDED), 3.0)
    assert jobs.detections(connection, row.key, "hash") is None


def test_each_of_two_trainings_at_a_time_has_its_own_features_and_end(connection: sqlite3.Connection) -> None:
    project = projects.insert(
        connection, SCOPE, name="dogs", arn="arn:dogs", feature="CUSTOM_LABELS", auto_update=None, created=1.0, tags={}
    )
    assert project is not None
    keys: list[int] = []
    for name in ("v1", "v2"):
        versions.insert(
            connection, project, name=name, arn=f"arn:{name}", status="TRAINING_IN_PROGRESS", created=1.0,
            description={}, tags={},
        )  # fmt: skip
        row = versions.find(connection, SCOPE, f"arn:{name}")
        assert row is not None
        keys.append(row.key)
        trainings.insert(connection, row.key, {"name": name})
    assert trainings.store_features(connection, keys[0], "image", b"one")
    assert [trainings.has_features(connection, key, "image") for key in keys] == [True, False]
    assert trainings.store_features(connection, keys[1], "image", b"two")
    assert [[*trainings.features(connection, key, ["image", "none"])] for key in keys] == [
        [b"one", None], [b"two", None],
    ]  # fmt: skip
    trainings.delete(connection, keys[0])
    assert [trainings.data_of(connection, key) for key in keys] == [None, {"name": "v2"}]
    assert [trainings.has_features(connection, key, "image") for key in keys] == [False, True]
    assert not trainings.store_features(connection, keys[0], "image", b"late")
    trainings.store_model(connection, keys[0], trainings.ModelRow(b"model", {"dog": 0.5}))
    trainings.copy_model(connection, keys[0], keys[1])
    assert trainings.model_of(connection, "arn:v2") == (b"model", {"dog": 0.5})


def test_the_embeddings_of_a_replaced_celebrity_are_removed(connection: sqlite3.Connection) -> None:
    for texts in (["1", "2"], ["3"]):
        embeddings = [declared_embedding("grace", text) for text in texts]
        celebrities.put(connection, "grace", name="Grace", urls=[], gender=None, embeddings=embeddings)
    stored = connection.execute("SELECT embedding FROM vector").fetchall()
    assert stored == [(declared_embedding("grace", "3"),)]


def test_sessions_until_a_time_are_those_at_this_time_too(connection: sqlite3.Connection) -> None:
    for created in (1.0, 2.0, 3.0):
        liveness.insert(connection, SCOPE, f"session {created}", created, "{}")
    assert sorted(liveness.ids_until(connection, 2.0)) == ["session 1.0", "session 2.0"]
    liveness.delete_until(connection, 2.0)
    assert liveness.ids_until(connection, 9.0) == ["session 3.0"]
