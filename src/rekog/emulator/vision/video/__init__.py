"""Videos: facts from their headers, and the frames to analyse. Times are milliseconds from a video's start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ...._values.frozen import Frozen
from ...._values.lazy import LazyModule
from ...._values.public import publish

if TYPE_CHECKING:
    import numpy as np
    from numpy import typing as npt

    from .. import images
else:  # for tools that evaluate annotations; these modules load NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")
    np, npt = LazyModule("numpy"), LazyModule("numpy.typing")

THUMBNAIL_SIZE = (128, 72)
"""Width and height of the thumbnail of a frame."""


class AudioFacts(Frozen, public="rekog.emulator", kw_only=True):
    """Header of an audio stream; only the duration is known of a stream that can't be decoded."""

    codec: str | None = None
    duration_millis: int
    sample_rate: int | None = None
    channels: int | None = None


class VideoFacts(Frozen, public="rekog.emulator", kw_only=True):
    """Headers of a video. `format` is `QuickTime / MOV` or `AVI`, `color_range` FULL, LIMITED or None.

    Width and height are those of the upright frames. They and the `codec` are None if it can't be decoded.
    """

    codec: str | None = None
    duration_millis: int
    format: str
    frame_rate: float
    width: int | None = None
    height: int | None = None
    color_range: str | None = None
    audio: Sequence[AudioFacts] = ()


class Frame(Frozen, public="rekog.emulator"):
    """A frame of a video, with its time in milliseconds from the video's start."""

    timestamp: int
    image: images.DecodedImage


class StreamFrame(Protocol):
    """A frame of a video while the video is decoded: its pixels are converted only when they are requested.

    `timestamp` and `end` are the milliseconds from the video's start at which it appears and disappears.
    """

    @property
    def timestamp(self) -> int:
        """Time at which it appears, rounded down."""
        ...

    @property
    def end(self) -> int:
        """Time at which it disappears, rounded down."""
        ...

    def image(self) -> images.DecodedImage:
        """Return the upright frame."""
        ...

    def thumbnail(self) -> npt.NDArray[np.uint8]:
        """Return the frame as an RGB array of 72 rows and 128 columns; it need not be upright or keep its shape."""
        ...


class VideoReader(Protocol):
    """Reads video files. Several threads may call it at once."""

    def facts(self, file: BinaryIO) -> VideoFacts | None:
        """Return the facts from a file's headers, or None if it is not an MP4, MOV or AVI file with a video stream."""
        ...

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        """Yield the frames to analyse, in their order; of a damaged video, those before the damage."""
        ...


class StreamReader(VideoReader, Protocol):
    """A video reader that yields all frames too, in which segments are detected."""

    def every_frame(self, file: BinaryIO) -> Iterator[StreamFrame]:
        """Yield all frames, in their order; of a damaged video, those before the damage."""
        ...


publish("rekog.emulator", StreamFrame, StreamReader, VideoReader)
