"""Operations on stored videos: eight pairs of Start and Get.

`kinds.py` holds the differences between the pairs, `requests.py` their requests, `steps.py` the worker's steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import kinds
from .requests import getting, starting

if TYPE_CHECKING:
    from .... import models
    from .requests import GetHandler, StartHandler

start_label_detection: StartHandler[models.StartLabelDetectionRequest, models.StartLabelDetectionResponse] = starting(
    kinds.LABELS
)
get_label_detection: GetHandler[models.GetLabelDetectionRequest, models.GetLabelDetectionResponse] = getting(
    kinds.LABELS
)
start_face_detection: StartHandler[models.StartFaceDetectionRequest, models.StartFaceDetectionResponse] = starting(
    kinds.FACES
)
get_face_detection: GetHandler[models.GetFaceDetectionRequest, models.GetFaceDetectionResponse] = getting(kinds.FACES)
start_face_search: StartHandler[models.StartFaceSearchRequest, models.StartFaceSearchResponse] = starting(
    kinds.FACE_SEARCH
)
get_face_search: GetHandler[models.GetFaceSearchRequest, models.GetFaceSearchResponse] = getting(kinds.FACE_SEARCH)
start_content_moderation: StartHandler[models.StartContentModerationRequest, models.StartContentModerationResponse] = (
    starting(kinds.MODERATION)
)
get_content_moderation: GetHandler[models.GetContentModerationRequest, models.GetContentModerationResponse] = getting(
    kinds.MODERATION
)
start_celebrity_recognition: StartHandler[
    models.StartCelebrityRecognitionRequest, models.StartCelebrityRecognitionResponse
] = starting(kinds.CELEBRITIES)
get_celebrity_recognition: GetHandler[models.GetCelebrityRecognitionRequest, models.GetCelebrityRecognitionResponse] = (
    getting(kinds.CELEBRITIES)
)
start_text_detection: StartHandler[models.StartTextDetectionRequest, models.StartTextDetectionResponse] = starting(
    kinds.TEXT
)
get_text_detection: GetHandler[models.GetTextDetectionRequest, models.GetTextDetectionResponse] = getting(kinds.TEXT)
start_segment_detection: StartHandler[models.StartSegmentDetectionRequest, models.StartSegmentDetectionResponse] = (
    starting(kinds.SEGMENTS)
)
get_segment_detection: GetHandler[models.GetSegmentDetectionRequest, models.GetSegmentDetectionResponse] = getting(
    kinds.SEGMENTS
)
# the service ended person tracking in 2025; the emulator still has it
start_person_tracking: StartHandler[models.StartPersonTrackingRequest, models.StartPersonTrackingResponse] = starting(
    kinds.PERSONS
)
get_person_tracking: GetHandler[models.GetPersonTrackingRequest, models.GetPersonTrackingResponse] = getting(
    kinds.PERSONS
)
