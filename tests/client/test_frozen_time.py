"""Calls while a library has stopped the clocks of the program: pauses, rates, waits and timeouts end all the same.

asyncio's own timers run on, as freezegun recommends. trio's stand still in frozen time, in every program.
"""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import freezegun
import pytest

from rekog import CallOptions, RateLimit, RetryPolicy, Timeout
from rekog.errors import WaiterTimeoutError
from tests.kit.backends import Backend, Scripted, error_reply, json_reply, open_backend
from tests.kit.forks import succeeds_in_child

if TYPE_CHECKING:
    from collections.abc import Callable

THROTTLED = error_reply("ThrottlingException")
QUICK = RetryPolicy(pause=lambda failed: 0.01 * failed.number)


def call(backend: Backend) -> None:
    client = backend.client(Scripted())
    backend.run(client.list_collections)


def retry(backend: Backend) -> None:
    client = backend.client(Scripted(THROTTLED, THROTTLED, json_reply()), retry=QUICK)
    backend.run(lambda: client.list_collections(options=CallOptions(timeout=60)))


def adapt_the_rate(backend: Backend) -> None:
    client = backend.client(Scripted(THROTTLED, json_reply()), retry=RetryPolicy(mode="adaptive"))
    backend.run(client.list_collections)


def keep_to_a_rate(backend: Backend) -> None:
    client = backend.client(Scripted(), rate_limit=RateLimit(50, burst=1))
    for _ in range(4):
        backend.run(client.list_collections)


def wait_with_pauses(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"JobStatus": "IN_PROGRESS"})))
    waiter = client.get_waiter("face_detection_completed")
    with pytest.raises(WaiterTimeoutError):
        backend.run(lambda: waiter.wait(job_id="job", delay=0.1, timeout=0.3))


def wait_without_pauses(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"JobStatus": "IN_PROGRESS"})))
    waiter = client.get_waiter("face_detection_completed")
    with pytest.raises(WaiterTimeoutError):
        backend.run(lambda: waiter.wait(job_id="job", delay=0, timeout=0.3))


def call_a_silent_server(backend: Backend) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        client = backend.client(endpoint_url=url, timeout=Timeout(total=0.3), retry=RetryPolicy(mode="off"))
        with pytest.raises(TimeoutError):
            backend.run(client.list_collections)


USES: tuple[Callable[[Backend], None], ...] = (
    call, retry, adapt_the_rate, keep_to_a_rate, wait_with_pauses, wait_without_pauses, call_a_silent_server
)  # fmt: skip


@pytest.mark.parametrize("name", ["sync", "asyncio"])
def test_a_call_ends_while_all_clocks_stand_still(name: str) -> None:
    def use_in_frozen_time() -> None:
        with freezegun.freeze_time("2030-01-01", real_asyncio=True):  # once: it goes through all loaded modules
            for use in USES:
                print(use.__name__, file=sys.stderr, flush=True)  # the last one is the one that failed
                with open_backend(name) as backend:
                    use(backend)

    assert succeeds_in_child(use_in_frozen_time)
