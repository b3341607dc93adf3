"""Long use of clients: memory, descriptors and threads stay the same over calls that all differ.

The headers, tokens, timeouts and options of the calls differ. Some calls fail, some clients are derived by
`with_options`, and some clients are created, used once and dropped.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from rekog import CallOptions, RateLimit, Timeout
from tests.hostile.sdk.echo_server import EchoServer
from tests.hostile.sdk.ways import NO_RETRIES, WAYS, Way, all_ways, outcome, shares
from tests.hostile.watch import Growth
from tests.kit.backends import KEYS

if TYPE_CHECKING:
    from rekog import RekognitionClient
    from tests.hostile.attack import Report

SEED = 66
CALLERS = 4
WARM_UP = 0.25  # share of the calls before the comparison begins


def attack(count: int, report: Report) -> None:
    """Divide the calls among the ways, and compare before and after in each."""
    for part, way in zip(shares(count, len(WAYS)), all_ways(), strict=True):
        with EchoServer(slowest=0) as server:
            rekognition = way.client(server.url, rate_limit=RateLimit(1e6, burst=1000))
            chance = random.Random(f"{SEED} {way.name}")
            _run(way, rekognition, server.url, round(part * WARM_UP), chance, report)
            growth = Growth()
            _run(way, rekognition, server.url, part - round(part * WARM_UP), chance, report)
            growth.check(report, way.name, mib=4, open_files=10, threads=4)
            way.backend.close(rekognition)


def _run(way: Way, rekognition: RekognitionClient, url: str, count: int, chance: random.Random, report: Report) -> None:
    numbers = iter(range(count))
    kind_of_client = type(rekognition)

    async def caller() -> None:
        for _ in numbers:
            number = chance.randrange(10**12)
            options = CallOptions(
                headers={f"x-header-{number}": f"value {number}"},
                timeout=Timeout(total=10 + number / 10**12, read=5 + number / 10**12),
            )
            chosen = rekognition
            if number % 10 == 0:
                chosen = rekognition.with_options(timeout=number / 10**11 + 1, headers={f"x-{number}": "1"})
            elif number % 100 == 1 and way.library == "pool":
                chosen = kind_of_client(
                    "eu-west-1", endpoint_url=url, credentials=KEYS, retry=NO_RETRIES, strict=["requests", "images"]
                )
            report.attempt()
            await outcome(report, partial(_call, chosen, number, options))
            if chosen is not rekognition and number % 100 == 1:
                await outcome(report, getattr(chosen, "aclose", chosen.close))

    way.run(*[caller() for _ in range(CALLERS)])


def _call(rekognition: RekognitionClient, number: int, options: CallOptions) -> object:
    kind = number % 7
    if kind == 0:
        return rekognition.delete_collection(f"name-{number}", options=options)
    if kind == 1:
        return rekognition.call(f"Operation{number}", {})
    if kind == 2:
        return rekognition.detect_faces(b"\xff\xd8\xff%d" % number, options=options)
    return rekognition.list_collections(next_token=str(number), options=options)
