"""Page tokens: opaque to the client, and valid only for the listing that returned them.

A token holds the position at which the next page begins, and an authentication code (HMAC) that needs the secret of
this state. The code covers the listing too (operation, owner, filters), and the token does not contain it. So a token
of another listing fails like an altered one, and the token stays within the service's limit of 255 characters.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from ..refusals import page_token_invalid

_CODE_BYTES = 16
POSITION_BYTES = 175
"""Maximum size of a position: with the code it fills 255 characters of base64."""


def seal(secret: bytes, listing: tuple[str, ...], position: str) -> str:
    """Return the token for a position of at most `POSITION_BYTES` in a listing."""
    raw = position.encode()
    return base64.urlsafe_b64encode(_code(secret, listing, raw) + raw).decode().rstrip("=")


def unseal(secret: bytes, listing: tuple[str, ...], token: str) -> str:
    """Return the position in a token of this listing; raise a `RefusalError` for any other token."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise page_token_invalid() from None
    code, position = raw[:_CODE_BYTES], raw[_CODE_BYTES:]
    if not hmac.compare_digest(code, _code(secret, listing, position)):
        raise page_token_invalid()
    text = position.decode()
    # the last character of base64 has unused bits, so several texts decode to the same bytes
    if seal(secret, listing, text) != token:
        raise page_token_invalid()
    return text


def _code(secret: bytes, listing: tuple[str, ...], position: bytes) -> bytes:
    message = b"\0".join([*(part.encode() for part in listing), position])
    return hmac.digest(secret, message, hashlib.sha256)[:_CODE_BYTES]
