"""The emulator over HTTP: how it starts and ends, what reaches it, and what does not."""

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
from rekog.emulator.background.worker import PATIENCE_SECONDS
from rekog.emulator.serving import server
from tests.kit.process import RESPONSE_TIMEOUT, running_server
from tests.kit.wire import ASTRONAUT, CONTENT_TYPE

HEAD = {"X-Amz-Target": "RekognitionService.ListCollections", "Content-Type": CONTENT_TYPE}
POST = b"POST / HTTP/1.1\r\nHost: rekog\r\nX-Amz-Target: RekognitionService.ListCollections\r\nContent-Type: "
WHOLE = POST + CONTENT_TYPE.encode() + b"\r\nContent-Length: 2\r\n\r\n{}"

get = partial(httpx.get, timeout=RESPONSE_TIMEOUT)
post = partial(httpx.post, timeout=RESPONSE_TIMEOUT)


class Boto(Protocol):
    """As much of boto3's client as is used here; botocore has no types."""

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
def nothing_left(emulator: Emulator) -> Iterator[None]:
    yield
    emulator.reset()


@pytest.fixture
def client(url: str) -> Iterator[RekognitionClient]:
    credentials = Credentials("AKID", "secret")
    with RekognitionClient("us-east-1", endpoint_url=url, credentials=credentials) as opened:
        yield opened


def boto(url: str, region: str = "us-east-1") -> Boto:
    make: Any = boto3
    made = make.client(
        "rekognition",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    return cast("Boto", made)  # cast: it is made at run time


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=RESPONSE_TIMEOUT)


def talk(url: str, sent: bytes) -> bytes:
    """Send bytes, and return all that comes until the other side ends."""
    with connect(url) as opened:
        opened.sendall(sent)
        return b"".join(iter(lambda: opened.recv(65536), b""))


# --- Clients ------------------------------------------------------------------------------------------------------


def test_boto3_reaches_it(url: str) -> None:
    client = boto(url, "eu-west-1")
    arn = client.create_collection(CollectionId="people")["CollectionArn"]
    assert arn == "aws:rekognition:eu-west-1:123456789012:collection/people"
    assert client.list_collections()["CollectionIds"] == ["people"]
    assert boto(url).list_collections()["CollectionIds"] == []


def test_boto3_sends_images(url: str) -> None:
    assert len(boto(url).detect_faces(Image={"Bytes": ASTRONAUT.read_bytes()})["FaceDetails"]) == 1


def test_boto3_gets_the_services_errors(url: str) -> None:
    client = boto(url)
    client.create_collection(CollectionId="people")
    with pytest.raises(Exception, match="The collection id: people already exists") as caught:
        client.create_collection(CollectionId="people")
    assert type(caught.value).__name__ == "ResourceAlreadyExistsException"


def test_a_presigned_url_of_boto3_is_answered(url: str, client: RekognitionClient) -> None:
    for name in ("a", "b"):
        client.create_collection(name)
    signed = boto(url).generate_presigned_url("list_collections", {"MaxResults": 1})
    assert post(signed, headers=HEAD).json()["CollectionIds"] == ["a"]


def test_rekog_reaches_it(client: RekognitionClient) -> None:
    client.create_collection("people")
    assert client.list_collections().collection_ids == ["people"]


def test_connections_are_kept_for_the_next_request(url: str) -> None:
    with connect(url) as opened:
        for _ in range(3):
            opened.sendall(WHOLE)
            assert opened.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_body_in_chunks_is_understood(url: str) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"MaxResults"'
        yield b": 1}"

    assert post(url, headers=HEAD, content=parts()).status_code == 200


def test_headers_that_are_sent_twice_are_one(url: str, emulator: Emulator) -> None:
    answer = post(url, headers=[*HEAD.items(), ("X-A", "1"), ("X-A", "2")], content=b"{}")
    assert answer.status_code == 200


def test_64_requests_at_once_are_all_answered(url: str) -> None:
    with httpx.Client(timeout=RESPONSE_TIMEOUT) as client, ThreadPoolExecutor(64) as pool:
        answers = [pool.submit(client.post, url, headers=HEAD, content=b"{}") for _ in range(64)]
    assert [answer.result().status_code for answer in answers] == [200] * 64


@pytest.mark.parametrize("path", ["/", ""])
def test_a_request_may_name_the_server_in_front_of_the_path(url: str, path: str) -> None:
    sent = WHOLE.replace(b"POST / ", f"POST {url}{path} ".encode()).replace(
        b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"
    )
    assert talk(url, sent).startswith(b"HTTP/1.1 200 OK")


def test_the_control_api_may_be_asked_with_the_servers_name(url: str) -> None:
    sent = f"GET {url}/_rekog/health HTTP/1.1\r\nHost: rekog\r\nConnection: close\r\n\r\n".encode()
    assert b'"status": "ok"' in talk(url, sent)


# --- Limits -------------------------------------------------------------------------------------------------------


def too_large(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["__type"], body["Message"]


REFUSED = (413, "RequestEntityTooLargeException", f"The request has more than {16 * 1024**2} bytes.")


def test_a_request_of_too_many_bytes_is_refused_in_the_services_form(url: str) -> None:
    answer = post(url, headers=HEAD, content=bytes(16 * 1024**2 + 1))
    assert too_large(answer) == REFUSED
    assert answer.headers["x-amzn-requestid"]


def test_a_request_that_announces_too_many_bytes_is_refused_before_they_come(url: str) -> None:
    answer = talk(url, POST + CONTENT_TYPE.encode() + b"\r\nContent-Length: 99999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_request_of_too_many_bytes_in_chunks_is_refused(url: str) -> None:
    answer = post(url, headers=HEAD, content=iter([bytes(1024**2)] * 17))
    assert too_large(answer) == REFUSED


def test_the_limit_can_be_set_and_holds_in_the_process_too() -> None:
    with Emulator(limits=Limits(request_bytes=10)) as small, httpx.Client(transport=small.transport()) as client:
        answers = [client.post("http://rekog/", headers=HEAD, content=b" " * n + b"{}") for n in (8, 9)]
    assert [answer.status_code for answer in answers] == [200, 413]


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", POST + b"x" * 100_000]
)
def test_what_is_no_http_is_refused_and_the_server_goes_on(url: str, sent: bytes) -> None:
    answer = b""
    with suppress(ConnectionError):  # the server has closed, and what it was sent besides is answered by a reset
        answer = talk(url, sent)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert post(url, headers=HEAD, content=b"{}").status_code == 200


@pytest.mark.parametrize("path", ["/../etc/passwd", "/%2e%2e/secret", "/_rekog/../..", "//", "/\x00"])
def test_a_path_leads_to_nothing(url: str, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: rekog\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    answer = talk(url, head.encode())
    assert answer.split()[1] in (b"400", b"404")


@pytest.mark.parametrize(
    ("first", "sent"),
    [(b"", b""), (b"", POST[:30]), (b"", WHOLE[:-1]), (WHOLE, POST[:10]), (b"", WHOLE + POST[:10])],
    ids=["nothing", "half a head", "half a body", "half a second head", "half a second head with the first request"],
)
def test_a_client_that_sends_too_slowly_loses_its_connection(first: bytes, sent: bytes) -> None:
    patience = server.Patience(head=0.2, body=0.2)
    with Emulator() as emulator, server.serving(emulator.asgi(), patience=patience) as url, connect(url) as opened:
        begun = time.monotonic()
        with suppress(ConnectionError):  # it may be lost before anything was sent, if there was no time to do so
            opened.sendall(first)
            while first and (part := opened.recv(65536)) and not part.endswith(b"}"):
                pass
            opened.sendall(sent)
            while opened.recv(65536):
                pass
    assert time.monotonic() - begun < 15  # by default the server waits longer


def test_a_slow_answer_costs_no_patience() -> None:
    patience = server.Patience(head=1.5, body=1.5)  # ample for a client that sends at once
    with Emulator() as emulator, server.serving(emulator.asgi(), patience=patience) as url:
        emulator.faults.add(latency=2)
        assert post(url, headers=HEAD, content=b"{}").status_code == 200


# --- Faults on the wire -------------------------------------------------------------------------------------------


def test_a_reset_is_one_of_the_socket(url: str, emulator: Emulator) -> None:
    emulator.faults.add(reset=True)
    with connect(url) as opened:
        opened.sendall(WHOLE)
        with pytest.raises(ConnectionResetError):
            opened.recv(65536)


def test_a_truncated_answer_is_shorter_than_it_says(url: str, emulator: Emulator) -> None:
    emulator.faults.add(truncate=5)
    head, _, body = talk(url, WHOLE).partition(b"\r\n\r\n")
    assert b"content-length: " in head
    assert len(body) == 5


@pytest.mark.parametrize("fault", [{"reset": True}, {"reset": "after"}, {"truncate": 0}, {"truncate": 5}])
def test_a_client_tries_a_broken_connection_again(
    client: RekognitionClient, emulator: Emulator, fault: dict[str, Any]
) -> None:
    emulator.faults.add(calls=[1], **fault)
    assert client.list_collections().response_metadata.attempts == 2


def test_broken_connections_leave_nothing_in_the_log(
    client: RekognitionClient, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.add(calls=[1], reset=True)
    emulator.faults.add(calls=[2], truncate=5)
    assert client.list_collections().response_metadata.attempts == 3
    assert caplog.text == ""


def test_a_late_answer_is_a_timeout_of_the_client(client: RekognitionClient, emulator: Emulator) -> None:
    emulator.faults.add(latency=5)
    with pytest.raises(errors.ReadTimeoutError):
        client.list_collections(options=CallOptions(timeout=Timeout(read=0.2), retry=RetryPolicy(mode="off")))


# --- A process ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(number: int) -> None:
    with running_server() as process, process.client() as client:
        client.create_collection("people")
        assert process.stop(number) == (0, "", "")


def test_a_request_that_was_begun_is_answered_before_the_end() -> None:
    with running_server() as process, process.client() as client, ThreadPoolExecutor(1) as pool:
        post(f"{process.url}/_rekog/faults", json={"latency": 1})
        answer = pool.submit(client.list_collections)
        while not (answer.done() or get(f"{process.url}/_rekog/calls").json()["calls"]):
            time.sleep(0.01)
        assert process.stop() == (0, "", "")
        assert answer.result().collection_ids == []


def test_a_request_that_waits_for_a_job_has_time_to_end() -> None:
    assert server.GRACE_SECONDS >= PATIENCE_SECONDS + 10


@pytest.mark.parametrize("kind", ["late", "busy"])
def test_a_request_that_takes_too_long_is_cut_off_without_noise(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    looked, opened = threading.Event(), threading.Event()

    class Busy:
        def detect(self, image: object) -> list[Any]:
            looked.set()
            assert opened.wait(60)
            return []

    with Emulator(face_detector=Busy()) as emulator, ThreadPoolExecutor(1) as pool:
        with server.serving(emulator.asgi(), patience=server.Patience(grace=0.2)) as url:
            if kind == "late":
                emulator.faults.add(latency=60)
            head = {**HEAD, "X-Amz-Target": "RekognitionService.DetectFaces"}
            body = json.dumps({"Image": {"Bytes": base64.b64encode(ASTRONAUT.read_bytes()).decode()}})
            answer = pool.submit(post, url, headers=head, content=body)
            assert looked.wait(60)
            if kind == "late":
                opened.set()
                while not emulator.calls:
                    time.sleep(0.01)
        opened.set()
        with pytest.raises(httpx.RemoteProtocolError):
            answer.result(60)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_its_options_are_those_of_an_emulator(tmp_path: Path) -> None:
    (tmp_path / "s3" / "photos").mkdir(parents=True)
    (tmp_path / "s3" / "photos" / "one.jpg").write_bytes(ASTRONAUT.read_bytes())
    truth = {"declare": [{"of": "s3://photos/one.jpg", "labels": ["Astronaut"]}]}
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    options = (
        "--data", tmp_path / "data", "--s3-root", tmp_path / "s3", "--region", "eu-west-1", "--account", "999999999999",
        "--declare", tmp_path / "truth.json", "--clock", "manual", "--durations", '{"job": 5}',
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


def test_it_may_verify_signatures() -> None:
    with running_server("--verify-signatures", "AKID:secret", "--verify-signatures", "OTHER:secret2") as process:
        with process.client() as client:
            assert client.list_collections().collection_ids == []
        answer = post(process.url, headers=HEAD, content=b"{}")
    assert answer.json()["__type"] == "MissingAuthenticationTokenException"


def test_a_state_is_saved_brought_back_and_reset_by_the_command_line(
    url: str, client: RekognitionClient, tmp_path: Path
) -> None:
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


def test_any_asgi_server_may_serve_it() -> None:
    async def main() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rekog") as client:
            return (await client.post("/", headers=HEAD, content=b"{}")).status_code

    with Emulator() as opened:
        app = cast("Any", opened.asgi())  # cast: httpx has other names for the same types
        assert anyio.run(main) == 200
