"""An emulator with a manual clock, lines of manifests, and calls for tests of projects, versions and datasets."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient, models
from rekog.emulator import Durations, Emulator, ManualClock
from rekog.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rekog.waiting import Poll

START = 1_700_000_000
ACCOUNT = "123456789012"
OUTPUT = models.OutputConfig(s3_bucket="results", s3_key_prefix="out")
UNREACHABLE_S3 = "http://127.0.0.1:1"
"""URL of an S3 server that does not run."""
PROJECT = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:project/dogs/{START}000"


class Bench:
    """An emulator with a manual clock, a client, and frequent calls."""

    def __init__(self, emulator: Emulator, client: RekognitionClient, clock: ManualClock) -> None:
        self.emulator = emulator
        self.client = client
        self.clock = clock

    def advance_on_poll(self, poll: Poll[object]) -> None:
        """Advance the clock by 20 seconds; for `on_poll` of a waiter."""
        self.clock.advance(20)

    def create_project(self, name: str = "dogs", **options: str) -> str:
        """Create a project, and return its ARN."""
        wire = {"ProjectName": name, **options}
        return str(self.client.call("CreateProject", wire)["ProjectArn"])

    def create_dataset(
        self, project: str, kind: models.DatasetTypeValue = "TRAIN", lines: list[str] | None = None
    ) -> str:
        """Create a dataset with these lines, and return its ARN."""
        arn = self.client.create_dataset(project, dataset_type=kind).dataset_arn
        if lines is not None:
            self.update_dataset(arn, *lines)
        return arn

    def update_dataset(self, dataset: str, *lines: str) -> None:
        """Add lines to a dataset, or replace them."""
        self.client.update_dataset_entries(dataset, models.DatasetChanges(ground_truth="\n".join(lines).encode()))

    def list_entries(self, dataset: str) -> list[str]:
        """Return all lines of a dataset."""
        return list(self.client.paginate_list_dataset_entries(dataset))

    def create_version(self, project: str, name: str = "v1") -> str:
        """Train a version with the datasets of its project, and return its ARN."""
        return self.client.create_project_version(project, version_name=name, output_config=OUTPUT).project_version_arn

    def train_version(self, project: str, name: str = "v1") -> str:
        """Create a training dataset of ten entries and a version trained with it, and return the ARN of the version."""
        self.create_dataset(project, lines=[label_line(f"{number}.jpg") for number in range(10)])
        return self.create_version(project, name)

    def describe_version(self, project: str, name: str = "v1") -> models.ProjectVersionDescription:
        """Return the description of a version."""
        (result,) = self.client.describe_project_versions(project, version_names=[name]).project_version_descriptions
        return result

    def version_status(self, project: str, name: str = "v1") -> str:
        """Return the status of a version."""
        return str(self.describe_version(project, name).status)

    def describe_dataset(self, arn: str) -> models.DatasetDescription:
        """Return the description of a dataset."""
        described = self.client.describe_dataset(arn).dataset_description
        assert described is not None
        return described


@contextmanager
def open_bench(seconds: float = 0, **settings: object) -> Generator[Bench]:
    """Open an emulator with a manual clock, in which each asynchronous step takes this number of seconds.

    The networks are off unless `vision` is "on": the images of the manifests do not exist, so no model can be trained.
    """
    clock = ManualClock(START)
    options = {"vision": "off", "clock": clock, "durations": Durations.all(seconds), **settings}
    with Emulator(**options) as emulator, RekognitionClient.local(emulator) as client:  # type: ignore[arg-type]  # tests
        yield Bench(emulator, client, clock)


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """Return the code and text of the error that a call raises."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code, caught.value.message


def assert_invalid(call: Callable[[], object], rule: str, *, code: str = "InvalidParameterException") -> None:
    """Assert that a call is refused with this code, for a rule that is a part of the error's text."""
    found, message = refusal(call)
    assert found == code
    assert rule in message


def error_code(call: Callable[[], object]) -> str:
    """Return the code of the error that a call raises."""
    return refusal(call)[0]


def label_line(image: str, label: str = "dog", value: object = 1) -> str:
    """Return the manifest line of an image with one label."""
    metadata = {"type": "groundtruth/image-classification", "class-name": label, "confidence": 1}
    return json.dumps({"source-ref": f"s3://photos/{image}", "kind": value, "kind-metadata": metadata})


def box_line(image: str, *boxes: tuple[int, int, int, int], names: dict[str, str] | None = None) -> str:
    """Return the manifest line of an image of 100 x 100 pixels with boxes (left, top, width, height) of class 0."""
    corners = ("left", "top", "width", "height")
    value = {
        "image_size": [{"width": 100, "height": 100, "depth": 3}],
        "annotations": [{"class_id": 0, **dict(zip(corners, box, strict=True))} for box in boxes],
    }
    metadata = {
        "type": "groundtruth/object-detection",
        "class-map": names if names is not None else {"0": "nose"},
        "objects": [{"confidence": 1} for _ in boxes],
    }
    return json.dumps({"source-ref": f"s3://photos/{image}", "boxes": value, "boxes-metadata": metadata})


def unlabelled_line(image: str) -> str:
    """Return the manifest line of an image without labels."""
    return json.dumps({"source-ref": f"s3://photos/{image}"})


def put_manifest(emulator: Emulator, key: str, *lines: str) -> models.GroundTruthManifest:
    """Store a manifest, and return the structure that names it."""
    emulator.put_object("manifests", key, "\n".join(lines).encode())
    return models.GroundTruthManifest(s3_object=models.S3Object(bucket="manifests", name=key))


def put_assets(emulator: Emulator, key: str, *lines: str) -> list[models.Asset]:
    """Store a manifest, and return the assets of a training that name it."""
    return [models.Asset(ground_truth_manifest=put_manifest(emulator, key, *lines))]
