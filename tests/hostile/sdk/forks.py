"""Forks and event loops: a client works in each forked child and in each event loop, and no response goes astray.

Children are forked while the client is idle, and while other threads make calls: over TLS, with a rate limit, in
adaptive mode, during a refresh of credentials, and while the log is written. Four event loops in four threads share
an async client.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio

from rekog import AsyncRekognitionClient, Credentials, RateLimit, RekognitionClient, RetryPolicy
from rekog._drivers.blocking import run_inline
from rekog.models import ListCollectionsResponse
from tests.hostile.attack import Report
from tests.hostile.sdk.cancellation import slow_credentials
from tests.hostile.sdk.echo_server import Authority, EchoServer, check_call
from tests.hostile.sdk.ways import KINDS, NO_RETRIES, within
from tests.kit.backends import KEYS

SEED = 32
CALLERS = 4
CHILD_CALLS = 25
CHILD_SECONDS = 60.0
LOOPS = 4
SHARE_OF_LOOPS = 0.3


class SlowProvider:
    """Credentials with botocore's interface, which another thread always refreshes."""

    def refresh_needed(self, _seconds: float | None = None) -> bool:
        """Return True."""
        return True

    def get_frozen_credentials(self) -> Any:
        """Return credentials after a while."""
        time.sleep(0.02)
        return type("Frozen", (), {"access_key": "AKID", "secret_key": "secret", "token": None})


CLIENTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "one connection": {"max_connections": 1},
    "rate limit": {"rate_limit": RateLimit(500, burst=2)},
    "adaptive": {"retry": RetryPolicy(mode="adaptive")},
    "function of credentials": {"credentials": slow_credentials},
    "provider of credentials": {"credentials": SlowProvider()},
}


def attack(count: int, report: Report) -> None:
    """Fork busy and idle clients of each kind, then share a client among loops."""
    looped = round(count * SHARE_OF_LOOPS)
    per_client = max((count - looped) // (2 * len(CLIENTS)), CHILD_CALLS)
    logging.getLogger("rekog").addHandler(logging.NullHandler())
    logging.getLogger("rekog").setLevel(logging.DEBUG)
    authority = Authority()
    for tls in (False, True):
        with EchoServer(tls=authority.server_context() if tls else None, slowest=0.002) as server:
            for name, settings in CLIENTS.items():
                given: dict[str, Any] = {
                    "credentials": KEYS,
                    "retry": NO_RETRIES,
                    "verify": authority.bundle,
                    **settings,
                }
                with RekognitionClient("eu-west-1", endpoint_url=server.url, **given) as client:
                    _attack_client(client, f"{name}{' over TLS' if tls else ''}", per_client, report)
    with EchoServer(slowest=0.002) as server:
        _attack_loops(server.url, looped, report)


def _attack_client(client: RekognitionClient, name: str, count: int, report: Report) -> None:
    chance = random.Random(f"{SEED} {name}")
    run_inline(check_call(client, f"{name} before", report))
    _fork(client, f"{name}, idle", report)
    numbers = iter(range(max(count - 2 * CHILD_CALLS, CALLERS)))

    def calls() -> None:
        for number in numbers:
            run_inline(check_call(client, f"{name} {number}", report))

    with within(report, 120, f"the calls of the parent hang ({name})"), ThreadPoolExecutor(CALLERS) as threads:
        futures = [threads.submit(calls) for _ in range(CALLERS)]
        time.sleep(chance.uniform(0, 0.03))
        _fork(client, f"{name}, busy", report)
        for future in futures:
            future.result()


def _fork(client: RekognitionClient, name: str, report: Report) -> None:
    """Fork, let the child make calls, and count a fault unless all of them succeed."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            status = _child(client, name)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    report.figure("children")
    end = time.monotonic() + CHILD_SECONDS
    while (ended := os.waitpid(process, os.WNOHANG)) == (0, 0):
        if time.monotonic() > end:
            os.kill(process, 9)
            os.waitpid(process, 0)
            report.fault(f"a child hangs ({name})")
            return
        time.sleep(0.002)
    report.attempt(CHILD_CALLS)
    report.check(ended[1] == 0, f"a child failed ({name})")


def _child(client: RekognitionClient, name: str) -> int:
    report = Report()
    report.check(threading.active_count() == 1, "threads in a child")

    def calls(caller: int) -> None:
        for number in range(CHILD_CALLS // 5):
            found = run_inline(check_call(client, f"child {os.getpid()} {caller} {number}", report))
            report.check(isinstance(found, ListCollectionsResponse), f"no response: {found}"[:200])

    calls(0)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(calls, range(1, 5)))
    for text in report.faults:
        print(f"    in a child ({name}): {text}", file=sys.stderr, flush=True)
    return int(bool(report.faults))


def _attack_loops(url: str, count: int, report: Report) -> None:
    """Share one client among event loops of asyncio and uvloop in threads; trio has a client of its own."""
    given: dict[str, Any] = {"endpoint_url": url, "credentials": Credentials("AKID", "secret"), "retry": NO_RETRIES}
    shared = AsyncRekognitionClient("eu-west-1", max_connections=3, **given)
    numbers = iter(range(count))

    async def calls(client: AsyncRekognitionClient) -> None:
        async def caller() -> None:
            for number in numbers:
                found = await check_call(client, f"loop {number}", report)  # type: ignore[arg-type]  # the async client
                report.check(isinstance(found, ListCollectionsResponse), f"no response in a loop: {found}"[:200])

        async with anyio.create_task_group() as group:
            for _ in range(CALLERS):
                group.start_soon(caller)

    async def own() -> None:
        async with AsyncRekognitionClient("eu-west-1", **given) as client:
            await calls(client)

    def uvloop() -> None:
        options = {"use_uvloop": "uvloop" in KINDS}
        anyio.run(calls, shared, backend="asyncio", backend_options=options)

    runs = [lambda: asyncio.run(calls(shared)), lambda: asyncio.run(calls(shared)), uvloop]
    with within(report, 300, "the calls of event loops hang"), ThreadPoolExecutor(LOOPS) as threads:
        futures = [threads.submit(run) for run in runs]
        futures.append(threads.submit(lambda: anyio.run(own, backend="trio")))
        for future in futures:
            future.result()
    asyncio.run(shared.aclose())
