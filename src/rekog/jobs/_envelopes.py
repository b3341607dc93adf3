"""Messages of the service in the envelopes of SNS, SQS, Kinesis and Lambda."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .._values.errors import ParamValidationError
from .._values.narrow import is_bytes, is_mapping, is_sequence

_DEEPEST = 8
_CONFIRMATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
_MILLIS = 100_000_000_000
"""A number of seconds until the year 5138; a greater number is milliseconds."""


class Envelopes(NamedTuple):
    """The envelopes of one kind of message, of which a function returns the content."""

    function: str
    expected: str
    """The message in words, for errors."""
    keys: tuple[str, ...]
    """Members of the message itself, of which it has one at least."""
    lists: tuple[str, ...]
    inner: tuple[str, ...]
    base64: bool = False
    """Whether a text may be base64."""

    def messages(self, message: object, depth: int = 0) -> Iterator[Mapping[str, object]]:
        """Yield the messages in an envelope; raise `ParamValidationError` for another form."""
        value = self._decoded(message)
        if depth == _DEEPEST or not is_mapping(value):
            raise self.malformed(f"{self.expected} was expected, not {_shown(message)}")
        if any(name in value for name in self.keys):
            yield value
            return
        for name in self.lists:
            if is_sequence(records := value.get(name)):
                for record in records:
                    yield from self.messages(record, depth + 1)
                return
        if value.get("Type") in _CONFIRMATIONS or "ResponseMetadata" in value:  # a response without messages
            return
        inner = next((value[name] for name in self.inner if name in value), None)
        if inner is None:
            missing = ", ".join((*self.keys[1:], *self.lists, *self.inner))
            raise self.malformed(f"neither {self.keys[0]} nor {missing} is in {_shown(message)}")
        yield from self.messages(inner, depth + 1)

    def _decoded(self, message: object) -> object:
        if not (isinstance(message, str) or is_bytes(message)):
            return message
        text = message if isinstance(message, str) else bytes(message)
        with suppress(ValueError, RecursionError):
            value: object = json.loads(text)
            return value
        if self.base64:
            with suppress(ValueError, RecursionError):
                decoded: object = json.loads(base64.b64decode(text, validate=True))
                return decoded
        raise self.malformed(f"JSON was expected, not {_shown(message)}")

    def list_at(self, place: str, value: object) -> Sequence[object]:
        """Return the list at a place of a message, an empty one for None; raise the error of any other value."""
        if not (value is None or is_sequence(value)):
            raise self.malformed(f"{place} must be a list, not {type(value).__name__}")
        return value or ()

    def object_at(self, place: str, value: object) -> Mapping[str, object]:
        """Return the mapping at a place of a message; raise the error of any other value."""
        if not is_mapping(value):
            raise self.malformed(f"{place} must be an object, not {type(value).__name__}")
        return value

    def malformed(self, text: str) -> ParamValidationError:
        """Return the error of a message in another form."""
        text = f"message: {text}"
        return ParamValidationError(f"{self.function}: {text}", problems=[text])


def moment(value: object) -> datetime | None:
    """Return a time, given as one or as seconds or milliseconds since 1970; None for any other value."""
    if isinstance(value, datetime):
        return value
    seconds = number(value)
    if seconds is None:
        return None
    with suppress(ValueError, OverflowError, OSError):  # no date
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= _MILLIS else seconds, UTC)
    return None


def time_of(producer: datetime | None, server: datetime | None, offset: timedelta) -> datetime | None:
    """Return the time of a frame: the start of its fragment by the clock of the producer, else of the server's."""
    start = producer or server
    return None if start is None else start + offset


def number(value: object) -> float | None:
    """Return a number, or None for another value."""
    return None if isinstance(value, bool) or not isinstance(value, int | float) else value


def text(value: object) -> str | None:
    """Return a text, or None for another value."""
    return value if isinstance(value, str) else None


def member(value: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Return the mapping at a path of members, or an empty one."""
    for name in path:
        inner = value.get(name)
        value = inner if is_mapping(inner) else {}
    return value


def _shown(message: object) -> str:
    text = repr(message)
    return text if len(text) <= 100 else f"{text[:100]}..."
