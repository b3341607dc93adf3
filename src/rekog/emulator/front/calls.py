"""Recorded calls, for tests to inspect."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

import attrs

from ..._generated.operations import OPERATIONS
from ..._values.narrow import is_bytes, is_mapping, is_sequence
from .faults import UNKNOWN_OPERATION

if TYPE_CHECKING:
    from ..scope import Scope

_MAX_CALLS = 10_000
"""Maximum number of recorded calls; a further call replaces the oldest."""


@attrs.define(kw_only=True)
class Call:
    """A recorded call.

    `operation` is "" if the request named no operation, and `request` is None if its body could not be decoded.
    `request` is in wire form; its bytes are replaced by `sha256:HEX`, the name that `Emulator.declare` takes. `time` is
    the emulator's, in epoch seconds. `status` is None if a fault lost the response; `error` is the name of the
    response's error.
    """

    operation: str = ""
    request: Mapping[str, object] | None = None
    scope: Scope
    time: float
    status: int | None = None
    error: str | None = None
    request_id: str

    @property
    def account(self) -> str:
        """The account of the call."""
        return self.scope.account

    @property
    def region(self) -> str:
        """The region of the call."""
        return self.scope.region


class Calls(Sequence[Call]):
    """The last 10,000 calls, the oldest first.

    >>> from rekog import RekognitionClient
    >>> from rekog.emulator import Emulator
    >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
    ...     _ = client.create_collection("people")
    ...     [(call.operation, call.request, call.status) for call in emulator.calls]
    [('CreateCollection', {'CollectionId': 'people'}, 200)]
    """

    def __init__(self) -> None:
        self._recorded: deque[Call] = deque(maxlen=_MAX_CALLS)
        self._lock = threading.Lock()

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | Sequence[Call]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._recorded)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._all())

    def of(self, operation: str) -> Sequence[Call]:
        """Return the calls of one operation; raise `ValueError` for an unknown name."""
        if operation not in list(OPERATIONS):  # a list, because an unhashable value must be refused, too
            raise ValueError(UNKNOWN_OPERATION.format(operation))
        return [call for call in self._all() if call.operation == operation]

    def add(self, call: Call) -> None:
        """Record a call."""
        with self._lock:
            self._recorded.append(call)

    def clear(self) -> None:
        """Remove all calls."""
        with self._lock:
            self._recorded.clear()

    def _all(self) -> Sequence[Call]:
        with self._lock:
            return tuple(self._recorded)


def without_bytes(value: object) -> object:
    """Return a wire value with its bytes replaced by their SHA-256 name.

    >>> without_bytes({"Image": {"Bytes": b"..."}})["Image"]["Bytes"][:15]
    'sha256:ab5df625'
    """
    if is_bytes(value):
        return f"sha256:{hashlib.sha256(value).hexdigest()}"
    if is_mapping(value):
        return {key: without_bytes(item) for key, item in value.items()}
    if is_sequence(value):
        return [without_bytes(item) for item in value]
    return value
