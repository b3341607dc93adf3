"""Functions of the generated codecs: scalars whose wire form differs from Python's, and creation of models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from .base64_text import decoded

T = TypeVar("T")


class _New(Protocol):
    def __call__(self, cls: type[T], /) -> T: ...


new: _New = object.__new__
"""Create an object without calling its `__init__`; the decoder sets every field."""


def text(value: T) -> T | str:
    """Return a member of an enum as plain text; any other value passes through, for the validator to report.

    Serialisers such as YAML's refuse subclasses of `str`, and a wire dict contains what the wire contains.
    """
    return str(value) if isinstance(value, str) else value


def blob(value: str | bytes | bytearray | memoryview) -> bytes:
    """Return the bytes of a wire blob: base64 text as in JSON, or raw bytes as in wire dicts."""
    if type(value) is bytes:
        return value  # an image is not copied
    return decoded(value) if isinstance(value, str) else bytes(memoryview(value))


def moment(value: float | str | datetime) -> datetime:
    """Return a timestamp as an aware datetime: epoch seconds, number or text, or an ISO 8601 text."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        seconds = float(value)
    except ValueError:
        return moment(datetime.fromisoformat(str(value)))
    return datetime.fromtimestamp(seconds, UTC)


def epoch(value: datetime) -> float:
    """Return a datetime as epoch seconds, as an int without a fraction; a naive one counts as UTC."""
    seconds = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def listed(value: Sequence[T]) -> Sequence[T]:
    """Return a list or tuple; raise `TypeError` for any other value, other iterables included."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"must be a list, not {type(value).__name__}")
    return value
