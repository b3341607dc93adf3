"""Models as rich and IPython print them: a field a line, rounded numbers, plain texts, long lists cut.

`repr` stays complete and on one line, for logs and comparisons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from ..._values.model import field_names
from ..._values.narrow import is_bytes, is_sequence

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..._values.model import Model

MAX_ITEMS = 50
"""Maximum number of items of a list that are printed, as of rows in a notebook."""
_DIGITS = 4  # after the decimal point: 0.4 pixels of a side of 4,000
_INDENT = 4


class Printer(Protocol):
    """The part of IPython's pretty printer that a model needs."""

    def group(self, indent: int, open: str, close: str) -> AbstractContextManager[None]: ...  # noqa: A002 (its names)
    def indent(self, indent: int) -> AbstractContextManager[None]: ...
    def text(self, obj: str) -> None: ...
    def breakable(self, sep: str) -> None: ...
    def pretty(self, obj: Any) -> None: ...


class _Text:
    """A text that prints without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def fields(model: Model) -> Iterator[tuple[str, object]]:
    """Yield the names of the fields that are not None, and their values as they are printed."""
    for name in field_names(type(model)):
        value = getattr(model, name)
        if value is not None:
            yield name, _shown(value)


def pretty(model: Model, printer: Printer, *, is_cycle: bool) -> None:
    """Print a model with IPython's printer: on one line if it fits, else with a line for each field."""
    name = type(model).__name__
    if is_cycle:
        printer.text(f"{name}(...)")
    else:
        _block(printer, f"{name}(", ((f"{field}=", value) for field, value in fields(model)), ")")


def _block(printer: Printer, opening: str, parts: Iterable[tuple[str, object]], closing: str) -> None:
    """Print parts with a comma between them, on one line if they fit, else each on its own."""
    with printer.group(0, opening, closing):
        with printer.indent(_INDENT):
            for number, (label, value) in enumerate(parts):
                printer.text("," if number else "")
                printer.breakable(" " if number else "")
                printer.text(label)
                if is_sequence(value):
                    _block(printer, "[", (("", item) for item in value), "]")
                else:
                    printer.pretty(value)
        printer.breakable("")


def _shown(value: Any) -> object:
    if is_bytes(value):
        return _Text(f"<{len(value)} bytes>")
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, str):
        return str(value)  # a member of an enum too
    if is_sequence(value):
        more = len(value) - MAX_ITEMS
        return [*map(_shown, value[:MAX_ITEMS]), *([_Text(f"... {more} more")] if more > 0 else [])]
    return value
