"""The rate limits of a client: when the next request of an operation may be sent.

Theory of operation. A limit has two parts, both by the "generic cell rate algorithm", which needs one number each:

- The **gate** decides at the moment of sending. It opens one interval (1 / rate) after the last request, or earlier by
  the burst. Within any time t it lets at most rate * t + burst requests through.
- The **tickets** keep the order. A call gets the next free time of a schedule with one place per interval and sleeps
  until then, so calls that wait wake one after another, however many there are. With its ticket due, a call takes a
  slot and asks the gate.

Timers are not exact: a call that comes on time may find the gate closed for a moment more. Then the whole schedule
moves by this moment (`_delay`), and calls that wake too early for it sleep again. A call that comes late, because no
slot was free, gets a new place after the other late ones. A call that ends without a request returns its ticket, and
the next call gets it. When no call has a ticket, the schedule begins anew at the gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from ..._generated.shapes import SHAPES
from ..._settings.rate_limit import share_of
from ..._values.errors import ConfigError
from ..._values.forks import Forkable

if TYPE_CHECKING:
    from ..._settings.rate_limit import RateLimit
    from .waiting_clock import WaitingClock


class RateLimits:
    """The state of a `RateLimit` that the calls of a client share: a schedule for each limited operation."""

    def __init__(self, limit: RateLimit, region: str, clock: WaitingClock) -> None:
        self._clock = clock
        self._burst = limit.burst
        self._schedules: dict[str, Schedule] = {}
        self._rates, self._rate = rates_of(limit, region)

    def schedule(self, operation: str) -> Schedule | None:
        """Return the schedule of an operation by the service's name; None when it has no limit."""
        schedule = self._schedules.get(operation)
        if schedule is None and (rate := self._rates.get(operation, self._rate)) is not None:
            new = Schedule(rate, self._burst, self._clock)
            schedule = self._schedules.setdefault(operation, new)  # another thread may have added one meanwhile
        return schedule


def rates_of(limit: RateLimit, region: str) -> tuple[Mapping[str, float], float | None]:
    """Return the limits of operations in a Region, in requests per second, and the one of all others.

    Raise `ConfigError` for a name that is no operation's.
    """
    rates = limit.per_second
    if not isinstance(rates, Mapping):
        return {}, rates
    given = {_wire_name(name): rate for name, rate in rates.items()}
    if len(given) < len(rates):
        raise ConfigError("rate_limit has an operation twice, by the name of the method and by the service's name")
    share = share_of(limit)
    if share is None:
        return given, None
    from .quotas import QUOTAS  # few clients need the table

    quotas = {name: quota.of(region) for name, quota in QUOTAS.items()} | given
    return {name: rate * share for name, rate in quotas.items()}, None


def _wire_name(name: str) -> str:
    """Return the service's name of an operation, which may be the name of the method."""
    wire = name if name[:1].isupper() else "".join(map(str.capitalize, name.split("_")))
    if f"{wire}Request" not in SHAPES:
        from difflib import get_close_matches

        known = [shape.removesuffix("Request") for shape in SHAPES if shape.endswith("Request")]
        near = get_close_matches(wire, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "write a name such as 'detect_faces'"
        raise ConfigError(f"rate_limit has no operation {name!r}: {hint}")
    return wire


class Schedule(Forkable):
    """The limit of one operation: its gate and its tickets.

    A ticket is the time of a place in the schedule. It is due at this time plus the present delay of the schedule.
    """

    def __init__(self, rate: float, burst: float, clock: WaitingClock) -> None:
        super().__init__()
        self.rate = rate
        self.clock = clock
        self._interval = 1 / rate
        self._early = (burst - 1) * self._interval  # the time that a burst saves
        self._gate = self._next = self._late = clock() - self._interval
        self._delay = 0.0
        self._waiting = 0  # calls that have a ticket
        self._returned: list[float] = []  # a heap of tickets

    def ticket(self) -> float:
        """Return the ticket of a new request, which has to pass the gate or to return the ticket."""
        with self._lock:
            now = self.clock()
            if not self._waiting:
                self._next, self._late, self._delay = self._gate, now - self._interval, 0.0
                self._returned.clear()
            self._waiting += 1
            returned = self._take_returned(now)
            if returned is not None:
                return returned
            earliest = now - self._delay
            ticket = max(self._next - self._early, earliest)
            self._next = max(self._next, earliest) + self._interval
            return ticket

    def return_ticket(self, ticket: float) -> None:
        """Give the place of a call that sends no request to the next call."""
        with self._lock:
            self._waiting = max(self._waiting - 1, 0)
            if ticket + self._delay > self.clock():
                heappush(self._returned, ticket)
            else:
                self._next -= self._interval

    def wait(self, ticket: float) -> float:
        """Return the seconds until a ticket is due, zero or less when it is."""
        return ticket + self._delay - self.clock()

    def pass_gate(self, ticket: float) -> float | None:
        """Let a request through and return None, or return the ticket with which it has to wait."""
        with self._lock:
            now = self.clock()
            opens = self._gate - self._early
            if now >= opens:
                self._gate = max(self._gate, now) + self._interval
                self._waiting = max(self._waiting - 1, 0)
                return None
            due = ticket + self._delay
            if due < opens - self._interval / 2:  # late: its place has passed
                returned = self._take_returned(opens)
                if returned is not None:
                    return returned
                self._late = max(self._late + self._interval, opens)
                return self._late - self._delay
            self._delay += max(opens - due, 0.0)
            return ticket

    def _renew(self) -> None:
        super()._renew()
        self._waiting = 0  # the calls with tickets are those of the parent process

    def _take_returned(self, earliest: float) -> float | None:
        """Take the first returned ticket that is due at this time or later."""
        while self._returned:
            ticket = heappop(self._returned)
            if ticket + self._delay >= earliest:
                return ticket
        return None
