"""The images that were analysed last, with the results of the networks that saw them.

Programs often send one image to several operations, and test suites send it hundreds of times. It is then decoded once,
and each network sees it once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .images import DecodedImage

REMEMBERED_PIXELS = 8_000_000
"""Pixels of all remembered images together; four bytes each. One larger image is remembered alone."""


class RecentImages:
    """Images by the digest of their bytes. Several threads may use them at once."""

    def __init__(self, pixels: int = REMEMBERED_PIXELS) -> None:
        self._pixels = pixels
        self._lock = threading.Lock()
        self._images: OrderedDict[str, DecodedImage] = OrderedDict()

    def find(self, digest: str) -> DecodedImage | None:
        """Return an image if it is remembered."""
        with self._lock:
            image = self._images.get(digest)
            if image is not None:
                self._images.move_to_end(digest)
            return image

    def add(self, digest: str, image: DecodedImage) -> None:
        """Remember an image, and forget the oldest ones beyond the limit."""
        with self._lock:
            self._images[digest] = image
            self._images.move_to_end(digest)
            while len(self._images) > 1 and sum(map(_pixels, self._images.values())) > self._pixels:
                self._images.popitem(last=False)


def _pixels(image: DecodedImage) -> int:
    return image.width * image.height
