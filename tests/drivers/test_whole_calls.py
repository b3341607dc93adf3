"""Whole calls over real sockets: a server with faults, many calls at once, cancellation and closing."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import anyio.to_thread
import pytest

from rekog import AsyncRekognitionClient, CallOptions, RekognitionClient, RetryPolicy, Timeout
from rekog.errors import (
    CallTimeoutError,
    ConnectError,
    ConnectionLostError,
    ReadTimeoutError,
    RekogError,
    ThrottlingException,
)
from tests.kit.backends import AT_ONCE, KEYS, Backend, Scripted, json_reply
from tests.kit.servers import (
    End,
    ScriptedResponse,
    ScriptedServer,
    closing,
    cut_body,
    cut_head,
    failed,
    garbage,
    http10,
    ok,
    overlong_body,
    refusing_port,
    reset,
    silence,
    slow,
    throttled,
    until,
)

BODY = json.dumps({"CollectionIds": ["people"]}).encode()
ONCE = RetryPolicy(mode="off")

TEMPORARY: dict[str, ScriptedResponse] = {
    "throttle": throttled(),
    "throttle at 500": throttled(500),
    "gateway": failed(503, "ServiceUnavailable"),
    "reset": reset(),
    "closed": (End.CLOSE,),
    "cut head": cut_head(),
    "cut body": cut_body(BODY),
    "reset within the body": cut_body(BODY, end=End.RESET),
    "no HTTP": garbage(),
}


@pytest.mark.parametrize("response", TEMPORARY.values(), ids=TEMPORARY)
def test_a_call_survives_a_temporary_failure(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(response, ok(BODY)) as server:
        client = backend.client(endpoint_url=server.url)
        listing = backend.run(client.list_collections)
        assert (listing.collection_ids, listing.response_metadata.attempts) == (["people"], 2)


UNUSUAL: dict[str, ScriptedResponse] = {
    "bytes after the end": overlong_body(BODY),
    "closed after the end": closing(BODY),
    "no length": http10(BODY),
    "slow bytes": slow(BODY, pause=0.001),
}


@pytest.mark.parametrize("response", UNUSUAL.values(), ids=UNUSUAL)
def test_an_unusual_response_is_a_response(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(response) as server:
        client = backend.client(endpoint_url=server.url)
        for _ in range(2):
            assert backend.run(client.list_collections).collection_ids == ["people"]
            time.sleep(0.01)


def test_a_permanent_throttle_is_raised(backend: Backend) -> None:
    with ScriptedServer(throttled()) as server:
        client = backend.client(endpoint_url=server.url)
        with pytest.raises(
            ThrottlingException, match=r"Rate exceeded \(ThrottlingException, ListCollections, 3 attempts, HTTP 400"
        ):
            backend.run(client.list_collections)
        assert len(server.requests) == 3


def test_a_permanent_loss_of_connections_is_raised(backend: Backend) -> None:
    with ScriptedServer(cut_body(BODY)) as server:
        client = backend.client(endpoint_url=server.url)
        with pytest.raises(ConnectionLostError, match="3 attempts"):
            backend.run(client.list_collections)


def test_a_port_without_a_server_is_a_connect_error(backend: Backend) -> None:
    with refusing_port() as port:
        client = backend.client(endpoint_url=f"http://127.0.0.1:{port}")
        with pytest.raises(ConnectError, match=rf"no connection to http://127\.0\.0\.1:{port}.*3 attempts"):
            backend.run(client.list_collections)


def test_the_total_timeout_ends_slow_bytes(backend: Backend) -> None:
    with ScriptedServer(slow(bytes(500), pause=0.02)) as server:
        client = backend.client(endpoint_url=server.url)
        before = time.monotonic()
        with pytest.raises(CallTimeoutError):
            backend.run(lambda: client.list_collections(options=CallOptions(timeout=0.2)))
        assert time.monotonic() - before < 5


def test_the_total_timeout_spans_attempts(backend: Backend) -> None:
    with ScriptedServer(throttled(retry_after="0.4")) as server:
        client = backend.client(endpoint_url=server.url, retry=RetryPolicy(max_attempts=99, pause=AT_ONCE.pause))
        with pytest.raises(ThrottlingException) as caught:
            backend.run(lambda: client.list_collections(options=CallOptions(timeout=1)))
        assert 2 <= caught.value.attempts <= 3


def test_silence_is_a_read_timeout(backend: Backend) -> None:
    with ScriptedServer(silence()) as server:
        client = backend.client(endpoint_url=server.url, retry=ONCE)
        with pytest.raises(ReadTimeoutError):
            backend.run(lambda: client.list_collections(options=CallOptions(timeout=Timeout(read=0.1))))


# --- Many at once ------------------------------------------------------------------------------------------------


def test_64_calls_at_once_get_their_responses(backend: Backend) -> None:
    with ScriptedServer(slow(BODY, pause=0.02, size=len(BODY))) as server:
        client = backend.client(endpoint_url=server.url)
        responses = backend.together(*[client.list_collections] * 64)
        assert [response.collection_ids for response in responses] == [["people"]] * 64
        assert server.connections <= 64


def test_calls_at_once_get_their_own_responses(backend: Backend) -> None:
    client = backend.client(
        Scripted(lambda sent: json_reply({"FaceCount": 0, "CollectionARN": sent.wire["CollectionId"]}))
    )
    names = [f"people-{number}" for number in range(64)]
    responses = backend.together(*[lambda name=name: client.describe_collection(name) for name in names])
    assert [response.collection_arn for response in responses] == names


def test_threads_share_a_sync_client() -> None:
    with (
        ScriptedServer(ok(BODY)) as server,
        RekognitionClient("eu-west-1", endpoint_url=server.url, credentials=KEYS) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        futures = [threads.submit(client.list_collections) for _ in range(80)]
        assert len([future.result() for future in futures]) == len(server.requests) == 80


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_a_cancelled_call_leaves_the_client_usable(name: str) -> None:
    with ScriptedServer(silence(), ok(BODY)) as server:

        async def calls() -> list[str]:
            async with AsyncRekognitionClient(endpoint_url=server.url, credentials=KEYS, max_connections=1) as client:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(client.list_collections)
                    assert await anyio.to_thread.run_sync(until, lambda: len(server.requests) == 1)
                    tasks.cancel_scope.cancel()
                return (await client.list_collections()).collection_ids

        assert anyio.run(calls, backend=name) == ["people"]


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_a_cancelled_call_leaves_the_others_alone(name: str) -> None:
    with ScriptedServer(slow(BODY, pause=0.5, size=len(BODY))) as server:

        async def calls() -> list[list[str]]:
            results: list[list[str]] = []
            async with AsyncRekognitionClient("eu-west-1", endpoint_url=server.url, credentials=KEYS) as client:

                async def call(seconds: float) -> None:
                    with anyio.move_on_after(seconds):
                        results.append((await client.list_collections()).collection_ids)

                async with anyio.create_task_group() as tasks:
                    for seconds in (0.03, 30, 0.03, 30):
                        tasks.start_soon(call, seconds)
            return results

        assert anyio.run(calls, backend=name) == [["people"], ["people"]]


# --- Closing -----------------------------------------------------------------------------------------------------


def test_a_client_may_be_closed_twice(backend: Backend) -> None:
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url)
        backend.run(client.list_collections)
        backend.close(client)
        backend.close(client)


def test_a_call_after_close_is_an_error(backend: Backend) -> None:
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url)
        backend.close(client)
        with pytest.raises(RekogError, match="the client is closed: create a new one"):
            backend.run(client.list_collections)
        assert server.requests == []


def test_the_end_of_the_with_block_closes_a_sync_client() -> None:
    with ScriptedServer() as server:
        with RekognitionClient("eu-west-1", endpoint_url=server.url, credentials=KEYS) as client:
            client.list_collections()
        with pytest.raises(RekogError, match="the client is closed"):
            client.list_collections()


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_the_end_of_the_with_block_closes_an_async_client(name: str) -> None:
    with ScriptedServer() as server:

        async def calls() -> None:
            async with AsyncRekognitionClient("eu-west-1", endpoint_url=server.url, credentials=KEYS) as client:
                await client.list_collections()
            with pytest.raises(RekogError, match="the client is closed"):
                await client.list_collections()

        anyio.run(calls, backend=name)
