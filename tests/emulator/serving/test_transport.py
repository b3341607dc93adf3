"""The transport for httpx and httpx2: sync and async, one emulator for many clients."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from copy import deepcopy
from importlib import import_module
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import httpx
import pytest

from rekog import AsyncRekognitionClient, Credentials, RekognitionClient
from rekog.emulator import Emulator
from rekog.errors import TransportError
from tests.kit.clock import LIMIT_SECONDS
from tests.kit.wire import ASTRONAUT, CONTENT_TYPE, WireClient, image_file, json_ready, plain_image

if TYPE_CHECKING:
    from rekog.emulator import DecodedImage, DetectedFace

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


class WaitingDetector:
    """A face detector that detects no faces, and returns only after an event was set."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()

    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        self.reached.set()
        assert self.released.wait(30)
        return []


def detect_faces(wire: WireClient, image: bytes) -> httpx.Request:
    members = json_ready({"Image": {"Bytes": image}})
    return httpx.Request("POST", "https://any.host/", headers=wire.headers("DetectFaces"), json=members)


@pytest.fixture(params=["httpx", "httpx2"])
def family(request: pytest.FixtureRequest) -> Any:
    """Return the module of one of the two libraries."""
    return import_module(request.param)


def test_a_client_of_either_library_can_call_the_emulator(emulator: Emulator, wire: WireClient, family: Any) -> None:
    with family.Client(transport=emulator.transport()) as client:
        response = client.post(
            "http://rekog/", headers=wire.headers("CreateCollection"), json={"CollectionId": "people"}
        )
    assert isinstance(response, family.Response)
    assert response.json()["StatusCode"] == 200


@BACKENDS
def test_an_async_client_of_either_library_can_call_the_emulator(
    emulator: Emulator, wire: WireClient, family: Any, backend: str
) -> None:
    async def main() -> Any:
        members = json_ready({"Image": {"Bytes": ASTRONAUT.read_bytes()}})
        async with family.AsyncClient(transport=emulator.transport()) as client:
            return await client.post("https://any.host/", headers=wire.headers("DetectFaces"), json=members)

    response = anyio.run(main, backend=backend)
    assert isinstance(response, family.Response)
    assert len(response.json()["FaceDetails"]) == 1


FAULTS = {
    "latency": ({"latency": 0.05}, "ReadTimeout", "injected fault: no response within 0.01 seconds"),
    "reset": ({"reset": True}, "ReadError", "injected fault: connection reset by peer"),
    "truncation": (
        {"truncate": 5},
        "RemoteProtocolError",
        "injected fault: peer closed connection before the end of the body (received 5 bytes, expected 43)",
    ),
}


@pytest.mark.parametrize(("fault", "error", "text"), FAULTS.values(), ids=FAULTS)
def test_an_injected_fault_is_an_error_of_the_library_of_the_request(
    emulator: Emulator, wire: WireClient, family: Any, fault: dict[str, Any], error: str, text: str
) -> None:
    emulator.faults.add("list_collections", **fault)
    request = family.Request("POST", "http://rekog/", headers=wire.headers("ListCollections"), json={})
    request.extensions["timeout"] = {"read": 0.01}
    with pytest.raises(getattr(family, error)) as caught:
        emulator.transport().handle_request(request)
    assert (str(caught.value), caught.value.request) == (text, request)

    async def main() -> None:
        await emulator.transport().handle_async_request(request)

    with pytest.raises(getattr(family, error)) as caught:
        anyio.run(main)
    assert (str(caught.value), caught.value.request) == (text, request)


def test_a_response_has_its_request_its_headers_and_its_content(
    emulator: Emulator, wire: WireClient, family: Any
) -> None:
    request = family.Request("POST", "http://rekog/", headers=wire.headers("ListCollections"), json={})
    transport: Any = emulator.transport()
    response = transport.handle_request(request)
    assert (response.status_code, response.request) == (200, request)
    assert response.content == b'{"CollectionIds":[],"FaceModelVersions":[]}'
    assert dict(response.headers) == {
        "content-type": CONTENT_TYPE, "x-amzn-requestid": emulator.calls[0].request_id, "content-length": "43",
    }  # fmt: skip


@pytest.mark.parametrize("timeout", [None, {}, {"read": None}, {"connect": 0.0}])
def test_a_client_without_a_read_timeout_waits_for_a_late_response(
    emulator: Emulator, wire: WireClient, timeout: dict[str, float | None] | None
) -> None:
    emulator.faults.add(latency=0.001)
    request = httpx.Request("POST", "http://rekog/", headers=wire.headers("ListCollections"), json={})
    if timeout is not None:
        request.extensions["timeout"] = timeout
    assert emulator.transport().handle_request(request).status_code == 200


@pytest.mark.parametrize("path", ["/", "", "/?X-Amz-Signature=0&MaxResults=2", "?X-Amz-Signature=0&MaxResults=2"])
def test_the_path_and_the_query_of_a_url_reach_the_emulator(emulator: Emulator, wire: WireClient, path: str) -> None:
    request = httpx.Request("POST", f"http://rekog{path}", headers=wire.headers("ListCollections"))
    assert emulator.transport().handle_request(request).status_code == 200
    assert emulator.calls[0].request == ({"MaxResults": 2} if "?" in path else {})


def test_a_transport_can_not_be_copied(emulator: Emulator) -> None:
    text = "a client of an emulator in this process can't be pickled or deep-copied: it contains the emulator"
    for copy in (pickle.dumps, deepcopy):
        with pytest.raises(TypeError) as caught:
            copy(emulator.transport())
        assert str(caught.value) == text


def test_a_client_does_not_wait_for_a_response_beyond_its_own_timeout(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add(latency=2 * LIMIT_SECONDS)
    begun = time.monotonic()
    with httpx.Client(transport=emulator.transport(), timeout=0.01) as client, pytest.raises(httpx.ReadTimeout):
        client.post("http://rekog/", headers=wire.headers("ListCollections"), json={})
    assert time.monotonic() - begun < LIMIT_SECONDS


def test_the_error_after_closing_is_of_the_library_of_the_request(emulator: Emulator, family: Any) -> None:
    emulator.close()
    request = family.Request("POST", "http://rekog/")
    with pytest.raises(family.TransportError) as caught:
        emulator.transport().handle_request(request)
    assert (type(caught.value), str(caught.value)) == (family.TransportError, "the emulator is closed")
    assert caught.value.request is request


def test_a_request_of_a_subclass_is_of_the_library_of_its_base_class(emulator: Emulator, wire: WireClient) -> None:
    class OfAUser(httpx.Request):
        pass

    request = OfAUser("POST", "http://rekog/", headers=wire.headers("ListCollections"), json={})
    assert isinstance(emulator.transport().handle_request(request), httpx.Response)


def test_a_client_of_rekog_uses_the_transport_too(emulator: Emulator) -> None:
    credentials = Credentials("AKID", "secret")
    with RekognitionClient("eu-west-1", credentials=credentials, transport=emulator.transport()) as client:
        assert client.list_collections().collection_ids == []


@BACKENDS
def test_the_event_loop_is_not_blocked_by_the_analysis_of_an_image(backend: str) -> None:
    detector = WaitingDetector()

    async def main() -> list[int]:
        statuses: list[int] = []
        async with httpx.AsyncClient(transport=emulator.transport()) as client, anyio.create_task_group() as group:

            async def send() -> None:
                response = await client.send(detect_faces(wire, image_file(plain_image())))
                statuses.append(response.status_code)

            group.start_soon(send)
            assert await anyio.to_thread.run_sync(detector.reached.wait, 30)
            detector.released.set()
        return statuses

    with Emulator(face_detector=detector) as emulator:
        wire = WireClient(emulator)
        assert anyio.run(main, backend=backend) == [200]


def test_a_body_may_be_an_iterator(emulator: Emulator, wire: WireClient) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"CollectionId":'
        yield b' "people"}'

    request = httpx.Request("POST", "http://rekog/", headers=wire.headers("CreateCollection"), content=parts())
    assert emulator.transport().handle_request(request).status_code == 200


def test_an_async_body_may_be_an_iterator(emulator: Emulator, wire: WireClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b'{"CollectionId":'
        yield b' "people"}'

    async def main() -> httpx.Response:
        request = httpx.Request("POST", "http://rekog/", headers=wire.headers("CreateCollection"), content=parts())
        return await emulator.transport().handle_async_request(request)

    assert anyio.run(main).status_code == 200


def test_closing_a_client_leaves_the_emulator_open(emulator: Emulator, wire: WireClient) -> None:
    httpx.Client(transport=emulator.transport()).close()
    assert wire("ListCollections").status == 200


@BACKENDS
def test_a_call_needs_no_thread_of_the_users_own_limiter(emulator: Emulator, wire: WireClient, backend: str) -> None:
    async def main() -> int:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        async with limiter, httpx.AsyncClient(transport=emulator.transport()) as client:  # no thread is free
            with anyio.fail_after(LIMIT_SECONDS):
                response = await client.post("http://rekog/", headers=wire.headers("ListCollections"), json={})
            return response.status_code

    assert anyio.run(main, backend=backend) == 200


@BACKENDS
def test_a_cancelled_task_closes_the_emulator_of_its_client_all_the_same(emulator: Emulator, backend: str) -> None:
    transport = emulator.transport()
    transport.closes_emulator = True

    async def main() -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await transport.aclose()

    anyio.run(main, backend=backend)
    with pytest.raises(httpx.TransportError, match="the emulator is closed"):
        WireClient(emulator)("ListCollections")


@pytest.mark.parametrize("backend", ["none", "asyncio", "trio"])
def test_a_call_after_the_emulator_was_closed_fails_at_once(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, backend: str
) -> None:
    async def main() -> None:
        await AsyncRekognitionClient.local(emulator).list_collections()

    def call() -> None:
        if backend == "none":
            RekognitionClient.local(emulator).list_collections()
        else:
            anyio.run(main, backend=backend)

    emulator.close()
    with pytest.raises(TransportError, match="the emulator is closed") as caught:
        call()
    assert (caught.value.attempts, caplog.text) == (1, "")


def test_two_emulators_in_memory_share_no_state(wire: WireClient) -> None:
    wire("CreateCollection", CollectionId="people")
    with Emulator() as other:
        assert WireClient(other)("ListCollections").body["CollectionIds"] == []
