"""Record the answers of a client once, and replay them in tests.

    python examples/record.py

No credentials and no network: here the answers come from an emulator that analyses the images. Replace its client by
`RekognitionClient()`, and the file has the answers of Amazon Rekognition.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from rekog import RekognitionClient
from rekog.emulator import Emulator
from rekog.testing import record

IMAGES = Path(__file__).resolve().parent / "images"
PHOTOGRAPHS = IMAGES / "astronaut.jpg", IMAGES / "grace_hopper.jpg"


def descriptions(client: RekognitionClient) -> list[str]:
    """The program under test: describe each photograph."""
    lines: list[str] = []
    for photograph in PHOTOGRAPHS:
        faces = client.detect_faces(photograph).face_details
        labels = [label.name for label in client.detect_labels(photograph, min_confidence=70).labels]
        lines.append(f"{photograph.name}: {len(faces)} face, {', '.join(labels)}")
    return lines


def main() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "answers.json")
        with RekognitionClient.local() as real:
            recording = record(real, path)
            with recording as client:
                first = descriptions(client)
                client.list_collections()
            print("recorded:", *first, sep="\n  ")
            print("no content of an image:", *recording.skipped)

        # vision="off": nothing is detected here, everything comes from the file.
        with Emulator(vision="off") as emulator, RekognitionClient.local(emulator) as client:
            emulator.declare_file(path)
            print("the replay is", "equal" if descriptions(client) == first else "different")


if __name__ == "__main__":
    main()
