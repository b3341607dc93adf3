"""Send images that the service does not read as they are: WebP and BMP, one that is too large, an array of OpenCV.

    python examples/fit.py

No credentials and no network: `RekognitionClient.local()` analyses the images in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from rekog import RekognitionClient, errors, images

PHOTOGRAPH = Path(__file__).resolve().parent / "images" / "astronaut.jpg"


def main() -> None:
    photograph = Image.open(PHOTOGRAPH)
    webp = file_of(photograph, "WEBP")
    large = file_of(photograph.resize((4000, 4000)), "BMP")
    with RekognitionClient.local() as client:
        try:
            client.detect_faces(webp)
        except errors.ParamValidationError as error:  # before anything is sent
            print(error.problems[0])

        for name, source in {"WebP": webp, "48 MB of BMP": large}.items():
            fitted = images.fit(source, max_side=2000)  # JPEG or PNG, upright, at most 5 MiB, without metadata
            faces = client.detect_faces(fitted).face_details
            size = f"{fitted.width} x {fitted.height}, {len(fitted.data) / 1024:.0f} KiB"
            print(f"{name}: {fitted.media_type}, {size}, {len(faces)} face")

        frame = np.asarray(photograph)[:, :, ::-1]  # as OpenCV has it: blue, green, red
        print("array:", len(client.detect_faces(images.from_array(frame, channels="BGR")).face_details), "face")
        print("image of Pillow:", len(client.detect_faces(photograph).face_details), "face")


def file_of(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


if __name__ == "__main__":
    main()
