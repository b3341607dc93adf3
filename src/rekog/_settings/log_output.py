"""The variable `REKOG_LOG`: the lines of the logger `rekog` on stderr, for a look at a program as it is.

A program that sets up `logging` itself needs no variable. Each line has the time in UTC, the level, the logger and the
message: `2026-11-30T18:20:47.123Z DEBUG rekog: DetectFaces: attempt 1: HTTP 200, ...`. A message contains no header,
no body and no secret.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from typing import TextIO

from .._values.errors import RekogWarning
from .._values.outside import outside_level

VARIABLE = "REKOG_LOG"
LEVELS = ("debug", "info", "warning", "error")

_refused: set[str] = set()  # one warning for each value, not for each client


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to the present `sys.stderr`, which a program or a test may replace."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def write_log(level: str) -> None:
    """Write the log from this level on to stderr; warn about another value, and change nothing then."""
    name = level.strip().lower()
    if name not in LEVELS:
        if level not in _refused:
            _refused.add(level)
            text = f"{VARIABLE} must be {', '.join(LEVELS[:-1])} or {LEVELS[-1]}, not {level!r}: no log is written"
            warnings.warn(text, RekogWarning, stacklevel=outside_level())
        return
    logger = logging.getLogger("rekog")
    logger.setLevel(name.upper())
    if not any(isinstance(handler, _StderrHandler) for handler in logger.handlers):
        handler = _StderrHandler()
        handler.setFormatter(formatter())
        logger.addHandler(handler)


def formatter() -> logging.Formatter:
    """Return the format of the lines."""
    lines = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    lines.converter = time.gmtime
    return lines
