"""Video reader on PyAV, which contains FFmpeg.

docs/design/video.md gives the reasons for an extra of its own (`rekog[video]`), and PyAV's licence.

Two frames a second are analysed. The service does not document which frames it analyses, only that times need not be
those of a first frame exactly. Of a long video fewer frames are analysed, spread evenly, so that the work of a job is
limited; they are taken from the key frames only, which can be decoded by themselves.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.error import FFmpegError
from PIL import Image

from .images import DecodedImage
from .video import AudioFacts, Frame, VideoFacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from av.container import InputContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

FRAMES_A_SECOND = 2
MAX_FRAMES = 240

_FORMATS = {"mp4": "MP4", "mov": "MOV", "avi": "AVI"}
_QUICKTIME_BRAND = "qt"
_TOLERANCE = 0.5
"""Milliseconds that a frame may be early: 499.99 counts as 500."""
_LIMITED, _FULL = 1, 2
"""FFmpeg's numbers for the two ranges of luma (AVCOL_RANGE_MPEG and AVCOL_RANGE_JPEG)."""


class PyAvReader:
    """Reads the videos that FFmpeg can read."""

    def facts(self, file: BinaryIO) -> VideoFacts | None:
        """Return the facts from a file's headers, or None if it is not an MP4, MOV or AVI file with a video stream."""
        try:
            with av.open(file, "r") as container:
                return _facts(container)
        except (FFmpegError, ValueError):
            return None

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        """Yield the frames to analyse, in their order; of a damaged video, those before the damage."""
        try:
            with av.open(file, "r") as container:
                yield from _frames(container)
        except (FFmpegError, ValueError):
            return


def _facts(container: InputContainer) -> VideoFacts | None:
    form = _format(container)
    if form is None or not container.streams.video:
        return None
    stream = container.streams.video[0]
    width, height = stream.codec_context.width, stream.codec_context.height
    return VideoFacts(
        codec=stream.codec_context.name,
        duration_millis=_duration(container, stream),
        format=form,
        frame_rate=float(_rate(stream)),
        width=width,
        height=height,
        color_range={_LIMITED: "LIMITED", _FULL: "FULL"}.get(int(stream.codec_context.color_range or 0)),
        audio=[
            AudioFacts(
                codec=sound.codec_context.name,
                duration_millis=_duration(container, sound),
                sample_rate=sound.codec_context.sample_rate,
                channels=sound.codec_context.channels,
            )
            for sound in container.streams.audio
        ],
    )


def _format(container: InputContainer) -> str | None:
    names = container.format.name.split(",")
    if "mov" in names:
        brand = str(container.metadata.get("major_brand", "")).strip()
        return _FORMATS["mov" if brand in ("", _QUICKTIME_BRAND) else "mp4"]
    return next((_FORMATS[name] for name in names if name in _FORMATS), None)


def _duration(container: InputContainer, stream: Stream) -> int:
    """Return milliseconds, rounded down."""
    if stream.duration is not None and stream.time_base is not None:
        return int(stream.duration * stream.time_base * 1000)
    return int((container.duration or 0) / 1000)  # a container's duration is in microseconds


def _rate(stream: VideoStream) -> Fraction:
    return Fraction(stream.average_rate or stream.base_rate or 0)


def _frames(container: InputContainer) -> Iterator[Frame]:
    if _format(container) is None or not container.streams.video:
        return
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    step = max(1000 / FRAMES_A_SECOND, _duration(container, stream) / MAX_FRAMES)
    if step > 1000 / FRAMES_A_SECOND:
        stream.codec_context.skip_frame = "NONKEY"
    due = 0.0
    first: float | None = None
    for frame in container.decode(stream):
        if frame.pts is None:
            continue
        first = frame.time if first is None else first
        time = (frame.time - first) * 1000
        if time >= due - _TOLERANCE:
            yield Frame(int(time + _TOLERANCE), _image(frame))
            due = ((time + _TOLERANCE) // step + 1) * step


def _image(frame: VideoFrame) -> DecodedImage:
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    turned = frame.rotation % 360  # degrees counter-clockwise by which a player turns the frame
    turns = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
    return DecodedImage(image.transpose(turns[turned]) if turned in turns else image)
