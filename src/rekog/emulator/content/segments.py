"""Shots and technical cues of videos.

Shots and black frames are seen in the file. End credits, opening credits, colour bars, slates, studio logos and the
beginning and end of the content are not: only a declaration has them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from ... import models
from ..vision import needs_extra
from .analysis import VideoAnalysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..vision.video.black_frames import BlackLimits, BlackStretch
    from ..vision.video.moments import Moment
    from ..vision.video.shots import Shot
    from .videos import VideoContent

MIN_CONFIDENCE = 50.0
"""The service reports no segment of a lower confidence."""


def video_segments(black_frame: models.BlackFrame | None = None) -> VideoAnalysis[models.SegmentDetection]:
    """Return the analysis of segments by the limits of a request; without them, by the service's own."""
    return attrs.evolve(VIDEO_SEGMENTS, watch=partial(_watch, black_frame=black_frame))


def _watch(
    content: VideoContent, operation: str, black_frame: models.BlackFrame | None = None
) -> Iterator[models.SegmentDetection]:
    """Yield the shots and the black frames of a video, each as soon as its end is certain."""
    with needs_extra():
        from ..vision.video.black_frames import BlackStretches
        from ..vision.video.moments import Moment
        from ..vision.video.shots import Shots

    shots, black = Shots(), BlackStretches(_limits(black_frame))
    end = Moment(0, 0)
    for number, frame in enumerate(content.every_frame(operation)):
        moment, thumbnail = Moment(number, frame.timestamp), frame.thumbnail()
        yield from map(_shot, shots.add(moment, thumbnail))
        yield from map(_black, black.add(moment, thumbnail))
        end = Moment(number + 1, frame.end)
    yield from map(_shot, shots.finish(end))
    yield from map(_black, black.finish(end))


def _limits(black_frame: models.BlackFrame | None) -> BlackLimits:
    from ..vision.video.black_frames import BlackLimits

    given = black_frame or models.BlackFrame()
    chosen = {"pixel": given.max_pixel_threshold, "coverage": given.min_coverage_percentage}
    return BlackLimits(**{name: value for name, value in chosen.items() if value is not None})


def _shot(shot: Shot) -> models.SegmentDetection:
    # the answer counts the shots of the video, those below the minimum confidence of the request included
    return _segment(
        models.SegmentType.SHOT, shot.start, shot.end, shot_segment=models.ShotSegment(confidence=shot.confidence)
    )


def _black(stretch: BlackStretch) -> models.SegmentDetection:
    cue = models.TechnicalCueSegment(
        type=models.TechnicalCueType.BLACK_FRAMES, confidence=max(MIN_CONFIDENCE, stretch.coverage)
    )
    return _segment(models.SegmentType.TECHNICAL_CUE, stretch.start, stretch.end, technical_cue_segment=cue)


def _segment(
    kind: models.SegmentType,
    start: Moment,
    end: Moment,
    *,
    shot_segment: models.ShotSegment | None = None,
    technical_cue_segment: models.TechnicalCueSegment | None = None,
) -> models.SegmentDetection:
    return models.SegmentDetection(
        type=kind,
        start_timestamp_millis=start.millis,
        end_timestamp_millis=end.millis,
        start_frame_number=start.frame,
        end_frame_number=end.frame,
        shot_segment=shot_segment,
        technical_cue_segment=technical_cue_segment,
    )


VIDEO_SEGMENTS = VideoAnalysis(capability="segments", model=models.SegmentDetection, watch=_watch)
