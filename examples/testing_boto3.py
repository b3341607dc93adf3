"""Test code that uses boto3 against an emulator in this process.

    python examples/testing_boto3.py        # or: pytest examples/testing_boto3.py

No network, no credentials and no server: while the patch is active, boto3's Rekognition clients call the emulator.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3

from rekog.emulator import Emulator

PHOTOGRAPH = Path(__file__).resolve().parent / "images" / "astronaut.jpg"
emulator = Emulator()
aws: Any = boto3
client = aws.client("rekognition", "eu-west-1", aws_access_key_id="any", aws_secret_access_key="any")


def is_allowed(bucket: str, key: str) -> bool:
    """The code under test: tell whether an image has no content that needs moderation."""
    answer = client.detect_moderation_labels(Image={"S3Object": {"Bucket": bucket, "Name": key}}, MinConfidence=60)
    return not answer["ModerationLabels"]


@emulator.patch_boto3()
def test_an_image_with_weapons_is_not_allowed() -> None:
    emulator.put_object("uploads", "shop.jpg", PHOTOGRAPH)
    emulator.declare("s3://uploads/shop.jpg", moderation=[("Weapons", 83)])
    assert not is_allowed("uploads", "shop.jpg")


def test_an_image_without_labels_is_allowed() -> None:
    emulator.put_object("uploads", "cat.jpg", PHOTOGRAPH)
    emulator.declare("s3://uploads/cat.jpg", moderation=[])
    with emulator.patch_boto3():
        assert is_allowed("uploads", "cat.jpg")


def test_a_throttled_call_is_tried_again() -> None:
    emulator.reset()
    emulator.faults.add("DetectFaces", calls=[1], error="ThrottlingException")
    with emulator.patch_boto3():
        faces = client.detect_faces(Image={"Bytes": PHOTOGRAPH.read_bytes()})["FaceDetails"]
    assert len(faces) == 1
    print("calls:", *(f"{call.operation} {call.error or 'OK'}" for call in emulator.calls))


if __name__ == "__main__":
    test_an_image_with_weapons_is_not_allowed()
    test_an_image_without_labels_is_allowed()
    test_a_throttled_call_is_tried_again()
