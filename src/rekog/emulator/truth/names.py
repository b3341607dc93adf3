"""Names of images and videos: the keys under which their declared content is stored."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, TypeAlias

from ..._values.model import Model
from ..._values.narrow import is_bytes
from ..services.objects import is_path
from ..texts import HALF, NO_TEXT
from .errors import TruthError

ImageFile: TypeAlias = bytes | str | os.PathLike[str]
"""An image: its bytes, the path of its file, or `s3://BUCKET/KEY`."""
if TYPE_CHECKING:
    from ...models import Image, S3Object, Video

    DeclaredSource: TypeAlias = ImageFile | Image | Video | S3Object
    """The image or video of a declaration: an `ImageFile`, `sha256:` with 64 hex digits, or a model."""
else:  # the classes of the models are created for tools that evaluate annotations only

    def __getattr__(name: str) -> object:
        if name != "DeclaredSource":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from ...models import Image, S3Object, Video

        return ImageFile | Image | Video | S3Object


S3_SCHEME = "s3://"
HASH_PREFIX = "sha256:"

_RULE = "image must be bytes, a file, s3://BUCKET/KEY, sha256:HEX, an Image, a Video or an S3Object"
_HASH = re.compile(rf"{HASH_PREFIX}[0-9a-f]{{64}}")


def name_of(source: DeclaredSource) -> str:
    """Return the name of an image or a video; raise `TruthError` if the source identifies none.

    >>> name_of("s3://photos/2026/group.jpg")
    's3://photos/2026/group.jpg'
    >>> name_of(b"")[:20]
    'sha256:e3b0c44298fc1'
    """
    source = _of_model(source) if isinstance(source, Model) else source
    if is_bytes(source):
        return HASH_PREFIX + hashlib.sha256(source).hexdigest()
    if isinstance(source, str) and source.startswith(S3_SCHEME):
        return _checked_object(source)
    if isinstance(source, str) and source.startswith(HASH_PREFIX):
        if not _HASH.fullmatch(source):
            raise TruthError([f"{source!r} must have 64 lowercase hex digits after {HASH_PREFIX}"])
        return source
    if not is_path(source):
        raise TruthError([f"{_RULE}, not {type(source).__name__}"])
    with open(source, "rb") as file:
        return HASH_PREFIX + hashlib.file_digest(file, "sha256").hexdigest()


class NamesOfBytes:
    """The names of the bytes of one request. Each bytes object is hashed once, because an image may have 5 MB."""

    def __init__(self) -> None:
        self._named: list[tuple[bytes, str]] = []

    def of(self, data: bytes) -> str:
        """Return what `name_of` returns."""
        for known, name in self._named:
            if known is data:
                return name
        name = name_of(data)
        self._named.append((data, name))
        return name


def object_name(bucket: str, key: str) -> str:
    """Return the name of an S3 object, the same for all its versions (assumed)."""
    return f"{S3_SCHEME}{bucket}/{key}"


def _checked_object(source: str) -> str:
    bucket, _, key = source.removeprefix(S3_SCHEME).partition("/")
    if not bucket or not key:
        raise TruthError([f"{source!r} must name a bucket and a key: {S3_SCHEME}BUCKET/KEY"])
    if HALF.search(source):
        raise TruthError([f"{source!r} {NO_TEXT}"])
    return source


def _of_model(model: Model) -> bytes | str:
    """Return the bytes of a model, or the name of its S3 object."""
    from ...models import Image, S3Object, Video

    location = model.s3_object if isinstance(model, Image | Video) else model
    data = model.bytes if isinstance(model, Image) else None
    if location is None and is_bytes(data):
        return bytes(data)
    if not isinstance(location, S3Object) or data is not None:
        raise TruthError([f"{_RULE}, not {model!r}"])
    if not location.bucket or not location.name or location.version is not None:
        rule = "an S3Object must have a bucket and a name, and no version: declared content holds for all versions"
        raise TruthError([f"image: {rule}; not {location!r}"])
    return object_name(location.bucket, location.name)
