"""DetectCustomLabels: usable versions, thresholds, order, and declarations for one version or for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rekog import ServiceError, models
from rekog.emulator import NOT_SERVED
from tests.kit.custom_labels import START, Bench, assert_invalid, error_code, open_bench
from tests.kit.wire import image_file, plain_image

IMAGE = image_file(plain_image())
OTHER_IMAGE = image_file(plain_image(90, 90))
NO_IMAGE = b"\xff\xd8\xff no image"
MISSING = f"arn:aws:rekognition:us-east-1:123456789012:project/dogs/version/v9/{START}000"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


def running(bench: Bench, name: str = "dogs") -> str:
    """Return the ARN of a running model."""
    arn = bench.train_version(bench.create_project(name))
    bench.client.start_project_version(arn, min_inference_units=1)
    return arn


def names(bench: Bench, arn: str, minimum: float | None = None, limit: int | None = None) -> list[str]:
    response = bench.client.detect_custom_labels(arn, IMAGE, min_confidence=minimum, max_results=limit)
    return [label.name for label in response.custom_labels]


# versions


def test_an_unknown_version_is_refused_before_a_broken_image(bench: Bench) -> None:
    assert error_code(lambda: bench.client.detect_custom_labels(MISSING, NO_IMAGE)) == "ResourceNotFoundException"


def test_a_version_that_is_not_running_is_not_ready(bench: Bench) -> None:
    bench.emulator.declare(IMAGE, custom_labels=["dog"])
    arn = bench.train_version(bench.create_project())
    assert error_code(lambda: names(bench, arn)) == "ResourceNotReadyException"
    bench.client.start_project_version(arn, min_inference_units=1)
    assert names(bench, arn) == ["dog"]
    bench.client.stop_project_version(arn)
    assert error_code(lambda: names(bench, arn)) == "ResourceNotReadyException"


def test_an_adapter_detects_no_custom_labels(bench: Bench) -> None:
    arn = bench.train_version(bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED"))
    assert_invalid(lambda: names(bench, arn), "is an adapter: use it with DetectModerationLabels")


# thresholds


def test_without_min_confidence_each_label_has_its_assumed_threshold(bench: Bench) -> None:
    declared = [
        {"Name": "high", "Confidence": 70, "AssumedThreshold": 71},
        {"Name": "equal", "Confidence": 70, "AssumedThreshold": 70},
        {"Name": "low", "Confidence": 10, "AssumedThreshold": 5},
        ("half", 50),
        ("less", 49.9),
    ]
    bench.emulator.declare(IMAGE, custom_labels=declared)
    arn = running(bench)
    assert names(bench, arn) == ["equal", "half", "low"]
    assert names(bench, arn, 0) == ["equal", "high", "half", "less", "low"]
    assert names(bench, arn, 70) == ["equal", "high"]
    assert names(bench, arn, 70.1) == []


@pytest.mark.parametrize(("limit", "expected"), [(None, "cab"), (5, "cab"), (2, "ca"), (0, "")])
def test_labels_are_ordered_by_descending_confidence_up_to_max_results(
    bench: Bench, limit: int | None, expected: str
) -> None:
    bench.emulator.declare(IMAGE, custom_labels=[("a", 80), ("b", 80), ("c", 90)])
    assert "".join(names(bench, running(bench), 0, limit)) == expected


def test_a_label_has_a_geometry_if_one_is_declared(bench: Bench) -> None:
    bench.emulator.declare(IMAGE, custom_labels=["scene", {"Name": "dog", "Geometry": [0.1, 0.2, 0.3, 0.4]}])
    dog, scene = bench.client.detect_custom_labels(running(bench), IMAGE).custom_labels
    box = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    assert dog.geometry == models.Geometry(bounding_box=box)
    assert scene.geometry is None


# declarations for a version


def test_labels_may_be_declared_for_one_version_and_for_all_others(bench: Bench) -> None:
    first, second = running(bench, "dogs"), running(bench, "cats")
    bench.emulator.declare(IMAGE, custom_labels={first: ["puppy"], "": ["dog"]})
    assert (names(bench, first), names(bench, second)) == (["puppy"], ["dog"])


def test_labels_declared_for_another_version_only_are_refused(bench: Bench) -> None:
    first, second = running(bench, "dogs"), running(bench, "cats")
    bench.emulator.declare(IMAGE, custom_labels={first: []})
    assert names(bench, first) == []
    with pytest.raises(ServiceError, match="can't detect the custom_labels") as caught:
        names(bench, second)
    assert caught.value.code == NOT_SERVED


def test_an_undeclared_image_is_refused(bench: Bench) -> None:
    arn = running(bench)
    assert error_code(lambda: names(bench, arn)) == NOT_SERVED


# the image


def test_an_image_in_the_request_has_at_most_4_mb(bench: Bench) -> None:
    arn, large = running(bench), IMAGE + bytes(4 * 1024 * 1024 + 1 - len(IMAGE))
    bench.emulator.declare(large, custom_labels=["dog"])
    bench.emulator.put_object("photos", "large.png", large)
    assert error_code(lambda: bench.client.detect_custom_labels(arn, large)) == "ImageTooLargeException"
    assert bench.client.detect_custom_labels(arn, "s3://photos/large.png").custom_labels


def test_bytes_that_are_no_image_are_refused(bench: Bench) -> None:
    arn = running(bench)
    assert error_code(lambda: bench.client.detect_custom_labels(arn, NO_IMAGE)) == "InvalidImageFormatException"


# adapters of DetectModerationLabels


def adapter(bench: Bench) -> str:
    bench.emulator.declare(IMAGE, moderation=["Gambling"])
    return bench.train_version(bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED"))


def test_the_response_names_a_trained_adapter(bench: Bench) -> None:
    arn = adapter(bench)
    response = bench.client.detect_moderation_labels(IMAGE, project_version=arn)
    assert response.project_version == arn
    assert [label.name for label in response.moderation_labels] == ["Gambling"]
    assert response.moderation_model_version == "7.0"


def test_only_declared_labels_are_those_of_an_adapter(bench: Bench) -> None:
    """An adapter learns nothing, so the labels that the networks see are not its labels."""
    arn = adapter(bench)
    with pytest.raises(ServiceError, match=r"trains no adapters .* Leave out ProjectVersion"):
        bench.client.detect_moderation_labels(OTHER_IMAGE, project_version=arn)
    bench.emulator.declare(OTHER_IMAGE, moderation=[])
    assert bench.client.detect_moderation_labels(OTHER_IMAGE, project_version=arn).moderation_labels == []


def test_an_expired_adapter_is_replaced_by_the_base_model(bench: Bench) -> None:
    arn = adapter(bench)
    bench.emulator.declare_version(arn, status="EXPIRED")
    response = bench.client.detect_moderation_labels(IMAGE, project_version=arn)
    assert response.project_version is None
    assert response.moderation_labels


def test_an_adapter_in_training_is_not_ready() -> None:
    with open_bench(60) as bench:
        project = bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED")
        bench.clock.advance(60)
        bench.create_dataset(project)
        bench.clock.advance(60)
        arn = bench.create_version(project)
        assert (
            error_code(lambda: bench.client.detect_moderation_labels(IMAGE, project_version=arn))
            == "ResourceNotReadyException"
        )


def test_a_model_is_refused_as_an_adapter(bench: Bench) -> None:
    arn = running(bench)
    assert_invalid(
        lambda: bench.client.detect_moderation_labels(IMAGE, project_version=arn), "use it with DetectCustomLabels"
    )
