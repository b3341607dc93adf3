"""Declarations of faces that several tests use, and their attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.kit.clients import Json


ATTRIBUTES = {
    "AGE_RANGE": "AgeRange",
    "BEARD": "Beard",
    "EMOTIONS": "Emotions",
    "EYE_DIRECTION": "EyeDirection",
    "EYEGLASSES": "Eyeglasses",
    "EYES_OPEN": "EyesOpen",
    "GENDER": "Gender",
    "MOUTH_OPEN": "MouthOpen",
    "MUSTACHE": "Mustache",
    "FACE_OCCLUDED": "FaceOccluded",
    "SMILE": "Smile",
    "SUNGLASSES": "Sunglasses",
}
EVERY_ATTRIBUTE: Json = {
    "BoundingBox": [0.1, 0.1, 0.5, 0.5],
    "Landmarks": [["nose", 0.3, 0.3]],
    "AgeRange": [20, 30],
    "Beard": False,
    "Emotions": [["CALM", 90]],
    "EyeDirection": [10, -20],
    "Eyeglasses": [False, 97],
    "EyesOpen": True,
    "Gender": "Female",
    "MouthOpen": False,
    "Mustache": False,
    "FaceOccluded": False,
    "Smile": True,
    "Sunglasses": False,
}
DEFAULT_MEMBERS = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
BLURRED = {"Quality": {"Sharpness": 1, "Brightness": 50}}


def crowd(count: int) -> list[Json]:
    """Return faces of different people, one after the other a little smaller."""
    return [
        {"BoundingBox": [0.001 * number, 0.1, 0.4 - 0.001 * number, 0.4], "Identity": f"person {number}"}
        for number in range(count)
    ]


def widths(faces: list[Json]) -> list[float]:
    return [face.get("Face", face)["BoundingBox"]["Width"] for face in faces]
