"""Places of captions on an image."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rekog._core.answers.layout import Caption, Captioned, Layout, Rectangle

SMALLEST, LARGEST = 10.0, 20.0


def width(text: str, size: float) -> float:
    """Return the width of a text in letters that are half as wide as high."""
    return len(text) * size / 2


def mark(
    left: float, top: float, right: float, bottom: float, text: str = "Cat 99 %", *, is_read: bool = False
) -> Captioned:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Captioned(corners, [], text, text.split(maxsplit=1)[0], is_read)


def captions(*marks: Captioned, side: float = 400) -> list[Caption | None]:
    return Layout(side, side, gap=2, measure=width).captions(marks, LARGEST, SMALLEST)


def placed(*marks: Captioned, side: float = 400) -> list[Caption]:
    found = captions(*marks, side=side)
    assert None not in found
    return [caption for caption in found if caption]


def test_a_caption_is_above_its_outline_in_the_largest_letters() -> None:
    (caption,) = placed(mark(100, 100, 200, 200))
    assert caption == Caption("Cat 99 %", LARGEST, Rectangle(100, 68, 190, 98))


def test_a_caption_is_beside_an_outline_of_the_whole_height() -> None:
    (caption,) = placed(mark(100, 0, 200, 400))
    assert (caption.plate.left, caption.plate.top) == (202, 0)


def test_a_caption_is_in_an_outline_of_the_whole_image() -> None:
    (caption,) = placed(mark(0, 0, 400, 400))
    assert (caption.plate.left, caption.plate.top, caption.size) == (0, 2, LARGEST)


def test_a_caption_avoids_another_outline() -> None:
    caption, _ = placed(mark(100, 100, 200, 200), mark(100, 40, 200, 98))
    assert caption.plate.top == 202  # below


def test_a_caption_avoids_its_own_landmarks() -> None:
    corners = mark(0, 0, 400, 400)
    (caption,) = placed(corners._replace(points=[(10.0, 10.0)]))
    assert not caption.plate.has((10.0, 10.0))


def test_letters_shrink_until_no_outline_is_crossed() -> None:
    marks = [mark(left, top, left + 76, top + 50) for top in (30, 110, 190, 270) for left in range(0, 320, 80)]
    found = placed(*marks, side=320)
    assert {caption.size for caption in found} == {LARGEST * 0.8}
    assert {caption.text for caption in found} == {"Cat 99 %"}


def test_short_captions_are_used_where_full_ones_have_no_place() -> None:
    marks = [mark(left, 0, left + 40, 400) for left in range(0, 400, 40)]
    assert {caption.text for caption in placed(*marks)} == {"Cat"}


def test_short_captions_are_used_where_full_ones_would_cross_outlines() -> None:
    marks = [mark(0, 20, 20, 40), mark(22, 0, 60, 60)]
    assert [(caption.text, caption.plate.left) for caption in placed(*marks, side=60)] == [("Cat", 0), ("Cat", 0)]


def test_captions_without_a_place_are_left_out() -> None:
    found = captions(*[mark(0, 0, 80, 80)] * 30, side=80)
    plates = [caption.plate for caption in found if caption]
    assert 0 < len(plates) < 30
    assert not any(one.overlaps(other) for one in plates for other in plates if one is not other)


def test_a_text_is_shortened_to_the_width_of_the_image() -> None:
    for side, text, shown in [
        (100, "Rhinocero", "Rhinocero"), (100, "Rhinoceros", "Rhinocer…"), (100, "Rhinocerotidae", "Rhinocer…"),
        (99, "Rhinocero", "Rhinoce…"), (100, "White rh inoceros", "White rh…"), (100, "Two words here", "Two word…"),
        (60, "One x y z", "One…"), (30, "Cat", "C…"), (20, "Cat", "C…"), (20, "Ox", "Ox"),
    ]:  # fmt: skip
        (caption,) = placed(mark(0, 50, 15, 80, text), side=side)
        assert caption.text == shown, (side, text)


def test_a_caption_that_just_fits_is_above_else_below_its_outline() -> None:
    for top, bottom, place in [(32, 200, 0), (32.5, 200, 0.5), (31.9, 200, 202), (31.9, 368, 370), (0, 368.1, 0)]:
        (caption,) = placed(mark(100, top, 200, bottom))
        assert caption.plate.top == place, (top, bottom)


def test_words_with_space_around_them_have_captions_near_them() -> None:
    words = [mark(50, 50, 100, 70, "EXIT", is_read=True), mark(50, 200, 100, 220, "HERE", is_read=True)]
    assert [caption.fills for caption in placed(*words)] == [False, False]


def test_words_of_a_dense_page_are_written_over_themselves() -> None:
    words = [
        mark(left, top, left + 80, top + 16, "EXIT", is_read=True)
        for top in range(50, 150, 18)
        for left in (0, 82, 164)
    ]
    found = placed(*words, side=244)
    assert all(caption.fills for caption in found)
    for word, caption in zip(words, found, strict=True):
        assert caption.size == 16  # the height of the word
        assert word.around.contains(caption.plate)


def test_letters_over_a_low_word_stay_readable() -> None:
    words = [mark(50, top, 130, top + 4, "EXIT", is_read=True) for top in range(50, 100, 5)]
    assert {caption.size for caption in placed(*words)} == {0.75 * SMALLEST}


def test_no_mark_has_no_caption() -> None:
    assert captions() == []


def test_rectangles_that_touch_do_not_overlap_and_edges_belong_to_them() -> None:
    one = Rectangle(10, 20, 30, 40)
    assert one.area == 400
    for left, top, overlaps in [
        (30, 20, False), (29, 20, True), (10, 40, False), (10, 39, True), (-10, 20, False), (-9, 20, True),
        (10, 0, False), (10, 1, True), (10, 20, True),
    ]:  # fmt: skip
        other = Rectangle(left, top, left + 20, top + 20)
        assert (one.overlaps(other), other.overlaps(one)) == (overlaps, overlaps)
    assert one.contains(one)
    for side in range(4):
        outside = [10, 20, 30, 40]
        outside[side] += -1 if side < 2 else 1
        assert not one.contains(Rectangle(*outside))
        assert Rectangle(*outside).contains(one)
    assert all(one.has(point) for point in ((10, 20), (30, 40), (10, 40), (30, 20), (20, 30)))
    assert not any(one.has(point) for point in ((9, 30), (31, 30), (20, 19), (20, 41)))


ratios = st.floats(-0.2, 1.2)
places = st.tuples(ratios, ratios, ratios, ratios).map(
    lambda p: mark(min(p[0], p[2]) * 400, min(p[1], p[3]) * 400, max(p[0], p[2]) * 400, max(p[1], p[3]) * 400)
)


@given(st.lists(places, max_size=12))
def test_captions_are_inside_the_image_and_cover_no_other(marks: list[Captioned]) -> None:
    plates = [caption.plate for caption in captions(*marks) if caption]
    page = Rectangle(0, 0, 400, 400)
    assert all(page.contains(plate) for plate in plates)
    assert not any(one.overlaps(other) for one in plates for other in plates if one is not other)
