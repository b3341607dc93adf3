"""A provider of credentials that makes a call with its own client gets an error, where both would wait for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from rekog import AsyncRekognitionClient, CallOptions, Credentials, RekognitionClient
from rekog.errors import CredentialsError
from tests.kit.backends import KEYS, Scripted
from tests.kit.forks import succeeds_in_child

if TYPE_CHECKING:
    from collections.abc import Callable

ERROR = "the provider of the credentials calls the client that waits for them: use another client"


class OwnCalls:
    """A provider with botocore's interface that makes a call."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call

    def get_frozen_credentials(self) -> Any:
        self._call()


@pytest.mark.parametrize("timeout", [None, 600.0])
@pytest.mark.parametrize("form", ["function", "object"])
def test_a_sync_client_refuses_calls_of_its_provider(form: str, timeout: float | None) -> None:
    def call() -> Credentials:
        client.list_collections(options=options)
        return KEYS

    def refused() -> None:
        with pytest.raises(CredentialsError, match=ERROR):
            client.list_collections(options=options)

    options = CallOptions(timeout=timeout)
    provider = call if form == "function" else OwnCalls(call)
    client = RekognitionClient("eu-west-1", credentials=provider, transport=Scripted())
    assert succeeds_in_child(refused)


@pytest.mark.parametrize("loop", ["its own", "the one of the client"])
def test_an_async_client_refuses_calls_of_its_provider(loop: str) -> None:
    async def main() -> None:
        running = asyncio.get_running_loop()

        def provide() -> Credentials:
            if loop == "its own":
                asyncio.run(client.list_collections())
            else:
                asyncio.run_coroutine_threadsafe(client.list_collections(), running).result()
            return KEYS

        client = AsyncRekognitionClient("eu-west-1", credentials=provide, transport=Scripted())
        with pytest.raises(CredentialsError, match=ERROR):
            await client.list_collections()

    assert succeeds_in_child(lambda: asyncio.run(main()))
