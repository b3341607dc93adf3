"""Removal of our secrets from responses that are no answers of the service: a gateway's page may repeat the request.

The error of such a page shows its beginning, and programs log errors. Only failed calls load this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..flow import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..._settings.values import Credentials
    from ..flow import HttpRequest

REMOVED = "(removed)"
SHORTEST = 8  # characters; a shorter text would also be found in ordinary words
COMPARED = 16  # characters at the beginning, because a page may cut a long value off
_AUTHORIZATION = b"authorization"


def redacted(response: HttpResponse, request: HttpRequest, credentials: Credentials) -> HttpResponse:
    """Return the response without the credentials, the signature and the image of its request, if it has any."""
    secrets = sorted({_pattern(text) for text in _secrets(request, credentials) if len(text) >= SHORTEST})
    if not secrets:
        return response
    pattern = re.compile(rf"(?:{'|'.join(secrets)})[^\s\"'<>,]*", re.IGNORECASE)
    content = response.content.decode("latin-1")  # each byte is a character, so that the rest stays as it is
    headers = {name: pattern.sub(REMOVED, value) for name, value in response.headers.items()}
    return HttpResponse(response.status, headers, pattern.sub(REMOVED, content).encode("latin-1"))


def _secrets(request: HttpRequest, credentials: Credentials) -> Iterator[str]:
    yield credentials.access_key_id
    yield credentials.secret_access_key
    yield credentials.session_token or ""
    for name, value in request.headers:
        if name.lower() == _AUTHORIZATION:
            yield value.decode("latin-1").rpartition("Signature=")[2]
    yield from _blobs(request.content)


def _blobs(parts: tuple[bytes, ...]) -> Iterable[str]:
    """Return the beginnings of the base64 texts in a body: every second part is one."""
    return (part[:COMPARED].decode("latin-1") for part in parts[1::2])


def _pattern(secret: str) -> str:
    return "".join(map(_character, secret[:COMPARED]))


def _character(character: str) -> str:
    """Return the pattern of a character: itself, or its form in a URL, in HTML or in JSON."""
    if character.isalnum():
        return character
    code = ord(character)
    return rf"(?:\\*{re.escape(character)}|%{code:02x}|&#0*{code};|&#x0*{code:x};|\\+u{code:04x})"
