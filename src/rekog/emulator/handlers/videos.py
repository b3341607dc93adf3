"""Stored-video jobs: eight pairs of Start and Get. What they share is in video_jobs.py.

A job looks at its video when it ends, so what is declared until then counts [I]. One whose capability is neither
declared nor seen fails, with a StatusMessage that says so [I].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from ..._core.wire import from_wire
from . import existing, moderation, segments, text, video_faces, video_jobs, video_results
from .images import LABEL_MODEL_VERSION
from .text import check_regions
from .video_jobs import Found, Kind
from .video_sight import wire_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from ..context import Context
    from ..state.collections import CollectionRow
    from ..state.events import Event
    from ..state.jobs import JobRow
    from .video_results import Views
    from .video_sight import Sight

_TIME, _STRETCHES = "TIMESTAMP", "TIMESTAMPS"

LABELS = Kind("LabelDetection", "Labels", _TIME, _STRETCHES, ("LabelModelVersion", LABEL_MODEL_VERSION))
FACES = Kind("FaceDetection", "Faces")
FACE_SEARCH = Kind("FaceSearch", "Persons", _TIME)
MODERATION = Kind(
    "ContentModeration", "ModerationLabels", _TIME, _STRETCHES, ("ModerationModelVersion", moderation.MODEL_VERSION)
)
CELEBRITIES = Kind("CelebrityRecognition", "Celebrities", _TIME)
TEXT = Kind("TextDetection", "TextDetections", version=("TextModelVersion", text.MODEL_VERSION))
SEGMENTS = Kind("SegmentDetection", "Segments")
PERSONS = Kind("PersonTracking", "Persons", _TIME)


def start_label_detection(
    context: Context, request: models.StartLabelDetectionRequest
) -> models.StartLabelDetectionResponse:
    """Start to look for labels."""
    return models.StartLabelDetectionResponse(job_id=video_jobs.start(context, LABELS, request))


def get_label_detection(context: Context, request: models.GetLabelDetectionRequest) -> models.GetLabelDetectionResponse:
    """Give the labels, at each moment or by stretches."""
    return from_wire(models.GetLabelDetectionResponse, video_jobs.page(context, LABELS, request))


def start_face_detection(
    context: Context, request: models.StartFaceDetectionRequest
) -> models.StartFaceDetectionResponse:
    """Start to look for faces."""
    return models.StartFaceDetectionResponse(job_id=video_jobs.start(context, FACES, request))


def get_face_detection(context: Context, request: models.GetFaceDetectionRequest) -> models.GetFaceDetectionResponse:
    """Give the faces by time."""
    return from_wire(models.GetFaceDetectionResponse, video_jobs.page(context, FACES, request))


def start_face_search(context: Context, request: models.StartFaceSearchRequest) -> models.StartFaceSearchResponse:
    """Start to look for the faces of a collection."""

    def check(connection: sqlite3.Connection) -> CollectionRow:
        return existing.collection(context, connection, request.collection_id)

    return models.StartFaceSearchResponse(job_id=video_jobs.start(context, FACE_SEARCH, request, check))


def get_face_search(context: Context, request: models.GetFaceSearchRequest) -> models.GetFaceSearchResponse:
    """Give the persons that match faces of the collection, by time or by person."""
    return from_wire(models.GetFaceSearchResponse, video_jobs.page(context, FACE_SEARCH, request))


def start_content_moderation(
    context: Context, request: models.StartContentModerationRequest
) -> models.StartContentModerationResponse:
    """Start to look for what might be unwanted."""
    return models.StartContentModerationResponse(job_id=video_jobs.start(context, MODERATION, request))


def get_content_moderation(
    context: Context, request: models.GetContentModerationRequest
) -> models.GetContentModerationResponse:
    """Give what might be unwanted, at each moment or by stretches."""
    return from_wire(models.GetContentModerationResponse, video_jobs.page(context, MODERATION, request))


def start_celebrity_recognition(
    context: Context, request: models.StartCelebrityRecognitionRequest
) -> models.StartCelebrityRecognitionResponse:
    """Start to look for celebrities."""
    return models.StartCelebrityRecognitionResponse(job_id=video_jobs.start(context, CELEBRITIES, request))


def get_celebrity_recognition(
    context: Context, request: models.GetCelebrityRecognitionRequest
) -> models.GetCelebrityRecognitionResponse:
    """Give the celebrities, by time or by id; faces that nobody knows are left out."""
    return from_wire(models.GetCelebrityRecognitionResponse, video_jobs.page(context, CELEBRITIES, request))


def start_text_detection(
    context: Context, request: models.StartTextDetectionRequest
) -> models.StartTextDetectionResponse:
    """Start to look for text."""
    check_regions(request.filters.regions_of_interest if request.filters else None)
    return models.StartTextDetectionResponse(job_id=video_jobs.start(context, TEXT, request))


def get_text_detection(context: Context, request: models.GetTextDetectionRequest) -> models.GetTextDetectionResponse:
    """Give the text by time, numbered anew in each frame."""
    return from_wire(models.GetTextDetectionResponse, video_jobs.page(context, TEXT, request))


def start_segment_detection(
    context: Context, request: models.StartSegmentDetectionRequest
) -> models.StartSegmentDetectionResponse:
    """Start to look for shots and technical cues."""
    return models.StartSegmentDetectionResponse(job_id=video_jobs.start(context, SEGMENTS, request))


def get_segment_detection(
    context: Context, request: models.GetSegmentDetectionRequest
) -> models.GetSegmentDetectionResponse:
    """Give the segments, kind by kind as they were asked for."""
    return from_wire(models.GetSegmentDetectionResponse, video_jobs.page(context, SEGMENTS, request))


def start_person_tracking(
    context: Context, request: models.StartPersonTrackingRequest
) -> models.StartPersonTrackingResponse:
    """Start to follow persons. The service ended this in 2025; here it stays [I]."""
    return models.StartPersonTrackingResponse(job_id=video_jobs.start(context, PERSONS, request))


def get_person_tracking(context: Context, request: models.GetPersonTrackingRequest) -> models.GetPersonTrackingResponse:
    """Give the paths of persons, by time or by person."""
    return from_wire(models.GetPersonTrackingResponse, video_jobs.page(context, PERSONS, request))


def finish(context: Context, event: Event) -> None:
    """End a job that is due."""
    video_jobs.finish(context, str(event.detail["JobId"]), _analyse)


def expire(context: Context, event: Event) -> None:
    """Forget a job whose results are no longer kept."""
    video_jobs.expire(context, str(event.detail["JobId"]))


def _analyse(context: Context, job: JobRow, sight: Sight) -> Found:
    views = _ANALYSES[job.kind](context, sight, job.request)
    metadata = wire_of(sight.metadata())
    if job.kind != SEGMENTS.name:
        return Found(views, {"VideoMetadata": metadata} if metadata else {})
    request = from_wire(models.StartSegmentDetectionRequest, job.request)
    kinds = [{"Type": kind, "ModelVersion": segments.MODEL_VERSION} for kind in dict.fromkeys(request.segment_types)]
    detail = {
        "VideoMetadata": [metadata] if metadata else [],
        "AudioMetadata": [wire_of(sound) for sound in sight.audio()],
        "SelectedSegmentTypes": kinds,
    }
    return Found(views, detail)


def _labels(_context: Context, sight: Sight, wire: Mapping[str, object]) -> Views:
    request = from_wire(models.StartLabelDetectionRequest, wire)
    filters = request.settings.general_labels if request.settings else None
    found = sight.known(models.LabelDetection, "labels", "StartLabelDetection")
    return video_results.label_views(found, request.min_confidence, filters)


def _faces(_context: Context, sight: Sight, wire: Mapping[str, object]) -> Views:
    request = from_wire(models.StartFaceDetectionRequest, wire)
    asked = request.face_attributes or models.FaceAttributes.DEFAULT
    return video_results.face_views(video_faces.detected(sight, asked))


def _face_search(context: Context, sight: Sight, wire: Mapping[str, object]) -> Views:
    request = from_wire(models.StartFaceSearchRequest, wire)
    found = video_faces.matched(context, sight, request.collection_id, request.face_match_threshold)
    return video_results.match_views(found)


def _moderation(_context: Context, sight: Sight, wire: Mapping[str, object]) -> Views:
    request = from_wire(models.StartContentModerationRequest, wire)
    found = sight.known(models.ContentModerationDetection, "moderation", "StartContentModeration")
    return video_results.moderation_views(found, request.min_confidence)


def _celebrities(_context: Context, sight: Sight, _wire: Mapping[str, object]) -> Views:
    found = sight.known(models.CelebrityRecognition, "celebrities", "StartCelebrityRecognition")
    for entry in found:
        if entry.celebrity:
            entry.celebrity.face = video_faces.without_attributes(entry.celebrity.face)
    return video_results.celebrity_views(found)


def _text(_context: Context, sight: Sight, wire: Mapping[str, object]) -> Views:
    request = from_wire(models.StartTextDetectionRequest, wire)
    found = sight.known(models.TextDetectionResult, "text", "StartTextDetection")
    return video_results.text_views(found, request.filters)


def _segments(_context: Context, sight: Sight, wire: Mapping[str, object]) -> Views:
    request = from_wire(models.StartSegmentDetectionRequest, wire)
    found = sight.known(models.SegmentDetection, "segments", "StartSegmentDetection")
    metadata = sight.metadata()
    rate = metadata.frame_rate if metadata else None
    return segments.segment_views(found, request.segment_types, request.filters, rate)


def _persons(_context: Context, sight: Sight, _wire: Mapping[str, object]) -> Views:
    found = sight.known(models.PersonDetection, "persons", "StartPersonTracking")
    for entry in found:
        if entry.person:
            entry.person.face = video_faces.without_attributes(entry.person.face)
    return video_results.person_views(found)


_ANALYSES: Mapping[str, Callable[[Context, Sight, Mapping[str, object]], Views]] = {
    LABELS.name: _labels,
    FACES.name: _faces,
    FACE_SEARCH.name: _face_search,
    MODERATION.name: _moderation,
    CELEBRITIES.name: _celebrities,
    TEXT.name: _text,
    SEGMENTS.name: _segments,
    PERSONS.name: _persons,
}
