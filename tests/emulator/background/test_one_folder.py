"""Several emulators on one folder: a step belongs to the worker that took it, as long as that worker is alive."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rekog.emulator import Emulator
from rekog.emulator.__main__ import main
from rekog.emulator.state import State, schedule, worker_locks
from rekog.emulator.state.schedule import Priority, StepKind
from rekog.emulator.state.schema import MIGRATIONS, migrate
from rekog.emulator.state.store import FILE_NAME
from rekog.emulator.state.worker_locks import WorkerLock
from tests.emulator.background.jobs import THREAD, TOPIC, run_until_killed, worker_threads
from tests.kit.clock import LIMIT_SECONDS, wait_until
from tests.kit.contexts import SCOPE, context_and_worker
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from rekog.emulator import Notification

MESSAGE = {
    "JobId": "job",
    "Attempt": 0,
    "Notification": {"TopicArn": TOPIC, "RoleArn": "role", "Message": {"JobId": "job"}},
}


class BlockedTopic:
    """A notification sink that blocks until it is released."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()
        self.received: list[str] = []

    def __call__(self, notification: Notification) -> None:
        self.reached.set()
        assert self.released.wait(LIMIT_SECONDS)
        self.received.append(str(notification.message["JobId"]))


@pytest.fixture
def topic() -> Iterator[BlockedTopic]:
    made = BlockedTopic()
    yield made
    made.released.set()


def add(state: State, worker: str = "") -> None:
    """Add a notification to send; with a name, a worker of this name has taken it."""
    with state.write() as connection:
        schedule.add(
            connection,
            SCOPE,
            1.0,
            StepKind.SEND_NOTIFICATION,
            MESSAGE,
            priority=Priority.NOTIFICATION,
            subject="job",
            ready=True,
        )
        if worker:
            schedule.take(connection, worker)


def rows(folder: Path) -> list[tuple[object, ...]]:
    """Return all steps in a folder."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return connection.execute("SELECT kind, stage, taker FROM event").fetchall()


def start_sending(emulator: Emulator, data: Path, topic: BlockedTopic) -> None:
    """Make an emulator start to send a notification to a blocked topic."""
    with closing(State(data)) as state:
        add(state)
    WireClient(emulator)("ListCollections")
    assert topic.reached.wait(LIMIT_SECONDS)


def test_a_notification_that_is_being_sent_is_not_sent_by_another_emulator(tmp_path: Path, topic: BlockedTopic) -> None:
    others: list[object] = []
    with Emulator(data=tmp_path, notify=topic) as one:
        start_sending(one, tmp_path, topic)
        with Emulator(data=tmp_path, notify=others.append) as other:
            WireClient(other)("ListCollections")
        topic.released.set()
    assert (topic.received, others) == (["job"], [])


@pytest.mark.parametrize("arguments", [["snapshot", "saved"], ["restore", "before"]])
def test_a_command_sends_no_notification_that_is_being_sent(
    tmp_path: Path, topic: BlockedTopic, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    with Emulator(data=data, notify=topic) as emulator:
        start_sending(emulator, data, topic)
        emulator.snapshot("before")
        assert main([*arguments, "--data", str(data)]) == 0
        assert len(rows(data)) == 1
        topic.released.set()
    assert topic.received == ["job"]


@pytest.mark.parametrize("worker", ["", "dead"])
def test_a_snapshot_command_does_not_change_the_steps(tmp_path: Path, worker: str) -> None:
    with closing(State(tmp_path)) as state:
        add(state, worker)
    before = rows(tmp_path)
    assert main(["snapshot", str(tmp_path / "saved"), "--data", str(tmp_path)]) == 0
    assert rows(tmp_path) == before


def test_a_notification_of_a_killed_process_is_delivered_after_a_snapshot_command(tmp_path: Path) -> None:
    job = run_until_killed(
        """
emulator = Emulator(data=DATA, notify=kill)
put_video(emulator, labels=[])
job = WireClient(emulator)("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body
print(job["JobId"], flush=True)
WireClient(emulator)("GetLabelDetection", **job)
""",
        tmp_path,
    )
    assert main(["snapshot", str(tmp_path / "saved"), "--data", str(tmp_path)]) == 0
    received: list[Notification] = []
    with Emulator(data=tmp_path, notify=received.append):
        wait_until(lambda: bool(received))
    assert [one.message["JobId"] for one in received] == [job]


def test_an_emulator_takes_over_the_steps_of_a_killed_one_without_a_request(tmp_path: Path) -> None:
    code = f"""
import threading
from rekog.emulator import Emulator
from tests.kit.videos import VIDEO, put_video
from tests.emulator.background.jobs import CHANNEL
from tests.kit.wire import WireClient
def hang(_):
    print("reached", flush=True)
    threading.Event().wait()
emulator = Emulator(data={str(tmp_path)!r}, notify=hang)
put_video(emulator, labels=[])
job = WireClient(emulator)("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body
WireClient(emulator)("GetLabelDetection", **job)
"""
    received: list[Notification] = []
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "reached\n"
            with Emulator(data=tmp_path, notify=received.append) as emulator:
                WireClient(emulator)("ListCollections")
                assert received == []
                process.send_signal(signal.SIGKILL)
                wait_until(lambda: bool(received))
        finally:
            process.kill()
    assert list(tmp_path.glob("worker-*")) == []


def test_a_request_that_waits_takes_over_the_steps_of_a_dead_worker(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator, closing(State(tmp_path)) as state:
        add(state, "dead")
        assert len(emulator.notifications) == 1  # waits for pending notifications


def test_a_step_that_was_taken_before_a_snapshot_runs_after_its_restore(tmp_path: Path, topic: BlockedTopic) -> None:
    received: list[Notification] = []
    with Emulator(data=tmp_path / "one", notify=topic) as one, Emulator(notify=received.append) as other:
        start_sending(one, tmp_path / "one", topic)
        one.snapshot(tmp_path / "saved")
        other.restore(tmp_path / "saved")
        wait_until(lambda: bool(received))
        topic.released.set()


def test_a_step_that_was_taken_before_workers_had_names_runs(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        migrate(connection, MIGRATIONS[:1])
        connection.commit()
    with closing(State(tmp_path)) as state:
        add(state)
        with state.write() as connection:
            connection.execute("UPDATE event SET stage = 2")  # as before workers had names
    received: list[Notification] = []
    with Emulator(data=tmp_path, notify=received.append):
        wait_until(lambda: bool(received))


def test_a_step_whose_thread_failed_is_done_by_the_next_thread(caplog: pytest.LogCaptureFixture) -> None:
    before = worker_threads()
    broken = threading.Event()
    broken.set()

    def clock() -> float:
        if broken.is_set() and threading.current_thread().name == THREAD:
            raise RuntimeError("no time")
        return 1_700_000_000.0

    with closing(State()) as state:
        _, worker = context_and_worker(state, clock)
        with state.write() as connection:
            schedule.add(
                connection,
                SCOPE,
                0.0,
                StepKind.FINISH_VIDEO_JOB,
                {},  # without the job's id
                priority=Priority.JOB_END,
                subject="job",
                ready=True,
            )
        worker.wake()  # the step fails, and so does its postponement
        wait_until(lambda: "the worker stopped" in caplog.text and worker_threads() <= before)
        broken.clear()
        worker.wake()
        worker.wait("job")
        with state.read() as connection:
            left = schedule.worker_steps(connection, clock() + 30)
        worker.close()
    assert left == (1, False)


# locks


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[WorkerLock]:
    made = WorkerLock(tmp_path)
    made.acquire()
    yield made
    made.release()


def test_a_worker_is_alive_until_it_releases_its_lock(tmp_path: Path, lock: WorkerLock) -> None:
    assert worker_locks.remove_dead(tmp_path, [lock.name]) == set()
    lock.release()
    lock.release()
    assert worker_locks.remove_dead(tmp_path, [lock.name]) == {lock.name}


def test_a_check_does_not_release_a_lock(tmp_path: Path, lock: WorkerLock) -> None:
    assert [worker_locks.remove_dead(tmp_path, [lock.name]) for _ in range(3)] == [set()] * 3
    code = f"""
from pathlib import Path
from rekog.emulator.state import worker_locks as locks
print(locks.remove_dead(Path({str(tmp_path)!r}), [{lock.name!r}]))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_lock_files_of_dead_workers_are_removed(tmp_path: Path, lock: WorkerLock) -> None:
    (tmp_path / "worker-dead.lock").touch()
    with Emulator(data=tmp_path):
        pass
    assert worker_locks.lock_names(tmp_path) == {lock.name}


def test_a_file_that_cannot_be_opened_counts_as_locked(tmp_path: Path) -> None:
    (tmp_path / "worker-odd.lock").mkdir()
    assert worker_locks.remove_dead(tmp_path, ["odd"]) == set()


def test_a_file_with_other_content_counts_as_locked(tmp_path: Path) -> None:
    (tmp_path / "worker-odd.lock").write_bytes(b"not a database, but long enough to have a head" * 10)
    assert worker_locks.remove_dead(tmp_path, ["odd"]) == set()
    assert worker_locks.lock_names(tmp_path) == {"odd"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_the_exit_of_a_fork_does_not_release_the_lock(tmp_path: Path) -> None:
    code = f"""
import os, sys
from pathlib import Path
from rekog.emulator.state import worker_locks as locks
folder = Path({str(tmp_path)!r})
lock = locks.WorkerLock(folder)
lock.acquire()
child = os.fork()
if not child:
    sys.exit()
os.waitpid(child, 0)
print(locks.lock_names(folder) == {{lock.name}}, locks.remove_dead(folder, [lock.name]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    assert (done.stdout, done.stderr) == ("True set()\n", "")
