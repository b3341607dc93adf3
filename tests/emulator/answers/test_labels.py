"""Labels: ancestors, filters, order and limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator.answers.labels import passes, selected, with_ancestors


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


def names(labels: list[models.Label]) -> list[str]:
    return [each.name for each in labels]


# ancestors: laws, and a recorded response of the service

NAMES = "Adult Animal Cat Dog Female Person Pet Woman".split()


PERCENTS = st.floats(0, 100) | st.sampled_from([0.0, 54.9, 55.0, 90.0, 100.0])
"""With values that are often drawn twice, so that a confidence equals a minimum or another confidence."""


@st.composite
def any_label(draw: st.DrawFn) -> models.Label:
    name = draw(st.sampled_from(NAMES))
    parents = draw(st.frozensets(st.sampled_from(NAMES), max_size=3))
    return label(name, draw(PERCENTS), *sorted(parents - {name}))


some_labels = st.lists(any_label(), max_size=6, unique_by=lambda each: each.name)
laws = settings(derandomize=True, max_examples=60, deadline=None)


@laws
@given(some_labels, st.none() | PERCENTS)
def test_every_ancestor_of_a_label_is_in_the_response(labels: list[models.Label], minimum: float | None) -> None:
    result = selected(labels, minimum)
    assert {parent.name for each in result for parent in each.parents} <= set(names(result))


def descendants(name: str, labels: list[models.Label]) -> list[float]:
    """Return the confidences of all labels below a name, through any number of other labels."""
    below: set[str] = {name}
    while more := {one.name for one in labels if below & {parent.name for parent in one.parents}} - below:
        below |= more
    return [one.confidence for one in labels if one.name in below - {name}]


@laws
@given(some_labels)
def test_a_label_has_the_highest_confidence_of_itself_and_its_descendants(labels: list[models.Label]) -> None:
    own = {each.name: each.confidence for each in labels}
    for each in with_ancestors(labels):
        below = descendants(each.name, labels)
        assert each.confidence == max([own[each.name], *below] if each.name in own else below)


def test_a_label_with_ancestors_keeps_its_other_members() -> None:
    more: dict[str, Any] = {
        "instances": [models.Instance(confidence=5, bounding_box=models.BoundingBox(left=0, top=0, width=1, height=1))],
        "aliases": [models.LabelAlias(name="Kitty")],
        "categories": [models.LabelCategory(name="Animals and Pets")],
    }
    given = models.Label(name="Cat", confidence=90, parents=[models.Parent(name="Pet")], **more)
    assert with_ancestors([given]) == [given, models.Label(name="Pet", confidence=90)]


@laws
@given(some_labels)
def test_every_label_is_kept_and_none_is_repeated(labels: list[models.Label]) -> None:
    result = names(with_ancestors(labels))
    assert len(result) == len(set(result))
    assert set(names(labels)) <= set(result)


def test_the_parents_of_a_label_are_all_its_ancestors() -> None:
    result = {each.name: each for each in selected([label("Woman", 90, "Adult"), label("Adult", 60, "Person")])}
    assert [parent.name for parent in result["Woman"].parents] == ["Adult", "Person"]
    assert [result[name].confidence for name in ("Adult", "Person")] == [90, 90]


def test_an_undeclared_ancestor_has_the_highest_confidence_of_its_descendants() -> None:
    result = selected([label("Skirt", 99.9, "Clothing"), label("Footwear", 56.4, "Clothing")])
    assert [(each.name, each.confidence) for each in result] == [
        ("Clothing", 99.9),
        ("Skirt", 99.9),
        ("Footwear", 56.4),
    ]


def test_labels_are_ordered_by_descending_confidence_and_then_by_name() -> None:
    assert names(selected([label("b"), label("c", 99), label("a")])) == ["c", "a", "b"]


# thresholds and filters


@laws
@given(some_labels, st.none() | PERCENTS)
def test_exactly_the_labels_that_reach_the_threshold_are_returned(
    labels: list[models.Label], minimum: float | None
) -> None:
    assert selected(labels, minimum) == [
        each for each in selected(labels, 0) if each.confidence >= (55 if minimum is None else minimum)
    ]
    assert set(names(selected(labels, 0))) == set(names(with_ancestors(labels)))


def test_the_threshold_is_inclusive_and_55_when_absent() -> None:
    assert names(selected([label("a", 55), label("b", 54.99)])) == ["a"]
    assert names(selected([label("a", 70), label("b", 70.01)], 70)) == ["b", "a"]
    assert names(selected([label("a", 0)], 0)) == ["a"]


@laws
@given(some_labels, st.integers(0, 12))
def test_max_labels_keeps_the_labels_of_highest_confidence(labels: list[models.Label], limit: int) -> None:
    assert selected(labels, 0, limit) == selected(labels, 0)[:limit]


def test_at_most_1000_labels_are_returned() -> None:
    many = [label(f"{number}", 60) for number in range(1010)]
    assert len(selected(many)) == len(selected(many, None, 2000)) == 1000


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
def test_filters_keep_labels_that_are_included_and_not_excluded(
    given_filters: models.GeneralLabelsSettings, kept: list[str]
) -> None:
    assert names(selected([CAT, BUS], None, None, given_filters)) == kept


words = st.none() | st.lists(st.sampled_from(["Cat", "Bus", "x"]), max_size=2)
groups = st.none() | st.lists(st.sampled_from(["Animals and Pets", "Vehicles and Automotive", "x"]), max_size=2)


@laws
@given(st.sampled_from([CAT, BUS, label("x")]), words, words, groups, groups)
def test_an_exclusion_only_removes_labels(
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
