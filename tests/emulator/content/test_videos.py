"""Content of a video: facts of the file, completed by the declaration, and the limits of its size and length."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from rekog.emulator.content.videos import VideoContent
from rekog.emulator.state import State
from rekog.emulator.state.rows import truth
from rekog.emulator.vision.video import VideoFacts
from rekog.models import S3Object, VideoMetadata
from tests.kit.clock import NOW
from tests.kit.contexts import context_and_worker

if TYPE_CHECKING:
    from rekog.emulator.context import Context

NAME = "s3://videos/trip.mp4"
DECLARED = {
    "Codec": "declared", "DurationMillis": 1, "Format": "declared", "FrameRate": 2.0, "FrameHeight": 3,
    "FrameWidth": 4, "ColorRange": "FULL",
}  # fmt: skip
FACTS = {"codec": "h264", "height": 5, "width": 6, "color_range": "LIMITED"}
MEMBERS = {"height": "frame_height", "width": "frame_width"}


@pytest.fixture
def context() -> Iterator[Context]:
    with closing(State()) as state:
        yield context_and_worker(state, lambda: NOW)[0]


def metadata(context: Context, facts: VideoFacts | None) -> VideoMetadata | None:
    return VideoContent(context, S3Object(bucket="videos", name="trip.mp4"), [NAME], facts).metadata()


@pytest.mark.parametrize("missing", [None, *FACTS])
def test_a_fact_that_the_file_lacks_is_the_declared_one(context: Context, missing: str | None) -> None:
    with context.state.write() as connection:
        truth.put(connection, NAME, {"video": DECLARED})
    known = {name: value for name, value in FACTS.items() if name != missing}
    facts = VideoFacts(duration_millis=7, format="AVI", frame_rate=8.0, **known)  # type: ignore[arg-type]  # of FACTS
    expected = VideoMetadata(
        codec="h264", duration_millis=7, format="AVI", frame_rate=8.0, frame_height=5, frame_width=6,
        color_range="LIMITED",
    )  # fmt: skip
    declared = VideoMetadata(codec="declared", frame_height=3, frame_width=4, color_range="FULL")
    if missing is not None:
        member = MEMBERS.get(missing, missing)
        setattr(expected, member, getattr(declared, member))
    assert metadata(context, facts) == expected


def test_without_a_declaration_a_video_has_the_facts_of_its_file_only(context: Context) -> None:
    assert metadata(context, None) is None
    facts = VideoFacts(duration_millis=7, format="AVI", frame_rate=8.0)
    assert metadata(context, facts) == VideoMetadata(duration_millis=7, format="AVI", frame_rate=8.0)
