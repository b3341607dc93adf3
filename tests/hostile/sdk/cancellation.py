"""Cancelled calls: after a call was cancelled at any moment, the next one gets its own response over the only slot.

The moments are: connecting, with TLS and without; sending a small request and a large one; waiting for the response,
for a slot, for a rate limit, for a retry and for credentials. Tasks are cancelled by a scope, and natively in asyncio.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio

from rekog import Credentials, RateLimit, RetryPolicy
from rekog.models import ListCollectionsResponse
from tests.hostile.sdk.echo_server import THROTTLE, Authority, EchoServer, check_call
from tests.hostile.sdk.ways import KINDS, NO_RETRIES, POOL, Way, open_ways, outcome, shares, within

if TYPE_CHECKING:
    from rekog import RekognitionClient
    from rekog.config import FailedAttempt
    from tests.hostile.attack import Report

SEED = 61
LARGE = b"\xff\xd8\xff" + bytes(4_000_000)
LONGEST = 300.0


def slow_credentials() -> Credentials:
    """Return credentials that expire soon, after a while."""
    time.sleep(0.005)
    return Credentials("AKID", "secret", expires_at=datetime.now(UTC) + timedelta(seconds=0.02))


def short_pause(_failed: FailedAttempt) -> float:
    """Return the pause before a retry."""
    return 0.01


class Stage:
    """A kind of call, the settings of its client, and the longest time until it is cancelled."""

    def __init__(self, seconds: float, *, large: bool = False, token: str = "", together: int = 1, **settings: Any):
        self.seconds = seconds
        self.large = large
        self.token = token
        self.together = together
        self.settings: dict[str, Any] = {"retry": NO_RETRIES, **settings}


STAGES = {
    "small": Stage(0.008),
    "large": Stage(0.06, large=True),
    "slot": Stage(0.012, together=3),
    "large, slot": Stage(0.1, large=True, together=2),
    "retry": Stage(0.04, token=THROTTLE, retry=RetryPolicy(pause=short_pause)),
    "adaptive": Stage(0.04, token=THROTTLE, retry=RetryPolicy(mode="adaptive", pause=short_pause)),
    "credentials": Stage(0.02, credentials=slow_credentials),
    "rate limit": Stage(0.03, rate_limit=RateLimit(100), together=2),
}


def attack(count: int, report: Report) -> None:
    """Divide the attempts among event loops, plain connections and TLS, and the stages."""
    authority = Authority()
    kinds = [(kind, POOL) for kind in KINDS if kind != "sync"]
    parts = iter(shares(count, len(kinds) * 2 * len(STAGES)))
    for way in open_ways(kinds):
        for tls in (False, True):
            context = authority.server_context() if tls else None
            with EchoServer(tls=context) as server, within(report, LONGEST, f"the calls in {way.name} do not end"):
                for name, stage in STAGES.items():
                    rekognition = way.backend.client(
                        None, endpoint_url=server.url, max_connections=1, verify=authority.bundle, **stage.settings
                    )
                    way.run(_attack_stage(way, name, stage, rekognition, next(parts), report))
                    way.backend.close(rekognition)


async def _attack_stage(
    way: Way, name: str, stage: Stage, rekognition: RekognitionClient, count: int, report: Report
) -> None:
    chance = random.Random(f"{SEED} {way.name} {name}")
    for number in range(count):
        after = [chance.choice((0.0, chance.uniform(0, stage.seconds))) for _ in range(stage.together)]
        native = way.backend.name != "trio" and chance.random() < 0.5
        cancel = _cancel_task if native else _cancel_scope

        async def call(token: str = f"{stage.token} {number}") -> None:
            if stage.large:
                await outcome(report, lambda: rekognition.detect_faces(LARGE))
            else:
                await outcome(report, lambda: rekognition.list_collections(next_token=token))

        async with anyio.create_task_group() as group:
            for seconds in after:
                group.start_soon(cancel, call, seconds, report)
        found = await check_call(rekognition, f"after {number}", report)
        text = f"no response after a cancelled call ({name} in {way.name}): {found}"
        report.check(isinstance(found, ListCollectionsResponse), text[:200])


async def _cancel_scope(call: Callable[[], Any], seconds: float, report: Report) -> None:
    with anyio.move_on_after(seconds) as scope:
        await call()
    report.figure("cancelled", int(scope.cancelled_caught))


async def _cancel_task(call: Callable[[], Any], seconds: float, report: Report) -> None:
    task = asyncio.ensure_future(call())
    await asyncio.sleep(seconds)
    if task.cancel():
        await asyncio.wait([task])
        report.figure("cancelled", int(task.cancelled()))
    else:
        task.result()
