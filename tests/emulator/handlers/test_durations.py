"""Each asynchronous change takes its own duration: all durations differ, and each change is observed around its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rekog.emulator import Durations, Emulator, ManualClock
from tests.kit.request_members import (
    OUTPUT,
    connected_home_processor,
    copy_policy,
    face_search_processor,
    training_manifest,
)
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Iterator

START = 1_700_000_000.0
DURATIONS = Durations(
    job=11, project=23, training=31, copying=41, starting=53, stopping=61, deleting=71, dataset=83, stream=97, user=103,
    indexing=113, creation=127,
)  # fmt: skip
STEP = 0.5
"""Seconds before the end of a change, and the least difference between two durations is larger."""
PHOTO = {"S3Object": {"Bucket": "photos", "Name": "ann.png"}}
MEDIA: dict[str, Any] = {
    "Input": {"S3Object": {"Bucket": "photos", "Name": "manifest.jsonl"}},
    "OperationsConfig": {"DetectModerationLabels": {}},
    "OutputConfig": {"S3Bucket": "results"},
}


class Bench:
    """An emulator in which each change has another duration."""

    def __init__(self, emulator: Emulator, clock: ManualClock) -> None:
        self.emulator, self.clock, self.wire = emulator, clock, WireClient(emulator)

    def __call__(self, operation: str, **members: Any) -> Any:
        response = self.wire(operation, **members)
        assert response.status == 200, (operation, response.body)
        return response.body

    def end(self) -> None:
        """End all changes that have begun."""
        self.clock.advance(1000)
        self("ListCollections")

    def changes_after(self, seconds: float, read: Callable[[], object], *, pending: object, done: object) -> None:
        """Assert that a state changes after a number of seconds, neither earlier nor later."""
        self.clock.advance(seconds - STEP)
        assert read() == pending
        self.clock.advance(STEP)
        assert read() == done

    def project(self) -> dict[str, Any]:
        arn = self("CreateProject", ProjectName="dogs")["ProjectArn"]
        self.end()
        return {"ProjectArn": arn}

    def dataset(self, project: dict[str, Any], kind: str = "TRAIN") -> dict[str, Any]:
        arn = self("CreateDataset", **project, DatasetType=kind)["DatasetArn"]
        self.end()
        return {"DatasetArn": arn}

    def version(self, *later: str) -> dict[str, Any]:
        """Train a version, and call further operations on it."""
        project = self.project()
        self("UpdateDatasetEntries", **self.dataset(project), Changes={"GroundTruth": training_manifest().encode()})
        self.end()
        version = self("CreateProjectVersion", **project, VersionName="v1", OutputConfig=OUTPUT)
        for operation in later:
            self.end()
            more = {"MinInferenceUnits": 1} if operation == "StartProjectVersion" else {}
            self(operation, **version, **more)
        return {"ProjectVersionArn": version["ProjectVersionArn"]}

    def version_statuses(self) -> list[str]:
        (project,) = self("DescribeProjects", ProjectNames=["dogs"])["ProjectDescriptions"]
        listed = self("DescribeProjectVersions", ProjectArn=project["ProjectArn"])
        return [each["Status"] for each in listed["ProjectVersionDescriptions"]]

    def dataset_status(self, dataset: dict[str, Any]) -> str:
        response = self.wire("DescribeDataset", **dataset)
        return response.refusal[0] if response.status >= 400 else response.body["DatasetDescription"]["Status"]

    def processor(self, *later: str) -> Callable[[], str]:
        """Create a processor for labels, and call further operations on it; return the function of its status."""
        self("CreateStreamProcessor", **connected_home_processor("door"))
        selectors = {
            "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1}},
            "StopSelector": {"MaxDurationInSeconds": 120},
        }
        for operation in later:
            self.clock.advance(DURATIONS.stream)
            more: dict[str, Any] = selectors if operation == "StartStreamProcessor" else {}
            if operation == "UpdateStreamProcessor":
                more = {"ParametersToDelete": ["RegionsOfInterest"]}
            self(operation, Name="door", **more)
        return lambda: str(self("DescribeStreamProcessor", Name="door")["Status"])

    def collection(self) -> None:
        self("CreateCollection", CollectionId="people")
        self.end()

    def face(self) -> str:
        self.collection()
        records = self("IndexFaces", CollectionId="people", Image=PHOTO)["FaceRecords"]
        return str(records[0]["Face"]["FaceId"])


@pytest.fixture
def bench() -> Iterator[Bench]:
    clock = ManualClock(START)
    with Emulator(vision="off", clock=clock, durations=DURATIONS) as emulator:
        put_video(emulator, labels=[])
        image = image_file(plain_image(200, 200))
        emulator.put_object("photos", "ann.png", image)
        emulator.declare(image, faces=[{"Identity": "Ann", "BoundingBox": [0.2, 0.2, 0.5, 0.5]}])
        emulator.put_object("photos", "manifest.jsonl", b'{"source-ref": "s3://photos/none.jpg"}')
        yield Bench(emulator, clock)


class Change(NamedTuple):
    """A change: `begin` returns the function that reads the state; `pending` and `done` are its results."""

    seconds: float
    begin: Callable[[Bench], Callable[[], object]]
    pending: object
    done: object


def project_statuses(bench: Bench) -> list[str]:
    return [each["Status"] for each in bench("DescribeProjects")["ProjectDescriptions"]]


def created_project(bench: Bench) -> Callable[[], object]:
    bench("CreateProject", ProjectName="dogs")
    return lambda: project_statuses(bench)


def deleted_project(bench: Bench) -> Callable[[], object]:
    bench("DeleteProject", **bench.project())
    return lambda: project_statuses(bench)


def created_dataset(bench: Bench) -> Callable[[], object]:
    arn = bench("CreateDataset", **bench.project(), DatasetType="TRAIN")["DatasetArn"]
    return lambda: bench.dataset_status({"DatasetArn": arn})


def updated_dataset(bench: Bench) -> Callable[[], object]:
    dataset = bench.dataset(bench.project())
    bench("UpdateDatasetEntries", **dataset, Changes={"GroundTruth": training_manifest().encode()})
    return lambda: bench.dataset_status(dataset)


def distributed_datasets(bench: Bench) -> Callable[[], object]:
    project = bench.project()
    datasets = [bench.dataset(project), bench.dataset(project, "TEST")]
    bench("UpdateDatasetEntries", **datasets[0], Changes={"GroundTruth": training_manifest().encode()})
    bench.end()
    bench("DistributeDatasetEntries", Datasets=[{"Arn": each["DatasetArn"]} for each in datasets])
    return lambda: [bench.dataset_status(each) for each in datasets]


def deleted_dataset(bench: Bench) -> Callable[[], object]:
    dataset = bench.dataset(bench.project())
    bench("DeleteDataset", **dataset)
    return lambda: bench.dataset_status(dataset)


def version_after(*operations: str) -> Callable[[Bench], Callable[[], object]]:
    def begin(bench: Bench) -> Callable[[], object]:
        bench.version(*operations)
        return bench.version_statuses

    return begin


def copied_version(bench: Bench) -> Callable[[], object]:
    version = bench.version()
    bench.end()
    (source,) = bench("DescribeProjects")["ProjectDescriptions"]
    target = bench("CreateProject", ProjectName="copies")["ProjectArn"]
    bench("PutProjectPolicy", ProjectArn=source["ProjectArn"], PolicyName="copy", PolicyDocument=copy_policy())
    bench.end()
    bench(
        "CopyProjectVersion", SourceProjectArn=source["ProjectArn"], DestinationProjectArn=target, VersionName="v1",
        SourceProjectVersionArn=version["ProjectVersionArn"], OutputConfig=OUTPUT,
    )  # fmt: skip
    listed = {"ProjectArn": target}
    return lambda: bench("DescribeProjectVersions", **listed)["ProjectVersionDescriptions"][0]["Status"]


def processor_after(*operations: str) -> Callable[[Bench], Callable[[], object]]:
    return lambda bench: bench.processor(*operations)


def freed_name(bench: Bench) -> Callable[[], object]:
    bench.collection()
    bench("CreateStreamProcessor", **face_search_processor())
    bench("DeleteStreamProcessor", Name="gate")
    return lambda: bench.wire("CreateStreamProcessor", **face_search_processor()).status


def ended_session(bench: Bench) -> Callable[[], object]:
    read = bench.processor("StartStreamProcessor")
    bench.clock.advance(DURATIONS.stream)
    assert read() == "RUNNING"
    return read


def video_job(bench: Bench) -> Callable[[], object]:
    job = bench("StartLabelDetection", Video=VIDEO)
    return lambda: bench("GetLabelDetection", **job)["JobStatus"]


def media_job(bench: Bench) -> Callable[[], object]:
    job = bench("StartMediaAnalysisJob", **MEDIA)
    return lambda: bench("GetMediaAnalysisJob", **job)["Status"]


def updated_user(bench: Bench) -> Callable[[], object]:
    face = bench.face()
    bench("CreateUser", CollectionId="people", UserId="ann")
    bench("AssociateFaces", CollectionId="people", UserId="ann", FaceIds=[face])
    return lambda: bench("ListUsers", CollectionId="people")["Users"][0]["UserStatus"]


def found_face(bench: Bench) -> Callable[[], object]:
    bench.face()
    return lambda: len(bench("SearchFacesByImage", CollectionId="people", Image=PHOTO)["FaceMatches"])


def visible_collection(bench: Bench) -> Callable[[], object]:
    bench("CreateCollection", CollectionId="people")
    return lambda: (
        bench.wire("DescribeCollection", CollectionId="people").status,
        bench("ListCollections")["CollectionIds"],
    )


CHANGES = {
    "create project": Change(DURATIONS.project, created_project, ["CREATING"], ["CREATED"]),
    "delete project": Change(DURATIONS.deleting, deleted_project, ["DELETING"], []),
    "create dataset": Change(DURATIONS.dataset, created_dataset, "CREATE_IN_PROGRESS", "CREATE_COMPLETE"),
    "update dataset": Change(DURATIONS.dataset, updated_dataset, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
    "distribute": Change(DURATIONS.dataset, distributed_datasets, ["UPDATE_IN_PROGRESS"] * 2, ["UPDATE_COMPLETE"] * 2),
    "delete dataset": Change(DURATIONS.deleting, deleted_dataset, "DELETE_IN_PROGRESS", "ResourceNotFoundException"),
    "train": Change(DURATIONS.training, version_after(), ["TRAINING_IN_PROGRESS"], ["TRAINING_COMPLETED"]),
    "copy": Change(DURATIONS.copying, copied_version, "COPYING_IN_PROGRESS", "COPYING_COMPLETED"),
    "start": Change(DURATIONS.starting, version_after("StartProjectVersion"), ["STARTING"], ["RUNNING"]),
    "stop": Change(
        DURATIONS.stopping, version_after("StartProjectVersion", "StopProjectVersion"), ["STOPPING"], ["STOPPED"]
    ),
    "delete version": Change(DURATIONS.deleting, version_after("DeleteProjectVersion"), ["DELETING"], []),
    "start processor": Change(DURATIONS.stream, processor_after("StartStreamProcessor"), "STARTING", "RUNNING"),
    "stop processor": Change(
        DURATIONS.stream, processor_after("StartStreamProcessor", "StopStreamProcessor"), "STOPPING", "STOPPED"
    ),
    "update processor": Change(DURATIONS.stream, processor_after("UpdateStreamProcessor"), "UPDATING", "STOPPED"),
    "end session": Change(120, ended_session, "RUNNING", "STOPPED"),
    "free name": Change(DURATIONS.deleting, freed_name, 400, 200),
    "video job": Change(DURATIONS.job, video_job, "IN_PROGRESS", "SUCCEEDED"),
    "media job": Change(DURATIONS.job, media_job, "IN_PROGRESS", "SUCCEEDED"),
    "change user": Change(DURATIONS.user, updated_user, "UPDATING", "ACTIVE"),
    "index": Change(DURATIONS.indexing, found_face, 0, 1),
    "create collection": Change(DURATIONS.creation, visible_collection, (400, []), (200, ["people"])),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_takes_its_own_duration(bench: Bench, name: str) -> None:
    change = CHANGES[name]
    bench.changes_after(change.seconds, change.begin(bench), pending=change.pending, done=change.done)


def test_the_time_of_the_last_update_is_that_of_the_change(bench: Bench) -> None:
    project = bench.project()
    times = [bench.clock()]
    dataset = {"DatasetArn": bench("CreateDataset", **project, DatasetType="TRAIN")["DatasetArn"]}

    def read() -> list[float]:
        described = bench("DescribeDataset", **dataset)["DatasetDescription"]
        return [described["CreationTimestamp"], described["LastUpdatedTimestamp"]]

    assert read() == times * 2
    bench.clock.advance(DURATIONS.dataset + 5)
    assert read() == [times[0], times[0] + DURATIONS.dataset]  # not the time of the request that finds it due
    begun = bench.clock()
    bench("UpdateDatasetEntries", **dataset, Changes={"GroundTruth": training_manifest().encode()})
    assert read() == [times[0], begun]
    bench.clock.advance(DURATIONS.dataset + 5)
    assert read() == [times[0], begun + DURATIONS.dataset]


def test_the_time_of_the_last_update_of_a_processor_is_that_of_its_status(bench: Bench) -> None:
    created = bench.clock()
    bench.processor("StartStreamProcessor")

    def read() -> list[float]:
        described = bench("DescribeStreamProcessor", Name="door")
        return [described["CreationTimestamp"], described["LastUpdateTimestamp"]]

    started = bench.clock()
    assert read() == [created, started]
    bench.clock.advance(DURATIONS.stream + 5)
    assert read() == [created, started + DURATIONS.stream]
    bench.clock.advance(120)
    assert read() == [created, started + DURATIONS.stream + 120]
