"""Capabilities: the kinds of content that can be declared of an image or a video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..._values.narrow import is_mapping


class Capability(NamedTuple):
    """Names of the service's structures for one entry.

    `image` is the structure of an entry of an image, `video` that of an entry of a video, `member` the member of the
    video's structure that contains the image's. An empty name: images or videos don't have this capability. A `single`
    capability has one entry instead of a list.
    """

    image: str = ""
    video: str = ""
    member: str = ""
    single: bool = False


CAPABILITIES: Mapping[str, Capability] = {
    "faces": Capability("FaceDetail", "FaceDetection", "Face"),
    "labels": Capability("Label", "LabelDetection", "Label"),
    "text": Capability("TextDetection", "TextDetectionResult", "TextDetection"),
    "moderation": Capability("ModerationLabel", "ContentModerationDetection", "ModerationLabel"),
    "content_types": Capability("ContentType"),
    "ppe": Capability("ProtectiveEquipmentPerson"),
    "celebrities": Capability("Celebrity", "CelebrityRecognition", "Celebrity"),
    "custom_labels": Capability("CustomLabel"),
    "persons": Capability(video="PersonDetection", member="Person"),
    "segments": Capability(video="SegmentDetection"),
    "video": Capability(video="VideoMetadata", single=True),
    "audio": Capability(video="AudioMetadata"),
}
"""All capabilities, by their names in `Emulator.declare` and in files."""

ANY_VERSION = ""
"""Key of the custom labels that hold for every version of a project."""


def unknown_capability(name: str) -> str:
    """Return the problem of a name that is no capability."""
    return f"{name}: no such capability; there are {', '.join(CAPABILITIES)}"


def is_timed(entry: object) -> bool:
    """Tell whether an entry is one of a video: it has a `Timestamp`."""
    return is_mapping(entry) and "Timestamp" in entry
