"""The control API passes each member of a request on to the method of the emulator that the route calls."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from rekog import models
from rekog.emulator import Fault
from rekog.emulator.front.exchange import Request
from rekog.emulator.serving.control import respond
from rekog.emulator.serving.routes import PREFIX, ROUTES

IMAGE = b"\x89PNG image"
TEXT = base64.b64encode(IMAGE).decode()
BOX = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
FAULT = {
    "operation": "DetectFaces",
    "region": "eu-west-1",
    "calls": [1, 2],
    "every": 3,
    "probability": 0.5,
    "seed": 7,
    "error": "ThrottlingException",
    "message": "slow down",
    "status": 429,
    "reset": "after",
    "truncate": 10,
}


class Recorder:
    """An emulator that records the calls of its methods, with the names of attributes joined by dots."""

    def __init__(self, calls: list[Any] | None = None, name: str = "") -> None:
        self._calls: list[Any] = [] if calls is None else calls
        self._name = name

    def __getattr__(self, name: str) -> Recorder:
        return Recorder(self._calls, f"{self._name}.{name}".strip("."))

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self._calls.append((self._name, arguments, named))
        return Fault(latency=1.0) if self._name == "faults.add" else "result"

    @property
    def recorded(self) -> list[Any]:
        return self._calls


CASES: dict[str, tuple[str, str, Any, Any]] = {
    "declare": (
        "POST",
        "declare",
        {"of": "s3://b/k", "labels": ["Cat"], "recorded": True},
        ("declare_document", ({"declare": [{"of": "s3://b/k", "labels": ["Cat"], "recorded": True}]},), {}),
    ),
    "declare a document": (
        "POST", "declare", {"declare": [], "recorded": True},
        ("declare_document", ({"declare": [], "recorded": True},), {}),
    ),
    "forget everything": ("POST", "forget", {}, ("forget", (None,), {})),
    "forget": (
        "POST", "forget", {"of": "s3://b/k", "capabilities": ["labels", "text"]},
        ("forget", ("s3://b/k", "labels", "text"), {}),
    ),
    "put object": ("PUT", "objects/b/a%2Fc/d", IMAGE, ("put_object", ("b", "a/c/d", IMAGE), {})),
    "get object": ("GET", "objects/b/k?version_id=v1", None, ("get_object", ("b", "k", "v1"), {})),
    "get newest object": ("GET", "objects/b/k", None, ("get_object", ("b", "k", None), {})),
    "fault": ("POST", "faults", FAULT, ("faults.add", (), FAULT)),
    "latency": ("POST", "faults", {"latency": [1, 2]}, ("faults.add", (), {"latency": (1, 2)})),
    "clear faults": ("DELETE", "faults", None, ("faults.clear", (), {})),
    "throttle": ("POST", "faults/throttle", {"region": "eu-west-1"},
                 ("faults.throttle_by_tps", (), {"region": "eu-west-1"})),
    "versions": (
        "POST", "versions", {"project_version_arn": "arn", "f1_score": 0.5, "status": "FAILED", "message": "bad"},
        ("declare_version", (),
         {"project_version_arn": "arn", "f1_score": 0.5, "status": "FAILED", "message": "bad"}),
    ),
    "stream processors": (
        "POST", "stream-processors", {"stream_processor_arn": "arn", "status": "FAILED", "message": "bad"},
        ("declare_stream_processor", (), {"stream_processor_arn": "arn", "status": "FAILED", "message": "bad"}),
    ),
    "celebrities": (
        "POST", "celebrities",
        {"name": "Ada", "images": [TEXT, "s3://b/k"], "id": "1abc", "urls": ["u"], "gender": "Female"},
        ("add_celebrity", ("Ada", [IMAGE, "s3://b/k"]), {"id": "1abc", "urls": ["u"], "gender": "Female"}),
    ),
    "reset": (
        "POST", "reset", {"account": "1" * 12, "region": "eu-west-1"},
        ("reset", (), {"account": "1" * 12, "region": "eu-west-1"}),
    ),
    "reset everything": ("POST", "reset", {}, ("reset", (), {})),
    "clear calls": ("DELETE", "calls", None, ("calls.clear", (), {})),
    "liveness": (
        "POST", "liveness",
        {
            "session_id": "id", "status": "SUCCEEDED", "confidence": 99, "reference_image": TEXT,
            "audit_images": [TEXT, {"Bytes": TEXT, "BoundingBox": BOX}], "sdk_type": "web",
            "challenge": {"Type": "FaceMovementChallenge", "Version": "1.0.0"},
            "feedback": [{"Code": "FACE_NOT_ALIGNED", "Message": "turned"}],
        },
        (
            "declare_liveness", ("id",),
            {
                "status": "SUCCEEDED", "confidence": 99, "reference_image": IMAGE, "sdk_type": "web",
                "audit_images": [
                    IMAGE,
                    models.AuditImage(
                        bytes=IMAGE, bounding_box=models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
                    ),
                ],
                "challenge": models.Challenge(type="FaceMovementChallenge", version="1.0.0"),
                "feedback": [models.FeedbackItem(code="FACE_NOT_ALIGNED", message="turned")],
            },
        ),
    ),
    "liveness of one image": (
        "POST", "liveness", {"session_id": "id", "reference_image": {"Bytes": TEXT, "BoundingBox": BOX}},
        (
            "declare_liveness", ("id",),
            {
                "reference_image": models.AuditImage(
                    bytes=IMAGE, bounding_box=models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
                ),
                "audit_images": [], "feedback": [],
            },
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_member_reaches_the_method(name: str) -> None:
    method, target, body, expected = CASES[name]
    path, _, query = target.partition("?")
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    emulator: Any = Recorder()
    request = Request(method, PREFIX + path, {"content-type": "application/json"}, content, query)
    response = respond(emulator, request).response
    assert (response.status, emulator.recorded) == (200, [expected]), response.content


def test_every_route_that_changes_something_is_in_the_table() -> None:
    tested = {(method, target.split("/b/")[0].partition("?")[0].rstrip("/")) for method, target, _, _ in CASES.values()}
    changing = {(route.method, route.path.rstrip("/")) for route in ROUTES if route.method != "GET"}
    # these need a clock, attributes or a file, and have tests of their own; an operation passes its whole body on
    others = {("POST", "operations"), ("POST", "clock"), ("PUT", "durations"), ("PUT", "snapshot")}
    assert changing - tested == others
