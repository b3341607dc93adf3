"""Schedule of asynchronous steps: kinds, order, steps of a newer emulator, and steps that fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rekog.emulator import Emulator, ManualClock
from rekog.emulator.handlers.steps import STEPS
from rekog.emulator.scope import Scope
from rekog.emulator.state import State, schedule
from rekog.emulator.state.schedule import Priority, Step, StepKind
from tests.kit.contexts import SCOPE
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

STORED_KINDS = {
    "projects.finish_creation",
    "projects.finish_deletion",
    "datasets.finish_change",
    "datasets.finish_deletion",
    "versions.finish_step",
    "versions.finish_deletion",
    "learning.extract_features",
    "learning.finish",
    "streams.finish_step",
    "streams.free_name",
    "video_work.look",
    "video_work.finish",
    "video_work.send",
    "video_work.expire",
    "media_analysis.finish",
}
"""Kinds of steps in the databases of earlier emulators."""


def test_every_kind_of_step_has_a_function() -> None:
    assert [kind for kind in StepKind if not callable(STEPS.get(kind))] == []


def test_every_function_of_a_step_has_a_kind() -> None:
    assert [kind for kind in STEPS if kind not in set(StepKind)] == []


def test_each_kind_of_step_has_a_function_of_its_own() -> None:
    assert len(set(STEPS.values())) == len(STEPS)


def test_the_kinds_of_steps_are_those_that_databases_store() -> None:
    assert {kind.value for kind in StepKind} == STORED_KINDS


# order


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(State()) as state, state.write() as opened:
        yield opened


def add(connection: sqlite3.Connection, name: str, due: float = 0.0, **options: Any) -> None:
    """Add a step with a name; a priority makes it a step of the worker."""
    schedule.add(connection, SCOPE, due, StepKind.FINISH_VIDEO_JOB, {"name": name}, **options)


def name_of(step: Step | None) -> object:
    return None if step is None else step.detail["name"]


def drained(connection: sqlite3.Connection, now: float) -> list[object]:
    """Do all quick steps that are due, and return their names."""
    names: list[object] = []
    while step := schedule.next_due(connection, now):
        names.append(name_of(step))
        schedule.complete(connection, step)
    return names


def taken(connection: sqlite3.Connection, job: str = "") -> list[object]:
    """Take all steps of the worker, and return their names."""
    names: list[object] = []
    while step := schedule.take(connection, "worker", job):
        names.append(name_of(step))
    return names


def test_quick_steps_are_done_in_the_order_of_their_times(connection: sqlite3.Connection) -> None:
    for due in (9.0, 5.0, 11.0, 7.0):
        add(connection, f"at {due}", due)
    assert drained(connection, 10.0) == ["at 5.0", "at 7.0", "at 9.0"]


def test_quick_steps_of_the_same_time_are_done_in_the_order_of_their_creation(connection: sqlite3.Connection) -> None:
    for name in "cab":
        add(connection, name, 5.0)
    assert drained(connection, 5.0) == ["c", "a", "b"]


def test_a_notification_is_taken_before_a_job_that_was_due_earlier(connection: sqlite3.Connection) -> None:
    add(connection, "analysis", 0.0, priority=Priority.ANALYSIS, subject="a", ready=True)
    add(connection, "late end", 3.0, priority=Priority.JOB_END, subject="b", ready=True)
    add(connection, "early end", 2.0, priority=Priority.JOB_END, subject="c", ready=True)
    add(connection, "notification", 5.0, priority=Priority.NOTIFICATION, subject="d", ready=True)
    assert taken(connection) == ["notification", "early end", "late end", "analysis"]


def test_a_worker_that_ends_one_job_takes_only_steps_of_its_end(connection: sqlite3.Connection) -> None:
    add(connection, "other job", priority=Priority.JOB_END, subject="b", ready=True)
    add(connection, "analysis", priority=Priority.ANALYSIS, subject="a", ready=True)
    add(connection, "end", priority=Priority.JOB_END, subject="a", ready=True)
    assert taken(connection, "a") == ["end"]


def test_a_request_hands_over_only_the_steps_that_it_has_found_due(connection: sqlite3.Connection) -> None:
    add(connection, "due", 1.0, priority=Priority.JOB_END, subject="a")
    add(connection, "not due", 3.0, priority=Priority.JOB_END, subject="b")
    last = schedule.worker_steps(connection, 2.0).last_due
    add(connection, "new", 1.0, priority=Priority.JOB_END, subject="c")
    add(connection, "quick", 1.0)
    schedule.hand_over(connection, 2.0, last)
    assert taken(connection) == ["due"]
    assert schedule.worker_steps(connection, 2.0) == (last + 2, True)
    assert drained(connection, 2.0) == ["quick"]


def test_a_worker_wakes_up_for_the_next_step_with_a_duration(connection: sqlite3.Connection) -> None:
    add(connection, "next request", 0.0, priority=Priority.JOB_END, subject="a")
    assert schedule.next_wake_time(connection) is None
    add(connection, "quick", 1.0)
    add(connection, "later", 9.0, priority=Priority.JOB_END, subject="b")
    add(connection, "soon", 4.0, priority=Priority.JOB_END, subject="c")
    assert schedule.next_wake_time(connection) == 4.0


CHANGES: dict[str, Callable[[sqlite3.Connection, Step], object]] = {
    "complete": schedule.complete,
    "release": schedule.release,
    "postpone": lambda connection, step: schedule.postpone(connection, step, 9.0),
    "remove if pending": schedule.remove_if_pending,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_step_that_is_no_longer_stored_does_not_change_another_of_its_key(
    connection: sqlite3.Connection, change: Callable[[sqlite3.Connection, Step], object]
) -> None:
    add(connection, "before the restore")
    step = schedule.next_due(connection, 0.0)
    assert step is not None
    connection.execute("UPDATE event SET detail = ?", ('{"name": "after"}',))
    before = connection.execute("SELECT * FROM event").fetchall()
    assert not change(connection, step)
    assert connection.execute("SELECT * FROM event").fetchall() == before


def test_a_pending_step_is_removed_once(connection: sqlite3.Connection) -> None:
    add(connection, "step")
    step = schedule.next_due(connection, 0.0)
    assert step is not None
    assert [schedule.remove_if_pending(connection, step) for _ in range(2)] == [True, False]


def table(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Return name, stage, time and worker of all steps."""
    rows = connection.execute("SELECT json_extract(detail, '$.name'), stage, due, taker FROM event ORDER BY key")
    return [(*row,) for row in rows]


def test_a_step_has_the_values_that_it_was_added_with(connection: sqlite3.Connection) -> None:
    other = Scope("210987654321", "eu-west-1")
    schedule.add(connection, other, 2.5, StepKind.EXPIRE_VIDEO_JOB, {"name": "one", "key": "7"})
    add(connection, "two", 2.0, priority=Priority.ANALYSIS, subject="job")
    add(connection, "three", 2.0, priority=Priority.JOB_END, subject="job", ready=True)
    step = schedule.next_due(connection, 2.5)
    assert step is not None
    assert step[:] == (1, other, 2.5, StepKind.EXPIRE_VIDEO_JOB, {"name": "one", "key": "7"})
    assert (schedule.row_key(step), schedule.next_due(connection, 2.4)) == (7, None)
    stored = connection.execute("SELECT turn, subject, stage FROM event ORDER BY key").fetchall()
    assert stored == [(0, "", 0), (3, "job", 0), (2, "job", 1)]


def test_a_taken_step_belongs_to_its_worker_until_it_is_released_postponed_or_done(
    connection: sqlite3.Connection,
) -> None:
    assert schedule.take(connection, "ann") is None
    for name in "abcd":
        add(connection, name, 1.0, priority=Priority.JOB_END, subject=name, ready=True)
    steps = [schedule.take(connection, worker) for worker in ("ann", "bob", "ann")]
    assert table(connection) == [("a", 2, 1.0, "ann"), ("b", 2, 1.0, "bob"), ("c", 2, 1.0, "ann"), ("d", 1, 1.0, "")]
    assert schedule.worker_names(connection) == {"ann", "bob"}
    first, second, third = (step for step in steps if step is not None)
    schedule.release(connection, first)
    schedule.postpone(connection, second, 9.5)
    schedule.complete(connection, third)
    assert [row[:3] for row in table(connection)] == [("a", 1, 1.0), ("b", 0, 9.5), ("d", 1, 1.0)]
    assert schedule.worker_names(connection) == set()
    assert (taken(connection), schedule.worker_steps(connection, 9.5)) == (["a", "d"], (2, True))


def test_the_steps_of_dead_workers_are_released(connection: sqlite3.Connection) -> None:
    for name in "abc":
        add(connection, name, priority=Priority.JOB_END, subject=name, ready=True)
        schedule.take(connection, f"worker {name}")
    schedule.release_all(connection, iter(["worker a", "worker c", "other"]))
    assert [row[:2] for row in table(connection)] == [("a", 1), ("b", 2), ("c", 1)]
    schedule.release_all(connection, [])
    assert schedule.worker_names(connection) == {"worker b"}


def test_a_job_is_ending_while_its_end_or_its_notification_is_handed_over_or_taken(
    connection: sqlite3.Connection,
) -> None:
    def states() -> list[bool]:
        return [schedule.is_ending(connection, subject) for subject in ("", "a", "b")]

    add(connection, "not handed over", priority=Priority.JOB_END, subject="a")
    add(connection, "analysis", priority=Priority.ANALYSIS, subject="b", ready=True)
    assert (states(), schedule.has_steps(connection, "a"), schedule.has_steps(connection, "c")) == (
        [False] * 3, True, False,
    )  # fmt: skip
    for priority in (Priority.JOB_END, Priority.NOTIFICATION):
        add(connection, "end", priority=priority, subject="a", ready=True)
        assert states() == [True, True, False]
        step = schedule.take(connection, "ann", "a")
        assert step is not None
        assert states() == [True, True, False]
        schedule.complete(connection, step)
        assert states() == [False] * 3
    assert schedule.has_steps(connection, "b")


def test_the_kinds_of_a_newer_emulator_are_listed_once_in_order(connection: sqlite3.Connection) -> None:
    assert schedule.unknown_kinds(connection) == []
    add(connection, "known")
    for kind in ("newer.b", "newer.a", "newer.b"):
        connection.execute(NEWER, (*SCOPE, 1.0, kind, "?", 0, "job", 0))
    assert schedule.unknown_kinds(connection) == ["newer.a", "newer.b"]
    assert not schedule.has_steps(connection, "job")


# steps of a newer emulator

NEWER = "INSERT INTO event (account, region, due, kind, detail, turn, subject, stage) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
KEPT = "steps of a newer rekog are kept but not done, so the resources that wait for them do not change: newer.kind"


def add_newer(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Add steps of an unknown kind of every priority and stage, and return the whole table."""
    for priority in Priority:
        for stage in range(3):
            connection.execute(NEWER, (*SCOPE, 1.0, "newer.kind", "?", priority, "job", stage))
    return connection.execute("SELECT * FROM event").fetchall()


def test_steps_of_an_unknown_kind_are_neither_done_nor_waited_for(connection: sqlite3.Connection) -> None:
    before = add_newer(connection)
    assert schedule.next_due(connection, 2.0) is None
    assert schedule.worker_steps(connection, 2.0) == (0, False)
    assert schedule.next_wake_time(connection) is None
    assert not schedule.is_ending(connection, "job")
    schedule.hand_over(connection, 2.0, 99)
    assert (taken(connection), taken(connection, "job")) == ([], [])
    assert connection.execute("SELECT * FROM event").fetchall() == before


def test_requests_and_steps_go_on_beside_steps_of_an_unknown_kind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(State(tmp_path)) as state, state.write() as connection:
        before = add_newer(connection)
    with Emulator(data=tmp_path) as emulator:
        wire = WireClient(emulator)
        assert wire("CreateProject", ProjectName="dogs").status == 200
        assert wire("DescribeProjects").body["ProjectDescriptions"][0]["Status"] == "CREATED"
        put_video(emulator, labels=[])
        job = wire("StartLabelDetection", Video=VIDEO).body
        assert wire("GetLabelDetection", **job).body["JobStatus"] == "SUCCEEDED"
    assert [record.message for record in caplog.records] == [KEPT]
    with closing(State(tmp_path)) as state, state.read() as connection:
        rows = connection.execute("SELECT * FROM event WHERE kind = 'newer.kind'").fetchall()
    # without stage and worker: a step that a worker has taken is released when that worker is gone
    assert [row[:8] for row in rows] == [row[:8] for row in before]


def test_a_restore_reports_steps_of_an_unknown_kind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(State()) as state:
        with state.write() as connection:
            add_newer(connection)
        state.snapshot(tmp_path / "saved")
    with Emulator() as emulator:
        assert caplog.records == []
        emulator.restore(tmp_path / "saved")
        assert [record.message for record in caplog.records] == [KEPT]


# steps that fail


def test_a_quick_step_that_fails_is_logged_and_done_again_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(1_700_000_000)

    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("broken")

    with Emulator(clock=clock) as emulator:
        wire = WireClient(emulator)
        for name in ("cats", "dogs"):
            assert wire("CreateProject", ProjectName=name).status == 200
            with monkeypatch.context() as patch:
                if name == "cats":
                    patch.setattr("rekog.emulator.state.rows.projects.set_status", fail)
                assert wire("ListCollections").status == 200
        assert [record.message for record in caplog.records] == ["projects.finish_creation failed; it runs again later"]

        def statuses() -> list[str]:
            described = wire("DescribeProjects", ProjectNames=["cats", "dogs"]).body["ProjectDescriptions"]
            return sorted(project["Status"] for project in described)

        clock.advance(schedule.RETRY_SECONDS - 1)
        assert statuses() == ["CREATED", "CREATING"]
        clock.advance(1)
        assert statuses() == ["CREATED", "CREATED"]


def test_a_quick_step_that_the_disk_prevents_is_an_error_of_its_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with Emulator() as emulator:
        wire = WireClient(emulator)
        wire("CreateProject", ProjectName="dogs")
        with monkeypatch.context() as patch:
            patch.setattr("rekog.emulator.state.rows.projects.set_status", fail)
            assert "database or disk is full; free space on the disk" in wire("ListCollections").refusal[1]
        assert wire("DescribeProjects").body["ProjectDescriptions"][0]["Status"] == "CREATED"
