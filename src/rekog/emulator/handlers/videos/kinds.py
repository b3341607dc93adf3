"""The eight kinds of stored-video jobs as data, and what each finds in a video."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .... import models
from ...._core.wire import from_wire
from ...answers import moderation, segments, text, video_views
from ...answers.text import check_regions
from ...content.videos import wire_of
from ...state.rows import celebrities
from .. import lookups
from ..images.detection import LABEL_MODEL_VERSION
from . import faces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from ...answers.video_views import Views
    from ...content.videos import Sight
    from ...context import Context

    Wire: TypeAlias = Mapping[str, object]
    """The request that started a job, in wire form."""

_TIME, _STRETCHES = "TIMESTAMP", "TIMESTAMPS"
_NOTHING: Wire = {}


def _no_check(_context: Context, _wire: Wire) -> None: ...


def _about_video(sight: Sight, _wire: Wire) -> Wire:
    metadata = wire_of(sight.metadata())
    return {"VideoMetadata": metadata} if metadata else {}


class Kind(NamedTuple):
    """A pair of Start and Get operations, as data; the first sort order and aggregation are what is used unasked.

    `items` is the member of an answer that has the results, `version` the member and text of the model's version,
    `empty` what else an answer has before there are results. `check` refuses a request whose video was not looked at
    yet. `look` gives what is to be seen in the frames, and may do so long before the job is due. `find` makes the
    results from that and from what was declared, and `about` what answers have beside them.
    """

    name: str
    items: str
    find: Callable[[Sight, Wire], Views]
    sort_by: str = ""
    aggregate_by: str = ""
    version: tuple[str, str] | None = None
    empty: Wire = _NOTHING
    check: Callable[[Context, Wire], None] = _no_check
    look: Callable[[Sight, Wire], Sequence[Wire] | None] | None = None
    about: Callable[[Sight, Wire], Wire] = _about_video


def _labels(sight: Sight, wire: Wire) -> Views:
    request = from_wire(models.StartLabelDetectionRequest, wire)
    filters = request.settings.general_labels if request.settings else None
    found = sight.known(models.LabelDetection, "labels", "StartLabelDetection")
    return video_views.label_views(found, request.min_confidence, filters)


def _attributes(wire: Wire) -> str:
    asked = from_wire(models.StartFaceDetectionRequest, wire).face_attributes
    return asked or models.FaceAttributes.DEFAULT


def _faces(sight: Sight, wire: Wire) -> Views:
    return video_views.face_views(faces.detected(sight, _attributes(wire)))


def _faces_to_detect(sight: Sight, wire: Wire) -> Sequence[Wire] | None:
    return faces.looked_for(sight, _attributes(wire))


def _check_collection(context: Context, wire: Wire) -> None:
    with context.state.read() as connection:
        lookups.collection(context, connection, str(wire["CollectionId"]))


def _face_search(sight: Sight, wire: Wire) -> Views:
    request = from_wire(models.StartFaceSearchRequest, wire)
    return video_views.match_views(faces.matched(sight, request.collection_id, request.face_match_threshold))


def _faces_to_search(sight: Sight, _wire: Wire) -> Sequence[Wire] | None:
    return faces.looked_for(sight, embedded=True)


def _moderation(sight: Sight, wire: Wire) -> Views:
    request = from_wire(models.StartContentModerationRequest, wire)
    found = sight.known(models.ContentModerationDetection, "moderation", "StartContentModeration")
    return video_views.moderation_views(found, request.min_confidence)


def _celebrities(sight: Sight, _wire: Wire) -> Views:
    found = sight.known(models.CelebrityRecognition, "celebrities", "StartCelebrityRecognition")
    for entry in found:
        if entry.celebrity.id is None:
            entry.celebrity.id = celebrities.id_of(entry.celebrity.name or "")
        entry.celebrity.face = faces.without_attributes(entry.celebrity.face)
    return video_views.celebrity_views(found)


def _check_text_filters(_context: Context, wire: Wire) -> None:
    filters = from_wire(models.StartTextDetectionRequest, wire).filters
    check_regions(filters.regions_of_interest if filters else None)


def _text(sight: Sight, wire: Wire) -> Views:
    request = from_wire(models.StartTextDetectionRequest, wire)
    found = sight.known(models.TextDetectionResult, "text", "StartTextDetection")
    return video_views.text_views(found, request.filters)


def _segments(sight: Sight, wire: Wire) -> Views:
    request = from_wire(models.StartSegmentDetectionRequest, wire)
    found = sight.known(models.SegmentDetection, "segments", "StartSegmentDetection")
    metadata = sight.metadata()
    rate = metadata.frame_rate if metadata else None
    return segments.segment_views(found, request.segment_types, request.filters, rate)


def _about_segments(sight: Sight, wire: Wire) -> Wire:
    request, metadata = from_wire(models.StartSegmentDetectionRequest, wire), wire_of(sight.metadata())
    kinds = [{"Type": kind, "ModelVersion": segments.MODEL_VERSION} for kind in dict.fromkeys(request.segment_types)]
    return {
        "VideoMetadata": [metadata] if metadata else [],
        "AudioMetadata": [wire_of(sound) for sound in sight.audio()],
        "SelectedSegmentTypes": kinds,
    }


def _persons(sight: Sight, _wire: Wire) -> Views:
    found = sight.known(models.PersonDetection, "persons", "StartPersonTracking")
    for entry in found:
        entry.person.face = faces.without_attributes(entry.person.face)
    return video_views.person_views(found)


LABELS = Kind(
    "LabelDetection",
    "Labels",
    _labels,
    sort_by=_TIME,
    aggregate_by=_STRETCHES,
    version=("LabelModelVersion", LABEL_MODEL_VERSION),
)
FACES = Kind("FaceDetection", "Faces", _faces, look=_faces_to_detect)
FACE_SEARCH = Kind("FaceSearch", "Persons", _face_search, sort_by=_TIME, check=_check_collection, look=_faces_to_search)
MODERATION = Kind(
    "ContentModeration",
    "ModerationLabels",
    _moderation,
    sort_by=_TIME,
    aggregate_by=_STRETCHES,
    version=("ModerationModelVersion", moderation.MODEL_VERSION),
)
CELEBRITIES = Kind("CelebrityRecognition", "Celebrities", _celebrities, sort_by=_TIME)
TEXT = Kind(
    "TextDetection",
    "TextDetections",
    _text,
    version=("TextModelVersion", text.MODEL_VERSION),
    check=_check_text_filters,
)
SEGMENTS = Kind("SegmentDetection", "Segments", _segments, empty={"AudioMetadata": []}, about=_about_segments)
PERSONS = Kind("PersonTracking", "Persons", _persons, sort_by=_TIME)

KINDS = {kind.name: kind for kind in (LABELS, FACES, FACE_SEARCH, MODERATION, CELEBRITIES, TEXT, SEGMENTS, PERSONS)}
