"""The control API: methods of an emulator over HTTP."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from rekog.emulator import Emulator, ManualClock
from rekog.emulator.serving.routes import PREFIX, ROUTES
from rekog.errors import RekogWarning
from tests.emulator.serving.control_client import ControlTransport, error_of
from tests.kit.process import RESPONSE_TIMEOUT
from tests.kit.wire import ASTRONAUT, HOPPER, WireClient, image_file, plain_image

DOCS = Path(__file__).resolve().parents[3] / "docs" / "emulator.md"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000)


@pytest.fixture
def served(clock: ManualClock) -> Iterator[Emulator]:
    with Emulator(clock=clock) as opened:
        yield opened


@pytest.fixture
def control(served: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://rekog{PREFIX}", transport=ControlTransport(served)) as client:
        yield client


@pytest.fixture
def over_http(served: Emulator) -> Iterator[httpx.Client]:
    with served.serve() as url, httpx.Client(base_url=url + PREFIX, timeout=RESPONSE_TIMEOUT) as client:
        yield client


def ok(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


def test_the_health_route_reports_ok(control: httpx.Client) -> None:
    response = control.get("health")
    assert ok(response) == {"status": "ok", "version": version("rekog")}
    assert response.headers["content-type"] == "application/json"


def test_the_first_route_lists_all_routes(control: httpx.Client) -> None:
    assert ok(control.get("")) == {
        "routes": [
            {"method": route.method, "path": f"/_rekog/{route.path}", "says": route.description} for route in ROUTES
        ]
    }


def test_the_documentation_has_every_route() -> None:
    text = DOCS.read_text(encoding="utf-8")
    rest = {"objects/": "BUCKET/KEY", "operations/": "OPERATION", "console/": "FILE"}
    rows = [f"| `{each.method} {PREFIX}{each.path}{rest.get(each.path, '')}` |" for each in ROUTES]
    assert [row for row in rows if row not in text] == []


def test_content_is_declared_by_a_document_in_json(served: Emulator, control: httpx.Client) -> None:
    entries = [{"of": "s3://photos/cat.jpg", "labels": ["Cat"]}, {"of": "s3://photos/dog.jpg", "labels": ["Dog"]}]
    ok(control.post("declare", json={"declare": entries}))
    assert labels(served, "cat.jpg") == ["Cat"]
    assert labels(served, "dog.jpg") == ["Dog"]


def test_content_is_declared_by_one_entry(served: Emulator, control: httpx.Client) -> None:
    ok(control.post("declare", json={"of": "s3://photos/cat.jpg", "labels": ["Cat"]}))
    assert labels(served, "cat.jpg") == ["Cat"]


@pytest.mark.parametrize("form", ["application/toml", "Application/TOML; charset=utf-8"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_content_is_declared_by_a_document_in_toml(
    served: Emulator, control: httpx.Client, form: str, mark: str
) -> None:
    text = mark + '[[declare]]\nof = "s3://photos/cat.jpg"\nlabels = ["Cat"]\n'
    ok(control.post("declare", content=text.encode(), headers={"content-type": form}))
    assert labels(served, "cat.jpg") == ["Cat"]


def labels(emulator: Emulator, key: str) -> list[str]:
    emulator.put_object("photos", key, image_file(plain_image()))
    response = WireClient(emulator)("DetectLabels", Image={"S3Object": {"Bucket": "photos", "Name": key}})
    return [label["Name"] for label in response.body["Labels"]]


@pytest.mark.parametrize(
    "body",
    [
        '{"declare": [{"of": "s3://b/k", "colour": 1}]}',
        r'{"of": "s3://b/k", "labels": ["\ud800"]}',
        "[]",
        "{",
        '{"of": "/etc/passwd", "labels": []}',
        "",
    ],
)
def test_an_invalid_declaration_is_refused(control: httpx.Client, body: str) -> None:
    assert error_of(control.post("declare", content=body))[0] == 400


@pytest.mark.slow
def test_declarations_are_removed(served: Emulator, control: httpx.Client) -> None:
    for body in ({"of": "s3://photos/cat.jpg", "capabilities": ["labels"]}, {"of": "s3://photos/cat.jpg"}, {}):
        served.declare("s3://photos/cat.jpg", labels=["Cat"])
        assert labels(served, "cat.jpg") == ["Cat"]
        ok(control.post("forget", json=body))
        image = {"S3Object": {"Bucket": "photos", "Name": "cat.jpg"}}
        assert "Cat" not in str(WireClient(served)("DetectLabels", Image=image).body)


def test_files_of_the_server_can_not_be_named(control: httpx.Client) -> None:
    text = "of must begin with s3:// or sha256:"
    assert error_of(control.post("forget", json={"of": str(ASTRONAUT)})) == (400, text)
    images = {"name": "Grace Hopper", "images": [str(ASTRONAUT)]}
    assert error_of(control.post("celebrities", json=images))[0] == 400


def test_each_version_of_a_stored_object_can_be_read(control: httpx.Client) -> None:
    first = ok(control.put("objects/photos/2026/a%20b.jpg", content=b"first"))["version_id"]
    ok(control.put("objects/photos/2026/a%20b.jpg", content=b"second"))
    newest = control.get("objects/photos/2026/a%20b.jpg")
    assert (newest.content, newest.headers["content-type"]) == (b"second", "application/octet-stream")
    assert control.get("objects/photos/2026/a%20b.jpg", params={"version_id": first}).content == b"first"


def test_the_last_value_of_a_repeated_parameter_counts(control: httpx.Client) -> None:
    first, second = (ok(control.put("objects/b/k", content=text))["version_id"] for text in (b"first", b"second"))
    assert control.get(f"objects/b/k?version_id={second}&version_id={first}").content == b"first"


def test_a_missing_object_is_not_found(control: httpx.Client) -> None:
    assert error_of(control.get("objects/photos/none")) == (404, "there is no object 'none' in bucket 'photos'")


def test_an_object_needs_a_bucket_and_a_key(control: httpx.Client) -> None:
    for path in ("objects/photos", "objects/photos/", "objects//key", "objects/"):
        assert error_of(control.put(path, content=b"")) == (400, "the path must be /_rekog/objects/BUCKET/KEY")


def test_objects_may_be_larger_than_requests(over_http: httpx.Client) -> None:
    data = bytes(17 * 1024 * 1024)
    ok(over_http.put("objects/photos/large", content=data))
    assert over_http.get("objects/photos/large").content == data


def test_the_clock_is_advanced(clock: ManualClock, control: httpx.Client) -> None:
    assert ok(control.get("clock")) == {"now": 1_700_000_000, "manual": True}
    assert ok(control.post("clock", json={"advance": 2.5})) == {"now": 1_700_000_002.5}
    assert clock() == 1_700_000_002.5


@pytest.mark.parametrize("body", [{"advance": -1}, {"advance": "1"}, {"advance": True}, {}, {"advance": 1, "x": 2}])
def test_the_clock_refuses_an_invalid_advance(
    clock: ManualClock, control: httpx.Client, body: dict[str, object]
) -> None:
    assert error_of(control.post("clock", json=body))[0] == 400
    assert clock() == 1_700_000_000


def test_the_real_clock_can_not_be_advanced() -> None:
    with Emulator() as emulator, httpx.Client(transport=ControlTransport(emulator)) as client:
        response = client.post("http://rekog/_rekog/clock", json={"advance": 1})
    assert error_of(response) == (400, "the clock is not a manual one: start the emulator with --clock manual")


def test_durations_are_read_and_set(served: Emulator, control: httpx.Client) -> None:
    assert ok(control.put("durations", json={"job": 5}))["job"] == 5
    assert ok(control.get("durations"))["training"] == served.durations.training == 0
    ok(control.put("durations", json=3))
    assert (served.durations.training, served.durations.indexing) == (3, 0)


@pytest.mark.parametrize("body", ['{"jobs": 1}', '{"job": "1"}', "-1", "NaN", "null", "true"])
def test_invalid_durations_are_refused(control: httpx.Client, body: str) -> None:
    assert error_of(control.put("durations", content=body))[0] == 400


def test_faults_are_added_listed_and_cleared(served: Emulator, control: httpx.Client) -> None:
    fault = {"operation": "ListFaces", "calls": [1, 3], "error": "ThrottlingException"}
    assert ok(control.post("faults", json=fault)) == {**fault, "seed": 0}
    ok(control.post("faults", json={"latency": [0.0, 0.1]}))
    ok(control.post("faults", json={"truncate": 0}))
    assert ok(control.get("faults"))["faults"] == [
        {**fault, "seed": 0},
        {"latency": [0.0, 0.1], "seed": 0},
        {"truncate": 0, "seed": 0},
    ]
    assert len(served.faults) == 3
    ok(control.delete("faults"))
    assert len(served.faults) == 0


@pytest.mark.parametrize("body", [{"error": "X", "colour": 1}, {}, {"latency": "slow"}, {"error": 5}])
def test_an_invalid_fault_is_refused(control: httpx.Client, body: dict[str, object]) -> None:
    assert error_of(control.post("faults", json=body))[0] == 400


def test_throttling_by_the_published_rates_is_added(served: Emulator, control: httpx.Client) -> None:
    ok(control.post("faults/throttle", json={"region": "us-east-1"}))
    assert [WireClient(served)("ListCollections").status for _ in range(6)] == [200] * 5 + [400]


def test_a_liveness_check_gets_its_result(served: Emulator, control: httpx.Client) -> None:
    wire = WireClient(served)
    session = wire("CreateFaceLivenessSession").body["SessionId"]
    result = {
        "session_id": session,
        "confidence": 98.5,
        "challenge": {"Type": "FaceMovementChallenge", "Version": "1.0.0"},
        "feedback": [{"Code": "FACE_NOT_ALIGNED", "Message": "turned"}],
        "sdk_type": "web",
    }
    ok(control.post("liveness", json=result))
    body = wire("GetFaceLivenessSessionResults", SessionId=session).body
    assert (body["Status"], body["Confidence"], body["Challenge"]["Version"]) == ("SUCCEEDED", 98.5, "1.0.0")
    assert (body["Feedback"], body["Metadata"]) == (
        [{"Code": "FACE_NOT_ALIGNED", "Message": "turned"}],
        {"SDKType": "web"},
    )


def test_a_liveness_check_gets_images(served: Emulator, control: httpx.Client) -> None:
    wire = WireClient(served)
    session = wire("CreateFaceLivenessSession", Settings={"AuditImagesLimit": 1}).body["SessionId"]
    image = base64.b64encode(ASTRONAUT.read_bytes()).decode()
    box = {"Width": 0.5, "Height": 0.5, "Left": 0, "Top": 0}
    images = [{"Bytes": image, "BoundingBox": box}]
    result = {"session_id": session, "confidence": 90, "reference_image": image, "audit_images": images}
    ok(control.post("liveness", json=result))
    response = wire("GetFaceLivenessSessionResults", SessionId=session).body
    assert response["ReferenceImage"]["Bytes"] == image
    assert response["AuditImages"][0]["BoundingBox"] == box


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("liveness", {"session_id": "00000000-0000-0000-0000-000000000000", "confidence": 1}),
        ("versions", {"project_version_arn": "arn:aws:rekognition:us-east-1:123456789012:project/a/version/b/1"}),
        (
            "stream-processors",
            {"stream_processor_arn": "arn:aws:rekognition:us-east-1:1:streamprocessor/a", "status": "FAILED"},
        ),
    ],
)
def test_a_missing_resource_is_not_found(control: httpx.Client, path: str, body: dict[str, object]) -> None:
    assert control.post(path, json=body).status_code in (400, 404)


def test_a_celebrity_is_enrolled(served: Emulator, control: httpx.Client) -> None:
    image = base64.b64encode(HOPPER.read_bytes()).decode()
    body = {"name": "Grace Hopper", "images": [image], "gender": "Female"}
    celebrity_id = ok(control.post("celebrities", json=body))["id"]
    assert WireClient(served)("GetCelebrityInfo", Id=celebrity_id).body["Name"] == "Grace Hopper"


def test_a_reset_deletes_everything_or_a_region(served: Emulator, control: httpx.Client) -> None:
    for region in ("us-east-1", "eu-west-1"):
        WireClient(served, region)("CreateCollection", CollectionId="people")
    ok(control.post("reset", json={"region": "us-east-1"}))
    remaining = [
        WireClient(served, region)("ListCollections").body["CollectionIds"] for region in ("us-east-1", "eu-west-1")
    ]
    ok(control.post("reset"))
    assert remaining == [[], ["people"]]
    assert WireClient(served, "eu-west-1")("ListCollections").body["CollectionIds"] == []


def test_a_snapshot_is_read_and_restored(served: Emulator, control: httpx.Client) -> None:
    wire = WireClient(served)
    wire("CreateCollection", CollectionId="people")
    saved = control.get("snapshot").content
    served.reset()
    ok(control.put("snapshot", content=saved))
    assert wire("ListCollections").body["CollectionIds"] == ["people"]


def test_a_file_that_a_route_returns_is_not_too_large_for_its_restore() -> None:
    limits = {(route.method, route.path): route.max_bytes for route in ROUTES}
    assert limits["PUT", "snapshot"] == limits["PUT", "objects/"] >= 1024**3


def test_an_invalid_snapshot_is_refused(control: httpx.Client) -> None:
    assert error_of(control.put("snapshot", content=b"none"))[0] == 400


def test_calls_are_listed_and_cleared(served: Emulator, control: httpx.Client) -> None:
    wire = WireClient(served)
    wire("ListCollections", MaxResults=1)
    wire("ListFaces", CollectionId="missing")
    (call,) = ok(control.get("calls", params={"operation": "ListFaces"}))["calls"]
    assert (call["request"], call["status"], call["region"]) == ({"CollectionId": "missing"}, 400, "us-east-1")
    assert ok(control.get("calls", params={"operation": "list_faces"}))["calls"] == [call]
    assert len(ok(control.get("calls"))["calls"]) == 2
    ok(control.delete("calls"))
    assert len(served.calls) == 0


def test_calls_of_an_unknown_operation_can_not_be_listed(control: httpx.Client) -> None:
    status, message = error_of(control.get("calls", params={"operation": "list_face"}))
    assert status == 400
    assert message.endswith("like 'DetectFaces' or 'detect_faces', not 'list_face'; did you mean 'list_faces'?")


def test_control_requests_are_not_recorded(served: Emulator, control: httpx.Client) -> None:
    ok(control.get("health"))
    assert len(served.calls) == 0


def test_notifications_are_listed(served: Emulator, control: httpx.Client) -> None:
    served.put_object("videos", "one.mp4", b"")
    served.declare("s3://videos/one.mp4", labels=[])
    channel = {
        "SNSTopicArn": "arn:aws:sns:us-east-1:123456789012:topic",
        "RoleArn": "arn:aws:iam::123456789012:role/rekognition",
    }
    wire = WireClient(served)
    video = {"S3Object": {"Bucket": "videos", "Name": "one.mp4"}}
    job = wire("StartLabelDetection", Video=video, NotificationChannel=channel).body["JobId"]
    wire("GetLabelDetection", JobId=job)
    (notification,) = ok(control.get("notifications"))["notifications"]
    assert (notification["topic_arn"], notification["message"]["JobId"]) == (channel["SNSTopicArn"], job)
    assert notification == attrs.asdict(served.notifications[0], recurse=False)


@pytest.mark.parametrize(("method", "path"), [("GET", "nothing"), ("DELETE", "health"), ("POST", "calls")])
def test_an_unknown_route_is_named_in_the_error(control: httpx.Client, method: str, path: str) -> None:
    text = f"no route {method} /_rekog/{path}; GET /_rekog/ lists them"
    assert error_of(control.request(method, path)) == (404, text)


def test_requests_of_web_pages_are_refused(served: Emulator, control: httpx.Client) -> None:
    WireClient(served)("CreateCollection", CollectionId="people")
    text = "the control API is not for browsers: a request of a web page is refused"
    assert error_of(control.post("reset", headers={"origin": "https://example.com"})) == (403, text)
    assert WireClient(served)("ListCollections").body["CollectionIds"] == ["people"]


def test_invalid_images_and_models_are_refused(served: Emulator, control: httpx.Client) -> None:
    session = WireClient(served)("CreateFaceLivenessSession").body["SessionId"]
    invalid: list[dict[str, object]] = [
        {"challenge": {"Type": 5}},
        {"challenge": []},
        {"reference_image": "?"},
        {"audit_images": "x"},
    ]
    for members in invalid:
        assert error_of(control.post("liveness", json={"session_id": session, **members}))[0] == 400
    assert error_of(control.post("celebrities", json={"name": "X", "images": ["s3://photos/none"]}))[0] == 400


def test_a_warning_that_is_an_error_is_refused(served: Emulator, control: httpx.Client) -> None:
    session = WireClient(served)("CreateFaceLivenessSession").body["SessionId"]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RekogWarning)
        status, message = error_of(control.post("liveness", json={"session_id": session, "confidence": 0.9}))
    assert (status, "percent" in message) == (400, True)


def test_an_unexpected_error_has_status_500_and_is_logged_with_its_traceback(
    served: Emulator, control: httpx.Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Emulator, "snapshot", fail)
    response = control.get("snapshot")
    assert error_of(response) == (500, "the emulator failed; its log has the cause")
    assert response.headers["content-type"] == "application/json"
    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("rekog.emulator", "GET /_rekog/snapshot failed")
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_an_error_of_storage_has_status_500_and_is_logged_without_a_traceback(
    served: Emulator, control: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    served.close()
    assert error_of(control.post("reset")) == (500, "the emulator is closed")
    logged = [(record.getMessage(), record.exc_info) for record in caplog.records if record.name == "rekog.emulator"]
    assert logged == [("POST /_rekog/reset failed: the emulator is closed", None)]
