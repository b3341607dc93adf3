"""Page tokens: opaque to the client, good for the listing that gave them and for no other.

A token is the position where the next page begins and a code over it that only this state's secret can make. What the
listing was (operation, owner, filters) goes into the code and not into the token, so a token of another listing fails
like an altered one, and the token stays within the service's 255 characters.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from ..refusals import page_token_invalid

_CODE_BYTES = 16
POSITION_BYTES = 175
"""What fits beside the code into 255 characters of base64."""


def seal(secret: bytes, listing: tuple[str, ...], position: str) -> str:
    """Return the token for a position of at most `POSITION_BYTES` in a listing."""
    raw = position.encode()
    return base64.urlsafe_b64encode(_code(secret, listing, raw) + raw).decode().rstrip("=")


def unseal(secret: bytes, listing: tuple[str, ...], token: str) -> str:
    """Return the position that a token of this listing holds, or refuse the token."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise page_token_invalid() from None
    code, position = raw[:_CODE_BYTES], raw[_CODE_BYTES:]
    if not hmac.compare_digest(code, _code(secret, listing, position)):
        raise page_token_invalid()
    text = position.decode()
    # the last character of base64 has unused bits, so more than one text can mean the same bytes
    if seal(secret, listing, text) != token:
        raise page_token_invalid()
    return text


def _code(secret: bytes, listing: tuple[str, ...], position: bytes) -> bytes:
    message = b"\0".join([*(part.encode() for part in listing), position])
    return hmac.digest(secret, message, hashlib.sha256)[:_CODE_BYTES]
