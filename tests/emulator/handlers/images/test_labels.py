"""DetectLabels: ancestors, filters, order and limits, as functions and over the transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator.answers.labels import answered, passes, with_ancestors
from tests.kit.wire import ASTRONAUT, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE = image_file(plain_image())
GENERAL, PROPERTIES = models.DetectLabelsFeatureName.GENERAL_LABELS, models.DetectLabelsFeatureName.IMAGE_PROPERTIES


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def label(name: str, confidence: float = 90, *parents: str, categories: tuple[str, ...] = ()) -> models.Label:
    return models.Label(
        name=name,
        confidence=confidence,
        parents=[models.Parent(name=parent) for parent in parents],
        categories=[models.LabelCategory(name=category) for category in categories],
    )


def filters(**names: list[str]) -> models.GeneralLabelsSettings:
    return models.GeneralLabelsSettings(
        label_inclusion_filters=names.get("only"),
        label_exclusion_filters=names.get("without"),
        label_category_inclusion_filters=names.get("only_in"),
        label_category_exclusion_filters=names.get("not_in"),
    )


def asking(only: models.GeneralLabelsSettings) -> models.DetectLabelsSettings:
    return models.DetectLabelsSettings(general_labels=only)


def names(labels: list[models.Label]) -> list[str]:
    return [each.name for each in labels]


# ancestors, as laws and as the service gave them in a recorded answer

NAMES = "Adult Animal Cat Dog Female Person Pet Woman".split()


@st.composite
def any_label(draw: st.DrawFn) -> models.Label:
    name = draw(st.sampled_from(NAMES))
    parents = draw(st.frozensets(st.sampled_from(NAMES), max_size=3))
    return label(name, draw(st.floats(0, 100)), *sorted(parents - {name}))


some_labels = st.lists(any_label(), max_size=6, unique_by=lambda each: each.name)
laws = settings(derandomize=True, max_examples=60, deadline=None)


@laws
@given(some_labels, st.none() | st.floats(0, 100))
def test_every_ancestor_of_an_answered_label_is_answered(labels: list[models.Label], least: float | None) -> None:
    found = answered(labels, least)
    assert {parent.name for each in found for parent in each.parents} <= set(names(found))


@laws
@given(some_labels)
def test_an_ancestor_is_at_least_as_sure_as_its_descendants(labels: list[models.Label]) -> None:
    found = {each.name: each for each in with_ancestors(labels)}
    for each in labels:
        assert all(found[parent.name].confidence >= each.confidence for parent in each.parents)


@laws
@given(some_labels)
def test_no_label_is_lost_and_none_comes_twice(labels: list[models.Label]) -> None:
    found = names(with_ancestors(labels))
    assert len(found) == len(set(found))
    assert set(names(labels)) <= set(found)


def test_the_parents_of_a_label_are_all_its_ancestors() -> None:
    found = {each.name: each for each in answered([label("Woman", 90, "Adult"), label("Adult", 60, "Person")])}
    assert [parent.name for parent in found["Woman"].parents] == ["Adult", "Person"]
    assert [found[name].confidence for name in ("Adult", "Person")] == [90, 90]


def test_an_ancestor_that_was_not_declared_is_as_sure_as_its_surest_descendant() -> None:
    found = answered([label("Skirt", 99.9, "Clothing"), label("Footwear", 56.4, "Clothing")])
    assert [(each.name, each.confidence) for each in found] == [("Clothing", 99.9), ("Skirt", 99.9), ("Footwear", 56.4)]


def test_the_surest_come_first_and_equals_by_name() -> None:
    assert names(answered([label("b"), label("c", 99), label("a")])) == ["c", "a", "b"]


# thresholds and filters


@laws
@given(some_labels, st.floats(0, 100), st.floats(0, 100))
def test_a_higher_threshold_gives_a_part_of_the_answer(labels: list[models.Label], one: float, other: float) -> None:
    low, high = sorted([one, other])
    assert set(names(answered(labels, high))) <= set(names(answered(labels, low)))


def test_the_threshold_is_inclusive_and_55_when_absent() -> None:
    assert names(answered([label("a", 55), label("b", 54.99)])) == ["a"]
    assert names(answered([label("a", 70), label("b", 70.01)], 70)) == ["b", "a"]
    assert names(answered([label("a", 0)], 0)) == ["a"]


@laws
@given(some_labels, st.integers(0, 5))
def test_max_labels_keeps_the_surest(labels: list[models.Label], most: int) -> None:
    assert answered(labels, 0, most) == answered(labels, 0)[:most]


def test_no_more_than_1000_labels_are_given() -> None:
    many = [label(f"{number}", 60) for number in range(1010)]
    assert len(answered(many)) == len(answered(many, None, 2000)) == 1000


CAT = label("Cat", 90, categories=("Animals and Pets",))
BUS = label("Bus", 80, categories=("Vehicles and Automotive",))


@pytest.mark.parametrize(
    ("given_filters", "kept"),
    [
        (filters(), ["Cat", "Bus"]),
        (filters(only=["Cat"]), ["Cat"]),
        (filters(without=["Cat"]), ["Bus"]),
        (filters(only_in=["Vehicles and Automotive"]), ["Bus"]),
        (filters(not_in=["Vehicles and Automotive"]), ["Cat"]),
        (filters(only=["Cat"], only_in=["Vehicles and Automotive"]), ["Cat", "Bus"]),
        (filters(only=["Cat", "Bus"], without=["Bus"]), ["Cat"]),
        (filters(only=["Cat"], not_in=["Animals and Pets"]), []),
        (filters(only=["cat"]), []),
        (filters(only=["No such label"]), []),
        (filters(without=["No such label"]), ["Cat", "Bus"]),
        (filters(only=[]), ["Cat", "Bus"]),
    ],
)
def test_filters_keep_what_is_included_and_not_excluded(
    given_filters: models.GeneralLabelsSettings, kept: list[str]
) -> None:
    assert names(answered([CAT, BUS], None, None, given_filters)) == kept


words = st.none() | st.lists(st.sampled_from(["Cat", "Bus", "x"]), max_size=2)
groups = st.none() | st.lists(st.sampled_from(["Animals and Pets", "Vehicles and Automotive", "x"]), max_size=2)


@laws
@given(st.sampled_from([CAT, BUS, label("x")]), words, words, groups, groups)
def test_an_exclusion_can_only_take_away(
    each: models.Label,
    only: list[str] | None,
    without: list[str] | None,
    only_in: list[str] | None,
    not_in: list[str] | None,
) -> None:
    free = models.GeneralLabelsSettings(label_inclusion_filters=only, label_category_inclusion_filters=only_in)
    strict = models.GeneralLabelsSettings(
        label_inclusion_filters=only,
        label_category_inclusion_filters=only_in,
        label_exclusion_filters=without,
        label_category_exclusion_filters=not_in,
    )
    assert passes(each, free) >= passes(each, strict)


# over the transport


def test_a_filtered_answer_has_the_model_version_and_nothing_of_the_pixels(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(IMAGE, labels=[CAT, BUS])
    response = client.detect_labels(IMAGE, settings=asking(filters(only=["Bus"])))
    assert names(response.labels) == ["Bus"]
    assert (response.label_model_version, response.image_properties) == ("3.0", None)
    assert response.orientation_correction is None


def test_a_label_keeps_all_that_was_declared_of_it(emulator: Emulator, client: RekognitionClient) -> None:
    box = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    whole = models.Label(
        name="Cat",
        confidence=91.5,
        instances=[models.Instance(bounding_box=box, confidence=80)],
        parents=[models.Parent(name="Animal")],
        aliases=[models.LabelAlias(name="Kitty")],
        categories=[models.LabelCategory(name="Animals and Pets")],
    )
    emulator.declare(IMAGE, labels=[whole])
    assert whole in client.detect_labels(IMAGE).labels


@pytest.mark.parametrize("features", [None, [], [GENERAL]])
def test_general_labels_are_what_is_wanted_when_nothing_is_said(
    emulator: Emulator, client: RekognitionClient, features: list[models.DetectLabelsFeatureName] | None
) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    response = client.detect_labels(IMAGE, features=features)
    assert (names(response.labels), response.image_properties) == (["Cat"], None)


def test_properties_alone_need_no_declaration_and_bring_no_labels(client: RekognitionClient) -> None:
    response = client.detect_labels(IMAGE, features=[PROPERTIES])
    assert response.labels == []
    assert response.image_properties is not None


@pytest.mark.parametrize("name", ["min_confidence", "max_labels", "settings"])
def test_what_is_for_general_labels_is_refused_without_them(client: RekognitionClient, name: str) -> None:
    with pytest.raises(ServiceError, match="only with the feature GENERAL_LABELS") as caught:
        client.detect_labels(
            IMAGE,
            features=[PROPERTIES],
            min_confidence=50 if name == "min_confidence" else None,
            max_labels=3 if name == "max_labels" else None,
            settings=asking(filters(only=["Cat"])) if name == "settings" else None,
        )
    assert caught.value.code == "InvalidParameterException"


def test_with_both_features_instances_have_the_colours_in_their_boxes(
    emulator: Emulator, client: RekognitionClient
) -> None:
    flag = Image.new("RGB", (100, 100), "red")
    flag.paste("blue", (50, 0, 100, 100))
    emulator.declare(image_file(flag), labels=[{"Name": "Sea", "Instances": [[0.5, 0, 0.5, 1]]}])
    response = client.detect_labels(image_file(flag), features=[GENERAL, PROPERTIES])
    (instance,) = response.labels[0].instances
    assert [(colour.css_color, colour.pixel_percent) for colour in instance.dominant_colors] == [("blue", 100)]


def test_an_instance_that_was_declared_with_colours_keeps_them(emulator: Emulator, client: RekognitionClient) -> None:
    instance = {"BoundingBox": [0, 0, 1, 1], "DominantColors": [{"CSSColor": "red"}]}
    emulator.declare(IMAGE, labels=[{"Name": "Sea", "Instances": [instance]}])
    (told,) = client.detect_labels(IMAGE, features=[GENERAL, PROPERTIES]).labels[0].instances
    assert told.dominant_colors == [models.DominantColor(css_color="red")]


@pytest.mark.parametrize(("most", "expected"), [(0, 0), (1, 1), (2, 2), (None, 3)])
def test_no_more_dominant_colours_are_given_than_asked_for(
    client: RekognitionClient, most: int | None, expected: int
) -> None:
    flag = Image.new("RGB", (90, 90), "red")
    flag.paste("blue", (30, 0, 60, 90))
    flag.paste("lime", (60, 0, 90, 90))
    wanted = models.DetectLabelsSettings(
        image_properties=models.DetectLabelsImagePropertiesSettings(max_dominant_colors=most)
    )
    found = client.detect_labels(image_file(flag), features=[PROPERTIES], settings=wanted).image_properties
    assert found is not None
    assert len(found.dominant_colors) == expected


def test_an_image_of_10001_pixels_is_too_large_and_one_of_79_too_small(client: RekognitionClient) -> None:
    for size, code in (((10_001, 80), "ImageTooLargeException"), ((79, 80), "InvalidParameterException")):
        with pytest.raises(ServiceError) as caught:
            client.detect_labels(image_file(plain_image(*size)), features=[PROPERTIES])
        assert caught.value.code == code


def test_a_photograph_has_properties_like_those_of_the_service(client: RekognitionClient) -> None:
    found = client.detect_labels(ASTRONAUT.read_bytes(), features=[PROPERTIES]).image_properties
    assert found is not None
    assert found.quality is not None
    assert found.foreground is not None
    assert found.background is not None
    assert found.foreground.quality is not None
    assert (found.quality.contrast or 0) > 50
    assert found.foreground.quality.contrast is None
    assert found.dominant_colors[0].css_color == "black"


def test_what_a_label_does_not_have_is_an_empty_list(client: RekognitionClient, emulator: Emulator) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    nothing: list[object] = []
    assert client.call("DetectLabels", {"Image": {"Bytes": IMAGE}})["Labels"] == [
        {"Name": "Cat", "Confidence": 100, "Instances": nothing, "Parents": nothing, "Aliases": nothing,
         "Categories": nothing}
    ]  # fmt: skip
