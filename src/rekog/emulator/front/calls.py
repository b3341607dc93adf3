"""What an emulator was asked, kept so that a test can look at it."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

import attrs

from ..._generated.operations import OPERATIONS
from ..._values.narrow import is_bytes, is_mapping, is_sequence
from .faults import NO_OPERATION

if TYPE_CHECKING:
    from ..scope import Scope

_MOST_KEPT = 10_000
"""Calls that are kept; of more, the oldest go."""


@attrs.define(kw_only=True)
class Call:
    """One request. `operation` is "" and `request` None as far as it could not be understood.

    `request` is in wire form, its bytes replaced by `sha256:HEX`, the name under which `Emulator.declare` knows them.
    `time` is the emulator's, in epoch seconds. `status` is None when the answer was lost by a fault, `error` the name
    of the error that was answered.
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
        """Whose call it was."""
        return self.scope.account

    @property
    def region(self) -> str:
        """Which region it was for."""
        return self.scope.region


class Calls(Sequence[Call]):
    """The calls so far, the oldest first.

    >>> from rekog import RekognitionClient
    >>> from rekog.emulator import Emulator
    >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
    ...     _ = client.create_collection("people")
    ...     [(call.operation, call.request, call.status) for call in emulator.calls]
    [('CreateCollection', {'CollectionId': 'people'}, 200)]
    """

    def __init__(self) -> None:
        self._kept: deque[Call] = deque(maxlen=_MOST_KEPT)
        self._lock = threading.Lock()

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | Sequence[Call]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._all())

    def of(self, operation: str) -> Sequence[Call]:
        """Return the calls of one operation; `ValueError` when the service has none of that name."""
        if operation not in list(OPERATIONS):  # a list: what has no hash is refused, too
            raise ValueError(NO_OPERATION.format(operation))
        return [call for call in self._all() if call.operation == operation]

    def add(self, call: Call) -> None:
        """Keep a call."""
        with self._lock:
            self._kept.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._kept.clear()

    def _all(self) -> Sequence[Call]:
        with self._lock:
            return tuple(self._kept)


def without_bytes(value: object) -> object:
    """Return a wire value in which bytes are replaced by the name of their content.

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
