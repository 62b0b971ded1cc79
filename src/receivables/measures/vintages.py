"""Vintages of payment: what of a month's sales is unpaid after so many days.

What was *lost* of a month's invoices is `receivables.allowance.VintageTable`; this is about when the
money came.

>>> from receivables.testing.builders import a_receipt, an_allocation, an_invoice, issued, received
>>> ledger = Ledger().record(
...     issued(an_invoice(document_date=dt.date(2026, 8, 31))), received(a_receipt()), an_allocation()
... )
>>> [vintage] = paid_vintages(ledger, as_of=dt.date(2026, 11, 30), ages=(30, 60, 90))
>>> vintage.month.isoformat(), vintage.unpaid_minor
('2026-08-01', (10000, 0, 0))
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, TypeAlias

import attrs

from receivables import limits
from receivables.days import check_day, month_end
from receivables.documents.model import ItemKind, OpenItem
from receivables.errors import DocumentError, PolicyError
from receivables.ledger.objects import Ledger
from receivables.measures._moves import (
    GroupKey,
    Groups,
    ItemMove,
    MoveCause,
    Watch,
    cells_of,
)
from receivables.measures._tables import frame_of_rows, one_of
from receivables.measures.model import GroupBy
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = [
    "AGES",
    "KEPT_BACK",
    "SALES",
    "PaidVintage",
    "PaidVintageTable",
    "checked_ages",
    "paid_vintages",
]

AGES: Final = (30, 60, 90, 120)
"""The ages in days that are looked at where none are named."""
_AGES_MAX: Final = 60
SALES: Final = frozenset({ItemKind.INVOICE, ItemKind.DEBIT_NOTE})
"""What is sold; what was kept back of it is unpaid on an item of its own."""
KEPT_BACK: Final = frozenset({ItemKind.DEDUCTION, ItemKind.RETENTION})


def checked_ages(ages: Iterable[int]) -> tuple[int, ...]:
    """The ages in days, each once, rising; raises `PolicyError` for any that cannot be.

    >>> checked_ages([60, 30])
    (30, 60)
    """
    found = tuple(sorted(set(ages)))
    if not found or any(type(age) is not int or not 0 <= age <= limits.DAYS_MAX for age in found):
        msg = f"ages must be days from 0 to {limits.DAYS_MAX}, got {found}"
        raise PolicyError(msg)
    if len(found) > _AGES_MAX:
        msg = f"ages must be at most {_AGES_MAX}, got {len(found)}"
        raise PolicyError(msg)
    return found


def _ints(values: Iterable[int | None]) -> tuple[int | None, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PaidVintage:
    """The sales of a month of one group, and what of them is unpaid by age in days, in minor units.

    An age is None until every sale of the month can have reached it.  What is neither paid nor unpaid
    was credited, written off or otherwise settled.  Raises `DocumentError` where the parts do not fit.
    """

    month: dt.date
    """Its first day."""
    creditor: str = ""
    segment: str = ""
    customer: str = ""
    currency: str
    ages: tuple[int, ...]
    sales_minor: int
    unpaid_minor: tuple[int | None, ...] = attrs.field(converter=_ints)
    paid_minor: tuple[int | None, ...] = attrs.field(converter=_ints)
    """What came in money, net of what went back."""
    items: int = 0

    @unpaid_minor.validator
    @paid_minor.validator
    def _check_width(
        self, attribute: attrs.Attribute[object], value: tuple[int | None, ...]
    ) -> None:
        if len(value) != len(self.ages):
            msg = f"{attribute.name} must have {len(self.ages)} ages, got {len(value)}"
            raise DocumentError(msg)

    @property
    def group(self) -> GroupKey:
        """Creditor, segment, customer and currency, as those of `MeasureFigure`."""
        return (self.creditor, self.segment, self.customer, self.currency)

    @property
    def unpaid(self) -> tuple[Fraction | None, ...]:
        """The part of the sales that is unpaid at each age."""
        return tuple(self._part(minor) for minor in self.unpaid_minor)

    @property
    def paid(self) -> tuple[Fraction | None, ...]:
        """The part of the sales that came in money by each age."""
        return tuple(self._part(minor) for minor in self.paid_minor)

    def _part(self, minor: int | None) -> Fraction | None:
        return None if minor is None or not self.sales_minor else Fraction(minor, self.sales_minor)


def _vintages(values: Iterable[PaidVintage]) -> tuple[PaidVintage, ...]:
    return tuple(values)


def _groups(values: Iterable[GroupBy | str]) -> tuple[GroupBy, ...]:
    return Groups(by=values).by


@attrs.frozen(kw_only=True)
class PaidVintageTable:
    """The vintages of several months by group and currency, as far as they were seen on a day."""

    as_of: dt.date
    ages: tuple[int, ...] = attrs.field(converter=checked_ages)
    by: tuple[GroupBy, ...] = attrs.field(default=(), converter=_groups)
    vintages: tuple[PaidVintage, ...] = attrs.field(converter=_vintages, repr=False)

    def __iter__(self) -> Iterator[PaidVintage]:
        return iter(self.vintages)

    def get(self, month: dt.date, *, currency: str = "", **group: str) -> PaidVintage | None:
        """The vintage of a month and a group; what leaves one only may be left out.

        Raises `PolicyError` where several fit.
        """
        of_month = [one for one in self.vintages if one.month == month.replace(day=1)]
        return one_of(of_month, name="vintage", group={"currency": currency, **group})

    def curve(self, *, currency: str = "", **group: str) -> tuple[Fraction | None, ...]:
        """The part of all sales that is unpaid at each age, over the months that are that old.

        Raises `PolicyError` where several groups fit.
        """
        wanted = {"currency": currency, **group} if currency else group
        kept = [one for one in self if all(getattr(one, k) == v for k, v in wanted.items())]
        if len({one.group for one in kept}) > 1:
            msg = f"group must leave one, got {len({one.group for one in kept})}"
            raise PolicyError(msg)
        return tuple(_over(kept, place) for place in range(len(self.ages)))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`, which are those of the column function."""
        unpaid = (f"unpaid_{age}_minor" for age in self.ages)
        return ("month", *Groups(by=self.by).keys, "sales_minor", *unpaid, "items")

    def to_rows(self) -> list[tuple[str | int | None, ...]]:
        """The rows as tuples, in the order of `columns`; a month is its year and number, 202610."""
        keys = Groups(by=self.by).keys
        return [
            (
                one.month.year * 100 + one.month.month,
                *cells_of(one.group, keys),
                one.sales_minor,
                *one.unpaid_minor,
                one.items,
            )
            for one in self.vintages
        ]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The rows as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
        return frame_of_rows(self.columns, self.to_rows(), backend=backend)

    def to_table(self) -> ResultTable:
        """A row for each month and group: its sales, and the part of them unpaid at each age."""
        keys = Groups(by=self.by).keys
        return ResultTable(
            title=Phrase("unpaid by month of sale"),
            as_of=self.as_of,
            columns=[
                TableColumn(name="month", kind=CellKind.DATE),
                *(TableColumn(name=key) for key in keys),
                TableColumn(name="sales_minor", heading=Phrase("sales"), kind=CellKind.MONEY),
                *(
                    TableColumn(
                        name=f"unpaid_{age}",
                        heading=Phrase("after {days} days", {"days": age}),
                        kind=CellKind.SHARE,
                    )
                    for age in self.ages
                ),
            ],
            rows=[
                [one.month, *cells_of(one.group, keys), one.sales_minor, *one.unpaid]
                for one in self.vintages
            ],
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def _over(vintages: Iterable[PaidVintage], place: int) -> Fraction | None:
    seen = [(one.sales_minor, one.unpaid_minor[place]) for one in vintages]
    known = [(sales, unpaid) for sales, unpaid in seen if unpaid is not None]
    sales = sum(minor for minor, _ in known)
    return Fraction(sum(unpaid for _, unpaid in known), sales) if sales else None


_Key: TypeAlias = tuple[dt.date, GroupKey]


@attrs.define
class _Sums:
    """A vintage under way."""

    unpaid: list[int]
    paid: list[int]
    sales: int = 0
    items: int = 0


def paid_vintages(
    ledger: Ledger,
    creditor: str | None = None,
    *,
    as_of: dt.date,
    ages: Iterable[int] = AGES,
    by: Iterable[GroupBy | str] = (),
    segments: Mapping[str, str] | None = None,
    known_at: dt.datetime | None = None,
) -> PaidVintageTable:
    """What of each month's sales was unpaid so many days after the date of each invoice.

    Sales are invoices and debit notes that were there by the end of `as_of`, by their document
    date; what a payer kept back of one is unpaid still.  An item that was posted later than an age
    is unpaid at it.

    Raises `PolicyError` for ages that cannot be.
    """
    check_day(as_of, name="as_of")
    wanted = checked_ages(ages)
    watch = Watch(ledger=ledger, creditor=creditor or "", known_at=known_at)
    groups = Groups.asked(by, segments)
    sums: dict[_Key, _Sums] = {}
    for item, moves in _histories(watch, as_of):
        key = (item.document_date.replace(day=1), groups.of(item))
        held = sums.setdefault(key, _Sums([0] * len(wanted), [0] * len(wanted)))
        if item.kind in SALES:
            held.sales += item.amount_minor
            held.items += 1
        for place, age in enumerate(wanted):
            # What lies beyond the calendar is no age that anything reached.
            last = min(item.document_date.toordinal() + age, dt.date.max.toordinal())
            unpaid, paid = _at(item, moves, dt.date.fromordinal(last))
            held.unpaid[place] += unpaid
            held.paid[place] += paid
    return PaidVintageTable(
        as_of=as_of,
        ages=wanted,
        by=groups.by,
        vintages=[
            _vintage(key, held, wanted, as_of) for key, held in sorted(sums.items()) if held.sales
        ],
    )


def _histories(watch: Watch, as_of: dt.date) -> Iterator[tuple[OpenItem, tuple[ItemMove, ...]]]:
    """Every sale, and what was kept back of one, that was there by a day, with its moves up to then."""
    moves = sorted(
        watch.moves(after=dt.date.min, until=as_of), key=lambda move: (move.creditor, move.item)
    )
    for key, of_item in itertools.groupby(moves, key=lambda move: (move.creditor, move.item)):
        item = watch.item(key, as_of)
        if item is not None and item.kind in SALES | KEPT_BACK:
            yield item, tuple(of_item)


def _at(item: OpenItem, moves: Iterable[ItemMove], day: dt.date) -> tuple[int, int]:
    """What is unpaid of an item at the end of a day, and what came in money by then."""
    unpaid = paid = seen = 0
    for move in moves:
        if move.on <= day:
            seen += 1
            unpaid += move.amount_minor
            paid -= move.amount_minor if move.cause is MoveCause.PAID else 0
    # What was kept back is on its invoice until the day that it has an item of its own.
    is_later = not seen and item.kind in SALES
    return (item.amount_minor, 0) if is_later else (unpaid, paid)


def _vintage(key: _Key, sums: _Sums, ages: tuple[int, ...], as_of: dt.date) -> PaidVintage:
    month, (creditor, segment, customer, currency) = key
    end = month_end(month)
    seen = [(as_of - end).days >= age for age in ages]
    return PaidVintage(
        month=month,
        creditor=creditor,
        segment=segment,
        customer=customer,
        currency=currency,
        ages=ages,
        sales_minor=sums.sales,
        unpaid_minor=[
            minor if is_seen else None for minor, is_seen in zip(sums.unpaid, seen, strict=True)
        ],
        paid_minor=[
            minor if is_seen else None for minor, is_seen in zip(sums.paid, seen, strict=True)
        ],
        items=sums.items,
    )
