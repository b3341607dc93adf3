"""Object store for `S3Object` references: objects stored with `put`, then a folder, then an S3 server.

In the folder a bucket is a subfolder and a key a path below it. Older versions of a key are optional files
`BUCKET/.versions/KEY/VERSION`.
"""

from __future__ import annotations

import io
import logging
import os
import sqlite3
import threading
import uuid
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeGuard

from ..._values.narrow import is_bytes
from .. import refusals
from ..state import State, StateError
from ..state.rows import objects
from ..texts import check_texts
from .object_paths import file_parts, is_in_bucket

if TYPE_CHECKING:
    from pathlib import Path

    from ..._settings.values import Credentials
    from .s3 import S3Endpoint

_LOG = logging.getLogger("rekog.emulator")
_MAX_LOGGED = 10_000
"""Maximum number of objects that the log has reported; then it forgets them, and may report one again."""
_OUTSIDE = "a part of its name is `.` or `..`, which no URL keeps"

ObjectContent: TypeAlias = bytes | bytearray | memoryview | str | os.PathLike[str]
"""Content of an object: its bytes, or the path of a file with them."""


class Objects:
    """Objects by bucket and key. `put` stores objects in the state; the folder is read-only."""

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        state: State | None = None,
        *,
        endpoint: str | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self._root = _folder(root)
        self._state = state or State()
        self._endpoint = _endpoint(endpoint, credentials)
        self._lock = threading.Lock()
        self._logged: set[tuple[str, str]] = set()

    def put(self, bucket: str, key: str, data: bytes) -> str:
        """Store an object and return its version id; older versions stay readable under their ids."""
        version = uuid.uuid4().hex
        try:
            with self._state.write() as connection:
                objects.insert(connection, bucket, key, version, bytes(data))
        except (sqlite3.DataError, OverflowError) as error:
            text = f"data has {len(data)} bytes; the state stores at most 1,000,000,000, s3_root serves larger files"
            raise StateError(text) from error
        return version

    def put_once(self, bucket: str, key: str, data: bytes) -> None:
        """Store an object, unless its newest version in the state has the same bytes."""
        if self._stored(bucket, key, None) != data:
            self.put(bucket, key, data)

    def write(self, bucket: str, key: str, data: bytes) -> None:
        """Write an object that the service produces: to the S3 server, if there is one, else to the state."""
        if self._endpoint is None:
            self.put(bucket, key, data)
        else:
            try:
                if not is_in_bucket(bucket, key):
                    raise FileNotFoundError(_OUTSIDE)
                self._endpoint.put(bucket, key, data)
            except OSError as error:
                raise self._refused(bucket, key, error) from None

    def read(self, bucket: str, key: str, version: str | None = None, *, limit: int) -> bytes:
        """Return at most `limit` + 1 bytes of an object, of its newest version by default.

        Raise the service's error if the object can't be read.
        """
        data = self._stored(bucket, key, version, limit + 1)
        if data is not None:
            return data
        try:
            with self._open(bucket, key, version, limit + 1) as file:
                return file.read(limit + 1)
        except OSError as error:
            raise self._refused(bucket, key, error) from None

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        """Return an object of any size as a seekable file; raise the service's error if it can't be read."""
        data = self._stored(bucket, key, version)
        if data is not None:
            return io.BytesIO(data)
        try:
            return self._open(bucket, key, version, None)
        except OSError as error:
            raise self._refused(bucket, key, error) from None

    def _stored(self, bucket: str, key: str, version: str | None, limit: int | None = None) -> bytes | None:
        if not (_is_text(bucket) and _is_text(key) and _is_text(version or "")):
            return None
        with self._state.read() as connection:
            return objects.find(connection, bucket, key, version or None, limit)

    def _open(self, bucket: str, key: str, version: str | None, limit: int | None) -> BinaryIO:
        """Open an object of the folder or the server; raise `OSError` if neither has it."""
        path = self._path(bucket, key, version)
        if path is not None:
            return path.open("rb")
        if self._endpoint is None:
            raise FileNotFoundError("there is no such object")
        if not is_in_bucket(bucket, key):
            raise FileNotFoundError(_OUTSIDE)
        return self._endpoint.open(bucket, key, version or None, limit)

    def _path(self, bucket: str, key: str, version: str | None) -> Path | None:
        """Return the file for a key, or None if no such file is below the bucket's folder after links are resolved."""
        parts = file_parts(bucket, key, version)
        if self._root is None or parts is None:
            return None
        try:
            path = self._root.joinpath(*parts).resolve()
            inside = path.is_relative_to(self._root / bucket) and path.is_file()
        except (OSError, ValueError, RuntimeError):  # too long a name, a null character, a loop of links
            return None
        return path if inside else None

    def _refused(self, bucket: str, key: str, error: OSError) -> refusals.RefusalError:
        """Return the service's error, and log its reason: as a warning for the first time, for debugging later."""
        name = (bucket, key)
        with self._lock:
            known = name in self._logged
            if len(self._logged) >= _MAX_LOGGED:
                self._logged.clear()
            self._logged.add(name)
        level = logging.DEBUG if known else logging.WARNING
        _LOG.log(level, "object %r of bucket %r can't be read or written: %s", key, bucket, error)
        return refusals.object_unreadable()


def read_content(data: object) -> bytes:
    """Return the given bytes, or the content of the file at the given path."""
    if is_bytes(data):
        return bytes(data)
    if not is_path(data):
        raise ValueError(f"data must be bytes or the path of a file, not {type(data).__name__}")
    with open(data, "rb") as file:
        return file.read()


def is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    """Tell whether a value may be the path of a file or folder."""
    return isinstance(value, str | os.PathLike)


def check_object_name(**names: object) -> None:
    """Raise `ValueError` for a bucket or key that is not a valid name."""
    for name, value in names.items():
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name} must be a non-empty text, not {value!r}")
        check_texts(**{name: value})


def _is_text(text: str) -> bool:
    """Tell whether a text has no half of a surrogate pair: JSON can contain one, SQLite can't store it."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _folder(root: str | os.PathLike[str] | None) -> Path | None:
    if root is None:
        return None
    from pathlib import Path

    folder = Path(root).resolve()
    if not folder.is_dir():
        raise NotADirectoryError(f"s3_root must be an existing folder: {folder} is not one")
    return folder


def _endpoint(url: str | None, credentials: Credentials | None) -> S3Endpoint | None:
    if url is None:
        return None
    from .s3 import S3Endpoint

    return S3Endpoint(url, credentials)
