"""Errors of the control API for JSON values of another type: the message names the member and the rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rekog.emulator import Emulator, ManualClock
from rekog.emulator.serving.routes import PREFIX
from tests.emulator.serving.control_client import ControlTransport, error_of

NOW = 1_700_000_000
NOWHERE = "arn:aws:rekognition:us-east-1:123456789012:project/dogs/version/one/1"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=ManualClock(NOW)) as opened:
        yield opened


@pytest.fixture
def control(emulator: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://rekog{PREFIX}", transport=ControlTransport(emulator)) as client:
        yield client


@pytest.mark.parametrize("seconds", ["Infinity", "-Infinity", "NaN", "1e300", "1" * 400, "null", "[]"])
def test_the_clock_is_not_advanced_beyond_the_calendar(emulator: Emulator, control: httpx.Client, seconds: str) -> None:
    assert error_of(control.post("clock", content=f'{{"advance": {seconds}}}'))[0] == 400
    assert emulator.clock() == NOW


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("versions", {"project_version_arn": 5}, "project_version_arn must be text, not 5"),
        ("versions", {"project_version_arn": None}, "project_version_arn must be text, not None"),
        ("versions", {"project_version_arn": NOWHERE, "message": {}}, "message must be text, not {}"),
        ("versions", {"project_version_arn": NOWHERE, "status": []}, "status must be text, not []"),
        (
            "stream-processors",
            {"stream_processor_arn": 5, "status": "FAILED"},
            "stream_processor_arn must be text, not 5",
        ),
        ("stream-processors", {"stream_processor_arn": NOWHERE, "status": "GONE"}, "status must be FAILED, not 'GONE'"),
        ("liveness", {"session_id": 5}, "session_id must be text, not 5"),
        ("celebrities", {"name": 5, "images": []}, "name must be text, not 5"),
        ("celebrities", {"name": "A", "images": [5]}, "images must be a JSON array of texts"),
        ("celebrities", {"name": "A", "images": ["s3://b/k", 5]}, "images must be a JSON array of texts"),
        ("forget", {"capabilities": ["labels", None]}, "capabilities must be a JSON array of texts"),
        ("celebrities", {"name": "A", "images": ["?"]}, "images must be base64: Only base64 data is allowed"),
        (
            "liveness",
            {"session_id": "A", "reference_image": "?"},
            "reference_image must be base64: Only base64 data is allowed",
        ),
        ("liveness", {"session_id": "A", "audit_images": "A"}, "audit_images must be a JSON array, not str"),
        ("liveness", {"session_id": "A", "challenge": []}, "challenge must be a JSON object, not list"),
        ("faults/throttle", {"region": {}}, "region must be text, not {}"),
        ("reset", {"region": 5}, "region must be text, not 5"),
        ("faults", {"error": "X", "message": 5}, "message must be text, not 5"),
        ("faults", {"reset": 1}, "reset must be True or 'after', not 1"),
        ("faults", {"error": "X", "region": {}}, "region must be text, not {}"),
    ],
)
def test_values_of_another_type_are_refused(control: httpx.Client, path: str, body: Any, text: str) -> None:
    assert error_of(control.post(path, json=body)) == (400, text)


@pytest.mark.parametrize("path", ["versions", "stream-processors"])
def test_an_invalid_arn_is_not_found(control: httpx.Client, path: str) -> None:
    arn = "project_version_arn" if path == "versions" else "stream_processor_arn"
    assert error_of(control.post(path, json={arn: "nope", "status": "FAILED"})) == (404, "'nope' is no ARN")


def test_declaring_a_version_with_an_invalid_arn_is_a_lookup_error(emulator: Emulator) -> None:
    with pytest.raises(LookupError, match="'nope' is no ARN"):
        emulator.declare_version("nope", f1_score=1)


def test_declaring_a_stream_processor_with_an_invalid_arn_is_a_lookup_error(emulator: Emulator) -> None:
    with pytest.raises(LookupError, match="'nope' is no ARN"):
        emulator.declare_stream_processor("nope", status="FAILED")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "declare"), ("POST", "faults"), ("POST", "reset"), ("PUT", "durations")]
)
def test_a_deeply_nested_body_is_refused(control: httpx.Client, method: str, path: str) -> None:
    assert error_of(control.request(method, path, content="[" * 200_000)) == (400, "the body is nested too deeply")


def test_a_deeply_nested_declaration_is_refused(control: httpx.Client) -> None:
    deep = "[" * 900 + "]" * 900
    entry = json.dumps({"of": "s3://b/k", "labels": []}).replace("[]", deep)
    assert error_of(control.post("declare", content=entry))[0] == 400
