"""Check Signature Version 4 on requests, in the header or in the URL, when the emulator is given keys to check with.

The texts are those of the AWS front end as far as they are known; all come with status 400 (assumed). The time is the
real one, whatever the emulator's clock says: clients sign with theirs.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from ..._core.signing import ALGORITHM, canonical_path, canonical_query, content_hash, signature_of, timestamp
from ..._settings.endpoint import SERVICE
from ..._values.narrow import is_mapping
from ..refusals import RefusalError
from .presigned import SIGNATURE, is_presigned

if TYPE_CHECKING:
    from .exchange import Request

MOST_SKEW_SECONDS = 300
LONGEST_LIFE_SECONDS = 7 * 24 * 3600

_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_CREDENTIAL = re.compile(r"(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_STAMP = "%Y%m%dT%H%M%SZ"

_UNKNOWN_KEY = "The security token included in the request is invalid."
_WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
_MISSING = "Request is missing Authentication Token"


class Claim(NamedTuple):
    """What a request says about its signature; `life` is in seconds, and None for one in the header."""

    credential: str
    signed_headers: str
    signature: str
    stamp: str
    query: tuple[tuple[str, str], ...]
    life: int | None = None


class Verifier:
    """Lets signatures of some keys pass. `keys` has the secrets by the access key ids."""

    def __init__(self, keys: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        if not _are_secrets(keys):
            raise ValueError("verify_signatures must have a secret for each access key id, both as text")
        self._keys = dict(keys)
        self._clock = clock

    def __repr__(self) -> str:
        return f"<Verifier of {', '.join(self._keys)}>"

    def check(self, request: Request) -> None:
        """Refuse a request whose signature is missing, of an unknown key, wrong, or not of this time."""
        claim = claim_of(request)
        parts = _CREDENTIAL.fullmatch(claim.credential)
        if parts is None:
            raise _incomplete("Credential must be KEY/DATE/REGION/SERVICE/aws4_request.")
        secret = self._keys.get(parts["key"])
        if secret is None:
            raise RefusalError("UnrecognizedClientException", _UNKNOWN_KEY)
        if parts["service"] != SERVICE:
            raise _invalid(f"Credential should be scoped to correct service: '{SERVICE}'. ")
        if parts["date"] != claim.stamp[:8]:
            raise _invalid(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
                f" '{parts['date']}' != '{claim.stamp[:8]}', from '{claim.stamp}'."
            )
        self._check_time(claim)
        scope = claim.credential.partition("/")[2]
        expected = signature_of(secret, claim.stamp, scope, _canonical(request, claim))
        if not compare_digest(expected.encode(), claim.signature.encode()):
            raise _invalid(_WRONG_SIGNATURE)

    def _check_time(self, claim: Claim) -> None:
        now = self._clock()
        signed = _seconds(claim.stamp)
        life = MOST_SKEW_SECONDS if claim.life is None else claim.life
        if signed + life < now:
            if claim.life is not None:
                raise _invalid(f"Signature expired: {timestamp(signed + life)} is now earlier than {timestamp(now)}")
            least = timestamp(now - life)
            raise _invalid(f"Signature expired: {claim.stamp} is now earlier than {least} ({timestamp(now)} - 5 min.)")
        if signed - MOST_SKEW_SECONDS > now:
            most = timestamp(now + MOST_SKEW_SECONDS)
            raise _invalid(
                f"Signature not yet current: {claim.stamp} is still later than {most} ({timestamp(now)} + 5 min.)"
            )


def _are_secrets(keys: object) -> bool:
    return is_mapping(keys) and bool(keys) and all(isinstance(text, str) and text for text in (*keys, *keys.values()))


def claim_of(request: Request) -> Claim:
    """Return what a request says about its signature, or refuse it when it says nothing or not enough."""
    if is_presigned(request.query):
        return _claim_of_query(request.query)
    header = request.headers.get("authorization", "")
    if not header:
        raise RefusalError("MissingAuthenticationTokenException", _MISSING)
    algorithm, _, text = header.partition(" ")
    parts = dict(_PART.findall(text))
    stamp = request.headers.get("x-amz-date", "")
    lacking = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if name not in parts
    ]
    if algorithm != ALGORITHM:
        lacking = [f"Authorization header must begin with {ALGORITHM}."]
    if not _is_stamp(stamp):
        lacking.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if lacking:
        raise _incomplete(" ".join(lacking))
    query = tuple(parse_qsl(request.query, keep_blank_values=True))
    return Claim(parts["Credential"], parts["SignedHeaders"], parts["Signature"], stamp, query)


def _claim_of_query(query: str) -> Claim:
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    parts = dict(pairs)
    life = parts.get("X-Amz-Expires", "")
    lacking = [
        f"AWS query-string parameters must include '{name}'."
        for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires")
        if name not in parts
    ]
    if not lacking and not (parts["X-Amz-Algorithm"] == ALGORITHM and _is_stamp(parts["X-Amz-Date"])):
        lacking.append(f"X-Amz-Algorithm must be {ALGORITHM}, X-Amz-Date like 20150830T123600Z.")
    if not lacking and not (re.fullmatch(r"[0-9]{1,6}", life) and 1 <= int(life) <= LONGEST_LIFE_SECONDS):
        lacking.append(f"X-Amz-Expires must be 1 to {LONGEST_LIFE_SECONDS}.")
    if lacking:
        raise _incomplete(" ".join(lacking))
    unsigned = tuple(pair for pair in pairs if pair[0] != SIGNATURE)
    return Claim(
        parts["X-Amz-Credential"],
        parts["X-Amz-SignedHeaders"],
        parts[SIGNATURE],
        parts["X-Amz-Date"],
        unsigned,
        int(life),
    )


def _canonical(request: Request, claim: Claim) -> str:
    names = claim.signed_headers.split(";")
    if "host" not in names:
        raise _invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    # whatever was signed counts, headers too that our own client would leave out
    block = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    return "\n".join(
        (
            request.method,
            canonical_path(request.path or "/"),
            canonical_query(claim.query),
            block,
            claim.signed_headers,
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
