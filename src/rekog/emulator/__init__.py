"""Amazon Rekognition in this process: real state, results from pixels or declared content, no network.

The extra `emulator` installs the packages that analyse images: OpenCV, NumPy, Pillow, the weights of the
models. They are loaded with the first image.

The names in `__all__` are the public interface; the modules and packages below are private (docs/design/api.md).

In comments and docstrings, "assumed" marks behaviour that neither the documentation nor a known response of the service
settles. "Ours" and "our wording" mark names and texts that do not come from the service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._values.lazy import lazy_names
from .emulator import Emulator
from .refusals import NOT_SERVED
from .settings import Durations, Limits, ManualClock
from .state import StateError
from .truth.errors import TruthError

if TYPE_CHECKING:
    from .front.calls import Call, Calls
    from .front.constraints import ValidationCode
    from .front.faults import Fault, Faults
    from .handlers.celebrities.folders import AddedCelebrities
    from .handlers.collections.folders import AddedFaces
    from .handlers.custom_labels.declared import VersionStatus
    from .handlers.liveness import LivenessStatus
    from .handlers.streams.processors import StreamStatus
    from .services.objects import ObjectContent
    from .services.sns import Notification, NotificationSink
    from .serving.asgi import AsgiApp
    from .serving.boto3_patch import Patch
    from .serving.transport import EmulatorTransport
    from .truth.names import DeclaredSource, ImageFile
    from .vision.boxes import Box, Point
    from .vision.embeddings import FaceEmbedder, pack_embedding
    from .vision.faces import DetectedFace, FaceDetector, Landmarks
    from .vision.faces.face_attributes import (
        AgeEstimate,
        AnalysedFace,
        FaceAnalyser,
        GazeEstimate,
        GenderEstimate,
        Verdict,
    )
    from .vision.images import DecodedImage
    from .vision.labels import DetectedLabel, LabelBox, LabelDetector
    from .vision.moderation import DetectedModeration, ModerationDetector
    from .vision.persons import DetectedPerson, KeyPoint, KeyPoints, PersonDetector
    from .vision.text import Corners, TextDetector, TextLine, TextWord
    from .vision.video import AudioFacts, Frame, StreamFrame, StreamReader, VideoFacts, VideoReader

__all__ = [
    "NOT_SERVED", "AddedCelebrities", "AddedFaces", "AgeEstimate", "AnalysedFace", "AsgiApp", "AudioFacts", "Box",
    "Call", "Calls", "Corners", "DeclaredSource", "DecodedImage", "DetectedFace", "DetectedLabel", "DetectedModeration",
    "DetectedPerson", "Durations", "Emulator", "EmulatorTransport", "FaceAnalyser", "FaceDetector", "FaceEmbedder",
    "Fault", "Faults", "Frame", "GazeEstimate", "GenderEstimate", "ImageFile", "KeyPoint", "KeyPoints", "LabelBox",
    "LabelDetector", "Landmarks", "Limits", "LivenessStatus", "ManualClock", "ModerationDetector", "Notification",
    "NotificationSink", "ObjectContent", "Patch", "PersonDetector", "Point", "StateError", "StreamFrame",
    "StreamReader", "StreamStatus", "TextDetector", "TextLine", "TextWord", "TruthError", "ValidationCode", "Verdict",
    "VersionStatus", "VideoFacts", "VideoReader", "pack_embedding",
]  # fmt: skip
_MODULES = {  # module to the names of it that are loaded on first use; some of the modules load NumPy, Pillow or httpx
    "front.calls": ("Call", "Calls"),
    "front.constraints": ("ValidationCode",),
    "front.faults": ("Fault", "Faults"),
    "handlers.celebrities.folders": ("AddedCelebrities",),
    "handlers.collections.folders": ("AddedFaces",),
    "handlers.custom_labels.declared": ("VersionStatus",),
    "handlers.liveness": ("LivenessStatus",),
    "handlers.streams.processors": ("StreamStatus",),
    "services.objects": ("ObjectContent",),
    "services.sns": ("Notification", "NotificationSink"),
    "serving.asgi": ("AsgiApp",),
    "serving.boto3_patch": ("Patch",),
    "serving.transport": ("EmulatorTransport",),
    "truth.names": ("DeclaredSource", "ImageFile"),
    "vision.boxes": ("Box", "Point"),
    "vision.embeddings": ("FaceEmbedder", "pack_embedding"),
    "vision.faces.face_attributes": (
        "AgeEstimate",
        "AnalysedFace",
        "FaceAnalyser",
        "GazeEstimate",
        "GenderEstimate",
        "Verdict",
    ),
    "vision.faces": ("DetectedFace", "FaceDetector", "Landmarks"),
    "vision.images": ("DecodedImage",),
    "vision.labels": ("DetectedLabel", "LabelBox", "LabelDetector"),
    "vision.text": ("Corners", "TextDetector", "TextLine", "TextWord"),
    "vision.moderation": ("DetectedModeration", "ModerationDetector"),
    "vision.persons": ("DetectedPerson", "KeyPoint", "KeyPoints", "PersonDetector"),
    "vision.video": ("AudioFacts", "Frame", "StreamFrame", "StreamReader", "VideoFacts", "VideoReader"),
}

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name
    __getattr__ = lazy_names(__name__, {f".{module}": names for module, names in _MODULES.items()})

    def __dir__() -> list[str]:
        return sorted(__all__)
