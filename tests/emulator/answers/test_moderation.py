"""Moderation labels: the taxonomy, ancestors, order and thresholds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator.answers.moderation import PARENTS, TAXONOMY, selected, with_ancestors

laws = settings(derandomize=True, max_examples=80, deadline=None)


def label(
    name: str, confidence: float = 90, parent: str | None = None, level: int | None = None
) -> models.ModerationLabel:
    return models.ModerationLabel(name=name, confidence=confidence, parent_name=parent, taxonomy_level=level)


def rows(labels: list[models.ModerationLabel]) -> list[tuple[str, str | None, int | None, float]]:
    return [(each.name, each.parent_name, each.taxonomy_level, each.confidence) for each in labels]


# the taxonomy


def test_ten_names_are_at_the_top_level() -> None:
    assert len(TAXONOMY) == 10
    assert sum(not parent for parent in PARENTS.values()) == 10


def test_a_name_of_the_taxonomy_adds_its_ancestors() -> None:
    assert rows(selected([label("Smoking", 97)])) == [
        ("Smoking", "Drugs & Tobacco Paraphernalia & Use", 3, 97),
        ("Drugs & Tobacco Paraphernalia & Use", "Drugs & Tobacco", 2, 97),
        ("Drugs & Tobacco", "", 1, 97),
    ]


@pytest.mark.parametrize("name", sorted(PARENTS))
def test_no_name_is_deeper_than_three_levels(name: str) -> None:
    result = with_ancestors([label(name)])
    assert [each.taxonomy_level for each in result] == list(range(len(result), 0, -1))
    assert len(result) <= 3


def test_an_unknown_name_is_at_the_top_level_or_below_its_declared_parent() -> None:
    result = selected([label("Clowns", 70), label("Red Noses", 80, "Clowns"), label("Wigs", 60, "Alcohol Use")])
    assert rows(result) == [
        ("Red Noses", "Clowns", 2, 80),
        ("Clowns", "", 1, 80),
        ("Wigs", "Alcohol Use", 3, 60),
        ("Alcohol Use", "Alcohol", 2, 60),
        ("Alcohol", "", 1, 60),
    ]


def test_declared_members_of_a_label_are_kept() -> None:
    assert rows(selected([label("Weapons", 70, "", 2)])) == [("Weapons", "", 2, 70)]


def test_a_cycle_of_parents_ends() -> None:
    assert {each.name for each in with_ancestors([label("a", 90, "b"), label("b", 90, "a")])} == {"a", "b"}


PERCENTS = st.floats(0, 100) | st.sampled_from([0.0, 49.9, 50.0, 90.0, 100.0])
"""With values that are often drawn twice, so that a confidence equals a minimum or another confidence."""
some_labels = st.lists(
    st.builds(
        label,
        st.sampled_from([*PARENTS, "Clowns"]),
        PERCENTS,
        st.none() | st.sampled_from(["", "Clowns", "Smoking", "Violence", "Weapons"]),
    ),
    max_size=5,
    unique_by=lambda x: x.name,
)
"""With parents of the declaration, which replace those of the taxonomy and may form a cycle."""


@pytest.mark.slow
@laws
@given(some_labels, st.none() | PERCENTS)
def test_every_parent_is_in_the_response_with_at_least_the_same_confidence(
    labels: list[models.ModerationLabel], minimum: float | None
) -> None:
    result = {each.name: each for each in selected(labels, minimum)}
    for each in result.values():
        assert not each.parent_name or result[each.parent_name].confidence >= each.confidence


@laws
@given(some_labels, st.none() | PERCENTS)
def test_exactly_the_labels_that_reach_the_threshold_are_returned(
    labels: list[models.ModerationLabel], minimum: float | None
) -> None:
    assert selected(labels, minimum) == [
        each for each in selected(labels, 0) if each.confidence >= (50 if minimum is None else minimum)
    ]
    assert {each.name for each in selected(labels, 0)} == {each.name for each in with_ancestors(labels)}


@laws
@given(some_labels)
def test_a_label_has_the_highest_confidence_of_itself_and_its_descendants(labels: list[models.ModerationLabel]) -> None:
    parents = {**PARENTS, **{each.name: each.parent_name for each in labels if each.parent_name is not None}}

    def path(name: str) -> list[str]:
        names: list[str] = []
        while name and name not in names:
            names.append(name)
            name = parents.get(name) or ""
        return names

    for each in with_ancestors(labels):
        assert each.confidence == max(one.confidence for one in labels if each.name in path(one.name))
        assert (each.parent_name, each.taxonomy_level) == (parents.get(each.name, ""), len(path(each.name)))


@laws
@given(some_labels)
def test_no_label_is_repeated_and_labels_are_ordered(labels: list[models.ModerationLabel]) -> None:
    result = selected(labels, 0)
    assert len({each.name for each in result}) == len(result)
    order = [(-each.confidence, -(each.taxonomy_level or 0), each.name) for each in result]
    assert order == sorted(order)


def test_the_threshold_is_inclusive_and_50_when_absent() -> None:
    assert [each.name for each in selected([label("Gambling", 50), label("Alcohol", 49.9)])] == ["Gambling"]
    assert [each.name for each in selected([label("Gambling", 70)], 70)] == ["Gambling"]
    assert selected([label("Gambling", 70)], 70.1) == []
