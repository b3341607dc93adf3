"""Label a folder of images with a checkpoint, interrupt the run, continue it, and write a table.

    python examples/bulk.py

No credentials and no network: `RekognitionClient.local()` analyses the images in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from rekog import RekognitionClient, bulk

IMAGES = Path(__file__).resolve().parent / "images"


def main() -> None:
    with TemporaryDirectory() as folder, RekognitionClient.local() as client:
        make_images(Path(folder, "photos"))
        photos = bulk.folder(Path(folder, "photos"))
        checkpoint = Path(folder, "faces.jsonl")
        print(len(photos), "files")

        with client.bulk.detect_faces(photos, fit=True, checkpoint=checkpoint) as run:
            for outcome in run:
                print("interrupted after", outcome.source.name)
                break

        with client.bulk.detect_faces(photos, fit=True, checkpoint=checkpoint) as run:
            for outcome in run:
                if outcome.error:
                    print(f"{outcome.source.name}: {type(outcome.error).__name__}")
                else:
                    print(f"{outcome.source.name}: {len(outcome.answer.face_details)} face")
        print(f"{run.progress.done} done, {run.progress.failed} failed, {run.progress.from_checkpoint} from before")

        with client.bulk.detect_faces(photos, fit=True, checkpoint=checkpoint) as run:
            print(bulk.write_csv(run, Path(folder, "faces.csv")), "rows in faces.csv")


def make_images(folder: Path) -> None:
    """Write the photographs in a format that the service does not read, and a file that is no image."""
    folder.mkdir()
    for path in IMAGES.glob("*.jpg"):
        Image.open(path).resize((300, 300)).save(folder / f"{path.stem}.webp")
    (folder / "notes.txt").write_text("not an image", encoding="utf-8")


if __name__ == "__main__":
    main()
