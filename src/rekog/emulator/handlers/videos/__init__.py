"""Operations on stored videos: eight pairs of Start and Get.

`kinds.py` holds the differences between the pairs, `requests.py` their requests, `steps.py` the worker's steps.
"""

from __future__ import annotations

from . import kinds
from .requests import getting, starting

start_label_detection = starting(kinds.LABELS)
get_label_detection = getting(kinds.LABELS)
start_face_detection = starting(kinds.FACES)
get_face_detection = getting(kinds.FACES)
start_face_search = starting(kinds.FACE_SEARCH)
get_face_search = getting(kinds.FACE_SEARCH)
start_content_moderation = starting(kinds.MODERATION)
get_content_moderation = getting(kinds.MODERATION)
start_celebrity_recognition = starting(kinds.CELEBRITIES)
get_celebrity_recognition = getting(kinds.CELEBRITIES)
start_text_detection = starting(kinds.TEXT)
get_text_detection = getting(kinds.TEXT)
start_segment_detection = starting(kinds.SEGMENTS)
get_segment_detection = getting(kinds.SEGMENTS)
# the service ended person tracking in 2025; the emulator still has it
start_person_tracking = starting(kinds.PERSONS)
get_person_tracking = getting(kinds.PERSONS)
