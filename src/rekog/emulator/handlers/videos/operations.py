"""The eight pairs of Start and Get operations; all of them are served by `requests.py`, by the data of `kinds.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import kinds
from .requests import get, start

if TYPE_CHECKING:
    from .... import models
    from ...._core.handler_result import InWireForm
    from ...context import Context


def start_label_detection(
    context: Context, request: models.StartLabelDetectionRequest
) -> InWireForm[models.StartLabelDetectionResponse]:
    """Start label detection in a stored video."""
    return start(kinds.LABELS, context, request)


def get_label_detection(
    context: Context, request: models.GetLabelDetectionRequest
) -> InWireForm[models.GetLabelDetectionResponse]:
    """Return the status and a page of results of label detection."""
    return get(kinds.LABELS, context, request)


def start_face_detection(
    context: Context, request: models.StartFaceDetectionRequest
) -> InWireForm[models.StartFaceDetectionResponse]:
    """Start face detection in a stored video."""
    return start(kinds.FACES, context, request)


def get_face_detection(
    context: Context, request: models.GetFaceDetectionRequest
) -> InWireForm[models.GetFaceDetectionResponse]:
    """Return the status and a page of results of face detection."""
    return get(kinds.FACES, context, request)


def start_face_search(
    context: Context, request: models.StartFaceSearchRequest
) -> InWireForm[models.StartFaceSearchResponse]:
    """Start a search for faces of a collection in a stored video."""
    return start(kinds.FACE_SEARCH, context, request)


def get_face_search(context: Context, request: models.GetFaceSearchRequest) -> InWireForm[models.GetFaceSearchResponse]:
    """Return the status and a page of results of a search for faces of a collection."""
    return get(kinds.FACE_SEARCH, context, request)


def start_content_moderation(
    context: Context, request: models.StartContentModerationRequest
) -> InWireForm[models.StartContentModerationResponse]:
    """Start content moderation in a stored video."""
    return start(kinds.MODERATION, context, request)


def get_content_moderation(
    context: Context, request: models.GetContentModerationRequest
) -> InWireForm[models.GetContentModerationResponse]:
    """Return the status and a page of results of content moderation."""
    return get(kinds.MODERATION, context, request)


def start_celebrity_recognition(
    context: Context, request: models.StartCelebrityRecognitionRequest
) -> InWireForm[models.StartCelebrityRecognitionResponse]:
    """Start celebrity recognition in a stored video."""
    return start(kinds.CELEBRITIES, context, request)


def get_celebrity_recognition(
    context: Context, request: models.GetCelebrityRecognitionRequest
) -> InWireForm[models.GetCelebrityRecognitionResponse]:
    """Return the status and a page of results of celebrity recognition."""
    return get(kinds.CELEBRITIES, context, request)


def start_text_detection(
    context: Context, request: models.StartTextDetectionRequest
) -> InWireForm[models.StartTextDetectionResponse]:
    """Start text detection in a stored video."""
    return start(kinds.TEXT, context, request)


def get_text_detection(
    context: Context, request: models.GetTextDetectionRequest
) -> InWireForm[models.GetTextDetectionResponse]:
    """Return the status and a page of results of text detection."""
    return get(kinds.TEXT, context, request)


def start_segment_detection(
    context: Context, request: models.StartSegmentDetectionRequest
) -> InWireForm[models.StartSegmentDetectionResponse]:
    """Start segment detection in a stored video."""
    return start(kinds.SEGMENTS, context, request)


def get_segment_detection(
    context: Context, request: models.GetSegmentDetectionRequest
) -> InWireForm[models.GetSegmentDetectionResponse]:
    """Return the status and a page of results of segment detection."""
    return get(kinds.SEGMENTS, context, request)


def start_person_tracking(
    context: Context, request: models.StartPersonTrackingRequest
) -> InWireForm[models.StartPersonTrackingResponse]:
    """Start person tracking, which the service ended in 2025 in a stored video."""
    return start(kinds.PERSONS, context, request)


def get_person_tracking(
    context: Context, request: models.GetPersonTrackingRequest
) -> InWireForm[models.GetPersonTrackingResponse]:
    """Return the status and a page of results of person tracking, which the service ended in 2025."""
    return get(kinds.PERSONS, context, request)
