"""The object store that `S3Object` points into: what was put in memory, then a folder with one subfolder a bucket."""

from __future__ import annotations

import io
import threading
import uuid
from typing import TYPE_CHECKING

from . import refusals

if TYPE_CHECKING:
    import os
    from pathlib import Path

_NO_SEGMENT = ("", ".", "..")


class Objects:
    """Objects by bucket and key. What is put stays in memory; the folder is only read, never written."""

    def __init__(self, root: str | os.PathLike[str] | None = None) -> None:
        self._root = _folder(root)
        self._lock = threading.Lock()
        self._versions: dict[tuple[str, str], dict[str, bytes]] = {}

    def put(self, bucket: str, key: str, data: bytes) -> str:
        """Keep an object and return its version id; an older version stays readable under its own id."""
        version = uuid.uuid4().hex
        with self._lock:
            self._versions.setdefault((bucket, key), {})[version] = bytes(data)
        return version

    def read(self, bucket: str, key: str, version: str | None = None, *, limit: int) -> bytes:
        """Return an object's bytes, at most `limit` + 1 of them, or refuse as the service does.

        Without a version it is the one that was put last. The folder's files have no versions.
        """
        try:
            with self.open(bucket, key, version) as file:
                return file.read(limit + 1)
        except OSError:
            raise refusals.object_unreadable() from None

    def open(self, bucket: str, key: str, version: str | None = None) -> io.BufferedIOBase:
        """Return an object, however large, as a file to read and to move about in, or refuse as the service does."""
        with self._lock:
            versions = self._versions.get((bucket, key), {})
            data = versions.get(version) if version else next(reversed(versions.values()), None)
        if data is not None:
            return io.BytesIO(data)
        path = None if version else self._path(bucket, key)
        if path is None:
            raise refusals.object_unreadable()
        try:
            return path.open("rb")
        except OSError:
            raise refusals.object_unreadable() from None

    def _path(self, bucket: str, key: str) -> Path | None:
        """Return the file for a key, or None where there is none below the root, links followed."""
        segments = (bucket, *key.split("/"))
        if self._root is None or any(segment in _NO_SEGMENT for segment in segments) or "/" in bucket:
            return None
        try:
            path = self._root.joinpath(*segments).resolve()
            inside = path.is_relative_to(self._root / bucket) and path.is_file()
        except (OSError, ValueError, RuntimeError):  # a name too long, a null character, a loop of links
            return None
        return path if inside else None


def _folder(root: str | os.PathLike[str] | None) -> Path | None:
    if root is None:
        return None
    from pathlib import Path

    folder = Path(root).resolve()
    if not folder.is_dir():
        raise NotADirectoryError(f"s3_root must be an existing folder: {folder} is none")
    return folder
