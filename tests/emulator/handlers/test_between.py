"""Operations with several transactions: what another thread changes between them is checked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from rekog import models
from rekog.emulator import Box, DecodedImage, DetectedFace, Emulator, Limits, ManualClock
from rekog.emulator.services.objects import Objects
from tests.kit.colour_faces import ColourFaceDetector
from tests.kit.custom_labels import (
    OUTPUT,
    PROJECT,
    START,
    Bench,
    label_line,
    open_bench,
    put_assets,
    put_manifest,
    refusal,
)
from tests.kit.wire import WireClient, image_file

MISSING, EXISTS, IN_USE = "ResourceNotFoundException", "ResourceAlreadyExistsException", "ResourceInUseException"
GONE = (MISSING, f"{PROJECT} does not exist.")
NAMED = (IN_USE, f"{PROJECT} has a version named v1.")
FULL = ("ServiceQuotaExceededException", "There may be at most 1 versions of a project.")


class Between:
    """An action that the next read of an object performs, as another thread might."""

    def __init__(self) -> None:
        self.action: Callable[[], object] | None = None

    def __call__(self) -> None:
        action, self.action = self.action, None
        if action is not None:
            action()


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    found = Between()

    def hooked(function: Callable[..., object]) -> Callable[..., object]:
        def read(*arguments: Any, **options: Any) -> object:
            result = function(*arguments, **options)
            found()
            return result

        return read

    for name in ("read", "open"):
        monkeypatch.setattr(Objects, name, hooked(getattr(Objects, name)))
    return found


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench(limits=Limits(versions_per_project=1)) as opened:
        opened.create_project()
        yield opened


def test_a_project_or_a_dataset_may_change_while_a_manifest_is_read(bench: Bench, between: Between) -> None:
    manifest = models.DatasetSource(ground_truth_manifest=put_manifest(bench.emulator, "m", label_line("a.jpg")))

    def create() -> object:
        return bench.client.create_dataset(PROJECT, dataset_type="TRAIN", dataset_source=manifest)

    between.action = lambda: bench.create_dataset(PROJECT)
    assert refusal(create) == (EXISTS, f"A TRAIN dataset of {PROJECT} already exists.")
    (found,) = bench.client.describe_projects().project_descriptions[0].datasets
    bench.client.delete_dataset(str(found.dataset_arn))
    between.action = lambda: bench.client.delete_project(PROJECT)
    assert refusal(create) == GONE


def test_a_dataset_that_exists_is_refused_before_a_manifest_is_read(bench: Bench, between: Between) -> None:
    bench.create_dataset(PROJECT)
    lost = models.GroundTruthManifest(s3_object=models.S3Object(bucket="manifests", name="lost"))
    source = models.DatasetSource(ground_truth_manifest=lost)
    between.action = pytest.fail
    assert refusal(lambda: bench.client.create_dataset(PROJECT, dataset_type="TRAIN", dataset_source=source)) == (
        EXISTS,
        f"A TRAIN dataset of {PROJECT} already exists.",
    )


@pytest.mark.parametrize(("name", "expected"), [("v1", NAMED), ("v2", FULL), (None, GONE)])
def test_a_project_or_its_versions_may_change_while_manifests_are_read(
    bench: Bench, between: Between, name: str | None, expected: tuple[str, str]
) -> None:
    lines = [label_line(f"{number}.jpg") for number in range(5)]
    training = models.TrainingData(assets=put_assets(bench.emulator, "m", *lines))

    def train(version: str) -> object:
        return bench.client.create_project_version(
            PROJECT,
            version_name=version,
            output_config=OUTPUT,
            training_data=training,
            testing_data=models.TestingData(auto_create=True),
        )

    between.action = lambda: bench.client.delete_project(PROJECT) if name is None else train(name)
    assert refusal(lambda: train("v1")) == expected
    if name is not None:
        (version,) = bench.client.describe_project_versions(PROJECT).project_version_descriptions
        assert f"/version/{name}/" in str(version.project_version_arn)


@pytest.mark.parametrize(("name", "expected"), [("v1", NAMED), ("v2", FULL), (None, GONE)])
def test_a_project_or_its_versions_may_change_while_files_are_copied(
    bench: Bench, between: Between, name: str | None, expected: tuple[str, str]
) -> None:
    project = bench.create_project("source")
    source = bench.train_version(project)
    bench.describe_version(project)

    def copy(version: str) -> object:
        return bench.client.copy_project_version(
            source_project_arn=project,
            source_project_version_arn=source,
            destination_project_arn=PROJECT,
            version_name=version,
            output_config=models.OutputConfig(s3_bucket="copies"),
        )

    between.action = lambda: bench.client.delete_project(PROJECT) if name is None else copy(name)
    assert refusal(lambda: copy("v1")) == expected


def test_a_dataset_may_change_while_the_lines_of_an_update_are_read(
    bench: Bench, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rekog.emulator.handlers.custom_labels import manifests

    parse = manifests.parse

    def hooked(*arguments: Any, **options: Any) -> object:
        between()
        return parse(*arguments, **options)

    dataset = bench.create_dataset(PROJECT)
    monkeypatch.setattr(manifests, "parse", hooked)
    bench.emulator.durations = {"deleting": 60}
    between.action = lambda: bench.client.delete_dataset(dataset)
    busy = (IN_USE, f"{dataset} is DELETE_IN_PROGRESS.")
    assert refusal(lambda: bench.update_dataset(dataset, label_line("a.jpg"))) == busy


class Hooked(ColourFaceDetector):
    """Performs an action at the next detection or embedding of a face."""

    def __init__(self) -> None:
        self.detecting, self.embedding = Between(), Between()
        self.number = 1

    def detect(self, image: DecodedImage) -> list[DetectedFace]:
        self.detecting()
        (face,) = super().detect(image)
        boxes = [Box(10, 10, 80 - number, 80 - number) for number in range(self.number)]
        return [DetectedFace(box, face.confidence, face.landmarks) for box in boxes]

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        self.embedding()
        return super().embed(image, face)


IMAGE = image_file(Image.new("RGB", (100, 100), "red"))


@pytest.fixture
def hooked() -> Iterator[tuple[Emulator, Hooked]]:
    own = Hooked()
    with Emulator(vision="off", face_detector=own, face_embedder=own, clock=ManualClock(START)) as emulator:
        yield emulator, own


def test_a_collection_may_be_deleted_or_filled_while_an_image_is_indexed(hooked: tuple[Emulator, Hooked]) -> None:
    emulator, own = hooked
    wire = WireClient(emulator)
    members = {"CollectionId": "people", "Image": {"Bytes": IMAGE}, "QualityFilter": "NONE"}
    for hook in (own.detecting, own.embedding):
        wire("CreateCollection", CollectionId="people")
        hook.action = lambda: wire("DeleteCollection", CollectionId="people")
        assert wire("IndexFaces", **members).refusal == (MISSING, "The collection id: people does not exist")
    wire("CreateCollection", CollectionId="people")
    own.embedding.action = lambda: wire("IndexFaces", **members)
    (record,) = wire("IndexFaces", **members).body["FaceRecords"]
    listed = wire("ListFaces", CollectionId="people").body["Faces"]
    assert listed == [{**record["Face"], "IndexFacesModelVersion": "7.0"}]


def test_a_face_that_is_deleted_while_its_image_is_indexed_again_is_stored_anew(
    hooked: tuple[Emulator, Hooked],
) -> None:
    emulator, own = hooked
    own.number = 2
    wire = WireClient(emulator)
    wire("CreateCollection", CollectionId="people")
    members = {"CollectionId": "people", "Image": {"Bytes": IMAGE}, "QualityFilter": "NONE"}
    (first,) = face_ids(wire("IndexFaces", **members, MaxFaces=1).body)
    # the second face is new, so it is embedded: between the lookup of the faces and their storage
    own.embedding.action = lambda: wire("DeleteFaces", CollectionId="people", FaceIds=[first])
    indexed = face_ids(wire("IndexFaces", **members).body)
    assert (indexed[0], len(indexed)) == (first, 2)
    listed = wire("ListFaces", CollectionId="people").body["Faces"]
    assert sorted(face["FaceId"] for face in listed) == sorted(indexed)
    matches = wire("SearchFaces", CollectionId="people", FaceId=indexed[1]).body["FaceMatches"]
    assert [(match["Face"]["FaceId"], match["Similarity"]) for match in matches] == [(first, 100)]


def face_ids(response: dict[str, Any]) -> list[str]:
    return [str(record["Face"]["FaceId"]) for record in response["FaceRecords"]]


def test_a_session_may_end_while_the_face_of_its_image_is_detected(hooked: tuple[Emulator, Hooked]) -> None:
    emulator, own = hooked
    session = WireClient(emulator)("CreateFaceLivenessSession").body["SessionId"]
    own.detecting.action = lambda: emulator.declare_liveness(session, status="FAILED")
    with pytest.raises(ValueError, match=rf"^the liveness session {session} is FAILED and accepts no further result"):
        emulator.declare_liveness(session, confidence=99, reference_image=IMAGE)
    found = WireClient(emulator)("GetFaceLivenessSessionResults", SessionId=session).body
    assert found == {"SessionId": session, "Status": "FAILED"}
