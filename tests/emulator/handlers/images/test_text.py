"""DetectText: areas of polygons, lines and words, filters, regions, and how an answer is numbered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator.answers.polygons import Point, corners, share_inside, shared_area, signed_area
from rekog.emulator.answers.text import filtered, laid_out, numbered
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE = image_file(plain_image())
LINE, WORD = models.TextTypes.LINE, models.TextTypes.WORD
laws = settings(derandomize=True, max_examples=80, deadline=None)


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


# areas

coordinates = st.floats(-1, 2).map(lambda value: round(value, 3))
points = st.tuples(coordinates, coordinates)
triangles = st.tuples(points, points, points)
boxes = st.builds(corners, coordinates, coordinates, st.floats(0.01, 1.5), st.floats(0.01, 1.5))
L_SHAPE: list[Point] = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
"""Not convex: the lower right quarter of a square of 2 x 2 is missing."""


def by_opencv(one: Sequence[Point], other: Sequence[Point]) -> float:
    area, _ = cv2.intersectConvexConvex(np.array(one, np.float32), np.array(other, np.float32))
    return float(area)


@laws
@given(boxes, boxes)
def test_what_two_boxes_share_is_what_opencv_says(one: list[Point], other: list[Point]) -> None:
    assert shared_area(one, other) == pytest.approx(by_opencv(one, other), abs=1e-4)


@laws
@given(triangles, boxes)
def test_two_polygons_share_no_more_than_either_covers_and_the_same_both_ways(
    one: Sequence[Point], other: list[Point]
) -> None:
    shared = shared_area(one, other)
    assert shared <= min(abs(signed_area(one)), abs(signed_area(other))) + 1e-9
    assert shared == pytest.approx(shared_area(other, one), abs=1e-9)
    assert shared == pytest.approx(shared_area(one[::-1], other), abs=1e-9)


@laws
@given(boxes, st.floats(0.1, 0.9))
def test_cutting_a_region_in_two_loses_nothing(box: list[Point], cut: float) -> None:
    left, right = corners(0, 0, cut, 1), corners(cut, 0, 1 - cut, 1)
    assert shared_area(box, left) + shared_area(box, right) == pytest.approx(
        shared_area(box, corners(0, 0, 1, 1)), abs=1e-9
    )


@laws
@given(boxes)
def test_a_region_with_a_dent_is_the_sum_of_its_boxes(box: list[Point]) -> None:
    expected = shared_area(box, corners(0, 0, 2, 1)) + shared_area(box, corners(0, 1, 1, 1))
    assert shared_area(box, L_SHAPE) == pytest.approx(expected, abs=1e-9)
    assert shared_area(L_SHAPE[::-1], box) == pytest.approx(expected, abs=1e-9)


def test_a_polygon_lies_in_itself_and_one_without_area_nowhere() -> None:
    assert share_inside(L_SHAPE, L_SHAPE) == pytest.approx(1)
    assert share_inside([(0, 0), (1, 1)], corners(0, 0, 1, 1)) == 0
    assert share_inside([(0, 0), (1, 1), (2, 2)], corners(0, 0, 1, 1)) == 0
    assert signed_area([]) == 0


# lines and words


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


# over the transport


def ask(
    client: RekognitionClient,
    regions: list[models.RegionOfInterest] | None = None,
    *,
    confidence: float | None = None,
    height: float | None = None,
    width: float | None = None,
) -> list[str]:
    bounds = models.DetectionFilter(
        min_confidence=confidence, min_bounding_box_height=height, min_bounding_box_width=width
    )
    wanted = models.DetectTextFilters(word_filter=bounds, regions_of_interest=regions)
    return texts(client.detect_text(IMAGE, filters=wanted).text_detections)


def test_lines_and_words_come_as_the_service_has_them(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, text=["EXIT NOW", ("MAYBE", 60)])
    response = client.detect_text(IMAGE)
    told = [(each.id, each.type, each.detected_text, each.parent_id) for each in response.text_detections]
    assert told == [(0, LINE, "EXIT NOW", None), (1, WORD, "EXIT", 0), (2, WORD, "NOW", 0)]
    assert response.text_model_version == "3.0"


def test_words_under_80_are_left_out_unless_asked_for(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, text=[("sure", 80), ("unsure", 79.9)])
    assert ask(client) == ["sure"]
    assert ask(client, confidence=79.9) == ["sure", "unsure"]
    assert ask(client, confidence=81) == []


def test_words_smaller_than_the_bounds_are_left_out(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(
        IMAGE,
        text=[
            {"DetectedText": "tall", "Geometry": [0, 0, 0.1, 0.5]},
            {"DetectedText": "wide", "Geometry": [0, 0.5, 0.5, 0.1]},
        ],
    )
    assert ask(client, height=0.5) == ["tall"]
    assert ask(client, width=0.5) == ["wide"]
    assert ask(client, height=0.5, width=0.5) == []


def polygon(*places: Point) -> models.RegionOfInterest:
    return models.RegionOfInterest(polygon=[models.Point(x=x, y=y) for x, y in places])


@pytest.mark.parametrize(
    ("regions", "kept"),
    [
        ([], True),
        ([models.RegionOfInterest(bounding_box=box(0, 0, 1, 1))], True),
        ([models.RegionOfInterest(bounding_box=box(0.4, 0.4, 0.1, 0.2))], False),  # half of it is not more than half
        ([models.RegionOfInterest(bounding_box=box(0.4, 0.4, 0.101, 0.2))], True),
        ([polygon((0.4, 0.4), (0.6, 0.4), (0.4, 0.6))], False),
        ([polygon((0.39, 0.39), (0.62, 0.39), (0.39, 0.62))], True),
        # two regions with a quarter and more each, but neither with more than half
        ([models.RegionOfInterest(bounding_box=box(0.4, 0.4, 0.09, 0.2)),
          models.RegionOfInterest(bounding_box=box(0.51, 0.4, 0.09, 0.2))], False),
        ([models.RegionOfInterest(bounding_box=box(0.9, 0.9, 0.1, 0.1)),
          models.RegionOfInterest(bounding_box=box(0.3, 0.3, 0.4, 0.4))], True),
    ],
)  # fmt: skip
def test_a_word_counts_when_more_than_half_of_it_lies_in_any_one_region(
    emulator: Emulator, client: RekognitionClient, regions: list[models.RegionOfInterest], kept: bool
) -> None:
    emulator.declare(IMAGE, text=[{"DetectedText": "word", "Geometry": [0.4, 0.4, 0.2, 0.2]}])
    assert ask(client, regions) == (["word"] if kept else [])


@pytest.mark.parametrize(
    "region",
    [
        models.RegionOfInterest(),
        polygon((0, 0), (1, 1)),
        models.RegionOfInterest(bounding_box=box(0, 0, 1, 1), polygon=[models.Point(x=0, y=0)] * 3),
    ],
)
def test_a_region_is_one_box_or_one_polygon_of_three_points(
    client: RekognitionClient, region: models.RegionOfInterest
) -> None:
    with pytest.raises(ServiceError) as caught:
        ask(client, [region])
    assert caught.value.code == "InvalidParameterException"


def test_more_than_ten_regions_break_a_constraint(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, text=[])
    region = models.RegionOfInterest(bounding_box=box(0, 0, 1, 1))
    assert ask(client, [region] * 10) == []
    with pytest.raises(ServiceError, match="less than or equal to 10"):
        ask(client, [region] * 11)


def test_a_word_may_be_declared_with_the_id_of_its_line(emulator: Emulator, client: RekognitionClient) -> None:
    line = {"DetectedText": "A-1", "Id": 5, "Geometry": [0, 0, 0.4, 0.1]}
    word = {"DetectedText": "A-1", "ParentId": 5, "Confidence": 95, "Geometry": [0, 0, 0.4, 0.1]}
    emulator.declare(IMAGE, text=cast("list[object]", [line, word]))  # cast: lists don't vary
    told = client.detect_text(IMAGE).text_detections
    assert [(each.type, each.confidence) for each in told] == [(LINE, 100), (WORD, 95)]
