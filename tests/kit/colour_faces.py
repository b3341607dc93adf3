"""A face detector and embedder without a model, for tests that choose embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rekog.emulator import Box, DetectedFace, Landmarks, Point, pack_embedding

if TYPE_CHECKING:
    from rekog.emulator import DecodedImage


class ColourFaceDetector:
    """Detect one face in each image; its embedding is the colour of the first pixel."""

    def detect(self, image: DecodedImage) -> list[DetectedFace]:
        marks = Landmarks(Point(40, 40), Point(60, 40), Point(50, 55), Point(42, 65), Point(58, 65))
        return [DetectedFace(Box(30, 30, 40, 50), 0.95, marks)]

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        vector = np.zeros(128)
        vector[:3] = image.pixels(1, 1)[0, 0]
        return pack_embedding(vector)
