"""Response bodies of the local server, in the sizes that the goals name and identical in every run."""

from __future__ import annotations

import json
import random
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool"

FACES_PER_PAGE = 1000
LISTED_FACES = 100_000
UPLOAD_SIZE = 4_500_000
LATENCY = 0.050  # seconds until the slow listener responds

EMOTIONS = "HAPPY SAD ANGRY CONFUSED DISGUSTED SURPRISED CALM FEAR".split()
LANDMARKS = """
    eyeLeft eyeRight nose mouthLeft mouthRight leftEyeBrowLeft leftEyeBrowRight leftEyeBrowUp rightEyeBrowLeft
    rightEyeBrowRight rightEyeBrowUp leftEyeLeft leftEyeRight leftEyeUp leftEyeDown rightEyeLeft rightEyeRight
    rightEyeUp rightEyeDown noseLeft noseRight mouthUp mouthDown leftPupil rightPupil upperJawlineLeft midJawlineLeft
    chinBottom midJawlineRight upperJawlineRight
""".split()


def face_detail(rng: random.Random) -> dict[str, Json]:
    """Return a face with all attributes: 53 objects, as DetectFaces returns it for `ALL`."""

    def percent() -> float:
        return round(rng.uniform(50, 100), 13)

    def rated(value: Json) -> Json:
        return {"Value": value, "Confidence": percent()}

    flags = "Smile Eyeglasses Sunglasses Beard Mustache EyesOpen MouthOpen FaceOccluded".split()
    return {
        "BoundingBox": {name: round(rng.random(), 16) for name in ("Width", "Height", "Left", "Top")},
        "AgeRange": {"Low": rng.randint(18, 30), "High": rng.randint(31, 60)},
        **{name: rated(rng.random() < 0.5) for name in flags},
        "Gender": rated(rng.choice(["Male", "Female"])),
        "Emotions": [{"Type": name, "Confidence": percent()} for name in EMOTIONS],
        "Landmarks": [{"Type": name, "X": round(rng.random(), 16), "Y": round(rng.random(), 16)} for name in LANDMARKS],
        "Pose": {name: round(rng.uniform(-30, 30), 14) for name in ("Roll", "Yaw", "Pitch")},
        "Quality": {"Brightness": percent(), "Sharpness": percent()},
        "EyeDirection": {"Yaw": percent(), "Pitch": percent(), "Confidence": percent()},
        "Confidence": percent(),
    }


def tiny() -> bytes:
    """Return the response body of DeleteCollection."""
    return b'{"StatusCode":200}'


def detected_faces() -> bytes:
    """Return a response body of DetectFaces with three faces, 11 KB."""
    rng = random.Random(1)
    return _text({"FaceDetails": [face_detail(rng) for _ in range(3)]})


def detected_labels() -> bytes:
    """Return a response body of DetectLabels with ten labels, 2.5 KB: five with a box, all with a parent."""
    rng = random.Random(5)
    labels: list[Json] = []
    for number in range(10):
        box: Json = {name: round(rng.random(), 16) for name in ("Width", "Height", "Left", "Top")}
        confidence = round(rng.uniform(55, 100), 13)
        labels.append({
            "Name": f"Label {number}",
            "Confidence": confidence,
            "Instances": [{"BoundingBox": box, "Confidence": confidence}] if number % 2 else [],
            "Parents": [{"Name": "Parent"}],
            "Aliases": [],
            "Categories": [{"Name": "Everyday Objects"}],
        })  # fmt: skip
    return _text({"Labels": labels, "LabelModelVersion": "3.0"})


def face_detection_page() -> bytes:
    """Return a full page of GetFaceDetection: 1,000 faces, 54,000 objects, 3.5 MB."""
    rng = random.Random(2)
    return _text({
        "JobStatus": "SUCCEEDED",
        "VideoMetadata": {"Codec": "h264", "DurationMillis": 500_000, "Format": "QuickTime / MOV", "FrameRate": 25.0},
        "Faces": [{"Timestamp": 500 * number, "Face": face_detail(rng)} for number in range(FACES_PER_PAGE)],
    })  # fmt: skip


def listed_faces() -> bytes:
    """Return a page of ListFaces without its `NextToken` and its closing brace."""
    rng = random.Random(3)
    faces: list[Json] = [_listed_face(rng, number) for number in range(FACES_PER_PAGE)]
    return _text({"FaceModelVersion": "7.0", "Faces": faces})[:-1]


def image() -> bytes:
    """Return 4.5 MB of random bytes that begin like a JPEG file."""
    return b"\xff\xd8\xff\xe0" + random.Random(4).randbytes(UPLOAD_SIZE - 4)


def _listed_face(rng: random.Random, number: int) -> Json:
    return {
        "FaceId": _uuid(rng),
        "BoundingBox": {name: round(rng.random(), 8) for name in ("Width", "Height", "Left", "Top")},
        "ImageId": _uuid(rng),
        "ExternalImageId": f"person-{number:05}.jpg",
        "Confidence": round(rng.uniform(90, 100), 13),
        "IndexFacesModelVersion": "7.0",
    }


def _uuid(rng: random.Random) -> str:
    digits = rng.randbytes(16).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _text(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
