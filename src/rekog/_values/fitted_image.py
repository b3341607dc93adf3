"""`FittedImage`: an image that is ready to be sent."""

from __future__ import annotations

from typing import ClassVar, Literal

from .frozen import Frozen


class FittedImage(Frozen, kw_only=True, public="rekog.images"):
    """A JPEG or PNG file within the limits of the service, upright and without metadata, and its size in pixels."""

    _hidden: ClassVar[frozenset[str]] = frozenset({"data"})

    data: bytes
    width: int
    height: int
    media_type: Literal["image/jpeg", "image/png"]
