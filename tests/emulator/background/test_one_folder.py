"""Several emulators on one folder: a step is left to the one that does it for as long as that one lives."""

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
from typing import TYPE_CHECKING, cast

import pytest

from rekog.emulator import Emulator
from rekog.emulator.__main__ import main
from rekog.emulator.state import State, schedule, worker_locks
from rekog.emulator.state.schedule import Priority, StepKind
from rekog.emulator.state.schema import MIGRATIONS, migrate
from rekog.emulator.state.store import FILE_NAME
from rekog.emulator.state.worker_locks import WorkerLock
from tests.emulator.background.test_worker import LONG, SCOPE, THREAD, TOPIC, killed, threads, until
from tests.kit.contexts import context_and_worker
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from rekog.emulator.services.sns import Notification

MESSAGE = {
    "JobId": "job",
    "Attempt": 0,
    "Notification": {"TopicArn": TOPIC, "RoleArn": "role", "Message": {"JobId": "job"}},
}


class Topic:
    """A topic that does not take its messages before it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.heard: list[str] = []

    def __call__(self, notification: Notification) -> None:
        self.reached.set()
        assert self.opened.wait(LONG)
        self.heard.append(str(notification.message["JobId"]))


@pytest.fixture
def topic() -> Iterator[Topic]:
    made = Topic()
    yield made
    made.opened.set()


def add(state: State, taker: str = "") -> None:
    """Add a message that is to be sent, and that a taker has taken."""
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
        if taker:
            schedule.take(connection, taker)


def rows(folder: Path) -> list[tuple[object, ...]]:
    """Return all steps that are left in a folder."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return connection.execute("SELECT kind, stage, taker FROM event").fetchall()


def sends(emulator: Emulator, data: Path, topic: Topic) -> None:
    """Let an emulator begin to send a message to a topic that does not take it yet."""
    with closing(State(data)) as state:
        add(state)
    WireClient(emulator)("ListCollections")
    assert topic.reached.wait(LONG)


def test_a_message_that_is_being_sent_is_not_sent_by_another_emulator(tmp_path: Path, topic: Topic) -> None:
    others: list[object] = []
    with Emulator(data=tmp_path, notify=topic) as one:
        sends(one, tmp_path, topic)
        with Emulator(data=tmp_path, notify=others.append) as other:
            WireClient(other)("ListCollections")
        topic.opened.set()
    assert (topic.heard, others) == (["job"], [])


@pytest.mark.parametrize("words", [["snapshot", "saved"], ["restore", "before"]])
def test_a_command_sends_no_message_that_is_being_sent(
    tmp_path: Path, topic: Topic, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    with Emulator(data=data, notify=topic) as emulator:
        sends(emulator, data, topic)
        emulator.snapshot("before")
        assert main([*words, "--data", str(data)]) == 0
        assert len(rows(data)) == 1
        topic.opened.set()
    assert topic.heard == ["job"]


@pytest.mark.parametrize("taker", ["", "somebody"])
def test_a_snapshot_by_command_leaves_the_steps_as_they_are(tmp_path: Path, taker: str) -> None:
    with closing(State(tmp_path)) as state:
        add(state, taker)
    before = rows(tmp_path)
    assert main(["snapshot", str(tmp_path / "saved"), "--data", str(tmp_path)]) == 0
    assert rows(tmp_path) == before


def test_a_message_that_a_killed_process_did_not_deliver_outlasts_a_snapshot(tmp_path: Path) -> None:
    job = killed(
        """
emulator = Emulator(data=DATA, notify=die)
put_video(emulator, labels=[])
job = WireClient(emulator)("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body
print(job["JobId"], flush=True)
WireClient(emulator)("GetLabelDetection", **job)
""",
        tmp_path,
    )
    assert main(["snapshot", str(tmp_path / "saved"), "--data", str(tmp_path)]) == 0
    heard: list[Notification] = []
    with Emulator(data=tmp_path, notify=heard.append):
        until(lambda: bool(heard))
    assert [one.message["JobId"] for one in heard] == [job]


def test_an_emulator_takes_over_when_another_is_killed_though_nobody_asks(tmp_path: Path) -> None:
    code = f"""
import threading
from rekog.emulator import Emulator
from tests.kit.videos import VIDEO, put_video
from tests.emulator.background.test_worker import CHANNEL
from tests.kit.wire import WireClient
def hang(_):
    print("reached", flush=True)
    threading.Event().wait()
emulator = Emulator(data={str(tmp_path)!r}, notify=hang)
put_video(emulator, labels=[])
job = WireClient(emulator)("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body
WireClient(emulator)("GetLabelDetection", **job)
"""
    heard: list[Notification] = []
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "reached\n"
            with Emulator(data=tmp_path, notify=heard.append) as emulator:
                WireClient(emulator)("ListCollections")
                assert heard == []
                process.send_signal(signal.SIGKILL)
                until(lambda: bool(heard))
        finally:
            process.kill()
    assert list(tmp_path.glob("worker-*")) == []


def test_a_request_that_waits_takes_over_when_another_is_gone(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator, closing(State(tmp_path)) as state:
        add(state, "somebody")
        assert len(emulator.notifications) == 1  # which waits for those on their way


def test_what_a_snapshot_says_to_be_taken_is_done_after_its_restore(tmp_path: Path, topic: Topic) -> None:
    heard: list[Notification] = []
    with Emulator(data=tmp_path / "one", notify=topic) as one, Emulator(notify=heard.append) as other:
        sends(one, tmp_path / "one", topic)
        one.snapshot(tmp_path / "saved")
        other.restore(tmp_path / "saved")
        until(lambda: bool(heard))
        topic.opened.set()


def test_a_step_of_an_older_file_that_was_taken_is_done(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        migrate(connection, MIGRATIONS[:1])
        connection.commit()
    with closing(State(tmp_path)) as state:
        add(state)
        with state.write() as connection:
            connection.execute("UPDATE event SET stage = 2")  # as it was before takers had names
    heard: list[Notification] = []
    with Emulator(data=tmp_path, notify=heard.append):
        until(lambda: bool(heard))


def test_a_step_whose_worker_broke_off_is_done_by_its_next_thread(caplog: pytest.LogCaptureFixture) -> None:
    before = threads()
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
                cast(StepKind, "nowhere.nothing"),
                {},
                priority=Priority.JOB_END,
                subject="job",
                ready=True,
            )
        worker.start()  # the step fails, and so does putting it off
        until(lambda: "the worker stopped" in caplog.text and threads() <= before)
        broken.clear()
        worker.start()
        worker.wait("job")
        with state.read() as connection:
            left = schedule.worker_steps(connection, clock() + 30)
        worker.close()
    assert left == (1, False)


# takers


@pytest.fixture
def taker(tmp_path: Path) -> Iterator[WorkerLock]:
    made = WorkerLock(tmp_path)
    made.acquire()
    yield made
    made.release()


def test_a_taker_is_there_until_it_lets_go(tmp_path: Path, taker: WorkerLock) -> None:
    assert worker_locks.remove_dead(tmp_path, [taker.name]) == set()
    taker.release()
    taker.release()
    assert worker_locks.remove_dead(tmp_path, [taker.name]) == {taker.name}


def test_looking_for_a_taker_does_not_take_its_lock_away(tmp_path: Path, taker: WorkerLock) -> None:
    assert [worker_locks.remove_dead(tmp_path, [taker.name]) for _ in range(3)] == [set()] * 3
    code = f"""
from pathlib import Path
from rekog.emulator.state import worker_locks as takers
print(takers.remove_dead(Path({str(tmp_path)!r}), [{taker.name!r}]))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_files_of_the_dead_are_removed(tmp_path: Path, taker: WorkerLock) -> None:
    (tmp_path / "worker-dead.lock").touch()
    with Emulator(data=tmp_path):
        pass
    assert worker_locks.lock_names(tmp_path) == {taker.name}


def test_a_file_that_can_not_be_opened_counts_as_held(tmp_path: Path) -> None:
    (tmp_path / "worker-odd.lock").mkdir()
    assert worker_locks.remove_dead(tmp_path, ["odd"]) == set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_that_ends_does_not_let_go(tmp_path: Path) -> None:
    code = f"""
import os, sys
from pathlib import Path
from rekog.emulator.state import worker_locks as takers
folder = Path({str(tmp_path)!r})
name = takers.WorkerLock(folder)
name.acquire()
child = os.fork()
if not child:
    sys.exit()
os.waitpid(child, 0)
print(takers.lock_names(folder) == {{name.name}}, takers.remove_dead(folder, [name.name]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LONG, check=False)
    assert (done.stdout, done.stderr) == ("True set()\n", "")
