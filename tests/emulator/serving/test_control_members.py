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
    "declare in TOML": (
        "POST", "declare", b'\xef\xbb\xbfof = "s3://b/k"\nlabels = ["Cat"]\n',
        ("declare_document", ({"declare": [{"of": "s3://b/k", "labels": ["Cat"]}]},), {}),
    ),
    "declare nothing": ("POST", "declare", [], ("declare_document", ([],), {})),
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
    form = "Application/TOML ; charset=utf-8" if "TOML" in name else "application/json"
    response = respond(emulator, Request(method, PREFIX + path, {"content-type": form}, content, query)).response
    assert (response.status, emulator.recorded) == (200, [expected]), response.content


def answered(method: str, path: str, members: object) -> tuple[int, str]:
    """Return the status and the text of the error of a request, which no method of the emulator checks."""
    emulator: Any = Recorder()
    response = respond(emulator, Request(method, PREFIX + path, {}, json.dumps(members).encode())).response
    return response.status, json.loads(response.content).get("error", "")


TEXTS = {
    "versions": ({"project_version_arn"}, {"status", "message"}),
    "stream-processors": ({"stream_processor_arn", "status"}, {"message"}),
    "liveness": ({"session_id"}, {"status", "sdk_type"}),
    "celebrities": ({"name"}, {"id", "gender"}),
    "faults/throttle": (set[str](), {"region"}),
    "reset": (set[str](), {"account", "region"}),
}
"""Members that are texts, of each route: required and optional ones."""


@pytest.mark.parametrize("path", TEXTS)
def test_a_text_of_another_type_is_refused_and_null_only_if_it_is_required(path: str) -> None:
    required, optional = TEXTS[path]
    body: dict[str, Any] = {**dict.fromkeys(required, "text"), **({"images": []} if path == "celebrities" else {})}
    assert answered("POST", path, body) == (200, "")
    for name in required | optional:
        assert answered("POST", path, {**body, name: 5}) == (400, f"{name} must be text, not 5")
    for name in required:
        assert answered("POST", path, {**body, name: None}) == (400, f"{name} must be text, not None")
        missing = {other: value for other, value in body.items() if other != name}
        assert answered("POST", path, missing) == (400, f"required: {name}")
    for name in optional:
        assert answered("POST", path, {**body, name: None}) == (200, "")


MEMBERS = {
    "forget": "of, capabilities",
    "clock": "advance",
    "faults": "operation, region, calls, every, probability, seed, error, message, status, latency, reset, truncate",
    "faults/throttle": "region",
    "liveness": "session_id, status, confidence, reference_image, audit_images, challenge, feedback, sdk_type",
    "versions": "project_version_arn, f1_score, status, message",
    "stream-processors": "stream_processor_arn, status, message",
    "celebrities": "name, images, id, urls, gender",
    "reset": "account, region",
}


@pytest.mark.parametrize("path", MEMBERS)
def test_a_route_refuses_members_that_it_does_not_have(path: str) -> None:
    expected = f"no such member: colour; there are {MEMBERS[path]}"
    assert answered("POST", path, {"colour": 5}) == (400, expected)


MODELS: dict[str, tuple[dict[str, Any], str]] = {
    "challenge": ({"challenge": {"Type": "FaceMovementChallenge"}}, "Challenge: Version is missing"),
    "no challenge": ({"challenge": "x"}, "challenge must be a JSON object, not str"),
    "feedback": ({"feedback": [{"Code": "FACE_NOT_ALIGNED"}]}, "FeedbackItem: Message is missing"),
    "no feedback": ({"feedback": {}}, "feedback must be a JSON array, not dict"),
    "no item": ({"feedback": ["x"]}, "feedback must be a JSON object, not str"),
    "no image": ({"reference_image": 5}, "reference_image must be a JSON object, not int"),
    "audit image": (
        {"audit_images": [{"Bytes": TEXT, "BoundingBox": {"Left": 1}}]}, "AuditImage: BoundingBox.Width is missing"
    ),
    "no audit image": ({"audit_images": [5]}, "audit_images must be a JSON object, not int"),
    "no audit images": ({"audit_images": 5}, "audit_images must be a JSON array, not int"),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_a_liveness_check_must_be_complete(name: str) -> None:
    members, text = MODELS[name]
    assert answered("POST", "liveness", {"session_id": "id", **members}) == (400, text)


def test_members_that_may_be_null_count_as_absent() -> None:
    emulator: Any = Recorder()
    body = {"session_id": "id", "challenge": None, "reference_image": None}
    assert respond(emulator, Request("POST", f"{PREFIX}liveness", {}, json.dumps(body).encode())).response.status == 200
    absent: dict[str, Any] = {"challenge": None, "reference_image": None, "audit_images": [], "feedback": []}
    assert emulator.recorded == [("declare_liveness", ("id",), absent)]
    assert answered("POST", "forget", {"of": None}) == (200, "")


def test_every_route_that_changes_something_is_in_the_table() -> None:
    tested = {(method, target.split("/b/")[0].partition("?")[0].rstrip("/")) for method, target, _, _ in CASES.values()}
    changing = {(route.method, route.path.rstrip("/")) for route in ROUTES if route.method != "GET"}
    # these need a clock, attributes or a file, and have tests of their own; an operation passes its whole body on
    others = {("POST", "operations"), ("POST", "clock"), ("PUT", "durations"), ("PUT", "snapshot")}
    assert changing - tested == others
