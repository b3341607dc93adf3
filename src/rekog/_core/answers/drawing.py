"""Drawing of marks on an image, by Pillow. Line widths and texts grow with the image, and shrink with the outlines.

A coloured line has a dark contour, so that it is seen on any background. The colours are those of Okabe and Ito, which
people with any kind of colour vision tell apart; captions say the same as the colours do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from math import dist
from typing import TYPE_CHECKING, TypeAlias

from ..._values.errors import ParamValidationError
from .layout import ELLIPSIS, Caption, Captioned, Layout, Point

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

    from .marks import Mark

Colour: TypeAlias = tuple[int, int, int]

PALETTE = ((230, 159, 0), (86, 180, 233), (240, 228, 66), (0, 158, 115), (204, 121, 167), (213, 94, 0), (0, 114, 178))
_LATIN = str.maketrans({
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "–": "-", "—": "-", "’": "'", "‘": "'",
    "“": '"', "”": '"', "€": "EUR", "£": "GBP", "×": "x", "°": "deg",
})  # fmt: skip
"""Letters that are no letter of ASCII with an accent."""
DARK, LIGHT = (0, 0, 0), (255, 255, 255)
_SMOOTH = ((1200, 4), (2500, 2))
"""Maximum side of an image, and how many times larger its marks are drawn before they are reduced, for smooth edges."""
_STROKE, _TEXT = 1 / 220, 1 / 32  # of the shorter side
_LEAST_STROKE, _LEAST_TEXT, _SMALLEST_TEXT = 2, 13, 9  # pixels; the last in crowded images
_TINY_TEXT = 1 / 8  # of the shorter side, at most
_THIN, _DOT = 1 / 12, 1 / 40  # of the shorter side of an outline, at most: its line, and the radius of a landmark


def drawn(image: Image.Image, marks: Sequence[Mark], font: str | None = None) -> Image.Image:
    """Return a copy of an RGB image with marks on it."""
    from PIL import Image as pil  # noqa: N813 (a module)

    scale = next((factor for side, factor in _SMOOTH if max(image.size) <= side), 1)
    if scale == 1:
        large = image.copy()
        Canvas(large, 1, font).draw(marks)
        return large
    layer = pil.new("RGBA", (image.width * scale, image.height * scale))
    Canvas(layer, scale, font).draw(marks)
    return pil.alpha_composite(image.convert("RGBA"), layer.reduce(scale)).convert("RGB")


class Canvas:
    """An image that is drawn on, with the line width and the size of letters for its size."""

    def __init__(self, image: Image.Image, scale: int, font: str | None = None) -> None:
        from PIL import ImageDraw

        self.width, self.height = image.size
        self.scale = scale
        shorter = min(image.size)
        self.stroke: float = max(_LEAST_STROKE * scale, shorter * _STROKE)
        self.text = max(min(_LEAST_TEXT * scale, shorter * _TINY_TEXT), shorter * _TEXT)
        self.pen: ImageDraw.ImageDraw = ImageDraw.Draw(image)
        self._file = font
        self._fonts: dict[int, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}

    def draw(self, marks: Sequence[Mark]) -> None:
        """Draw all outlines and landmarks, and the captions on top of them."""
        groups = list(dict.fromkeys(mark.group for mark in marks))
        colours = [PALETTE[groups.index(mark.group) % len(PALETTE)] for mark in marks]
        outlines = [self._pixels(mark.outline) for mark in marks]
        for mark, corners, colour in zip(marks, outlines, colours, strict=True):
            self._outline(corners, self._pixels(mark.points), colour)
        captions = self.captions(marks)
        for caption, corners, colour in zip(captions, outlines, colours, strict=True):
            if caption:
                self._plate(caption, corners, colour)
        for caption, colour in zip(captions, colours, strict=True):
            if caption:
                self._text(caption, colour)

    def captions(self, marks: Sequence[Mark]) -> list[Caption | None]:
        """Return the caption of each mark, with its place."""
        wanted = [
            Captioned(
                outline=self._pixels(mark.outline),
                points=self._pixels(mark.points),
                text=mark.caption if self._file else in_ascii(mark.caption),
                short=mark.short if self._file else in_ascii(mark.short),
                is_read=mark.is_read,
            )
            for mark in marks
        ]
        layout = Layout(self.width, self.height, gap=self.stroke, measure=self._width)
        smallest = min(self.text, max(_SMALLEST_TEXT * self.scale, self.text / 2))
        return layout.captions(wanted, self.text, smallest)

    def _outline(self, corners: Sequence[Point], points: Sequence[Point], colour: Colour) -> None:
        shorter = min(dist(*corners[:2]), dist(*corners[1:3]))
        stroke = round(min(self.stroke, max(self.scale, shorter * _THIN)))
        contour = max(1, stroke // 3)
        closed = [*corners, *corners[:2]]  # the second corner again joins the last line to the first
        self.pen.line(closed, fill=DARK, width=stroke + 2 * contour, joint="curve")
        self.pen.line(closed, fill=colour, width=stroke, joint="curve")
        radius = min(1.8 * self.stroke, max(1.2 * self.scale, shorter * _DOT))
        for x, y in points:
            area = (x - radius, y - radius, x + radius, y + radius)
            self.pen.ellipse(area, fill=LIGHT, outline=DARK, width=max(1, round(radius / 3)))

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.width, y * self.height) for x, y in points]

    def _plate(self, caption: Caption, corners: Sequence[Point], colour: Colour) -> None:
        if caption.fills:
            self.pen.polygon(corners, fill=colour, outline=DARK)
            return
        width = max(1, round(self.stroke / 3))
        self.pen.rounded_rectangle(caption.plate, radius=self.stroke, fill=colour, outline=DARK, width=width)

    def _text(self, caption: Caption, colour: Colour) -> None:
        left, top, right, bottom = caption.plate
        middle = ((left + right) / 2, (top + bottom) / 2)
        halo = self.scale if caption.fills else 0  # a text may be larger than the outline that it fills
        self.pen.text(
            middle,
            caption.text,
            font=self._font(caption.size),
            fill=ink_on(colour),
            anchor="mm",
            stroke_width=halo,
            stroke_fill=colour,
        )

    def _width(self, text: str, size: float) -> float:
        left, _, right, _ = self.pen.textbbox((0, 0), text, font=self._font(size))
        return max(1.0, right - left)

    def _font(self, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        """Return the font, which is Pillow's own without another."""
        from PIL import ImageFont

        whole, file = round(size), self._file
        if whole not in self._fonts:
            try:
                self._fonts[whole] = ImageFont.truetype(file, whole) if file else ImageFont.load_default(size=whole)
            except OSError as error:
                text = f"font: {file!r} is no font that Pillow can read ({error})"
                raise ParamValidationError(f"images.draw: {text}", problems=[text]) from error
        return self._fonts[whole]


def ink_on(colour: Colour) -> Colour:
    """Return black or white, whichever is easier to read on a colour."""
    red, green, blue = colour
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 100 else LIGHT


def in_ascii(text: str) -> str:
    """Return a text in the letters of Pillow's own font: without accents, and with `?` for those of other scripts."""
    plain = (letter for letter in unicodedata.normalize("NFD", text.translate(_LATIN)) if not _is_accent(letter))
    return "".join(letter if letter.isascii() or letter == ELLIPSIS else "?" for letter in plain)


def _is_accent(letter: str) -> bool:
    return unicodedata.combining(letter) != 0
