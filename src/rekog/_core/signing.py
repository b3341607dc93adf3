"""Signatures of requests (AWS Signature Version 4), in headers or in a URL.

A signature is an HMAC over a canonical text of the request: method, path, query, the signed headers, and a hash of the
body. Four more HMACs derive its key from the secret for one day, region and service, so the key is cached, and so are
the parts that all requests of an operation share. Headers that intermediaries may change are not signed.
"""

from __future__ import annotations

import math
import time
from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING, TypeAlias, cast

from .._settings.endpoint import SERVICE
from .._values.errors import ParamValidationError
from .._values.narrow import is_bytes

if TYPE_CHECKING:
    from .._settings.endpoint import Endpoint
    from .._settings.values import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
MAXIMUM_LIFETIME = 7 * 24 * 3600
"""Maximum lifetime of a signed URL in seconds, by the rules of Signature Version 4."""

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
UNSIGNED_HEADERS = frozenset(
    "baggage connection expect keep-alive proxy-authenticate proxy-authorization te traceparent tracestate trailer"
    " transfer-encoding upgrade user-agent x-amzn-trace-id".split()
)
_DATE = "\0"  # placeholder for the date in cached texts; no header value can contain it

Pairs: TypeAlias = tuple[tuple[str, str], ...]


def sign(
    *,
    credentials: Credentials,
    endpoint: Endpoint,
    headers: Pairs,
    content: Iterable[bytes],
    now: float,
    method: str = "POST",
    query: Pairs = (),
    service: str = SERVICE,
) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers to send: host, `headers`, token, date, and the signature. `now` is in epoch seconds."""
    stamp = timestamp(now)
    scope = f"{stamp[:8]}/{endpoint.signing_region}/{service}/aws4_request"
    block, names, constant = _layout(endpoint.host, headers, credentials.session_token)
    block = block.replace(_DATE, stamp)
    path = canonical_path(endpoint.path)
    request = f"{method}\n{path}\n{canonical_query(query)}\n{block}\n{names}\n{content_hash(content)}"
    signature = signature_of(credentials.secret_access_key, stamp, scope, request)
    credential = f"Credential={credentials.access_key_id}/{scope}"
    authorization = f"{ALGORITHM} {credential}, SignedHeaders={names}, Signature={signature}"
    return (*constant, (b"x-amz-date", stamp.encode()), (b"authorization", authorization.encode()))


def presign(
    *,
    credentials: Credentials,
    endpoint: Endpoint,
    headers: Pairs,
    parameters: Mapping[str, object],
    expires_in: int,
    now: float,
    method: str = "POST",
    service: str = SERVICE,
) -> str:
    """Return a URL that contains the parameters and the signature, as botocore builds it for this protocol.

    A request to the URL must have the same headers. A list's items become parameters of one name; a structure becomes
    JSON text (botocore writes Python's `repr` there). No body is signed. The URL is valid for `expires_in` seconds.
    """
    if type(expires_in) is not int or not 1 <= expires_in <= MAXIMUM_LIFETIME:
        raise ParamValidationError(
            f"expires_in must be a whole number of seconds, 1 to {MAXIMUM_LIFETIME}, not {expires_in!r}"
        )
    if method not in METHODS:
        raise ParamValidationError(f"http_method must be one of {', '.join(METHODS)}, not {method!r}")
    stamp = timestamp(now)
    scope = f"{stamp[:8]}/{endpoint.signing_region}/{service}/aws4_request"
    block, names = canonical_headers((("host", endpoint.host), *headers))
    query = [
        *((name, _text(item)) for name, value in parameters.items() for item in _items(value)),
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{credentials.access_key_id}/{scope}"),
        ("X-Amz-Date", stamp),
        ("X-Amz-Expires", str(expires_in)),
        ("X-Amz-SignedHeaders", names),
    ]
    if credentials.session_token is not None:
        query.append(("X-Amz-Security-Token", credentials.session_token))
    try:
        sent = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in query)
    except UnicodeEncodeError as error:
        half = f"U+{ord(error.object[error.start]):04X}"
        text = f"params: a text contains {half}, a lone surrogate, which no URL can contain"
        raise ParamValidationError(text) from None
    path = canonical_path(endpoint.path)
    request = f"{method}\n{path}\n{canonical_query(query)}\n{block}\n{names}\n{content_hash(())}"
    signature = signature_of(credentials.secret_access_key, stamp, scope, request)
    return f"{endpoint.url}?{sent}&X-Amz-Signature={signature}"


def timestamp(now: float) -> str:
    """Return a time in epoch seconds in the format of signatures.

    >>> timestamp(1440938160.5)
    '20150830T123600Z'
    """
    return _second(math.floor(now))


@lru_cache(maxsize=2)
def _second(now: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))


def canonical_path(path: str) -> str:
    """Resolve `.`, `..` and repeated slashes, then percent-encode, existing percent signs included.

    >>> canonical_path("//a/./b/../c d/")
    '/a/c%20d/'
    """
    if path == "/":
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    end = "/" if parts and path.endswith("/") else ""
    return _quote(f"/{'/'.join(parts)}{end}", "-._~/")


def canonical_query(pairs: Sequence[tuple[str, str]]) -> str:
    """Return percent-encoded names and values in order, repeated names by value.

    >>> canonical_query([("b", "1"), ("a", "2"), ("a", "1 é")])
    'a=1%20%C3%A9&a=2&b=1'
    """
    if not pairs:
        return ""
    return "&".join(f"{name}={value}" for name, value in sorted((_quote(name), _quote(value)) for name, value in pairs))


def canonical_headers(pairs: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the block of signed headers and the list of their names.

    >>> canonical_headers([("X-B", " 1   2 "), ("host", "a"), ("User-Agent", "x")])
    ('host:a\\nx-b:1 2\\n', 'host;x-b')
    """
    values: dict[str, str] = {}
    for header, value in pairs:
        name = header.lower()
        if name not in UNSIGNED_HEADERS:
            text = " ".join(value.split())
            values[name] = f"{values[name]},{text}" if name in values else text
    names = sorted(values)
    return "".join(f"{name}:{values[name]}\n" for name in names), ";".join(names)


@lru_cache(maxsize=128)
def _layout(host: str, headers: Pairs, token: str | None) -> tuple[str, str, tuple[tuple[bytes, bytes], ...]]:
    """Return the headers' canonical text, their names, and their bytes without the date."""
    sent = [("host", host), *headers]
    if token is not None:
        sent.append(("x-amz-security-token", token))
    block, names = canonical_headers([*sent, ("x-amz-date", _DATE)])
    return block, names, tuple((name.encode(), value.encode()) for name, value in sent)


def content_hash(parts: Iterable[bytes]) -> str:
    """Return the hash of a body without joining its parts."""
    total = sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()


def signature_of(secret: str, stamp: str, scope: str, canonical_request: str) -> str:
    """Return a canonical request's signature in a scope of the form `DATE/REGION/SERVICE/aws4_request`."""
    text = f"{ALGORITHM}\n{stamp}\n{scope}\n{sha256(canonical_request.encode()).hexdigest()}"
    return digest(signing_key(secret, scope), text.encode(), "sha256").hex()


@lru_cache(maxsize=16)
def signing_key(secret: str, scope: str) -> bytes:
    """Return the key for a scope; it stays the same for a whole day."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = digest(key, part.encode(), "sha256")
    return key


def _items(value: object) -> Iterable[object]:
    return cast("Iterable[object]", value) if isinstance(value, list | tuple) else (value,)  # cast: items of any type


def _text(value: object) -> str:
    if is_bytes(value):
        return b2a_base64(value, newline=False).decode()
    if isinstance(value, Mapping | list | tuple):
        import json

        return json.dumps(value, default=_text, separators=(",", ":"))
    return value if isinstance(value, str) else str(value)


def _quote(text: str, safe: str = "-._~") -> str:
    from urllib.parse import quote  # slow to import, and a plain call has nothing to encode

    return quote(text, safe)
