"""Write the faces and labels of a folder of photographs as CSV files, and read them into a data frame of pandas.

    pip install pandas
    python examples/rows.py [FOLDER]

No credentials and no network: `RekognitionClient.local()` analyses the images in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from rekog import RekognitionClient

FOLDER = Path(__file__).resolve().parent / "images"
OUTPUT = Path("output")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    faces: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    with RekognitionClient.local() as client:
        for path in sorted(folder.glob("*.jpg")):
            # Each row has all columns of its operation, and the name of the image in front.
            faces += client.detect_faces(path, attributes=["ALL"]).to_rows(image=path.name)
            labels += client.detect_labels(path).to_rows(image=path.name)

    OUTPUT.mkdir(exist_ok=True)
    write(OUTPUT / "labels.csv", labels)

    frame = pd.DataFrame(faces)
    frame.to_csv(OUTPUT / "faces.csv", index=False)
    print(frame[["image", "age_low", "age_high", "smile", "eyeglasses", "emotion"]].to_string(index=False))
    print("mean confidence:", round(frame["confidence"].mean(), 1))


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows with the standard library."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0] if rows else [])
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path}: {len(rows)} rows")


if __name__ == "__main__":
    main()
