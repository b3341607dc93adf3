"""Videos: facts from their headers, and the frames to analyse. Times are milliseconds from a video's start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ..._values.frozen import Frozen
from ..._values.lazy import LazyModule
from ..._values.public import publish

if TYPE_CHECKING:
    from . import images
else:  # for tools that evaluate annotations; the module loads NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")


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


class VideoReader(Protocol):
    """Reads video files. Several threads may call it at once."""

    def facts(self, file: BinaryIO) -> VideoFacts | None:
        """Return the facts from a file's headers, or None if it is not an MP4, MOV or AVI file with a video stream."""
        ...

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        """Yield the frames to analyse, in their order; of a damaged video, those before the damage."""
        ...


publish("rekog.emulator", VideoReader)
