"""An operation on one resource leaves the other resources of the same account and Region as they were.

Each resource of a populated emulator gets a neighbour of the same kind with the same content: the same faces, user ids,
names of versions and policies, tags. Each operation that changes a resource is called in the same state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Durations, Emulator, ManualClock
from tests.kit.clock import NOW
from tests.kit.populated import PHOTO, populate
from tests.kit.request_members import OUTPUT, copy_policy, face_search_processor, training_manifest
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANGING = [
    *("IndexFaces", "DeleteFaces", "CreateUser", "AssociateFaces", "DisassociateFaces", "DeleteUser"),
    *("TagResource", "UntagResource", "DeleteCollection", "CreateDataset", "UpdateDatasetEntries"),
    *("DistributeDatasetEntries", "DeleteDataset", "PutProjectPolicy", "DeleteProjectPolicy", "CreateProjectVersion"),
    *("CopyProjectVersion", "StartProjectVersion", "StopProjectVersion", "DeleteProjectVersion", "DeleteProject"),
    *("CreateStreamProcessor", "StartStreamProcessor", "StopStreamProcessor", "UpdateStreamProcessor"),
    *("DeleteStreamProcessor", "CreateFaceLivenessSession", "StartMediaAnalysisJob", "StartFaceSearch"),
]


class Neighbours:
    """The neighbours of the resources of a populated emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.wire = emulator, WireClient(emulator)
        self.members = populate(emulator)
        collection = {"CollectionId": "others"}
        arn = f"arn:{self('CreateCollection', **collection, Tags={'team': 'red'})['CollectionArn']}"
        face = self("IndexFaces", **collection, Image=PHOTO)["FaceRecords"][0]["Face"]["FaceId"]
        self("CreateUser", **collection, UserId="ann")
        self("AssociateFaces", **collection, UserId="ann", FaceIds=[face])
        project = {"ProjectArn": self("CreateProject", ProjectName="cats")["ProjectArn"]}
        datasets = [self("CreateDataset", **project, DatasetType=kind) for kind in ("TRAIN", "TEST")]
        self("UpdateDatasetEntries", **datasets[0], Changes={"GroundTruth": training_manifest().encode()})
        self("DistributeDatasetEntries", Datasets=[{"Arn": each["DatasetArn"]} for each in datasets])
        version = self("CreateProjectVersion", **project, VersionName="v2", OutputConfig=OUTPUT, Tags={"team": "red"})
        self("StartProjectVersion", **version, MinInferenceUnits=1)
        self("PutProjectPolicy", **project, PolicyName="copy", PolicyDocument=copy_policy())
        stream: dict[str, Any] = face_search_processor("side")
        stream["Input"] = {"KinesisVideoStream": {"Arn": "arn:aws:kinesisvideo:us-east-1:123456789012:stream/side/2"}}
        stream["Settings"] = {"FaceSearch": {"CollectionId": "others"}}
        self("CreateStreamProcessor", **stream)
        self("StartStreamProcessor", Name="side")
        job = self("StartFaceSearch", **{**self.members["StartFaceSearch"], **collection})
        self.readings: list[tuple[str, dict[str, Any]]] = [
            ("DescribeCollection", collection),
            ("ListFaces", collection),
            ("ListUsers", collection),
            ("SearchFaces", {**collection, "FaceId": face}),
            ("SearchUsers", {**collection, "FaceId": face}),
            ("ListTagsForResource", {"ResourceArn": arn}),
            ("DescribeProjects", {"ProjectNames": ["cats"]}),
            ("DescribeProjectVersions", project),
            ("ListTagsForResource", {"ResourceArn": version["ProjectVersionArn"]}),
            ("DetectCustomLabels", {**version, "Image": PHOTO}),
            ("ListProjectPolicies", project),
            ("DescribeStreamProcessor", {"Name": "side"}),
            ("GetFaceSearch", job),
            ("GetFaceLivenessSessionResults", self("CreateFaceLivenessSession")),
            ("GetMediaAnalysisJob", self("StartMediaAnalysisJob", **self.members["StartMediaAnalysisJob"])),
        ]
        for each in datasets:
            self.readings += [(name, each) for name in ("DescribeDataset", "ListDatasetEntries", "ListDatasetLabels")]

    def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        response = self.wire(operation, **members)
        assert response.status == 200, (operation, response.body)
        return response.body

    def read(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the responses about the neighbours."""
        return [(operation, self(operation, **members)) for operation, members in self.readings]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Neighbours, Path]]:
    clock = ManualClock(NOW)
    with Emulator(vision="off", clock=clock, durations=Durations.all(0)) as emulator:
        neighbours = Neighbours(emulator)
        neighbours("ListCollections")
        file = tmp_path_factory.mktemp("state") / "saved"
        emulator.snapshot(file)
        clock.advance(60)  # a changed time shows
        yield neighbours, file


@pytest.mark.parametrize("operation", CHANGING)
def test_an_operation_leaves_the_neighbours_of_its_resource_as_they_were(
    saved: tuple[Neighbours, Path], operation: str
) -> None:
    neighbours, file = saved
    neighbours.emulator.restore(file)
    before = neighbours.read()
    neighbours(operation, **neighbours.members[operation])
    neighbours("ListCollections")  # ends the change
    assert neighbours.read() == before


def test_a_neighbour_in_the_list_of_operations_changes_something() -> None:
    """Keep the list complete: each operation that is missing in it changes no stored resource of a kind above."""
    from rekog._generated.operations import OPERATIONS

    reading = ("Describe", "Detect", "Get", "List", "Search", "Compare", "Recognize")
    creating = {"CreateCollection", "CreateProject"}
    missing = {name for name in OPERATIONS if not name.startswith(reading)} - {*CHANGING} - creating
    assert {name for name in missing if not name.startswith("Start")} == set()
