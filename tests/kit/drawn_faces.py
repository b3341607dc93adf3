"""Small pictures of faces that are known beforehand, and eyes that see them: no network runs, and all is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from rekog.emulator.vision.embeddings import NUMBERS, pack
from rekog.emulator.vision.faces import Box, DetectedFace, Landmarks, Point
from tests.kit.wire import image_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rekog.emulator.vision.images import DecodedImage

SIDE = 100
"""Width and height of every picture, in pixels."""

IDENTITIES: dict[str, tuple[float, float, float]] = {
    "ann": (1.0, 0.0, 0.0),
    "bob": (0.0, 1.0, 0.0),  # nothing like Ann
    "cid": (0.6, 0.8, 0.0),  # like both
    "dan": (0.46, 0.0, (1 - 0.46**2) ** 0.5),  # like Ann by 77, which is more than 75 and less than 80
}
"""Embeddings of length one, of which only three numbers are not 0."""


class DrawnFace(NamedTuple):
    """A face in a picture: whose, how high and wide in pixels, and how sure the detector is of it, 0 to 1."""

    who: str
    side: int
    confidence: float = 0.99

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width, height as ratios of the picture."""
        return (0.1, 0.2, self.side / SIDE, self.side / SIDE)


HIGH_CONFIDENCE, LOW_CONFIDENCE = 0.99, 0.3
"""Above every bar that a quality filter may have, and below."""

SCENES: tuple[tuple[DrawnFace, ...], ...] = (
    (),
    (DrawnFace("ann", 40),),
    (DrawnFace("bob", 40),),
    (DrawnFace("ann", 50), DrawnFace("bob", 30)),
    (DrawnFace("cid", 50), DrawnFace("ann", 40), DrawnFace("dan", 30, LOW_CONFIDENCE)),
    (DrawnFace("bob", 20), DrawnFace("cid", 60, LOW_CONFIDENCE), DrawnFace("dan", 40)),
    (DrawnFace("ann", 30, LOW_CONFIDENCE),),
    (DrawnFace("dan", 30), DrawnFace("cid", 20), DrawnFace("bob", 60), DrawnFace("ann", 40)),
    (DrawnFace("ann", 60),),
)


def _photograph(scene: int) -> bytes:
    noise = np.random.default_rng(scene).integers(0, 2, (SIDE, SIDE, 1), np.uint8) * np.full(3, 255, np.uint8)
    noise[0, 0] = scene
    return image_file(Image.fromarray(noise))


SCENE_IMAGES: tuple[bytes, ...] = tuple(_photograph(scene) for scene in range(len(SCENES)))
"""One of each scene. Every pixel is black or white, so that no face is dark or blurred; the first says which it is."""


class DrawnFaceDetector:
    """Sees the faces of a scene where they are, and knows whose they are by their size."""

    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        """Return the faces in the order in which the scene has them."""
        marks = Landmarks(Point(40, 40), Point(60, 40), Point(50, 55), Point(42, 65), Point(58, 65))
        return [
            DetectedFace(Box(*(SIDE * each for each in face.box)), face.confidence, marks) for face in _scene(image)
        ]

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        """Return the embedding of whose face it is."""
        (who,) = (seen.who for seen in _scene(image) if seen.side == round(face.box.width))
        vector = np.zeros(NUMBERS)
        vector[:3] = IDENTITIES[who]
        return pack(vector)


def _scene(image: DecodedImage) -> tuple[DrawnFace, ...]:
    return SCENES[int(image.pixels()[0, 0, 0])]
