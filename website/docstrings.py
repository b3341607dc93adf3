"""An extension of Griffe: examples in docstrings become code, and the errors of a method become links."""

from __future__ import annotations

import re
from typing import Any

import griffe

_EXAMPLE = re.compile(r"^Example:\n((?:[ ]{4}.*\n?|\n)+)", re.MULTILINE)
_SESSION = re.compile(r"^>>> .*\n?(?:.+\n?)*", re.MULTILINE)
_COMMA = re.compile(r",\s+")
_RAISES = re.compile(r"^Raises: ([A-Za-z0-9, \n]+)\.$", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Change the docstrings of all objects of the package."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of one object."""
        if obj.docstring:
            obj.docstring.value = changed(obj.docstring.value)


def changed(text: str) -> str:
    """Return a docstring with its examples as blocks of code and its errors as links to `rekog.errors`.

    >>> changed("Raises: ThrottlingException.")
    'Raises: [`ThrottlingException`][rekog.errors.ThrottlingException].'
    """
    text = _RAISES.sub(lambda match: f"Raises: {', '.join(_linked(name) for name in _COMMA.split(match[1]))}.", text)
    text = _SESSION.sub(lambda match: f"```pycon\n{match[0].rstrip()}\n```\n", text)
    return _EXAMPLE.sub(lambda match: f"Example:\n    ```python\n{match[1].rstrip()}\n    ```\n", text)


def _linked(name: str) -> str:
    return f"[`{name}`][rekog.errors.{name}]"
