"""The log of a server on its standard error, as text or as a JSON object per line."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..serving.request_log import FIELDS, REQUEST_LOGGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .options import ServerOptions

_LOG = logging.getLogger("rekog.emulator")


class JsonFormatter(logging.Formatter):
    """Writes a record as a JSON object: `time`, `level`, `logger`, then `message`, or the parts of a request's line.

    >>> JsonFormatter().format(logging.makeLogRecord({"msg": "ready", "created": 0, "levelname": "INFO", "name": "a"}))
    '{"time": "1970-01-01T00:00:00.000Z", "level": "INFO", "logger": "a", "message": "ready"}'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record. Parts without a value are left out, except the status of a lost response."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, object] = {"time": moment, "level": record.levelname, "logger": record.name}
        fields: Mapping[str, object] | None = getattr(record, FIELDS, None)
        if fields is None:
            line["message"] = record.getMessage()
        else:
            line |= {name: value for name, value in fields.items() if value != ""}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def set_up_log(options: ServerOptions) -> None:
    """Write the log to the standard error: of other packages their warnings, of rekog the chosen level."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if options.log == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonFormatter())
    if options.log_level is not None:
        logging.getLogger("rekog").setLevel(options.log_level.upper())
    if options.log is not None:
        logging.getLogger(REQUEST_LOGGER).setLevel(logging.WARNING if options.log == "off" else logging.INFO)


def report(options: ServerOptions, text: str) -> None:
    """Write a line about the start on the standard error, in the form of the log."""
    if options.log == "json":
        _LOG.warning("%s", text)
    else:
        print(f"rekog emulator: {text}", file=sys.stderr)
