"""The keys of sources: their names in checkpoints and tables."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable
from pathlib import PurePath
from typing import Generic, TypeVar, cast

from .._values.errors import ParamValidationError
from .._values.narrow import is_bytes, is_mapping

S = TypeVar("S")


def invalid(text: str) -> ParamValidationError:
    """Return the error of an argument of a run."""
    return ParamValidationError(f"bulk: {text}", problems=[text])


def check_sources(sources: object, forms: tuple[type, ...]) -> None:
    """Refuse a single image in place of many: most of its forms can be iterated too."""
    if _is_single(sources) or not isinstance(sources, forms):
        rule = "must be an iterable of sources"
        if hasattr(sources, "__aiter__"):
            rule += " (asynchronous ones are for AsyncRekognitionClient)"
        remedy = "put a single image into a list; rekog.bulk.folder(path) has the files of a folder"
        raise invalid(f"sources: {rule}, not {type(sources).__name__}: {remedy}")


def _is_single(value: object) -> bool:
    return isinstance(value, str | os.PathLike) or is_bytes(value) or is_mapping(value) or hasattr(value, "read")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def total_of(sources: Iterable[object] | AsyncIterable[object]) -> int | None:
    """Return the number of sources if they tell it."""
    length: Callable[[], int] | None = getattr(sources, "__len__", None)
    return None if length is None else length()


class Keys(Generic[S]):
    """Gives each source its key, by the function of the program or by the name that the source has itself.

    A run with a checkpoint needs keys that the next run gives to the same sources again. It also refuses a function
    that gives one key to two sources, because the second would get the answer of the first. One path may occur twice.
    """

    def __init__(self, function: Callable[[S], str] | None, *, lasting: bool) -> None:
        if not (function is None or callable(function)):
            raise invalid(f"key: must be a function of a source, not {function!r}")
        self._function = function
        self._lasting = lasting
        self._seen: set[str] = set()

    def of(self, source: S, number: int) -> str:
        """Return the key of the source with this number, from 0."""
        if self._function is None:
            key = name_of(source)
            if key is None and self._lasting:
                kind = type(source).__name__
                raise invalid(f"key: a {kind} (source {number}) has no name for the checkpoint: give key=function")
            return str(number) if key is None else key
        found = self._function(source)
        if not _is_text(found):
            raise invalid(f"key: must return a text that is not empty, not {found!r} (source {number})")
        if self._lasting:
            if found in self._seen:
                raise invalid(f"key: returned {found!r} for two sources (the second is source {number})")
            self._seen.add(found)
        return found


def name_of(source: object) -> str | None:
    """Return the name that a source has by itself: a path, with slashes on Windows too, or a URL; None without one."""
    if isinstance(source, PurePath):
        return source.as_posix()
    if isinstance(source, str):
        return source
    from ..models import Image, S3Object

    if isinstance(source, os.PathLike):
        # cast: a path of bytes has a name too, in the form that Python prints
        return str(os.fspath(cast("os.PathLike[str]", source)))
    if isinstance(source, Image):
        source = source.s3_object
    if isinstance(source, S3Object):
        version = f"?versionId={source.version}" if source.version else ""
        return f"s3://{source.bucket}/{source.name}{version}"
    return None
