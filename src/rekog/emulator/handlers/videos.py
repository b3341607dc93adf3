"""Stored-video jobs: the eight pairs of Start and Get.

What is peculiar to a pair stands in video_kinds.py, what they share in video_jobs.py (the requests) and video_work.py
(the work between them).
"""

from __future__ import annotations

from . import video_kinds
from .video_jobs import operations

start_label_detection, get_label_detection = operations(video_kinds.LABELS)
start_face_detection, get_face_detection = operations(video_kinds.FACES)
start_face_search, get_face_search = operations(video_kinds.FACE_SEARCH)
start_content_moderation, get_content_moderation = operations(video_kinds.MODERATION)
start_celebrity_recognition, get_celebrity_recognition = operations(video_kinds.CELEBRITIES)
start_text_detection, get_text_detection = operations(video_kinds.TEXT)
start_segment_detection, get_segment_detection = operations(video_kinds.SEGMENTS)
# the service ended person tracking in 2025; here it stays [I]
start_person_tracking, get_person_tracking = operations(video_kinds.PERSONS)
