"""Detect the faces and labels of a photograph, print them, and write the image with boxes and landmarks.

    python examples/quickstart.py [PHOTOGRAPH] [--output FILE]

No credentials and no network: `RekognitionClient.local()` analyses the image in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rekog import RekognitionClient, errors, images

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rekog.models import FaceDetail

HERE = Path(__file__).resolve().parent
BOX = ("left", "top", "width", "height")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Detect the faces and labels of a photograph.")
    parser.add_argument("photograph", nargs="?", type=Path, default=HERE / "images" / "astronaut.jpg")
    parser.add_argument("--output", type=Path, help="file for the annotated image (default: examples/output)")
    options = parser.parse_args(arguments)

    with RekognitionClient.local() as client:
        try:
            answer = client.detect_faces(options.photograph)
            labels = client.detect_labels(options.photograph).labels
        except errors.ParamValidationError as error:
            parser.error(str(error))

    faces = answer.face_details
    image = images.draw(options.photograph, answer)  # upright, as the boxes refer to it
    print(f"{options.photograph.name}, {image.width} x {image.height} pixels: {count(faces)}")
    if faces:
        print("", *table(faces, image.width, image.height), "", sep="\n")
    print("Labels:", ", ".join(f"{label.name} {label.confidence:.0f} %" for label in labels) or "none")

    output = options.output or HERE / "output" / f"{options.photograph.stem}-faces.png"
    output.parent.mkdir(parents=True, exist_ok=True)
    image.save(output)
    print(f"Annotated image: {output}")


def count(faces: Sequence[FaceDetail]) -> str:
    return f"{len(faces) or 'no'} face{'' if len(faces) == 1 else 's'}"


def table(faces: Sequence[FaceDetail], width: int, height: int) -> list[str]:
    """Return the faces as lines of text, below one line of headings and one of units."""
    rows = [
        ["#", "sure", *BOX, *BOX, "roll", "yaw", "pitch", "bright", "sharp"],
        ["", "%", *["px"] * 4, *["ratio"] * 4, *["deg"] * 3, *["0-100"] * 2],
        *([str(number), *cells(face, width, height)] for number, face in enumerate(faces, 1)),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def cells(face: FaceDetail, width: int, height: int) -> list[str]:
    box, pose, quality = face.bounding_box, face.pose, face.quality
    return [
        f"{face.confidence:.1f}",
        *(f"{value:.0f}" for value in (box.left * width, box.top * height, box.width * width, box.height * height)),
        *(f"{value:.3f}" for value in (box.left, box.top, box.width, box.height)),
        *(f"{value:+.0f}" for value in ((pose.roll, pose.yaw, pose.pitch) if pose else ())),
        *(f"{value:.0f}" for value in ((quality.brightness, quality.sharpness) if quality else ())),
    ]


if __name__ == "__main__":
    main()
