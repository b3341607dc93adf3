"""Videos: what their headers tell, and the frames to look at. Times are milliseconds from a video's start."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from .images import DecodedImage


class AudioFacts(NamedTuple):
    """One audio stream's header."""

    codec: str
    duration_millis: int
    sample_rate: int
    channels: int


class VideoFacts(NamedTuple):
    """What a video's headers tell. `format` is MP4, MOV or AVI, `color_range` FULL, LIMITED or None."""

    codec: str
    duration_millis: int
    format: str
    frame_rate: float
    width: int
    height: int
    color_range: str | None
    audio: Sequence[AudioFacts]


class Frame(NamedTuple):
    """A picture of a video, and when it is shown, in milliseconds from the video's start."""

    timestamp: int
    image: DecodedImage


class VideoReader(Protocol):
    """Reads video files. It may be called from several threads at once."""

    def facts(self, file: BinaryIO) -> VideoFacts | None:
        """Return what a file's headers tell, or None for what is no MP4, MOV or AVI with a video in it."""
        ...

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        """Yield the frames to look at, in their order; of a damaged video, those before the damage."""
        ...
