"""Halves of surrogate pairs: JSON can escape them, but they are no characters, and UTF-8 can't encode them."""

from __future__ import annotations

import re

HALF = re.compile("[\ud800-\udfff]")
NO_TEXT = "must be text, without half a surrogate pair"


def check_texts(**texts: str | None) -> None:
    """Raise `ValueError` for a text with half a surrogate pair. The argument's name is in the message.

    >>> check_texts(message="\\ud800")
    Traceback (most recent call last):
    ValueError: message must be text, without half a surrogate pair
    """
    for name, text in texts.items():
        if isinstance(text, str) and HALF.search(text):
            raise ValueError(f"{name} {NO_TEXT}")
