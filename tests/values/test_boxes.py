"""The overlap of boxes, against the count of the pixels of two boxes of whole pixels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog._values.boxes import overlap

WHOLE = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))


def pixels(box: tuple[int, int, int, int]) -> set[tuple[int, int]]:
    left, top, width, height = box
    return {(x, y) for x in range(left, left + width) for y in range(top, top + height)}


@given(WHOLE, WHOLE)
def test_the_overlap_is_the_part_of_the_pixels_of_either_box_that_both_have(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> None:
    both, either = pixels(one) & pixels(other), pixels(one) | pixels(other)
    assert overlap(one, other) == pytest.approx(len(both) / len(either) if either else 0)
