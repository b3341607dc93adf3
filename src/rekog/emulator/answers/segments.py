"""Shots and technical cues of a video: timecodes by SMPTE 12M, frame numbers, filters and order."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from ... import models

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_CONFIDENCE = 50.0
MODEL_VERSION = "1.0"
"""Version for both types of segment (assumed)."""

_CUE, _SHOT = models.SegmentType.TECHNICAL_CUE, models.SegmentType.SHOT
_NTSC_TOLERANCE = Fraction(1, 200)
_DROPPING = (30, 60)
"""Frames a second, rounded up, of the NTSC rates (29.97, 59.94) whose timecodes drop numbers."""


def exact_rate(rate: float) -> Fraction:
    """Return the exact value of a rounded frame rate: 29.97 is 30000/1001.

    >>> exact_rate(23.98), exact_rate(25.0)
    (Fraction(24000, 1001), Fraction(25, 1))
    """
    ntsc = Fraction(math.ceil(rate) * 1000, 1001)
    near = abs(Fraction(rate) - ntsc) < _NTSC_TOLERANCE and rate != math.ceil(rate)
    return ntsc if near else Fraction(rate).limit_denominator(1001)


def first_frame(millis: int, rate: Fraction) -> int:
    """Return the first frame that is shown at or after a time; given a frame's time rounded down, return that frame."""
    return math.ceil(millis * rate / 1000)


def timecode(frame: int, rate: Fraction) -> str:
    """Return a frame's timecode, `HH:MM:SS:fr`; `HH:MM:SS;fr` at rates that drop the first numbers of most minutes.

    >>> timecode(1800, Fraction(30000, 1001)), timecode(1800, Fraction(30))
    ('00:01:00;02', '00:01:00:00')
    """
    base = math.ceil(rate)
    drops = base in _DROPPING and rate != base
    number = frame + _dropped(frame, base) if drops else frame
    seconds, rest = divmod(number, base)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours:02}:{minutes:02}:{seconds % 60:02}{';' if drops else ':'}{rest:02}"


def _dropped(frame: int, base: int) -> int:
    """Return the count of numbers dropped before a frame: 2 (at 60: 4) a minute, none in each tenth minute."""
    each = base // 15
    minute = base * 60 - each
    tens, rest = divmod(frame, minute * 10 + each)
    return each * 9 * tens + each * max(0, (rest - each) // minute)


def segment_views(
    entries: Sequence[models.SegmentDetection],
    types: Sequence[str],
    filters: models.StartSegmentDetectionFilters | None = None,
    rate: float | None = None,
) -> dict[str, list[models.SegmentDetection]]:
    """Return the segments of the requested types, in the order of the types, those of a type by time.

    Without a frame rate, only declared frame numbers and timecodes are returned.
    """
    segments: list[models.SegmentDetection] = []
    for kind in dict.fromkeys(types):
        ordered = sorted(
            (entry for entry in entries if entry.type == kind), key=lambda entry: entry.start_timestamp_millis or 0
        )
        minimum = _min_confidence(kind, filters)
        segments += [
            _complete(entry, index, exact_rate(rate) if rate else None)
            for index, entry in enumerate(ordered)
            if _confidence(entry) >= minimum
        ]
    return {"TIMESTAMP": segments}


def _min_confidence(kind: str, filters: models.StartSegmentDetectionFilters | None) -> float:
    chosen = filters and (filters.shot_filter if kind == _SHOT else filters.technical_cue_filter)
    minimum = chosen.min_segment_confidence if chosen else None
    return MIN_CONFIDENCE if minimum is None else minimum


def _confidence(entry: models.SegmentDetection) -> float:
    detail = entry.shot_segment if entry.type == _SHOT else entry.technical_cue_segment
    return 100.0 if detail is None or detail.confidence is None else detail.confidence


def _complete(entry: models.SegmentDetection, index: int, rate: Fraction | None) -> models.SegmentDetection:
    """Return a declared segment with the missing members computed; declared members are kept."""
    start, end = entry.start_timestamp_millis or 0, entry.end_timestamp_millis or 0
    segment = models.SegmentDetection(
        type=entry.type,
        start_timestamp_millis=start,
        end_timestamp_millis=end,
        duration_millis=end - start,
        technical_cue_segment=entry.technical_cue_segment if entry.type == _CUE else None,
        shot_segment=_shot(entry, index) if entry.type == _SHOT else None,
        start_frame_number=entry.start_frame_number,
        end_frame_number=entry.end_frame_number,
        duration_frames=entry.duration_frames,
        start_timecode_smpte=entry.start_timecode_smpte,
        end_timecode_smpte=entry.end_timecode_smpte,
        duration_smpte=entry.duration_smpte,
    )
    return segment if rate is None else _counted(segment, start, end, rate)


def _counted(segment: models.SegmentDetection, start: int, end: int, rate: Fraction) -> models.SegmentDetection:
    first = first_frame(start, rate) if segment.start_frame_number is None else segment.start_frame_number
    last = first_frame(end, rate) if segment.end_frame_number is None else segment.end_frame_number
    frames = last - first if segment.duration_frames is None else segment.duration_frames
    segment.start_frame_number, segment.end_frame_number, segment.duration_frames = first, last, frames
    segment.start_timecode_smpte = segment.start_timecode_smpte or timecode(first, rate)
    segment.end_timecode_smpte = segment.end_timecode_smpte or timecode(last, rate)
    segment.duration_smpte = segment.duration_smpte or timecode(frames, rate)
    return segment


def _shot(entry: models.SegmentDetection, index: int) -> models.ShotSegment:
    """Return the details of a shot; a shot without a declared number gets its index among all shots."""
    given = entry.shot_segment
    number = index if given is None or given.index is None else given.index
    return models.ShotSegment(index=number, confidence=_confidence(entry))
