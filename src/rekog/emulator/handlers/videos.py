"""Stored-video jobs: the eight pairs of Start and Get.

What is peculiar to a pair stands in video_kinds.py, what they share in video_jobs.py (the requests) and video_work.py
(the work between them).
"""

from __future__ import annotations

from . import video_kinds
from .video_jobs import Handler, getting, starting

start_label_detection: Handler = starting(video_kinds.LABELS)
get_label_detection: Handler = getting(video_kinds.LABELS)
start_face_detection: Handler = starting(video_kinds.FACES)
get_face_detection: Handler = getting(video_kinds.FACES)
start_face_search: Handler = starting(video_kinds.FACE_SEARCH)
get_face_search: Handler = getting(video_kinds.FACE_SEARCH)
start_content_moderation: Handler = starting(video_kinds.MODERATION)
get_content_moderation: Handler = getting(video_kinds.MODERATION)
start_celebrity_recognition: Handler = starting(video_kinds.CELEBRITIES)
get_celebrity_recognition: Handler = getting(video_kinds.CELEBRITIES)
start_text_detection: Handler = starting(video_kinds.TEXT)
get_text_detection: Handler = getting(video_kinds.TEXT)
start_segment_detection: Handler = starting(video_kinds.SEGMENTS)
get_segment_detection: Handler = getting(video_kinds.SEGMENTS)
# the service ended person tracking in 2025; here it stays
start_person_tracking: Handler = starting(video_kinds.PERSONS)
get_person_tracking: Handler = getting(video_kinds.PERSONS)
