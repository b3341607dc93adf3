"""S3 objects of a server: moto's, which is nobody of ours, over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from moto.server import ThreadedMotoServer

from rekog import Credentials
from rekog.emulator import Emulator
from rekog.emulator.refusals import RefusalError
from rekog.emulator.services.objects import Objects
from rekog.emulator.services.s3 import S3Endpoint
from tests.emulator.services.test_objects import MISSING, detect
from tests.kit.servers import End, ScriptedResponse, ScriptedServer
from tests.kit.wire import ASTRONAUT, Wire, encoded, plain

KEYS = ["one", "2026/a b.jpg", "dots...", "é/+&=?#%.jpg", "~tilde_-."]
CREDENTIALS = Credentials("AKID", "secret", "token")


class S3(Protocol):
    """As much of boto3's client as is used here; botocore has no types."""

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
    client = cast("S3", made)  # cast: it is made at run time
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


def test_no_more_is_read_than_the_limit_and_one_byte(url: str, s3: S3) -> None:
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
        ("nobody", "one", None),
        ("photos", "one", "no-version"),
        ("other", "../photos/one", None),
        ("photos/..", "photos/one", None),
        ("..", "photos/one", None),
        ("photos", "./one", None),
        ("photos", "\ud800", None),
    ],
)
def test_what_is_not_there_or_leads_out_of_its_bucket_is_refused(
    url: str, s3: S3, bucket: str, key: str, version: str | None
) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=url, credentials=CREDENTIALS).read(bucket, key, version, limit=10)


def test_what_needs_a_signature_is_refused_without_one(url: str, s3: S3) -> None:
    assert Objects(endpoint=url, credentials=CREDENTIALS).read("secrets", "one", limit=10) == b"one"
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=url).read("secrets", "one", limit=10)


def test_a_large_object_can_be_moved_about_in(url: str, s3: S3) -> None:
    s3.put_object(Bucket="photos", Key="video", Body=bytes(20_000_000) + b"end")
    with Objects(endpoint=url, credentials=CREDENTIALS).open("photos", "video") as file:
        assert (file.seek(-3, 2), file.read()) == (20_000_000, b"end")


def test_an_image_of_a_server_is_looked_at(url: str, s3: S3) -> None:
    s3.put_object(Bucket="photos", Key="astronaut.jpg", Body=ASTRONAUT.read_bytes())
    with Emulator(s3_endpoint=url, s3_credentials=CREDENTIALS) as emulator:
        assert detect(Wire(emulator), Bucket="photos", Name="astronaut.jpg") == 1
        assert detect(Wire(emulator), Bucket="photos", Name="nobody.jpg") == MISSING


def test_what_was_put_stands_before_the_server(url: str, s3: S3) -> None:
    s3.put_object(Bucket="photos", Key="both", Body=ASTRONAUT.read_bytes())
    with Emulator(s3_endpoint=url, s3_credentials=CREDENTIALS) as emulator:
        emulator.put_object("photos", "both", encoded(plain()))
        assert detect(Wire(emulator), Bucket="photos", Name="both") == 0


@pytest.mark.parametrize("credentials", [None, CREDENTIALS])
def test_what_the_service_writes_goes_to_the_server(url: str, s3: S3, credentials: Credentials | None) -> None:
    Objects(endpoint=url, credentials=credentials).write("photos", "out/é.jsonl", b"{}")
    assert s3.get_object(Bucket="photos", Key="out/é.jsonl")["Body"].read() == b"{}"


def test_a_server_that_takes_nothing_is_a_refusal(url: str, s3: S3) -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=url).write("nobody", "out", b"{}")


@pytest.mark.parametrize(
    "answer",
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",),
        (b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", End.CLOSE),
        (b"nonsense", End.CLOSE),
        (End.RESET,),
    ],
    ids=["error", "redirect", "half", "nonsense", "reset"],
)
def test_a_server_that_fails_is_a_refusal(answer: ScriptedResponse) -> None:
    with ScriptedServer(answer) as server, pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint=server.url).read("photos", "one", limit=100)


def test_a_server_that_is_not_there_is_a_refusal() -> None:
    with pytest.raises(RefusalError, match="InvalidS3ObjectException"):
        Objects(endpoint="http://127.0.0.1:1").read("photos", "one", limit=100)


@pytest.mark.parametrize("address", ["localhost:9000", "ftp://localhost", ""])
def test_a_url_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="s3_endpoint must be an http or https URL"):
        Objects(endpoint=address)


@pytest.mark.parametrize("key", [*KEYS, "a//b"])  # moto takes two slashes for one
def test_a_request_is_signed_as_botocore_signs_it(key: str) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
    with ScriptedServer((answer,)) as server:
        S3Endpoint(server.url, CREDENTIALS).open("photos", key, "v 1").close()
        received = server.requests[0]
        sent = {name: value for name, value in received.headers.items() if name.startswith("x-amz-")}
        asked: Any = AWSRequest("GET", f"{server.url.rstrip('/')}{received.target}", headers=dict(sent))
        asked.context["timestamp"] = sent["x-amz-date"]
        signer: Any = S3SigV4Auth(BotoCredentials("AKID", "secret", "token"), "s3", "us-east-1")
        signature = signer.signature(signer.string_to_sign(asked, signer.canonical_request(asked)), asked)
    assert received.headers["authorization"].endswith(f"Signature={signature}")
