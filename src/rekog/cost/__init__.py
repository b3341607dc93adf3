"""Cost of calls: meters by groups of the price list, and budgets that stop calls before they pass a limit.

`RekognitionClient(meter=Meter())` counts, `RekognitionClient(meter=Budget(5))` counts and stops. The prices are those
of a dated table, which you can replace (`PriceTable`).

**Assumptions**, because the service reports no price: a call is billed when its response has HTTP 200 to 299, and not
when the service returned an error. An attempt whose response was lost may be billed: it is counted as unconfirmed. A
video job is billed when it succeeds, by the duration in its results, and segment detection once for each type of
segment; a meter counts the jobs that it saw starting, when their results are first read. DetectLabels is billed for
each requested feature. A face that IndexFaces stores counts as one month of storage, and a created liveness session as
one check. There is no free tier. Hours of models, training and streams are not seen: `Meter.add` adds them.

>>> from rekog.cost import Meter
>>> meter = Meter()
>>> meter.add("image-group-2", 1_500_000)
>>> print(f"{meter.total:.2f}")
1400.00
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._values.lazy import lazy_names

if TYPE_CHECKING:
    from ._meter import Budget, Meter, MeterRow
    from ._prices import Amount, PriceGroup, PriceTable, PriceTier

__all__ = ["Amount", "Budget", "Meter", "MeterRow", "PriceGroup", "PriceTable", "PriceTier"]

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name
    __getattr__ = lazy_names(
        __name__,
        {
            "._meter": ("Budget", "Meter", "MeterRow"),
            "._prices": ("Amount", "PriceGroup", "PriceTable", "PriceTier"),
        },
    )


def __dir__() -> list[str]:
    return sorted(__all__)
