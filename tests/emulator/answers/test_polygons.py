"""Areas of polygons and of their intersections."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator.answers.polygons import Point, corners, share_inside, shared_area, signed_area

laws = settings(derandomize=True, max_examples=80, deadline=None)
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
def test_the_shared_area_of_two_boxes_is_that_of_opencv(one: list[Point], other: list[Point]) -> None:
    assert shared_area(one, other) == pytest.approx(by_opencv(one, other), abs=1e-4)


@laws
@given(triangles, boxes)
def test_a_shared_area_is_symmetric_and_at_most_either_area(one: Sequence[Point], other: list[Point]) -> None:
    shared = shared_area(one, other)
    assert shared <= min(abs(signed_area(one)), abs(signed_area(other))) + 1e-9
    assert shared == pytest.approx(shared_area(other, one), abs=1e-9)
    assert shared == pytest.approx(shared_area(one[::-1], other), abs=1e-9)


@laws
@given(boxes, st.floats(0.1, 0.9))
def test_shared_areas_with_two_halves_add_up_to_that_with_the_whole(box: list[Point], cut: float) -> None:
    left, right = corners(0, 0, cut, 1), corners(cut, 0, 1 - cut, 1)
    assert shared_area(box, left) + shared_area(box, right) == pytest.approx(
        shared_area(box, corners(0, 0, 1, 1)), abs=1e-9
    )


@laws
@given(boxes)
def test_the_area_shared_with_a_concave_polygon_is_the_sum_of_its_boxes(box: list[Point]) -> None:
    expected = shared_area(box, corners(0, 0, 2, 1)) + shared_area(box, corners(0, 1, 1, 1))
    assert shared_area(box, L_SHAPE) == pytest.approx(expected, abs=1e-9)
    assert shared_area(L_SHAPE[::-1], box) == pytest.approx(expected, abs=1e-9)


def test_a_polygon_is_inside_itself_and_one_without_area_inside_none() -> None:
    assert share_inside(L_SHAPE, L_SHAPE) == pytest.approx(1)
    assert share_inside([(0, 0), (1, 1)], corners(0, 0, 1, 1)) == 0
    assert share_inside([(0, 0), (1, 1), (2, 2)], corners(0, 0, 1, 1)) == 0
    assert signed_area([]) == 0
