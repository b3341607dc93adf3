"""The decision about each capability of an image or a video: its content is declared, else seen, else refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import attrs

from ..._core.wire import from_wire, to_wire
from ..._values.model import Model
from ..vision import NetworksOffError, needs_extra
from . import declared, videos

if TYPE_CHECKING:
    from ..context import Context
    from ..vision.images import DecodedImage
    from .images import ImageSource
    from .videos import VideoContent

Found = TypeVar("Found", bound=Model)
Timed = TypeVar("Timed", bound=Model)


class Analysed(NamedTuple, Generic[Found]):
    """The entries of an image, and whether they are declared ones."""

    entries: Sequence[Found]
    is_declared: bool


@attrs.frozen(kw_only=True)
class ImageAnalysis(Generic[Found]):
    """Analysis of images for one capability.

    `capability` is its name in declarations, `model` the class of an entry, `defaults` has required members that a
    declaration may leave out. `see` returns the entries that a detector finds in an image.
    """

    capability: str
    model: type[Found]
    defaults: Mapping[str, object] = {}  # immutable by its type
    see: Callable[[Context, DecodedImage], Sequence[Found]]

    def entries(self, context: Context, source: ImageSource, image: DecodedImage, operation: str) -> Sequence[Found]:
        """Return the entries of an image: declared, else seen, else refused."""
        return self.analyse(context, source, image, operation).entries

    def analyse(self, context: Context, source: ImageSource, image: DecodedImage, operation: str) -> Analysed[Found]:
        """Return the entries of an image, and whether they are declared."""
        given = declared.declared(context, source, self.capability)
        if given is not None:
            entries = [from_wire(self.model, {**self.defaults, **entry}) for entry in given]
            return Analysed(entries, is_declared=True)
        try:
            with needs_extra():
                return Analysed(self.see(context, image), is_declared=False)
        except NetworksOffError:
            raise declared.undeclared(operation, self.capability) from None


@attrs.frozen(kw_only=True)
class VideoAnalysis(Generic[Timed]):
    """Analysis of videos for one capability.

    `capability` is its name in declarations, `model` the class of an entry. `watch` yields the entries that a detector
    finds in a video for an operation.
    """

    capability: str
    model: type[Timed]
    watch: Callable[[VideoContent, str], Iterable[Timed]]

    def entries(self, content: VideoContent, operation: str) -> Sequence[Timed]:
        """Return the entries of a video: declared, else seen (now or by `detections`), else refused."""
        declared_entries = content.declared(self.capability)
        given = content.detections if declared_entries is None else declared_entries
        if given is not None:
            return [from_wire(self.model, entry) for entry in given]
        return list(self._seen(content, operation))

    def detections(self, content: VideoContent, operation: str) -> list[dict[str, object]] | None:
        """Return the entries that are seen in a video in a form that can be stored; None if entries are declared."""
        if content.declared(self.capability) is not None:
            return None
        return [to_wire(entry) for entry in self._seen(content, operation)]

    def _seen(self, content: VideoContent, operation: str) -> Iterator[Timed]:
        try:
            with needs_extra():
                yield from self.watch(content, operation)
        except NetworksOffError:
            raise videos.undeclared(operation, self.capability) from None


def frame_by_frame(
    see: Callable[[Context, DecodedImage], Sequence[Found]], at: Callable[[int, Found], Timed]
) -> Callable[[VideoContent, str], Iterator[Timed]]:
    """Return the analysis of a video that analyses each of its frames as an image; `sampling` says which.

    `at` returns the entry of a video for a time, in milliseconds, and an entry of an image.
    """

    def watch(content: VideoContent, operation: str) -> Iterator[Timed]:
        for frame in content.frames(operation):
            for found in see(content.context, frame.image):
                yield at(frame.timestamp, found)

    return watch
