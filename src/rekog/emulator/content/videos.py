"""What a stored video contains: what was declared about its object, and what can be read from the file itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from ... import models
from ..._core.wire import from_wire, to_wire
from ..._values.narrow import is_mapping
from .. import refusals
from ..refusals import RefusalError
from ..state.rows import truth
from ..truth.declaring import is_timed, object_name
from ..vision import needs_extra

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from ..._values.model import Model
    from ..context import Context
    from ..vision.video import Frame, VideoFacts
    from .declared import Entries

M = TypeVar("M", bound="Model")
_CHUNK = 1 << 20


class Sight(NamedTuple):
    """A video as a job sees it: the names it may have been declared under, and what its headers tell, if readable.

    `seen` is what was seen in its frames before, if they were looked at.
    """

    context: Context
    place: models.S3Object
    names: list[str]
    facts: VideoFacts | None
    seen: Sequence[Mapping[str, object]] | None = None

    @property
    def content(self) -> str:
        """The name that the bytes themselves have."""
        return self.names[0]

    def declared(self, capability: str) -> Entries | None:
        """Return what was declared of a capability, or None if nothing was."""
        found = cast("Entries | None", self._find(capability))  # cast: only lists are kept
        if found and capability in _TIMED and not all(is_timed(entry) for entry in found):
            raise refusals.not_served(f"the {capability} that are declared for this object are those of a picture")
        return found

    def known(self, model: type[M], capability: str, operation: str) -> list[M]:
        """Return what was declared of a capability that nothing here can see, or refuse."""
        found = self.declared(capability)
        if found is None:
            raise undeclared(operation, capability)
        return [from_wire(model, entry) for entry in found]

    def metadata(self) -> models.VideoMetadata | None:
        """Return codec, length and so on from the file's headers; what they don't tell, from the declaration."""
        said = self._find("video")
        told = from_wire(models.VideoMetadata, said) if is_mapping(said) else None
        if self.facts is None:
            return told
        return models.VideoMetadata(
            codec=self.facts.codec,
            duration_millis=self.facts.duration_millis,
            format=self.facts.format,
            frame_rate=self.facts.frame_rate,
            frame_height=self.facts.height,
            frame_width=self.facts.width,
            color_range=self.facts.color_range or (told.color_range if told else None),
        )

    def audio(self) -> list[models.AudioMetadata]:
        """Return the audio streams by the file's headers, or else by the declaration."""
        if self.facts is None:
            return [from_wire(models.AudioMetadata, entry) for entry in self.declared("audio") or []]
        return [
            models.AudioMetadata(
                codec=sound.codec,
                duration_millis=sound.duration_millis,
                sample_rate=sound.sample_rate,
                number_of_channels=sound.channels,
            )
            for sound in self.facts.audio
        ]

    def frames(self, operation: str) -> Iterator[Frame]:
        """Yield the frames to look at, or refuse a file that can't be decoded."""
        with needs_extra():
            reader = self.context.vision.video_reader
        if self.facts is None:
            raise refusals.not_served(
                f"{operation}: this emulator can't decode the video, and nothing was declared about it. "
                f"Say what it contains: Emulator.declare({self.names[-1]!r}, ...)"
            )
        with _open(self.context, self.place) as file:
            for frame in reader.frames(file):
                self.context.worker.check()
                yield frame

    def _find(self, capability: str) -> object:
        with self.context.state.read() as connection:
            return truth.find(connection, self.names, capability)


_TIMED = ("faces", "labels", "text", "moderation", "celebrities")
"""What can be declared of a picture as well as of a video."""


def undeclared(operation: str, capability: str) -> RefusalError:
    """Return the refusal of what nothing here can see in a video and nobody declared."""
    return refusals.not_served(
        f"{operation}: this emulator can't tell the {capability} of a video by itself, and invents nothing. "
        f"Say what it contains: Emulator.declare('s3://BUCKET/KEY', {capability}=[...]), each with its Timestamp; "
        "an empty list says that there is nothing."
    )


def look(context: Context, video: Mapping[str, object]) -> Sight:
    """Look at the video that a request's `Video` (in wire form) means; refuse it as the service does."""
    place = from_wire(models.Video, video).s3_object
    if place is None or not place.bucket or not place.name:
        raise refusals.object_unreadable()
    with _open(context, place) as file:
        size = file.seek(0, 2)
        if size > context.limits.video_bytes:
            raise refusals.video_bytes(size, context.limits.video_bytes)
        file.seek(0)
        name = _name(file)
        file.seek(0)
        facts = _facts(context, file)
    sight = Sight(context, place, [name, object_name(place.bucket, place.name)], facts)
    metadata = sight.metadata()
    seconds = ((metadata.duration_millis if metadata else None) or 0) / 1000
    if seconds > context.limits.video_seconds:
        raise refusals.video_length(seconds, context.limits.video_seconds)
    return sight


def _open(context: Context, place: models.S3Object) -> BinaryIO:
    return context.objects.open(str(place.bucket), str(place.name), place.version)


def _name(file: BinaryIO) -> str:
    """Return the name that declarations about the bytes themselves are kept under."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def _facts(context: Context, file: BinaryIO) -> VideoFacts | None:
    try:
        with needs_extra():
            reader = context.vision.video_reader
    except RefusalError:  # without the packages a video has the metadata that was declared
        return None
    return reader.facts(file)


def structure(wire: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return a structure within a wire dict that was validated."""
    return cast("Mapping[str, object]", wire[name])  # cast: validated


def wire_of(model: Model | None) -> dict[str, object] | None:
    """Return a model's wire form, None of none."""
    return None if model is None else to_wire(model)
