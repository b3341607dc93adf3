"""Enroll two people from photographs, identify them in a group, and compare the collection before and after.

    python examples/people.py

No credentials and no network: `RekognitionClient.local()` analyses the images in this process. Replace it by
`RekognitionClient()` and the rest of the script uses Amazon Rekognition.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from rekog import RekognitionClient

IMAGES = Path(__file__).resolve().parent / "images"
PHOTOGRAPHS = {"ann": IMAGES / "astronaut.jpg", "grace": IMAGES / "grace_hopper.jpg"}


def main() -> None:
    with RekognitionClient.local() as client:
        client.create_collection("staff")
        staff = client.people("staff")
        for name, photograph in PHOTOGRAPHS.items():
            enrollment = staff.enroll(name, [photograph, IMAGES / "ORIGIN.md"])
            print(f"{name}: {len(enrollment.faces)} face")
            for rejected in enrollment.rejected:
                print(f"  rejected: {Path(str(rejected.source)).name}: {', '.join(rejected.reasons)}")

        for face in staff.identify(group()):
            similarity = "" if face.similarity is None else f", {face.similarity:.0f} %"
            print(f"at {face.bounding_box.left:.2f}: {face.user_id or 'unknown'}{similarity}")

        before = staff.inventory()
        staff.remove("ann", delete_faces=True)
        difference = before.diff(staff.inventory())
        print("removed:", *difference.removed_users, "with", len(difference.removed_faces), "face")
        print("left:", *(user.user_id for user in staff.users()))


def group() -> Image.Image:
    """Return the photographs side by side."""
    photographs = [Image.open(path).convert("RGB").resize((400, 400)) for path in PHOTOGRAPHS.values()]
    image = Image.new("RGB", (400 * len(photographs), 400))
    for number, photograph in enumerate(photographs):
        image.paste(photograph, (400 * number, 0))
    return image


if __name__ == "__main__":
    main()
