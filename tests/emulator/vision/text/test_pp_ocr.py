"""Text of images: what is printed is read, at its place; and none is read where none is."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("rekog_weights", reason="rekog[vision] installs the weights")

from rekog.emulator import DecodedImage, TextLine
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.text.pp_ocr import PpOcr
from tests.kit.photographs import photograph
from tests.kit.printed import CARD, Printed, corners, printed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.kit.printed import Corner

PAGE = [
    "Region-based segmentation",
    "Let us first determine markers of the coins and the",
    "background. These markers are pixels that we can label",
    "unambiguously as either object or background. Here,",
    "the markers are found at the two extreme parts of the",
    "histogram of grey values:",
    ">>> markers = np.zeros_like(coins)",
]
CLEAR = 0.8
"""The service's default minimum for words."""


@pytest.fixture(scope="module")
def detector() -> PpOcr:
    return PpOcr()


def lines(detector: PpOcr, image: Image.Image | DecodedImage) -> list[TextLine]:
    """Return the detected lines from top to bottom."""
    decoded = image if isinstance(image, DecodedImage) else DecodedImage(image)
    return sorted(detector.detect(decoded), key=lambda line: line.corners.top_left.y)


def texts(detector: PpOcr, image: Image.Image) -> list[str]:
    return [line.text for line in lines(detector, image)]


def error(found: Sequence[Corner], expected: Sequence[Corner]) -> float:
    """Return the greatest distance between the corners of two polygons."""
    return max(math.dist(one, other) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("angle", [0, 12, 90, 180, 270])
def test_a_card_is_read_exactly_at_its_place(detector: PpOcr, angle: float) -> None:
    found = detector.detect(DecodedImage(printed(CARD, angle=angle)))
    assert sorted(line.text for line in found) == sorted(each.text for each in CARD)
    for each in CARD:
        expected = corners(each, angle=angle)
        nearest = min(found, key=lambda line: error(line.corners, expected))
        assert nearest.text == each.text
        assert error(nearest.corners, expected) < 3 + 0.05 * each.size
        assert nearest.confidence > CLEAR


@pytest.mark.slow
def test_words_have_their_own_boxes(detector: PpOcr) -> None:
    found = {line.text: line for line in detector.detect(DecodedImage(printed(CARD)))}
    for each in (CARD[0], CARD[2], CARD[4], CARD[6]):
        words = found[each.text].words
        assert [word.text for word in words] == each.text.split()
        for word in words:
            (left, _), (right, _), *_ = corners(each, word.text)
            tolerance = 3 + 0.05 * each.size
            assert word.corners.top_left.x == pytest.approx(left, abs=tolerance)
            assert word.corners.top_right.x == pytest.approx(right, abs=tolerance)


def test_small_text_is_enlarged(detector: PpOcr) -> None:
    small = Printed("Small print of ten pixels", 10, 20, 10)
    assert texts(detector, printed([small], (200, 100))) == [small.text]
    assert texts(detector, printed([Printed("EXIT", 15, 30, 16)], (80, 80))) == ["EXIT"]


def test_light_text_on_dark_is_read(detector: PpOcr) -> None:
    text = Printed("Platform 9 to Oslo")
    assert texts(detector, printed([text], (400, 120), ink="#ffe680", paper="#102040")) == [text.text]


@pytest.mark.slow
def test_columns_are_separate_lines(detector: PpOcr) -> None:
    columns = [
        Printed("Left column one", 30, 40),
        Printed("Right column one", 430, 40),
        Printed("Left column two", 30, 100),
        Printed("Right column two", 430, 100),
    ]
    assert sorted(texts(detector, printed(columns, (760, 180)))) == sorted(each.text for each in columns)


@pytest.mark.slow
def test_digits_punctuation_and_accents_are_read(detector: PpOcr) -> None:
    rows = ["0123456789", "(50%) [a+b=c] #7 @home!", "Ångström, niño, crème, façade", "Žižkov, Kraków, Pécs, Zürich"]
    image = printed([Printed(text, 30, 30 + 60 * number, 30) for number, text in enumerate(rows)], (620, 270))
    assert texts(detector, image) == rows


@pytest.mark.slow
def test_a_line_of_ten_thousand_pixels_is_read(detector: PpOcr) -> None:
    text = " ".join(["Far far away behind the word mountains there live the blind texts"] * 8)
    (line,) = lines(detector, printed([Printed(text, 60, 30, 26)], (10_000, 100)))
    assert line.text == text
    assert len(line.words) == len(text.split())
    assert error(line.corners, corners(Printed(text, 60, 30, 26), size=(10_000, 100))) < 15


@pytest.mark.slow
def test_the_printed_page_of_scikit_image_is_read_but_for_its_code(detector: PpOcr) -> None:
    found = [line.text for line in detector.detect(decode(photograph("page")))]
    assert set(PAGE[:6]) <= set(found)  # of the seventh, the equals sign is lost, and l is read as 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["grass", "coins", "hubble", "cat", "camera", "coffee", "flower"])
def test_no_clear_word_is_read_where_no_text_is(detector: PpOcr, name: str) -> None:
    found = detector.detect(decode(photograph(name)))
    assert [word.text for line in found for word in line.words if word.confidence >= CLEAR] == []


@pytest.mark.slow
def test_an_empty_image_has_no_text(detector: PpOcr) -> None:
    for size in ((80, 80), (10_000, 80), (64, 64)):
        assert detector.detect(DecodedImage(Image.new("RGB", size, "grey"))) == []


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.slow
def test_all_kinds_of_images_are_read(detector: PpOcr) -> None:
    text = Printed("Kinds of pixels 42", 30, 30)
    image = printed([text], (400, 100))
    sixteen = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    files = {
        "grey": encoded(image.convert("L"), "PNG"),
        "sixteen": encoded(sixteen, "PNG"),
        "cmyk": encoded(image.convert("CMYK"), "JPEG"),
        "exif": encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif),
    }
    assert {name: [line.text for line in detector.detect(decode(data))] for name, data in files.items()} == {
        name: [text.text] for name in files
    }


@pytest.mark.slow
def test_the_text_of_a_huge_image_is_at_its_place(detector: PpOcr) -> None:
    small = Printed("Huge poster", 40, 60, 60)
    image = printed([small], (500, 200)).resize((8000, 3200))
    (line,) = lines(detector, decode(encoded(image, "PNG")))
    assert line.text == small.text
    expected = [(x * 16, y * 16) for x, y in corners(small, size=(500, 200))]
    assert error(line.corners, expected) < 16 * 26


def test_short_words_upside_down_follow_the_other_lines(detector: PpOcr) -> None:
    rows = [Printed("Station entrance", 40, 30), Printed("NO", 40, 100), Printed("60", 40, 160)]
    assert sorted(texts(detector, printed(rows, (400, 220), angle=180))) == ["60", "NO", "Station entrance"]
