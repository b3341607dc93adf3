"""Images with text printed by Pillow, and the places of its lines and words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Corner = tuple[float, float]


class Printed(NamedTuple):
    """A text at a place of an image: the top left of its ink box, and the size of the font."""

    text: str
    x: int = 40
    y: int = 40
    size: int = 28
    font: str = "DejaVuSans"


CARD = [
    Printed("MONDAY IS FULL OF", 60, 40, 64, "DejaVuSans-Bold"),
    Printed("The quick brown fox jumps over the lazy dog.", 60, 140),
    Printed("Invoice No. 2024-0817 Total: $1,234.56", 60, 200),
    Printed("The quick brown fox jumps over the lazy dog.", 60, 255, 16, "DejaVuSerif"),
    Printed("GATE 24", 60, 300, 90, "DejaVuSans-Bold"),
    Printed("https://example.com/path?q=1&r=2", 60, 430, 22, "DejaVuSansMono"),
    Printed("Café Müller, Straße 5, 10:45 Uhr", 60, 480, 24),
    Printed("EXIT", 60, 540, 40),
]
CARD_SIZE = (1000, 640)


def printed(
    texts: Sequence[Printed],
    size: tuple[int, int] = CARD_SIZE,
    *,
    ink: str = "black",
    paper: str = "white",
    angle: float = 0,
) -> Image.Image:
    """Return an image with texts, turned clockwise by an angle in degrees."""
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    for each in texts:
        left, top, *_ = _ink(each.text, each.font, each.size)
        draw.text((each.x - left, each.y - top), each.text, fill=ink, font=_font(each.font, each.size))
    return image.rotate(-angle, Image.Resampling.BICUBIC, expand=True, fillcolor=paper) if angle else image


def corners(
    each: Printed, word: str | None = None, size: tuple[int, int] = CARD_SIZE, angle: float = 0
) -> list[Corner]:
    """Return the corners of the ink box of a text, or of a word of it, in an image turned by an angle."""
    left, top, right, bottom = _ink(each.text, each.font, each.size)
    height, start, end = float(bottom - top), 0.0, float(right - left)
    if word is not None:
        before = _font(each.font, each.size).getlength(each.text[: each.text.index(word)])
        first, _, last, _ = _ink(word, each.font, each.size)
        start, end = before + first - left, before + last - left
    box = [(start, 0.0), (end, 0.0), (end, height), (start, height)]
    return [_turned(each.x + x, each.y + y, size, angle) for x, y in box]


def _turned(x: float, y: float, size: tuple[int, int], angle: float) -> Corner:
    """Return a point after the image was turned about its centre and enlarged to hold all of it."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    width = abs(size[0] * cosine) + abs(size[1] * sine)
    height = abs(size[0] * sine) + abs(size[1] * cosine)
    x, y = x - size[0] / 2, y - size[1] / 2
    return x * cosine - y * sine + width / 2, x * sine + y * cosine + height / 2


@cache
def _ink(text: str, font: str, size: int) -> tuple[int, int, int, int]:
    """Return the box of the pixels of a text that is drawn at the origin: left, top, right, bottom."""
    face, margin = _font(font, size), 2 * size
    image = Image.new("L", (int(face.getlength(text)) + 2 * margin, 4 * size))
    ImageDraw.Draw(image).text((margin, margin), text, fill=255, font=face)
    rows, columns = (np.asarray(image) >= 128).nonzero()
    left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return int(left) - margin, int(top) - margin, int(right) - margin, int(bottom) - margin


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font of matplotlib."""
    spec = find_spec("matplotlib")
    assert spec is not None, "matplotlib is not installed: pip install -e '.[test]'"
    assert spec.submodule_search_locations is not None
    return ImageFont.truetype(Path(spec.submodule_search_locations[0], "mpl-data", "fonts", "ttf", f"{name}.ttf"), size)
