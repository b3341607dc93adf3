"""Background worker: its steps do not delay other requests, and survive the end of the process."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from rekog.emulator.background.worker import MAX_WAITING, StoppedError, Worker
from rekog.emulator.handlers.jobs import settled_job
from rekog.emulator.handlers.videos import kinds
from rekog.emulator.handlers.videos.requests import get as page
from rekog.emulator.handlers.videos.requests import start
from rekog.emulator.services.objects import Objects
from rekog.emulator.services.sns import Notifications
from rekog.emulator.state import State, schedule
from rekog.emulator.state.schedule import Priority, StepKind
from rekog.emulator.vision import Vision
from rekog.models import GetFaceDetectionRequest, S3Object, StartFaceDetectionRequest, Video
from tests.emulator.background.jobs import CHANNEL, TOPIC, run_until_killed, six_frames, worker_threads
from tests.kit.clock import LIMIT_SECONDS, wait_until
from tests.kit.contexts import SCOPE, context_and_worker
from tests.kit.videos import FRAME_SIDE, VIDEO, VIDEO_NAME, put_video, video_file
from tests.kit.wire import WireClient, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Notification
    from rekog.emulator.context import Context

HOUR = 3600.0
FACES = StartFaceDetectionRequest(video=Video(s3_object=S3Object(bucket="videos", name="trip.mp4")))


class PausedDetector:
    """A detector that blocks at its first image until it is released, and counts its calls."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()
        self.calls = 0

    def detect(self, image: object) -> list[Any]:
        self.calls += 1
        self.reached.set()
        assert self.released.wait(LIMIT_SECONDS)
        return []


@pytest.fixture
def detector() -> Iterator[PausedDetector]:
    made = PausedDetector()
    yield made
    made.released.set()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture
def paused(detector: PausedDetector, clock: ManualClock, pool: ThreadPoolExecutor) -> Iterator[Emulator]:
    """An emulator whose jobs take an hour, and whose detector blocks until it is released."""
    with Emulator(face_detector=detector, clock=clock, durations=Durations(job=HOUR)) as opened:
        put_video(opened, six_frames())
        yield opened
        detector.released.set()


def start_job(emulator: Emulator, detector: PausedDetector, **more: Any) -> dict[str, str]:
    """Start a job, and return its id once the analysis of its video has begun."""
    job: dict[str, str] = WireClient(emulator)("StartFaceDetection", Video=VIDEO, **more).body
    assert detector.reached.wait(LIMIT_SECONDS)
    return job


# requests


def test_a_job_analyses_its_video_from_its_start(paused: Emulator, detector: PausedDetector) -> None:
    start_job(paused, detector)  # an hour before the job is due, and without another request


def test_a_job_is_in_progress_until_it_is_due(paused: Emulator, detector: PausedDetector) -> None:
    job = start_job(paused, detector)
    assert WireClient(paused)("GetFaceDetection", **job).body["JobStatus"] == "IN_PROGRESS"


def test_other_requests_get_responses_while_a_due_job_analyses_its_video(
    paused: Emulator, detector: PausedDetector, clock: ManualClock
) -> None:
    start_job(paused, detector)
    clock.advance(HOUR)
    wire = WireClient(paused)
    assert wire("CreateCollection", CollectionId="people").status == 200
    assert wire("ListCollections").body["CollectionIds"] == ["people"]
    put_video(paused, labels=[])
    assert wire("StartLabelDetection", Video=VIDEO).status == 200
    assert not detector.released.is_set()


def test_a_request_for_a_due_job_waits_for_its_end(
    paused: Emulator, detector: PausedDetector, clock: ManualClock, pool: ThreadPoolExecutor
) -> None:
    job = start_job(paused, detector)
    clock.advance(HOUR)
    future: Future[Any] = pool.submit(WireClient(paused), "GetFaceDetection", **job)
    detector.released.set()
    assert future.result(LIMIT_SECONDS).body["JobStatus"] == "SUCCEEDED"


def test_the_number_of_requests_that_wait_is_limited(
    paused: Emulator, detector: PausedDetector, clock: ManualClock
) -> None:
    job = start_job(paused, detector)
    clock.advance(HOUR)
    with ThreadPoolExecutor(MAX_WAITING + 1) as pool:
        futures = [pool.submit(WireClient(paused), "GetFaceDetection", **job) for _ in range(MAX_WAITING + 1)]
        first = next(as_completed(futures, timeout=LIMIT_SECONDS))
        assert first.result().body["JobStatus"] == "IN_PROGRESS"
        detector.released.set()


def test_each_frame_is_analysed_once(paused: Emulator, detector: PausedDetector, clock: ManualClock) -> None:
    job = start_job(paused, detector)
    clock.advance(HOUR)
    detector.released.set()
    assert WireClient(paused)("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
    assert detector.calls == 6


def test_a_replaced_video_is_analysed_again(paused: Emulator, detector: PausedDetector, clock: ManualClock) -> None:
    job = start_job(paused, detector)
    detector.released.set()
    wait_until(lambda: detector.calls == 6)
    put_video(paused, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
    clock.advance(HOUR)
    assert WireClient(paused)("GetFaceDetection", **job).body["VideoMetadata"]["DurationMillis"] == 1000
    assert detector.calls == 6 + 2


def test_a_due_job_does_not_count_as_concurrent_while_its_analysis_runs(
    detector: PausedDetector, clock: ManualClock
) -> None:
    settings: dict[str, Any] = {"clock": clock, "durations": Durations(job=HOUR), "limits": Limits(concurrent_jobs=1)}
    with Emulator(face_detector=detector, **settings) as emulator:
        put_video(emulator, six_frames())
        start_job(emulator, detector)
        wire = WireClient(emulator)
        assert wire("StartFaceDetection", Video=VIDEO).refusal[0] == "LimitExceededException"
        clock.advance(HOUR)
        assert wire("StartFaceDetection", Video=VIDEO).status == 200
        detector.released.set()


def test_a_video_with_declared_faces_is_not_analysed(detector: PausedDetector) -> None:
    with Emulator(face_detector=detector) as emulator:
        put_video(emulator, six_frames(), faces=[])
        wire = WireClient(emulator)
        job = wire("StartFaceDetection", Video=VIDEO).body
        assert wire("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
        assert detector.calls == 0


def test_content_declared_after_the_start_of_a_job_without_duration_is_used(
    emulator: Emulator, wire: WireClient
) -> None:
    put_video(emulator)
    job = wire("StartLabelDetection", Video=VIDEO).body
    emulator.declare(VIDEO_NAME, labels=["Cat"])
    emulator.declare(VIDEO_NAME, labels=[{"Timestamp": 0, "Name": "Dog"}])
    (entry,) = wire("GetLabelDetection", **job).body["Labels"]
    assert entry["Label"]["Name"] == "Dog"


@pytest.mark.slow
def test_many_jobs_all_end(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, six_frames(), labels=[])
    jobs = [wire(f"Start{kind}", Video=VIDEO).body for kind in ("FaceDetection", "LabelDetection") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(wire, "GetFaceDetection", **job) for job in jobs[:8]]
        futures += [pool.submit(wire, "GetLabelDetection", **job) for job in jobs[8:]]
        assert {future.result(LIMIT_SECONDS).body["JobStatus"] for future in futures} == {"SUCCEEDED"}


@pytest.mark.parametrize("operation", ["ListMediaAnalysisJobs", "GetMediaAnalysisJob"])
def test_a_request_for_a_media_analysis_job_ends_it(emulator: Emulator, wire: WireClient, operation: str) -> None:
    emulator.put_object("photos", "manifest.jsonl", b'{"source-ref": "s3://photos/none.jpg"}')
    manifest = {"S3Object": {"Bucket": "photos", "Name": "manifest.jsonl"}}
    config: dict[str, Any] = {"DetectModerationLabels": {}}
    request = {"Input": manifest, "OperationsConfig": config, "OutputConfig": {"S3Bucket": "results"}}
    job = wire("StartMediaAnalysisJob", **request).body
    response = wire(operation, **(job if operation.startswith("Get") else {})).body
    (described,) = response.get("MediaAnalysisJobs", [response])
    assert described["Status"] == "SUCCEEDED"


def test_a_listing_waits_for_all_its_jobs_together(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = {"S3Object": {"Bucket": "photos", "Name": "manifest.jsonl"}}
    config: dict[str, Any] = {"DetectModerationLabels": {}}
    request = {"Input": manifest, "OperationsConfig": config, "OutputConfig": {"S3Bucket": "results"}}
    waits: list[tuple[str, ...]] = []

    def wait(worker: Worker, *job_ids: str) -> None:
        waits.append(job_ids)
        worker_wait(worker, *job_ids)

    worker_wait = Worker.wait
    monkeypatch.setattr(Worker, "wait", wait)
    with Emulator(clock=clock, durations=Durations(job=60)) as emulator:
        emulator.put_object("photos", "manifest.jsonl", b'{"source-ref": "s3://photos/none.jpg"}')
        wire = WireClient(emulator)
        jobs = [wire("StartMediaAnalysisJob", **request).body["JobId"] for _ in range(3)]
        clock.advance(60)  # only now: the worker ends none of them before the listing
        listed = wire("ListMediaAnalysisJobs", MaxResults=2).body["MediaAnalysisJobs"]
        assert [job["Status"] for job in listed] == ["SUCCEEDED", "SUCCEEDED"]
        assert waits == [(jobs[2], jobs[1])]
        wire("ListMediaAnalysisJobs", MaxResults=2)
        assert len(waits) == 1


# the clock


def test_a_job_by_a_running_clock_ends_and_notifies_its_topic_without_a_request() -> None:
    received = threading.Event()

    def notify(_notification: Notification) -> None:
        received.set()

    with Emulator(notify=notify, durations=Durations(job=0.2)) as emulator:
        put_video(emulator, labels=[])
        assert WireClient(emulator)("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).status == 200
        assert received.wait(LIMIT_SECONDS)


def test_reading_the_notifications_waits_for_pending_ones(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=[])
    wire("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL)
    wire("ListCollections")  # hands over the due job
    assert len(emulator.notifications) == 1


# the end of the process


def test_the_next_emulator_ends_the_jobs_of_a_closed_one(
    tmp_path: Path,
    detector: PausedDetector,
    clock: ManualClock,
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = worker_threads()
    settings: dict[str, Any] = {"data": tmp_path, "clock": clock, "durations": Durations(job=HOUR)}
    emulator = Emulator(face_detector=detector, **settings)
    put_video(emulator, six_frames())
    job = start_job(emulator, detector)
    (thread,) = worker_threads() - before
    joined = threading.Event()

    def join(seconds: float | None = None) -> None:
        joined.set()
        threading.Thread.join(thread, seconds)

    monkeypatch.setattr(thread, "join", join)
    closed = pool.submit(emulator.close)
    assert joined.wait(LIMIT_SECONDS)  # the close waits for the running step
    detector.released.set()
    closed.result(LIMIT_SECONDS)
    second = PausedDetector()
    second.released.set()
    with Emulator(face_detector=second, **settings) as again:
        assert second.reached.wait(LIMIT_SECONDS)  # without a request
        clock.advance(HOUR)
        assert WireClient(again)("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
    assert second.calls == 6


@pytest.mark.slow
@pytest.mark.parametrize("job_seconds", [0, 3600])
def test_an_emulator_that_is_not_closed_does_not_crash_the_interpreter_at_exit(job_seconds: int) -> None:
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
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_analysis_of_a_killed_process_runs_again_in_the_next(tmp_path: Path) -> None:
    run_until_killed(
        """
import time
emulator = Emulator(data=DATA, face_detector=KillingDetector())
put_video(emulator, six_frames())
WireClient(emulator)("StartFaceDetection", Video=VIDEO, ClientRequestToken="one")
time.sleep(60)
""",
        tmp_path,
    )
    second_detector = PausedDetector()
    second_detector.released.set()
    with Emulator(data=tmp_path, face_detector=second_detector) as emulator:
        assert second_detector.reached.wait(LIMIT_SECONDS)  # without a request
        wire = WireClient(emulator)
        job = wire("StartFaceDetection", Video=VIDEO, ClientRequestToken="one").body  # the job of the first process
        assert wire("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"
        assert second_detector.calls == 6


def test_a_notification_that_a_killed_process_did_not_deliver_is_delivered_by_the_next(tmp_path: Path) -> None:
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
    received: list[Notification] = []
    with Emulator(data=tmp_path, notify=received.append) as emulator:
        wait_until(lambda: bool(received))  # without a request
        assert WireClient(emulator)("GetLabelDetection", JobId=job).body["JobStatus"] == "SUCCEEDED"
        assert [one.message["JobId"] for one in emulator.notifications] == [job]
    with Emulator(data=tmp_path, notify=received.append) as emulator:
        assert emulator.notifications == ()
    assert [(one.topic_arn, one.message["JobId"], one.message["Status"]) for one in received] == [
        (TOPIC, job, "SUCCEEDED")
    ]


def test_one_of_two_emulators_on_a_folder_ends_a_job(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    received: list[str] = []

    def notify(notification: Notification) -> None:
        time.sleep(0.01)  # long enough for both emulators to find the step
        received.append(str(notification.message["JobId"]))

    with Emulator(data=tmp_path, notify=notify) as one, Emulator(data=tmp_path, notify=notify) as other:
        put_video(one, labels=[])
        wires = [WireClient(one), WireClient(other)]
        jobs = [wires[0]("StartLabelDetection", Video=VIDEO, NotificationChannel=CHANNEL).body for _ in range(6)]
        futures = [pool.submit(wire, "GetLabelDetection", **job) for job in jobs for wire in wires]
        assert {future.result(LIMIT_SECONDS).body["JobStatus"] for future in futures} == {"SUCCEEDED"}
        assert len(one.notifications) + len(other.notifications) == len(jobs)
    assert sorted(received) == sorted(job["JobId"] for job in jobs)


# notifications


def test_a_failed_notification_is_sent_three_more_times(clock: ManualClock) -> None:
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
            assert len(emulator.notifications) == 1  # waits for pending notifications
    first = tries[0]
    assert [moment - first for moment in tries] == [0, 1, 11, 71]


def test_a_notification_is_not_sent_again_after_its_delivery(clock: ManualClock) -> None:
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


def test_a_notification_sink_may_run_another_job() -> None:
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


# the worker without an emulator


@pytest.fixture
def context(detector: PausedDetector) -> Iterator[Context]:
    with closing(State()) as state:
        objects = Objects(None, state)
        objects.put("videos", "trip.mp4", six_frames())
        made, worker = context_and_worker(state, time.time, objects=objects, vision=Vision(face_detector=detector))
        yield made
        detector.released.set()
        worker.close()


def impatient_worker(
    state: State,
    objects: Objects,
    vision: Vision,
    clock: Callable[[], float],
    notifications: Notifications | None = None,
) -> tuple[Context, Worker]:
    """Return a context and a worker that wait for at most 0.05 seconds."""
    return context_and_worker(
        state, clock, objects=objects, vision=vision, notifications=notifications, job_wait_seconds=0.05
    )


def test_a_request_waits_for_a_limited_time_and_then_reports_the_job_in_progress(
    context: Context, detector: PausedDetector
) -> None:
    impatient, worker = impatient_worker(context.state, context.objects, context.vision, time.time)
    job = str(start(kinds.FACES, impatient, FACES).wire["JobId"])
    assert detector.reached.wait(LIMIT_SECONDS)
    response = page(kinds.FACES, impatient, GetFaceDetectionRequest(job_id=job)).wire
    assert (response["JobStatus"], response["Faces"]) == ("IN_PROGRESS", [])
    detector.released.set()
    wait_until(lambda: settled_job(impatient, "FaceDetection", job).status == "SUCCEEDED")
    worker.close()


def test_a_step_that_fails_is_logged_and_due_again_later(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
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
        worker.wake()
        worker.wait("job")
        assert "video_work.finish failed; it runs again later" in caplog.text
        with state.read() as connection:
            work = [schedule.worker_steps(connection, clock() + later) for later in (29, 30)]
        worker.close()
    assert work == [(0, False), (1, False)]


def test_a_step_that_outlasts_the_emulator_logs_no_error(
    detector: PausedDetector, caplog: pytest.LogCaptureFixture
) -> None:
    before = worker_threads()
    state = State()
    objects = Objects(None, state)
    objects.put("videos", "trip.mp4", six_frames())
    context, worker = impatient_worker(state, objects, Vision(face_detector=detector), time.time)
    start(kinds.FACES, context, FACES)
    assert detector.reached.wait(LIMIT_SECONDS)
    (thread,) = worker_threads() - before
    worker.close()  # waits for 0.05 s only
    state.close()
    detector.released.set()
    thread.join(LIMIT_SECONDS)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_notification_that_outlasts_the_emulator_is_sent_by_the_next(
    tmp_path: Path, detector: PausedDetector, caplog: pytest.LogCaptureFixture
) -> None:
    before = worker_threads()
    state = State(tmp_path)
    _, worker = impatient_worker(state, Objects(None, state), Vision(), time.time, Notifications(detector.detect))
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
    worker.wake()
    assert detector.reached.wait(LIMIT_SECONDS)
    (thread,) = worker_threads() - before
    worker.close()  # waits for 0.05 s only
    state.close()
    detector.released.set()
    thread.join(LIMIT_SECONDS)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    with Emulator(data=tmp_path) as emulator:
        assert [each.message for each in emulator.notifications] == [{"JobId": "job"}]


def test_an_error_after_the_close_of_the_emulator_does_not_fail_the_job(
    tmp_path: Path, detector: PausedDetector
) -> None:
    class FailingDetector(PausedDetector):
        def detect(self, image: object) -> list[Any]:
            super().detect(image)
            raise RuntimeError("no detector")

    failing, before = FailingDetector(), worker_threads()
    with closing(State(tmp_path)) as state:
        objects = Objects(None, state)
        objects.put("videos", "trip.mp4", six_frames())
        context, worker = impatient_worker(state, objects, Vision(face_detector=failing), ManualClock())
        job = str(start(kinds.FACES, context, FACES).wire["JobId"])
        assert failing.reached.wait(LIMIT_SECONDS)
        failing.released.set()
        wait_until(lambda: worker_threads() <= before)
        failing.released.clear()
        failing.reached.clear()
        # the end of the job analyses the video again
        assert settled_job(context, "FaceDetection", job).status == "IN_PROGRESS"
        assert failing.reached.wait(LIMIT_SECONDS)
        worker.close()
        failing.released.set()
        wait_until(lambda: worker_threads() <= before)
        assert settled_job(context, "FaceDetection", job).status == "IN_PROGRESS"


def test_a_step_of_a_restored_snapshot_is_not_confused_with_one_of_the_same_key(
    tmp_path: Path, detector: PausedDetector
) -> None:
    with Emulator(face_detector=detector) as emulator:
        put_video(emulator, six_frames())
        wire = WireClient(emulator)
        emulator.snapshot(tmp_path / "before")
        start_job(emulator, detector)  # the step with the first key, which still runs
        emulator.restore(tmp_path / "before")
        job = wire("StartFaceDetection", Video=VIDEO).body  # its step has the same key
        detector.released.set()
        assert wire("GetFaceDetection", **job).body["JobStatus"] == "SUCCEEDED"


def test_a_closed_worker_stops_its_step() -> None:
    with closing(State()) as state:
        _, worker = context_and_worker(state, time.time)
        worker.raise_if_closed()
        worker.close()
        with pytest.raises(StoppedError):
            worker.raise_if_closed()
        worker.wake()
        worker.wait()


def test_the_thread_ends_when_no_step_is_left(emulator: Emulator, wire: WireClient) -> None:
    before = worker_threads()
    put_video(emulator, labels=[])
    wire("GetLabelDetection", **wire("StartLabelDetection", Video=VIDEO).body)
    wait_until(lambda: worker_threads() <= before)
