"""DetectModerationLabels: the taxonomy, thresholds, content types, adapters and human loops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator.answers.moderation import PARENTS, TAXONOMY, answered, with_ancestors
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE = image_file(plain_image())
MISSING = "arn:aws:rekognition:us-east-1:123456789012:project/safe/version/one/1700000000000"
laws = settings(derandomize=True, max_examples=80, deadline=None)


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def label(
    name: str, confidence: float = 90, parent: str | None = None, level: int | None = None
) -> models.ModerationLabel:
    return models.ModerationLabel(name=name, confidence=confidence, parent_name=parent, taxonomy_level=level)


def told(labels: list[models.ModerationLabel]) -> list[tuple[str, str | None, int | None, float]]:
    return [(each.name, each.parent_name, each.taxonomy_level, each.confidence) for each in labels]


# the taxonomy


def test_there_are_ten_kinds_at_the_top() -> None:
    assert len(TAXONOMY) == 10
    assert sum(not parent for parent in PARENTS.values()) == 10


def test_a_name_of_the_taxonomy_brings_its_ancestors_with_it() -> None:
    assert told(answered([label("Smoking", 97)])) == [
        ("Smoking", "Drugs & Tobacco Paraphernalia & Use", 3, 97),
        ("Drugs & Tobacco Paraphernalia & Use", "Drugs & Tobacco", 2, 97),
        ("Drugs & Tobacco", "", 1, 97),
    ]


@pytest.mark.parametrize("name", sorted(PARENTS))
def test_no_name_is_deeper_than_three_levels(name: str) -> None:
    found = with_ancestors([label(name)])
    assert [each.taxonomy_level for each in found] == list(range(len(found), 0, -1))
    assert len(found) <= 3


def test_an_unknown_name_is_at_the_top_or_below_the_parent_that_it_is_given_with() -> None:
    found = answered([label("Clowns", 70), label("Red Noses", 80, "Clowns"), label("Wigs", 60, "Alcohol Use")])
    assert told(found) == [
        ("Red Noses", "Clowns", 2, 80),
        ("Clowns", "", 1, 80),
        ("Wigs", "Alcohol Use", 3, 60),
        ("Alcohol Use", "Alcohol", 2, 60),
        ("Alcohol", "", 1, 60),
    ]


def test_what_was_declared_of_a_label_stays() -> None:
    assert told(answered([label("Weapons", 70, "", 1)])) == [("Weapons", "", 1, 70)]


def test_a_circle_of_parents_ends() -> None:
    assert {each.name for each in with_ancestors([label("a", 90, "b"), label("b", 90, "a")])} == {"a", "b"}


some_labels = st.lists(
    st.builds(label, st.sampled_from([*PARENTS, "Clowns"]), st.floats(0, 100)), max_size=5, unique_by=lambda x: x.name
)


@laws
@given(some_labels, st.none() | st.floats(0, 100))
def test_the_parent_of_an_answered_label_is_answered_and_at_least_as_sure(
    labels: list[models.ModerationLabel], least: float | None
) -> None:
    found = {each.name: each for each in answered(labels, least)}
    for each in found.values():
        assert not each.parent_name or found[each.parent_name].confidence >= each.confidence


@laws
@given(some_labels, st.floats(0, 100), st.floats(0, 100))
def test_a_higher_threshold_gives_a_part_of_the_answer(
    labels: list[models.ModerationLabel], one: float, other: float
) -> None:
    low, high = sorted([one, other])
    assert {each.name for each in answered(labels, high)} <= {each.name for each in answered(labels, low)}


def test_the_threshold_is_inclusive_and_50_when_absent() -> None:
    assert [each.name for each in answered([label("Gambling", 50), label("Alcohol", 49.9)])] == ["Gambling"]
    assert [each.name for each in answered([label("Gambling", 70)], 70)] == ["Gambling"]
    assert answered([label("Gambling", 70)], 70.1) == []


# over the transport


def test_an_answer_has_content_types_and_the_models_version(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, moderation=[("Alcoholic Beverages", 88)], content_types=[("Animated", 99)])
    response = client.detect_moderation_labels(IMAGE)
    assert [each.name for each in response.moderation_labels] == ["Alcoholic Beverages", "Alcohol"]
    assert response.content_types == [models.ContentType(name="Animated", confidence=99)]
    assert (response.moderation_model_version, response.project_version) == ("7.0", None)
    assert response.human_loop_activation_output is None


def test_an_answer_without_content_types_has_an_empty_list(emulator: Emulator) -> None:
    emulator.declare(IMAGE, moderation=[])
    assert WireClient(emulator)("DetectModerationLabels", Image={"Bytes": IMAGE}).body["ContentTypes"] == []


def test_content_types_alone_do_not_say_that_nothing_is_wrong(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, content_types=["Animated"])
    with pytest.raises(ServiceError, match="can't tell the moderation"):
        client.detect_moderation_labels(IMAGE)


def test_a_human_loop_is_never_triggered(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, moderation=[])
    loop = models.HumanLoopConfig(human_loop_name="review", flow_definition_arn="arn:aws:sagemaker:us-east-1:1:flow/x")
    response = client.detect_moderation_labels(IMAGE, human_loop_config=loop)
    assert response.human_loop_activation_output == models.HumanLoopActivationOutput()


def test_an_unknown_adapter_is_missing_before_the_image_is_looked_at(client: RekognitionClient) -> None:
    with pytest.raises(ServiceError) as caught:
        client.detect_moderation_labels(b"\xff\xd8\xff no picture", project_version=MISSING)
    assert caught.value.code == "ResourceNotFoundException"


def test_an_image_of_10001_pixels_is_too_large(client: RekognitionClient) -> None:
    with pytest.raises(ServiceError) as caught:
        client.detect_moderation_labels(image_file(plain_image(10_001, 80)))
    assert caught.value.code == "ImageTooLargeException"
