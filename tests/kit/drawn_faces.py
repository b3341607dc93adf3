"""Small images with defined faces, and a face detector that returns these faces exactly, without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from rekog.emulator import Box, DetectedFace, Landmarks, Point, pack_embedding
from tests.kit.wire import image_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rekog.emulator import DecodedImage

SIDE = 400
"""Width and height of each image, in pixels: large enough that a face of a fifth of it passes every quality filter."""

IDENTITIES: dict[str, tuple[float, float, float]] = {
    "ann": (1.0, 0.0, 0.0),
    "bob": (0.0, 1.0, 0.0),  # not similar to Ann
    "cid": (0.6, 0.8, 0.0),  # similar to both
    "dan": (0.413, 0.0, (1 - 0.413**2) ** 0.5),  # similar to Ann by 77, which is more than 75 and less than 80
}
"""Embeddings of length one by name; their other numbers are 0."""


class DrawnFace(NamedTuple):
    """A face in an image: its identity, its height and width in percent of the image, and its confidence, 0 to 1."""

    identity: str
    side: int
    confidence: float = 0.99

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height as ratios of the image."""
        return (0.1, 0.2, self.side / 100, self.side / 100)


HIGH_CONFIDENCE, LOW_CONFIDENCE = 0.99, 0.3
"""Confidences that pass every quality filter, and none."""

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


def _draw(scene: int) -> bytes:
    noise = np.random.default_rng(scene).integers(0, 2, (SIDE, SIDE, 1), np.uint8) * np.full(3, 255, np.uint8)
    noise[0, 0] = scene
    return image_file(Image.fromarray(noise))


SCENE_IMAGES: tuple[bytes, ...] = tuple(_draw(scene) for scene in range(len(SCENES)))
"""An image of each scene. All pixels are black or white, so that no face is dark or blurred. The first pixel is the
number of the scene."""


class DrawnFaceDetector:
    """Return the faces of the scene of an image. Their identities follow from their sizes."""

    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        """Return the faces in the order of the scene."""
        places = ((0.4, 0.4), (0.6, 0.4), (0.5, 0.55), (0.42, 0.65), (0.58, 0.65))
        marks = Landmarks(*(Point(SIDE * x, SIDE * y) for x, y in places))
        return [
            DetectedFace(Box(*(SIDE * each for each in face.box)), face.confidence, marks) for face in _scene(image)
        ]

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        """Return the embedding of the identity of a face."""
        (identity,) = (drawn.identity for drawn in _scene(image) if drawn.side == round(100 * face.box.width / SIDE))
        vector = np.zeros(128)
        vector[:3] = IDENTITIES[identity]
        return pack_embedding(vector)


def _scene(image: DecodedImage) -> tuple[DrawnFace, ...]:
    return SCENES[int(image.pixels()[0, 0, 0])]
