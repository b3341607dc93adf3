"""Tables of prices: groups with a unit and tiers, read from a TOML file."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from .._settings import rules
from .._settings.rules import TEXT, Checked, Rule
from .._values.errors import ConfigError
from .._values.narrow import is_mapping, is_sequence

Amount: TypeAlias = Decimal | float | int | str

FIELDS = {"title", "unit", "tiers", "operations"}
PRICES = os.path.join(os.path.dirname(__file__), "prices.toml")


def amount(name: str, value: Any) -> Decimal:
    """Rule of a number, 0 or more. A float is the number that it prints as."""
    if isinstance(value, Decimal | int | float | str) and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
        except ArithmeticError:
            pass
        else:
            if number.is_finite() and number >= 0:
                return number
    raise rules.rule_error(name, "a number, 0 or more", value)


def _tuple_of(text: str, check: Callable[[str, Any], object]) -> Rule:
    def checked(name: str, value: Any) -> tuple[object, ...]:
        if not is_sequence(value):
            raise rules.rule_error(name, text, value)
        return tuple(check(name, each) for each in value)

    return checked


class PriceTier(Checked, kw_only=True, public="rekog.cost"):
    """The price of a unit, for the quantity of a month up to `up_to`; None has no end."""

    _rules: ClassVar[Mapping[str, Rule]] = {"price": amount, "up_to": rules.optional(amount)}

    price: Decimal
    up_to: Decimal | None = None

    if TYPE_CHECKING:

        def __init__(self, *, price: Amount, up_to: Amount | None = None) -> None: ...


def _tier(name: str, value: Any) -> PriceTier:
    if isinstance(value, PriceTier):
        return value
    if not is_mapping(value) or not {"price"} <= value.keys() <= {"price", "up_to"}:
        raise rules.rule_error(name, "tiers with price and up_to", value)
    given: Any = value
    return PriceTier(**given)


class PriceGroup(Checked, kw_only=True, public="rekog.cost"):
    """A group of the price list: its title, its unit, its tiers, and the operations of which a call is one unit.

    Each tier but the last has an `up_to` above that of the one before; the last has none.
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "title": TEXT,
        "unit": TEXT,
        "tiers": _tuple_of("a list of tiers", _tier),
        "operations": _tuple_of("a list of names of operations", TEXT),
    }

    title: str
    unit: str
    tiers: tuple[PriceTier, ...]
    operations: tuple[str, ...] = ()

    if TYPE_CHECKING:

        def __init__(
            self, *, title: str, unit: str, tiers: Sequence[PriceTier], operations: Sequence[str] = ()
        ) -> None: ...

    def cost(self, quantity: Amount) -> Decimal:
        """Return the price of the first `quantity` units of a month.

        >>> from rekog.cost import PriceTable
        >>> PriceTable.default().groups["image-group-2"].cost(1_500_000)
        Decimal('1400.0000')
        """
        quantity = amount("quantity", quantity)
        total, start = Decimal(0), Decimal(0)
        for tier in self.tiers:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            total += max(end - start, Decimal(0)) * tier.price
            start = end
        return total


def _groups(name: str, value: Any) -> Mapping[str, PriceGroup]:
    if not is_mapping(value):
        raise rules.rule_error(name, "a mapping of names to groups", value)
    groups: dict[str, PriceGroup] = {}
    for key, given in value.items():
        group: Any = given
        if not isinstance(given, PriceGroup):
            if not is_mapping(given) or not {"title", "unit", "tiers"} <= given.keys() <= FIELDS:
                raise rules.rule_error(f"{name}.{key}", f"a group with {', '.join(sorted(FIELDS))}", given)
            group = PriceGroup(**group)
        ends = [tier.up_to for tier in group.tiers]
        known = [end for end in ends[:-1] if end is not None]
        if not ends or ends[-1] is not None or len(known) < len(ends) - 1 or known != sorted(set(known)):
            raise ConfigError(f"{name}.{key}: each tier but the last must have an up_to above the one before")
        groups[key] = group
    return groups


class PriceTable(Checked, kw_only=True, public="rekog.cost"):
    """Prices of one Region at a date, by groups of the price list; `source` says where they are from.

    >>> from rekog.cost import PriceTable
    >>> table = PriceTable.default()
    >>> table.region_name, table.currency, table.groups["video"].unit
    ('us-east-1', 'USD', 'minute')
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "region_name": TEXT,
        "currency": TEXT,
        "date": rules.instance_of(dt.date),
        "source": TEXT,
        "groups": _groups,
    }

    region_name: str
    currency: str
    date: dt.date
    source: str
    groups: Mapping[str, PriceGroup]

    @classmethod
    def default(cls) -> PriceTable:
        """Return the table of the package: us-east-1 in US dollars. Its `source` states how far it was verified."""
        return cls.read(PRICES)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> PriceTable:
        """Return the table in a TOML file of the form of `prices.toml`; `ConfigError` when it has another form."""
        import tomllib

        try:
            with open(path, "rb") as file:
                content: dict[str, Any] = tomllib.load(file, parse_float=Decimal)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{os.fspath(path)} cannot be read as a table of prices: {error}") from error
        fields = tuple(cls._annotations)
        if wrong := set(fields) ^ content.keys():
            raise ConfigError(f"{os.fspath(path)} must have {', '.join(fields)}; see {min(wrong)}")
        return cls(**content)

    def group_of(self, operation: str) -> str | None:
        """Return the name of the group of which a call of the operation is one unit, if there is one."""
        return next((name for name, group in self.groups.items() if operation in group.operations), None)
