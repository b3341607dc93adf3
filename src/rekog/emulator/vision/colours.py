"""Properties of an image, measured from its pixels: dominant colours, brightness, sharpness, contrast.

A recorded response of the service shows how it describes colours: the red, green and blue of a dominant colour are
those of a CSS colour, spelt `darkslategrey` but `gray`; none has less than a tenth of the pixels; brightness and
sharpness are given for the whole, the foreground and the background, contrast for the whole only. The rest is ours:

- Each pixel of the image, scaled to 64 x 64, counts for the CSS colour that is nearest in red, green and blue.
- The twelve simplified names are the usual groups of CSS colours.
- The foreground consists of the colours that have a larger share of the centre than of the rest. The centre is the
  ellipse that covers half of the image. An image of one colour is background.
- Brightness is the mean luma in percent of white. Contrast is the range of luma, without the lowest and highest
  twentieth. Sharpness is that of `quality.py`, for the image scaled to 512 pixels: the ratio r of the Laplacian's
  standard deviation to that of all pixels becomes 100 * (1 - exp(-(r / 0.2) ** 2)). Photographs in focus had r = 0.37
  and more, one of a moving clock 0.24, one of a retina 0.14.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import ImageColor

from .quality import LUMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from .images import DecodedImage

MIN_SHARE = 0.1
"""Minimum share of the pixels for a dominant colour."""

_GRID = 64
_QUALITY_SIDE = 512
_HALFWAY = 0.2
_TAILS = (5, 95)

SIMPLIFIED: Mapping[str, str] = {
    "black": "black",
    "blue": "midnightblue navy darkblue mediumblue blue royalblue steelblue dodgerblue deepskyblue cornflowerblue"
    " skyblue lightskyblue lightsteelblue lightblue powderblue",
    "brown": "maroon brown saddlebrown sienna chocolate darkgoldenrod peru rosybrown goldenrod sandybrown tan burlywood"
    " wheat navajowhite bisque blanchedalmond cornsilk",
    "cyan": "teal darkcyan lightseagreen cadetblue darkturquoise mediumturquoise turquoise cyan aquamarine"
    " paleturquoise lightcyan",
    "green": "darkgreen green darkolivegreen forestgreen seagreen olive olivedrab mediumseagreen limegreen lime"
    " springgreen mediumspringgreen darkseagreen mediumaquamarine yellowgreen lawngreen chartreuse lightgreen"
    " greenyellow palegreen",
    "grey": "darkslategrey dimgrey slategrey gray lightslategrey darkgrey silver lightgrey gainsboro",
    "orange": "orangered tomato darkorange coral orange",
    "pink": "mediumvioletred deeppink palevioletred hotpink lightpink pink",
    "purple": "indigo purple darkmagenta darkviolet darkslateblue blueviolet darkorchid magenta slateblue"
    " mediumslateblue mediumorchid mediumpurple orchid violet plum thistle lavender rebeccapurple",
    "red": "darkred red firebrick crimson indianred lightcoral salmon darksalmon lightsalmon",
    "white": "mistyrose antiquewhite linen beige whitesmoke lavenderblush oldlace aliceblue seashell ghostwhite"
    " honeydew floralwhite azure mintcream snow ivory white",
    "yellow": "darkkhaki gold khaki peachpuff yellow palegoldenrod moccasin papayawhip lightgoldenrodyellow"
    " lemonchiffon lightyellow",
}
"""The CSS colours of each simplified name."""


class Colour(NamedTuple):
    """A CSS colour, and the share of the pixels to which it is nearest, 0 to 1."""

    red: int
    green: int
    blue: int
    name: str
    simplified: str
    share: float

    @property
    def code(self) -> str:
        """Hexadecimal code, such as `#ff0000`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


class Part(NamedTuple):
    """Measurements of an image or a part of it: percents, and the dominant colours, the most frequent first."""

    brightness: float
    sharpness: float
    contrast: float
    colours: list[Colour]


class Properties(NamedTuple):
    """An image's properties; a part without pixels is None."""

    whole: Part
    foreground: Part | None
    background: Part | None


def measure_properties(image: DecodedImage) -> Properties:
    """Measure the properties of an image."""
    nearest = _nearest(image)
    front = _foreground(nearest)
    grey, laplacian = _grey(image)
    everything = np.ones_like(front)
    parts = (
        _part(nearest, mask, grey, laplacian) if bool(mask.any()) else None for mask in (everything, front, ~front)
    )
    whole, foreground, background = parts
    return Properties(whole or Part(0.0, 0.0, 0.0, []), foreground, background)


def dominant_colours(image: DecodedImage) -> list[Colour]:
    """Return an image's dominant colours, the most frequent first."""
    return _dominant(_nearest(image).ravel())


@cache
def palette() -> tuple[NDArray[np.float64], list[tuple[str, str]]]:
    """Return the CSS colours as rows of red, green and blue, and the name and simplified name of each."""
    names = sorted((name, simple) for simple, names in SIMPLIFIED.items() for name in names.split())
    return np.array([ImageColor.getrgb(name) for name, _ in names], dtype=np.float64), names


def _nearest(image: DecodedImage) -> NDArray[np.intp]:
    """Return the index of the nearest palette colour for each pixel of a small copy."""
    colours, _ = palette()
    pixels = image.pixels(_GRID, _GRID).astype(np.float64).reshape(-1, 3)
    distances = (colours**2).sum(axis=1) - 2.0 * (
        pixels @ colours.T
    )  # without the pixel's own square, which is the same for all
    nearest: NDArray[np.intp] = distances.argmin(axis=1).reshape(_GRID, _GRID)
    return nearest


def _dominant(nearest: NDArray[np.intp]) -> list[Colour]:
    colours, names = palette()
    shares = np.bincount(nearest, minlength=len(names)) / nearest.size
    order = np.argsort(-shares, kind="stable")
    return [
        Colour(int(red), int(green), int(blue), *names[int(index)], float(shares[index]))
        for index, (red, green, blue) in zip(order, colours[order], strict=True)
        if shares[index] >= MIN_SHARE
    ]


def _foreground(nearest: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which pixels have a colour with a larger share of the centre than of the rest."""
    offsets = (np.arange(_GRID) + 0.5) / _GRID - 0.5
    centre = (offsets[:, None] ** 2 + offsets[None, :] ** 2) * np.pi <= 0.5
    _, names = palette()
    inside, outside = (np.bincount(nearest[mask], minlength=len(names)) / int(mask.sum()) for mask in (centre, ~centre))
    front: NDArray[np.bool_] = (inside > outside)[nearest]
    return front


def _grey(image: DecodedImage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the luma of an image scaled to at most 512 pixels a side, and its Laplacian, both without the border."""
    scale = min(1.0, _QUALITY_SIDE / max(image.width, image.height))
    pixels = image.pixels(max(3, round(image.width * scale)), max(3, round(image.height * scale)))
    grey: NDArray[np.float64] = pixels.astype(np.float64) @ LUMA
    middle = grey[1:-1, 1:-1]
    return middle, 4 * middle - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]


def _part(
    nearest: NDArray[np.intp], mask: NDArray[np.bool_], grey: NDArray[np.float64], laplacian: NDArray[np.float64]
) -> Part:
    height, width = grey.shape
    rows: NDArray[np.intp] = np.arange(height, dtype=np.intp) * _GRID // height
    columns: NDArray[np.intp] = np.arange(width, dtype=np.intp) * _GRID // width
    chosen: NDArray[np.bool_] = mask[rows[:, None], columns]
    luma = grey[chosen] if bool(chosen.any()) else grey.ravel()  # a part may be smaller than a pixel
    edges = laplacian[chosen] if bool(chosen.any()) else laplacian.ravel()
    spread = float(luma.std())
    ratio = float(edges.std()) / spread if spread > 0 else 0.0
    low, high = (float(value) for value in np.percentile(luma, _TAILS))
    return Part(
        brightness=float(luma.mean()) / 2.55,
        sharpness=100.0 * (1.0 - float(np.exp(-((ratio / _HALFWAY) ** 2)))),
        contrast=(high - low) / 2.55,
        colours=_dominant(nearest[mask]),
    )
