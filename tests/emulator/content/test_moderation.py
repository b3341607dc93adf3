"""Moderation without a declaration: images, videos and media analysis jobs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator import DecodedImage, DetectedModeration, Emulator
from tests.kit.photographs import photograph
from tests.kit.videos import video_file
from tests.kit.wire import image_file, plain_image

GREY = image_file(plain_image(200, 100))
WIDE = plain_image(200, 100)
TALL = plain_image(100, 200)


class TallImages:
    """A detector to which tall images show weapons and drinks, and wide ones nothing."""

    def detect(self, image: DecodedImage) -> list[DetectedModeration]:
        if image.width > image.height:
            return []
        return [DetectedModeration("Weapons", 0.9), DetectedModeration("Drinking", 0.6)]


@pytest.fixture(scope="module")
def client() -> Iterator[RekognitionClient]:
    """A client of an emulator with our own networks."""
    with Emulator() as emulator, RekognitionClient.local(emulator) as opened:
        yield opened


@pytest.fixture
def tall() -> Iterator[Emulator]:
    with Emulator(vision="off", moderation_detector=TallImages()) as emulator:
        yield emulator


@pytest.mark.slow
@pytest.mark.parametrize("name", ["astronaut", "camera", "coffee", "hubble"])
def test_an_ordinary_photograph_has_no_labels_and_no_content_types(client: RekognitionClient, name: str) -> None:
    response = client.detect_moderation_labels(photograph(name), min_confidence=0)
    assert (response.moderation_labels, response.content_types) == ([], [])
    assert response.moderation_model_version == "7.0"


def test_labels_of_a_users_detector_get_their_ancestors(tall: Emulator) -> None:
    with RekognitionClient.local(tall) as client:
        response = client.detect_moderation_labels(image_file(TALL))
        assert client.detect_moderation_labels(image_file(WIDE)).moderation_labels == []
    assert [(each.name, each.confidence, each.parent_name) for each in response.moderation_labels] == [
        ("Weapons", 90, "Violence"),
        ("Violence", 90, ""),
        ("Drinking", 60, "Alcohol Use"),
        ("Alcohol Use", 60, "Alcohol"),
        ("Alcohol", 60, ""),
    ]


def test_the_threshold_of_the_request_holds(tall: Emulator) -> None:
    with RekognitionClient.local(tall) as client:
        response = client.detect_moderation_labels(image_file(TALL), min_confidence=61)
    assert {each.name for each in response.moderation_labels} == {"Weapons", "Violence"}


def test_declared_labels_replace_detected_ones(tall: Emulator) -> None:
    image = image_file(TALL)
    tall.declare(image, moderation=[])
    with RekognitionClient.local(tall) as client:
        assert client.detect_moderation_labels(image).moderation_labels == []


def test_declared_content_types_come_with_detected_labels(tall: Emulator) -> None:
    image = image_file(TALL)
    tall.declare(image, content_types=["Animated"])
    with RekognitionClient.local(tall) as client:
        response = client.detect_moderation_labels(image)
    assert [each.name for each in response.content_types] == ["Animated"]
    assert "Weapons" in [each.name for each in response.moderation_labels]


def test_a_video_is_moderated_frame_by_frame(tall: Emulator) -> None:
    tall.put_object("films", "one.mp4", video_file([TALL], each=20, rate=10))
    with RekognitionClient.local(tall) as client:
        job = client.start_content_moderation("s3://films/one.mp4", min_confidence=70).job_id
        labels = client.wait_until_content_moderation_completed(job).moderation_labels
    found = [(each.timestamp, each.moderation_label.name) for each in labels]
    assert found == [(time, name) for time in (0, 500, 1000, 1500) for name in ("Violence", "Weapons")]
    assert all(each.content_types == [] for each in labels)


@pytest.mark.slow
def test_a_video_without_such_content_has_no_labels() -> None:
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        emulator.put_object("films", "grey.mp4", video_file([WIDE], each=10, rate=10))
        job = client.start_content_moderation("s3://films/grey.mp4").job_id
        assert client.wait_until_content_moderation_completed(job).moderation_labels == []


def test_a_media_analysis_job_analyses_undeclared_images(tall: Emulator) -> None:
    names = {"tall.png": TALL, "wide.png": WIDE}
    for name, image in names.items():
        tall.put_object("photos", name, image_file(image))
    lines = [json.dumps({"source-ref": f"s3://photos/{name}"}) for name in names]
    tall.put_object("photos", "manifest.jsonl", "\n".join(lines).encode())
    with RekognitionClient.local(tall) as client:
        started = client.start_media_analysis_job(
            operations_config=models.MediaAnalysisOperationsConfig(
                detect_moderation_labels=models.MediaAnalysisDetectModerationLabelsConfig(min_confidence=70)
            ),
            input=models.MediaAnalysisInput(s3_object=models.S3Object(bucket="photos", name="manifest.jsonl")),
            output_config=models.MediaAnalysisOutputConfig(s3_bucket="photos"),
        )
        job = client.get_media_analysis_job(started.job_id)
    assert job.status == "SUCCEEDED"
    assert job.results is not None
    location = job.results.s3_object
    assert location is not None
    results = [json.loads(line) for line in tall.get_object(str(location.bucket), str(location.name)).splitlines()]
    labels = [[each["Name"] for each in line["detect-moderation-labels"]["ModerationLabels"]] for line in results]
    assert labels == [["Weapons", "Violence"], []]


def test_with_vision_off_undeclared_labels_are_refused() -> None:
    with Emulator(vision="off") as emulator, RekognitionClient.local(emulator) as client:
        with pytest.raises(ServiceError, match=r"declare\(image, moderation=\[\.\.\.\]\)") as caught:
            client.detect_moderation_labels(GREY)
        assert caught.value.code == "NotServedByEmulator"


def test_without_the_package_of_the_networks_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rekog_weights", None)
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        with pytest.raises(ServiceError, match=r"needs the package rekog-weights.*'\.\[vision\]'") as caught:
            client.detect_moderation_labels(GREY)
        assert caught.value.code == "NotServedByEmulator"
        with pytest.raises(ServiceError, match="needs the package rekog-weights"):
            client.detect_protective_equipment(GREY)
