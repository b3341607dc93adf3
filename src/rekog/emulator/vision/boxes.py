"""Points and boxes in an image, in pixels or as ratios of its size, with the origin at the top left."""

from __future__ import annotations

from typing import NamedTuple

from ..._values.public import publish


class Point(NamedTuple):
    """A position in an image."""

    x: float
    y: float


class Box(NamedTuple):
    """A rectangle; it may reach past the image's edges."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Position of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Position of the bottom edge."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """Area, including the part outside the image."""
        return self.width * self.height

    def scaled(self, x: float, y: float) -> Box:
        """Return the box with its horizontal and vertical lengths multiplied by two factors.

        >>> Box(0.1, 0.2, 0.5, 0.5).scaled(200, 100)
        Box(left=20.0, top=20.0, width=100.0, height=50.0)
        """
        return Box(self.left * x, self.top * y, self.width * x, self.height * y)

    def overlap(self, other: Box) -> float:
        """Return the area of the intersection divided by the area of the union: 0 to 1."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(0.0, across) * max(0.0, down)
        return shared / (self.area + other.area - shared)


publish("rekog.emulator", Point, Box)
