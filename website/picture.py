"""The picture of the README: `python -m website.picture` analyses two photographs and draws the results on them."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from rekog import RekognitionClient, images

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "annotated.jpg"
HEIGHT = 480
QUALITY = 88


def main() -> int:
    photographs = ROOT / "examples" / "images"
    faces, labels = photographs / "astronaut.jpg", photographs / "grace_hopper.jpg"
    with RekognitionClient.local() as client:
        drawn = images.draw(faces, client.detect_faces(faces)), images.draw(labels, client.detect_labels(labels))
    annotated = [image.convert("RGB").resize((round(image.width * HEIGHT / image.height), HEIGHT)) for image in drawn]
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
