"""The checkpoint of a run: JSON Lines, a header and then an object for each source that has an outcome.

Theory of operation. A run adds the line of a source when its outcome arrives, and writes it before it hands the outcome
out: one system call writes all lines that were added meanwhile. So a process that is killed loses no outcome that it
has reported. Lines are not synced one by one: a crash of the machine may lose the last seconds, which the next run
repeats. `close` syncs the file.

A line without its end is the last one of a run that was killed; the next run cuts it off. Errors are recorded for
readers of the file, and called again by the next run. Opening a file reads it once and keeps the position of each
answer, not the answer, so that memory does not grow with the size of answers.

An answer is written as it was received: to make JSON of a model again takes longer than all other work of a run, and
members that this version of rekog does not know stay in the file. An open file is locked (`_locks.py`), because two
runs at once would call each source twice.
"""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from itertools import accumulate
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from .._values.errors import RekogError
from .._values.model import ResponseMetadata
from .._values.narrow import is_bytes, is_mapping, is_sequence
from ._locks import lock, unlock
from ._outcomes import CheckpointError, Received

if TYPE_CHECKING:
    from io import FileIO

    from .._core.operation import Operation
    from .._values.model import Response
    from ._outcomes import Outcome

FORMAT = "rekog.bulk"
VERSION = 1
WINDOW = 2**20
"""Bytes at the end of a file in which a line is searched first."""


class Unwritten(NamedTuple):
    """The lines to write by their outcomes (None for the header), and the size of the file without them.

    Both are replaced at once, so that an interrupt between two statements leaves no line that is written twice.
    """

    size: int
    lines: dict[Any, bytes]


class Checkpoint:
    """The file of a run, and the answers that earlier runs wrote into it. Several threads may record at once."""

    def __init__(self, path: str | os.PathLike[str], operation: Operation[Any, Any]) -> None:
        self._path = os.fspath(path)
        self._operation = operation
        self._positions: dict[str, int] = {}
        self._lock = threading.Lock()
        self._unwritten = Unwritten(0, {})
        self._is_writing = False  # also after a write that was interrupted
        self._read: BinaryIO | None = None
        self._written: FileIO | None = None

    def open(self, parameters: Mapping[str, object]) -> None:
        """Create the file, or continue it if it is that of a run of the same operation with the same parameters."""
        header = {
            "format": FORMAT,
            "version": VERSION,
            "operation": self._operation.name,
            "parameters": _plain(parameters),
        }
        line = _line(header)
        self._check_kind()
        try:
            self._written = open(self._path, "ab", buffering=0)  # noqa: SIM115 (closed by `close`)
            if not lock(self._written.fileno()):
                raise self._error("is in use by another run: wait for its end, or give another path")
            self._read = open(self._path, "rb")  # noqa: SIM115 (as above)
            self._continue(self._read, line, header)
            size = self._unwritten.size
            if self._written.seek(0, os.SEEK_END) != size:  # a line that has no end
                self._written.truncate(size)
            if not size:
                self._unwritten.lines[None] = line
                self.flush()
        except OSError as error:
            self._release()
            raise self._error(f"cannot be opened: {error.strerror}") from error
        except BaseException:
            self._release()
            raise

    def _check_kind(self) -> None:
        """Refuse a device or a pipe: reading /dev/full never ends, and opening a pipe waits for its reader."""
        with suppress(OSError):  # the file is new, or its error is that of `open`
            mode = os.stat(self._path).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise self._error("is a device or a pipe: give the path of a file")

    def answer(self, key: str) -> Response | None:
        """Return the recorded answer of a key; None without one."""
        position = self._positions.get(key)
        if position is None or self._read is None:
            return None
        try:
            self._read.seek(position)
            record: Any = json.loads(self._read.readline())
            answer: Response = self._operation.output_type.from_dict(record["answer"])
            answer.response_metadata = ResponseMetadata(request_id=record.get("request_id"))
        except (OSError, ValueError, KeyError, TypeError, RekogError) as error:
            raise self._error(f"has no readable answer of {key!r}: {error}") from error
        return answer

    def add(self, outcome: Outcome[Any, Any]) -> None:
        """Add the line of an outcome, which the next `flush` writes; it also sets the outcome's mark `_recorded`.

        A response must be in one line (`in_line`). An outcome with the mark, or one that is added again before it is
        written, has one line all the same.
        """
        own: Any = outcome  # the run and its checkpoint use the private members of its outcomes
        error = outcome.error
        if error is None:
            line = _answer_line(outcome.key, own._answer)
        else:
            line = _line({"key": outcome.key, "error": {"type": type(error).__name__, "message": str(error)}})
        with self._lock:
            if not own._recorded:
                self._unwritten.lines[own] = line

    def retract(self, key: str, received: Received) -> None:
        """Replace the line of an answer that cannot be decoded by one of the same length, without an answer."""
        line, found = _answer_line(key, received), -1
        size = start = self._unwritten.size
        try:
            with self._lock, open(self._path, "r+b") as file:
                while found < 0 < start:  # it is one of the last lines
                    start = max(0, 2 * start - size - len(line) - WINDOW)
                    file.seek(start)
                    found = file.read().rfind(line)
                if found >= 0:
                    file.seek(start + found)
                    file.write(_line({"key": key})[:-1].ljust(len(line) - 1) + b"\n")
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror}") from error

    def flush(self) -> None:
        """Write all lines that were added; raise `CheckpointError` if that fails, with the complete lines kept."""
        with self._lock:
            file = self._written
            size, added = self._unwritten
            if file is None or not added:  # an interrupted program has closed it, and a worker ends later
                return
            content = b"".join(added.values())
            written = file.seek(0, os.SEEK_END) - size if self._is_writing else 0  # by the write that was interrupted
            self._is_writing = True
            try:
                while written < len(content):  # a full disk may take a part
                    written += file.write(memoryview(content)[written:])
            except (OSError, ValueError) as error:
                ends = accumulate(map(len, added.values()))
                written = max(end for end in (0, *ends) if end <= written)
                with suppress(OSError, ValueError):
                    file.truncate(size + written)
                self._written_to(size + written, added)
                reason = error.strerror if isinstance(error, OSError) else error
                raise self._error(f"cannot be written: {reason}; the run ends, a later one continues here") from error
            self._written_to(size + written, added)

    def _written_to(self, size: int, added: Mapping[Any, bytes]) -> None:
        for outcome in added:
            if outcome is not None:
                outcome._recorded = True
        self._unwritten = Unwritten(size, {})
        self._is_writing = False

    def close(self) -> None:
        """Sync and close the file."""
        try:
            if self._written is not None:
                self.flush()
                os.fsync(self._written.fileno())
        except OSError as error:
            raise self._error(f"cannot be synced: {error.strerror}") from error
        finally:
            self._release()

    def _continue(self, file: BinaryIO, line: bytes, header: Mapping[str, object]) -> None:
        """Read the lines of earlier runs, and check that they are of a run like this one."""
        first = file.readline()
        if line.startswith(first) and first != line:  # a new file, or a run that was killed at once
            return
        found = _parsed(first)
        if not first.endswith(b"\n") or not is_mapping(found) or found.get("format") != FORMAT:
            raise self._error("exists and is no checkpoint: give another path")
        if found.get("version") != VERSION:
            raise self._error(f"has version {found.get('version')!r}; this version of rekog reads {VERSION}")
        if found.get("operation") != header["operation"]:
            raise self._error(f"is of {found.get('operation')}, not of {header['operation']}: give another path")
        if difference := next(_differences(found.get("parameters"), header["parameters"]), None):
            raise self._error(f"is of a run with other parameters: {difference}; give another path")
        size = len(first)
        for number, text in enumerate(file, start=2):
            if not text.endswith(b"\n"):
                break
            record = _parsed(text)
            key = record.get("key") if is_mapping(record) else None
            if not is_mapping(record) or not isinstance(key, str):
                raise self._error(f"has no record in line {number}: repair or remove that line")
            if "answer" in record:
                self._positions[key] = size
            size += len(text)
        self._unwritten = Unwritten(size, {})

    def _release(self) -> None:
        if self._written is not None:
            unlock(self._written.fileno())
        for file in (self._read, self._written):
            if file is not None:
                file.close()
        self._read = self._written = None

    def _error(self, text: str) -> CheckpointError:
        return CheckpointError(f"checkpoint: {self._path!r} {text}")


def is_line(body: bytes) -> bool:
    """Tell whether a body is in the usual form of the service: a JSON object in one line of UTF-8."""
    # Slices take half the time of `startswith` and `endswith`.
    return body[:1] == b"{" and body[-1:] == b"}" and b"\n" not in body and b"\0" not in body


def in_line(received: Received) -> Received:
    """Return a response of JSON in the usual form of the service; no body is an empty object."""
    body = received.body
    return Received(json.dumps(json.loads(body) if body.strip() else {}).encode(), received.metadata)


def _answer_line(key: str, received: Received) -> bytes:
    request_id = received.metadata.request_id
    # `json.dumps` and `JSONEncoder.encode` call the same function, after several others.
    quoted_id = "null" if request_id is None else encode_basestring_ascii(request_id)
    names = f'{{"key": {encode_basestring_ascii(key)}, "request_id": {quoted_id}, "answer": '
    return b"%b%b}\n" % (names.encode(), received.body)


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _parsed(line: bytes) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(line)
    return None


def _plain(value: object) -> object:
    """Return a part of a wire dict for the header: an image as its digest, which tells as much and is short."""
    if is_bytes(value):
        return f"sha256:{sha256(value).hexdigest()}"
    if is_mapping(value):
        return {name: _plain(value[name]) for name in sorted(value)}
    return [_plain(item) for item in value] if is_sequence(value) else value


def _mapping(value: object) -> Mapping[str, object]:
    return value if is_mapping(value) else {}


def _differences(recorded: object, present: object) -> Iterator[str]:
    before, after = _mapping(recorded), _mapping(present)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield f"{name} was {before.get(name)!r} and is {after.get(name)!r}"
