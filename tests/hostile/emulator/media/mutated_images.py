"""Mutated images through operations: each gets a response or the service's error for a bad image, in time.

Never a failure, a crash or a hang. Memory and descriptors stay the same.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rekog.emulator import Emulator
from tests.hostile.emulator.calls import LocalCaller, call, failures_are_faults, judge
from tests.hostile.emulator.media.mutations import mutated_image
from tests.hostile.watch import Growth

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 20
WARM = 200
SLOW = 30.0
MEMORY = 150  # MiB
COLLECTION = {"CollectionId": "people"}
OPERATIONS = (
    "DetectFaces",
    "CompareFaces",
    "IndexFaces",
    "SearchFacesByImage",
    "DetectLabels",
    "DetectText",
    "DetectModerationLabels",
    "DetectProtectiveEquipment",
    "RecognizeCelebrities",
)
ERRORS = {
    "InvalidImageFormatException",
    "ImageTooLargeException",
    "InvalidParameterException",
    "NotServedByEmulator",
    "ValidationException",  # a mutation may leave no bytes
}


def attack(count: int, report: Report) -> None:
    """Send mutated images to all operations on images in turn."""
    chance = random.Random(SEED)
    growth: Growth | None = None
    with Emulator() as emulator, failures_are_faults(report):
        caller = LocalCaller(emulator)
        call(caller, "CreateCollection", COLLECTION)
        for number in range(count):
            if number == WARM:
                growth = Growth()
            operation = OPERATIONS[number % len(OPERATIONS)]
            image = {"Bytes": mutated_image(chance)}
            if number % 20 == 0:
                emulator.put_object("photos", "image", image["Bytes"])
                location = {"S3Object": {"Bucket": "photos", "Name": "image"}}
                answer = call(caller, operation, _members(operation, location))
            else:
                answer = call(caller, operation, _members(operation, image))
            judge(report, answer, operation, slow=SLOW)
            report.check(not answer.code or answer.code in ERRORS, f"{answer.code} for a mutated image")
    if growth is not None:
        growth.check(report, "the emulator", mib=MEMORY)


def _members(operation: str, image: Mapping[str, object]) -> dict[str, object]:
    if operation == "CompareFaces":
        return {"SourceImage": image, "TargetImage": image}
    return {"Image": image, **_OPTIONS.get(operation, {})}


_FEATURES = ["GENERAL_LABELS", "IMAGE_PROPERTIES"]
_OPTIONS: Mapping[str, Mapping[str, object]] = {
    "DetectFaces": {"Attributes": ["ALL"]},
    "IndexFaces": {**COLLECTION, "DetectionAttributes": ["ALL"]},
    "SearchFacesByImage": COLLECTION,
    "DetectLabels": {"Features": _FEATURES},
}
