"""What the tests of projects, versions and datasets work with: a clock, manifests, and a model that was trained."""

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
"""An S3 server that is not there."""
PROJECT = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:project/dogs/{START}000"


class Bench:
    """An emulator on a clock of its own, a client of it, and short words for what tests do often."""

    def __init__(self, emulator: Emulator, client: RekognitionClient, clock: ManualClock) -> None:
        self.emulator = emulator
        self.client = client
        self.clock = clock

    def advance_on_poll(self, poll: Poll) -> None:
        """Let 20 seconds pass; for a waiter's `on_poll`."""
        self.clock.advance(20)

    def create_project(self, name: str = "dogs", **options: str) -> str:
        """Make a project of a feature, and return its ARN."""
        wire = {"ProjectName": name, **options}
        return str(self.client.call("CreateProject", wire)["ProjectArn"])

    def create_dataset(
        self, project: str, kind: models.DatasetTypeValue = "TRAIN", lines: list[str] | None = None
    ) -> str:
        """Make a dataset with these lines, and return its ARN."""
        arn = self.client.create_dataset(kind, project).dataset_arn
        if lines is not None:
            self.update_dataset(arn, *lines)
        return arn

    def update_dataset(self, dataset: str, *lines: str) -> None:
        """Send lines to a dataset."""
        self.client.update_dataset_entries(dataset, models.DatasetChanges(ground_truth="\n".join(lines).encode()))

    def list_entries(self, dataset: str) -> list[str]:
        """Return all lines of a dataset."""
        return list(self.client.paginate_list_dataset_entries(dataset))

    def create_version(self, project: str, name: str = "v1") -> str:
        """Train a version with the datasets of its project, and return its ARN."""
        return self.client.create_project_version(project, name, OUTPUT).project_version_arn

    def train_version(self, project: str, name: str = "v1") -> str:
        """Give a project a training dataset and a version trained with it."""
        self.create_dataset(project, lines=[label_line(f"{number}.jpg") for number in range(10)])
        return self.create_version(project, name)

    def describe_version(self, project: str, name: str = "v1") -> models.ProjectVersionDescription:
        """Describe a version."""
        (result,) = self.client.describe_project_versions(project, version_names=[name]).project_version_descriptions
        return result

    def version_status(self, project: str, name: str = "v1") -> str:
        """Return the state of a version."""
        return str(self.describe_version(project, name).status)

    def describe_dataset(self, arn: str) -> models.DatasetDescription:
        """Describe a dataset."""
        described = self.client.describe_dataset(arn).dataset_description
        assert described is not None
        return described


@contextmanager
def open_bench(seconds: float = 0, **settings: object) -> Generator[Bench]:
    """Open an emulator whose steps all take so long by a clock that only tests move."""
    clock = ManualClock(START)
    options = {"clock": clock, "durations": Durations.all(seconds), **settings}
    with Emulator(**options) as emulator, RekognitionClient.local(emulator) as client:  # type: ignore[arg-type]  # tests
        yield Bench(emulator, client, clock)


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """Return the code and text of the error that a call ends with."""
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value.code, caught.value.message


def error_code(call: Callable[[], object]) -> str:
    """Return the code of the error that a call ends with."""
    return refusal(call)[0]


def label_line(image: str, label: str = "dog", value: object = 1) -> str:
    """Return the line of a picture with one label."""
    metadata = {"type": "groundtruth/image-classification", "class-name": label, "confidence": 1}
    return json.dumps({"source-ref": f"s3://photos/{image}", "kind": value, "kind-metadata": metadata})


def box_line(image: str, *boxes: tuple[int, int, int, int], names: dict[str, str] | None = None) -> str:
    """Return the line of a picture of 100 x 100 pixels with boxes (left, top, width, height) of class 0."""
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
    """Return the line of a picture without labels."""
    return json.dumps({"source-ref": f"s3://photos/{image}"})


def put_manifest(emulator: Emulator, key: str, *lines: str) -> models.GroundTruthManifest:
    """Put a manifest into the object store."""
    emulator.put_object("manifests", key, "\n".join(lines).encode())
    return models.GroundTruthManifest(s3_object=models.S3Object(bucket="manifests", name=key))


def put_assets(emulator: Emulator, key: str, *lines: str) -> list[models.Asset]:
    """Put a manifest into the object store, as a training names it."""
    return [models.Asset(ground_truth_manifest=put_manifest(emulator, key, *lines))]
