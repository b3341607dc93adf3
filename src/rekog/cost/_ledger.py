"""The sums of a meter: billed, unconfirmed and reserved units, under one lock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .._values.errors import BudgetExceededError, ConfigError
from .._values.forks import Forkable

if TYPE_CHECKING:
    from ._prices import PriceTable

Units: TypeAlias = Mapping[str, Decimal]
"""Name of a price group to the units."""

NONE: Units = {}
ZERO = Decimal(0)


class StartedJob(NamedTuple):
    """A video job whose minutes are not known yet: its price group, how often they are billed, the reserved units."""

    group: str
    times: int
    reserved: Units


class Ledger(Forkable):
    """Units by price group, and their cost. With a `limit` it refuses units that would pass it."""

    def __init__(self, prices: PriceTable, earlier: Units, limit: Decimal | None) -> None:
        super().__init__()
        self.prices = prices
        self.limit = limit
        self.regions: set[str] = set()
        """Regions of the calls."""
        self._earlier = earlier
        self._billed: dict[str, Decimal] = {}
        self._unconfirmed: dict[str, Decimal] = {}
        self._reserved: dict[str, Decimal] = {}
        self._jobs: dict[str, StartedJob] = {}

    def known(self, group: str) -> str:
        """Return the name of a price group; raise `ConfigError` when the table has none of this name."""
        if group not in self.prices.groups:
            raise ConfigError(f"there is no price group {group!r}: there are {', '.join(self.prices.groups)}")
        return group

    def cost(self, group: str, units: Decimal) -> Decimal:
        """Return the cost of units that follow the earlier ones of the month."""
        price, earlier = self.prices.groups[group], self._earlier.get(group, ZERO)
        return price.cost(earlier + units) - price.cost(earlier)

    def units(self) -> tuple[Units, Units]:
        """Return the billed and the unconfirmed units."""
        with self._lock:
            return dict(self._billed), dict(self._unconfirmed)

    @property
    def total(self) -> Decimal:
        """The cost of the billed and the unconfirmed units."""
        with self._lock:
            return self._sum(self._billed, self._unconfirmed)

    @property
    def committed(self) -> Decimal:
        """The cost of all units, the reserved ones included."""
        with self._lock:
            return self._sum(self._billed, self._unconfirmed, self._reserved)

    @property
    def unfinished_jobs(self) -> int:
        """The number of video jobs whose minutes are not known yet."""
        with self._lock:
            return len(self._jobs)

    def _sum(self, *parts: Units) -> Decimal:
        groups = dict.fromkeys(name for part in parts for name in part)
        return sum((self.cost(name, sum((part.get(name, ZERO) for part in parts), ZERO)) for name in groups), ZERO)

    def add(self, units: Units) -> None:
        """Add billed units."""
        self.settle(NONE, billed=units)

    def reserve(self, operation: str, units: Units) -> None:
        """Reserve the units of a call; raise `BudgetExceededError` when the limit does not allow it."""
        with self._lock:
            if self.limit is not None and units:
                parts = self._billed, self._unconfirmed, self._reserved
                before = self._sum(*parts)
                price, left = self._sum(*parts, units) - before, max(self.limit - before, ZERO)
                if price > left:
                    currency = self.prices.currency
                    raise BudgetExceededError(
                        f"{operation} was not sent: it costs up to {price:f} {currency}, and {left:f} of the budget's"
                        f" {self.limit:f} are left; use another rekog.cost.Budget, or a client without it",
                        operation=operation,
                        limit=self.limit,
                        left=left,
                        price=price,
                    )
            _add(self._reserved, units)

    def settle(self, reserved: Units, *, billed: Units = NONE, unconfirmed: Units = NONE) -> None:
        """Release reserved units, and add those that were billed or may have been."""
        with self._lock:
            _add(self._reserved, reserved, sign=-1)
            _add(self._billed, billed)
            _add(self._unconfirmed, unconfirmed)

    def start_job(self, job_id: str, job: StartedJob) -> None:
        """Keep the reserved units of a video job until it ends; a repeated start of the same job is no further one."""
        with self._lock:
            if job_id in self._jobs:
                _add(self._reserved, job.reserved, sign=-1)
            else:
                self._jobs[job_id] = job

    def has_job(self, job_id: object) -> bool:
        """Tell whether the minutes of a job are not known yet."""
        with self._lock:
            return job_id in self._jobs

    def end_job(self, job_id: str, minutes: Decimal) -> None:
        """Add the minutes of a job instead of its reserved units, once."""
        with self._lock:
            job = self._jobs.pop(job_id, None)
            if job is not None:
                _add(self._reserved, job.reserved, sign=-1)
                _add(self._billed, {job.group: minutes * job.times})


def _add(sums: dict[str, Decimal], units: Units, *, sign: int = 1) -> None:
    for name, quantity in units.items():
        sums[name] = sums.get(name, ZERO) + sign * quantity
