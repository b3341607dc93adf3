"""Declared truth: what somebody says a picture or a video contains, checked when it is said.

A declaration is a mapping from capabilities (`faces`, `labels` ...) to what is there; an empty list says that nothing
is. It is kept in the service's own form, as docs/emulator-truth.md describes it: for a picture a list of `Label`,
`FaceDetail` and so on, for a video a list of `LabelDetection`, `FaceDetection` and so on, each with its `Timestamp`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..._core.validate import WORDS, dotted
from ..._generated.shapes import SHAPES
from ..._values.model import Model
from ..._values.narrow import is_bytes, is_mapping, is_sequence
from ..services.objects import is_path
from ..state.rows import truth as rows
from ..texts import HALF, NO_TEXT
from .shorthand import expand, faults, is_a

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..._core.validate import Path
    from ...models import Image, S3Object, Video
    from ..state import State

File: TypeAlias = "bytes | str | os.PathLike[str]"
"""A picture's bytes, its file, or `s3://BUCKET/KEY`."""
Source: TypeAlias = "File | Image | Video | S3Object"
"""What a declaration is about: such a file, or `sha256:` and 64 hex digits, or a model that has one or names one."""

_SUBJECT = "image must be bytes, a file, s3://BUCKET/KEY, sha256:HEX, an Image, a Video or an S3Object"
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_OBJECT = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)


class TruthError(ValueError):
    """A declaration that can't be kept. `problems` has a line for each thing that is wrong."""

    def __init__(self, problems: Iterable[str], where: str = "") -> None:
        self.problems: list[str] = list(problems)
        lines = [f"{where}{problem}" for problem in self.problems]
        super().__init__(
            lines[0] if len(lines) == 1 else f"{len(lines)} problems:" + "".join(f"\n  {line}" for line in lines)
        )


class Capability(NamedTuple):
    """What can be declared: the shape of an entry in a picture, and in a video, whose `member` it is there."""

    image: str = ""
    video: str = ""
    member: str = ""
    single: bool = False


CAPABILITIES: Mapping[str, Capability] = {
    "faces": Capability("FaceDetail", "FaceDetection", "Face"),
    "labels": Capability("Label", "LabelDetection", "Label"),
    "text": Capability("TextDetection", "TextDetectionResult", "TextDetection"),
    "moderation": Capability("ModerationLabel", "ContentModerationDetection", "ModerationLabel"),
    "content_types": Capability("ContentType"),
    "ppe": Capability("ProtectiveEquipmentPerson"),
    "celebrities": Capability("Celebrity", "CelebrityRecognition", "Celebrity"),
    "custom_labels": Capability("CustomLabel"),
    "persons": Capability(video="PersonDetection", member="Person"),
    "segments": Capability(video="SegmentDetection"),
    "video": Capability(video="VideoMetadata", single=True),
    "audio": Capability(video="AudioMetadata"),
}
"""Everything that can be declared, by its name in `Emulator.declare` and in files."""

ANY_VERSION = ""
"""Key of the custom labels that any version of a project finds."""


def declare(state: State, declarations: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    """Keep declarations that were checked, all of them or after an error none."""
    with state.write() as connection:
        for name, capabilities in declarations:
            rows.put(connection, name, capabilities)


def forget(state: State, source: Source | None, capabilities: Iterable[str]) -> None:
    """Remove what was declared about a source, or about all of them."""
    only = list(capabilities)
    if unknown := [name for name in only if name not in CAPABILITIES]:
        raise TruthError(_unknown(name) for name in unknown)
    with state.write() as connection:
        if source is None:
            rows.clear(connection)
        else:
            rows.forget(connection, name_of(source), only)


def name_of(source: Source) -> str:
    """Return the name that declarations about a source are kept under.

    >>> name_of("s3://photos/2026/group.jpg")
    's3://photos/2026/group.jpg'
    >>> name_of(b"")[:20]
    'sha256:e3b0c44298fc1'
    """
    source = _plain(source) if isinstance(source, Model) else source
    if is_bytes(source):
        return f"sha256:{hashlib.sha256(source).hexdigest()}"
    if isinstance(source, str) and source.startswith("s3://"):
        if not _OBJECT.fullmatch(source):
            raise TruthError([f"{source!r} must name a bucket and a key: s3://BUCKET/KEY"])
        if HALF.search(source):
            raise TruthError([f"{source!r} {NO_TEXT}"])
        return source
    if isinstance(source, str) and source.startswith("sha256:"):
        if not _HASH.fullmatch(source):
            raise TruthError([f"{source!r} must have 64 lower-case hex digits after sha256:"])
        return source
    if not is_path(source):
        raise TruthError([f"{_SUBJECT}, not {type(source).__name__}"])
    with open(source, "rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _plain(model: Model) -> bytes | str:
    """Return the bytes that a model has, or the object that it names."""
    from ...models import Image, S3Object, Video

    place = model.s3_object if isinstance(model, Image | Video) else model
    data = model.bytes if isinstance(model, Image) else None
    if place is None and is_bytes(data):
        return bytes(data)
    if not isinstance(place, S3Object) or data is not None:
        raise TruthError([f"{_SUBJECT}, not {model!r}"])
    if not place.bucket or not place.name or place.version is not None:
        rule = "an S3Object must have a bucket and a name, and no version, for truth holds for all versions"
        raise TruthError([f"image: {rule}; not {place!r}"])
    return object_name(place.bucket, place.name)


def object_name(bucket: str, key: str) -> str:
    """Return the name that declarations about an S3 object are kept under, in all its versions (assumed)."""
    return f"s3://{bucket}/{key}"


def checked(declaration: Mapping[str, object], where: str = "") -> dict[str, object]:
    """Return a declaration in the service's own form, or raise `TruthError` with everything that is wrong with it.

    >>> checked({"labels": ["Cat"]})
    {'labels': [{'Name': 'Cat', 'Confidence': 100.0}]}
    """
    said = {name: value for name, value in declaration.items() if value is not None}
    wrong = [_unknown(name) for name in said if name not in CAPABILITIES]
    known = {name: value for name, value in said.items() if name in CAPABILITIES}
    whole = {name: _expanded(name, value) for name, value in known.items()}
    for name, value in whole.items():
        wrong += _faults(name, value)
    wrong = wrong or [*_mixed(whole), *_halves(whole, ())]
    if not said:
        wrong.append(f"nothing is declared; there are {', '.join(CAPABILITIES)}")
    if wrong:
        raise TruthError(wrong, where)
    return whole


def _unknown(name: str) -> str:
    return f"{name}: no such capability; there are {', '.join(CAPABILITIES)}"


def _expanded(name: str, value: object) -> object:
    kind = CAPABILITIES[name]
    if kind.single:
        return expand(kind.video, value)
    if name == "custom_labels":
        versions = value if is_mapping(value) else {ANY_VERSION: value}
        return {version: _entries(kind, items) for version, items in versions.items()}
    return _entries(kind, value)


def _entries(kind: Capability, value: object) -> object:
    return [_entry(kind, item) for item in value] if is_sequence(value) else value


def _entry(kind: Capability, item: object) -> object:
    if isinstance(item, Model):
        return expand(kind.video if is_a(item, kind.video) else kind.image or kind.video, item)
    if not (kind.member and is_mapping(item) and ("Timestamp" in item or not kind.image)):
        return expand(kind.image or kind.video, item)
    if kind.member in item:
        return expand(kind.video, item)
    outer = SHAPES[kind.video].members
    flat = {kind.member: {member: part for member, part in item.items() if member not in outer}}
    return expand(kind.video, {**{member: part for member, part in item.items() if member in outer}, **flat})


def _faults(name: str, value: object) -> Iterator[str]:
    kind = CAPABILITIES[name]
    if kind.single:
        yield from faults(kind.video, value, (name,))
    elif name == "custom_labels" and is_mapping(value):
        for version, items in value.items():
            if version != ANY_VERSION:
                yield from faults("ProjectVersionArn", version, (name, version))
            yield from _entry_faults(kind, items, (name, version) if version else (name,))
    else:
        yield from _entry_faults(kind, value, (name,))


def _entry_faults(kind: Capability, value: object, place: tuple[str | int, ...]) -> Iterator[str]:
    if not is_sequence(value):
        yield f"{'.'.join(str(part) for part in place)}: must be {WORDS['list']}, not {type(value).__name__}"
        return
    for index, item in enumerate(value):
        timed = kind.video and (not kind.image or is_timed(item))
        yield from faults(kind.video if timed else kind.image, item, (*place, index))


def _halves(value: object, place: Path) -> Iterator[str]:
    if isinstance(value, str) and HALF.search(value):
        yield f"{dotted(place, python_names=False)}: {NO_TEXT}"
    elif is_mapping(value):
        for name, item in value.items():
            yield from _halves(item, (*place, name))
    elif is_sequence(value):
        for index, item in enumerate(value):
            yield from _halves(item, (*place, index))


def is_timed(entry: object) -> bool:
    """Tell whether a kept entry is one of a video."""
    return is_mapping(entry) and "Timestamp" in entry


def _mixed(whole: Mapping[str, object]) -> Iterator[str]:
    """Tell where entries of a picture and of a video stand in one declaration."""
    images = [place for place, of_video in _places(whole) if not of_video]
    videos = [place for place, of_video in _places(whole) if of_video]
    if images and videos:
        yield f"{images[0]}: is of a picture, but {videos[0]} is of a video, where every entry has a Timestamp"


def _places(whole: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    for name, value in whole.items():
        kind = CAPABILITIES[name]
        if not (kind.image and kind.video):
            yield name, not kind.image
        elif is_sequence(value):
            yield from ((f"{name}[{index}]", is_timed(item)) for index, item in enumerate(value))
