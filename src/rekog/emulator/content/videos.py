"""Content of a stored video: declared for its object, or read from the file itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple, TypeGuard, TypeVar, cast

from ... import models
from ..._core.wire import from_wire
from ..._values.narrow import is_mapping
from .. import refusals
from ..refusals import RefusalError
from ..state.rows import truth
from ..truth.capabilities import is_timed
from ..truth.names import object_name
from ..vision import needs_extra
from .declared import declaring
from .sampling import sampled, sampling_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from ..context import Context
    from ..vision.video import Frame, StreamFrame, StreamReader, VideoFacts, VideoReader
    from .declared import Entries

    AnyFrame = TypeVar("AnyFrame", Frame, StreamFrame)

_CHUNK = 1 << 20
_TIMED = ("faces", "labels", "text", "moderation", "celebrities")
"""Capabilities that can be declared for an image as well as for a video."""


def _no_progress(_millis: int) -> None: ...


class VideoContent(NamedTuple):
    """A video of a job: the names under which content may be declared, and its headers' facts, if readable.

    `detections` are those of an earlier analysis of its frames, if there was one. `progress` is called with the time of
    each frame that is read.
    """

    context: Context
    location: models.S3Object
    names: list[str]
    facts: VideoFacts | None
    detections: Sequence[Mapping[str, object]] | None = None
    progress: Callable[[int], None] = _no_progress

    @property
    def digest(self) -> str:
        """The name made from the bytes themselves."""
        return self.names[0]

    def declared(self, capability: str) -> Entries | None:
        """Return the declared entries of a capability, or None if nothing is declared."""
        entries = cast("Entries | None", self._find(capability))  # cast: only lists are stored
        if entries and capability in _TIMED and not all(is_timed(entry) for entry in entries):
            raise refusals.not_served(f"the {capability} declared for this object are those of an image")
        return entries

    def metadata(self) -> models.VideoMetadata | None:
        """Return codec, length and so on from the file's headers, completed by the declaration."""
        entry = self._find("video")
        declared = from_wire(models.VideoMetadata, entry) if is_mapping(entry) else None
        if self.facts is None:
            return declared
        other = declared or models.VideoMetadata()
        return models.VideoMetadata(
            codec=self.facts.codec or other.codec,
            duration_millis=self.facts.duration_millis,
            format=self.facts.format,
            frame_rate=self.facts.frame_rate,
            frame_height=self.facts.height or other.frame_height,
            frame_width=self.facts.width or other.frame_width,
            color_range=self.facts.color_range or other.color_range,
        )

    def audio(self) -> list[models.AudioMetadata]:
        """Return the audio streams from the file's headers, or else from the declaration."""
        if self.facts is None:
            return [from_wire(models.AudioMetadata, entry) for entry in self.declared("audio") or []]
        return [
            models.AudioMetadata(
                codec=stream.codec,
                duration_millis=stream.duration_millis,
                sample_rate=stream.sample_rate,
                number_of_channels=stream.channels,
            )
            for stream in self.facts.audio
        ]

    def frames(self, operation: str) -> Iterator[Frame]:
        """Yield the frames to analyse for an operation, or refuse a file that cannot be decoded."""
        reader, facts = self._reader(operation)
        sampling = sampling_of(operation, facts)
        if sampling is None or not _has_every_frame(reader):
            yield from self._read(operation, reader.frames)
            return
        with needs_extra():
            from ..vision.video import Frame
        for frame in sampled(self._read(operation, reader.every_frame), sampling, facts):
            yield Frame(frame.timestamp, frame.image())

    def every_frame(self, operation: str) -> Iterator[StreamFrame]:
        """Yield all frames, or refuse a file that cannot be decoded."""
        reader, _ = self._reader(operation)
        if not _has_every_frame(reader):
            raise refusals.not_served(
                f"{operation}: the video_reader of this emulator has no method every_frame, which yields all frames. "
                f"Declare the content of the video with {declaring(f'{self.names[-1]!r}, ...')}"
            )
        yield from self._read(operation, reader.every_frame)

    def _reader(self, operation: str) -> tuple[VideoReader, VideoFacts]:
        with needs_extra():
            reader = self.context.vision.video_reader
        if self.facts is None or self.facts.codec is None:
            raise self._undecodable(operation)
        return reader, self.facts

    def _read(self, operation: str, read: Callable[[BinaryIO], Iterator[AnyFrame]]) -> Iterator[AnyFrame]:
        self.context.worker.raise_if_closed()
        frames = 0
        with _open(self.context, self.location) as file:
            for frame in read(file):
                self.context.worker.raise_if_closed()
                self.progress(frame.timestamp)
                yield frame
                frames += 1
        if not frames:
            raise self._undecodable(operation)

    def _undecodable(self, operation: str) -> RefusalError:
        return refusals.not_served(
            f"{operation}: this emulator can't decode the video and does not make up values. "
            f"Declare its content with {declaring(f'{self.names[-1]!r}, ...')}"
        )

    def _find(self, capability: str) -> object:
        with self.context.state.read() as connection:
            return truth.find(connection, self.names, capability)


def _has_every_frame(reader: VideoReader) -> TypeGuard[StreamReader]:
    """Return whether a reader yields all frames; one that was written for frames to analyse only does not."""
    return callable(getattr(reader, "every_frame", None))


def undeclared(operation: str, capability: str) -> RefusalError:
    """Return the error for content that is not declared and that no detector sees in a video."""
    remedy = declaring(f"'s3://BUCKET/KEY', {capability}=[...]")
    return refusals.not_served(
        f"{operation}: this emulator can't detect the {capability} of a video and does not make up values. "
        f"Declare them with {remedy}, each with its Timestamp; "
        "an empty list says that there are none."
    )


def open_video(context: Context, video: models.Video) -> VideoContent:
    """Return the content of a request's video; refuse the video as the service does."""
    location = video.s3_object
    if location is None or not location.bucket or not location.name:
        raise refusals.object_unreadable()
    with _open(context, location) as file:
        size = file.seek(0, 2)
        if size > context.limits.video_bytes:
            raise refusals.video_bytes(size, context.limits.video_bytes)
        file.seek(0)
        digest = _digest(file)
        file.seek(0)
        facts = _facts(context, file)
    content = VideoContent(context, location, [digest, object_name(location.bucket, location.name)], facts)
    metadata = content.metadata()
    seconds = ((metadata.duration_millis if metadata else None) or 0) / 1000
    if seconds > context.limits.video_seconds:
        raise refusals.video_length(seconds, context.limits.video_seconds)
    return content


def _open(context: Context, location: models.S3Object) -> BinaryIO:
    return context.objects.open(str(location.bucket), str(location.name), location.version)


def _digest(file: BinaryIO) -> str:
    """Return the name of declarations for these bytes."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def _facts(context: Context, file: BinaryIO) -> VideoFacts | None:
    try:
        with needs_extra():
            reader = context.vision.video_reader
    except RefusalError:  # without the video packages only declared metadata is known
        return None
    return reader.facts(file)
