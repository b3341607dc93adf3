"""Recorded calls, for tests to inspect."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import attrs

from ..._values.public import publish
from .operation_names import unknown_operation, wire_name
from .recorded import size_of

_MAX_CALLS = 10_000
"""Maximum number of recorded calls; a further call replaces the oldest."""
_MAX_BYTES = 64 * 1024**2
"""Maximum size of all recorded requests; beyond it, the oldest calls are dropped."""
_MAX_SHOWN = 10
"""Maximum number of calls that `repr` shows."""


@attrs.define(kw_only=True)
class Call:
    """A recorded call.

    `operation` is the service's name, such as `DetectFaces`, or "" if the request named no operation. `request` is in
    wire form, or None if its body could not be decoded. Its bytes are replaced by `sha256:HEX`, the name that
    `Emulator.declare` takes, a text of more than 1,024 characters by its hash and length, and the end of a long list by
    `...`. Of a request that broke a constraint it has the names of the members only. `time` is the emulator's, in epoch
    seconds. `status` is None if a fault lost the response; `error` is the name of the response's error.
    """

    operation: str = ""
    request: Mapping[str, object] | None = None
    account: str
    region: str
    time: float
    status: int | None = None
    error: str | None = None
    request_id: str


class Calls(Sequence[Call]):
    """The last 10,000 calls, the oldest first; fewer if their requests are large (64 MiB for all).

    >>> from rekog import RekognitionClient
    >>> from rekog.emulator import Emulator
    >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
    ...     _ = client.create_collection("people")
    ...     [(call.operation, call.request, call.status) for call in emulator.calls]
    [('CreateCollection', {'CollectionId': 'people'}, 200)]
    """

    def __init__(self) -> None:
        self._recorded: deque[Call] = deque()
        self._sizes: deque[int] = deque()
        self._size = 0
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

    def __repr__(self) -> str:
        calls = self._all()
        shown = ", ".join(_in_short(call) for call in calls[-_MAX_SHOWN:])
        which = f", the last {_MAX_SHOWN}" if len(calls) > _MAX_SHOWN else ""
        return f"<Calls: {len(calls)}{which}{': ' if shown else ''}{shown}>"

    def of(self, operation: str) -> Sequence[Call]:
        """Return the calls of one operation, named `DetectFaces` or `detect_faces`.

        `ValueError`: there is no operation of this name.
        """
        name = wire_name(operation)
        if name is None:
            raise ValueError(unknown_operation(operation))
        return [call for call in self._all() if call.operation == name]

    def clear(self) -> None:
        """Remove all calls."""
        with self._lock:
            self._recorded.clear()
            self._sizes.clear()
            self._size = 0

    def _all(self) -> Sequence[Call]:
        with self._lock:
            return tuple(self._recorded)


class CallLog(Calls):
    """The calls, for the application that records them."""

    def add(self, call: Call) -> None:
        """Record a call, and drop the oldest beyond the limits."""
        size = size_of(call.request)
        with self._lock:
            self._recorded.append(call)
            self._sizes.append(size)
            self._size += size
            while len(self._recorded) > _MAX_CALLS or self._size > _MAX_BYTES:
                self._recorded.popleft()
                self._size -= self._sizes.popleft()


def _in_short(call: Call) -> str:
    """Return the operation of a call with its result."""
    result = call.error or ("no response" if call.status is None else str(call.status))
    return f"{call.operation or 'unknown operation'} ({result})"


publish("rekog.emulator", Call, Calls)
