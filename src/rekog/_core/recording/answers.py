"""The declared content that the response of an operation stands for, as `Emulator.declare` takes it.

Names of images and videos are those of declarations: `sha256:HEX` of the bytes of an image, else `s3://BUCKET/KEY`.
Members that this version does not know are left out: a declaration with one would be refused.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from ..._generated.shapes import SHAPES
from ..._values.narrow import is_mapping, is_sequence

ANY_VERSION = ""
"""The key of the custom labels of all versions in a declaration."""
IMAGES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "DetectFaces": (("faces", "FaceDetails", "FaceDetail"),),
    "DetectLabels": (("labels", "Labels", "Label"),),
    "DetectText": (("text", "TextDetections", "TextDetection"),),
    "DetectModerationLabels": (
        ("moderation", "ModerationLabels", "ModerationLabel"),
        ("content_types", "ContentTypes", "ContentType"),
    ),
    "DetectProtectiveEquipment": (("ppe", "Persons", "ProtectiveEquipmentPerson"),),
    "RecognizeCelebrities": (("celebrities", "CelebrityFaces", "Celebrity"),),
}
"""Capabilities of an image, by operation: the list in its response, and the shape of an entry."""
VIDEOS: Mapping[str, tuple[str, str, str]] = {
    "GetCelebrityRecognition": ("celebrities", "Celebrities", "CelebrityRecognition"),
    "GetContentModeration": ("moderation", "ModerationLabels", "ContentModerationDetection"),
    "GetFaceDetection": ("faces", "Faces", "FaceDetection"),
    "GetLabelDetection": ("labels", "Labels", "LabelDetection"),
    "GetPersonTracking": ("persons", "Persons", "PersonDetection"),
    "GetSegmentDetection": ("segments", "Segments", "SegmentDetection"),
    "GetTextDetection": ("text", "TextDetections", "TextDetectionResult"),
}
"""The capability of a video, by operation, as above."""


class DeclaredContent(NamedTuple):
    """Declared content of an image or a video. Of several for one capability, that of the highest rank is kept."""

    name: str
    capability: str
    value: object
    rank: int = 0


class JobPage(NamedTuple):
    """A page of the results of a video job; the last one has no token for a next page."""

    name: str
    capability: str
    job_id: str
    entries: list[object]
    is_first: bool
    is_last: bool
    facts: Mapping[str, object]
    """The capabilities `video` and `audio`."""


def name_of(media: object) -> str | None:
    """Return the name of an image or a video of a request; None without one."""
    if not is_mapping(media):
        return None
    data, location = media.get("Bytes"), media.get("S3Object")
    if isinstance(data, str):
        with suppress(ValueError):
            return f"sha256:{hashlib.sha256(binascii.a2b_base64(data)).hexdigest()}"
    if is_mapping(location) and location.get("Bucket") and location.get("Name"):
        return f"s3://{location['Bucket']}/{location['Name']}"
    return None


def known(shape: str, value: object) -> object:
    """Return a value without the members that its shape does not have, and without nulls."""
    record = SHAPES[shape]
    if record.kind == "structure" and is_mapping(value):
        members = record.members
        return {
            name: known(members[name], item) for name, item in value.items() if name in members and item is not None
        }
    if record.kind == "list" and is_sequence(value):
        return [known(record.item, item) for item in value if item is not None]
    return value


def entries_of(response: Mapping[str, object], member: str, shape: str) -> list[object]:
    """Return the entries of a list in a response."""
    found = response.get(member)
    return [known(shape, entry) for entry in found if is_mapping(entry)] if is_sequence(found) else []


def image_content(
    operation: str, name: str, request: Mapping[str, object], response: Mapping[str, object]
) -> Iterator[DeclaredContent]:
    """Yield the content of an image that an operation has returned."""
    features = request.get("Features")
    if operation == "DetectLabels" and is_sequence(features) and features and "GENERAL_LABELS" not in features:
        return
    for capability, member, shape in IMAGES.get(operation, ()):
        if capability != "content_types" or member in response:
            yield DeclaredContent(name, capability, entries_of(response, member, shape), rank=2)
    if operation == "DetectCustomLabels":
        # Without a minimum, the response has the labels above thresholds that it does not tell.
        threshold = {} if "MinConfidence" in request else {"AssumedThreshold": 0}
        labels = [
            {**entry, **threshold} for entry in entries_of(response, "CustomLabels", "CustomLabel") if is_mapping(entry)
        ]
        yield DeclaredContent(name, "custom_labels", {str(request.get("ProjectVersionArn", ANY_VERSION)): labels})
    if operation == "IndexFaces":
        yield DeclaredContent(
            name, "faces", [*_details(response, "FaceRecords"), *_details(response, "UnindexedFaces")], rank=1
        )
    if operation == "RecognizeCelebrities":
        celebrities = _details(response, "CelebrityFaces", "Face")
        yield DeclaredContent(name, "faces", [*celebrities, *entries_of(response, "UnrecognizedFaces", "FaceDetail")])
    if operation in ("SearchFacesByImage", "SearchUsersByImage"):
        others = _details(response, "UnsearchedFaces", "FaceDetails")
        yield DeclaredContent(name, "faces", [*searched_face(response), *others])


def compared_content(request: Mapping[str, object], response: Mapping[str, object]) -> Iterator[DeclaredContent]:
    """Yield the faces of the two images of a comparison: the face that was searched for, and all of the other image."""
    source, target = name_of(request.get("SourceImage")), name_of(request.get("TargetImage"))
    face = known("FaceDetail", response.get("SourceImageFace"))
    if source is not None and is_mapping(face):
        yield DeclaredContent(source, "faces", [face])
    if target is not None:
        unmatched = entries_of(response, "UnmatchedFaces", "FaceDetail")
        yield DeclaredContent(target, "faces", [*_details(response, "FaceMatches", "Face"), *unmatched])


def searched_face(response: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield the face of an image that a search has searched with, if there is one."""
    searched = response.get("SearchedFace")
    detail = searched.get("FaceDetail") if is_mapping(searched) else None
    box, confidence = response.get("SearchedFaceBoundingBox"), response.get("SearchedFaceConfidence")
    if not is_mapping(detail) and is_mapping(box):
        detail = {"BoundingBox": box, "Confidence": confidence}
    face = known("FaceDetail", detail)
    if is_mapping(face):
        yield face


def _details(response: Mapping[str, object], member: str, part: str = "FaceDetail") -> list[object]:
    found = response.get(member)
    rows = [row.get(part) for row in found if is_mapping(row)] if is_sequence(found) else []
    return [known("FaceDetail", row) for row in rows if is_mapping(row)]


def video_page(operation: str, request: Mapping[str, object], response: Mapping[str, object]) -> JobPage | None:
    """Return a page of the results of a video job; None for a job that has no result yet, and for aggregated ones."""
    capability, member, shape = VIDEOS[operation]
    name = name_of(response.get("Video"))
    aggregated = request.get("AggregateBy", "TIMESTAMPS") != "TIMESTAMPS"
    if name is None or aggregated or response.get("JobStatus") != "SUCCEEDED":
        return None
    facts: dict[str, object] = {}
    metadata, audio = response.get("VideoMetadata"), response.get("AudioMetadata")
    first = metadata[0] if is_sequence(metadata) and metadata else metadata
    if is_mapping(first):
        facts["video"] = known("VideoMetadata", first)
    if is_sequence(audio):
        facts["audio"] = known("AudioMetadataList", audio)
    return JobPage(
        name=name,
        capability=capability,
        job_id=str(request.get("JobId")),
        entries=entries_of(response, member, shape),
        is_first=not request.get("NextToken"),
        is_last=not response.get("NextToken"),
        facts=facts,
    )
