"""Base64 text of blobs: by pybase64 when it is installed, which takes a twentieth of the time, else by `binascii`."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .._values.narrow import BytesLike


class _Codec(NamedTuple):
    """The functions of one library. That of texts refuses other characters than those of base64."""

    encode: Callable[[BytesLike], bytes]
    decode: Callable[[str], bytes]


_STANDARD = _Codec(partial(binascii.b2a_base64, newline=False), partial(binascii.a2b_base64, strict_mode=True))
_chosen: list[_Codec] = []


def encoded(data: BytesLike) -> bytes:
    """Return the base64 text of bytes."""
    return _codec().encode(data)


def decoded(text: str) -> bytes:
    """Return the bytes of a base64 text; raise `ValueError` for any other text."""
    try:
        return _codec().decode(text)
    except ValueError:  # pybase64 also refuses superfluous padding
        return _STANDARD.decode(text)


def _codec() -> _Codec:
    if not _chosen:
        _chosen.append(_STANDARD)  # until pybase64 is there: a signal may interrupt its import
        with suppress(ImportError):
            pybase64: Any = import_module("pybase64")  # optional
            _chosen[0] = _Codec(pybase64.b64encode, partial(pybase64.b64decode, validate=True))
    return _chosen[0]
