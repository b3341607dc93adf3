"""Content codings of a response: gzip and deflate, decoded up to a maximum size.

A client requests no coding, but a proxy may add one. A compressed body can be a thousand times larger when decoded, so
the limit applies while it is decoded.
"""

from __future__ import annotations

import zlib

MAXIMUM_CODINGS = 5  # of one response; each coding may multiply the work of the next

_GZIP = 16 + zlib.MAX_WBITS  # the numbers that zlib has for the two formats
_RAW = -zlib.MAX_WBITS


class TooLargeError(Exception):
    """The decoded content is larger than the maximum."""


def decode(codings: str, content: bytes, maximum: int) -> bytes:
    """Return content without its codings, the value of a Content-Encoding header.

    An unknown coding stays as it is. Raise `ValueError` when the content does not have its codings, or has too many.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    if len(names) > MAXIMUM_CODINGS:
        raise ValueError(f"{len(names)} codings are more than {MAXIMUM_CODINGS}")
    for name in reversed(names):  # the last one was applied last
        if name in ("gzip", "x-gzip"):
            content = _gunzip(content, maximum)
        elif name == "deflate":
            content = _inflate(content, maximum)
        elif name not in ("identity", ""):
            break
    return content


def _gunzip(content: bytes, maximum: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while content.startswith(b"\x1f\x8b") or not parts:  # a file of gzip may have several members
        part, content = _decompress(content, _GZIP, maximum - size)
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _inflate(content: bytes, maximum: int) -> bytes:
    """Decode the format of zlib, which the coding means, or the raw one, which some servers send."""
    has_header = content[0] & 15 == zlib.DEFLATED and int.from_bytes(content[:2]) % 31 == 0  # RFC 1950, section 2.2
    return _decompress(content, zlib.MAX_WBITS if has_header else _RAW, maximum)[0]


def _decompress(content: bytes, form: int, maximum: int) -> tuple[bytes, bytes]:
    """Return the decoded bytes and those after the end."""
    decoder = zlib.decompressobj(form)
    try:
        decoded = decoder.decompress(content, maximum + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(decoded) > maximum:
        raise TooLargeError
    if not decoder.eof:
        raise ValueError("the end is missing")
    return decoded, decoder.unused_data
