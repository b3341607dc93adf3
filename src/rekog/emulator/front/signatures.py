"""Signature Version 4: check signatures in the header or in the URL, when the emulator was given keys.

The messages are those of the AWS front end as far as they are known; the status is always 400 (assumed). The check uses
the real time instead of the emulator's clock, because clients sign with the real time.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from ..._core.signing import (
    ALGORITHM,
    MAXIMUM_LIFETIME,
    canonical_path,
    canonical_query,
    content_hash,
    signature_of,
    timestamp,
)
from ..._settings.endpoint import SERVICE
from ..._values.clocks import real_time
from ..._values.narrow import is_mapping
from ..refusals import RefusalError
from .presigned import SIGNATURE, is_presigned

if TYPE_CHECKING:
    from .exchange import Request

_MAX_SKEW_SECONDS = 300
_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_CREDENTIAL = re.compile(r"(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_STAMP = "%Y%m%dT%H%M%SZ"

_UNKNOWN_KEY = "The security token included in the request is invalid."
_WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
_MISSING = "Request is missing Authentication Token"


class SignatureFields(NamedTuple):
    """The signature of a request and its fields. `life` is in seconds; None for a signature in the header."""

    credential: str
    signed_headers: str
    signature: str
    stamp: str
    query: tuple[tuple[str, str], ...]
    life: int | None = None


class Verifier:
    """Verifies signatures. `keys` has the secrets by access key id."""

    def __init__(self, keys: Mapping[str, str], clock: Callable[[], float] = real_time) -> None:
        if not _are_secrets(keys):
            raise ValueError("verify_signatures must have a secret for each access key id, both as text")
        self._keys = dict(keys)
        self._clock = clock

    def __repr__(self) -> str:
        return f"<Verifier of {', '.join(self._keys)}>"

    def check(self, request: Request) -> None:
        """Refuse a request whose signature is missing, incomplete, of an unknown key, wrong or expired."""
        fields = _fields(request)
        parts = _CREDENTIAL.fullmatch(fields.credential)
        if parts is None:
            raise _incomplete("Credential must be KEY/DATE/REGION/SERVICE/aws4_request.")
        secret = self._keys.get(parts["key"])
        if secret is None:
            raise RefusalError("UnrecognizedClientException", _UNKNOWN_KEY)
        if parts["service"] != SERVICE:
            raise _invalid(f"Credential should be scoped to correct service: '{SERVICE}'. ")
        if parts["date"] != fields.stamp[:8]:
            raise _invalid(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
                f" '{parts['date']}' != '{fields.stamp[:8]}', from '{fields.stamp}'."
            )
        self._check_time(fields)
        scope = fields.credential.partition("/")[2]
        expected = signature_of(secret, fields.stamp, scope, _canonical(request, fields))
        if not compare_digest(expected.encode(), fields.signature.encode()):
            raise _invalid(_WRONG_SIGNATURE)

    def _check_time(self, fields: SignatureFields) -> None:
        now = self._clock()
        signed = _seconds(fields.stamp)
        life = _MAX_SKEW_SECONDS if fields.life is None else fields.life
        if signed + life < now:
            if fields.life is not None:
                raise _invalid(f"Signature expired: {timestamp(signed + life)} is now earlier than {timestamp(now)}")
            earliest = timestamp(now - life)
            message = f"Signature expired: {fields.stamp} is now earlier than {earliest} ({timestamp(now)} - 5 min.)"
            raise _invalid(message)
        if signed - _MAX_SKEW_SECONDS > now:
            latest = timestamp(now + _MAX_SKEW_SECONDS)
            raise _invalid(
                f"Signature not yet current: {fields.stamp} is still later than {latest} ({timestamp(now)} + 5 min.)"
            )


def _are_secrets(keys: object) -> bool:
    return is_mapping(keys) and bool(keys) and all(isinstance(text, str) and text for text in (*keys, *keys.values()))


def _fields(request: Request) -> SignatureFields:
    """Return the fields of a request's signature; refuse a request in which they are missing or incomplete."""
    if is_presigned(request.query):
        return _fields_of_query(request.query)
    header = request.headers.get("authorization", "")
    if not header:
        raise RefusalError("MissingAuthenticationTokenException", _MISSING)
    algorithm, _, text = header.partition(" ")
    parts = dict(_PART.findall(text))
    stamp = request.headers.get("x-amz-date", "")
    problems = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if name not in parts
    ]
    if algorithm != ALGORITHM:
        problems = [f"Authorization header must begin with {ALGORITHM}."]
    if not _is_stamp(stamp):
        problems.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if problems:
        raise _incomplete(" ".join(problems))
    query = tuple(parse_qsl(request.query, keep_blank_values=True))
    return SignatureFields(parts["Credential"], parts["SignedHeaders"], parts["Signature"], stamp, query)


def _fields_of_query(query: str) -> SignatureFields:
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    parts = dict(pairs)
    life = parts.get("X-Amz-Expires", "")
    problems = [
        f"AWS query-string parameters must include '{name}'."
        for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires")
        if name not in parts
    ]
    if not problems and not (parts["X-Amz-Algorithm"] == ALGORITHM and _is_stamp(parts["X-Amz-Date"])):
        problems.append(f"X-Amz-Algorithm must be {ALGORITHM}, X-Amz-Date like 20150830T123600Z.")
    if not problems and not (re.fullmatch(r"[0-9]{1,6}", life) and 1 <= int(life) <= MAXIMUM_LIFETIME):
        problems.append(f"X-Amz-Expires must be 1 to {MAXIMUM_LIFETIME}.")
    if problems:
        raise _incomplete(" ".join(problems))
    unsigned = tuple(pair for pair in pairs if pair[0] != SIGNATURE)
    return SignatureFields(
        parts["X-Amz-Credential"],
        parts["X-Amz-SignedHeaders"],
        parts[SIGNATURE],
        parts["X-Amz-Date"],
        unsigned,
        int(life),
    )


def _canonical(request: Request, fields: SignatureFields) -> str:
    names = fields.signed_headers.split(";")
    if "host" not in names:
        raise _invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    # all signed headers count, also those that our own client leaves out
    block = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    return "\n".join(
        (
            request.method,
            canonical_path(request.prefix + request.path or "/"),
            canonical_query(fields.query),
            block,
            fields.signed_headers,
            content_hash((request.body,)),
        )
    )


def _is_stamp(text: str) -> bool:
    try:
        time.strptime(text, _STAMP)
    except ValueError:
        return False
    return True


def _seconds(stamp: str) -> float:
    return float(calendar.timegm(time.strptime(stamp, _STAMP)))


def _invalid(message: str) -> RefusalError:
    return RefusalError("InvalidSignatureException", message)


def _incomplete(message: str) -> RefusalError:
    return RefusalError("IncompleteSignatureException", message)
