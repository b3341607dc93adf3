"""Detect the faces and labels of a photograph, print them, and write the image with boxes and landmarks.

    python examples/quickstart.py [PHOTOGRAPH] [--output FILE]

No credentials and no network: `RekognitionClient.local()` analyses the image in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rekog import RekognitionClient, errors, images

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description="Detect the faces and labels of a photograph.")
    parser.add_argument("photograph", nargs="?", type=Path, default=HERE / "images" / "astronaut.jpg")
    parser.add_argument("--output", type=Path, help="file for the annotated image (default: examples/output)")
    options = parser.parse_args()

    with RekognitionClient.local() as client:
        try:
            photograph = images.fit(options.photograph)  # a JPEG or PNG file of at most 5 MiB, upright
            answer = client.detect_faces(photograph, attributes=["ALL"])
            labels = client.detect_labels(photograph).labels
        except errors.ParamValidationError as error:
            parser.error(str(error))

    image = images.draw(photograph, answer)
    print(f"{options.photograph.name}, {image.width} x {image.height} pixels; faces: {len(answer.face_details)}")
    for number, face in enumerate(answer.to_rows(), 1):
        place = " ".join(f"{side} {face[side]:.3f}" for side in ("left", "top", "width", "height"))
        print(f"{number}: {face['confidence']:.1f} %, {place}, {face['emotion']}, {face['age_low']}-{face['age_high']}")
    print("Labels:", ", ".join(f"{label.name} {label.confidence:.0f} %" for label in labels) or "none")

    output = options.output or HERE / "output" / f"{options.photograph.stem}-faces.png"
    output.parent.mkdir(parents=True, exist_ok=True)
    image.save(output)
    print(f"Annotated image: {output}")


if __name__ == "__main__":
    main()
