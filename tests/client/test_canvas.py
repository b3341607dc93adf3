"""Drawing with a pen that notes its strokes: places, widths, colours, and the order of them."""

from __future__ import annotations

import os
from typing import Any

import matplotlib as mpl
import pytest
from PIL import Image

from rekog._core.answers.drawing import DARK, LIGHT, PALETTE, Canvas, drawn, in_ascii, ink_on
from rekog._core.answers.marks import Mark
from rekog.errors import ParamValidationError


class Pen:
    """Notes each stroke as its name and its arguments; letters are half as wide as high."""

    def __init__(self) -> None:
        self.strokes: list[tuple[str, Any, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def stroke(*places: Any, **options: Any) -> None:
            shown = {key: getattr(value, "size", value) if key == "font" else value for key, value in options.items()}
            self.strokes.append((name, places, shown))

        return stroke

    def textbbox(self, place: tuple[int, int], text: str, font: Any) -> tuple[float, float, float, float]:
        assert place == (0, 0)
        return 1, 2, 1 + len(text) * font.size / 2, font.size


def strokes(side: int, *marks: Mark, scale: int = 1, font: str | None = None, height: int | None = None) -> list[Any]:
    """Return the strokes of marks on an image."""
    canvas: Any = Canvas(Image.new("RGB", (side, height or side)), scale, font)
    canvas.pen = pen = Pen()
    canvas.draw(marks)
    return pen.strokes


def mark(left: float, top: float, width: float, height: float, **others: Any) -> Mark:
    right, bottom = left + width, top + height
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    values: dict[str, Any] = {"name": "cat", "caption": "Cat 9 %", "short": "Cat", "confidence": 9.0, **others}
    return Mark(corners, **values)


def test_a_mark_is_an_outline_with_a_contour_its_landmarks_a_plate_and_a_text() -> None:
    found = strokes(440, mark(0.25, 0.5, 0.5, 0.25, points=((0.5, 0.5),)))
    corners = [(110, 220), (330, 220), (330, 330), (110, 330), (110, 220), (330, 220)]
    size = 13.75  # 440 / 32
    width = (
        7 * 14 / 2 + size / 2
    )  # seven letters, in letters of whole pixels, with a quarter of their size on each side
    left, top = 110, 220 - 2 - 1.5 * size
    plate = (left, top, left + width, top + 1.5 * size)
    assert found == [
        ("line", (corners,), {"fill": DARK, "width": 4, "joint": "curve"}),
        ("line", (corners,), {"fill": PALETTE[0], "width": 2, "joint": "curve"}),
        ("ellipse", ((220 - 2.75, 220 - 2.75, 220 + 2.75, 220 + 2.75),), {"fill": LIGHT, "outline": DARK, "width": 1}),
        ("rounded_rectangle", (plate,), {"radius": 2, "fill": PALETTE[0], "outline": DARK, "width": 1}),
        ("text", ((left + width / 2, top + 0.75 * size), "Cat 9 %"), {
            "font": 14, "fill": ink_on(PALETTE[0]), "anchor": "mm", "stroke_width": 0, "stroke_fill": PALETTE[0],
        }),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("side", "scale", "box", "line", "contour", "radius"),
    [
        (200, 1, 0.5, 2, 4, 2.5),  # never thinner than two pixels
        (880, 1, 0.5, 4, 6, 7.2),
        (4400, 1, 0.5, 20, 32, 36),
        (2640, 4, 0.5, 12, 20, 21.6),
        (880, 1, 0.05, 4, 6, 1.2),  # dots shrink with the outline
        (880, 1, 0.02, 1, 3, 1.2),  # so does the line
        (2640, 4, 0.02, 4, 6, 4.8),
    ],
)
def test_lines_and_dots_grow_with_the_image_and_shrink_with_the_outline(
    side: int, scale: int, box: float, line: int, contour: int, radius: float
) -> None:
    first, second, dot, *_ = strokes(side, mark(0.25, 0.25, box, box, points=((0.5, 0.5),)), scale=scale)
    assert (first[2]["width"], second[2]["width"]) == (contour, line)
    (left, top, right, bottom), options = dot[1][0], dot[2]
    assert [left, top, right, bottom] == pytest.approx([side / 2 + sign * radius for sign in (-1, -1, 1, 1)])
    assert options["width"] == max(1, round(radius / 3))


def test_the_shorter_side_of_an_outline_decides_on_its_line() -> None:
    for width, height in ((0.5, 0.02), (0.02, 0.5)):
        _, second, *_ = strokes(880, mark(0.25, 0.25, width, height))
        assert second[2]["width"] == 1


def test_all_outlines_are_drawn_before_the_plates_and_these_before_the_texts() -> None:
    found = strokes(400, mark(0, 0.5, 0.2, 0.2), mark(0.5, 0.5, 0.2, 0.2))
    assert [name for name, *_ in found] == ["line"] * 4 + ["rounded_rectangle"] * 2 + ["text"] * 2


def test_marks_of_one_group_have_one_colour_and_the_palette_begins_again() -> None:
    groups = ["a", "b", "a", *"cdefgh"]
    found = strokes(2000, *(mark(0.1 * at, 0.5, 0.05, 0.05, group=group) for at, group in enumerate(groups)))
    colours = [options["fill"] for name, _, options in found if name == "line" and options["fill"] != DARK]
    assert colours == [PALETTE[0], PALETTE[1], PALETTE[0], *PALETTE[2:], PALETTE[0]]
    plates = [options["fill"] for name, _, options in found if name == "rounded_rectangle"]
    texts = [options["stroke_fill"] for name, _, options in found if name == "text"]
    assert plates == texts == colours


def test_a_word_that_is_written_over_fills_its_outline_and_has_a_halo() -> None:
    words = [mark(0, 0.04 * row, 1, 0.04, caption="WORD", short="WORD", is_read=True) for row in range(25)]
    found = strokes(400, *words, scale=2)
    polygons = [(places, options) for name, places, options in found if name == "polygon"]
    assert len(polygons) == 25
    assert polygons[0] == (([(0, 0), (400, 0), (400, 16), (0, 16)],), {"fill": PALETTE[0], "outline": DARK})
    texts = [options for name, _, options in found if name == "text"]
    assert {options["stroke_width"] for options in texts} == {2}


def test_letters_that_the_own_font_lacks_are_replaced_in_both_captions() -> None:
    shown = [places[1] for name, places, _ in strokes(400, mark(0, 0.5, 0.5, 0.2, caption="Łódź ж")) if name == "text"]
    assert shown == ["Lodz ?"]
    assert in_ascii("ß Æ é… ж“€") == 'ss AE e… ?"EUR'
    narrow = strokes(100, mark(0, 0, 1, 1, caption="Éééé ééé éééé", short="é"), height=60)
    assert all(places[1].isascii() or "…" in places[1] for name, places, _ in narrow if name == "text")


def test_another_font_is_used_in_the_size_of_the_letters_and_keeps_them() -> None:
    file = os.path.join(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    (text,) = [stroke for stroke in strokes(640, mark(0, 0.5, 0.5, 0.2, caption="é"), font=file) if stroke[0] == "text"]
    assert (text[1][1], text[2]["font"]) == ("é", 20)


def test_ink_is_black_on_light_colours_and_white_on_dark_ones() -> None:
    assert [ink_on((grey, grey, grey)) for grey in (0, 100, 101, 255)] == [LIGHT, LIGHT, DARK, DARK]
    assert [ink_on(colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))] == [LIGHT, DARK, LIGHT]


def test_an_image_keeps_its_size_and_its_own_pixels() -> None:
    for side in (100, 1200, 1201, 2501):
        image = Image.new("RGB", (side, 50), (9, 99, 199))
        result = drawn(image, [mark(0.9, 0.2, 0.05, 0.5, caption="", short="")])
        assert (result.size, result.mode, result.getpixel((1, 1))) == ((side, 50), "RGB", (9, 99, 199))
        assert result is not image
        assert image.getcolors() == [(side * 50, (9, 99, 199))]
        with pytest.raises(ParamValidationError, match=r"'none\.ttf' is no font"):
            drawn(image, [mark(0.9, 0.2, 0.05, 0.5)], "none.ttf")
