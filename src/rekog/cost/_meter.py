"""The public classes: a meter counts the billed units of calls, a budget also stops calls that would pass its limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

from .._values.errors import BudgetExceededError, ConfigError
from .._values.frozen import Frozen
from .._values.public import publish
from ._ledger import ZERO, Ledger
from ._prices import Amount, PriceTable, amount
from ._usage import BY_TIME, COUNTED, STARTS, STORED_FACES, MeteredCall, job_of, most_faces, units_of

if TYPE_CHECKING:
    from .._core.watched import CallObserver
    from .._settings.endpoint import Endpoint
    from ._ledger import Units


class MeterRow(Frozen, kw_only=True, public="rekog.cost"):
    """The units of one group of the price list, and their cost in `currency`.

    `quantity` was billed, by the assumptions of `rekog.cost`. `unconfirmed` may have been: the requests were sent, and
    no complete responses came back. `cost` is that of both.
    """

    group: str
    title: str
    unit: str
    quantity: Decimal
    unconfirmed: Decimal
    cost: Decimal
    currency: str


class Meter:
    """Count the billed units of the calls of one client or several, by groups of the price list.

    Clients take it as `meter=`. Clients, threads and tasks of one process may share it; it cannot be pickled. `prices`
    is the table, by default the one of the package. `earlier` has the units of this month that other programs used, by
    group: tiers begin after them, and the sums do not include them. Use one meter for each month.

    >>> from rekog import RekognitionClient, cost
    >>> meter = cost.Meter()
    >>> with RekognitionClient.local(meter=meter) as client:
    ...     session = client.create_face_liveness_session()
    >>> [(row.group, int(row.quantity)) for row in meter.rows()], meter.total
    ([('face-liveness', 1)], Decimal('0.015'))
    """

    def __init__(self, prices: PriceTable | None = None, *, earlier: Mapping[str, Amount] | None = None) -> None:
        table = PriceTable.default() if prices is None else prices
        if missing := COUNTED - table.groups.keys():
            raise ConfigError(f"prices must have the groups {', '.join(sorted(COUNTED))}: {min(missing)} is missing")
        units = {group: amount(f"earlier[{group!r}]", given) for group, given in (earlier or {}).items()}
        self._ledger = Ledger(table, units, self._limit())
        for group in units:
            self._ledger.known(group)

    def _limit(self) -> Decimal | None:
        return None

    @property
    def prices(self) -> PriceTable:
        """The table of prices."""
        return self._ledger.prices

    def add(self, group: str, quantity: Amount) -> None:
        """Add units that no call shows, such as the hours of a running model.

        >>> from rekog.cost import Meter
        >>> meter = Meter()
        >>> meter.add("custom-labels-inference", 1.5)
        >>> print(meter.total)
        6.000
        """
        self._ledger.add({self._ledger.known(group): amount("quantity", quantity)})

    def rows(self) -> list[MeterRow]:
        """Return the groups that have units, in the order of the table."""
        ledger = self._ledger
        billed, unconfirmed = ledger.units()
        return [
            MeterRow(
                group=name,
                title=group.title,
                unit=group.unit,
                quantity=billed.get(name, ZERO),
                unconfirmed=unconfirmed.get(name, ZERO),
                cost=ledger.cost(name, billed.get(name, ZERO) + unconfirmed.get(name, ZERO)),
                currency=ledger.prices.currency,
            )
            for name, group in ledger.prices.groups.items()
            if billed.get(name) or unconfirmed.get(name)
        ]

    @property
    def total(self) -> Decimal:
        """The cost of all rows, in the currency of the table."""
        return self._ledger.total

    @property
    def unfinished_jobs(self) -> int:
        """The number of started video jobs whose results have not been read: their minutes are not known yet."""
        return self._ledger.unfinished_jobs

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.total:f} {self.prices.currency}>"

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        raise TypeError(f"a {name} cannot be pickled, because a copy would count apart: create one in each process")

    def _lines(self) -> Iterator[str]:
        prices, rows = self.prices, self.rows()
        yield f"Amazon Rekognition in {prices.region_name}, prices of {prices.date} in {prices.currency}"
        cells = [("group", "quantity", "unconfirmed", "cost", "unit")]
        cells += [
            (row.title, f"{row.quantity:,.7g}", f"{row.unconfirmed:,.7g}", f"{row.cost:,.5f}", row.unit) for row in rows
        ]
        cells.append(("total", "", "", f"{sum((row.cost for row in rows), ZERO):,.5f}", ""))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for title, *numbers, unit in cells:
            middle = "  ".join(text.rjust(width) for text, width in zip(numbers, widths[1:-1], strict=True))
            yield f"{title.ljust(widths[0])}  {middle}  {unit}".rstrip()
        if others := self._ledger.regions - {prices.region_name}:
            yield f"calls in {', '.join(sorted(others))} have the prices of {prices.region_name}"
        if self.unfinished_jobs:
            yield f"video jobs whose minutes are not known yet: {self.unfinished_jobs}"

    def _expected(self, operation: str, members: Mapping[str, object]) -> Units:
        """Return the units of a call that are known before it."""
        return units_of(operation, members, self.prices.group_of(operation))

    def _follow(self, operation: str, endpoint: Endpoint) -> CallObserver:
        self._ledger.regions.add(endpoint.signing_region)
        return MeteredCall(self._ledger, operation, self._expected)


class Budget(Meter):
    """A meter that stops a call before its request is sent when the call would pass `limit`.

    Such a call raises `BudgetExceededError`. Each call reserves its highest price before it is sent, so that calls of
    several threads and tasks together cannot pass the limit either. `limit` is in the currency of the table.

    The price of a video job depends on the length of the video: `video_minutes` is the number of minutes that each
    start reserves, until its results are read. Without it a start raises `BudgetExceededError`, and so do operations
    that cost hours or an unknown number of images: StartProjectVersion, CreateProjectVersion, StartStreamProcessor and
    StartMediaAnalysisJob.

    >>> from rekog import RekognitionClient, cost, errors
    >>> with RekognitionClient.local(meter=cost.Budget("0.02")) as client:
    ...     session = client.create_face_liveness_session()
    ...     try:
    ...         client.create_face_liveness_session()
    ...     except errors.BudgetExceededError as error:
    ...         print(error.price, error.left)
    0.015 0.005
    """

    def __init__(
        self,
        limit: Amount,
        prices: PriceTable | None = None,
        *,
        earlier: Mapping[str, Amount] | None = None,
        video_minutes: Amount | None = None,
    ) -> None:
        self._given = amount("limit", limit)
        self._video_minutes = None if video_minutes is None else amount("video_minutes", video_minutes)
        super().__init__(prices, earlier=earlier)

    def _limit(self) -> Decimal | None:
        return self._given

    @property
    def limit(self) -> Decimal:
        """The limit, in the currency of the table."""
        return self._given

    @property
    def left(self) -> Decimal:
        """The part of the limit that is neither spent nor reserved by calls in progress; 0 at least."""
        return max(self._given - self._ledger.committed, ZERO)

    def _lines(self) -> Iterator[str]:
        yield from super()._lines()
        yield f"limit {self.limit:,.5f}, left {self.left:,.5f}"

    def _expected(self, operation: str, members: Mapping[str, object]) -> Units:
        """Return the highest number of units of a call."""
        if operation in BY_TIME:
            raise self._unknown(operation, "call it with a client without a budget, and add its units with budget.add")
        units = dict(super()._expected(operation, members))
        if operation == "IndexFaces":
            units[STORED_FACES] = most_faces(members)
        if operation in STARTS:
            if self._video_minutes is None:
                raise self._unknown(operation, "Budget(..., video_minutes=10) reserves 10 minutes for each start")
            job = job_of(operation, members, {})
            units[job.group] = self._video_minutes * job.times
        return units

    def _unknown(self, operation: str, remedy: str) -> BudgetExceededError:
        text = f"{operation} was not sent: its price is not known before it, and the client has a budget; {remedy}"
        return BudgetExceededError(text, operation=operation, limit=self.limit, left=self.left)


publish("rekog.cost", Meter, Budget)
