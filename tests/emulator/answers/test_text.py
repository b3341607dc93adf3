"""Text: lines and words, filters, and the numbers in a response."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator.answers.polygons import Point, corners
from rekog.emulator.answers.text import filtered, laid_out, numbered

LINE, WORD = models.TextTypes.LINE, models.TextTypes.WORD
laws = settings(derandomize=True, max_examples=80, deadline=None)
coordinates = st.floats(-1, 2).map(lambda value: round(value, 3))
boxes = st.builds(corners, coordinates, coordinates, st.floats(0.01, 1.5), st.floats(0.01, 1.5))


def box(left: float, top: float, width: float, height: float) -> models.BoundingBox:
    return models.BoundingBox(left=left, top=top, width=width, height=height)


def detection(
    text: str,
    kind: models.TextTypes = LINE,
    bounds: models.BoundingBox | None = None,
    *,
    confidence: float = 99,
    number: int | None = None,
    parent: int | None = None,
) -> models.TextDetection:
    geometry = models.Geometry(bounding_box=bounds) if bounds else None
    return models.TextDetection(
        detected_text=text, type=kind, id=number, parent_id=parent, confidence=confidence, geometry=geometry
    )


def texts(detections: Sequence[models.TextDetection], kind: models.TextTypes = WORD) -> list[str]:
    return [each.detected_text for each in detections if each.type == kind]


def box_of(item: models.TextDetection) -> tuple[float, ...]:
    """Return the box of a line or word: left, top, width, height."""
    assert item.geometry is not None
    bounds = item.geometry.bounding_box
    assert bounds is not None
    return tuple(round(value, 9) for value in (bounds.left, bounds.top, bounds.width, bounds.height))


def test_a_line_without_words_is_split_at_its_spaces_and_so_is_its_box() -> None:
    line, first, second = numbered(laid_out([detection("GATE 4", LINE, box(0.2, 0.1, 0.6, 0.2))]))
    assert (line.detected_text, first.detected_text, second.detected_text) == ("GATE 4", "GATE", "4")
    assert box_of(first) == (0.2, 0.1, 0.4, 0.2)
    assert box_of(second) == (0.7, 0.1, 0.1, 0.2)
    assert first.confidence == second.confidence == 99


def test_lines_of_one_height_are_ordered_from_left_to_right() -> None:
    right, left = detection("right", LINE, box(0.6, 0.1, 0.3, 0.1)), detection("left", LINE, box(0.1, 0.1, 0.3, 0.1))
    assert texts(numbered(laid_out([right, left])), LINE) == ["left", "right"]


@pytest.mark.parametrize(("width", "kept"), [(0.25, []), (0.25 + 2**-40, ["word"])])
def test_a_word_of_which_exactly_half_is_inside_an_area_is_left_out(width: float, kept: list[str]) -> None:
    lines = laid_out([detection("word", LINE, box(0.25, 0.25, 0.5, 0.5))])
    area = models.RegionOfInterest(bounding_box=box(0.25, 0.25, width, 0.5))
    assert texts(numbered(filtered(lines, None, [area]))) == kept


def test_a_line_without_a_box_covers_the_image() -> None:
    line, word = numbered(laid_out([detection("STOP")]))
    assert box_of(line) == box_of(word) == (0, 0, 1, 1)


def test_words_belong_to_the_line_of_their_parent_id_which_gets_the_box_around_them() -> None:
    declared = [
        detection("world", WORD, box(0.5, 0.1, 0.2, 0.1), parent=7),
        detection("hello", WORD, box(0.1, 0.1, 0.2, 0.1), parent=7, confidence=88),
        detection("hello world", LINE, number=7),
    ]
    line, *words = numbered(laid_out(declared))
    assert box_of(line) == (0.1, 0.1, 0.6, 0.1)
    assert [(word.detected_text, word.confidence, word.parent_id) for word in words] == [
        ("world", 99, 0),
        ("hello", 88, 0),
    ]


def test_a_word_without_a_box_gets_its_part_of_the_line() -> None:
    declared = [
        detection("ab cd", LINE, box(0, 0, 1, 0.1), number=0),
        detection("ab", WORD, parent=0),
        detection("cd", WORD, box(0.7, 0, 0.2, 0.1), parent=0),
    ]
    _, first, second = numbered(laid_out(declared))
    assert (box_of(first), box_of(second)) == ((0, 0, 0.4, 0.1), (0.7, 0, 0.2, 0.1))


def test_a_word_without_a_line_becomes_a_line() -> None:
    assert [(each.type, each.parent_id) for each in numbered(laid_out([detection("STOP", WORD, parent=3)]))] == [
        (LINE, None),
        (WORD, 0),
    ]


def test_an_outline_is_kept_and_a_box_is_put_around_it() -> None:
    outline = [models.Point(x=0.2, y=0.1), models.Point(x=0.4, y=0.2), models.Point(x=0.3, y=0.4)]
    tilted = models.TextDetection(detected_text="up", type=LINE, geometry=models.Geometry(polygon=outline))
    line, _ = numbered(laid_out([tilted]))
    assert line.geometry is not None
    assert line.geometry.polygon == outline
    assert box_of(line) == (0.2, 0.1, 0.2, 0.3)


PERCENTS = st.floats(0, 100) | st.sampled_from([0.0, 79.9, 80.0, 100.0])
SIDES = st.floats(0.01, 0.5) | st.sampled_from([0.1, 0.25])
"""Both with values that are often drawn twice, so that a value equals its minimum."""
detections = st.lists(
    st.builds(
        detection,
        st.text("ab ", max_size=8),
        st.sampled_from([LINE, WORD]),
        st.none() | st.builds(box, st.floats(0, 1), st.floats(0, 1), SIDES, SIDES),
        confidence=PERCENTS,
        number=st.none() | st.integers(0, 3),
        parent=st.none() | st.integers(0, 3),
    ),
    max_size=8,
)


@laws
@given(detections)
def test_all_lines_come_first_and_every_word_has_the_id_of_one(
    declared: list[models.TextDetection],
) -> None:
    response = numbered(laid_out(declared))
    lines = [each for each in response if each.type == LINE]
    assert [each.id for each in response] == list(range(len(response)))
    assert response[: len(lines)] == lines
    assert all(each.parent_id is None for each in lines)
    assert all(each.parent_id in range(len(lines)) for each in response[len(lines) :])
    assert [box_of(each)[1] for each in lines] == sorted(box_of(each)[1] for each in lines)


@laws
@given(detections, st.none() | PERCENTS, st.none() | SIDES, st.none() | SIDES)
def test_exactly_the_words_that_reach_each_minimum_are_kept(
    declared: list[models.TextDetection], confidence: float | None, height: float | None, width: float | None
) -> None:
    words = models.DetectionFilter(
        min_confidence=confidence, min_bounding_box_height=height, min_bounding_box_width=width
    )
    lines = laid_out(declared)
    kept = [word for line in filtered(lines, words) for word in line.words]
    assert kept == [
        word
        for line in lines
        for word in line.words
        if word.confidence >= (80 if confidence is None else confidence)
        and word.area.box.height >= (height or 0)
        and word.area.box.width >= (width or 0)
    ]


@laws
@given(detections, PERCENTS, PERCENTS, boxes.map(lambda each: each[0]), boxes)
def test_filters_only_remove_words_and_leave_no_line_without_words(
    declared: list[models.TextDetection], one: float, other: float, corner: Point, area: list[Point]
) -> None:
    region = models.RegionOfInterest(polygon=[models.Point(x=x, y=y) for x, y in area])
    low, high = sorted([one, other])
    loose = filtered(laid_out(declared), models.DetectionFilter(min_confidence=low))
    tight = filtered(laid_out(declared), models.DetectionFilter(min_confidence=high), [region])
    assert all(line.words for line in tight)
    kept = [word for line in loose for word in line.words]
    assert all(word in kept for line in tight for word in line.words)


def test_at_most_100_words_are_returned() -> None:
    many = [detection("a " * 60, LINE, box(0, row / 10, 1, 0.1)) for row in range(3)]
    response = numbered(laid_out(many))
    assert len(texts(response)) == 100
    assert len(texts(response, LINE)) == 2


def test_the_first_100_words_are_returned_with_their_lines() -> None:
    for numbers in ([60, 60, 60], [99, 1, 1], [98, 1, 2, 0], [100, 0, 1], [101], [0, 100, 0, 1], [50, 49, 0, 2]):
        declared = [
            detection(" ".join(f"{row}-{column}" for column in range(number)), LINE, box(0, row / 10, 1, 0.1))
            for row, number in enumerate(numbers)
        ]
        lines = laid_out(declared)
        every = [f"{row}-{column}" for row, number in enumerate(numbers) for column in range(number)]
        assert [word.text for line in lines for word in line.words] == every[:100]
        before = [sum(numbers[:row]) for row in range(len(numbers))]
        kept = [each.detected_text for each, left in zip(declared, before, strict=True) if left < 100]
        assert [line.text for line in lines] == kept
