"""Objects of an S3 server: moto's server, an independent implementation, over a socket."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import quote, unquote

import boto3
import pytest
import trustme
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from moto.server import ThreadedMotoServer

from rekog import Credentials
from rekog.emulator import Emulator
from rekog.emulator.refusals import RefusalError
from rekog.emulator.services.objects import Objects
from rekog.emulator.services.s3 import S3Endpoint
from tests.emulator.services.detection import MISSING, detect
from tests.kit.clock import LIMIT_SECONDS
from tests.kit.servers import End, ScriptedResponse, ScriptedServer, dripping, slow
from tests.kit.wire import ASTRONAUT, WireClient, image_file, plain_image

KEYS = ["one", "2026/a b.jpg", "dots...", "é/+&=?#%.jpg", "~tilde_-."]
CREDENTIALS = Credentials("AKID", "secret", "token")


class S3(Protocol):
    """Methods of boto3's client that these tests use; botocore has no types."""

    def create_bucket(self, **arguments: object) -> object: ...
    def put_bucket_versioning(self, **arguments: object) -> object: ...
    def put_object(self, **arguments: object) -> dict[str, Any]: ...
    def get_object(self, **arguments: object) -> dict[str, Any]: ...


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def s3(url: str) -> S3:
    make: Any = boto3
    made = make.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKID", aws_secret_access_key="secret"
    )
    client = cast("S3", made)  # cast: boto3 makes the class at run time
    client.create_bucket(Bucket="photos", ACL="public-read-write")
    client.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    for key in KEYS:
        client.put_object(Bucket="photos", Key=key, Body=key.encode(), ACL="public-read")
    client.create_bucket(Bucket="secrets")
    client.put_object(Bucket="secrets", Key="one", Body=b"one")
    return client


@pytest.mark.parametrize("credentials", [None, CREDENTIALS])
@pytest.mark.parametrize("key", KEYS)
def test_an_object_is_read(url: str, s3: S3, key: str, credentials: Credentials | None) -> None:
    objects = Objects(endpoint=url, credentials=credentials)
    assert objects.read("photos", key, limit=100) == key.encode()


def test_a_read_returns_at_most_one_byte_more_than_its_limit(url: str, s3: S3) -> None:
    s3.put_object(Bucket="photos", Key="long", Body=b"123456")
    assert Objects(endpoint=url, credentials=CREDENTIALS).read("photos", "long", limit=3) == b"1234"


def test_a_version_is_read(url: str, s3: S3) -> None:
    first = s3.put_object(Bucket="photos", Key="twice", Body=b"first")["VersionId"]
    s3.put_object(Bucket="photos", Key="twice", Body=b"second")
    objects = Objects(endpoint=url, credentials=CREDENTIALS)
    assert objects.read("photos", "twice", limit=10) == b"second"
    assert objects.read("photos", "twice", first, limit=10) == b"first"


@pytest.mark.parametrize(
    ("bucket", "key", "version"),
    [
        ("photos", "none", None),
        ("unknown", "one", None),
        ("photos", "one", "no-version"),
        ("other", "../photos/one", None),
        ("photos/..", "photos/one", None),
        ("..", "photos/one", None),
        ("photos", "./one", None),
        ("photos", "\ud800", None),
    ],
)
def test_a_missing_object_and_a_path_out_of_the_bucket_are_errors(
    url: str, s3: S3, bucket: str, key: str, version: str | None
) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=url, credentials=CREDENTIALS).read(bucket, key, version, limit=10)


def test_a_private_object_needs_a_signature(url: str, s3: S3) -> None:
    assert Objects(endpoint=url, credentials=CREDENTIALS).read("secrets", "one", limit=10) == b"one"
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=url).read("secrets", "one", limit=10)


def test_a_large_object_is_seekable(url: str, s3: S3) -> None:
    s3.put_object(Bucket="photos", Key="video", Body=bytes(20_000_000) + b"end")
    with Objects(endpoint=url, credentials=CREDENTIALS).open("photos", "video") as file:
        assert (file.seek(-3, 2), file.read()) == (20_000_000, b"end")


def test_an_image_of_the_server_is_analysed(url: str, s3: S3) -> None:
    s3.put_object(Bucket="photos", Key="astronaut.jpg", Body=ASTRONAUT.read_bytes())
    with Emulator(s3_endpoint=url, s3_credentials=CREDENTIALS) as emulator:
        assert detect(WireClient(emulator), Bucket="photos", Name="astronaut.jpg") == 1
        assert detect(WireClient(emulator), Bucket="photos", Name="unknown.jpg") == MISSING


def test_a_stored_object_hides_that_of_the_server(url: str, s3: S3) -> None:
    s3.put_object(Bucket="photos", Key="both", Body=ASTRONAUT.read_bytes())
    with Emulator(s3_endpoint=url, s3_credentials=CREDENTIALS) as emulator:
        emulator.put_object("photos", "both", image_file(plain_image()))
        assert detect(WireClient(emulator), Bucket="photos", Name="both") == 0


@pytest.mark.parametrize("credentials", [None, CREDENTIALS])
def test_an_object_that_the_service_writes_is_sent_to_the_server(
    url: str, s3: S3, credentials: Credentials | None
) -> None:
    Objects(endpoint=url, credentials=credentials).write("photos", "out/é.jsonl", b"{}")
    assert s3.get_object(Bucket="photos", Key="out/é.jsonl")["Body"].read() == b"{}"


def test_a_write_that_the_server_rejects_is_an_error(url: str, s3: S3) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=url).write("unknown", "out", b"{}")


@pytest.mark.parametrize(
    "response",
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",),
        (b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", End.CLOSE),
        (b"nonsense", End.CLOSE),
        (End.RESET,),
    ],
    ids=["error", "redirect", "half", "nonsense", "reset"],
)
def test_a_failure_of_the_server_is_an_error(response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server, pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=server.url).read("photos", "one", limit=100)


def test_an_unreachable_server_is_an_error() -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint="http://127.0.0.1:1").read("photos", "one", limit=100)


@pytest.mark.parametrize("address", ["localhost:9000", "ftp://localhost", ""])
def test_an_invalid_url_is_an_error(address: str) -> None:
    with pytest.raises(ValueError, match="s3_endpoint must be an http or https URL"):
        Objects(endpoint=address)


@pytest.mark.parametrize("key", [*KEYS, "a//b"])  # not in KEYS: moto's server merges two slashes
def test_a_request_is_signed_as_botocore_signs_it(key: str) -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
    with ScriptedServer((response,)) as server:
        S3Endpoint(server.url, CREDENTIALS).open("photos", key, "v 1").close()
        received = server.requests[0]
        sent = {name: value for name, value in received.headers.items() if name.startswith("x-amz-")}
        request: Any = AWSRequest("GET", f"{server.url.rstrip('/')}{received.target}", headers=dict(sent))
        request.context["timestamp"] = sent["x-amz-date"]
        signer: Any = S3SigV4Auth(BotoCredentials("AKID", "secret", "token"), "s3", "us-east-1")
        signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert received.headers["authorization"].endswith(f"Signature={signature}")
    assert sent["x-amz-security-token"] == "token"
    assert received.target == f"/photos/{quote(key, safe='/~')}?versionId=v%201"


# --- Any key -------------------------------------------------------------------------------------------------------

UNUSUAL_KEYS = ["a//b.png", "/b.png", "b.png/", "a///b", "/", "C:\\b", ".versions/b"]
FOUND = (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none",)


@pytest.mark.parametrize("key", UNUSUAL_KEYS)
def test_the_server_decides_about_a_key_with_empty_segments(key: str, tmp_path: Path) -> None:
    with ScriptedServer(FOUND) as server:
        objects = Objects(tmp_path, endpoint=server.url)
        assert objects.read("photos", key, limit=10) == b"one"
        objects.write("photos", key, b"two")
        assert [(one.method, unquote(one.target)) for one in server.requests] == [
            ("GET", f"/photos/{key}"),
            ("PUT", f"/photos/{key}"),
        ]


@pytest.mark.parametrize(("bucket", "key"), [("photos", "../one"), ("photos", "a/./one"), ("..", "a"), ("a/b", "c")])
def test_a_key_that_a_url_would_shorten_is_neither_read_nor_written(bucket: str, key: str) -> None:
    with ScriptedServer(FOUND) as server:
        objects = Objects(endpoint=server.url)
        for call in (lambda: objects.read(bucket, key, limit=10), lambda: objects.write(bucket, key, b"")):
            with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
                call()
        assert server.requests == []


# --- Slow servers --------------------------------------------------------------------------------------------------

SHORT_SECONDS = 0.3
PAUSE_SECONDS = 0.05


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog.emulator.services.s3._HEAD_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr("rekog.emulator.services.s3._BODY_SECONDS", SHORT_SECONDS)


DRIPPING = {
    "head": dripping(b"HTTP/1.1 200 OK\r\nX-Long: "),
    "body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
    "start of the head": dripping(b"H"),
}


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("response", DRIPPING.values(), ids=DRIPPING)
def test_a_server_that_sends_a_byte_at_a_time_does_not_hold_a_request(response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server:
        started = time.monotonic()
        with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
            Objects(endpoint=server.url).read("photos", "one", limit=100_000)
        assert time.monotonic() - started < LIMIT_SECONDS  # the server would go on for five minutes


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("response", DRIPPING.values(), ids=DRIPPING)
def test_an_object_without_a_limit_is_not_read_a_byte_at_a_time_either(response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server:
        started = time.monotonic()
        with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
            Objects(endpoint=server.url).open("photos", "one")
        assert time.monotonic() - started < LIMIT_SECONDS


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_with_tls_that_sends_a_byte_at_a_time_does_not_hold_a_request(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    context.load_cert_chain(tmp_path / "server.pem")
    with ScriptedServer(FOUND, DRIPPING[part], tls=context) as server:
        objects = Objects(endpoint=server.url)
        assert objects.read("photos", "one", limit=10) == b"one"
        started = time.monotonic()
        with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
            objects.read("photos", "one", limit=100_000)
        assert time.monotonic() - started < LIMIT_SECONDS


@pytest.mark.usefixtures("short_limits")
def test_an_object_that_arrives_slowly_but_steadily_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog.emulator.services.s3._BYTES_PER_SECOND", 1)
    body = bytes(40)
    response = slow(body, pause=PAUSE_SECONDS)  # two seconds, but more than a byte per second
    with ScriptedServer(response) as server:
        assert Objects(endpoint=server.url).read("photos", "one", limit=100) == body


# --- The log -------------------------------------------------------------------------------------------------------


def test_the_log_has_the_reason_once_per_key(caplog: pytest.LogCaptureFixture) -> None:
    response = (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",)
    with ScriptedServer(response) as server, caplog.at_level(logging.WARNING, "rekog.emulator"):
        objects = Objects(endpoint=server.url)
        for key in ("one", "one", "two", "one"):
            with pytest.raises(RefusalError):
                objects.read("photos", key, limit=10)
        with pytest.raises(RefusalError):
            objects.write("photos", "two", b"")
        reason = f"of bucket 'photos' can't be read or written: {server.url.rstrip('/')} responded with status 403"
    assert [record.message for record in caplog.records] == [f"object 'one' {reason}", f"object 'two' {reason}"]


def test_the_log_has_a_repeated_reason_for_debugging(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "rekog.emulator"):
        objects = Objects()
        for _ in range(2):
            with pytest.raises(RefusalError):
                objects.read("photos", "one", limit=10)
    assert [record.levelname for record in caplog.records] == ["WARNING", "DEBUG"]


def test_the_log_remembers_a_limited_number_of_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog.emulator.services.objects._MAX_LOGGED", 3)
    objects = Objects()
    for number in range(10):
        with pytest.raises(RefusalError):
            objects.read("photos", str(number), limit=10)
    assert len(objects._logged) <= 3  # pyright: ignore[reportPrivateUsage]  # its size is the fact
