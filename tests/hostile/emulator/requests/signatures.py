"""Altered signatures: no request is served whose signature, or whose signed content, was altered; none is a failure.

Requests that botocore signed, in headers and in URLs, are altered in one place. The request as it was is served.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import httpx
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rekog.emulator import Emulator
from tests.hostile.emulator.calls import LocalCaller, failures_are_faults, headers, judge
from tests.hostile.emulator.requests.values import TEXTS

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 39
SIGNATURE = "X-Amz-Signature"
KEY, SECRET = "AKIDEXAMPLE", "secret"
BODY = b'{"MaxResults": 3}'
LETTERS = "0123456789abcdefABCDEF/=,;%-_ \t"
SIGNED = ("authorization", "x-amz-date", "x-amz-target", "host", "content-type")


def attack(count: int, report: Report) -> None:
    """Send requests with one alteration each."""
    chance = random.Random(SEED)
    keys = {KEY: SECRET, "AKIDOTHER": "other"}
    with Emulator(verify_signatures=keys) as emulator, failures_are_faults(report):
        caller = LocalCaller(emulator)
        for number in range(count):
            in_url = number % 2 == 1
            target, lines, body = _presigned() if in_url else _signed()
            original = (target, dict(lines), body)
            if number % 50 > 1:
                target, body = _altered(target, lines, body, chance, in_url=in_url)
            is_altered = (target, lines, body) != original
            try:
                answer = caller.send("POST", target, body, lines)
            except (httpx.InvalidURL, UnicodeEncodeError):
                continue  # a client cannot send it
            judge(report, answer, "an altered signature")
            served = answer.status == 200
            report.check(is_altered or served, f"a valid signature is refused: {answer.code}")
            if is_altered and served:
                pairs = set(lines.items()) ^ set(original[1].items())
                queries = set(parse_qsl(target)) ^ set(parse_qsl(original[0]))
                report.fault(f"served with another {sorted(pairs) or sorted(queries) or target}, {body!r}"[:200])


def _signed() -> tuple[str, dict[str, str], bytes]:
    request = AWSRequest("POST", "http://rekog/", headers=headers("ListCollections"), data=BODY)
    signer: Any = SigV4Auth(Credentials(KEY, SECRET), "rekognition", "us-east-1")
    signer.add_auth(request)
    return "/", _lines(request), BODY


def _presigned() -> tuple[str, dict[str, str], bytes]:
    request = AWSRequest("POST", "http://rekog/", headers=headers("ListCollections"), params={"MaxResults": "3"})
    signer: Any = SigV4QueryAuth(Credentials(KEY, SECRET), "rekognition", "us-east-1", expires=60)
    signer.add_auth(request)
    prepared: Any = request.prepare()
    url = httpx.URL(prepared.url)
    return url.raw_path.decode(), _lines(request), b""


def _lines(request: Any) -> dict[str, str]:
    return {"host": "rekog", **{str(name).lower(): str(value) for name, value in request.headers.items()}}


def _altered(
    target: str, lines: dict[str, str], body: bytes, chance: random.Random, *, in_url: bool
) -> tuple[str, bytes]:
    """Return another target and body, or change the headers."""
    kind = chance.randrange(5)
    if kind == 0:
        return target, chance.choice((body + b" ", b"{}", b'{"MaxResults": 4}', body[:-1], b"\0"))
    if kind == 1 and not in_url:
        return f"{target}{chance.choice(('?a=b', 'a', '?X-Amz-Signature=0', '/', '%2e'))}", body
    if in_url and kind in (1, 2, 3):
        return _altered_query(target, chance), body
    name = chance.choice([each for each in SIGNED if each in lines])
    value = lines[name]
    if kind == 2 and name != "host":  # httpx would add it again
        del lines[name]
    elif kind == 3:
        lines[name] = chance.choice([text for text in TEXTS if text.isprintable() and text.isascii()])
    else:
        at = chance.randrange(len(value))
        letter = chance.choice([each for each in LETTERS if each != value[at]])
        lines[name] = value[:at] + letter + value[at + 1 :]
    return target, body


def _altered_query(target: str, chance: random.Random) -> str:
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    at = chance.randrange(len(pairs))
    name, value = pairs[at]
    change = chance.randrange(4)
    if change == 0:
        del pairs[at]
    elif change == 1:
        pairs[at] = name, chance.choice(TEXTS[:16])
    elif change == 2 and name != SIGNATURE:  # the last signature counts, and signs the rest
        pairs.insert(at, (name, chance.choice(("1", "", value[::-1] + "1"))))
    else:
        where = chance.randrange(len(value))
        pairs[at] = name, value[:where] + chance.choice([each for each in LETTERS if each != value[where]])
    return f"{path}?{urlencode(pairs)}"
