"""Steps in the scope of their resource: two accounts and two Regions share a folder, and any request does due steps."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from rekog.emulator.scope import Scope
from rekog.emulator.state import State, schedule
from rekog.emulator.state.schedule import Priority, StepKind
from rekog.emulator.state.store import FILE_NAME
from rekog.emulator.vision.efficientnet import EfficientNet
from tests.emulator.background.jobs import TOPIC, six_frames
from tests.kit.clock import wait_until
from tests.kit.request_members import OUTPUT, face_search_processor, put_training_images, training_manifest
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from rekog.emulator import Notification

ACCOUNTS = ("111111111111", "222222222222")
REGIONS = ("us-east-1", "eu-west-1")
SECONDS = 10.0
"""Duration of each step."""
GAP = 5.0
"""Time between the begin of the step in the first scope and in the others."""

Read = Callable[[], object]
"""Returns the state of a resource."""


class Case(NamedTuple):
    """A kind of step: functions that prepare its resource and begin it, and the states before and after it.

    `prepare` returns the members that `begin` needs; its own steps take no time.
    """

    prepare: Callable[[WireClient], dict[str, Any]]
    begin: Callable[[WireClient, dict[str, Any]], Read]
    pending: object
    done: object
    seconds: float = SECONDS


def call(wire: WireClient, operation: str, **members: Any) -> Any:
    """Call an operation, and return its response or the code of its error."""
    response = wire(operation, **members)
    if response.status == 200:
        return response.body
    return response.refusal[0]


def nothing(_wire: WireClient) -> dict[str, Any]:
    return {}


def project(wire: WireClient) -> dict[str, Any]:
    arn = call(wire, "CreateProject", ProjectName="dogs")["ProjectArn"]
    call(wire, "ListCollections")  # ends the creation
    return {"ProjectArn": arn}


def dataset(wire: WireClient) -> dict[str, Any]:
    arn = call(wire, "CreateDataset", **project(wire), DatasetType="TRAIN")["DatasetArn"]
    call(wire, "UpdateDatasetEntries", DatasetArn=arn, Changes={"GroundTruth": training_manifest().encode()})
    call(wire, "ListCollections")
    return {"DatasetArn": arn}


def training(wire: WireClient) -> dict[str, Any]:
    dataset(wire)
    (described,) = call(wire, "DescribeProjects")["ProjectDescriptions"]
    return {"ProjectArn": described["ProjectArn"], "VersionName": "v1", "OutputConfig": OUTPUT}


def version(wire: WireClient) -> dict[str, Any]:
    arn = call(wire, "CreateProjectVersion", **training(wire))["ProjectVersionArn"]
    call(wire, "ListCollections")
    return {"ProjectVersionArn": arn}


def processor(wire: WireClient) -> dict[str, Any]:
    call(wire, "CreateCollection", CollectionId="people")
    call(wire, "CreateStreamProcessor", **face_search_processor())
    return {"Name": "gate"}


def after(operation: str, read: Callable[[WireClient, dict[str, Any], Any], object], **more: Any) -> Any:
    """Return a function that calls an operation, and then reads the state from its request and its response."""

    def begin(wire: WireClient, members: dict[str, Any]) -> Read:
        response = call(wire, operation, **members, **more)
        assert isinstance(response, dict), response
        return lambda: read(wire, members, response)

    return begin


def ended_job(wire: WireClient, _members: dict[str, Any]) -> Read:
    job = call(wire, "StartLabelDetection", Video=VIDEO)
    assert call(wire, "GetLabelDetection", **job)["JobStatus"] == "SUCCEEDED"
    return lambda: isinstance(call(wire, "GetLabelDetection", **job), dict)


def project_states(wire: WireClient, *_: object) -> object:
    return [each["Status"] for each in call(wire, "DescribeProjects")["ProjectDescriptions"]]


def dataset_state(wire: WireClient, members: dict[str, Any], response: dict[str, Any]) -> object:
    arn = response.get("DatasetArn") or members["DatasetArn"]
    described = call(wire, "DescribeDataset", DatasetArn=arn)
    return described if isinstance(described, str) else described["DatasetDescription"]["Status"]


def version_states(wire: WireClient, *_: object) -> object:
    (described,) = call(wire, "DescribeProjects")["ProjectDescriptions"]
    listed = call(wire, "DescribeProjectVersions", ProjectArn=described["ProjectArn"])
    return [each["Status"] for each in listed["ProjectVersionDescriptions"]]


CASES: dict[StepKind, Case] = {
    StepKind.FINISH_PROJECT_CREATION: Case(
        nothing, after("CreateProject", project_states, ProjectName="dogs"), ["CREATING"], ["CREATED"]
    ),
    StepKind.FINISH_PROJECT_DELETION: Case(project, after("DeleteProject", project_states), ["DELETING"], []),
    StepKind.FINISH_DATASET_CHANGE: Case(
        project,
        after("CreateDataset", dataset_state, DatasetType="TRAIN"),
        "CREATE_IN_PROGRESS",
        "CREATE_COMPLETE",
    ),
    StepKind.FINISH_DATASET_DELETION: Case(
        dataset, after("DeleteDataset", dataset_state), "DELETE_IN_PROGRESS", "ResourceNotFoundException"
    ),
    StepKind.FINISH_TRAINING: Case(
        training, after("CreateProjectVersion", version_states), ["TRAINING_IN_PROGRESS"], ["TRAINING_COMPLETED"]
    ),
    StepKind.FINISH_VERSION_STEP: Case(
        version, after("StartProjectVersion", version_states, MinInferenceUnits=1), ["STARTING"], ["RUNNING"]
    ),
    StepKind.FINISH_VERSION_DELETION: Case(version, after("DeleteProjectVersion", version_states), ["DELETING"], []),
    StepKind.FINISH_STREAM_STEP: Case(
        processor,
        after("StartStreamProcessor", lambda wire, name, _: call(wire, "DescribeStreamProcessor", **name)["Status"]),
        "STARTING",
        "RUNNING",
    ),
    StepKind.FREE_STREAM_NAME: Case(
        processor,
        after(
            "DeleteStreamProcessor",
            lambda wire, _, __: isinstance(call(wire, "CreateStreamProcessor", **face_search_processor()), dict),
        ),
        pending=False,
        done=True,
    ),
    StepKind.FINISH_VIDEO_JOB: Case(
        nothing,
        after(
            "StartLabelDetection",
            lambda wire, _, job: call(wire, "GetLabelDetection", **job)["JobStatus"],
            Video=VIDEO,
        ),
        "IN_PROGRESS",
        "SUCCEEDED",
    ),
    StepKind.EXPIRE_VIDEO_JOB: Case(
        nothing, ended_job, pending=True, done=False, seconds=Limits().result_days * 86_400.0
    ),
    StepKind.FINISH_MEDIA_ANALYSIS: Case(
        nothing,
        after(
            "StartMediaAnalysisJob",
            lambda wire, _, job: call(wire, "GetMediaAnalysisJob", **job)["Status"] == "SUCCEEDED",
            Input={"S3Object": {"Bucket": "photos", "Name": "manifest.jsonl"}},
            OperationsConfig={"DetectModerationLabels": {}},
            OutputConfig={"S3Bucket": "results"},
        ),
        pending=False,
        done=True,
    ),
}
"""All kinds of steps but those of the last tests."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000)


@pytest.fixture
def emulators(tmp_path: Path, clock: ManualClock) -> Iterator[list[Emulator]]:
    """An emulator for each account, on one folder."""
    one, other = (Emulator(account=account, data=tmp_path, clock=clock) for account in ACCOUNTS)
    with one, other:
        put_video(one, labels=[])
        put_training_images(one)
        one.put_object("photos", "manifest.jsonl", b'{"source-ref": "s3://photos/none.jpg"}')
        yield [one, other]


def test_every_kind_of_step_is_tested() -> None:
    assert {*CASES, StepKind.ANALYSE_VIDEO, StepKind.SEND_NOTIFICATION, StepKind.EXTRACT_FEATURES} == set(StepKind)


@pytest.mark.slow
@pytest.mark.parametrize("finder", [1, 2, 3], ids=["other Region", "other account", "other account and Region"])
@pytest.mark.parametrize("kind", CASES)
def test_a_request_of_another_scope_does_a_due_step_in_the_scope_of_its_resource(
    emulators: list[Emulator], clock: ManualClock, kind: StepKind, finder: int
) -> None:
    case = CASES[kind]
    wires = [WireClient(emulator, region) for emulator in emulators for region in REGIONS]
    prepared = [case.prepare(wire) for wire in wires]
    if kind is not StepKind.EXPIRE_VIDEO_JOB:
        for emulator in emulators:
            emulator.durations = Durations.all(SECONDS)
    states = [case.begin(wires[0], prepared[0])]
    clock.advance(GAP)
    states += [case.begin(wire, members) for wire, members in zip(wires[1:], prepared[1:], strict=True)]
    assert [read() for read in states] == [case.pending] * 4
    clock.advance(case.seconds - GAP)
    assert wires[finder]("ListCollections").status == 200
    assert len(emulators[finder // 2].notifications) == 0  # waits for jobs that are due
    assert [read() for read in states] == [case.done, *[case.pending] * 3]


# steps of the worker that leave no trace in a response


class CountingDetector:
    """A detector that finds nothing."""

    def detect(self, image: object) -> list[Any]:
        return []


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return connection.execute(query).fetchall()


def test_the_analysis_of_a_video_is_stored_for_a_job_of_another_account_and_region(
    tmp_path: Path, clock: ManualClock
) -> None:
    class StoppedDetector:
        def detect(self, image: object) -> list[Any]:
            raise RuntimeError("not now")

    settings: dict[str, Any] = {"data": tmp_path, "clock": clock, "durations": Durations(job=3600)}
    with Emulator(account=ACCOUNTS[0], face_detector=StoppedDetector(), **settings) as one:
        put_video(one, six_frames())
        assert WireClient(one, "eu-west-1")("StartFaceDetection", Video=VIDEO).status == 200
        wait_until(lambda: not rows(tmp_path, "SELECT 1 FROM event WHERE kind = 'video_work.look'"))
    with closing(State(tmp_path)) as state, state.write() as connection:
        (job,) = connection.execute("SELECT job_id FROM job").fetchone()
        step = (connection, Scope(ACCOUNTS[0], "eu-west-1"), 0.0, StepKind.ANALYSE_VIDEO, {"JobId": job})
        schedule.add(*step, priority=Priority.ANALYSIS, subject=job, ready=True)
    assert rows(tmp_path, "SELECT 1 FROM job_look") == []
    with Emulator(account=ACCOUNTS[1], face_detector=CountingDetector(), **settings):
        wait_until(lambda: bool(rows(tmp_path, "SELECT 1 FROM job_look")))


def test_the_features_of_a_training_are_stored_for_another_account_and_region(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_now(*_: object) -> object:
        raise RuntimeError("not now")

    settings: dict[str, Any] = {"data": tmp_path, "clock": clock}
    with monkeypatch.context() as patched, Emulator(account=ACCOUNTS[0], **settings) as one:
        patched.setattr(EfficientNet, "classify", not_now)
        put_training_images(one)
        wire = WireClient(one, "eu-west-1")
        members = training(wire)
        one.durations = Durations(training=3600)
        arn = call(wire, "CreateProjectVersion", **members)["ProjectVersionArn"]
        wait_until(lambda: not rows(tmp_path, "SELECT 1 FROM event WHERE kind = 'learning.extract_features'"))
    with closing(State(tmp_path)) as state, state.write() as connection:
        (detail,) = connection.execute("SELECT detail FROM event WHERE kind = 'learning.finish'").fetchone()
        step = (connection, Scope(ACCOUNTS[0], "eu-west-1"), 0.0, StepKind.EXTRACT_FEATURES, json.loads(detail))
        schedule.add(*step, priority=Priority.ANALYSIS, subject=arn, ready=True)
    assert rows(tmp_path, "SELECT 1 FROM training_image") == []
    with Emulator(account=ACCOUNTS[1], **settings):
        wait_until(lambda: len(rows(tmp_path, "SELECT 1 FROM training_image")) == 2)


def test_a_notification_that_fails_keeps_its_account_and_region(tmp_path: Path, clock: ManualClock) -> None:
    def broken(_notification: Notification) -> None:
        raise OSError("no topic")

    message = {"TopicArn": TOPIC, "RoleArn": "role", "Message": {"JobId": "job"}}
    with closing(State(tmp_path)) as state, state.write() as connection:
        detail: dict[str, Any] = {"JobId": "job", "Attempt": 0, "Notification": message}
        step = (connection, Scope(ACCOUNTS[0], "eu-west-1"), 1.0, StepKind.SEND_NOTIFICATION, detail)
        schedule.add(*step, priority=Priority.NOTIFICATION, subject="job", ready=True)
    with Emulator(account=ACCOUNTS[1], data=tmp_path, clock=clock, notify=broken) as emulator:
        assert len(emulator.notifications) == 1
    assert rows(tmp_path, "SELECT account, region, due FROM event") == [(ACCOUNTS[0], "eu-west-1", clock() + 1)]
