"""What measures are: their names, units and definitions, and what a day or a series of days says.

>>> Measure.DSO.unit, Measure.CEI.unit
(<MeasureUnit.DAYS: 'days'>, <MeasureUnit.SHARE: 'share'>)
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.measures._naming import Named
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = [
    "Balance",
    "CeiSales",
    "GroupBy",
    "LatenessWay",
    "Measure",
    "MeasureFigure",
    "MeasurePolicy",
    "MeasureSeries",
    "MeasureTable",
    "MeasureUnit",
    "MoveKind",
    "SalesWeighting",
]


class MeasureUnit(enum.Enum):
    """What a figure counts."""

    DAYS = "days"
    SHARE = "share"
    """A part of one."""
    RATIO = "ratio"
    MONEY = "money"
    """Minor units of the currency of the group."""


class Measure(Named):
    """A measure of the portfolio; each has one unit, and a definition where there are several."""

    DSO = "dso"
    DSO_COUNT_BACK = "dso-count-back"
    DSO_SALES_WEIGHTED = "dso-sales-weighted"
    BEST_POSSIBLE_DSO = "best-possible-dso"
    AVERAGE_DAYS_DELINQUENT = "average-days-delinquent"
    DAYS_BEYOND_TERMS = "days-beyond-terms"
    """Of what is open, by amount."""
    WEIGHTED_DAYS_LATE = "weighted-days-late"
    """Of what was paid in the period, by amount."""
    CEI = "cei"
    TURNOVER = "turnover"
    TURNOVER_DAYS = "turnover-days"
    CURRENT_SHARE = "current-share"
    PAST_DUE_SHARE = "past-due-share"
    OVER_90_SHARE = "over-90-share"
    LARGEST_SHARE = "largest-share"
    TOP_SHARE = "top-share"
    """Of the `top` largest customers."""
    HHI = "hhi"
    DISPUTE_RATE = "dispute-rate"
    """What is in dispute, of what is open."""
    DEDUCTION_RATE = "deduction-rate"
    """What was deducted in the period, of the sales."""
    PROMISE_KEPT_RATE = "promise-kept-rate"
    UNAPPLIED_CASH = "unapplied-cash"
    UNAPPLIED_SHARE = "unapplied-share"
    """Unapplied cash, of what is owed without it."""
    CASH_APPLICATION_RATE = "cash-application-rate"
    """What was applied of the receipts of the period, by its end."""
    BAD_DEBT_RATE = "bad-debt-rate"
    """What was written off in the period less what was recovered, of the sales."""
    RECEIVABLES = "receivables"
    SALES = "sales"

    @property
    def unit(self) -> MeasureUnit:
        """What its figures count."""
        return _UNITS.get(self, MeasureUnit.SHARE)

    @property
    def places(self) -> int:
        """How many decimals a reader wants; the index of concentration lies between zero and one."""
        return 3 if self is Measure.HHI else 1


_UNITS: Final[Mapping[Measure, MeasureUnit]] = MappingProxyType(
    {
        Measure.DSO: MeasureUnit.DAYS,
        Measure.DSO_COUNT_BACK: MeasureUnit.DAYS,
        Measure.DSO_SALES_WEIGHTED: MeasureUnit.DAYS,
        Measure.BEST_POSSIBLE_DSO: MeasureUnit.DAYS,
        Measure.AVERAGE_DAYS_DELINQUENT: MeasureUnit.DAYS,
        Measure.DAYS_BEYOND_TERMS: MeasureUnit.DAYS,
        Measure.WEIGHTED_DAYS_LATE: MeasureUnit.DAYS,
        Measure.TURNOVER: MeasureUnit.RATIO,
        Measure.TURNOVER_DAYS: MeasureUnit.DAYS,
        Measure.HHI: MeasureUnit.RATIO,
        Measure.UNAPPLIED_CASH: MeasureUnit.MONEY,
        Measure.RECEIVABLES: MeasureUnit.MONEY,
        Measure.SALES: MeasureUnit.MONEY,
    }
)


class GroupBy(Named):
    """What figures are told apart by; the currency always is, because currencies are never added."""

    CREDITOR = "creditor"
    CUSTOMER = "customer"
    SEGMENT = "segment"
    CURRENCY = "currency"


class MoveKind(Named):
    """What a move of an item was, where measures tell them apart: the column ``kind`` of moves."""

    PAID = "paid"
    """Money: of a receipt, what was applied of it."""
    WRITTEN_OFF = "written-off"
    RECOVERED = "recovered"
    """Money for a claim that had been written off."""
    CANCELLED = "cancelled"
    """The document, or what was kept back, is not owed any more."""
    RETURNED = "returned"
    """Money that went back to its payer."""
    OTHER = "other"
    """Credit notes, discounts, differences, and what was put on an item of its own."""


class Balance(Named):
    """Which receivables stand above the line of the simple DSO."""

    ENDING = "ending"
    AVERAGE = "average"
    """The mean of those at the beginning and at the end of the period."""


class LatenessWay(Named):
    """How days before the due date count in weighted days late."""

    NET = "net"
    """They are negative."""
    FLOORED = "floored"
    """They are zero."""
    LATE_ONLY = "late-only"
    """What was not late is left out."""


class SalesWeighting(Named):
    """What the part of a month's sales that is open is multiplied by in the sales-weighted DSO."""

    AGE = "age"
    """The age of each item in days (the *true DSO*)."""
    MONTH = "month"
    """The days of the month, so that a month wholly unpaid counts as its days."""


class CeiSales(Named):
    """Which sales stand in the collection effectiveness index."""

    PERIOD = "period"
    MONTHLY = "monthly"
    """Those of the period divided by its months (creditguru.com)."""


_SWITCHES: Final = ("without_tax", "counts_charges", "leaves_out_disputed", "nets_credits")
_YEAR: Final = 365


@attrs.frozen(kw_only=True)
class MeasurePolicy:
    """The definitions: which of several meanings each measure has.

    Raises `PolicyError` for a value that cannot be.

    >>> MeasurePolicy(days=30).balance
    <Balance.ENDING: 'ending'>
    """

    version: str = "1"
    days: int = 90
    """The period: so many days up to the day, that day included."""
    balance: Balance = attrs.field(default=Balance.ENDING, converter=Balance)
    lateness: LatenessWay = attrs.field(default=LatenessWay.NET, converter=LatenessWay)
    """Of what was paid."""
    beyond_terms: LatenessWay = attrs.field(default=LatenessWay.FLOORED, converter=LatenessWay)
    """Of what is open."""
    sales_weighting: SalesWeighting = attrs.field(
        default=SalesWeighting.AGE, converter=SalesWeighting
    )
    cei_sales: CeiSales = attrs.field(default=CeiSales.PERIOD, converter=CeiSales)
    without_tax: bool = False
    """Whether sales and receivables are counted without tax; both or neither."""
    counts_charges: bool = False
    """Whether interest, compensation and fees that were charged count as sales."""
    leaves_out_disputed: bool = False
    nets_credits: bool = False
    """Whether unapplied cash and credit notes reduce the receivables: of each customer what is
    oldest first."""
    top: int = 10
    count_back_months: int = 24
    """How many calendar months the count-back looks at before it says that the history is too short."""

    def __attrs_post_init__(self) -> None:
        for name in ("days", "top", "count_back_months"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                msg = f"{name} must be a whole number of 1 or more, got {value!r}"
                raise PolicyError(msg)
        for name in _SWITCHES:
            value = getattr(self, name)
            if not isinstance(value, bool):
                msg = f"{name} must be true or false, got {value!r}"
                raise PolicyError(msg)
        if self.without_tax and self.nets_credits:
            msg = (
                "nets_credits must be false without tax, because no tax is known of unapplied cash"
            )
            raise PolicyError(msg)

    @property
    def months(self) -> int:
        """How many months the period has: its days over those of a month, at least one.

        >>> [MeasurePolicy(days=days).months for days in (7, 30, 90, 92, 365)]
        [1, 1, 3, 3, 12]
        """
        return max(1, (2 * 12 * self.days + _YEAR) // (2 * _YEAR))

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "measures") -> MeasurePolicy:
        """A policy from a table as TOML gives it, with hyphens or underscores in its keys.

        Raises `PolicyError` naming the table and what is wrong.

        >>> MeasurePolicy.from_table({"cei-sales": "monthly", "days": 30}).cei_sales
        <CeiSales.MONTHLY: 'monthly'>
        """
        values = {str(key).replace("-", "_"): value for key, value in table.items()}
        known = [field.name for field in attrs.fields(cls)]
        if unknown := sorted(values.keys() - set(known)):
            words = ", ".join(one.replace("_", "-") for one in known)
            msg = f"keys of {name} must be among {words}, got {', '.join(unknown)}"
            raise PolicyError(msg)
        try:
            return cls(**values)
        except (PolicyError, TypeError, ValueError) as error:
            msg = f"{name}: {error}"
            raise PolicyError(msg) from error


@attrs.frozen(kw_only=True)
class MeasureFigure:
    """One measure of one group on one day: exact, with what it was divided from.

    `value` is days, a part of one, a ratio or minor units, by the unit of the measure; None where it
    has no meaning, and `missing` says why, in a code: ``no-sales``, ``no-receivables``,
    ``history-too-short``, ``nothing-due``, ``nothing-paid``, ``nothing-promised``,
    ``nothing-received``, ``no-tax`` (some amounts of it say no tax).
    """

    measure: Measure
    currency: str
    creditor: str = ""
    customer: str = ""
    segment: str = ""
    value: Fraction | None
    numerator: int | None = None
    denominator: int | None = None
    missing: str = ""
    at_least: Fraction | None = None
    """The days that a history too short for a count-back does explain."""
    unexplained_minor: int = 0
    """What that history does not explain."""

    @property
    def group(self) -> tuple[str, str, str, str]:
        """Creditor, segment, customer and currency, empty where figures are not told apart by them."""
        return (self.creditor, self.segment, self.customer, self.currency)


def _figures(values: Iterable[MeasureFigure]) -> tuple[MeasureFigure, ...]:
    return tuple(values)


def _groups(values: Iterable[GroupBy | str]) -> tuple[GroupBy, ...]:
    return tuple(dict.fromkeys(GroupBy(value) for value in values))


@attrs.frozen(kw_only=True)
class MeasureTable:
    """The measures of a day, by group; figures are sorted by group, then as `Measure` lists them."""

    as_of: dt.date
    policy: MeasurePolicy
    by: tuple[GroupBy, ...] = attrs.field(default=(), converter=_groups)
    figures: tuple[MeasureFigure, ...] = attrs.field(converter=_figures, repr=False)

    def __iter__(self) -> Iterator[MeasureFigure]:
        return iter(self.figures)

    @property
    def groups(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every group that there is a figure of, in order."""
        return tuple(dict.fromkeys(one.group for one in self.figures))

    def get(self, measure: Measure, *, currency: str = "", **group: str) -> MeasureFigure | None:
        """The figure of a measure and a group; the currency may be left out where there is one only.

        Raises `PolicyError` where several figures fit.
        """
        wanted = {"currency": currency, **group} if currency else group
        found = [
            one
            for one in self.figures
            if one.measure is measure and all(getattr(one, k) == v for k, v in wanted.items())
        ]
        if len(found) > 1:
            msg = f"group must leave one figure of {measure.value}, got {len(found)}"
            raise PolicyError(msg)
        return found[0] if found else None

    def to_table(self) -> ResultTable:
        """A row for each group, a column for each measure."""
        shown = [one for one in Measure if any(figure.measure is one for figure in self.figures)]
        keys: list[GroupBy] = [
            one for one in GroupBy if one in self.by and one is not GroupBy.CURRENCY
        ]
        columns = [TableColumn(name=key.value) for key in keys]
        columns.append(TableColumn(name="currency"))
        columns += [
            TableColumn(
                name=one.value,
                heading=Phrase(one.value),
                kind=_KINDS[one.unit],
                places=one.places,
            )
            for one in shown
        ]
        return ResultTable(
            title="measures", as_of=self.as_of, columns=columns, rows=self._rows(keys, shown)
        )

    def _rows(self, keys: list[GroupBy], shown: list[Measure]) -> list[list[Any]]:
        by_group: dict[tuple[str, str, str, str], dict[Measure, MeasureFigure]] = {}
        for figure in self.figures:
            by_group.setdefault(figure.group, {})[figure.measure] = figure
        rows: list[list[Any]] = []
        for found in by_group.values():
            first = next(iter(found.values()))
            rows.append(
                [
                    *(getattr(first, key.value) for key in keys),
                    first.currency,
                    *(_cell(found.get(measure)) for measure in shown),
                ]
            )
        return rows

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def _cell(figure: MeasureFigure | None) -> Any:  # noqa: ANN401  # a cell of any kind
    """A figure as a cell: amounts whole, a half to even."""
    value = None if figure is None else figure.value
    if figure is None or value is None or figure.measure.unit is not MeasureUnit.MONEY:
        return value
    return round(value)


_KINDS: Final[Mapping[MeasureUnit, CellKind]] = MappingProxyType(
    {
        MeasureUnit.DAYS: CellKind.DAYS,
        MeasureUnit.SHARE: CellKind.SHARE,
        MeasureUnit.RATIO: CellKind.RATIO,
        MeasureUnit.MONEY: CellKind.MONEY,
    }
)


def _tables(values: Iterable[MeasureTable]) -> tuple[MeasureTable, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class MeasureSeries:
    """The measures of several days, in order of days."""

    tables: tuple[MeasureTable, ...] = attrs.field(converter=_tables, repr=False)

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The days."""
        return tuple(one.as_of for one in self.tables)

    def of(
        self, measure: Measure, *, currency: str = "", **group: str
    ) -> tuple[tuple[dt.date, Fraction | None], ...]:
        """One measure of one group, day by day."""
        found = [(one.as_of, one.get(measure, currency=currency, **group)) for one in self.tables]
        return tuple((day, None if figure is None else figure.value) for day, figure in found)

    def to_table(self) -> ResultTable:
        """A row for each group and day, group by group, a column for each measure."""
        tables = [one.to_table() for one in self.tables]
        columns: dict[str, TableColumn] = {}
        for table in tables:
            for column in table.columns:
                columns.setdefault(column.name, column)
        keys = [name for name, one in columns.items() if one.kind is CellKind.TEXT]
        rows: list[list[Any]] = []
        for table in tables:
            own = [column.name for column in table.columns]
            for row in table.rows:
                values = dict(zip(own, row, strict=True))
                rows.append([table.as_of, *(values.get(name) for name in columns)])
        places = [1 + list(columns).index(name) for name in keys]
        rows.sort(key=lambda row: ([str(row[place]) for place in places], row[0]))
        day = TableColumn(name="as_of", heading="as of", kind=CellKind.DATE)
        return ResultTable(title="measures over time", columns=[day, *columns.values()], rows=rows)

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())
