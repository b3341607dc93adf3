"""Sources of runs: the files of a folder, the objects of a prefix in S3, the entries of a manifest."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._values.errors import ConfigError, ParamValidationError, RekogError
from .._values.lazy import LazyModule
from .._values.narrow import is_mapping
from .._values.public import publish

if TYPE_CHECKING:
    from .. import models
else:  # for tools that evaluate annotations
    models = LazyModule("rekog.models")

T = TypeVar("T")


class Sources(Generic[T]):
    """A fixed list of sources. It can be iterated any number of times, and its length is the total of a run."""

    def __init__(self, kind: type[T], texts: Sequence[str], origin: str) -> None:
        self._kind: Any = kind
        self._texts = texts  # instead of paths, which take several times the memory
        self._origin = origin

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[T]:
        return map(self._kind, self._texts)

    def __repr__(self) -> str:
        return f"<{len(self)} sources of {self._origin}>"


def folder(path: str | os.PathLike[str], pattern: str = "**/*") -> Sources[Path]:
    """Return the files of a folder that match a pattern of `Path.glob`, sorted; `**/` includes subfolders.

    The list is made at once, so files that are added later are not in it. Raise `ParamValidationError` if it is no
    folder, or for a pattern that is not relative to it.

    >>> [path.name for path in folder("examples/images", "g*.jpg")]
    ['grace_hopper.jpg']
    """
    root = Path(path)
    if not root.is_dir():
        raise _invalid("folder", f"path: {os.fspath(path)!r} is not a folder")
    try:
        found = sorted(str(file) for file in root.glob(pattern) if file.is_file())
    except (ValueError, NotImplementedError) as error:
        raise _invalid("folder", f"pattern: {pattern!r} is not a relative pattern such as '**/*.jpg'") from error
    return Sources(Path, found, f"folder {os.fspath(path)!r}")


def manifest(path: str | os.PathLike[str]) -> Sources[str]:
    """Return the sources in a UTF-8 file, one in each line: a path, `s3://bucket/key`, or an object of JSON Lines.

    An object has its source in `source-ref`, as in the manifests of SageMaker Ground Truth and of Rekognition's
    datasets. Empty lines are skipped. Relative paths are relative to the working folder. Raise `ParamValidationError`
    for a file that cannot be read and a line without a source, with the number of the line.
    """
    try:
        lines = Path(path).read_text("utf-8-sig").split("\n")  # `splitlines` would also split at characters in names
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _invalid("manifest", f"path: {os.fspath(path)!r} cannot be read: {reason}") from error
    rows = ((number, line.strip()) for number, line in enumerate(lines, start=1))
    found = [_source_of(line, f"{os.fspath(path)!r}, line {number}") for number, line in rows if line]
    return Sources(str, found, f"manifest {os.fspath(path)!r}")


def _source_of(line: str, where: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        entry: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _invalid("manifest", f"path: {where} begins like JSON and is not JSON") from error
    source = entry.get("source-ref") if is_mapping(entry) else None
    if not isinstance(source, str) or not source:
        raise _invalid("manifest", f"path: {where} has no text 'source-ref'")
    return source


class _Prefix:
    """The objects of a prefix in S3, listed while they are iterated; asynchronously in a thread."""

    def __init__(self, bucket: str, prefix: str, suffixes: tuple[str, ...]) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._suffixes = suffixes

    def __repr__(self) -> str:
        return f"<sources of s3://{self._bucket}/{self._prefix}>"

    def __iter__(self) -> Iterator[models.S3Object]:
        for page in self._pages():
            yield from page

    async def __aiter__(self) -> AsyncIterator[models.S3Object]:
        """List in a thread, so that the event loop is not blocked."""
        from anyio import to_thread

        pages = self._pages()
        while (page := await to_thread.run_sync(next, pages, None)) is not None:
            for found in page:
                yield found

    def _pages(self) -> Iterator[list[models.S3Object]]:
        from ..models import S3Object

        errors: Any = import_module("botocore.exceptions")
        try:
            session: Any = import_module("botocore.session").get_session()
            with closing(session.create_client("s3")) as client:
                paginator: Any = client.get_paginator("list_objects_v2")
                for page in paginator.paginate(Bucket=self._bucket, Prefix=self._prefix):
                    names: list[str] = [entry["Key"] for entry in page.get("Contents", [])]
                    found = [name for name in names if name.lower().endswith(self._suffixes) and not name.endswith("/")]
                    yield [S3Object(bucket=self._bucket, name=name) for name in found]
        except errors.ClientError as error:
            raise RekogError(f"s3_prefix: {self!r} cannot be listed: {error}") from error
        except errors.BotoCoreError as error:
            raise ConfigError(f"s3_prefix: {self!r} cannot be listed: {error}") from error


def s3_prefix(url: str, *, suffixes: Collection[str] = (".jpg", ".jpeg", ".png")) -> Iterable[models.S3Object]:
    """Return the objects below `s3://bucket/prefix` whose names end with a suffix, in either case of letters.

    botocore lists them, with its own settings and credentials (`AWS_PROFILE` and others), a page of 1,000 at a time
    while the run goes on. Iteration raises `RekogError` for an error of S3, and `ConfigError` for one of the settings.

    >>> s3_prefix("s3://photos/2026/")
    <sources of s3://photos/2026/>
    """
    bucket, _, prefix = str(url).removeprefix("s3://").partition("/")
    if not str(url).startswith("s3://") or not bucket:
        raise _invalid("s3_prefix", f"url: must be 's3://bucket/prefix', not {url!r}")
    given: object = suffixes
    if isinstance(given, str):
        raise _invalid("s3_prefix", f"suffixes: must be a collection of texts, not {given!r}: put it into a list")
    return _Prefix(bucket, prefix, tuple(suffix.lower() for suffix in suffixes))


def _invalid(function: str, text: str) -> ParamValidationError:
    return ParamValidationError(f"{function}: {text}", problems=[text])


publish("rekog.bulk", Sources, folder, manifest, s3_prefix)
