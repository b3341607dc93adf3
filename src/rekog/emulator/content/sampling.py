"""Frames of a video that each kind of job analyses, as recorded responses of the service show them.

Faces, moderation labels and celebrities are those of the frames that are on screen every half second, which the reader
of videos yields itself. The other kinds have every n-th frame. At most 240 frames are analysed, so the frames of a
longer video are further apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..vision.video import StreamFrame, VideoFacts

MAX_FRAMES = 240
MAX_SECONDS = 120
"""Length of a video up to which all frames are decoded; of a longer one, key frames only."""


class Sampling(NamedTuple):
    """The first frame and the distance of the following ones, in frames or in seconds."""

    first: int = 0
    frames: int = 0
    seconds: float = 0.0

    def step(self, rate: float, millis: int) -> int:
        """Return the distance in frames for a video of this frame rate and length.

        >>> LABELS.step(23.976, 10_000), TEXT.step(25.0, 10_000), PERSONS.step(25.0, 60_000)
        (12, 25, 7)
        """
        return max(self.frames or round(self.seconds * rate), math.ceil(rate * millis / 1000 / MAX_FRAMES), 1)


LABELS = Sampling(seconds=0.5)
TEXT = Sampling(first=1, seconds=1.0)
PERSONS = Sampling(frames=2)

SAMPLINGS: Mapping[str, Sampling] = {
    "StartLabelDetection": LABELS,
    "StartTextDetection": TEXT,
    "StartPersonTracking": PERSONS,
}
"""By operation; for all others, the frames on screen every half second."""


def sampling_of(operation: str, facts: VideoFacts) -> Sampling | None:
    """Return the sampling of an operation, or None for the frames that the reader chooses."""
    return SAMPLINGS.get(operation) if facts.duration_millis <= MAX_SECONDS * 1000 and facts.frame_rate else None


def sampled(frames: Iterable[StreamFrame], sampling: Sampling, facts: VideoFacts) -> Iterator[StreamFrame]:
    """Yield the frames to analyse of all frames: at least one, if there is any."""
    step = sampling.step(facts.frame_rate, facts.duration_millis)
    last, count = None, 0
    for count, last in enumerate(frames, 1):
        if count > sampling.first and (count - 1 - sampling.first) % step == 0:
            yield last
    if last is not None and count <= sampling.first:
        yield last
