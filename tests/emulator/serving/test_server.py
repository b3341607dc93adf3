"""The HTTP server of the emulator: start and end, accepted and refused requests, faults on the connection."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

import anyio
import boto3
import httpx
import pytest
from botocore.config import Config

from rekog import CallOptions, Credentials, RekognitionClient, RetryPolicy, Timeout, errors
from rekog.emulator import Emulator, Limits
from rekog.emulator.__main__ import main
from rekog.emulator.background.worker import JOB_WAIT_SECONDS
from rekog.emulator.serving import server
from tests.kit.process import RESPONSE_TIMEOUT, running_server
from tests.kit.wire import ASTRONAUT, CONTENT_TYPE

HEAD = {"X-Amz-Target": "RekognitionService.ListCollections", "Content-Type": CONTENT_TYPE}
POST = b"POST / HTTP/1.1\r\nHost: rekog\r\nX-Amz-Target: RekognitionService.ListCollections\r\nContent-Type: "
WHOLE = POST + CONTENT_TYPE.encode() + b"\r\nContent-Length: 2\r\n\r\n{}"

get = partial(httpx.get, timeout=RESPONSE_TIMEOUT)
post = partial(httpx.post, timeout=RESPONSE_TIMEOUT)


class Boto(Protocol):
    """The methods of boto3's client that these tests use; botocore has no types."""

    def list_collections(self, **arguments: object) -> dict[str, Any]: ...
    def create_collection(self, **arguments: object) -> dict[str, Any]: ...
    def detect_faces(self, **arguments: object) -> dict[str, Any]: ...
    def generate_presigned_url(self, name: str, params: dict[str, object]) -> str: ...


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(emulator: Emulator) -> Iterator[str]:
    with emulator.serve() as served:
        yield served


@pytest.fixture(autouse=True)
def reset_state(emulator: Emulator) -> Iterator[None]:
    yield
    emulator.reset()


@pytest.fixture
def client(url: str) -> Iterator[RekognitionClient]:
    credentials = Credentials("AKID", "secret")
    with RekognitionClient("us-east-1", endpoint_url=url, credentials=credentials) as opened:
        yield opened


def boto(url: str, region: str = "us-east-1") -> Boto:
    untyped: Any = boto3
    client = untyped.client(
        "rekognition",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    return cast("Boto", client)  # cast: boto3 creates the class at run time


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=RESPONSE_TIMEOUT)


def talk(url: str, sent: bytes) -> bytes:
    """Send bytes, and return all received bytes until the server closes the connection."""
    with connect(url) as sock:
        sock.sendall(sent)
        return b"".join(iter(lambda: sock.recv(65536), b""))


# --- Clients ------------------------------------------------------------------------------------------------------


def test_boto3_can_call_the_server(url: str) -> None:
    client = boto(url, "eu-west-1")
    arn = client.create_collection(CollectionId="people")["CollectionArn"]
    assert arn == "aws:rekognition:eu-west-1:123456789012:collection/people"
    assert client.list_collections()["CollectionIds"] == ["people"]
    assert boto(url).list_collections()["CollectionIds"] == []


def test_boto3_can_send_images(url: str) -> None:
    assert len(boto(url).detect_faces(Image={"Bytes": ASTRONAUT.read_bytes()})["FaceDetails"]) == 1


def test_boto3_gets_the_services_errors(url: str) -> None:
    client = boto(url)
    client.create_collection(CollectionId="people")
    with pytest.raises(Exception, match="The collection id: people already exists") as caught:
        client.create_collection(CollectionId="people")
    assert type(caught.value).__name__ == "ResourceAlreadyExistsException"


def test_a_presigned_url_of_boto3_is_accepted(url: str, client: RekognitionClient) -> None:
    for name in ("a", "b"):
        client.create_collection(name)
    signed = boto(url).generate_presigned_url("list_collections", {"MaxResults": 1})
    assert post(signed, headers=HEAD).json()["CollectionIds"] == ["a"]


def test_rekog_can_call_the_server(client: RekognitionClient) -> None:
    client.create_collection("people")
    assert client.list_collections().collection_ids == ["people"]


def test_connections_stay_open_for_the_next_request(url: str) -> None:
    with connect(url) as opened:
        for _ in range(3):
            opened.sendall(WHOLE)
            assert opened.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_chunked_body_is_accepted(url: str) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"MaxResults"'
        yield b": 1}"

    assert post(url, headers=HEAD, content=parts()).status_code == 200


def test_a_repeated_header_is_accepted(url: str, emulator: Emulator) -> None:
    response = post(url, headers=[*HEAD.items(), ("X-A", "1"), ("X-A", "2")], content=b"{}")
    assert response.status_code == 200


def test_64_concurrent_requests_get_responses(url: str) -> None:
    with httpx.Client(timeout=RESPONSE_TIMEOUT) as client, ThreadPoolExecutor(64) as pool:
        responses = [pool.submit(client.post, url, headers=HEAD, content=b"{}") for _ in range(64)]
    assert [response.result().status_code for response in responses] == [200] * 64


@pytest.mark.parametrize("path", ["/", ""])
def test_the_target_of_a_request_may_have_the_servers_url(url: str, path: str) -> None:
    sent = WHOLE.replace(b"POST / ", f"POST {url}{path} ".encode()).replace(
        b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"
    )
    assert talk(url, sent).startswith(b"HTTP/1.1 200 OK")


def test_the_target_of_a_control_request_may_have_the_servers_url(url: str) -> None:
    sent = f"GET {url}/_rekog/health HTTP/1.1\r\nHost: rekog\r\nConnection: close\r\n\r\n".encode()
    assert b'"status": "ok"' in talk(url, sent)


# --- Limits -------------------------------------------------------------------------------------------------------


def too_large(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["__type"], body["Message"]


REFUSED = (413, "RequestEntityTooLargeException", f"The request has more than {16 * 1024**2} bytes.")


def test_a_too_large_request_gets_an_error_in_the_services_form(url: str) -> None:
    response = post(url, headers=HEAD, content=bytes(16 * 1024**2 + 1))
    assert too_large(response) == REFUSED
    assert response.headers["x-amzn-requestid"]


def test_a_too_large_content_length_is_refused_before_the_body(url: str) -> None:
    response = talk(url, POST + CONTENT_TYPE.encode() + b"\r\nContent-Length: 99999999999\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 413 ")


def test_a_too_large_chunked_body_is_refused(url: str) -> None:
    response = post(url, headers=HEAD, content=iter([bytes(1024**2)] * 17))
    assert too_large(response) == REFUSED


def test_the_limit_can_be_set_and_applies_in_process_too() -> None:
    with Emulator(limits=Limits(request_bytes=10)) as small, httpx.Client(transport=small.transport()) as client:
        responses = [client.post("http://rekog/", headers=HEAD, content=b" " * n + b"{}") for n in (8, 9)]
    assert [response.status_code for response in responses] == [200, 413]


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", POST + b"x" * 100_000]
)
def test_invalid_http_is_refused_and_the_server_continues(url: str, sent: bytes) -> None:
    response = b""
    with suppress(ConnectionError):  # the server closes before it has read all bytes, which resets the connection
        response = talk(url, sent)
    assert response == b"" or response.startswith(b"HTTP/1.1 400 ")
    assert post(url, headers=HEAD, content=b"{}").status_code == 200


@pytest.mark.parametrize("path", ["/../etc/passwd", "/%2e%2e/secret", "/_rekog/../..", "//", "/\x00"])
def test_other_paths_are_refused(url: str, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: rekog\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    response = talk(url, head.encode())
    assert response.split()[1] in (b"400", b"404")


@pytest.mark.parametrize(
    ("first", "sent"),
    [(b"", b""), (b"", POST[:30]), (b"", WHOLE[:-1]), (WHOLE, POST[:10]), (b"", WHOLE + POST[:10])],
    ids=["nothing", "half a head", "half a body", "half a second head", "half a second head with the first request"],
)
def test_a_client_that_sends_too_slowly_loses_its_connection(first: bytes, sent: bytes) -> None:
    timeouts = server.Timeouts(head=0.2, body=0.2)
    with Emulator() as emulator, server.serving(emulator.asgi(), timeouts=timeouts) as url, connect(url) as opened:
        begun = time.monotonic()
        with suppress(ConnectionError):  # the connection may be closed before the first byte was sent
            opened.sendall(first)
            while first and (part := opened.recv(65536)) and not part.endswith(b"}"):
                pass
            opened.sendall(sent)
            while opened.recv(65536):
                pass
    assert time.monotonic() - begun < 15  # by default the server waits longer


def test_a_slow_response_does_not_count_as_a_slow_client() -> None:
    timeouts = server.Timeouts(head=1.5, body=1.5)  # ample for a client that sends at once
    with Emulator() as emulator, server.serving(emulator.asgi(), timeouts=timeouts) as url:
        emulator.faults.add(latency=2)
        assert post(url, headers=HEAD, content=b"{}").status_code == 200


# --- Faults on the connection -------------------------------------------------------------------------------------


def test_a_reset_fault_resets_the_socket(url: str, emulator: Emulator) -> None:
    emulator.faults.add(reset=True)
    with connect(url) as opened:
        opened.sendall(WHOLE)
        with pytest.raises(ConnectionResetError):
            opened.recv(65536)


def test_a_truncated_response_is_shorter_than_its_content_length(url: str, emulator: Emulator) -> None:
    emulator.faults.add(truncate=5)
    head, _, body = talk(url, WHOLE).partition(b"\r\n\r\n")
    assert b"content-length: " in head
    assert len(body) == 5


@pytest.mark.parametrize("fault", [{"reset": True}, {"reset": "after"}, {"truncate": 0}, {"truncate": 5}])
def test_a_client_retries_a_broken_connection(
    client: RekognitionClient, emulator: Emulator, fault: dict[str, Any]
) -> None:
    emulator.faults.add(calls=[1], **fault)
    assert client.list_collections().response_metadata.attempts == 2


def test_broken_connections_are_not_logged(
    client: RekognitionClient, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.add(calls=[1], reset=True)
    emulator.faults.add(calls=[2], truncate=5)
    assert client.list_collections().response_metadata.attempts == 3
    assert caplog.text == ""


def test_a_late_response_is_a_timeout_of_the_client(client: RekognitionClient, emulator: Emulator) -> None:
    emulator.faults.add(latency=5)
    with pytest.raises(errors.ReadTimeoutError):
        client.list_collections(options=CallOptions(timeout=Timeout(read=0.2), retry=RetryPolicy(mode="off")))


# --- A process ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(number: int) -> None:
    with running_server() as process, process.client() as client:
        client.create_collection("people")
        assert process.stop(number) == (0, "", "")


def test_a_request_in_progress_gets_its_response_before_the_end() -> None:
    with running_server() as process, process.client() as client, ThreadPoolExecutor(1) as pool:
        # longer than the time in which the emulator closes its state
        post(f"{process.url}/_rekog/faults", json={"latency": server.Timeouts().closing + 1})
        response = pool.submit(client.list_collections)
        while not (response.done() or get(f"{process.url}/_rekog/calls").json()["calls"]):
            time.sleep(0.01)
        assert process.stop() == (0, "", "")
        assert response.result().collection_ids == []


def test_the_grace_period_is_longer_than_the_wait_for_a_job() -> None:
    assert server.GRACE_SECONDS >= JOB_WAIT_SECONDS + 10


@pytest.mark.parametrize("kind", ["late", "busy"])
def test_a_request_beyond_the_grace_period_is_aborted_without_a_log_entry(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    started, released = threading.Event(), threading.Event()

    class BlockedDetector:
        def detect(self, image: object) -> list[Any]:
            started.set()
            assert released.wait(60)
            return []

    with Emulator(face_detector=BlockedDetector()) as emulator, ThreadPoolExecutor(1) as pool:
        with server.serving(emulator.asgi(), timeouts=server.Timeouts(grace=0.2)) as url:
            if kind == "late":
                emulator.faults.add(latency=60)
            head = {**HEAD, "X-Amz-Target": "RekognitionService.DetectFaces"}
            body = json.dumps({"Image": {"Bytes": base64.b64encode(ASTRONAUT.read_bytes()).decode()}})
            response = pool.submit(post, url, headers=head, content=body)
            assert started.wait(60)
            if kind == "late":
                released.set()
                while not emulator.calls:
                    time.sleep(0.01)
        released.set()
        with pytest.raises(httpx.RemoteProtocolError):
            response.result(60)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


@pytest.mark.slow
def test_the_options_set_the_arguments_of_the_emulator(tmp_path: Path) -> None:
    (tmp_path / "s3" / "photos").mkdir(parents=True)
    (tmp_path / "s3" / "photos" / "one.jpg").write_bytes(ASTRONAUT.read_bytes())
    declarations = {"declare": [{"of": "s3://photos/one.jpg", "labels": ["Astronaut"]}]}
    (tmp_path / "content.json").write_text(json.dumps(declarations))
    options = (
        "--data", tmp_path / "data", "--s3-root", tmp_path / "s3", "--region", "eu-west-1", "--account", "999999999999",
        "--declare", tmp_path / "content.json", "--clock", "manual", "--durations", '{"job": 5}',
    )  # fmt: skip
    with running_server(*options) as process, process.client() as client:
        arn = client.create_collection("people").collection_arn
        labels = client.detect_labels("s3://photos/one.jpg").labels
        clock = get(f"{process.url}/_rekog/clock").json()
        durations = get(f"{process.url}/_rekog/durations").json()
        assert process.stop()[0] == 0
    assert arn == "aws:rekognition:eu-west-1:999999999999:collection/people"
    assert [label.name for label in labels] == ["Astronaut"]
    assert (clock["manual"], durations["job"]) == (True, 5)
    assert (tmp_path / "data" / "state.sqlite3").is_file()


def test_an_option_enables_the_check_of_signatures() -> None:
    with running_server("--verify-signatures", "AKID:secret", "--verify-signatures", "OTHER:secret2") as process:
        with process.client() as client:
            assert client.list_collections().collection_ids == []
        response = post(process.url, headers=HEAD, content=b"{}")
    assert response.json()["__type"] == "MissingAuthenticationTokenException"


def test_commands_save_restore_and_reset_a_state(url: str, client: RekognitionClient, tmp_path: Path) -> None:
    saved, data = str(tmp_path / "saved"), str(tmp_path / "data")
    client.create_collection("people")
    assert main(["snapshot", saved, "--url", url]) == 0
    assert main(["reset", "--url", url]) == 0
    empty = client.list_collections().collection_ids
    assert main(["restore", saved, "--url", url]) == 0
    assert (empty, client.list_collections().collection_ids) == ([], ["people"])
    assert main(["restore", saved, "--data", data]) == 0
    assert main(["snapshot", saved + "2", "--data", data]) == 0
    assert main(["reset", "--data", data]) == 0
    assert main(["restore", saved + "2", "--url", url]) == 0
    assert client.list_collections().collection_ids == ["people"]


def test_an_ipv6_address_is_in_brackets() -> None:
    with Emulator() as emulator, emulator.serve("::1") as url:
        assert url.startswith("http://[::1]:")
        assert get(f"{url}/_rekog/health").status_code == 200


def test_any_asgi_server_can_serve_the_emulator() -> None:
    async def main() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rekog") as client:
            return (await client.post("/", headers=HEAD, content=b"{}")).status_code

    with Emulator() as opened:
        app = cast("Any", opened.asgi())  # cast: httpx has other names for the same types
        assert anyio.run(main) == 200


def test_a_response_has_the_headers_of_the_service_and_of_its_framing_only(url: str) -> None:
    served = post(url, headers=HEAD, content=b"{}")
    assert sorted(served.headers) == ["content-length", "content-type", "date", "x-amzn-requestid"]
    refused = post(url, headers=HEAD, content=b"[]")
    assert (refused.status_code, sorted(refused.headers)) == (400, sorted(served.headers))
    control = get(f"{url}/_rekog/health")
    assert sorted(control.headers) == ["content-length", "content-type", "date"]
