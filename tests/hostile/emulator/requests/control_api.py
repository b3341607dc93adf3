"""Altered requests to each route of the control API: a result or an error of the client, never a failure, in seconds.

Paths, methods, queries, content types and bodies of valid requests are altered. Snapshots are damaged. In the end the
emulator works.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import quote

from rekog.emulator import Emulator, ManualClock
from rekog.emulator.front.exchange import Request
from rekog.emulator.serving.control import control
from rekog.emulator.serving.routes import PREFIX, ROUTES
from tests.hostile.emulator.calls import SLOW, Answer, LocalCaller, call, failures_are_faults, judge
from tests.hostile.emulator.requests.values import NUMBERS, TEXTS, altered, hostile, ready
from tests.kit.populated import populate
from tests.kit.service import base64_text
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 58
RENEWED = 2_000  # requests until the state is restored
BOX = [0.1, 0.1, 0.3, 0.3]
ENTRY = {
    "of": "s3://photos/street.png",
    "faces": [{"Identity": "Ann", "BoundingBox": BOX, "Emotions": {"HAPPY": 90}, "AgeRange": {"Low": 20, "High": 30}}],
    "labels": ["Cat", {"Name": "Car", "Confidence": 88, "Instances": [{"BoundingBox": BOX}]}],
    "moderation": ["Smoking"],
    "text": ["EXIT", {"DetectedText": "A B", "BoundingBox": BOX}],
    "ppe": [{"BoundingBox": [0, 0, 1, 1], "BodyParts": ["FACE"]}],
    "celebrities": [{"Name": "Ada", "Id": "1abc", "Face": BOX}],
    "custom_labels": ["dog"],
    "video": {"DurationMillis": 4000, "FrameRate": 25, "FrameWidth": 640, "FrameHeight": 360, "Format": "MP4"},
    "segments": [{"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": 40, "ShotSegment": {"Index": 0}}],
}
IMAGE = base64_text(image_file(plain_image()))
TOML = b'[[declare]]\nof = "s3://photos/cat.jpg"\nlabels = ["Cat"]\n[[declare.faces]]\nBoundingBox = [0, 0, 1, 1]\n'


class Route(NamedTuple):
    """A valid request: the end of its path, its query, and its body."""

    rest: str = ""
    query: str = ""
    body: object = None


VALID: dict[tuple[str, str], Route] = {
    ("POST", "declare"): Route(body=ENTRY),
    ("POST", "forget"): Route(body={"of": "s3://photos/street.png", "capabilities": ["labels"]}),
    ("PUT", "objects/"): Route("photos/new.png", body=b"data"),
    ("GET", "objects/"): Route("photos/street.png", "version_id=1"),
    ("POST", "clock"): Route(body={"advance": 2.5}),
    ("PUT", "durations"): Route(body={"training": 1.5}),
    ("POST", "faults"): Route(
        body={"operation": "DetectFaces", "calls": [1], "error": "ThrottlingException", "latency": [0.1, 0.2]}
    ),
    ("POST", "faults/throttle"): Route(body={"region": "us-east-1"}),
    ("POST", "liveness"): Route(
        body={
            "session_id": "00000000-0000-4000-8000-000000000000",
            "status": "SUCCEEDED",
            "confidence": 99,
            "reference_image": IMAGE,
            "audit_images": [IMAGE, {"Bytes": IMAGE, "BoundingBox": {"Width": 0.5}}],
            "challenge": {"Type": "FaceMovementChallenge", "Version": "1.0.0"},
            "feedback": [{"Code": "a"}],
        }
    ),
    ("POST", "versions"): Route(body={"project_version_arn": "arn", "status": "RUNNING", "f1_score": 0.5}),
    ("POST", "stream-processors"): Route(body={"stream_processor_arn": "arn", "status": "FAILED", "message": "a"}),
    ("POST", "celebrities"): Route(
        body={"name": "Ada", "images": [IMAGE, "s3://photos/street.png"], "id": "1abc", "urls": ["a.b"]}
    ),
    ("POST", "reset"): Route(body={"account": "123456789012", "region": "eu-west-1"}),
    ("GET", "calls"): Route(query="operation=DetectFaces&last=5"),
    ("GET", "console/"): Route("console.js"),
    ("POST", "operations/"): Route(
        "SearchFacesByImage",
        "region=us-east-1&observed=yes",
        body={"CollectionId": "people", "Image": {"Bytes": IMAGE}, "MaxFaces": 5},
    ),
}


def attack(count: int, report: Report) -> None:
    """Send altered requests to each route in turn."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "saved")
        with Emulator(clock=ManualClock(1e9)) as emulator:
            populate(emulator)
            emulator.snapshot(saved)
        for first in range(0, count, RENEWED):
            # a new one, because clocks of the year 9999 and delays of all requests are valid results of an attack
            with Emulator(clock=ManualClock(1e9)) as emulator, failures_are_faults(report):
                emulator.restore(saved)
                for number in range(first, min(count, first + RENEWED)):
                    _send(emulator, number, saved, chance, report)
                emulator.faults.clear()
                answer = call(LocalCaller(emulator), "ListCollections", {})
                report.check(answer.status == 200, f"the emulator does not work after the attack: {answer.code}")


def _send(emulator: Emulator, number: int, saved: Path, chance: random.Random, report: Report) -> None:
    route = ROUTES[number % len(ROUTES)]
    valid = VALID.get((route.method, route.path), Route())
    method, rest, query, kind = route.method, valid.rest, valid.query, "application/json"
    if chance.random() < 0.05:
        method = chance.choice(("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "", "get"))
    if chance.random() < (0.5 if rest else 0.05):
        rest = "/".join(quote(chance.choice(TEXTS), errors="surrogatepass") for _ in range(chance.randrange(5)))
    if chance.random() < 0.3:
        name = chance.choice(("version_id", "operation", "region", "observed", "last", "a", ""))
        query = f"{name}={chance.choice(('', '%', '%ff', '%00', 'a=b&c'))}"
    body = _body(valid.body, chance)
    if route.path == "snapshot" and route.method == "PUT":
        body = _damaged(saved.read_bytes(), chance)
    if route.path == "declare" and chance.random() < 0.3:
        kind, body = "application/toml", _damaged(TOML, chance)
    began = time.monotonic()
    request = Request(method, PREFIX + route.path + rest, {"content-type": kind}, body, query)
    response = control(emulator, request)
    answer = Answer(response.status, response.content, time.monotonic() - began)
    judge(report, answer, f"{method} {route.path}", slow=SLOW + 20)  # notifications wait for jobs that are due


def _body(valid: object, chance: random.Random) -> bytes:
    if chance.random() < 0.05:
        return chance.choice((b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":' * 5000, b"\0", b"1e999"))
    if isinstance(valid, bytes):
        return valid
    body: object = valid
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        body = altered(body, chance, [])
    if chance.random() < 0.05 or not isinstance(body, dict | list | str | int | float):
        body = hostile(chance, [])
    if isinstance(body, dict) and chance.random() < 0.1:
        members = cast("dict[str, object]", body)  # cast: of a JSON value
        body = {**members, chance.choice(TEXTS): chance.choice(NUMBERS)}
    return json.dumps(ready(body)).encode()  # pyright: ignore[reportUnknownArgumentType]  # of any type


def _damaged(data: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(chance.choice((0, 1, 5, 50))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)
