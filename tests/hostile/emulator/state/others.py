"""Small requests beside a large one: none of them waits for seconds."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.hostile.emulator.calls import call

if TYPE_CHECKING:
    from tests.hostile.attack import Report
    from tests.hostile.emulator.servers import Attacked

BESIDE = 5.0  # seconds; 0.5 are usual


@contextmanager
def others_served(server: Attacked, report: Report, beside: str) -> Generator[None]:
    """Send small requests meanwhile, and count a fault if one of them waits."""
    ended = threading.Event()

    def client() -> None:
        caller = server.caller()
        longest = 0.0
        while not ended.wait(0.005):
            answer = call(caller, "ListCollections", {})
            longest = max(longest, answer.seconds)
            report.check(answer.status == 200, f"{answer.status} {answer.code} beside {beside}")
        caller.close()
        report.figure(f"milliseconds of waiting beside {beside}", round(longest * 1000))
        report.check(longest < BESIDE, f"a request beside {beside} waits for more than {BESIDE:g} s")

    other = threading.Thread(target=client)
    other.start()
    try:
        yield
    finally:
        ended.set()
        other.join()
