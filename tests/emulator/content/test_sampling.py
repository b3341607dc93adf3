"""Which frames of a video each kind of job analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from rekog.emulator.content.sampling import LABELS, MAX_FRAMES, PERSONS, TEXT, Sampling, sampled, sampling_of
from rekog.emulator.vision.video import VideoFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rekog.emulator.vision.images import DecodedImage


class Numbered(NamedTuple):
    """A frame that is known by its number, without pixels."""

    timestamp: int
    end: int

    def image(self) -> DecodedImage:
        raise NotImplementedError

    def thumbnail(self) -> NDArray[np.uint8]:
        raise NotImplementedError


def facts(millis: int, rate: float) -> VideoFacts:
    return VideoFacts(duration_millis=millis, format="AVI", frame_rate=rate)


def numbers(sampling: Sampling, count: int, rate: float) -> list[int]:
    frames = [Numbered(number, number + 1) for number in range(count)]
    return [frame.timestamp for frame in sampled(frames, sampling, facts(int(count / rate * 1000), rate))]


@pytest.mark.parametrize(
    ("sampling", "rate", "expected"),
    [
        (LABELS, 24_000 / 1001, [0, 12, 24, 36, 48]),  # recorded of the service
        (TEXT, 25.0, [1, 26]),  # recorded of the service: one a second, from frame 1
        (PERSONS, 25.0, [*range(0, 50, 2)]),  # recorded of the service
    ],
)
def test_the_frames_are_those_of_recorded_responses(sampling: Sampling, rate: float, expected: list[int]) -> None:
    assert numbers(sampling, 50, rate) == expected


@pytest.mark.parametrize("sampling", [LABELS, TEXT, PERSONS])
@pytest.mark.parametrize("rate", [0.5, 10.0, 60.0])
def test_a_long_video_is_sampled_more_thinly(sampling: Sampling, rate: float) -> None:
    assert len(numbers(sampling, int(110 * rate), rate)) <= MAX_FRAMES


@pytest.mark.parametrize("sampling", [LABELS, TEXT, PERSONS])
def test_a_video_of_one_frame_is_analysed(sampling: Sampling) -> None:
    assert numbers(sampling, 1, 25.0) == [0]
    assert numbers(sampling, 0, 25.0) == []


@pytest.mark.parametrize(
    ("operation", "millis", "expected"),
    [
        ("StartLabelDetection", 120_000, LABELS),
        ("StartLabelDetection", 120_001, None),  # key frames only
        ("StartFaceDetection", 1000, None),  # the frames on screen every half second
    ],
)
def test_other_videos_have_the_frames_that_the_reader_chooses(
    operation: str, millis: int, expected: Sampling | None
) -> None:
    assert sampling_of(operation, facts(millis, 25.0)) is expected


def test_a_video_without_a_frame_rate_has_the_frames_that_the_reader_chooses() -> None:
    assert sampling_of("StartLabelDetection", facts(1000, 0.0)) is None
