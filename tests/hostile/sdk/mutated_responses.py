"""Damaged responses: a call returns a result or raises a `RekogError` that can be pickled, within its total timeout.

Valid responses of many kinds are mutated: bytes are changed, inserted, removed, repeated and cut, and tokens of HTTP
and JSON are inserted. The connection closes after a response, resets, or stays open. Memory and the number of
descriptors stay the same.
"""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.hostile.sdk.ways import LIMIT, WAYS, Way, all_ways, check_pickle, outcome, shares
from tests.hostile.watch import Growth
from tests.kit.servers import End, ScriptedResponse, ScriptedServer, chunked, failed, head, http10, ok, throttled

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 31
BATCH = 250
CALLERS = 8
TOTAL = 0.08  # seconds: many damaged responses never end
FACE: dict[str, object] = {
    "BoundingBox": {"Width": 0.5, "Height": 0.5, "Left": 0.1, "Top": 0.1},
    "Confidence": 99.5,
    "Landmarks": [],
}
BODY = json.dumps({"FaceDetails": [FACE, FACE], "OrientationCorrection": "ROTATE_0"}).encode()
PACKED = gzip.compress(BODY)
TOKENS = [
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b"\n",
        b":",
        b" ",
        b"\xff",
        b"\xfc",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 C\r\n\r\n",
    ),
    *(b"Content-Length: 0\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate\r\n"),
    *(
        b"Connection: close\r\n",
        b"Via: M\xfcller\r\n",
        b"Date: Thu, 99 Foo 2026 99:99:99 GMT\r\n",
        b"Retry-After: 1e999\r\n",
    ),
    *(
        b"ffffffffffffffff\r\n",
        b"-1\r\n",
        b"0\r\n\r\n",
        b"NaN",
        b"1e999",
        b"-Infinity",
        b"null",
        b"[[[[[[[[",
        b"{",
        b"}",
    ),
    *(b'"\\ud800"', b"\\u0000", b"9" * 5000, b"[" * 5000, b'{"a":' * 2000, b"true", b'""', b",", b'"__type":"x",'),
]
VALID: list[ScriptedResponse] = [
    ok(BODY),
    chunked(BODY[:50], BODY[50:]),
    http10(BODY),
    (head(200, {"Content-Encoding": "gzip", "Content-Length": str(len(PACKED))}) + PACKED,),
    (head(200, {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}) + b"%x\r\n" % len(PACKED) + PACKED,),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + head(200, {"Content-Length": str(len(BODY)), "Via": "M\xfcller"}) + BODY,),
    failed(400, "InvalidParameterException", "a message", {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}),
    failed(400, "InvalidSignatureException", "a message", {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}),
    throttled(429, "1"),
    failed(503, "ServiceUnavailable"),
]


def attack(count: int, report: Report) -> None:
    """Send damaged responses to the calls in each way."""
    for part, way in zip(shares(count, len(WAYS)), all_ways(), strict=True):
        chance = random.Random(f"{SEED} {way.name}")
        growth: Growth | None = None
        for first in range(0, part, BATCH):
            _run_batch(way, report, chance, min(BATCH, part - first))
            growth = growth or Growth()
        if growth is not None:
            growth.check(report, way.name, mib=10, threads=CALLERS)  # threads of calls that timed out end later


def _run_batch(way: Way, report: Report, chance: random.Random, count: int) -> None:
    numbers = iter(range(count))
    script = [mutated(chance) for _ in range(count)]
    with ScriptedServer(*script, ok(BODY)) as server:
        rekognition = way.client(server.url, timeout=TOTAL, max_connections=CALLERS)

        async def caller() -> None:
            for _ in numbers:
                began = time.monotonic()
                found = await outcome(
                    report, lambda: rekognition.detect_faces(b"\xff\xd8\xff picture"), decode_error_allowed=True
                )
                report.attempt()
                report.figure(type(found).__name__)
                report.check(time.monotonic() - began < TOTAL + LIMIT, "a call outlived its total timeout")
                check_pickle(report, found)

        way.run(*[caller() for _ in range(CALLERS)])
        way.backend.close(rekognition)


def mutated(chance: random.Random) -> ScriptedResponse:
    """Return a damaged response, in one or several pieces."""
    if chance.random() < 0.3:
        data = _framed(chance)
    else:
        whole = bytearray(b"".join(step for step in chance.choice(VALID) if isinstance(step, bytes)))
        _mutate(whole, chance)
        data = bytes(whole)
    cut = chance.randint(0, len(data))
    end: ScriptedResponse = chance.choice(((), (End.CLOSE,), (End.CLOSE,), (End.RESET,)))
    return (data, *end) if chance.random() < 0.7 else (data[:cut], 0.002, data[cut:], *end)


def _framed(chance: random.Random) -> bytes:
    """Return a response with a damaged body, compressed or not, and with the right length."""
    body = bytearray(BODY)
    _mutate(body, chance)
    status, packed = chance.choice((200, 200, 400, 500)), chance.random() < 0.3
    data = gzip.compress(body) if packed else bytes(body)
    headers = {"Content-Length": str(len(data)), **({"Content-Encoding": "gzip"} if packed else {})}
    return head(status, headers) + data


def _mutate(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        chance.choice(MUTATIONS)(data, chance)


def _place(data: bytearray, chance: random.Random) -> int:
    """Return a place in the data, often in the head, where a change does more."""
    limit = len(data) if chance.random() < 0.5 else max(data.find(b"\r\n\r\n") + 4, 1)
    return chance.randint(0, min(limit, len(data)))


def _change(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at : at + 1] = bytes([chance.randrange(256)])


def _remove(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 2, 4, 30))]


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = data[at : at + chance.choice((1, 4, 30, 200))] * chance.choice((1, 2, 50))


def _insert(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = chance.choice(TOKENS)


def _insert_line(data: bytearray, chance: random.Random) -> None:
    at = data.find(b"\r\n") + 2
    data[at:at] = chance.choice(TOKENS)


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]


MUTATIONS: list[Callable[[bytearray, random.Random], None]] = [_change, _remove, _repeat, _insert, _insert_line, _cut]
