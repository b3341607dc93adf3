"""`patch_boto3`: Rekognition clients of boto3 and botocore reach an emulator without a socket and credentials."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.endpoint import Endpoint
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    PartialCredentialsError,
    ReadTimeoutError,
)
from botocore.session import Session
from botocore.signers import RequestSigner
from moto import mock_aws

from rekog.emulator import Emulator
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator
    from pathlib import Path

boto3: Any = import_module("boto3")
botocore_session: Any = import_module("botocore.session")
MAKE = boto3.client
METHODS = [(Session, "create_client"), (RequestSigner, "get_auth_instance"), (Endpoint, "_do_get_response")]
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=0.05)


@pytest.fixture(autouse=True)
def attempts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[object]]:
    """Yield the attempts to connect, without credentials and a Region; botocore is as before after the test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    attempts: list[object] = []

    def refuse(_: socket.socket, address: object) -> NoReturn:
        attempts.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    before = [getattr(owner, name) for owner, name in METHODS]
    yield attempts
    assert [getattr(owner, name) for owner, name in METHODS] == before


def collections(client: Any) -> list[str]:
    names: list[str] = client.list_collections()["CollectionIds"]
    return names


@pytest.fixture(scope="module")
def older() -> Any:
    """Return a client that was created before the patch: it has one attempt and a short timeout."""
    keys = {"aws_access_key_id": "AKID", "aws_secret_access_key": "secret"}
    return MAKE("rekognition", "eu-west-1", config=ONCE, **keys)


def test_clients_need_neither_a_region_nor_credentials(emulator: Emulator, attempts: list[object]) -> None:
    with emulator.patch_boto3():
        client = MAKE("rekognition")
        client.create_collection(CollectionId="people")
        assert collections(client) == ["people"]
        unsigned = MAKE("rekognition", endpoint_url="http://localhost:1/", config=Config(signature_version=UNSIGNED))
        assert collections(unsigned) == ["people"]
    assert (client.meta.region_name, unsigned.meta.region_name) == ("us-east-1", "us-east-1")
    assert ([call.region for call in emulator.calls], attempts) == (["us-east-1"] * 3, [])


def test_a_client_of_botocore_from_before_keeps_its_region(emulator: Emulator) -> None:
    session = botocore_session.get_session()
    session.set_config_variable("metadata_service_num_attempts", 0)
    client = session.create_client("rekognition", config=Config(region_name="eu-west-1"))
    with emulator.patch_boto3():
        client.create_collection(CollectionId="people")
        assert (collections(client), collections(MAKE("rekognition"))) == (["people"], [])
        newer = session.create_client("rekognition", config=Config(region_name="eu-west-1"))
        assert collections(newer) == ["people"]


@pytest.mark.parametrize("source", ["argument", "config", "default config", "variable", "profile"])
def test_a_region_that_is_set_anywhere_is_kept(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str
) -> None:
    session = botocore_session.get_session()
    given: dict[str, Any] = {}
    match source:
        case "argument":
            given["region_name"] = "eu-west-1"
        case "config":
            given["config"] = Config(region_name="eu-west-1")
        case "default config":
            session.set_default_client_config(Config(region_name="eu-west-1"))
        case "variable":
            monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        case _:
            (tmp_path / "config").write_text("[default]\nregion = eu-west-1\n")
            monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with emulator.patch_boto3():
        client = session.create_client("rekognition", **given)
        client.list_collections()
    assert [call.region for call in emulator.calls] == ["eu-west-1"]


def test_errors_are_those_of_the_service(emulator: Emulator, older: Any) -> None:
    with emulator.patch_boto3(), pytest.raises(older.exceptions.ResourceNotFoundException) as caught:
        older.describe_collection(CollectionId="people")
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResponseMetadata"]["RequestId"] == emulator.calls[0].request_id


def test_retries_are_those_of_boto3(emulator: Emulator) -> None:
    emulator.faults.add(calls=[1], error="ThrottlingException")
    with emulator.patch_boto3():
        answer = MAKE("rekognition").list_collections()
    assert (answer["ResponseMetadata"]["RetryAttempts"], len(emulator.calls)) == (1, 2)


ENDPOINT = "https://rekognition.eu-west-1.amazonaws.com/"


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        (
            {"reset": True},
            ConnectionClosedError,
            f'Connection was closed before we received a valid response from endpoint URL: "{ENDPOINT}".',
        ),
        ({"latency": 9}, ReadTimeoutError, f'Read timeout on endpoint URL: "{ENDPOINT}"'),
    ],
)
def test_faults_are_the_errors_of_botocore(
    emulator: Emulator, older: Any, fault: dict[str, Any], error: type[Exception], text: str
) -> None:
    emulator.faults.add(**fault)
    with emulator.patch_boto3(), pytest.raises(error) as caught:
        older.list_collections()
    assert str(caught.value) == text
    reasons: Any = caught.value
    assert reasons.kwargs["error"] == (
        "injected fault: connection reset by peer"
        if "reset" in fault
        else "injected fault: no response within 0.05 seconds"
    )


def test_a_response_later_than_the_timeout_of_no_client_is_waited_for(emulator: Emulator) -> None:
    emulator.faults.add(latency=0.01)
    with emulator.patch_boto3():
        assert collections(MAKE("rekognition", config=Config(read_timeout=None))) == []


def test_a_response_has_its_status_and_its_headers(emulator: Emulator, older: Any) -> None:
    with emulator.patch_boto3():
        metadata = older.list_collections()["ResponseMetadata"]
    assert metadata["HTTPHeaders"] == {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-requestid": emulator.calls[0].request_id,
    }
    assert (metadata["HTTPStatusCode"], metadata["RequestId"]) == (200, emulator.calls[0].request_id)


ENDPOINTS = [
    "http://localhost/", "http://localhost:80/", "https://localhost:443/", "https://localhost:80/",
    "http://localhost:443/", "http://localhost:8680/", "https://user:word@localhost/", "http://user:word@localhost:80/",
    "http://[::1]:8680/", "http://localhost",
]  # fmt: skip
MEMBERS = b'{"MaxResults": 2}'


@contextmanager
def changed(client: Any, event: str, name: str, value: object) -> Generator[None]:
    """Change an attribute of each request of a client before it is signed."""

    def handler(request: Any, **_: object) -> None:
        setattr(request, name, value)

    client.meta.events.register(f"{event}.rekognition", handler, "changed")
    yield
    client.meta.events.unregister(f"{event}.rekognition", unique_id="changed")


def test_a_signature_covers_the_host_of_each_endpoint(older: Any) -> None:
    with Emulator(verify_signatures={"AKID": "secret"}) as emulator, emulator.patch_boto3():
        for endpoint in ENDPOINTS:
            with changed(older, "before-sign", "url", endpoint):
                assert collections(older) == [], endpoint


def test_a_body_has_any_form_that_botocore_sends(emulator: Emulator, older: Any) -> None:
    for body in (MEMBERS, MEMBERS.decode(), BytesIO(MEMBERS), bytearray(MEMBERS), None):
        with emulator.patch_boto3(), changed(older, "request-created", "data", body):
            assert collections(older) == []
        assert emulator.calls[-1].request == ({} if body is None else {"MaxResults": 2})


def test_a_url_that_botocore_has_signed_reaches_the_emulator_with_its_query(emulator: Emulator, older: Any) -> None:
    for path in ("/", ""):
        url = f"http://localhost{path}?X-Amz-Signature=0&MaxResults=3"
        with emulator.patch_boto3(), changed(older, "before-sign", "url", url):
            assert collections(older) == []
        assert emulator.calls[-1].request == {"MaxResults": 3}


def test_a_truncated_body_has_no_members_as_over_a_socket(emulator: Emulator, older: Any) -> None:
    emulator.faults.add(truncate=5)
    with emulator.patch_boto3():
        assert older.list_collections().keys() == {"ResponseMetadata"}


def test_a_closed_emulator_is_an_error(emulator: Emulator, older: Any) -> None:
    emulator.close()
    with emulator.patch_boto3(), pytest.raises(HTTPClientError) as caught:
        older.list_collections()
    assert str(caught.value) == "An HTTP Client raised an unhandled exception: the emulator is closed"


def topics() -> Any:
    """Return a client of another service, whose calls fail."""
    keys = {"aws_access_key_id": "AKID", "aws_secret_access_key": "secret"}
    return MAKE("sns", "eu-west-1", endpoint_url="http://127.0.0.1:9/", config=ONCE, **keys)


def test_other_services_are_untouched(emulator: Emulator, attempts: list[object]) -> None:
    with emulator.patch_boto3():
        client = topics()
        with pytest.raises(EndpointConnectionError):
            client.list_topics()
        url = client.generate_presigned_url("list_topics")
    assert ("Credential=AKID%2F" in url, attempts, len(emulator.calls)) == (True, [("127.0.0.1", 9)], 0)


@pytest.mark.parametrize("name", ["aws_access_key_id", "aws_secret_access_key"])
def test_half_a_key_is_an_error_of_botocore_as_without_the_patch(emulator: Emulator, name: str) -> None:
    with emulator.patch_boto3(), pytest.raises(PartialCredentialsError):
        botocore_session.get_session().create_client("rekognition", "eu-west-1", **{name: "key"})


def test_an_emulator_that_verifies_signatures_gets_those_of_the_client(older: Any) -> None:
    with Emulator(verify_signatures={"AKID": "secret"}) as emulator, emulator.patch_boto3():
        assert collections(older) == []
        stranger = MAKE("rekognition", "eu-west-1", aws_access_key_id="AKID", aws_secret_access_key="other")
        with pytest.raises(ClientError, match="InvalidSignatureException"):
            collections(stranger)


def test_moto_serves_the_other_services_at_the_same_time(emulator: Emulator, older: Any) -> None:
    with mock_aws(), emulator.patch_boto3():
        older.create_collection(CollectionId="people")
        assert collections(older) == ["people"]
        store = MAKE("s3", "us-east-1")
        store.create_bucket(Bucket="photographs")
        assert [bucket["Name"] for bucket in store.list_buckets()["Buckets"]] == ["photographs"]
    with emulator.patch_boto3(), mock_aws():
        assert collections(older) == ["people"]


def test_objects_come_from_the_emulator(emulator: Emulator, older: Any) -> None:
    emulator.put_object("photographs", "sign.jpg", ASTRONAUT)
    emulator.declare("s3://photographs/sign.jpg", text=["NASA"])
    with emulator.patch_boto3():
        answer = older.detect_text(Image={"S3Object": {"Bucket": "photographs", "Name": "sign.jpg"}})
    assert answer["TextDetections"][0]["DetectedText"] == "NASA"


def test_the_patch_that_was_entered_last_has_effect(emulator: Emulator, older: Any) -> None:
    with Emulator() as other:
        inner, outer = other.patch_boto3(), emulator.patch_boto3()
        with outer, inner, outer:
            older.create_collection(CollectionId="outer")
        with outer:
            with inner:
                older.create_collection(CollectionId="inner")
            assert collections(older) == ["outer"]
        with inner:
            assert collections(older) == ["inner"]


def test_patches_may_end_in_any_order(emulator: Emulator, older: Any) -> None:
    with Emulator() as other:
        first, second = emulator.patch_boto3(), other.patch_boto3()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        older.create_collection(CollectionId="second")
        assert repr((first, second)) == "(<Patch of boto3, inactive>, <Patch of boto3, active>)"
        second.__exit__(None, None, None)
        assert len(other.calls) == 1
        with pytest.raises(RuntimeError, match=r"^the patch of boto3 is not active: enter it before it is left$"):
            second.__exit__(None, None, None)


def test_an_exception_ends_the_patch(emulator: Emulator) -> None:
    with pytest.raises(KeyError), emulator.patch_boto3():
        raise KeyError("of the program")


def test_it_decorates_functions(emulator: Emulator, older: Any) -> None:
    @emulator.patch_boto3()
    def listed(name: str, depth: int = 1) -> list[str]:
        """Create a collection, in each of some calls of itself."""
        if depth:
            return listed(name + "x", depth - 1)
        older.create_collection(CollectionId=name)
        return collections(older)

    assert listed("people") == ["peoplex"]
    assert listed.__name__ == "listed"


def test_it_decorates_coroutine_functions(emulator: Emulator, older: Any) -> None:
    @emulator.patch_boto3()
    async def listed(name: str) -> list[str]:
        await asyncio.sleep(0)
        await asyncio.to_thread(older.create_collection, CollectionId=name)
        return collections(older)

    async def both() -> list[list[str]]:
        return list(await asyncio.gather(listed("a"), listed("b")))

    assert sorted(map(len, asyncio.run(both()))) in ([1, 2], [2, 2])


def test_it_refuses_functions_that_it_would_leave_too_early(emulator: Emulator) -> None:
    def generator() -> Iterator[int]:
        yield 1

    async def async_generator() -> AsyncIterator[int]:
        yield 1

    for function, kind in (
        (generator, "generator function"), (async_generator, "generator function"), (Emulator, "class"),
    ):  # fmt: skip
        with pytest.raises(
            TypeError, match=f"^patch_boto3 decorates functions, not a {kind}: use it in a with statement there$"
        ):
            emulator.patch_boto3()(function)


def test_threads_may_enter_and_leave_at_the_same_time(emulator: Emulator) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                with emulator.patch_boto3():
                    pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


def test_a_later_patch_of_another_tool_stays(emulator: Emulator, older: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    with monkeypatch.context() as patched:
        patch = emulator.patch_boto3()
        patch.__enter__()
        inner: Any = Endpoint.__dict__["_do_get_response"]

        def counted(*arguments: Any) -> Any:
            calls.append("counted")
            return inner(*arguments)

        patched.setattr(Endpoint, "_do_get_response", counted)
        patch.__exit__(None, None, None)
        assert Endpoint.__dict__["_do_get_response"] is counted
        with pytest.raises(EndpointConnectionError):
            topics().list_topics()
        with patch:
            older.create_collection(CollectionId="people")
    with patch:  # the tool restored the method that it had found, which is ours
        assert collections(older) == ["people"]
    assert (len(calls), len(emulator.calls)) == (2, 2)
