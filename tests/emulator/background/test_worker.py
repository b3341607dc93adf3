"""What takes long is done beside the requests: it keeps none of them waiting, and survives the end of the process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from rekog.emulator.background.worker import MAX_WAITING, StoppedError, Worker
from rekog.emulator.handlers.jobs import settled_job
from rekog.emulator.handlers.videos import kinds
from rekog.emulator.handlers.videos.requests import page, start
from rekog.emulator.scope import Scope
from rekog.emulator.services.objects import Objects
from rekog.emulator.services.sns import Notifications
from rekog.emulator.state import State, schedule
from rekog.emulator.state.schedule import Priority, StepKind
from rekog.emulator.vision import Vision
from rekog.models import GetFaceDetectionRequest, S3Object, StartFaceDetectionRequest, Video
from tests.kit.contexts import context_and_worker
from tests.kit.videos import FRAME_SIDE, VIDEO, VIDEO_NAME, put_video, video_file
from tests.kit.wire import WireClient, plain_image

if TYPE_CHECKING:
    from rekog.emulator.context import Context
    from rekog.emulator.services.sns import Notification

LONG = 60.0
"""Seconds after which a test that waits gives up; nothing here takes near as long."""
HOUR = 3600.0
THREAD = "rekog-emulator-worker"
TOPIC = "arn:aws:sns:us-east-1:123456789012:done"
CHANNEL = {"SNSTopicArn": TOPIC, "RoleArn": "arn:aws:iam::123456789012:role/Rekognition"}
SCOPE = Scope("123456789012", "us-east-1")
NOBODY = Notifications()
FACES = StartFaceDetectionRequest(video=Video(s3_object=S3Object(bucket="videos", name="trip.mp4")))


class Gate:
    """A detector that stops at its first picture until it is let go on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.looks = 0

    def detect(self, image: object) -> list[Any]:
        self.looks += 1
        self.reached.set()
        assert self.opened.wait(LONG)
        return []


def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def threads() -> set[threading.Thread]:
    """Return the threads of all workers, of which another test may have left some that are about to end."""
    return {thread for thread in threading.enumerate() if thread.name == THREAD}


def movie() -> bytes:
    """Return a video in which six frames are looked at."""
    return video_file([plain_image(FRAME_SIDE, FRAME_SIDE)] * 3)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture
def gated(gate: Gate, clock: ManualClock, pool: ThreadPoolExecutor) -> Iterator[Emulator]:
    """An emulator whose jobs take an hour, and that can't look at its video before the gate is opened."""
    with Emulator(face_detector=gate, clock=clock, durations=Durations(job=HOUR)) as opened:
        put_video(opened, movie())
        yield opened
        gate.opened.set()


def begun(emulator: Emulator, gate: Gate, **more: Any) -> dict[str, str]:
    """Start a job, and return its id once it looks at its video."""
    job: dict[str, str] = WireClient(emulator)("StartFaceDetection", Video=VIDEO, **more).body
    assert gate.reached.wait(LONG)
    return job


# requests


def test_a_job_looks_at_its_video_from_its_start_on(gated: Emulator, gate: Gate) -> None:
    begun(gated, gate)  # an hour before it is due, and nobody asked


def test_a_job_that_is_not_due_is_in_progress_though_it_looks(gated: Emulator, gate: Gate) -> None:
    job = begun(gated, gate)
    assert WireClient(gated)("GetFaceDetection", **job).body["JobStatus"] == "IN_PROGRESS"


def test_other_requests_are_answered_while_a_due_job_looks(gated: Emulator, gate: Gate, clock: ManualClock) -> None:
    begun(gated, gate)
    clock.advance(HOUR)
    wire = WireClient(gated)
    assert wire("CreateCollection", CollectionId="people").status == 200
    assert wire("ListCollections").body["CollectionIds"] == ["people"]
    put_video(gated, labels=[])
    assert wire("StartLabelDetection", Video=VIDEO).status == 200
    assert not gate.opened.is_set()


def test_a_request_for_a_due_job_waits_for_its_end(
    gated: Emulator, gate: Gate, clock: ManualClock, pool: ThreadPoolExecutor
) -> None:
    job = begun(gated, gate)
    clock.advance(HOUR)
    asked: Future[Any] = pool.submit(WireClient(gated), "GetFaceDetection", **job)
    gate.opened.set()
    assert asked.result(LONG).body["JobStatus"] == "SUCCEEDED"


def test_requests_that_wait_leave_threads_to_a_servers_other_requests(
    gated: Emulator, gate: Gate, clock: ManualClock
) -> None:
    job = begun(gated, gate)
    clock.advance(HOUR)
    with ThreadPoolExecutor(MAX_WAITING + 1) as many:
        asked = [many.submit(WireClient(gated), "GetFaceDetection", **job) for _ in range(MAX_WAITING + 1)]
        first = next(as_completed(asked, timeout=LONG))
        assert first.result().body["JobStatus"] == "IN_PROGRESS"
        gate.opened.set()


def test_what_was_seen_from_the_start_on_is_not_looked_at_again(
    gated: Emulator, gate: Gate, clock: ManualClock
) -> None:
    job = begun(gated, gate)
    clock.advance(HOUR)
    gate.opened.set()
    assert WireClient(gated)("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
    assert gate.looks == 6


def test_a_video_that_was_replaced_is_looked_at_anew(gated: Emulator, gate: Gate, clock: ManualClock) -> None:
    job = begun(gated, gate)
    gate.opened.set()
    until(lambda: gate.looks == 6)
    put_video(gated, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
    clock.advance(HOUR)
    assert WireClient(gated)("GetFaceDetection", **job).body["VideoMetadata"]["DurationMillis"] == 1000
    assert gate.looks == 6 + 2


def test_a_due_job_that_still_looks_takes_no_slot(gate: Gate, clock: ManualClock) -> None:
    settings: dict[str, Any] = {"clock": clock, "durations": Durations(job=HOUR), "limits": Limits(concurrent_jobs=1)}
    with Emulator(face_detector=gate, **settings) as emulator:
        put_video(emulator, movie())
        begun(emulator, gate)
        wire = WireClient(emulator)
        assert wire("StartFaceDetection", Video=VIDEO).refusal[0] == "LimitExceededException"
        clock.advance(HOUR)
        assert wire("StartFaceDetection", Video=VIDEO).status == 200
        gate.opened.set()


def test_declared_faces_are_not_looked_for(gate: Gate) -> None:
    with Emulator(face_detector=gate) as emulator:
        put_video(emulator, movie(), faces=[])
        wire = WireClient(emulator)
        job = wire("StartFaceDetection", Video=VIDEO).body
        assert wire("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
        assert gate.looks == 0


def test_what_is_declared_after_the_start_counts_though_the_job_takes_no_time(
    emulator: Emulator, wire: WireClient
) -> None:
    put_video(emulator)
    job = wire("StartLabelDetection", Video=VIDEO).body
    emulator.declare(VIDEO_NAME, labels=["Cat"])
    emulator.declare(VIDEO_NAME, labels=[{"Timestamp": 0, "Name": "Dog"}])
    (found,) = wire("GetLabelDetection", **job).body["Labels"]
    assert found["Label"]["Name"] == "Dog"


def test_many_jobs_all_end(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, movie(), labels=[])
    jobs = [wire(f"Start{kind}", Video=VIDEO).body for kind in ("FaceDetection", "LabelDetection") for _ in range(8)]
    with ThreadPoolExecutor(8) as many:
        asked = [many.submit(wire, "GetFaceDetection", **job) for job in jobs[:8]]
        asked += [many.submit(wire, "GetLabelDetection", **job) for job in jobs[8:]]
        assert {answer.result(LONG).body["JobStatus"] for answer in asked} == {"SUCCEEDED"}


@pytest.mark.parametrize("look", ["ListMediaAnalysisJobs", "GetMediaAnalysisJob"])
def test_a_job_of_media_analysis_is_ended_by_the_look_at_it(emulator: Emulator, wire: WireClient, look: str) -> None:
    emulator.put_object("photos", "manifest.jsonl", b'{"source-ref": "s3://photos/none.jpg"}')
    place = {"S3Object": {"Bucket": "photos", "Name": "manifest.jsonl"}}
    config: dict[str, Any] = {"DetectModerationLabels": {}}
    asked = {"Input": place, "OperationsConfig": config, "OutputConfig": {"S3Bucket": "results"}}
    job = wire("StartMediaAnalysisJob", **asked).body
    answer = wire(look, **(job if look.startswith("Get") else {})).body
    (described,) = answer.get("MediaAnalysisJobs", [answer])
    assert described["Status"] == "SUCCEEDED"


# the clock


def test_by_a_clock_that_runs_a_job_ends_and_tells_its_topic_though_nobody_asks() -> None:
    heard = threading.Event()

    def notify(_notification: Notification) -> None:
        heard.set()

    with Emulator(notify=notify, durations=Durations(job=0.2)) as emulator:
        put_video(emulator, labels=[])
        assert WireClient(emulator)("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).status == 200
        assert heard.wait(LONG)


def test_reading_the_notifications_waits_for_those_on_their_way(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=[])
    wire("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL)
    wire("ListCollections")  # finds the job due
    assert len(emulator.notifications) == 1


# the end of the process


def test_an_emulator_that_is_closed_leaves_its_jobs_to_the_next(
    tmp_path: Path, gate: Gate, clock: ManualClock, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = threads()
    settings: dict[str, Any] = {"data": tmp_path, "clock": clock, "durations": Durations(job=HOUR)}
    emulator = Emulator(face_detector=gate, **settings)
    put_video(emulator, movie())
    job = begun(emulator, gate)
    (thread,) = threads() - before
    waits = threading.Event()

    def join(seconds: float | None = None) -> None:
        waits.set()
        threading.Thread.join(thread, seconds)

    monkeypatch.setattr(thread, "join", join)
    closed = pool.submit(emulator.close)
    assert waits.wait(LONG)  # for what is being done
    gate.opened.set()
    closed.result(LONG)
    second = Gate()
    second.opened.set()
    with Emulator(face_detector=second, **settings) as again:
        assert second.reached.wait(LONG)  # though nobody asked
        clock.advance(HOUR)
        assert WireClient(again)("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
    assert second.looks == 6


@pytest.mark.parametrize("job_seconds", [0, 3600])
def test_an_emulator_that_nobody_closed_does_not_crash_the_interpreter_at_its_end(job_seconds: int) -> None:
    code = f"""
import time
from rekog.emulator import Durations, Emulator
from tests.kit.videos import VIDEO, video_file, frames_of_people, put_video
from tests.kit.wire import WireClient
emulator = Emulator(durations=Durations(job={job_seconds}))
put_video(emulator, video_file(frames_of_people() * 20))
wire = WireClient(emulator)
wire("StartFaceDetection", Video=VIDEO)
time.sleep(0.3)
wire("ListCollections")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LONG, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def killed(code: str, data: Path) -> str:
    """Run code with an emulator that is killed while it runs, and return what it wrote before."""
    head = f"""
import os, signal
from rekog.emulator import Emulator
from tests.kit.videos import VIDEO, video_file, put_video
from tests.emulator.background.test_worker import CHANNEL, movie
from tests.kit.wire import WireClient
def die(_):
    os.kill(os.getpid(), signal.SIGKILL)
class Deadly:
    detect = staticmethod(die)
DATA = {str(data)!r}
"""
    done = subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout.strip()


def test_a_process_that_is_killed_while_it_looks_looks_again_when_it_runs_again(tmp_path: Path) -> None:
    killed(
        """
import time
emulator = Emulator(data=DATA, face_detector=Deadly())
put_video(emulator, movie())
WireClient(emulator)("StartFaceDetection", Video=VIDEO, ClientRequestToken="one")
time.sleep(60)
""",
        tmp_path,
    )
    session_wire = Gate()
    session_wire.opened.set()
    with Emulator(data=tmp_path, face_detector=session_wire) as emulator:
        assert session_wire.reached.wait(LONG)  # though nobody asked
        wire = WireClient(emulator)
        job = wire("StartFaceDetection", Video=VIDEO, ClientRequestToken="one").body  # the job of the first process
        assert wire("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
        assert session_wire.looks == 6


def test_a_message_that_a_killed_process_did_not_deliver_is_delivered_by_the_next(tmp_path: Path) -> None:
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
    heard: list[Notification] = []
    with Emulator(data=tmp_path, notify=heard.append) as emulator:
        until(lambda: bool(heard))  # though nobody asked
        assert WireClient(emulator)("GetLabelDetection", JobId=job).body["JobStatus"] == "SUCCEEDED"
        assert [one.message["JobId"] for one in emulator.notifications] == [job]
    with Emulator(data=tmp_path, notify=heard.append) as emulator:
        assert emulator.notifications == ()
    assert [(one.topic_arn, one.message["JobId"], one.message["Status"]) for one in heard] == [
        (TOPIC, job, "SUCCEEDED")
    ]


def test_of_two_emulators_on_one_folder_one_ends_a_job(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    heard: list[str] = []

    def notify(notification: Notification) -> None:
        time.sleep(0.01)  # for both to come upon it
        heard.append(str(notification.message["JobId"]))

    with Emulator(data=tmp_path, notify=notify) as one, Emulator(data=tmp_path, notify=notify) as other:
        put_video(one, labels=[])
        wires = [WireClient(one), WireClient(other)]
        jobs = [wires[0]("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body for _ in range(6)]
        asked = [pool.submit(wire, "GetLabelDetection", **job) for job in jobs for wire in wires]
        assert {answer.result(LONG).body["JobStatus"] for answer in asked} == {"SUCCEEDED"}
        assert len(one.notifications) + len(other.notifications) == len(jobs)
    assert sorted(heard) == sorted(job["JobId"] for job in jobs)


# messages


def test_a_message_that_fails_is_sent_again_later_and_given_up_in_the_end(clock: ManualClock) -> None:
    tries: list[float] = []

    def broken(_notification: Notification) -> None:
        tries.append(clock())
        raise OSError("no topic")

    with Emulator(notify=broken, clock=clock) as emulator:
        put_video(emulator, labels=[])
        wire = WireClient(emulator)
        job = wire("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body
        assert wire("GetLabelDetection", **job).body["JobStatus"] == "SUCCEEDED"
        for _ in range(90):
            clock.advance(1)
            wire("ListCollections")
            assert len(emulator.notifications) == 1  # waits for those on their way
    first = tries[0]
    assert [moment - first for moment in tries] == [0, 1, 11, 71]


def test_a_message_that_failed_once_is_not_sent_again_after_it_was_delivered(clock: ManualClock) -> None:
    tries: list[str] = []

    def shaky(notification: Notification) -> None:
        tries.append(notification.text)
        if len(tries) == 1:
            raise OSError("no topic")

    with Emulator(notify=shaky, clock=clock) as emulator:
        put_video(emulator, labels=[])
        wire = WireClient(emulator)
        wire("GetLabelDetection", **wire("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body)
        for _ in range(20):
            clock.advance(10)
            wire("ListCollections")
            assert len(emulator.notifications) == 1
    assert len(tries) == 2
    assert tries[0] == tries[1]


def test_a_function_that_gets_messages_may_run_another_job() -> None:
    states: list[str] = []

    def notify(notification: Notification) -> None:
        if notification.message["API"] == "StartLabelDetection":
            wire = WireClient(emulator)
            job = wire("StartTextDetection", Video=VIDEO, NotificationChannel=CHANNEL).body
            states.append(wire("GetTextDetection", **job).body["JobStatus"])
            assert [each.message["API"] for each in emulator.notifications] == [
                "StartLabelDetection",
                "StartTextDetection",
            ]

    with Emulator(notify=notify) as emulator:
        put_video(emulator, labels=[], text=[])
        wire = WireClient(emulator)
        wire("GetLabelDetection", **wire("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body)
        assert len(emulator.notifications) == 2
    assert states == ["SUCCEEDED"]


# the worker by itself


@pytest.fixture
def context(gate: Gate) -> Iterator[Context]:
    with closing(State()) as state:
        objects = Objects(None, state)
        objects.put("videos", "trip.mp4", movie())
        made, worker = context_and_worker(state, time.time, objects=objects, vision=Vision(face_detector=gate))
        yield made
        gate.opened.set()
        worker.close()


def hurried(
    state: State,
    objects: Objects,
    vision: Vision,
    clock: Callable[[], float],
    notifications: Notifications | None = None,
) -> tuple[Context, Worker]:
    """Return a context and a worker that wait for next to nothing."""
    return context_and_worker(state, clock, objects=objects, vision=vision, notifications=notifications, patience=0.05)


def test_a_request_is_patient_for_a_while_and_then_says_that_the_job_is_in_progress(
    context: Context, gate: Gate
) -> None:
    asking, worker = hurried(context.state, context.objects, context.vision, time.time)
    job = str(start(kinds.FACES, asking, FACES).wire["JobId"])
    assert gate.reached.wait(LONG)
    answer = page(kinds.FACES, asking, GetFaceDetectionRequest(job_id=job)).wire
    assert (answer["JobStatus"], answer["Faces"]) == ("IN_PROGRESS", [])
    gate.opened.set()
    until(lambda: settled_job(asking, "FaceDetection", job).status == "SUCCEEDED")
    worker.close()


def test_a_step_that_breaks_is_logged_and_due_again_later(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
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
        worker.start()
        worker.wait("job")
        assert "nowhere.nothing failed" in caplog.text
        with state.read() as connection:
            work = [schedule.worker_steps(connection, clock() + later) for later in (29, 30)]
        worker.close()
    assert work == [(0, False), (1, False)]


def test_a_step_that_outlasts_the_emulator_is_left_without_noise(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    before = threads()
    state = State()
    objects = Objects(None, state)
    objects.put("videos", "trip.mp4", movie())
    context, worker = hurried(state, objects, Vision(face_detector=gate), time.time)
    start(kinds.FACES, context, FACES)
    assert gate.reached.wait(LONG)
    (thread,) = threads() - before
    worker.close()  # has no patience
    state.close()
    gate.opened.set()
    thread.join(LONG)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_message_that_outlasts_the_emulator_is_left_to_the_next(
    tmp_path: Path, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    before = threads()
    state = State(tmp_path)
    _, worker = hurried(state, Objects(None, state), Vision(), time.time, Notifications(gate.detect))
    message: dict[str, Any] = {"TopicArn": TOPIC, "RoleArn": "role", "Message": {"JobId": "job"}}
    with state.write() as connection:
        detail: dict[str, Any] = {"JobId": "job", "Attempt": 0, "Notification": message}
        schedule.add(
            connection,
            SCOPE,
            1.0,
            StepKind.SEND_NOTIFICATION,
            detail,
            priority=Priority.NOTIFICATION,
            subject="job",
            ready=True,
        )
    worker.start()
    assert gate.reached.wait(LONG)
    (thread,) = threads() - before
    worker.close()  # has no patience
    state.close()
    gate.opened.set()
    thread.join(LONG)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    with Emulator(data=tmp_path) as emulator:
        assert [each.message for each in emulator.notifications] == [{"JobId": "job"}]


def test_a_failing_end_of_a_closed_emulator_is_no_failure_of_the_job(tmp_path: Path, gate: Gate) -> None:
    class Breaking(Gate):
        def detect(self, image: object) -> list[Any]:
            super().detect(image)
            raise RuntimeError("no eyes")

    session_wire, before = Breaking(), threads()
    with closing(State(tmp_path)) as state:
        objects = Objects(None, state)
        objects.put("videos", "trip.mp4", movie())
        context, worker = hurried(state, objects, Vision(face_detector=session_wire), ManualClock())
        job = str(start(kinds.FACES, context, FACES).wire["JobId"])
        assert session_wire.reached.wait(LONG)
        session_wire.opened.set()
        until(lambda: threads() <= before)
        session_wire.opened.clear()
        session_wire.reached.clear()
        assert settled_job(context, "FaceDetection", job).status == "IN_PROGRESS"  # its end looks again
        assert session_wire.reached.wait(LONG)
        worker.close()
        session_wire.opened.set()
        until(lambda: threads() <= before)
        assert settled_job(context, "FaceDetection", job).status == "IN_PROGRESS"


def test_a_step_is_not_taken_for_another_that_a_snapshot_brought_in_its_place(tmp_path: Path, gate: Gate) -> None:
    with Emulator(face_detector=gate) as emulator:
        put_video(emulator, movie())
        wire = WireClient(emulator)
        emulator.snapshot(tmp_path / "before")
        begun(emulator, gate)  # the step with the first key, and it goes on
        emulator.restore(tmp_path / "before")
        job = wire("StartFaceDetection", Video=VIDEO).body  # its step has the same key
        gate.opened.set()
        assert wire("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"


def test_a_step_that_goes_on_in_a_closed_emulator_is_left() -> None:
    with closing(State()) as state:
        _, worker = context_and_worker(state, time.time)
        worker.raise_if_closed()
        worker.close()
        with pytest.raises(StoppedError):
            worker.raise_if_closed()
        worker.start()
        worker.wait()


def test_the_thread_is_there_only_while_there_is_something_to_do(emulator: Emulator, wire: WireClient) -> None:
    before = threads()
    put_video(emulator, labels=[])
    wire("GetLabelDetection", **wire("StartLabelDetection", Video=VIDEO).body)
    until(lambda: threads() <= before)
