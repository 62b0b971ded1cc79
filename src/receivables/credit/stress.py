"""What it would cost: the largest five fail, a country stops paying, a currency falls, all pay later.

Nothing here is a forecast, and nothing is drawn by lot: a scenario says what happens, and the same
positions give the same loss.

>>> positions = [StressPosition(customer="C-1", exposure_minor=100_000, country="ES",
...                             cover=Cover(insured_minor=80_000, insured_bps=9_000)),
...              StressPosition(customer="C-2", exposure_minor=40_000, country="FR")]
>>> (worst,) = stress(positions, [StressScenario(name="largest fails", kind="top", count=1)],
...                   currency="EUR")
>>> worst.loss_minor, worst.exposure_minor
(28000, 100000)
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any, Final

import attrs

from receivables.casework.credit import CollateralKind, CreditLimit, LimitKind
from receivables.conduct.loading import read_tables
from receivables.credit import concentration_rules as rules
from receivables.credit.concentration import ConcentrationBy, holder_of, net_by_customer
from receivables.currencies.model import ExchangeRates
from receivables.days import days_past
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.money import Money, digits, from_minor, to_minor
from receivables.parties import Customer
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "Cover",
    "StressKind",
    "StressLoss",
    "StressPosition",
    "StressResult",
    "StressScenario",
    "cover_from_limits",
    "load_scenarios",
    "scenarios",
    "stress",
    "stress_positions",
]

_WHOLE_BPS: Final = rules.WHOLE_BPS


def _check_zero_or_more(_instance: object, attribute: attrs.Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        msg = f"{attribute.name} must be a whole number of zero or more, got {value!r}"
        raise PolicyError(msg)


def _check_bps(_instance: object, attribute: attrs.Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _WHOLE_BPS:
        msg = f"{attribute.name} must be from 0 to {_WHOLE_BPS}, got {value!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Cover:
    """What stands behind a customer's exposure, in minor units of the currency of the stress.

    The deposit is money that we hold; collateral counts at what may be lent on it; the insurer bears
    `insured_bps` of what is left up to `insured_minor`.  Guarantees of a person or a company are
    collateral here.
    """

    deposit_minor: int = attrs.field(default=0, validator=_check_zero_or_more)
    collateral_minor: int = attrs.field(default=0, validator=_check_zero_or_more)
    insured_minor: int = attrs.field(default=0, validator=_check_zero_or_more)
    insured_bps: int = attrs.field(default=_WHOLE_BPS, validator=_check_bps)


def cover_from_limits(
    limits: Iterable[CreditLimit], *, on: dt.date, currency: str
) -> Mapping[str, Cover]:
    """The cover that the limits in force on a day give each customer, in one currency.

    Own and temporary limits cover nothing.  Insured and discretionary ones add up, at the lowest of
    their parts, so that cover is never said too high; guarantees count at their part.  Limits of
    groups and countries are nobody's own and are left out.  Raises `PolicyError` for a limit, or
    collateral, in another currency.
    """
    found: dict[str, Cover] = {}
    for limit in limits:
        if limit.customer and limit.in_force(on) and limit.kind not in _OWN:
            _check_currency(limit, currency)
            found[limit.customer] = _with(found.get(limit.customer, Cover()), limit)
    return found


_OWN: Final = (LimitKind.OWN, LimitKind.TEMPORARY)


def _check_currency(limit: CreditLimit, currency: str) -> None:
    amounts = [limit.amount] if limit.collateral is None else [limit.amount, limit.collateral.value]
    for amount in amounts:
        if amount.currency.code != currency:
            msg = f"limit {limit.limit} must be in {currency}, got {amount!r}"
            raise PolicyError(msg)


def _with(cover: Cover, limit: CreditLimit) -> Cover:
    minor = to_minor(limit.amount)
    if limit.collateral is not None:
        minor = min(minor, limit.collateral.lending_minor)
        if limit.collateral.kind is CollateralKind.CASH_DEPOSIT:
            return attrs.evolve(cover, deposit_minor=cover.deposit_minor + minor)
        return attrs.evolve(cover, collateral_minor=cover.collateral_minor + minor)
    if limit.kind is LimitKind.GUARANTEED:
        part = int(rules.part_of(minor, limit.cover_bps, carry=0))
        return attrs.evolve(cover, collateral_minor=cover.collateral_minor + part)
    bps = min(cover.insured_bps, limit.cover_bps)
    return attrs.evolve(cover, insured_minor=cover.insured_minor + minor, insured_bps=bps)


def _pairs(values: Iterable[tuple[Any, int]]) -> tuple[tuple[Any, int], ...]:
    return tuple((first, second) for first, second in values)


@attrs.frozen(kw_only=True)
class StressPosition:
    """What one customer owes, as a stress sees it, in minor units of one currency."""

    customer: str
    exposure_minor: int = attrs.field(validator=_check_zero_or_more)
    group: str = ""
    country: str = ""
    segment: str = ""
    cover: Cover = Cover()
    allowance_minor: int = attrs.field(default=0, validator=_check_zero_or_more)
    """The loss allowance that the books hold against it."""
    currencies: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_pairs)
    """What of it is owed in which currency, in minor units of the currency of the stress."""
    ages: tuple[tuple[int, int], ...] = attrs.field(default=(), converter=_pairs)
    """What of it is so many days past due: pairs of days and minor units."""

    def holder(self, by: ConcentrationBy) -> str:
        """Whom it counts under."""
        return {
            ConcentrationBy.GROUP: self.group or self.customer,
            ConcentrationBy.COUNTRY: self.country.upper(),
            ConcentrationBy.SEGMENT: self.segment,
        }.get(by, self.customer)


class StressKind(enum.Enum):
    """What happens in a scenario."""

    TOP = "top"
    """The largest holders fail."""
    NAMED = "named"
    """The holders that are named fail: customers, groups, a country, a segment."""
    CURRENCY = "currency"
    """The currencies that are named lose a part of their value."""
    DELAY = "delay"
    """Everybody pays so many days later."""


def _names(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        msg = f"names must be given as a list, got the text {values!r}"
        raise PolicyError(msg)
    return tuple(values)


def _rates(values: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    rows = [tuple(row) for row in values]
    if any(len(row) != 2 for row in rows):  # noqa: PLR2004  # days and basis points
        msg = f"rates must be pairs of days and basis points, got {rows}"
        raise PolicyError(msg)
    return tuple((row[0], row[1]) for row in rows)


@attrs.frozen(kw_only=True)
class StressScenario:
    """A scenario as data: what happens, to whom, and how much of it is lost.

    `count` is for `TOP`, `names` for `NAMED` and `CURRENCY`, `days` for `DELAY`.  `loss_bps` is what
    is lost of what nobody covers, or of the value of a currency.  `rates` are loss rates by age for a
    delay: pairs of the first day past due and basis points, in rising order.  Raises `PolicyError`
    for a scenario in which nothing could happen.
    """

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    kind: StressKind = attrs.field(converter=StressKind)
    by: ConcentrationBy = attrs.field(default=ConcentrationBy.CUSTOMER, converter=ConcentrationBy)
    count: int = attrs.field(default=0, validator=_check_zero_or_more)
    names: tuple[str, ...] = attrs.field(default=(), converter=_names)
    loss_bps: int = attrs.field(default=_WHOLE_BPS, validator=_check_bps)
    days: int = attrs.field(default=0, validator=_check_zero_or_more)
    rates: tuple[tuple[int, int], ...] = attrs.field(default=(), converter=_rates)
    source: str = ""

    def __attrs_post_init__(self) -> None:
        needed = {
            StressKind.TOP: ("count", self.count),
            StressKind.NAMED: ("names", self.names),
            StressKind.CURRENCY: ("names", self.names),
            StressKind.DELAY: ("days", self.days),
        }
        field, value = needed[self.kind]
        if not value:
            msg = (
                f"scenario {self.name} must say {field}, because it is {self.kind.value}, got none"
            )
            raise PolicyError(msg)
        if self.by is ConcentrationBy.CURRENCY:
            msg = (
                f"by of scenario {self.name} must be of customers, got currency: use kind currency"
            )
            raise PolicyError(msg)
        firsts = [first for first, _ in self.rates]
        if firsts != sorted(set(firsts)) or any(
            not 0 <= bps <= _WHOLE_BPS for _, bps in self.rates
        ):
            msg = f"rates of {self.name} must rise by days, each from 0 to {_WHOLE_BPS}, got {self.rates}"
            raise PolicyError(msg)

    def rate_at(self, days: int) -> int:
        """The loss rate at an age, in basis points; 0 before the first."""
        found = 0
        for first, bps in self.rates:
            if days >= first:
                found = bps
        return found


@attrs.frozen(kw_only=True)
class StressLoss:
    """What a scenario does to one customer, in minor units."""

    customer: str
    exposure_minor: int
    covered_minor: int
    loss_minor: int
    charge_minor: int
    """What the loss is above the allowance held against it, or what a delay adds to that; never more
    than the exposure."""
    cash_minor: int
    """What does not come in when it is due: the exposure less deposits; of a fall, the loss."""


@attrs.frozen(kw_only=True)
class StressResult(ShowsTable):
    """What a scenario costs, customer by customer, the largest loss first; all in minor units."""

    scenario: StressScenario
    currency: str
    total_minor: int
    """What all customers owe."""
    lines: tuple[StressLoss, ...]

    def _sum(self, name: str) -> int:
        return sum(int(getattr(line, name)) for line in self.lines)

    @property
    def exposure_minor(self) -> int:
        """What is hit."""
        return self._sum("exposure_minor")

    @property
    def covered_minor(self) -> int:
        """What deposits, collateral and insurers bear of it."""
        return self._sum("covered_minor")

    @property
    def loss_minor(self) -> int:
        """What is lost: never more than what is hit."""
        return self._sum("loss_minor")

    @property
    def charge_minor(self) -> int:
        """What it would cost beyond the allowance."""
        return self._sum("charge_minor")

    @property
    def cash_minor(self) -> int:
        """What would not come in when it is due."""
        return self._sum("cash_minor")

    @property
    def loss(self) -> Money:
        """What is lost."""
        return from_minor(self.loss_minor, self.currency)

    def to_table(self) -> ResultTable:
        """A row per customer, the largest loss first."""
        from receivables.credit._tables import stress_table  # noqa: PLC0415  # stands on this

        return stress_table(self)

    def __str__(self) -> str:
        hit = from_minor(self.exposure_minor, self.currency).amount
        return f"{self.scenario.name}: {self.loss.amount} lost of {hit} {self.currency}"


def stress(
    positions: Iterable[StressPosition],
    scenarios: Iterable[StressScenario],
    *,
    currency: str,
) -> tuple[StressResult, ...]:
    """What each scenario would cost, in the order given; amounts in minor units of `currency`.

    Who is largest is decided by exposure, and by name where that is equal.  Raises `PolicyError` for
    a customer that comes twice.
    """
    digits(currency)
    known = tuple(positions)
    names = [one.customer for one in known]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        msg = f"positions must name each customer once, got {', '.join(twice)} twice"
        raise PolicyError(msg)
    total = sum(one.exposure_minor for one in known)
    return tuple(
        StressResult(
            scenario=scenario, currency=currency, total_minor=total, lines=_lines(known, scenario)
        )
        for scenario in scenarios
    )


def _lines(
    positions: tuple[StressPosition, ...], scenario: StressScenario
) -> tuple[StressLoss, ...]:
    if scenario.kind is StressKind.CURRENCY:
        found = [_fallen(one, scenario) for one in positions]
    elif scenario.kind is StressKind.DELAY:
        found = [_delayed(one, scenario) for one in positions]
    else:
        hit = _hit(positions, scenario)
        found = [_failed(one, scenario) for one in positions if one.holder(scenario.by) in hit]
    return tuple(
        sorted(
            (line for line in found if line.exposure_minor),
            key=lambda line: (-line.loss_minor, -line.exposure_minor, line.customer),
        )
    )


def _hit(positions: tuple[StressPosition, ...], scenario: StressScenario) -> set[str]:
    """The holders that fail."""
    if scenario.kind is StressKind.NAMED:
        is_country = scenario.by is ConcentrationBy.COUNTRY
        return {name.upper() if is_country else name for name in scenario.names}
    owed: dict[str, int] = {}
    for one in positions:
        holder = one.holder(scenario.by)
        owed[holder] = owed.get(holder, 0) + one.exposure_minor
    ranked = sorted(owed, key=lambda holder: (-owed[holder], holder))
    return set(ranked[: scenario.count])


def _failed(one: StressPosition, scenario: StressScenario) -> StressLoss:
    cover = one.cover
    borne = int(
        rules.covered(
            one.exposure_minor,
            deposit_minor=cover.deposit_minor,
            collateral_minor=cover.collateral_minor,
            insured_minor=cover.insured_minor,
            insured_bps=cover.insured_bps,
        )
    )
    lost = int(rules.loss(one.exposure_minor, covered_minor=borne, loss_bps=scenario.loss_bps))
    return StressLoss(
        customer=one.customer,
        exposure_minor=one.exposure_minor,
        covered_minor=borne,
        loss_minor=lost,
        charge_minor=max(0, lost - one.allowance_minor),
        cash_minor=max(0, one.exposure_minor - cover.deposit_minor),
    )


def _fallen(one: StressPosition, scenario: StressScenario) -> StressLoss:
    hit = sum(minor for code, minor in one.currencies if code in scenario.names)
    hit = max(0, min(hit, one.exposure_minor))
    lost = int(rules.part_of(hit, scenario.loss_bps))
    return StressLoss(
        customer=one.customer,
        exposure_minor=hit,
        covered_minor=0,
        loss_minor=lost,
        charge_minor=lost,
        cash_minor=lost,
    )


def _delayed(one: StressPosition, scenario: StressScenario) -> StressLoss:
    charge = 0
    for days, minor in one.ages:
        owed = max(0, minor)
        now, then = scenario.rate_at(days), scenario.rate_at(days + scenario.days)
        charge += int(rules.part_of(owed, then)) - int(rules.part_of(owed, now))
    return StressLoss(
        customer=one.customer,
        exposure_minor=one.exposure_minor,
        covered_minor=0,
        loss_minor=0,
        # Ages are of debits; what is owed net of credits may be less.
        charge_minor=max(0, min(charge, one.exposure_minor)),
        cash_minor=one.exposure_minor,
    )


def stress_positions(
    items: Iterable[OpenItem],
    *,
    as_of: dt.date,
    currency: str,
    customers: Iterable[Customer] = (),
    covers: Mapping[str, Cover] | None = None,
    allowances: Mapping[str, int] | None = None,
    rates: ExchangeRates | None = None,
) -> tuple[StressPosition, ...]:
    """The positions of open items at the end of a day, one per customer that owes something net.

    `covers` and `allowances` are by customer, in minor units of `currency`; other currencies are
    taken at the closing rate of the day.  Ages are of debits; what is not due yet is below zero.
    Raises `MissingRateError` for a currency without a rate.
    """
    known: dict[str, Customer] = {customer.customer: customer for customer in customers}
    every = [item for item in items if item.customer and item.open_minor]
    cells = net_by_customer(every, as_of=as_of, currency=currency, rates=rates)
    owed: dict[str, list[tuple[str, int]]] = {}
    for (customer, code), minor in sorted(cells.items()):
        owed.setdefault(customer, []).append((code, minor))
    ages = _ages(every, as_of=as_of, currency=currency, rates=rates)
    return tuple(
        StressPosition(
            customer=customer,
            exposure_minor=sum(minor for _, minor in parts),
            group=known[customer].payer_group if customer in known else "",
            country=holder_of(customer, known, ConcentrationBy.COUNTRY),
            segment=holder_of(customer, known, ConcentrationBy.SEGMENT),
            cover=(covers or {}).get(customer, Cover()),
            allowance_minor=(allowances or {}).get(customer, 0),
            currencies=[(code, minor) for code, minor in parts if minor > 0],
            ages=ages.get(customer, ()),
        )
        for customer, parts in owed.items()
        if sum(minor for _, minor in parts) > 0
    )


def _ages(
    items: Iterable[OpenItem], *, as_of: dt.date, currency: str, rates: ExchangeRates | None
) -> dict[str, list[tuple[int, int]]]:
    """What each customer owes by days past due."""
    by_days: dict[int, list[OpenItem]] = {}
    for item in items:
        if item.open_minor > 0:
            days = days_past(item.due_date or item.document_date, as_of=as_of)
            by_days.setdefault(days, []).append(item)
    found: dict[str, list[tuple[int, int]]] = {}
    for days, of_days in sorted(by_days.items()):
        cells = net_by_customer(of_days, as_of=as_of, currency=currency, rates=rates)
        for (customer, _), minor in cells.items():
            found.setdefault(customer, []).append((days, minor))
    return found


def load_scenarios(contents: str, *, name: str) -> tuple[StressScenario, ...]:
    """Scenarios from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> load_scenarios('''
    ... [[scenario]]
    ... name = "Spain stops paying"
    ... kind = "named"
    ... by = "country"
    ... names = ["ES"]
    ... loss-bps = 6000
    ... ''', name="own.toml")[0].loss_bps
    6000
    """
    data = read_tables(contents, name=name)
    known = {field.name for field in attrs.fields(StressScenario)}
    found = []
    try:
        for row in data["scenario"]:
            values = {key.replace("-", "_"): value for key, value in row.items()}
            if unknown := sorted(set(values) - known):
                words = ", ".join(sorted(key.replace("_", "-") for key in known))
                msg = f"keys of a scenario must be among {words}, got {', '.join(unknown)}"
                raise PolicyError(msg)
            found.append(StressScenario(**values))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        msg = f"{name} must hold scenarios, got {error}"
        raise PolicyError(msg) from error
    return tuple(found)


@functools.cache
def scenarios() -> tuple[StressScenario, ...]:
    """The scenarios that come with the library, read when first asked for: a beginning, no advice."""
    file = resources.files("receivables.credit") / "stress_scenarios.toml"
    return load_scenarios(file.read_text(encoding="utf-8"), name="stress_scenarios.toml")
