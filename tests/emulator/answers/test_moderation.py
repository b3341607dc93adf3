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


def told(labels: list[models.ModerationLabel]) -> list[tuple[str, str | None, int | None, float]]:
    return [(each.name, each.parent_name, each.taxonomy_level, each.confidence) for each in labels]


# the taxonomy


def test_there_are_ten_kinds_at_the_top() -> None:
    assert len(TAXONOMY) == 10
    assert sum(not parent for parent in PARENTS.values()) == 10


def test_a_name_of_the_taxonomy_brings_its_ancestors_with_it() -> None:
    assert told(selected([label("Smoking", 97)])) == [
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
    found = selected([label("Clowns", 70), label("Red Noses", 80, "Clowns"), label("Wigs", 60, "Alcohol Use")])
    assert told(found) == [
        ("Red Noses", "Clowns", 2, 80),
        ("Clowns", "", 1, 80),
        ("Wigs", "Alcohol Use", 3, 60),
        ("Alcohol Use", "Alcohol", 2, 60),
        ("Alcohol", "", 1, 60),
    ]


def test_what_was_declared_of_a_label_stays() -> None:
    assert told(selected([label("Weapons", 70, "", 1)])) == [("Weapons", "", 1, 70)]


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
    found = {each.name: each for each in selected(labels, least)}
    for each in found.values():
        assert not each.parent_name or found[each.parent_name].confidence >= each.confidence


@laws
@given(some_labels, st.floats(0, 100), st.floats(0, 100))
def test_a_higher_threshold_gives_a_part_of_the_answer(
    labels: list[models.ModerationLabel], one: float, other: float
) -> None:
    low, high = sorted([one, other])
    assert {each.name for each in selected(labels, high)} <= {each.name for each in selected(labels, low)}


def test_the_threshold_is_inclusive_and_50_when_absent() -> None:
    assert [each.name for each in selected([label("Gambling", 50), label("Alcohol", 49.9)])] == ["Gambling"]
    assert [each.name for each in selected([label("Gambling", 70)], 70)] == ["Gambling"]
    assert selected([label("Gambling", 70)], 70.1) == []
