"""Laws of meters and budgets: their sums are those of a plain account, and no order of calls passes a limit."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog.cost import PriceGroup, PriceTable, PriceTier
from rekog.cost._ledger import Ledger, StartedJob
from rekog.errors import BudgetExceededError

TIERS: dict[str, list[tuple[int | None, str]]] = {
    "steps": [(5, "0.5"), (9, "0.25"), (None, "0.125")],
    "flat": [(None, "1")],
}
"""Groups with the ends and prices of their tiers."""


def table() -> PriceTable:
    groups = {
        name: PriceGroup(
            title=name, unit="image", tiers=[PriceTier(up_to=end, price=Decimal(price)) for end, price in tiers]
        )
        for name, tiers in TIERS.items()
    }
    return PriceTable(
        region_name="eu-west-1", currency="EUR", date=date(2026, 1, 1), source="a test", groups=groups | OTHERS
    )


OTHERS = {
    name: PriceGroup(title=name, unit="image", tiers=[PriceTier(price=0)])
    for name in ("image-properties", "stored-faces", "video", "video-segments")
}
TABLE = table()


def price_of(name: str, first: int, count: int) -> Decimal:
    """Return the price of units one by one, after the first ones."""
    tiers = TIERS[name]
    prices = (
        next(price for end, price in tiers if end is None or number < end) for number in range(first, first + count)
    )
    return sum(map(Decimal, prices), Decimal(0))


AMOUNTS = st.dictionaries(st.sampled_from(list(TIERS)), st.integers(0, 6))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), AMOUNTS),
        st.tuples(st.sampled_from(["bill", "lose", "release"]), st.integers(0, 9)),
        st.tuples(
            st.just("start"), st.integers(0, 9), st.sampled_from("ab"), st.sampled_from(list(TIERS)), st.integers(1, 3)
        ),
        st.tuples(st.just("end"), st.sampled_from("abc"), st.integers(0, 3)),
        st.tuples(st.just("add"), AMOUNTS),
    ),
    max_size=20,
)


class Account:
    """A plain account of the same steps."""

    def __init__(self, earlier: dict[str, int]) -> None:
        self.earlier = earlier
        self.billed, self.lost = Counter[str](), Counter[str]()
        self.open: list[Counter[str]] = []
        self.jobs: dict[str, tuple[str, int, Counter[str]]] = {}

    def price(self, *parts: Counter[str]) -> Decimal:
        total = sum(parts, Counter[str]())
        return sum((price_of(name, self.earlier.get(name, 0), total[name]) for name in TIERS), Decimal(0))

    @property
    def parts(self) -> list[Counter[str]]:
        """All units, the reserved ones included."""
        return [self.billed, self.lost, *self.open, *(kept for _, _, kept in self.jobs.values())]

    @property
    def committed(self) -> Decimal:
        return self.price(*self.parts)


@given(STEPS, st.dictionaries(st.sampled_from(list(TIERS)), st.integers(0, 8)), st.none() | st.integers(0, 12))
def test_the_sums_of_a_ledger_are_those_of_a_plain_account(
    steps: list[tuple[Any, ...]], earlier: dict[str, int], limit: int | None
) -> None:
    ledger = Ledger(
        TABLE, {name: Decimal(count) for name, count in earlier.items()}, None if limit is None else Decimal(limit)
    )
    account = Account(earlier)
    for kind, *given_ in steps:
        if kind == "reserve":
            units, before = Counter[str](given_[0]), account.committed
            wanted = account.price(*account.parts, units) - before
            left = None if limit is None else max(limit - before, Decimal(0))
            if left is not None and units and wanted > left:
                with pytest.raises(BudgetExceededError) as refused:
                    ledger.reserve("DetectFaces", decimals(units))
                assert (refused.value.price, refused.value.left, refused.value.limit) == (wanted, left, limit)
            else:
                ledger.reserve("DetectFaces", decimals(units))
                account.open.append(units)
        elif kind == "add":
            ledger.add(decimals(Counter[str](given_[0])))
            account.billed.update(given_[0])
        elif kind == "end":
            job_id, minutes = given_
            assert ledger.has_job(job_id) is (job_id in account.jobs)
            ledger.end_job(job_id, Decimal(minutes))
            if job_id in account.jobs:
                group, times, _ = account.jobs.pop(job_id)
                account.billed[group] += minutes * times
        elif account.open:
            kept = account.open.pop(given_[0] % len(account.open))
            if kind == "start":
                _, job_id, group, times = given_
                ledger.start_job(job_id, StartedJob(group, times, decimals(kept)))
                account.jobs.setdefault(job_id, (group, times, kept))
            else:
                ledger.settle(
                    decimals(kept),
                    billed=decimals(kept) if kind == "bill" else {},
                    unconfirmed=decimals(kept) if kind == "lose" else {},
                )
                {"bill": account.billed, "lose": account.lost, "release": Counter[str]()}[kind].update(kept)
        billed, lost = ledger.units()
        assert (+Counter(billed), +Counter(lost)) == (+account.billed, +account.lost)
        assert (ledger.total, ledger.committed) == (account.price(account.billed, account.lost), account.committed)
        assert ledger.unfinished_jobs == len(account.jobs)


def decimals(units: Counter[str]) -> dict[str, Decimal]:
    return {name: Decimal(count) for name, count in units.items()}
