"""Operations on stored videos: eight pairs of Start and Get.

`kinds.py` holds the differences between the pairs, `requests.py` their requests, `steps.py` the worker's steps.
"""

from __future__ import annotations

from .operations import (
    get_celebrity_recognition,
    get_content_moderation,
    get_face_detection,
    get_face_search,
    get_label_detection,
    get_person_tracking,
    get_segment_detection,
    get_text_detection,
    start_celebrity_recognition,
    start_content_moderation,
    start_face_detection,
    start_face_search,
    start_label_detection,
    start_person_tracking,
    start_segment_detection,
    start_text_detection,
)

__all__ = [
    "get_celebrity_recognition",
    "get_content_moderation",
    "get_face_detection",
    "get_face_search",
    "get_label_detection",
    "get_person_tracking",
    "get_segment_detection",
    "get_text_detection",
    "start_celebrity_recognition",
    "start_content_moderation",
    "start_face_detection",
    "start_face_search",
    "start_label_detection",
    "start_person_tracking",
    "start_segment_detection",
    "start_text_detection",
]
