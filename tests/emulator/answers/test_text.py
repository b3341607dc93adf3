"""Text: lines and words, filters, and the numbers in a response."""

from __future__ import annotations

from collections.abc import Sequence

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


def found(
    text: str,
    kind: models.TextTypes = LINE,
    place: models.BoundingBox | None = None,
    *,
    confidence: float = 99,
    number: int | None = None,
    parent: int | None = None,
) -> models.TextDetection:
    geometry = models.Geometry(bounding_box=place) if place else None
    return models.TextDetection(
        detected_text=text, type=kind, id=number, parent_id=parent, confidence=confidence, geometry=geometry
    )


def texts(detections: Sequence[models.TextDetection], kind: models.TextTypes = WORD) -> list[str]:
    return [each.detected_text for each in detections if each.type == kind]


def where(detection: models.TextDetection) -> tuple[float, ...]:
    """Return where some text is: left, top, width, height."""
    assert detection.geometry is not None
    place = detection.geometry.bounding_box
    assert place is not None
    return tuple(round(value, 9) for value in (place.left, place.top, place.width, place.height))


def test_a_line_without_words_is_split_at_its_spaces_and_so_is_its_box() -> None:
    line, first, second = numbered(laid_out([found("GATE 4", LINE, box(0.2, 0.1, 0.6, 0.2))]))
    assert (line.detected_text, first.detected_text, second.detected_text) == ("GATE 4", "GATE", "4")
    assert where(first) == (0.2, 0.1, 0.4, 0.2)
    assert where(second) == (0.7, 0.1, 0.1, 0.2)
    assert first.confidence == second.confidence == 99


def test_a_line_whose_place_nobody_told_covers_the_image() -> None:
    line, word = numbered(laid_out([found("STOP")]))
    assert where(line) == where(word) == (0, 0, 1, 1)


def test_words_are_matched_to_their_line_by_its_id_and_the_line_lies_around_them() -> None:
    declared = [
        found("world", WORD, box(0.5, 0.1, 0.2, 0.1), parent=7),
        found("hello", WORD, box(0.1, 0.1, 0.2, 0.1), parent=7, confidence=88),
        found("hello world", LINE, number=7),
    ]
    line, *words = numbered(laid_out(declared))
    assert where(line) == (0.1, 0.1, 0.6, 0.1)
    assert [(word.detected_text, word.confidence, word.parent_id) for word in words] == [
        ("world", 99, 0),
        ("hello", 88, 0),
    ]


def test_a_word_without_a_place_gets_its_part_of_the_line() -> None:
    declared = [
        found("ab cd", LINE, box(0, 0, 1, 0.1), number=0),
        found("ab", WORD, parent=0),
        found("cd", WORD, box(0.7, 0, 0.2, 0.1), parent=0),
    ]
    _, first, second = numbered(laid_out(declared))
    assert (where(first), where(second)) == ((0, 0, 0.4, 0.1), (0.7, 0, 0.2, 0.1))


def test_a_word_of_no_line_makes_its_own() -> None:
    assert [(each.type, each.parent_id) for each in numbered(laid_out([found("STOP", WORD, parent=3)]))] == [
        (LINE, None),
        (WORD, 0),
    ]


def test_an_outline_is_kept_and_a_box_is_put_around_it() -> None:
    outline = [models.Point(x=0.2, y=0.1), models.Point(x=0.4, y=0.2), models.Point(x=0.3, y=0.4)]
    tilted = models.TextDetection(detected_text="up", type=LINE, geometry=models.Geometry(polygon=outline))
    line, _ = numbered(laid_out([tilted]))
    assert line.geometry is not None
    assert line.geometry.polygon == outline
    assert where(line) == (0.2, 0.1, 0.2, 0.3)


detections = st.lists(
    st.builds(
        found,
        st.text("ab ", max_size=8),
        st.sampled_from([LINE, WORD]),
        st.none() | st.builds(box, st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.5), st.floats(0.01, 0.5)),
        confidence=st.floats(0, 100),
        number=st.none() | st.integers(0, 3),
        parent=st.none() | st.integers(0, 3),
    ),
    max_size=8,
)


@laws
@given(detections)
def test_an_answer_has_all_lines_first_numbered_through_and_words_of_lines_that_are_there(
    declared: list[models.TextDetection],
) -> None:
    told = numbered(laid_out(declared))
    lines = [each for each in told if each.type == LINE]
    assert [each.id for each in told] == list(range(len(told)))
    assert told[: len(lines)] == lines
    assert all(each.parent_id is None for each in lines)
    assert all(each.parent_id in range(len(lines)) for each in told[len(lines) :])
    assert [where(each)[1] for each in lines] == sorted(where(each)[1] for each in lines)


@laws
@given(detections, st.floats(0, 100), st.floats(0, 100), boxes.map(lambda each: each[0]), boxes)
def test_filters_only_take_away_and_leave_no_line_without_words(
    declared: list[models.TextDetection], one: float, other: float, corner: Point, area: list[Point]
) -> None:
    region = models.RegionOfInterest(polygon=[models.Point(x=x, y=y) for x, y in area])
    low, high = sorted([one, other])
    loose = filtered(laid_out(declared), models.DetectionFilter(min_confidence=low))
    tight = filtered(laid_out(declared), models.DetectionFilter(min_confidence=high), [region])
    assert all(line.words for line in tight)
    kept = [word for line in loose for word in line.words]
    assert all(word in kept for line in tight for word in line.words)


def test_no_more_than_100_words_are_told() -> None:
    many = [found("a " * 60, LINE, box(0, row / 10, 1, 0.1)) for row in range(3)]
    told = numbered(laid_out(many))
    assert len(texts(told)) == 100
    assert len(texts(told, LINE)) == 2
