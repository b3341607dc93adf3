"""Drawing of marks on an image, by Pillow. Line widths and texts grow with the image.

A coloured line has a dark contour, so that it is seen on any background. The colours are those of Okabe and Ito, which
people with any kind of colour vision tell apart; captions say the same as the colours do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

    from .marks import Mark

    Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont

PALETTE = ((230, 159, 0), (86, 180, 233), (240, 228, 66), (0, 158, 115), (204, 121, 167), (213, 94, 0), (0, 114, 178))
DARK, LIGHT = (0, 0, 0), (255, 255, 255)
_SMOOTH = ((1200, 4), (2500, 2))
"""Maximum side of an image, and how many times larger its marks are drawn before they are reduced, for smooth edges."""
_STROKE, _TEXT = 1 / 220, 1 / 32  # of the shorter side
_LEAST_STROKE, _LEAST_TEXT = 2, 13  # pixels


class Plate(NamedTuple):
    """The rectangle of a caption."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Plate) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def drawn(image: Image.Image, marks: Sequence[Mark]) -> Image.Image:
    """Return a copy of an RGB image with marks on it."""
    from PIL import Image as pil  # noqa: N813 (a module)

    scale = next((factor for side, factor in _SMOOTH if max(image.size) <= side), 1)
    if scale == 1:
        large = image.copy()
        Canvas(large, 1).draw(marks)
        return large
    layer = pil.new("RGBA", (image.width * scale, image.height * scale))
    Canvas(layer, scale).draw(marks)
    return pil.alpha_composite(image.convert("RGBA"), layer.reduce(scale)).convert("RGB")


class Canvas:
    """An image that is drawn on, with the line width and the font for its size."""

    def __init__(self, image: Image.Image, scale: int) -> None:
        from PIL import ImageDraw, ImageFont

        self.width, self.height = image.size
        shorter = min(image.size)
        self.stroke = max(_LEAST_STROKE * scale, round(shorter * _STROKE))
        self.pen: ImageDraw.ImageDraw = ImageDraw.Draw(image)
        self.font: Font = ImageFont.load_default(size=max(_LEAST_TEXT * scale, round(shorter * _TEXT)))
        self.plates: list[Plate] = []

    def draw(self, marks: Sequence[Mark]) -> None:
        """Draw all outlines and landmarks, and the captions on top of them."""
        groups = list(dict.fromkeys(mark.group for mark in marks))
        coloured = [(mark, PALETTE[groups.index(mark.group) % len(PALETTE)]) for mark in marks]
        for mark, colour in coloured:
            self._outline(mark, colour)
        for mark, colour in coloured:
            self.caption(mark, colour)

    def _outline(self, mark: Mark, colour: tuple[int, int, int]) -> None:
        corners = self._pixels(mark.outline)
        closed = [*corners, *corners[:2]]  # the second corner again joins the last line to the first
        contour = max(1, self.stroke // 3)
        self.pen.line(closed, fill=DARK, width=self.stroke + 2 * contour, joint="curve")
        self.pen.line(closed, fill=colour, width=self.stroke, joint="curve")
        for x, y in self._pixels(mark.points):
            radius = 1.8 * self.stroke
            area = (x - radius, y - radius, x + radius, y + radius)
            self.pen.ellipse(area, fill=LIGHT, outline=DARK, width=contour)

    def _pixels(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * self.width, y * self.height) for x, y in points]

    def caption(self, mark: Mark, colour: tuple[int, int, int]) -> None:
        """Write the caption on a plate inside the image, where it covers no other one if there is such a place."""
        text, (left, top, right, bottom) = self._fitting(without_accents(mark.caption))
        pad = 2 * self.stroke
        width, height = right - left + 2 * pad, bottom - top + 2 * pad
        places = list(self._places(self._pixels(mark.outline), width, height))
        free = (place for place in places if not any(place.overlaps(other) for other in self.plates))
        plate = next(free, places[0])
        self.plates.append(plate)
        self.pen.rounded_rectangle(plate, radius=self.stroke, fill=colour, outline=DARK, width=max(1, self.stroke // 3))
        self.pen.text((plate.left + pad - left, plate.top + pad - top), text, font=self.font, fill=ink_on(colour))

    def _fitting(self, text: str) -> tuple[str, tuple[float, float, float, float]]:
        """Return a text, shortened until it fits in the image, and its box."""
        while True:
            box = self.pen.textbbox((0, 0), text, font=self.font)
            if box[2] - box[0] + 4 * self.stroke <= self.width or len(text) <= 2:
                return text, box
            text = text[:-2].rstrip() + "…"

    def _places(self, corners: Sequence[tuple[float, float]], width: float, height: float) -> Iterator[Plate]:
        """Yield plates above, below and in an outline, all inside the image."""
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        gap = self.stroke
        top, bottom = min(ys), max(ys)
        above, below = top - height - gap, bottom + gap
        rows = [above, below] if above >= 0 else [below, above]
        inside = [top + gap, bottom - height - gap]
        fitting = [y for y in rows if 0 <= y <= self.height - height]
        for y in [*fitting, *inside]:
            for x in (min(xs), max(xs) - width):
                left = max(0.0, min(x, self.width - width))
                upper = max(0.0, min(y, self.height - height))
                yield Plate(left, upper, left + width, upper + height)


def ink_on(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return black or white, whichever is easier to read on a colour."""
    red, green, blue = colour
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 100 else LIGHT


def without_accents(text: str) -> str:
    """Return a text without accents, as Pillow's own font has letters of ASCII only."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
