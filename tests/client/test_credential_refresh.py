"""Credentials that must be fetched: once for all calls, and outside the event loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import anyio
import anyio.to_thread
import pytest

from rekog import AsyncRekognitionClient, CallOptions
from rekog.credentials import ChainSource, Credentials
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
    client = backend.client(transport, credentials=ChainSource(lambda: provider))
    backend.together(*[client.list_collections] * 32)
    assert (provider.refreshes, len(transport.sent), used_keys(transport)) == (1, 32, {"AKID1"})


def test_expiring_credentials_are_refreshed_for_the_next_call(backend: Backend) -> None:
    provider, transport = Provider(), Scripted()
    client = backend.client(transport, credentials=ChainSource(lambda: provider))
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
        source = ChainSource(lambda: provider)
        async with (
            AsyncRekognitionClient("eu-west-1", credentials=source, transport=Scripted()) as client,
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

    def find() -> Provider:
        release.wait(0.3 if total > 1 else 10)
        return Provider()

    transport = Scripted()
    client = backend.client(transport, credentials=ChainSource(find))
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
def test_a_timeout_error_of_the_source_is_raised_unchanged(backend: Backend, total: float | None) -> None:
    class TimingOutSource:
        def cached(self) -> None: ...

        def load(self) -> Credentials:
            raise TimeoutError("the agent is asleep")

    client = backend.client(Unused(), credentials=TimingOutSource())
    with pytest.raises(TimeoutError, match="the agent is asleep"):
        backend.run(lambda: client.list_collections(options=CallOptions(timeout=total)))


def test_a_provider_that_fails_is_a_credentials_error(backend: Backend) -> None:
    def fail() -> Provider:
        raise OSError("no metadata service")

    transport = Scripted()
    client = backend.client(transport, credentials=ChainSource(fail))
    with pytest.raises(CredentialsError, match=r"the credential provider failed \(no metadata service\)"):
        backend.run(client.list_collections)
    assert transport.sent == []
