"""Interrupts: a signal handler that raises at any moment of a call loses no slot, no lock and no connection's order.

The handler raises as the one of Ctrl-C does. After each client's interrupts, its calls get their own responses, and
all of its slots can be used at once. The clients use retries, a rate limit, adaptive mode and a function that returns
credentials.
"""

from __future__ import annotations

import random
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from rekog import RateLimit, RekognitionClient, RetryPolicy
from rekog._drivers.blocking import run_inline
from rekog.models import ListCollectionsResponse
from tests.hostile.sdk.cancellation import short_pause, slow_credentials
from tests.hostile.sdk.echo_server import THROTTLE, EchoServer, check_call
from tests.hostile.sdk.ways import NO_RETRIES, shares, within
from tests.kit.backends import KEYS

if TYPE_CHECKING:
    from types import FrameType

    from tests.hostile.attack import Report

SEED = 54
CONNECTIONS = 2
CALLS = 100  # between two checks of all slots
SECONDS = 0.006  # until the latest interrupt; calls take about 3 ms
LONGEST = 900.0

CLIENTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "retries": {"retry": RetryPolicy(pause=short_pause)},
    "adaptive": {"retry": RetryPolicy(mode="adaptive", pause=short_pause)},
    "rate limit": {"rate_limit": RateLimit(5000, burst=2)},
    "credentials": {"credentials": slow_credentials},
}


class Interrupt(BaseException):
    """Raised by the signal handler, like KeyboardInterrupt."""


def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Raise an interrupt."""
    raise Interrupt


def attack(count: int, report: Report) -> None:
    """Divide the interrupted calls among the kinds of clients."""
    reported = sys.unraisablehook

    def unraisable(event: sys.UnraisableHookArgs) -> None:
        if not issubclass(event.exc_type, Interrupt):  # Python cannot raise it from a finaliser
            reported(event)

    sys.unraisablehook = unraisable
    usual = signal.signal(signal.SIGALRM, interrupt)
    try:
        with EchoServer(slowest=0.002) as server, within(report, LONGEST, "a client hangs after interrupts"):
            for (name, settings), part in zip(CLIENTS.items(), shares(count, len(CLIENTS)), strict=True):
                given: dict[str, Any] = {"credentials": KEYS, "retry": NO_RETRIES, "timeout": 5, **settings}
                with RekognitionClient(
                    "eu-west-1", endpoint_url=server.url, max_connections=CONNECTIONS, **given
                ) as client:
                    _attack_client(client, name, part, report)
    finally:
        signal.signal(signal.SIGALRM, usual)
        sys.unraisablehook = reported


def _attack_client(client: RekognitionClient, name: str, count: int, report: Report) -> None:
    chance = random.Random(f"{SEED} {name}")
    for number in range(count):
        prefix = THROTTLE if name in {"retries", "adaptive"} and number % 2 else name
        try:
            signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-5, SECONDS))
            run_inline(check_call(client, f"{prefix} {number}", report, total=5))
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Interrupt:
            report.figure("interrupted")
        signal.setitimer(signal.ITIMER_REAL, 0)
        if number % CALLS == CALLS - 1 or number == count - 1:
            _check_slots(client, name, number, report)


def _check_slots(client: RekognitionClient, name: str, number: int, report: Report) -> None:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        calls = [
            threads.submit(partial(run_inline, check_call(client, f"{name} {number} {place}", report)))
            for place in range(CONNECTIONS)
        ]
        for call in calls:
            text = f"no response after interrupts ({name}): {call.result()}"
            report.check(isinstance(call.result(), ListCollectionsResponse), text[:200])
