"""What the emulator sends to S3 and SNS servers, and the reasons of failures: whole requests and whole texts."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from rekog import Credentials
from rekog.emulator import Notification, StateError
from rekog.emulator.refusals import RefusalError
from rekog.emulator.services.objects import Objects, read_content
from rekog.emulator.services.s3 import S3Endpoint
from rekog.emulator.services.sns import Notifications
from rekog.emulator.services.time_limit import limited
from rekog.emulator.state import State
from tests.kit.servers import End, ScriptedServer, dripping, head, ok, refusing_port, silence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = 1_700_000_000.0
STAMP = "20231114T221320Z"
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ONE_HASH = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
"""Digests of no bytes and of `one` (sha256sum)."""


# requests to an S3 server


def test_an_unsigned_read_has_no_headers_of_a_signature_and_no_body() -> None:
    with ScriptedServer(ok(b"one")) as server:
        S3Endpoint(f"{server.url}base/").open("photos", "a b.jpg").close()
        (received,) = server.requests
    assert (received.method, received.target, received.body) == ("GET", "/base/photos/a%20b.jpg", b"")
    assert [name for name in received.headers if name.startswith(("x-amz-", "authorization", "content-"))] == []
    assert received.headers["host"] == server.host


@pytest.mark.parametrize("token", [None, "token"])
def test_a_signed_request_names_what_it_signs(token: str | None) -> None:
    with ScriptedServer(ok(b"one")) as server:
        endpoint = S3Endpoint(server.url, Credentials("AKID", "secret", token), lambda: NOW)
        endpoint.open("photos", "one").close()
        endpoint.put("photos", "one", b"one")
        read, written = server.requests
    names = "host;x-amz-content-sha256;x-amz-date" + (";x-amz-security-token" if token else "")
    start = f"AWS4-HMAC-SHA256 Credential=AKID/20231114/us-east-1/s3/aws4_request, SignedHeaders={names}, Signature="
    for received, digest in ((read, EMPTY_HASH), (written, ONE_HASH)):
        sent = {name: value for name, value in received.headers.items() if name.startswith("x-amz-")}
        expected = {"x-amz-content-sha256": digest, "x-amz-date": STAMP}
        assert sent == (expected if token is None else {**expected, "x-amz-security-token": token})
        authorization, signature = received.headers["authorization"].rsplit("=", 1)
        assert (f"{authorization}=", len(signature)) == (start, 64)
    assert (written.method, written.target, written.body) == ("PUT", "/photos/one", b"one")


def test_an_object_is_read_up_to_its_limit_and_no_further() -> None:
    body = (head(200, {"Content-Length": "100"}) + b"12345", 60.0)
    with ScriptedServer(body) as server, S3Endpoint(server.url).open("photos", "one", None, 4) as file:
        assert file.read() == b"1234"


# reasons of failures


@pytest.fixture
def reasons(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return the logged reasons, without the name of the object."""
    caplog.set_level(logging.DEBUG, "rekog.emulator")

    def logged() -> list[str]:
        start = "object 'one' of bucket 'photos' can't be read or written: "
        texts = [record.getMessage() for record in caplog.records]
        caplog.clear()
        assert all(text.startswith(start) for text in texts), texts
        return [text.removeprefix(start) for text in texts]

    return logged


def fail_with(objects: Objects) -> None:
    """Read and open an object that can't be read."""
    for call in (lambda: objects.read("photos", "one", limit=9), lambda: objects.open("photos", "one")):
        with pytest.raises(RefusalError) as caught:
            call()
        assert caught.value.message == (
            "Unable to get object metadata from S3. Check object key, region and/or access permissions."
        )


def test_a_missing_object_is_the_reason(reasons: Callable[[], list[str]], tmp_path: Path) -> None:
    fail_with(Objects())
    fail_with(Objects(tmp_path))
    assert reasons() == ["there is no such object"] * 4


def test_a_name_that_no_url_keeps_is_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    objects = Objects(endpoint="http://127.0.0.1:9")
    for call in (
        lambda: objects.read("photos", "../one", limit=9),
        lambda: objects.open("a/..", "two"),
        lambda: objects.write(".", "three", b""),
    ):
        with pytest.raises(RefusalError):
            call()
    end = "can't be read or written: a part of its name is `.` or `..`, which no URL keeps"
    assert [record.message for record in caplog.records] == [
        f"object '../one' of bucket 'photos' {end}",
        f"object 'two' of bucket 'a/..' {end}",
        f"object 'three' of bucket '.' {end}",
    ]


def test_the_failure_of_the_server_is_the_reason(reasons: Callable[[], list[str]]) -> None:
    with ScriptedServer(ok(status=404), ok(status=206), (End.CLOSE,)) as server:
        objects = Objects(endpoint=server.url)
        fail_with(objects)
        with pytest.raises(RefusalError):
            objects.write("photos", "one", b"")
        origin = server.url.rstrip("/")
    assert reasons() == [
        f"{origin} responded with status 404",
        f"{origin} responded with status 206",
        f"request to {origin} failed: RemoteProtocolError('Server disconnected without sending a response.')",
    ]
    with refusing_port() as port:
        fail_with(Objects(endpoint=f"http://127.0.0.1:{port}"))
    text = f"request to http://127.0.0.1:{port} failed: ConnectError('[Errno 111] Connection refused')"
    assert [text.replace("Errno 61", "Errno 111") for text in reasons()] == [text] * 2


def test_a_slow_body_is_the_reason(reasons: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog.emulator.services.s3._BODY_SECONDS", 0.05)
    with ScriptedServer(dripping(head(200, {"Content-Length": "1000"}) + b"a")) as server:
        with pytest.raises(RefusalError):
            Objects(endpoint=server.url).read("photos", "one", limit=9_000)
        origin = server.url.rstrip("/")
    (reason,) = reasons()
    before, number, after = reason.partition(" sent ")[0], *reason.partition(" sent ")[2].split(" ", 1)
    assert (before, number.isdecimal(), after) == (origin, True, "bytes, too slowly to wait for more")
    assert 1 <= int(number) < 1000


def test_a_silence_is_the_reason(
    reasons: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module in ("s3", "sns"):
        monkeypatch.setattr(f"rekog.emulator.services.{module}._SILENCE_SECONDS", 0.1)
    with ScriptedServer(silence()) as server:
        with pytest.raises(RefusalError):
            Objects(endpoint=server.url).read("photos", "one", limit=9)
        assert reasons() == [f"request to {server.url.rstrip('/')} failed: ReadTimeout('timed out')"]
        assert not Notifications(server.url).deliver(MESSAGE)
    assert "ReadTimeout: timed out" in caplog.text


def test_no_more_is_read_than_the_largest_video(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog.emulator.services.s3._MAX_BYTES", 6)
    with ScriptedServer(ok(b"12345678")) as server, Objects(endpoint=server.url).open("photos", "one") as file:
        assert file.read() == b"123456"


def test_a_name_with_half_a_surrogate_pair_is_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RefusalError):
        Objects(endpoint="http://127.0.0.1:9").read("photos", "\ud800", limit=9)
    assert [record.message for record in caplog.records] == [
        r"object '\ud800' of bucket 'photos' can't be read or written: no object has half a surrogate pair in its name"
    ]


def test_an_invalid_server_or_folder_has_the_rule(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (its text is compared)
        Objects(endpoint="ftp://localhost")
    assert str(caught.value) == "s3_endpoint must be an http or https URL, not 'ftp://localhost'"
    with pytest.raises(NotADirectoryError) as missing:
        Objects(tmp_path / "none")
    assert str(missing.value) == f"s3_root must be an existing folder: {tmp_path / 'none'} is not one"


def test_an_object_that_the_database_can_not_store_has_the_limit_and_the_remedy() -> None:
    state = State()
    objects = Objects(None, state)
    with state.read() as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000)
    objects.put("photos", "one", bytes(900))
    with pytest.raises(StateError) as caught:
        objects.put("photos", "one", bytes(1_001))
    assert str(caught.value) == (
        "data has 1001 bytes; the state stores at most 1,000,000,000, s3_root serves larger files"
    )
    state.close()


def test_content_is_bytes_or_the_path_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"1")
    given: list[object] = [b"1", bytearray(b"1"), memoryview(b"1"), tmp_path / "one", str(tmp_path / "one")]
    contents = [read_content(each) for each in given]
    assert (contents, {type(each) for each in contents}) == ([b"1"] * 5, {bytes})


def test_an_object_is_put_once_if_its_newest_version_has_the_same_bytes() -> None:
    state = State()
    objects = Objects(None, state)
    for data in (b"one", b"one", b"two", b"one", b"one"):
        objects.put_once("photos", "key", data)
    objects.put_once("photos", "other", b"one")
    objects.put_once("others", "key", b"one")
    with state.read() as connection:
        rows = connection.execute("SELECT bucket, name, data FROM object ORDER BY key").fetchall()
    assert rows == [
        ("photos", "key", b"one"), ("photos", "key", b"two"), ("photos", "key", b"one"),
        ("photos", "other", b"one"), ("others", "key", b"one"),
    ]  # fmt: skip
    state.close()


def test_a_read_takes_no_more_of_a_stored_object_than_its_limit_and_a_byte() -> None:
    objects = Objects()
    objects.put("photos", "one", b"123456")
    assert [objects.read("photos", "one", limit=limit) for limit in (0, 4, 5, 6)] == [
        b"1", b"12345", b"123456", b"123456",
    ]  # fmt: skip
    with objects.open("photos", "one") as file:
        assert file.read() == b"123456"


# requests to an SNS server

TOPIC = "arn:aws:sns:eu-west-1:123456789012:done"
MESSAGE = Notification(topic_arn=TOPIC, role_arn="arn:role", message={"JobId": "é 1", "Video": {"S3Bucket": "b"}})
TEXT = r'{"JobId":"\u00e9 1","Video":{"S3Bucket":"b"}}'


def test_a_notification_is_published_by_the_query_protocol_signed_for_the_region_of_its_topic() -> None:
    with ScriptedServer() as server:
        assert Notifications(f"{server.url}sns").deliver(MESSAGE)
        (received,) = server.requests
    assert (received.method, received.target) == ("POST", "/sns")
    assert parse_qs(received.body.decode(), strict_parsing=True) == {
        "Action": ["Publish"], "Version": ["2010-03-31"], "TopicArn": [TOPIC], "Message": [TEXT],
    }  # fmt: skip
    assert received.headers["content-type"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert "Credential=rekog-emulator/" in received.headers["authorization"]
    signed = received.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    request: Any = AWSRequest(
        "POST",
        f"{server.url}sns",
        headers={name: received.headers[name] for name in signed if name != "host"},
        data=received.body,
    )
    request.context["timestamp"] = received.headers["x-amz-date"]
    signer: Any = SigV4Auth(BotoCredentials("rekog-emulator", "rekog-emulator"), "sns", "eu-west-1")
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert received.headers["authorization"].endswith(f"Signature={signature}")


def test_a_file_gets_the_topic_and_the_text_of_a_notification_as_a_line(tmp_path: Path) -> None:
    notifications = Notifications(str(tmp_path / "lines"))
    assert notifications.deliver(MESSAGE)
    assert notifications.deliver(MESSAGE)
    line = json.dumps({"TopicArn": TOPIC, "Message": TEXT}) + "\n"
    assert (tmp_path / "lines").read_text("utf-8") == line * 2


def test_a_function_gets_the_notification_and_its_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    received: list[Notification] = []

    def fail(notification: Notification) -> None:
        raise RuntimeError("no")

    assert Notifications(received.append).deliver(MESSAGE)
    assert received == [MESSAGE]
    assert Notifications().deliver(MESSAGE)
    assert not Notifications(fail).deliver(MESSAGE)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", f"a notification to {TOPIC} was not delivered")
    assert record.exc_info is not None


def test_recorded_notifications_can_be_cleared() -> None:
    notifications = Notifications()
    notifications.record(MESSAGE)
    notifications.record(MESSAGE)
    assert notifications.recorded == (MESSAGE, MESSAGE)
    notifications.clear()
    assert len(notifications.recorded) == 0


def test_an_unwritable_file_has_the_rule_and_the_reason(tmp_path: Path) -> None:
    file = str(tmp_path / "none" / "file")
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (its text is compared)
        Notifications(file)
    reason = "No such file or directory"
    assert str(caught.value) == f"notify must be a URL or a file, and {file!r} can't be written: {reason}"


def test_the_time_limit_ends_with_its_block() -> None:
    with ScriptedServer() as server, httpx.Client() as client:
        request = client.build_request("GET", server.url)
        with limited(request, 0.05):
            client.send(request)
        time.sleep(0.1)  # the connection is kept, so its end would be noticed
        assert client.get(server.url).status_code == 200
        assert server.connections == 1
