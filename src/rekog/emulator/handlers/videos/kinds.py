"""The eight kinds of stored-video jobs as data, and the results that each makes of a video's content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ...._core.wire import to_wire
from ...._generated import operations as ops
from ...answers import moderation, segments, text, video_views
from ...answers.text import check_regions
from ...content.labels import VIDEO_LABELS
from ...content.moderation import VIDEO_MODERATION
from ...content.persons import VIDEO_PERSONS
from ...content.segments import video_segments
from ...content.text import VIDEO_TEXT
from ...state.rows.celebrities import id_of
from .. import lookups
from ..images.detection import LABEL_MODEL_VERSION
from . import celebrities, faces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from .... import models
    from ...._core.operation import Operation
    from ...answers.video_views import Views
    from ...content.analysis import VideoAnalysis
    from ...content.videos import VideoContent
    from ...context import Context

    Wire: TypeAlias = Mapping[str, object]
    StartRequest: TypeAlias = (
        models.StartLabelDetectionRequest
        | models.StartFaceDetectionRequest
        | models.StartFaceSearchRequest
        | models.StartContentModerationRequest
        | models.StartCelebrityRecognitionRequest
        | models.StartTextDetectionRequest
        | models.StartSegmentDetectionRequest
        | models.StartPersonTrackingRequest
    )
    StartResponse: TypeAlias = (
        models.StartLabelDetectionResponse
        | models.StartFaceDetectionResponse
        | models.StartFaceSearchResponse
        | models.StartContentModerationResponse
        | models.StartCelebrityRecognitionResponse
        | models.StartTextDetectionResponse
        | models.StartSegmentDetectionResponse
        | models.StartPersonTrackingResponse
    )
    GetRequest: TypeAlias = (
        models.GetLabelDetectionRequest
        | models.GetFaceDetectionRequest
        | models.GetFaceSearchRequest
        | models.GetContentModerationRequest
        | models.GetCelebrityRecognitionRequest
        | models.GetTextDetectionRequest
        | models.GetSegmentDetectionRequest
        | models.GetPersonTrackingRequest
    )
    GetResponse: TypeAlias = (
        models.GetLabelDetectionResponse
        | models.GetFaceDetectionResponse
        | models.GetFaceSearchResponse
        | models.GetContentModerationResponse
        | models.GetCelebrityRecognitionResponse
        | models.GetTextDetectionResponse
        | models.GetSegmentDetectionResponse
        | models.GetPersonTrackingResponse
    )

Start = TypeVar("Start", bound="StartRequest")
Started = TypeVar("Started", bound="StartResponse")
Get = TypeVar("Get", bound="GetRequest")
Got = TypeVar("Got", bound="GetResponse")

_TIMESTAMP, _TIMESTAMPS = "TIMESTAMP", "TIMESTAMPS"
_NONE: Wire = {}


def _no_check(_context: Context, _request: StartRequest) -> None: ...


def _video_metadata(content: VideoContent, _request: StartRequest) -> Wire:
    metadata = content.metadata()
    return {"VideoMetadata": to_wire(metadata)} if metadata else {}


def _detections(
    analysis: VideoAnalysis[Any], operation: str
) -> Callable[[VideoContent, StartRequest], Sequence[Wire] | None]:
    """Return the early analysis of a job's frames for a capability."""
    return lambda content, _request: analysis.detections(content, operation)


class Kind(NamedTuple, Generic[Start, Started, Get, Got]):
    """A pair of Start and Get operations, as data.

    `items` is the member of a Get response that holds the results, `sort_by` and `aggregate_by` the defaults of a Get
    request, `version` the member and text of the model's version, `empty` further members of a response without
    results. `check` refuses a Start request before its video is opened. `analyse` returns detections from the frames
    (None if there is nothing to detect) and may run long before the job is due. `find` makes the results from the
    detections and the declared content, and `describe` the members of a response beside them.
    """

    start: Operation[Start, Started]
    get: Operation[Get, Got]
    items: str
    find: Callable[[VideoContent, Start], Views]
    analyse: Callable[[VideoContent, Start], Sequence[Wire] | None]
    sort_by: str = ""
    aggregate_by: str = ""
    version: tuple[str, str] | None = None
    empty: Wire = _NONE
    check: Callable[[Context, Start], None] = _no_check
    describe: Callable[[VideoContent, Start], Wire] = _video_metadata

    @property
    def name(self) -> str:
        """The operations' name without its verb, such as `LabelDetection`; jobs are stored under it."""
        return self.start.name.removeprefix("Start")


def _labels(content: VideoContent, request: models.StartLabelDetectionRequest) -> Views:
    filters = request.settings.general_labels if request.settings else None
    entries = VIDEO_LABELS.entries(content, "StartLabelDetection")
    return video_views.label_views(entries, request.min_confidence, filters)


def _faces(content: VideoContent, request: models.StartFaceDetectionRequest) -> Views:
    return video_views.face_views(faces.detected(content, request.face_attributes))


def _analyse_faces(content: VideoContent, request: models.StartFaceDetectionRequest) -> Sequence[Wire] | None:
    return faces.analyse(content, request.face_attributes)


def _check_collection(context: Context, request: models.StartFaceSearchRequest) -> None:
    with context.state.read() as connection:
        lookups.collection(context, connection, request.collection_id)


def _face_search(content: VideoContent, request: models.StartFaceSearchRequest) -> Views:
    return video_views.match_views(faces.search(content, request.collection_id, request.face_match_threshold))


def _analyse_faces_for_search(content: VideoContent, _request: models.StartFaceSearchRequest) -> Sequence[Wire] | None:
    return faces.analyse(content, embedded=True)


def _moderation(content: VideoContent, request: models.StartContentModerationRequest) -> Views:
    entries = VIDEO_MODERATION.entries(content, "StartContentModeration")
    return video_views.moderation_views(entries, request.min_confidence)


def _celebrities(content: VideoContent, _request: models.StartCelebrityRecognitionRequest) -> Views:
    entries = celebrities.recognised(content)
    for entry in entries:
        if entry.celebrity.id is None:
            entry.celebrity.id = id_of(entry.celebrity.name or "")
        entry.celebrity.face = faces.without_attributes(entry.celebrity.face)
    return video_views.celebrity_views(entries)


def _analyse_celebrities(
    content: VideoContent, _request: models.StartCelebrityRecognitionRequest
) -> Sequence[Wire] | None:
    return celebrities.analyse(content)


def _check_text_filters(_context: Context, request: models.StartTextDetectionRequest) -> None:
    check_regions(request.filters.regions_of_interest if request.filters else None)


def _text(content: VideoContent, request: models.StartTextDetectionRequest) -> Views:
    entries = VIDEO_TEXT.entries(content, "StartTextDetection")
    return video_views.text_views(entries, request.filters)


def _segments(content: VideoContent, request: models.StartSegmentDetectionRequest) -> Views:
    entries = video_segments(_black_frame(request)).entries(content, ops.START_SEGMENT_DETECTION.name)
    metadata = content.metadata()
    rate = metadata.frame_rate if metadata else None
    return segments.segment_views(entries, request.segment_types, request.filters, rate)


def _analyse_segments(content: VideoContent, request: models.StartSegmentDetectionRequest) -> Sequence[Wire] | None:
    return video_segments(_black_frame(request)).detections(content, ops.START_SEGMENT_DETECTION.name)


def _black_frame(request: models.StartSegmentDetectionRequest) -> models.BlackFrame | None:
    cues = request.filters.technical_cue_filter if request.filters else None
    return cues.black_frame if cues else None


def _segment_metadata(content: VideoContent, request: models.StartSegmentDetectionRequest) -> Wire:
    metadata = content.metadata()
    types = dict.fromkeys(request.segment_types)
    return {
        "VideoMetadata": [to_wire(metadata)] if metadata else [],
        "AudioMetadata": [to_wire(stream) for stream in content.audio()],
        "SelectedSegmentTypes": [{"Type": name, "ModelVersion": segments.MODEL_VERSION} for name in types],
    }


def _persons(content: VideoContent, _request: models.StartPersonTrackingRequest) -> Views:
    entries = VIDEO_PERSONS.entries(content, "StartPersonTracking")
    for entry in entries:
        entry.person.face = faces.without_attributes(entry.person.face)
    return video_views.person_views(entries)


LABELS = Kind(
    ops.START_LABEL_DETECTION,
    ops.GET_LABEL_DETECTION,
    "Labels",
    _labels,
    sort_by=_TIMESTAMP,
    aggregate_by=_TIMESTAMPS,
    version=("LabelModelVersion", LABEL_MODEL_VERSION),
    analyse=_detections(VIDEO_LABELS, ops.START_LABEL_DETECTION.name),
)
FACES = Kind(ops.START_FACE_DETECTION, ops.GET_FACE_DETECTION, "Faces", _faces, analyse=_analyse_faces)
FACE_SEARCH = Kind(
    ops.START_FACE_SEARCH,
    ops.GET_FACE_SEARCH,
    "Persons",
    _face_search,
    sort_by=_TIMESTAMP,
    check=_check_collection,
    analyse=_analyse_faces_for_search,
)
MODERATION = Kind(
    ops.START_CONTENT_MODERATION,
    ops.GET_CONTENT_MODERATION,
    "ModerationLabels",
    _moderation,
    sort_by=_TIMESTAMP,
    aggregate_by=_TIMESTAMPS,
    version=("ModerationModelVersion", moderation.MODEL_VERSION),
    analyse=_detections(VIDEO_MODERATION, ops.START_CONTENT_MODERATION.name),
)
CELEBRITIES = Kind(
    ops.START_CELEBRITY_RECOGNITION,
    ops.GET_CELEBRITY_RECOGNITION,
    "Celebrities",
    _celebrities,
    sort_by=_TIMESTAMP,
    analyse=_analyse_celebrities,
)
TEXT = Kind(
    ops.START_TEXT_DETECTION,
    ops.GET_TEXT_DETECTION,
    "TextDetections",
    _text,
    version=("TextModelVersion", text.MODEL_VERSION),
    check=_check_text_filters,
    analyse=_detections(VIDEO_TEXT, ops.START_TEXT_DETECTION.name),
)
SEGMENTS = Kind(
    ops.START_SEGMENT_DETECTION,
    ops.GET_SEGMENT_DETECTION,
    "Segments",
    _segments,
    empty={"AudioMetadata": []},
    describe=_segment_metadata,
    analyse=_analyse_segments,
)
PERSONS = Kind(
    ops.START_PERSON_TRACKING,
    ops.GET_PERSON_TRACKING,
    "Persons",
    _persons,
    sort_by=_TIMESTAMP,
    analyse=_detections(VIDEO_PERSONS, ops.START_PERSON_TRACKING.name),
)

KINDS: Mapping[str, Kind[Any, Any, Any, Any]] = {
    kind.name: kind for kind in (LABELS, FACES, FACE_SEARCH, MODERATION, CELEBRITIES, TEXT, SEGMENTS, PERSONS)
}
"""All kinds by name; `Any`, because each has request and response types of its own."""
