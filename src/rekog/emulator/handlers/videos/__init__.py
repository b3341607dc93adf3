"""Stored-video jobs: the eight pairs of Start and Get.

What is peculiar to a pair stands in video_kinds.py, what they share in video_jobs.py (the requests) and video_work.py
(the work between them).
"""

from __future__ import annotations

pass
from .requests import Handler, getting, starting

start_label_detection: Handler = starting(kinds.LABELS)
get_label_detection: Handler = getting(kinds.LABELS)
start_face_detection: Handler = starting(kinds.FACES)
get_face_detection: Handler = getting(kinds.FACES)
start_face_search: Handler = starting(kinds.FACE_SEARCH)
get_face_search: Handler = getting(kinds.FACE_SEARCH)
start_content_moderation: Handler = starting(kinds.MODERATION)
get_content_moderation: Handler = getting(kinds.MODERATION)
start_celebrity_recognition: Handler = starting(kinds.CELEBRITIES)
get_celebrity_recognition: Handler = getting(kinds.CELEBRITIES)
start_text_detection: Handler = starting(kinds.TEXT)
get_text_detection: Handler = getting(kinds.TEXT)
start_segment_detection: Handler = starting(kinds.SEGMENTS)
get_segment_detection: Handler = getting(kinds.SEGMENTS)
# the service ended person tracking in 2025; here it stays
start_person_tracking: Handler = starting(kinds.PERSONS)
get_person_tracking: Handler = getting(kinds.PERSONS)
