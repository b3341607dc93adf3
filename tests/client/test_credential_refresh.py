"""Credentials that must be fetched: once for all calls, and outside the event loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import anyio
import anyio.to_thread
import pytest

from rekog import AsyncRekognitionClient, CallOptions
from rekog.credentials import Credentials
from rekog.errors import CallTimeoutError, CredentialsError
from tests.kit.backends import Backend, Scripted, Unused
from tests.kit.servers import until


class FrozenKeys:
    """A frozen snapshot of credentials, as botocore returns it."""

    def __init__(self, access_key: str) -> None:
        self.access_key = access_key
        self.secret_key = "secret"
        self.token: str | None = None


class Provider:
    """A credential provider with botocore's interface that refreshes slowly, like a role, while `stale` is true."""

    def __init__(self, pause: Callable[[], object] = lambda: time.sleep(0.1)) -> None:
        self.refreshes = 0
        self.stale = True
        self._pause = pause
        self._lock = threading.Lock()

    def refresh_needed(self, refresh_in: int | None = None) -> bool:
        return self.stale

    def get_frozen_credentials(self) -> FrozenKeys:
        with self._lock:
            self.refreshes += 1
        self._pause()
        self.stale = False
        return FrozenKeys(f"AKID{self.refreshes}")


def used_keys(transport: Scripted) -> set[str]:
    return {sent.headers["authorization"].partition("Credential=")[2].partition("/")[0] for sent in transport.sent}


def test_concurrent_calls_refresh_once(backend: Backend) -> None:
    provider, transport = Provider(), Scripted()
    client = backend.client(transport, credentials=provider)
    backend.together(*[client.list_collections] * 32)
    assert (provider.refreshes, len(transport.sent), used_keys(transport)) == (1, 32, {"AKID1"})


def test_expiring_credentials_are_refreshed_for_the_next_call(backend: Backend) -> None:
    provider, transport = Provider(), Scripted()
    client = backend.client(transport, credentials=provider)
    backend.run(client.list_collections)
    provider.stale = True
    backend.run(client.list_collections)
    assert used_keys(transport) == {"AKID1", "AKID2"}


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_a_refresh_does_not_block_the_event_loop(name: str) -> None:
    ticked = threading.Event()
    loop_ran: list[bool] = []
    provider = Provider(lambda: loop_ran.append(ticked.wait(10)))

    async def main() -> None:
        async with (
            AsyncRekognitionClient("eu-west-1", credentials=provider, transport=Scripted()) as client,
            anyio.create_task_group() as tasks,
        ):

            async def tick() -> None:
                assert await anyio.to_thread.run_sync(until, lambda: provider.refreshes == 1)
                ticked.set()

            tasks.start_soon(tick)
            await client.list_collections()

    anyio.run(main, backend=name)
    assert loop_ran == [True]


@pytest.mark.parametrize("total", [0.05, 5])
def test_the_total_timeout_includes_credentials(backend: Backend, total: float) -> None:
    release = threading.Event()

    provider = Provider(lambda: release.wait(0.3 if total > 1 else 10))
    transport = Scripted()
    client = backend.client(transport, credentials=provider)
    started = time.monotonic()
    if total > 1:
        backend.run(lambda: client.list_collections(options=CallOptions(timeout=total)))
        assert used_keys(transport) == {"AKID1"}
        return
    with pytest.raises(CallTimeoutError, match=r"0\.05 s ran out: the credentials were not there yet"):
        backend.run(lambda: client.list_collections(options=CallOptions(timeout=total)))
    assert time.monotonic() - started < 5
    release.set()
    backend.run(client.list_collections)
    assert used_keys(transport) == {"AKID1"}


@pytest.mark.parametrize("total", [None, 5])
def test_a_timeout_error_of_a_function_is_a_credentials_error(backend: Backend, total: float | None) -> None:
    def fetch() -> Credentials:
        raise TimeoutError("the agent is asleep")

    client = backend.client(Unused(), credentials=fetch)
    with pytest.raises(CredentialsError, match=r"the function credentials failed \(the agent is asleep\)") as caught:
        backend.run(lambda: client.list_collections(options=CallOptions(timeout=total)))
    assert isinstance(caught.value.__cause__, TimeoutError)


def test_a_provider_that_fails_is_a_credentials_error(backend: Backend) -> None:
    def fail() -> None:
        raise OSError("no metadata service")

    transport = Scripted()
    client = backend.client(transport, credentials=Provider(fail))
    with pytest.raises(CredentialsError, match=r"the credential provider failed \(no metadata service\)"):
        backend.run(client.list_collections)
    assert transport.sent == []


def test_concurrent_calls_share_one_call_of_a_function(backend: Backend) -> None:
    threads: list[threading.Thread] = []

    def fetch() -> Credentials:
        threads.append(threading.current_thread())
        time.sleep(0.1)
        return Credentials("AKIDVAULT", "secret")

    transport = Scripted()
    client = backend.client(transport, credentials=fetch)
    backend.together(*[client.list_collections] * 32)
    assert (len(threads), len(transport.sent), used_keys(transport)) == (1, 32, {"AKIDVAULT"})


def test_a_function_is_called_again_for_expiring_credentials(backend: Backend) -> None:
    keys = iter(("AKID1", "AKID2"))

    def fetch() -> Credentials:
        return Credentials(next(keys), "secret", expires_at=datetime.now(UTC) + timedelta(seconds=0.2))

    transport = Scripted()
    client = backend.client(transport, credentials=fetch)
    backend.run(client.list_collections)
    time.sleep(0.2)
    backend.run(client.list_collections)
    assert used_keys(transport) == {"AKID1", "AKID2"}
