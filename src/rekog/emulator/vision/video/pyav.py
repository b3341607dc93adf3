"""Video reader on PyAV, which contains FFmpeg.

docs/design/video.md gives the reasons for an extra of its own (`rekog[video]`), and PyAV's licence.

A file is opened as MP4, MOV or AVI by its first bytes, and as nothing else. FFmpeg knows four hundred more formats, and
some of them name further files, URLs or UDP ports to open: a playlist that is stored as a video must not make the
emulator fetch anything. FFmpeg gets a nameless object to read from, and may use no protocol.

Two frames a second are analysed: those on screen every half second. Recorded responses of the service have face
detections at 0, 467, 967 and 1468 ms of a video with 29.97 frames a second, and at 480, 1000 and 1480 ms with 25, which
is the frame floor(k * rate / 2). Of a long video fewer frames are analysed, spread evenly, so that the work of a job is
limited; they are taken from the key frames only, which can be decoded by themselves.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.error import FFmpegError
from av.stream import Disposition
from av.video.reformatter import Interpolation, VideoReformatter

from ... import refusals
from ..images import KEPT_PIXELS, kept_size, scaled_down
from ..pixel_budget import BUDGET
from . import THUMBNAIL_SIZE, AudioFacts, Frame, VideoFacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from av.audio.codeccontext import AudioCodecContext
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from ..images import DecodedImage

FRAMES_A_SECOND = 2
MAX_FRAMES = 240
MAX_SIDE = 10_000
"""Pixels of a frame, the limit for images: a file of 300 kB may have frames of 16,000 x 16,000."""

_MOV_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid")
_AVI_KINDS = (b"AVI ", b"AVIX", b"AVI\x19")
_FORMATS = {"mov": "QuickTime / MOV", "avi": "AVI"}
"""The service's name for a container, by FFmpeg's. Recorded responses have the first one for MP4 as well."""
_OPTIONS = {"format_whitelist": "mov,avi", "protocol_whitelist": "none", "max_pixels": str(MAX_SIDE * MAX_SIDE)}
_START_BYTES = 12
_PACKETS_TO_TRY = 64
"""Packets until the first decoded frame: more than any decoder delays, and less than a damaged file may have."""
_TOLERANCE = 0.05
"""Milliseconds by which times are inexact: 499.99 counts as 500."""
_LIMITED, _FULL = 1, 2
"""FFmpeg's numbers for the two ranges of luma (AVCOL_RANGE_MPEG and AVCOL_RANGE_JPEG)."""


class PyAvReader:
    """Reads MP4, MOV and AVI files whose codec FFmpeg can decode."""

    def facts(self, file: BinaryIO) -> VideoFacts | None:
        """Return the facts from a file's headers, or None if it is not an MP4, MOV or AVI file with a video stream."""
        form = _format(file)
        if form is None:
            return None
        try:
            with _open(file, form) as container:
                return _facts(container, form)
        except (FFmpegError, ValueError):
            return None

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        """Yield the frames to analyse, in their order; of a damaged video, those before the damage."""
        form = _format(file)
        if form is None:
            return
        try:
            with _open(file, form) as container:
                yield from _frames(container)
        except (FFmpegError, ValueError):
            return

    def every_frame(self, file: BinaryIO) -> Iterator[PyAvFrame]:
        """Yield all frames, in their order; of a damaged video, those before the damage."""
        form = _format(file)
        if form is None:
            return
        try:
            with _open(file, form) as container:
                yield from _every_frame(container)
        except (FFmpegError, ValueError):
            return


class PyAvFrame:
    """A decoded frame; its pixels are converted when they are requested."""

    def __init__(self, frame: VideoFrame, start: Fraction, length: Fraction, converter: VideoReformatter) -> None:
        self.timestamp: int = int(start * 1000)
        self.end: int = int((start + length) * 1000)
        self._frame = frame
        self._converter = converter

    def image(self) -> DecodedImage:
        """Return the upright frame."""
        return _image(self._frame)

    def thumbnail(self) -> NDArray[np.uint8]:
        """Return the frame as a small RGB array, each pixel the mean of those that it replaces."""
        width, height = THUMBNAIL_SIZE
        small = self._converter.reformat(self._frame, width, height, "rgb24", interpolation=Interpolation.AREA)
        return np.asarray(small.to_ndarray(), np.uint8)


class _Nameless:
    """A file without its name, by which FFmpeg might guess a format or find files beside it."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def _format(file: BinaryIO) -> str | None:
    """Return FFmpeg's name of the container that the first bytes announce, or None for any other file."""
    start = file.read(_START_BYTES)
    file.seek(0)
    if start[:4] == b"RIFF" and start[8:] in _AVI_KINDS:
        return "avi"
    return "mov" if start[4:8] in _MOV_BOXES else None


def _open(file: BinaryIO, form: str) -> InputContainer:
    # the options go to the demuxer, and to the decoders that look for missing headers
    return av.open(_Nameless(file), "r", format=form, options=_OPTIONS, metadata_errors="replace")


def _facts(container: InputContainer, form: str) -> VideoFacts | None:
    stream = _video(container)
    if stream is None:
        return None
    duration, rate = _duration(container, stream), float(_rate(stream))
    audio = [_audio(container, sound) for sound in container.streams.audio]
    decoder = _video_decoder(stream)
    if decoder is None:
        return VideoFacts(duration_millis=duration, format=_FORMATS[form], frame_rate=rate, audio=audio)
    codec, color_range = decoder.name, {_LIMITED: "LIMITED", _FULL: "FULL"}.get(int(decoder.color_range or 0))
    width, height = _upright_size(container, stream, decoder)
    return VideoFacts(
        codec=codec,
        duration_millis=duration,
        format=_FORMATS[form],
        frame_rate=rate,
        width=width or None,
        height=height or None,
        color_range=color_range,
        audio=audio,
    )


def _audio(container: InputContainer, stream: AudioStream) -> AudioFacts:
    # cast: None if FFmpeg has no decoder, which PyAV's stubs leave out
    decoder = cast("AudioCodecContext | None", stream.codec_context)
    duration = _duration(container, stream)
    if decoder is None:
        return AudioFacts(duration_millis=duration)
    return AudioFacts(
        codec=decoder.name,
        duration_millis=duration,
        sample_rate=decoder.sample_rate,
        channels=decoder.channels,
    )


def _video(container: InputContainer) -> VideoStream | None:
    """Return the first video stream that is no attached image, such as the cover of an album."""
    return next(
        (each for each in container.streams.video if not each.disposition & Disposition.attached_pic),
        None,
    )


def _video_decoder(stream: VideoStream) -> VideoCodecContext | None:
    # cast: None if FFmpeg has no decoder, which PyAV's stubs leave out
    decoder = cast("VideoCodecContext | None", stream.codec_context)
    if decoder is not None:
        decoder.options = {"max_pixels": _OPTIONS["max_pixels"]}  # a frame may be larger than the headers say
    return decoder


def _upright_size(container: InputContainer, stream: VideoStream, decoder: VideoCodecContext) -> tuple[int, int]:
    """Return width and height of the frames as they are analysed: turned by the file's display matrix.

    PyAV gives the matrix with a decoded frame only.
    """
    size = decoder.width, decoder.height
    try:
        for packet in islice(container.demux(stream), _PACKETS_TO_TRY):
            for frame in packet.decode():
                return (frame.height, frame.width) if frame.rotation % 180 == 90 else (frame.width, frame.height)
    except (FFmpegError, ValueError):  # the headers are those of a video, even if its frames are damaged
        pass
    return size


def _duration(container: InputContainer, stream: Stream) -> int:
    """Return milliseconds, rounded down."""
    if stream.duration is not None and stream.time_base is not None:
        return int(stream.duration * stream.time_base * 1000)
    return int((container.duration or 0) / 1000)  # a container's duration is in microseconds


def _rate(stream: VideoStream) -> Fraction:
    return Fraction(stream.average_rate or stream.base_rate or 0)


def _frames(container: InputContainer) -> Iterator[Frame]:
    stream = _decodable(container)
    if stream is None:
        return
    duration = _duration(container, stream)
    step = max(1000 / FRAMES_A_SECOND, duration / MAX_FRAMES)
    if step > 1000 / FRAMES_A_SECOND:
        stream.codec_context.skip_frame = "NONKEY"
    for time, frame in _on_screen(_timed(container, stream), step, duration):
        _check_size(frame.width, frame.height)
        yield Frame(int(time), _image(frame))


def _every_frame(container: InputContainer) -> Iterator[PyAvFrame]:
    stream = _decodable(container)
    if stream is None:
        return
    rate, converter = _rate(stream), VideoReformatter()
    usual = 1 / rate if rate else Fraction()
    first: int | None = None
    for frame in container.decode(stream):
        if frame.pts is None or frame.time_base is None:
            continue
        _check_size(frame.width, frame.height)
        first = frame.pts if first is None else first
        start, length = (frame.pts - first) * frame.time_base, frame.duration * frame.time_base
        yield PyAvFrame(frame, start, length or usual, converter)


def _decodable(container: InputContainer) -> VideoStream | None:
    """Return the video stream, prepared for decoding, or None without a decoder; refuse frames that are too large."""
    stream = _video(container)
    decoder = None if stream is None else _video_decoder(stream)
    if stream is None or decoder is None:
        return None
    _check_size(decoder.width, decoder.height)
    large = decoder.width * decoder.height > KEPT_PIXELS
    stream.thread_type = "SLICE" if large else "AUTO"  # AUTO decodes several frames at once, which are all in memory
    return stream


def _timed(container: InputContainer, stream: VideoStream) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Yield the frames with their exact times in milliseconds from the first one."""
    first: int | None = None
    for frame in container.decode(stream):
        if frame.pts is not None and frame.time_base is not None:
            first = frame.pts if first is None else first
            # exact, because a frame at 633.97 ms has the time 633, and one at 500 not 499
            yield (frame.pts - first) * frame.time_base * 1000, frame


def _on_screen(
    frames: Iterator[tuple[Fraction, VideoFrame]], step: float, end: float
) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Yield the frames that are on screen every `step` milliseconds, each once; the last one stays until the end."""
    shown: tuple[Fraction, VideoFrame] | None = None
    due = 0.0
    for time, frame in frames:
        if shown is not None and time > due + _TOLERANCE:
            yield shown
            due = math.ceil((float(time) - _TOLERANCE) / step) * step
        shown = time, frame
    if shown is not None and (due < end - _TOLERANCE or due <= shown[0] + _TOLERANCE):
        yield shown


def _check_size(width: int, height: int) -> None:
    if not 0 < max(width, height) <= MAX_SIDE:
        # FFmpeg gives a size of 0 if the headers have none and the first frame is larger than `max_pixels`
        size = f"{width} x {height} pixels" if width else "damaged or too large"
        raise refusals.not_served(
            f"the video's frames are {size}, and this emulator analyses frames of at most {MAX_SIDE} pixels a side. "
            "Declare the content of the video instead."
        )


def _image(frame: VideoFrame) -> DecodedImage:
    width, height = kept_size(frame.width, frame.height)
    with BUDGET.reserve(frame.width * frame.height):
        pixels = np.asarray(frame.to_ndarray(format="bgr24", width=width, height=height), np.uint8)
    # degrees counter-clockwise by which a player turns the frame
    turns = frame.rotation % 360 // 90 if frame.rotation % 90 == 0 else 0
    size = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
    return scaled_down(np.ascontiguousarray(np.rot90(pixels, turns)), *size)
