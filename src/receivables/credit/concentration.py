"""How much of what is owed hangs on how few: by customer, group, country, segment or currency.

>>> found = concentration_of({"C-1": 60_000, "C-2": 30_000, "C-3": 10_000, "C-4": -5_000},
...                          currency="EUR")
>>> found.hhi, found.largest_bps, found.top_bps(2), [one.holder for one in found.holdings]
(4600, 6000, 9000, ['C-1', 'C-2', 'C-3'])
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

import attrs

from receivables._arithmetic import Rounding, mul_div, share_of
from receivables.credit import concentration_rules as rules
from receivables.currencies.model import ExchangeRates, RateKind
from receivables.days import check_day
from receivables.documents.model import OpenItem
from receivables.errors import MissingRateError, PolicyError
from receivables.money import Money, digits, from_minor
from receivables.parties import Customer
from receivables.tables import CellKind, Phrase, ResultTable, ShowsTable, TableColumn

__all__ = [
    "Concentration",
    "ConcentrationBy",
    "Holding",
    "concentration",
    "concentration_of",
    "holder_of",
    "net_by_customer",
]


class ConcentrationBy(enum.Enum):
    """Whom, or what, amounts are added up by."""

    CUSTOMER = "customer"
    GROUP = "group"
    """Payer groups; a customer without one stands for itself."""
    COUNTRY = "country"
    SEGMENT = "segment"
    CURRENCY = "currency"
    """The currency that is owed, all of them in one currency."""


@attrs.frozen(kw_only=True)
class Holding:
    """What hangs on one holder: how much, and which part of the whole in parts per billion."""

    holder: str
    amount_minor: int
    share_ppb: int
    cumulative_ppb: int
    """The share of this holder and of all larger ones."""

    @property
    def share_bps(self) -> int:
        """The share in basis points, rounded half up."""
        return mul_div(self.share_ppb, 1, rules.WHOLE_PPB // rules.WHOLE_BPS, rounding=_HALF_UP)


_HALF_UP = Rounding.HALF_UP


@attrs.frozen(kw_only=True)
class Concentration(ShowsTable):
    """How what is owed in one currency spreads over holders, the largest first.

    Net credits count as nothing, so that no share is above the whole.
    """

    by: ConcentrationBy
    currency: str
    as_of: dt.date | None
    holdings: tuple[Holding, ...]

    @property
    def total_minor(self) -> int:
        """What is owed in all."""
        return sum(one.amount_minor for one in self.holdings)

    @property
    def total(self) -> Money:
        """What is owed in all."""
        return from_minor(self.total_minor, self.currency)

    @property
    def hhi(self) -> int:
        """The Herfindahl-Hirschman index from 0 to 10,000, rounded half up; 10,000 is one holder."""
        exact = self.hhi_exact
        return mul_div(exact.numerator, rules.WHOLE_BPS, exact.denominator, rounding=_HALF_UP)

    @property
    def hhi_exact(self) -> Fraction:
        """The same index from 0 to 1, exact: the sum of the squared shares."""
        if not self.holdings:
            return Fraction(0)
        squares = sum(one.amount_minor**2 for one in self.holdings)
        return Fraction(squares, self.total_minor**2)

    @property
    def effective_number(self) -> Fraction:
        """How many equal holders would be as concentrated: 1 / HHI; zero where nothing is owed."""
        exact = self.hhi_exact
        return Fraction(exact.denominator, exact.numerator) if exact else exact

    @property
    def largest_bps(self) -> int:
        """The share of the largest holder in basis points."""
        return self.top_bps(1)

    @property
    def gini_bps(self) -> int:
        """The Gini coefficient in basis points: 0 where all owe the same, near 10,000 where one does.

        G = (2 Σ i·x_i) / (n Σ x) − (n + 1) / n over amounts in rising order; rounded half up.  Only
        holders that owe something are counted.
        """
        amounts = [one.amount_minor for one in reversed(self.holdings)]
        count, total = len(amounts), sum(amounts)
        if not total:
            return 0
        ranked = 2 * sum(rank * minor for rank, minor in enumerate(amounts, start=1))
        over = ranked - (count + 1) * total
        return mul_div(over, rules.WHOLE_BPS, count * total, rounding=_HALF_UP)

    def top(self, count: int) -> tuple[Holding, ...]:
        """The largest holders."""
        return self.holdings[:count]

    def top_bps(self, count: int) -> int:
        """The share of the largest holders together in basis points, rounded half up."""
        held = sum(one.amount_minor for one in self.top(count))
        total = self.total_minor
        return mul_div(held, rules.WHOLE_BPS, total, rounding=_HALF_UP) if total else 0

    def to_table(self) -> ResultTable:
        """A row per holder with its share and that of all larger ones, and the whole."""
        whole = Fraction(1, rules.WHOLE_PPB)
        share = CellKind.SHARE
        return ResultTable(
            title=Phrase("concentration by {by}", {"by": Phrase(self.by.value)}),
            as_of=self.as_of,
            currency=self.currency,
            columns=[
                TableColumn(name="holder", heading=Phrase(self.by.value)),
                TableColumn(name="amount_minor", heading=Phrase("amount"), kind=CellKind.MONEY),
                TableColumn(name="share", kind=share),
                TableColumn(name="cumulative_share", heading=Phrase("with all larger"), kind=share),
            ],
            rows=[
                (
                    one.holder or None,
                    one.amount_minor,
                    one.share_ppb * whole,
                    one.cumulative_ppb * whole,
                )
                for one in self.holdings
            ],
            totals=[(Phrase("total"), self.total_minor, Fraction(1), None)]
            if self.holdings
            else (),
            notes=[Phrase("Herfindahl-Hirschman index: {hhi}", {"hhi": self.hhi})],
        )

    def __str__(self) -> str:
        rows = [
            f"{one.holder or '?'}  {from_minor(one.amount_minor, self.currency).amount}  {one.share_bps} bps"
            for one in self.holdings
        ]
        head = f"concentration by {self.by.value} in {self.currency}: HHI {self.hhi}"
        return "\n".join([head, *rows])


def concentration_of(
    amounts: Mapping[str, int],
    *,
    currency: str,
    by: ConcentrationBy | str = ConcentrationBy.CUSTOMER,
    as_of: dt.date | None = None,
) -> Concentration:
    """The concentration of amounts by holder, in minor units; holders of zero or less are left out.

    Exposures are such amounts too: ``{one.holder: one.total_minor for one in exposures}``.
    """
    digits(currency)
    owed = {holder: minor for holder, minor in amounts.items() if minor > 0}
    total = sum(owed.values())
    holdings, before = [], 0
    for holder, minor in sorted(owed.items(), key=lambda pair: (-pair[1], pair[0])):
        before += minor
        holdings.append(
            Holding(
                holder=holder,
                amount_minor=minor,
                share_ppb=share_of(minor, rules.WHOLE_PPB, total),
                cumulative_ppb=share_of(before, rules.WHOLE_PPB, total),
            )
        )
    return Concentration(
        by=ConcentrationBy(by), currency=currency, as_of=as_of, holdings=tuple(holdings)
    )


def concentration(
    items: Iterable[OpenItem],
    *,
    as_of: dt.date,
    by: ConcentrationBy | str = ConcentrationBy.CUSTOMER,
    customers: Iterable[Customer] = (),
    currency: str | None = None,
    rates: ExchangeRates | None = None,
) -> tuple[Concentration, ...]:
    """The concentration of open items, one per currency, or one in `currency` at rates of the day.

    A customer's credits count against its own debts, and not against those of others.  A country or
    a segment that nobody knows is the holder ``""``.  Raises `MissingRateError` for a currency
    without a rate, and `PolicyError` for a concentration by currency without a currency to count in.
    """
    check_day(as_of, name="as_of")
    kind = ConcentrationBy(by)
    if kind is ConcentrationBy.CURRENCY and currency is None:
        msg = "currency must say in which one currencies are compared, got none"
        raise PolicyError(msg)
    known: dict[str, Customer] = {customer.customer: customer for customer in customers}
    cells = net_by_customer(items, as_of=as_of, currency=currency, rates=rates)
    named: Callable[[str, str], str] = (
        (lambda _customer, code: code)
        if kind is ConcentrationBy.CURRENCY
        else (lambda customer, _code: holder_of(customer, known, kind))
    )
    if kind is not ConcentrationBy.CURRENCY and currency is not None:
        cells = _added_up(cells)
    totals: dict[str, dict[str, int]] = {}
    for (customer, code), minor in cells.items():
        of_currency = totals.setdefault(currency or code, {})
        holder = named(customer, code)
        of_currency[holder] = of_currency.get(holder, 0) + max(0, minor)
    return tuple(
        concentration_of(amounts, currency=code, by=kind, as_of=as_of)
        for code, amounts in sorted(totals.items())
    )


def _added_up(cells: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Amounts of one currency by customer: what is owed in one is set against credits in another."""
    found: dict[tuple[str, str], int] = {}
    for (customer, _), minor in cells.items():
        found[customer, ""] = found.get((customer, ""), 0) + minor
    return found


def holder_of(customer: str, known: Mapping[str, Customer], by: ConcentrationBy) -> str:
    """Whom a customer counts under; its country is that of its address where it states none."""
    found = known.get(customer)
    if by is ConcentrationBy.GROUP:
        return (found.payer_group if found is not None else "") or customer
    if by is ConcentrationBy.COUNTRY:
        return (found.country or found.address.country).upper() if found is not None else ""
    if by is ConcentrationBy.SEGMENT:
        return found.segment if found is not None else ""
    return customer


def net_by_customer(
    items: Iterable[OpenItem],
    *,
    as_of: dt.date,
    currency: str | None = None,
    rates: ExchangeRates | None = None,
) -> dict[tuple[str, str], int]:
    """What each customer owes in each currency, signed minor units, in `currency` where it is given.

    Each cell is converted once, at the closing rate of the day, rounded half to even.  Money of
    nobody is left out.
    """
    cells: dict[tuple[str, str], int] = {}
    for item in items:
        if item.customer and item.open_minor:
            key = (str(item.customer), item.currency)
            cells[key] = cells.get(key, 0) + item.open_minor
    if currency is None:
        return cells
    return {key: _converted(minor, key[1], currency, rates, as_of) for key, minor in cells.items()}


def _converted(
    minor: int, code: str, currency: str, rates: ExchangeRates | None, as_of: dt.date
) -> int:
    if code == currency:
        return minor
    if rates is None:
        msg = f"a rate of {code}/{currency} must be known for {as_of}, got no rates"
        raise MissingRateError(msg)
    numerator, denominator = rates.rate(code, currency, on=as_of, kind=RateKind.CLOSING).minor_ratio
    return mul_div(minor, numerator, denominator, rounding=Rounding.HALF_EVEN)
