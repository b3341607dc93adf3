"""Drawings of every kind of result, compared with stored references (`python -m tests.kit.drawings`)."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageChops

from rekog._core.answers import marks
from tests.kit.drawings import DRAWINGS, FOLDER

BLOCK = 4  # pixels: another version of Pillow smooths edges and letters a little differently
LARGE = 32  # of 255 levels
each_drawing = pytest.mark.parametrize("name", DRAWINGS)


def different_blocks(one: Image.Image, other: Image.Image) -> int:
    """Return the number of blocks of pixels in which two images differ by more than the smoothing of edges."""
    blocks: Any = ImageChops.difference(one, other).reduce(BLOCK)
    highest = ImageChops.lighter(ImageChops.lighter(*blocks.split()[:2]), blocks.getchannel(2))
    return sum(highest.histogram()[LARGE:])


@each_drawing
def test_a_drawing_is_that_of_its_reference(name: str) -> None:
    with Image.open(FOLDER / f"{name}.png") as reference:
        drawn = DRAWINGS[name]().drawn()
        assert drawn.size == reference.size
        assert different_blocks(drawn, reference.convert("RGB")) <= 6, "python -m tests.kit.drawings, and look at it"


@each_drawing
def test_a_drawing_without_one_of_its_results_is_another(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    every: Any = marks.marks_of

    def without_the_last(answer: object, **options: object) -> Any:
        return every(answer, **options)[:-1]

    monkeypatch.setattr(marks, "marks_of", without_the_last)
    with Image.open(FOLDER / f"{name}.png") as reference:
        assert different_blocks(DRAWINGS[name]().drawn(), reference.convert("RGB")) > 6


def test_each_reference_has_its_drawing_and_they_are_small() -> None:
    files = list(FOLDER.iterdir())
    assert {file.stem for file in files} == set(DRAWINGS)
    assert sum(file.stat().st_size for file in files) < 400_000


def test_every_answer_with_places_has_a_drawing() -> None:
    drawn = {type(drawing().answer).__name__ for drawing in DRAWINGS.values()}
    assert drawn == set(marks.MARKS)
