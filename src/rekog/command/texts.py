"""Values as the text of a cell, a line or a JSON document."""

from __future__ import annotations

import base64
import json
import sys
from datetime import datetime
from typing import Any

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")
"""Control characters, with which a text of the service could change the terminal or break a line."""


def plain(text: str) -> str:
    """Return a text on one line, without control characters."""
    return text.translate(_CONTROLS)


def exact(value: object) -> str:
    """Return a value in full, for files and pipes: booleans as in JSON, times in ISO 8601, None as empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | dict):
        return dumped(value, indent=None)
    return str(value)


def short(value: object) -> str:
    """Return a value for people: floats in four digits, truth values as yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return plain(exact(value))


def dumped(value: Any, *, indent: int | None = 2) -> str:
    """Return JSON; blobs are base64 text, times ISO 8601. A stream that is not UTF-8 gets ASCII."""
    ascii_only = "utf" not in (sys.stdout.encoding or "ascii").lower()
    return json.dumps(value, indent=indent, default=_encoded, ensure_ascii=ascii_only)


def _encoded(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
