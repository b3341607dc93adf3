"""DetectCustomLabels: which version may be used, thresholds, order, and what was declared for which version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rekog import ServiceError, models
from rekog.emulator import NOT_SERVED
from tests.kit.custom_labels import START, Bench, error_code, open_bench
from tests.kit.wire import image_file, plain_image

IMAGE = image_file(plain_image())
NO_IMAGE = b"\xff\xd8\xff no picture"
MISSING = f"arn:aws:rekognition:us-east-1:123456789012:project/dogs/version/v9/{START}000"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


def running(bench: Bench, name: str = "dogs") -> str:
    """Return the ARN of a model that runs."""
    arn = bench.train_version(bench.create_project(name))
    bench.client.start_project_version(arn, 1)
    return arn


def names(bench: Bench, arn: str, least: float | None = None, most: int | None = None) -> list[str]:
    response = bench.client.detect_custom_labels(arn, IMAGE, min_confidence=least, max_results=most)
    return [label.name for label in response.custom_labels]


# which version


def test_a_version_that_is_not_there_is_missing_before_the_image_is_looked_at(bench: Bench) -> None:
    assert error_code(lambda: bench.client.detect_custom_labels(MISSING, NO_IMAGE)) == "ResourceNotFoundException"


def test_a_version_that_does_not_run_is_not_ready(bench: Bench) -> None:
    bench.emulator.declare(IMAGE, custom_labels=["dog"])
    arn = bench.train_version(bench.create_project())
    assert error_code(lambda: names(bench, arn)) == "ResourceNotReadyException"
    bench.client.start_project_version(arn, 1)
    assert names(bench, arn) == ["dog"]
    bench.client.stop_project_version(arn)
    assert error_code(lambda: names(bench, arn)) == "ResourceNotReadyException"


def test_an_adapter_detects_no_custom_labels(bench: Bench) -> None:
    arn = bench.train_version(bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED"))
    assert error_code(lambda: names(bench, arn)) == "InvalidParameterException"


# thresholds


def test_without_a_threshold_each_label_has_its_own(bench: Bench) -> None:
    said = [
        {"Name": "high", "Confidence": 70, "AssumedThreshold": 71},
        {"Name": "equal", "Confidence": 70, "AssumedThreshold": 70},
        {"Name": "low", "Confidence": 10, "AssumedThreshold": 5},
        ("half", 50),
        ("less", 49.9),
    ]
    bench.emulator.declare(IMAGE, custom_labels=said)
    arn = running(bench)
    assert names(bench, arn) == ["equal", "half", "low"]
    assert names(bench, arn, 0) == ["equal", "high", "half", "less", "low"]
    assert names(bench, arn, 70) == ["equal", "high"]
    assert names(bench, arn, 70.1) == []


@pytest.mark.parametrize(("most", "expected"), [(None, "cab"), (5, "cab"), (2, "ca"), (0, "")])
def test_the_surest_come_first_and_no_more_than_asked_for(bench: Bench, most: int | None, expected: str) -> None:
    bench.emulator.declare(IMAGE, custom_labels=[("a", 80), ("b", 80), ("c", 90)])
    assert "".join(names(bench, running(bench), 0, most)) == expected


def test_a_place_is_told_where_one_was_declared(bench: Bench) -> None:
    bench.emulator.declare(IMAGE, custom_labels=["scene", {"Name": "dog", "Geometry": [0.1, 0.2, 0.3, 0.4]}])
    dog, scene = bench.client.detect_custom_labels(running(bench), IMAGE).custom_labels
    box = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    assert dog.geometry == models.Geometry(bounding_box=box)
    assert scene.geometry is None


# declared for which version


def test_labels_may_be_declared_for_one_version_and_for_all_others(bench: Bench) -> None:
    first, second = running(bench, "dogs"), running(bench, "cats")
    bench.emulator.declare(IMAGE, custom_labels={first: ["puppy"], "": ["dog"]})
    assert (names(bench, first), names(bench, second)) == (["puppy"], ["dog"])


def test_what_was_declared_for_another_version_only_is_nothing(bench: Bench) -> None:
    first, second = running(bench, "dogs"), running(bench, "cats")
    bench.emulator.declare(IMAGE, custom_labels={first: []})
    assert names(bench, first) == []
    with pytest.raises(ServiceError, match="can't tell the custom_labels") as caught:
        names(bench, second)
    assert caught.value.code == NOT_SERVED


def test_an_undeclared_image_is_refused(bench: Bench) -> None:
    arn = running(bench)
    assert error_code(lambda: names(bench, arn)) == NOT_SERVED


# the picture


def test_an_image_in_the_request_has_at_most_4_mb(bench: Bench) -> None:
    arn, large = running(bench), IMAGE + bytes(4 * 1024 * 1024 + 1 - len(IMAGE))
    bench.emulator.declare(large, custom_labels=["dog"])
    bench.emulator.put_object("photos", "large.png", large)
    assert error_code(lambda: bench.client.detect_custom_labels(arn, large)) == "ImageTooLargeException"
    assert bench.client.detect_custom_labels(arn, "s3://photos/large.png").custom_labels


def test_what_is_no_image_is_refused_as_such(bench: Bench) -> None:
    arn = running(bench)
    assert error_code(lambda: bench.client.detect_custom_labels(arn, NO_IMAGE)) == "InvalidImageFormatException"


# adapters of DetectModerationLabels


def adapter(bench: Bench) -> str:
    bench.emulator.declare(IMAGE, moderation=["Gambling"])
    return bench.train_version(bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="DISABLED"))


def test_an_adapter_that_was_trained_is_repeated_in_the_answer(bench: Bench) -> None:
    arn = adapter(bench)
    response = bench.client.detect_moderation_labels(IMAGE, project_version=arn)
    assert response.project_version == arn
    assert [label.name for label in response.moderation_labels] == ["Gambling"]
    assert response.moderation_model_version == "7.0"


def test_an_expired_adapter_leaves_the_work_to_the_base_model(bench: Bench) -> None:
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


def test_a_model_is_no_adapter(bench: Bench) -> None:
    arn = running(bench)
    assert (
        error_code(lambda: bench.client.detect_moderation_labels(IMAGE, project_version=arn))
        == "InvalidParameterException"
    )
