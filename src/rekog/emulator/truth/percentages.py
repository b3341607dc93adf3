"""Declared confidences that look like ratios: 0.9 is a valid percentage, but hardly ever the intended one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..._core.validate import dotted
from ..._values.narrow import is_mapping, is_sequence
from ..settings import is_number

if TYPE_CHECKING:
    from ..._core.validate import Path

_PERCENTAGES = frozenset({"AssumedThreshold", "Confidence", "MatchConfidence"})
_MAX_SHOWN = 3


def ratio_warning(content: object, path: Path = ()) -> str | None:
    """Return a warning that names the confidences above 0 and up to 1 in declared content, or None without any.

    >>> ratio_warning({"labels": [{"Name": "Cat", "Confidence": 0.9}]})
    'labels[0].Confidence: 0.9 is 0.9 percent; for 90 percent write 90'
    """
    ratios = list(_ratios(content, path))
    if not ratios:
        return None
    first, value = ratios[0]
    others = [name for name, _ in ratios[1 : 1 + _MAX_SHOWN]]
    others += [f"{len(ratios) - 1 - _MAX_SHOWN} more"] if len(ratios) > 1 + _MAX_SHOWN else []
    likewise = f" (likewise {', '.join(others)})" if others else ""
    return f"{percent_remedy(first, value)}{likewise}"


def percent_remedy(name: str, value: float) -> str:
    """Return the warning for one value."""
    return f"{name}: {value:g} is {value:g} percent; for {value * 100:g} percent write {value * 100:g}"


def is_ratio(value: object) -> bool:
    """Tell whether a percentage looks like a ratio."""
    return is_number(value) and 0 < value <= 1


def _ratios(value: object, path: Path) -> Iterator[tuple[str, float]]:
    if is_mapping(value):
        for name, item in value.items():
            if name in _PERCENTAGES and is_number(item) and is_ratio(item):
                yield dotted((*path, name), python_names=False), item
            else:
                yield from _ratios(item, (*path, name))
    elif is_sequence(value):
        for index, item in enumerate(value):
            yield from _ratios(item, (*path, index))
