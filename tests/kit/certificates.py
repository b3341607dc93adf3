"""Certificates in the forms that OpenSSL reads."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme


def hashed_name(authority: trustme.CA) -> str:
    """Return the file name under which OpenSSL finds a certificate in a directory: see its man page for rehash."""
    from cryptography import x509

    name = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
    canonical = b""
    for attribute in name:
        text = str(attribute.value).lower().encode()
        value = b"\x0c" + bytes([len(text)]) + text
        oid = x509.Name([attribute]).public_bytes()[6:][:5]
        pair = oid + value
        pair = b"\x30" + bytes([len(pair)]) + pair
        canonical += b"\x31" + bytes([len(pair)]) + pair
    return hashlib.sha1(canonical).digest()[3::-1].hex() + ".0"
