"""`FoundFace`: a face of an image or frame, declared or detected."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from ... import models

MAX_FACES = 100
"""Maximum number of faces that are reported for an image; the largest are kept (assumed)."""


class FoundFace(NamedTuple):
    """A face of an image: its description, and a function that computes its embedding when it is needed.

    `identity` distinguishes declared faces with the same box in the same image; it is part of the FaceId. A face that
    is `quality_exempt` was declared without a quality: the quality filters ignore its measured quality, because the
    image behind the declaration may show anything.
    """

    detail: models.FaceDetail
    embed: Callable[[], bytes]
    identity: str = ""
    quality_exempt: bool = False
