"""Draw the results of several operations on their images, and cut the faces out.

    python examples/draw.py

No credentials and no network: `RekognitionClient.local()` analyses the images in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from rekog import RekognitionClient, images

IMAGES = Path(__file__).resolve().parent / "images"
ASTRONAUT, OFFICER = IMAGES / "astronaut.jpg", IMAGES / "grace_hopper.jpg"
OUTPUT = Path("output")


def main() -> None:
    OUTPUT.mkdir(exist_ok=True)
    with RekognitionClient.local() as client:
        faces = client.detect_faces(ASTRONAUT, attributes=["ALL"])
        save("faces", images.draw(ASTRONAUT, faces, min_confidence=90))
        for number, face in enumerate(faces.face_details, 1):
            save(f"face-{number}", images.crop(ASTRONAUT, face.bounding_box, margin=0.25))

        save("labels", images.draw(OFFICER, client.detect_labels(OFFICER)))
        save("equipment", images.draw(OFFICER, client.detect_protective_equipment(OFFICER)))

        group = side_by_side(ASTRONAUT, OFFICER)
        answer = client.compare_faces(ASTRONAUT, group, similarity_threshold=80)
        save("comparison-source", images.draw(ASTRONAUT, answer, side="source"))
        save("comparison-target", images.draw(group, answer))


def side_by_side(*paths: Path) -> Image.Image:
    photographs = [Image.open(path).convert("RGB").resize((400, 400)) for path in paths]
    joined = Image.new("RGB", (400 * len(photographs), 400))
    for number, photograph in enumerate(photographs):
        joined.paste(photograph, (400 * number, 0))
    return joined


def save(name: str, image: Image.Image) -> None:
    image.save(OUTPUT / f"{name}.png")
    print(f"{OUTPUT / name}.png: {image.width} x {image.height}")


if __name__ == "__main__":
    main()
