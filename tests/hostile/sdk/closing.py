"""Clients that are closed during calls: each call gets its own response, or raises a `RekogError`.

Other calls begin after the client was closed. Nothing hangs, and all connections end.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.hostile.sdk.echo_server import EchoServer, check_call
from tests.hostile.sdk.ways import WAYS, Way, all_ways, shares, within
from tests.hostile.watch import Growth

if TYPE_CHECKING:
    from rekog import RekognitionClient
    from tests.hostile.attack import Report

SEED = 54
CALLERS = 8
CALLS = 30  # for each caller
LONGEST = 600.0


def attack(count: int, report: Report) -> None:
    """Divide the calls among the ways; a client has 240."""
    with EchoServer() as server:
        for part, way in zip(shares(count, len(WAYS)), all_ways(), strict=True):
            chance = random.Random(f"{SEED} {way.name}")
            growth: Growth | None = None
            with within(report, LONGEST, f"calls in {way.name} do not end"):
                for number in range(max(part // CALLERS // CALLS, 1)):
                    rekognition = way.client(server.url, max_connections=chance.choice((1, 4, 64)))
                    callers = [_call(way, rekognition, f"{number} {caller}", report) for caller in range(CALLERS)]
                    way.run(_close(way, rekognition, chance.uniform(0, 0.25)), *callers)
                    growth = growth or Growth()
            if growth is not None:
                growth.check(report, way.name, mib=10, open_files=20, threads=CALLERS)


async def _call(way: Way, rekognition: RekognitionClient, name: str, report: Report) -> None:
    for number in range(CALLS):
        found = await check_call(rekognition, f"{name} {number}", report)
        if isinstance(found, TimeoutError):  # nothing delays a response by 20 s
            report.fault(f"a call hangs in {way.name}: {found}"[:200])


async def _close(way: Way, rekognition: RekognitionClient, seconds: float) -> None:
    await way.pause(seconds)
    if way.backend.name == "sync":
        rekognition.close()
    else:
        await rekognition.aclose()  # type: ignore[attr-defined]  # it is an AsyncRekognitionClient
