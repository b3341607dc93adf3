"""Accuracy of text detection: rendered cards by size and angle, and the images of `text.toml`."""

from __future__ import annotations

import difflib
import io
import tomllib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict, cast

from PIL import Image

from rekog.emulator import DecodedImage, TextLine
from rekog.emulator.vision.text.pp_ocr import PpOcr
from tests.kit.photographs import photograph
from tests.kit.printed import Printed, printed

from .images import package_image
from .tables import Table

SIZES = (8, 10, 12, 16, 24, 48, 96)
ANGLES = (0, 12, 45, 90, 180, 270)
ROWS = (
    "The quick brown fox jumps",
    "over 13 lazy dogs, at 10:45.",
    "Invoice No. 2024-0817",
    "Total: $1,234.56 (20% off)",
    "MONDAY IS FULL OF WORK",
    "Café Zürich, São Paulo",
)
DIFFICULT = ("œuvre", "Győr", "Øresund", "Łódź", "İzmir", "naïve façade", "¿Qué?", "5 € ± 2 °C", "Straße", "x² + y²")
WITHOUT_TEXT = ("grass", "coins", "hubble", "cat", "camera", "coffee", "flower", "palace", "clock", "astronaut")
SAMPLES_WITHOUT_TEXT = (
    *("baboon.jpg", "fruits.jpg", "butterfly.jpg", "home.jpg", "starry_night.jpg", "aloeL.jpg", "leuvenA.jpg"),
    *("left01.jpg", "left02.jpg", "left03.jpg", "left04.jpg", "rubberwhale1.png", "smarties.png", "stuff.jpg"),
)
CLEAR = 0.8
"""The service's default minimum for words."""
SAME = 0.4
"""Minimum likeness of a detected line and the line that it stands for."""


class _Row(TypedDict):
    lines: list[str]
    photograph: NotRequired[str]
    sample: NotRequired[str]


class Score(NamedTuple):
    """Comparison of the detected lines with those of an image."""

    characters: float
    words: int
    right: int
    exact: int
    misses: Sequence[tuple[str, str]]
    judged: Sequence[tuple[float, bool]]
    """Confidence of each detected word, and whether it is right."""

    def cell(self) -> str:
        """Return the share of the words that are right, in percent."""
        return f"{100 * self.right / self.words:.0f}"


def tables() -> list[Table]:
    """Measure cards, images with text and images without."""
    detector = PpOcr()
    cards = {(size, angle): _card(detector, size, angle) for size in SIZES for angle in ANGLES}
    images = [(name, lines, score(lines, detector.detect(image))) for name, lines, image in _images()]
    judged = [each for one in (*cards.values(), *(found for *_, found in images)) for each in one.judged]
    return [
        _by_size(cards),
        _by_image(images),
        _misses(images),
        _difficult(detector),
        _calibration(judged),
        _false(detector),
    ]


def score(lines: Sequence[str], found: Iterable[TextLine]) -> Score:
    """Compare lines with the detected ones; each is compared with the detected line that is most like it."""
    left = list(found)
    same = words = right = exact = 0
    misses: list[tuple[str, str]] = []
    judged: list[tuple[float, bool]] = []
    for line in sorted(lines, key=len, reverse=True):
        best = max(left, key=lambda each: _likeness(line, each.text), default=None)
        if best is None or _likeness(line, best.text) < SAME:
            best = None
        else:
            left.remove(best)
        read = best.text if best else ""
        matcher = difflib.SequenceMatcher(None, line, read, autojunk=False)
        same += sum(block.size for block in matcher.get_matching_blocks())
        expected = line.split()
        blocks = difflib.SequenceMatcher(None, expected, read.split(), autojunk=False).get_matching_blocks()
        hits = {block.b + step for block in blocks for step in range(block.size)}
        words, right, exact = words + len(expected), right + len(hits), exact + (read == line)
        judged += [(word.confidence, number in hits) for number, word in enumerate(best.words if best else ())]
        misses += [(line, read)] if read != line else []
    judged += [(word.confidence, False) for line in left for word in line.words]
    return Score(same / sum(map(len, lines)), words, right, exact, misses, judged)


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _card(detector: PpOcr, size: int, angle: int) -> Score:
    step = 2 * size
    texts = [Printed(text, 2 * size, 2 * size + step * number, size) for number, text in enumerate(ROWS)]
    paper = (max(80, 20 * size), max(80, 15 * size))
    return score(ROWS, detector.detect(DecodedImage(printed(texts, paper, angle=angle))))


def _images() -> list[tuple[str, list[str], DecodedImage]]:
    document = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    result: list[tuple[str, list[str], DecodedImage]] = []
    for row in cast("list[_Row]", document["image"]):  # cast: the file is ours
        name = row.get("photograph") or row.get("sample", "")
        data = photograph(name) if "photograph" in row else package_image(f"opencv/{name}")
        result.append((name, row["lines"], _decoded(data)))
    return result


def _decoded(data: bytes) -> DecodedImage:
    with Image.open(io.BytesIO(data)) as image:
        return DecodedImage(image.convert("RGB"))


def _by_size(cards: dict[tuple[int, int], Score]) -> Table:
    caption = (
        f"Words read exactly, in percent, of the {cards[SIZES[0], 0].words} words on cards of DejaVu Sans in several "
        "sizes, turned clockwise by several angles."
    )
    rows = [[f"{size} px", *(cards[size, angle].cell() for angle in ANGLES)] for size in SIZES]
    return Table(caption, ("size", *(f"{angle}°" for angle in ANGLES)), rows)


def _by_image(images: Sequence[tuple[str, list[str], Score]]) -> Table:
    rows = [
        [
            name,
            f"{found.exact} of {len(lines)}",
            f"{found.right} of {found.words}",
            f"{100 * found.characters:.0f}",
            sum(confidence >= CLEAR and not right for confidence, right in found.judged),
        ]
        for name, lines, found in images
    ]
    caption = (
        "Images of scikit-image and matplotlib (without a suffix) and of OpenCV's samples. The last column has the "
        "wrong words with a confidence of 80 and more, words that `text.toml` does not list among them."
    )
    return Table(caption, ("image", "lines exact", "words exact", "characters, %", "wrong at 80 and more"), rows)


def _misses(images: Sequence[tuple[str, list[str], Score]]) -> Table:
    rows = [
        [name, f"`{line}`", f"`{read}`" if read else ""] for name, _, found in images for line, read in found.misses
    ]
    return Table("Their lines that were not read exactly.", ("image", "line", "read"), rows)


def _difficult(detector: PpOcr) -> Table:
    texts = [Printed(text, 40, 40 + 70 * number, 32) for number, text in enumerate(DIFFICULT)]
    found = detector.detect(DecodedImage(printed(texts, (500, 70 * len(DIFFICULT) + 60))))
    read = {round((line.corners.top_left.y - 40) / 70): line.text for line in found}
    rows = [[f"`{text}`", f"`{read[number]}`" if number in read else ""] for number, text in enumerate(DIFFICULT)]
    return Table("Characters that are rare or alike, at 32 px.", ("printed", "read"), rows)


def _calibration(judged: Sequence[tuple[float, bool]]) -> Table:
    bounds = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0000001)
    rows: list[list[object]] = []
    for low, high in pairwise(bounds):
        inside = [right for confidence, right in judged if low <= confidence < high]
        label = f"{100 * low:.0f} to {min(100, 100 * high):.0f}"
        rows.append([label, len(inside), f"{100 * sum(inside) / len(inside):.0f}" if inside else ""])
    return Table("Share of the words above that are right, by confidence.", ("confidence", "words", "right, %"), rows)


def _false(detector: PpOcr) -> Table:
    rows: list[list[object]] = []
    files = [(name, photograph(name)) for name in WITHOUT_TEXT] + [
        (name, package_image(f"opencv/{name}")) for name in SAMPLES_WITHOUT_TEXT
    ]
    for name, data in files:
        words = [word for line in detector.detect(_decoded(data)) for word in line.words]
        clear = [f"`{word.text}` {100 * word.confidence:.0f}" for word in words if word.confidence >= CLEAR]
        if clear:
            rows.append([name, ", ".join(clear)])
    caption = (
        f"False words with a confidence of 80 and more in {len(files)} images without legible text: "
        f"{', '.join(name for name, _ in files)}."
    )
    return Table(caption, ("image", "words"), rows)
