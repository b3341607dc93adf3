"""File objects that a caller passes as an image."""

from __future__ import annotations

from typing import Any

from ..._values.narrow import is_bytes


class UnreadableError(Exception):
    """The problem of a file object; the caller names the argument."""


def read_object(file: Any, size: int = -1) -> bytes:
    """Return the bytes from a file's position on, at most `size`; the file stays open."""
    try:
        data: object = file.read(size)
    except UnicodeDecodeError as error:  # of a file in text mode
        raise UnreadableError("its read() decodes text: open the file in binary mode, 'rb'") from error
    except (OSError, ValueError) as error:  # ValueError: a closed file
        raise UnreadableError(f"its read() failed: {error}") from error
    if isinstance(data, str):
        raise UnreadableError("its read() returned text: open the file in binary mode, 'rb'")
    if hasattr(data, "__await__"):
        close = getattr(data, "close", None)
        if close is not None:
            close()  # a coroutine that is never awaited would warn
        raise UnreadableError("its read() is a coroutine: pass what it returns")
    if not is_bytes(data):
        raise UnreadableError(f"its read() returned {type(data).__name__}, not bytes")
    if not data:
        raise UnreadableError("its read() returned no bytes: it is empty, or was read before: use seek(0)")
    return bytes(data)
