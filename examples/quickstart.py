"""Detect the faces and labels of a photograph, print them, and write the image with boxes and landmarks.

    python examples/quickstart.py [PHOTOGRAPH] [--output FILE]

No credentials and no network: `RekognitionClient.local()` analyses the image in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, ImageOps

from rekog import RekognitionClient, errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rekog.models import FaceDetail

HERE = Path(__file__).resolve().parent
BOX = ("left", "top", "width", "height")
OUTLINE = (255, 196, 0)
TEXT = (24, 24, 24)
LANDMARK = (0, 224, 255)
SMOOTHING = 4
"""Factor by which the annotations are drawn larger and then reduced, for smooth edges."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Detect the faces and labels of a photograph.")
    parser.add_argument("photograph", nargs="?", type=Path, default=HERE / "images" / "astronaut.jpg")
    parser.add_argument("--output", type=Path, help="file for the annotated image (default: examples/output)")
    options = parser.parse_args(arguments)

    with RekognitionClient.local() as client:
        try:
            faces = client.detect_faces(options.photograph).face_details
            labels = client.detect_labels(options.photograph).labels
        except errors.ParamValidationError as error:
            parser.error(str(error))

    image = upright(options.photograph)
    print(f"{options.photograph.name}, {image.width} x {image.height} pixels: {count(faces)}")
    if faces:
        print("", *table(faces, image.width, image.height), "", sep="\n")
    print("Labels:", ", ".join(f"{label.name} {label.confidence:.0f} %" for label in labels) or "none")

    output = options.output or HERE / "output" / f"{options.photograph.stem}-faces.png"
    output.parent.mkdir(parents=True, exist_ok=True)
    annotated(image, faces).save(output)
    print(f"Annotated image: {output}")


def upright(path: Path) -> Image.Image:
    """Open an image as the service does: it rotates a JPEG by its EXIF tag, and boxes refer to the rotated image."""
    with Image.open(path) as opened:
        return (ImageOps.exif_transpose(opened) if opened.format == "JPEG" else opened).convert("RGB")


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


def annotated(image: Image.Image, faces: Sequence[FaceDetail]) -> Image.Image:
    """Return the image with a numbered box around each face and a dot on each landmark."""
    smoothing = SMOOTHING if max(image.size) <= 2000 else 1
    layer = Image.new("RGBA", (image.width * smoothing, image.height * smoothing))
    draw = ImageDraw.Draw(layer)
    width, height = layer.size
    stroke = max(2 * smoothing, round(min(width, height) / 220))
    font = ImageFont.load_default(size=max(13 * smoothing, round(min(width, height) / 32)))
    for number, face in enumerate(faces, 1):
        box = face.bounding_box
        left, top = box.left * width, box.top * height
        right, bottom = left + box.width * width, top + box.height * height
        draw.rounded_rectangle((left, top, right, bottom), radius=3 * stroke, outline=OUTLINE, width=stroke)
        for landmark in face.landmarks:
            x, y = landmark.x * width, landmark.y * height
            draw.circle((x, y), 1.8 * stroke, fill=LANDMARK, outline=TEXT, width=max(1, stroke // 3))
        label(draw, f"{number}   {face.confidence:.1f} %", left, top, font, stroke)
    reduced = layer.resize(image.size, Image.Resampling.LANCZOS)
    return Image.alpha_composite(image.convert("RGBA"), reduced).convert("RGB")


def label(
    draw: ImageDraw.ImageDraw,
    text: str,
    left: float,
    top: float,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    stroke: int,
) -> None:
    """Write a text on a plate above a box, or inside the image when there is no space above."""
    x0, y0, x1, y1 = draw.textbbox((0, 0), text, font=font)
    pad = 2 * stroke
    width, height = x1 - x0 + 2 * pad, y1 - y0 + 2 * pad
    x, y = max(0.0, left), max(0.0, top - height - stroke)
    draw.rounded_rectangle((x, y, x + width, y + height), radius=2 * stroke, fill=OUTLINE)
    draw.text((x + pad - x0, y + pad - y0), text, font=font, fill=TEXT)


if __name__ == "__main__":
    main()
