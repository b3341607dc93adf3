"""The picture of the README: `python -m website.picture` analyses two photographs and draws the results on them."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from rekog import RekognitionClient, images

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "annotated.jpg"
PHOTOGRAPHS = ("astronaut.jpg", "grace_hopper.jpg")
HEIGHT = 480
QUALITY = 88


def main() -> int:
    annotated: list[Image.Image] = []
    with RekognitionClient.local() as client:
        for name, analysis in zip(PHOTOGRAPHS, (client.detect_faces, client.detect_labels), strict=True):
            photograph = ROOT / "examples" / "images" / name
            image = images.draw(photograph, analysis(photograph)).convert("RGB")
            annotated.append(image.resize((round(image.width * HEIGHT / image.height), HEIGHT)))
    picture = Image.new("RGB", (sum(image.width for image in annotated), HEIGHT))
    left = 0
    for image in annotated:
        picture.paste(image, (left, 0))
        left += image.width
    picture.save(PICTURE, quality=QUALITY, optimize=True)
    print(f"{PICTURE}: {picture.width} x {picture.height} pixels, {PICTURE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
