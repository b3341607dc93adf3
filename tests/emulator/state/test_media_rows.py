"""Rows of jobs, streams, sessions, objects, declared content and request tokens: every column, and rows of others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from rekog.emulator.refusals import RefusalError
from rekog.emulator.scope import Scope
from rekog.emulator.state import State, idempotency
from rekog.emulator.state.rows import jobs, liveness, objects, streams, tags, truth
from tests.kit.contexts import SCOPE

OTHERS = [Scope(SCOPE.account, "eu-west-1"), Scope("210987654321", SCOPE.region)]
"""Scopes that differ in the Region or in the account only."""


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(State()) as state, state.write() as opened:
        yield opened


# jobs


def add_job(
    connection: sqlite3.Connection, name: str, scope: Scope = SCOPE, family: str = "video", due: float = 9.0
) -> None:
    jobs.insert(
        connection, scope, family=family, kind=f"kind of {name}", job_id=name, request={"JobTag": name}, created=1.5,
        due=due,
    )  # fmt: skip


def job(connection: sqlite3.Connection, name: str, scope: Scope = SCOPE) -> jobs.JobRow:
    row = jobs.find(connection, scope, name)
    assert row is not None
    return row


def test_a_job_is_found_in_its_scope_with_all_columns(connection: sqlite3.Connection) -> None:
    add_job(connection, "a")
    add_job(connection, "b")
    row = job(connection, "b")
    assert row[1:] == ("kind of b", "b", '{"JobTag": "b"}', "IN_PROGRESS", "", 1.5, None, "{}")
    assert (row.request, row.detail) == ({"JobTag": "b"}, {})
    assert [jobs.find(connection, scope, "b") for scope in OTHERS] == [None, None]
    assert jobs.find(connection, SCOPE, "c") is None


def test_open_jobs_are_those_in_progress_of_a_family_and_a_scope_that_are_not_due(
    connection: sqlite3.Connection,
) -> None:
    add_job(connection, "due", due=5.0)
    add_job(connection, "open", due=5.1)
    add_job(connection, "ended", due=9.0)
    add_job(connection, "media", family="media")
    for scope in OTHERS:
        add_job(connection, f"of {scope}", scope)
    jobs.finish(connection, job(connection, "ended"), jobs.Ending(jobs.FAILED), 2.0)
    assert jobs.open_count(connection, SCOPE, "video", 5.0) == 1
    assert jobs.open_count(connection, SCOPE, "media", 5.0) == 1
    assert jobs.open_count(connection, SCOPE, "video", 0.0) == 2


def test_the_newest_jobs_of_a_family_and_a_scope_come_first(connection: sqlite3.Connection) -> None:
    for name in "abc":
        add_job(connection, name)
    add_job(connection, "media", family="media")
    for scope in OTHERS:
        add_job(connection, f"of {scope}", scope)
    last = job(connection, "c").key
    assert [row.job_id for row in jobs.newest(connection, SCOPE, "video", 99, 9)] == ["c", "b", "a"]
    assert [row.job_id for row in jobs.newest(connection, SCOPE, "video", last, 9)] == ["b", "a"]
    assert [row.job_id for row in jobs.newest(connection, SCOPE, "video", 99, 2)] == ["c", "b"]


def test_the_end_of_a_job_is_stored_once_with_its_views(connection: sqlite3.Connection) -> None:
    add_job(connection, "a")
    add_job(connection, "b")
    entries = [{"n": number} for number in range(4)]
    ending = jobs.Ending(jobs.SUCCEEDED, "message", {"Version": "1"}, {"TIME": entries, "NAME": entries[::-1]})
    row, other = job(connection, "a"), job(connection, "b")
    for each in (row, other):
        jobs.store_detections(connection, each, "hash", [{"n": each.job_id}])
    assert jobs.finish(connection, row, ending, 7.5)
    assert not jobs.finish(connection, row, jobs.Ending(jobs.FAILED), 8.0)
    ended = job(connection, "a")
    assert ended[4:8] == ("SUCCEEDED", "message", 1.5, 7.5)
    assert ended.detail == {"Version": "1"}
    assert job(connection, "b") == other
    assert jobs.detections(connection, other.key, "hash") == [{"n": "b"}]
    assert jobs.results(connection, row.key, "TIME", 0, 9) == entries
    assert jobs.results(connection, row.key, "NAME", 1, 2) == [{"n": 2}, {"n": 1}]
    assert jobs.results(connection, row.key, "ID", 0, 9) == []
    assert jobs.results(connection, other.key, "TIME", 0, 9) == []
    assert not jobs.finish(connection, other._replace(job_id="c"), ending, 7.5)


def test_detections_are_stored_for_one_content_of_a_job_in_progress(connection: sqlite3.Connection) -> None:
    add_job(connection, "a")
    row = job(connection, "a")
    for content in ("one", "two"):
        jobs.store_detections(connection, row, content, [{"content": content}])
    assert [jobs.detections(connection, row.key, content) for content in ("one", "two")] == [None, [{"content": "two"}]]
    jobs.finish(connection, row, jobs.Ending(jobs.SUCCEEDED), 2.0)
    jobs.store_detections(connection, row, "late", [])
    assert jobs.detections(connection, row.key, "late") is None


def test_a_deleted_job_is_removed_with_its_results_and_its_token(connection: sqlite3.Connection) -> None:
    for name in "ab":
        add_job(connection, name)
        jobs.finish(connection, job(connection, name), jobs.Ending(jobs.SUCCEEDED, views={"TIME": [{"n": name}]}), 2.0)
        idempotency.store(connection, SCOPE, "Start", {"ClientRequestToken": name}, {"JobId": name}, name)
    rows = {name: job(connection, name) for name in "ab"}
    jobs.delete(connection, rows["a"])
    assert [jobs.find(connection, SCOPE, name) for name in "ab"] == [None, rows["b"]]
    assert [jobs.results(connection, rows[name].key, "TIME", 0, 9) for name in "ab"] == [[], [{"n": "b"}]]
    tokens = [idempotency.replayed(connection, SCOPE, "Start", {"ClientRequestToken": name}) for name in "ab"]
    assert tokens == [None, {"JobId": "b"}]


# request tokens


def test_a_token_holds_for_its_operation_scope_and_request(connection: sqlite3.Connection) -> None:
    request = {"ClientRequestToken": "one", "MinConfidence": 50, "Image": {"Bytes": b"1"}, "Names": ["a", 1.0, 2.5]}
    idempotency.store(connection, SCOPE, "Start", request, {"JobId": "é"}, "owner")
    idempotency.store(connection, SCOPE, "Start", {"MinConfidence": 50}, {"JobId": "two"}, "owner")
    same = {**request, "MinConfidence": 50.0, "Names": ["a", 1, 2.5]}
    assert [idempotency.replayed(connection, SCOPE, "Start", each) for each in (request, same)] == [{"JobId": "é"}] * 2
    assert idempotency.replayed(connection, SCOPE, "Stop", request) is None
    assert [idempotency.replayed(connection, scope, "Start", request) for scope in OTHERS] == [None, None]
    assert idempotency.replayed(connection, SCOPE, "Start", {"MinConfidence": 50}) is None
    assert idempotency.replayed(connection, SCOPE, "Start", {**request, "ClientRequestToken": "two"}) is None
    for change in ({"MinConfidence": 51}, {"Image": {"Bytes": b"2"}}, {"Names": ["a", 1.0, 2.0]}, {"More": None}):
        with pytest.raises(RefusalError) as caught:
            idempotency.replayed(connection, SCOPE, "Start", {**request, **change})
        assert (caught.value.code, caught.value.message) == (
            "IdempotentParameterMismatchException",
            "The ClientRequestToken: one you have supplied is already in use.",
        )
    idempotency.delete(connection, "another owner")
    assert idempotency.replayed(connection, SCOPE, "Start", request) is not None
    idempotency.delete(connection, "owner")
    assert idempotency.replayed(connection, SCOPE, "Start", request) is None


# stream processors


def add_stream(connection: sqlite3.Connection, name: str, scope: Scope = SCOPE) -> streams.StreamRow:
    assert streams.insert(
        connection, scope, name=name, arn=f"arn:{scope.account}:{scope.region}:{name}", created=1.5,
        video_stream=f"video {name}", collection_id=f"people {name}", description={"RoleArn": name},
        tags={"team": name},
    )  # fmt: skip
    return stream(connection, name, scope)


def stream(connection: sqlite3.Connection, name: str, scope: Scope = SCOPE) -> streams.StreamRow:
    row = streams.find(connection, scope, name)
    assert row is not None
    return row


def test_a_processor_is_found_in_its_scope_with_all_columns(connection: sqlite3.Connection) -> None:
    add_stream(connection, "a")
    row = add_stream(connection, "b")
    arn = f"arn:{SCOPE.account}:{SCOPE.region}:b"
    assert row[1:] == ("b", arn, "STOPPED", None, None, 1.5, 1.5, "people b", '{"RoleArn": "b"}')
    assert (row.description, tags.read(connection, arn)) == ({"RoleArn": "b"}, {"team": "b"})
    assert [streams.find(connection, scope, "b") for scope in OTHERS] == [None, None]
    assert [streams.reads(connection, scope, "video b") for scope in (SCOPE, *OTHERS)] == [True, False, False]
    assert not streams.insert(
        connection, SCOPE, name="b", arn="arn:new", created=2.0, video_stream="", collection_id=None, description={},
        tags={"team": "new"},
    )  # fmt: skip
    assert (stream(connection, "b"), tags.read(connection, "arn:new")) == (row, {})


def test_processors_of_a_scope_are_listed_by_name_and_counted(connection: sqlite3.Connection) -> None:
    for name in "cab":
        add_stream(connection, name)
    for scope in OTHERS:
        add_stream(connection, "d", scope)
    streams.mark_deleted(connection, add_stream(connection, "bb"))
    assert [row.name for row in streams.after(connection, SCOPE, "", 9)] == ["a", "b", "c"]
    assert [row.name for row in streams.after(connection, SCOPE, "a", 1)] == ["b"]
    assert [streams.count(connection, scope) for scope in (SCOPE, *OTHERS)] == [3, 1, 1]


def test_a_processor_moves_from_its_status_and_session_only(connection: sqlite3.Connection) -> None:
    row, other = add_stream(connection, "a"), add_stream(connection, "b")
    assert not streams.move(connection, row.key, "RUNNING", "STOPPED", now=2.0, session=None)
    assert not streams.move(connection, row.key, "STOPPED", "RUNNING", now=2.0, session="one")
    assert stream(connection, "a") == row
    streams.begin_session(connection, row.key, "one", 3.0)
    assert stream(connection, "a") == row._replace(status="STARTING", session="one", updated=3.0)
    assert not streams.move(connection, row.key, "STARTING", "RUNNING", now=4.0, session=None)
    assert streams.move(connection, row.key, "STARTING", "FAILED", now=4.0, session="one", message="no")
    failed = row._replace(status="FAILED", session="one", updated=4.0, message="no")
    assert stream(connection, "a") == failed
    streams.begin_session(connection, row.key, "two", 5.0)
    assert stream(connection, "a") == failed._replace(status="STARTING", session="two", updated=5.0, message=None)
    streams.move(connection, row.key, "STARTING", "STOPPED", now=6.0, session="two", message="no")
    streams.update(connection, row.key, {"RoleArn": "new"}, 7.0)
    updated = failed._replace(status="UPDATING", session="two", updated=7.0, message=None)
    assert stream(connection, "a") == updated._replace(description_json='{"RoleArn": "new"}')
    assert stream(connection, "b") == other


@pytest.mark.parametrize("status", ["STARTING", "RUNNING", "STOPPED", "STOPPING", "FAILED", "UPDATING"])
def test_the_running_processors_of_a_deleted_collection_fail_with_the_reason(
    connection: sqlite3.Connection, status: str
) -> None:
    rows = {(scope, name): add_stream(connection, name, scope) for scope in (SCOPE, *OTHERS) for name in "ab"}
    for row in rows.values():
        streams.move(connection, row.key, "STOPPED", status, now=2.0, session=None)
    streams.fail_searches(connection, SCOPE, "people a", 3.0)
    text = "The collection id: people a does not exist"
    running = status in ("STARTING", "RUNNING")
    for (scope, name), row in rows.items():
        fails = running and (scope, name) == (SCOPE, "a")
        changes = {"status": "FAILED", "updated": 3.0, "message": text} if fails else {"status": status, "updated": 2.0}
        assert stream(connection, name, scope) == row._replace(**changes)  # type: ignore[arg-type]


def test_the_name_of_a_deleted_processor_is_free_again_later(connection: sqlite3.Connection) -> None:
    row, other = add_stream(connection, "a"), add_stream(connection, "b")
    streams.free_name(connection, row.key)
    assert stream(connection, "a") == row
    streams.mark_deleted(connection, row)
    assert [tags.read(connection, each.arn) for each in (row, other)] == [{}, {"team": "b"}]
    assert stream(connection, "b") == other
    streams.free_name(connection, other.key)
    streams.free_name(connection, row.key)
    assert add_stream(connection, "a").key > other.key
    assert stream(connection, "b") == other


# sessions, objects, declared content


def test_a_session_is_found_with_all_columns_and_ends_with_its_result(connection: sqlite3.Connection) -> None:
    for name, created in (("a", 1.5), ("b", 2.5)):
        liveness.insert(connection, SCOPE, name, created, f"settings {name}")
    before = [liveness.find(connection, name) for name in "abc"]
    assert before[:2] == [
        ("a", SCOPE, 1.5, "settings a", "CREATED", None), ("b", SCOPE, 2.5, "settings b", "CREATED", None),
    ]  # fmt: skip
    assert before[2] is None
    liveness.finish(connection, "a", "SUCCEEDED", "result")
    assert liveness.find(connection, "a") == ("a", SCOPE, 1.5, "settings a", "SUCCEEDED", "result")
    assert liveness.find(connection, "b") == before[1]


def test_the_newest_version_of_an_object_is_found_up_to_a_limit(connection: sqlite3.Connection) -> None:
    for bucket, name, version, data in (
        ("one", "key", "1", b"12345"), ("one", "key", "2", b"67890"), ("two", "key", "1", b"two"),
        ("one", "other", "1", b"other"), ("one", "empty", "1", b""),
    ):  # fmt: skip
        objects.insert(connection, bucket, name, version, data)
    assert objects.find(connection, "one", "key", None) == b"67890"
    assert objects.find(connection, "one", "key", "1") == b"12345"
    assert objects.find(connection, "one", "key", "3") is None
    assert objects.find(connection, "two", "other", None) is None
    assert objects.find(connection, "two", "key", None) == b"two"
    assert [objects.find(connection, "one", "key", None, limit) for limit in (0, 2, 5, 6, 2**31, 2**40)] == [
        b"", b"67", *[b"67890"] * 4,
    ]  # fmt: skip
    assert [objects.find(connection, "one", "empty", None, limit) for limit in (None, 3)] == [b"", b""]


def test_declared_content_is_that_of_the_first_name_that_has_any(connection: sqlite3.Connection) -> None:
    truth.put(connection, "a", {"labels": [{"n": 1}], "text": []})
    truth.put(connection, "b", {"labels": [{"n": 2}, {"n": 3}], "faces": [{"n": 4}]})
    truth.put(connection, "a", {"labels": [{"n": 5}]})
    assert truth.find(connection, ["a", "b"], "labels") == [{"n": 5}]
    assert truth.find(connection, ["c", "b", "a"], "labels") == [{"n": 2}, {"n": 3}]
    assert truth.find(connection, ["a", "b"], "faces") == [{"n": 4}]
    assert truth.find(connection, ["a", "b"], "text") == []
    assert truth.find(connection, ["a", "b"], "ppe") is None
    assert truth.entries(connection, "labels") == [{"n": 5}, {"n": 2}, {"n": 3}]
    assert truth.entries(connection, "ppe") == []


@pytest.mark.parametrize(
    ("capabilities", "left"),
    [
        (("labels",), [("a", "faces"), ("a", "text")]),
        (("labels", "text", "ppe"), [("a", "faces")]),
        ((), []),
    ],
)
def test_some_or_all_declared_content_of_a_name_is_forgotten(
    connection: sqlite3.Connection, capabilities: tuple[str, ...], left: list[tuple[str, str]]
) -> None:
    for name in "ab":
        truth.put(connection, name, {"labels": [], "text": [], "faces": []})
    truth.forget(connection, "a", iter(capabilities))
    select = "SELECT name, capability FROM truth ORDER BY name, capability"
    assert connection.execute(select).fetchall() == [*left, ("b", "faces"), ("b", "labels"), ("b", "text")]
    truth.clear(connection)
    assert connection.execute(select).fetchall() == []
