"""Cross-talk: no call gets the response of another request, and no slot is lost.

Each request has its own number, and each response repeats it. Callers set short timeouts and are cancelled, and the
server resets, closes, trickles, responds late, sends further bytes behind a response and responds twice. Clients use
our pools, httpx, httpx2, and httpx patched by vcrpy. Afterwards all connections of a client can be used at once.

One behaviour is left out for httpx and httpx2: after further bytes behind a response, they take these for the next
response on the connection. Our pools close such a connection.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Generator, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import anyio

from rekog import CallOptions, RateLimit, RetryPolicy, Timeout
from rekog.models import ListCollectionsResponse
from tests.drivers.fault_server import FaultServer
from tests.hostile.sdk.ways import NO_RETRIES, POOL, WAYS, Way, open_ways, outcome, shares, within
from tests.kit.backends import no_pause

if TYPE_CHECKING:
    from rekog import RekognitionClient
    from tests.hostile.attack import Report

SEED = 30
CONNECTIONS = 6
CALLERS = 12
CALLS = 40  # at least, in each way
LONGEST = 600.0
VCR = "vcrpy"
ALL = (*WAYS, *((kind, VCR) for kind in ("sync", "asyncio") if find_spec("vcr")))
TIMEOUTS = (Timeout(read=1), Timeout(read=0.05), Timeout(read=1, total=0.03), Timeout(read=1, total=0.2))
POLICIES = (NO_RETRIES, NO_RETRIES, RetryPolicy(pause=no_pause), RetryPolicy(mode="adaptive", pause=no_pause))


def attack(count: int, report: Report) -> None:
    """Divide the calls among the ways, each with its own server."""
    chosen = ALL[: max(count // CALLS, 1)]
    for part, (kind, library) in zip(shares(count, len(chosen)), chosen, strict=True):
        for way in open_ways([(kind, POOL if library == VCR else library)]):
            way.name = f"{kind}, {library}"
            with patched() if library == VCR else contextlib.nullcontext():
                _attack_in(way, part, report)


def _store_nothing(_request: object) -> None:
    pass


@contextlib.contextmanager
def patched() -> Generator[None]:
    """Let vcrpy patch the transports of httpx; it passes each request on and stores nothing."""
    vcr: Any = import_module("vcr")

    recorder = vcr.VCR(before_record_request=_store_nothing)
    with recorder.use_cassette("/nonexistent/attack.yaml"):
        yield


def _attack_in(way: Way, count: int, report: Report) -> None:
    chance = random.Random(f"{SEED} {way.name}")
    numbers = iter(range(count))
    ours = way.name.endswith(POOL)
    hangs = f"the callers in {way.name} do not end"
    with FaultServer(SEED, without=None if ours else "behind") as server, within(report, LONGEST, hangs):
        clients = [
            way.client(server.url, max_connections=CONNECTIONS, retry=policy, rate_limit=limit)
            for policy, limit in zip(POLICIES, (None, RateLimit(2000, burst=3), None, None), strict=True)
        ]
        way.run(*[_caller(way, clients, numbers, chance, report) for _ in range(CALLERS)])
        for number, rekognition in enumerate(clients):
            server.stop_faults(CONNECTIONS)
            together = [_check(way, rekognition, f"together {number} {place}", report) for place in range(CONNECTIONS)]
            found = way.run(*together)
            report.check(all(found), f"a slot was lost in {way.name}")


async def _caller(
    way: Way, clients: list[RekognitionClient], numbers: Iterator[int], chance: random.Random, report: Report
) -> None:
    for number in numbers:
        token = f"{number} {'.' * chance.choice((0, 0, 50, 3000))}"
        options = CallOptions(timeout=chance.choice(TIMEOUTS))
        cancel_after = chance.uniform(0, 0.03) if chance.random() < 0.1 and way.backend.name != "sync" else LONGEST
        call = _check(way, chance.choice(clients), token, report, options)
        report.attempt()
        if way.backend.name == "sync":
            await call
            continue
        with anyio.move_on_after(cancel_after) as scope:
            await call
        report.figure("cancelled", int(scope.cancelled_caught))


async def _check(
    way: Way, rekognition: RekognitionClient, token: str, report: Report, options: CallOptions | None = None
) -> bool:
    """Call, check that the response repeats the request's token, and return whether there was a response."""
    chosen = options or CallOptions(timeout=Timeout(total=20))
    found = await outcome(report, lambda: rekognition.list_collections(next_token=token, options=chosen))
    if not isinstance(found, ListCollectionsResponse):
        report.figure(type(found).__name__)
        return False
    report.figure("response")
    report.check(found.next_token == token, f"the response of another request in {way.name}")
    return True
