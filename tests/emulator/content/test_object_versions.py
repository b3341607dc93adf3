"""A request may name a version of an S3 object: each operation reads that one, and without a version the newest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Emulator
from tests.kit.clock import NOW
from tests.kit.request_members import manifest_lines
from tests.kit.videos import video_file
from tests.kit.wire import WireClient, WireResponse, image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Iterator

Read = Callable[[WireClient, dict[str, Any]], bool]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(vision="off", clock=lambda: NOW) as opened:
        opened.declare("s3://bucket/key", faces=[], labels=[])
        yield opened


def _succeeded(response: WireResponse, error: str) -> bool:
    """Tell whether a call succeeded; else it must have failed with this error."""
    assert response.status == 200 or response.refusal[0] == error
    return response.status == 200


def image(wire: WireClient, location: dict[str, Any]) -> bool:
    response = wire("DetectFaces", Image={"S3Object": location})
    return _succeeded(response, "InvalidImageFormatException")


def video(wire: WireClient, location: dict[str, Any]) -> bool:
    job = wire("StartLabelDetection", Video={"S3Object": location}).body
    response = wire("GetLabelDetection", **job).body
    assert response["JobStatus"] == "SUCCEEDED"
    assert response["Video"] == {"S3Object": location}
    return "VideoMetadata" in response


def manifest(wire: WireClient, location: dict[str, Any]) -> bool:
    response = wire(
        "StartMediaAnalysisJob",
        Input={"S3Object": location},
        OperationsConfig={"DetectModerationLabels": {}},
        OutputConfig={"S3Bucket": "results"},
    )
    return _succeeded(response, "InvalidManifestException")


def dataset(wire: WireClient, location: dict[str, Any]) -> bool:
    project = wire("CreateProject", ProjectName=f"p-{location.get('Version', 'newest')}").body
    source = {"GroundTruthManifest": {"S3Object": location}}
    created = wire("CreateDataset", **project, DatasetType="TRAIN", DatasetSource=source).body
    status: str = wire("DescribeDataset", **created).body["DatasetDescription"]["Status"]
    return status == "CREATE_COMPLETE"


CASES: dict[str, tuple[Read, Callable[[], bytes]]] = {
    "image": (image, lambda: image_file(plain_image())),
    "video": (video, lambda: video_file([plain_image()])),
    "manifest of a job": (manifest, lambda: b'{"source-ref": "s3://photos/none.jpg"}'),
    "manifest of a dataset": (dataset, lambda: manifest_lines(3).encode()),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_named_version_is_read(emulator: Emulator, kind: str) -> None:
    (read, content), wire = CASES[kind], WireClient(emulator)
    good, bad = (emulator.put_object("bucket", "key", data) for data in (content(), b" "))
    place = {"Bucket": "bucket", "Name": "key"}
    results = [read(wire, location) for location in (place, {**place, "Version": good}, {**place, "Version": bad})]
    assert results == [False, True, False]
