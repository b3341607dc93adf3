"""Admission of a call: its slot, and its place within the client's rate limit.

The order is: wait for the rate limit, take a slot, read and encode, ask the rate limit again at the moment of sending.
So a call that waits for its rate keeps no slot from others, and no image in memory. A call whose body contains an image
keeps its slot from the first attempt to the end of the last, because the body stays in memory; other calls release it
between attempts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..._settings.urls import origin
from ..._values.errors import CallTimeoutError, PoolTimeoutError
from ..flow import Flow, TakeSlot

if TYPE_CHECKING:
    from ..._settings.timeout import Timeout
    from ..deadline import Deadline
    from ..flow import Release
    from .limits import Schedule


class Admission:
    """The slot and the ticket of one call. Errors of its waits are no attempts."""

    __slots__ = (
        "_deadline", "_operation", "_release", "_ticket", "_timeout", "_url", "keeps_slot", "schedule", "waits_at_gate"
    )  # fmt: skip

    def __init__(
        self, operation: str, url: str, timeout: Timeout, deadline: Deadline, schedule: Schedule | None
    ) -> None:
        self._operation = operation
        self._url = url
        self._timeout = timeout
        self._deadline = deadline
        self.schedule = schedule
        """The rate limit of the operation, if it has one."""
        self._ticket: float | None = None
        self._release: Release | None = None
        self.keeps_slot = False
        """Whether the call keeps its slot between attempts."""
        self.waits_at_gate = False
        """Whether an attempt has begun and waits for the rate limit before it sends its request."""

    def enter(self, attempts: int) -> Flow[None]:
        """Wait until the next attempt may begin, and take a slot; `attempts` have been made."""
        return self._take_slot(attempts) if self.schedule is None else self._enter_limited(self.schedule, attempts)

    def _enter_limited(self, schedule: Schedule, attempts: int) -> Flow[None]:
        self._ticket = schedule.ticket()
        yield from self._wait_for_rate(schedule, self._ticket, attempts)
        yield from self._take_slot(attempts)

    def pass_gate(self, schedule: Schedule, attempts: int) -> Flow[None]:
        """Wait until the rate limit lets a request through now."""
        if self._ticket is None:  # a second request of an attempt, after a correction of the clock
            self._ticket = schedule.ticket()
        while (ticket := schedule.pass_gate(self._ticket)) is not None:
            self._ticket, self.waits_at_gate = ticket, True
            self.pause()
            yield from self._wait_for_rate(schedule, ticket, attempts)
            yield from self._take_slot(attempts)
        self._ticket, self.waits_at_gate = None, False

    def pause(self) -> None:
        """Release the slot before a pause, unless the call keeps it."""
        if not self.keeps_slot:
            self._release_slot()

    def leave(self) -> None:
        """Release the slot and return the ticket at the end of the call."""
        self._release_slot()
        if self.schedule is not None and self._ticket is not None:
            self.schedule.return_ticket(self._ticket)
            self._ticket = None

    def _release_slot(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()

    def _take_slot(self, attempts: int) -> Flow[None]:
        if self._release is not None:
            return
        limit, left = self._timeout.pool, self._deadline.left()
        try:
            effect = TakeSlot(left if limit is None else min(limit, left))
            self._release = cast("Release", (yield effect))  # cast: the result of this effect
        except TimeoutError:
            raise self._busy(limit, left, attempts) from None

    def _busy(self, limit: float | None, left: float, attempts: int) -> PoolTimeoutError | CallTimeoutError:
        busy = f"all connections to {origin(self._url)} were busy"
        if limit is None or left <= limit:
            sent = "" if attempts else ", and nothing was sent,"
            text = f"{busy}{sent} within the {max(left, 0):.3g} s that were left of the call's total timeout"
            remedy = "increase Timeout(total=...)"
            return CallTimeoutError(f"{text}; {remedy}", operation=self._operation, attempts=attempts)
        remedy = "increase max_connections or Timeout(pool=...), or make fewer calls at once"
        return PoolTimeoutError(f"{busy} for {limit:.3g} s: {remedy}", operation=self._operation, attempts=attempts)

    def _wait_for_rate(self, schedule: Schedule, ticket: float, attempts: int) -> Flow[None]:
        while (pause := schedule.wait(ticket)) > 0:
            if pause >= self._deadline.left():
                text = (
                    f"{self._deadline} would run out before the rate limit of {schedule.rate:g} requests per second"
                    f" for {self._operation} allows the next one, in {pause:.2g} s; increase Timeout(total=...)"
                    " or rate_limit"
                )
                raise CallTimeoutError(text, operation=self._operation, attempts=attempts)
            yield from schedule.clock.pause(pause)
