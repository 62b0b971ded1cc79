"""Measures from the ledger, for any past day, as known now or then: exact, each with its reason.

>>> from receivables.ledger import Ledger
>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice(total="300.00")))
>>> found = measures(ledger, "MIRA", as_of=dt.date(2026, 11, 9))
>>> found.get(Measure.DSO).value, found.get(Measure.DAYS_BEYOND_TERMS).value
(Fraction(90, 1), Fraction(10, 1))
>>> found.get(Measure.WEIGHTED_DAYS_LATE).missing
'nothing-paid'
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from receivables.currencies.model import ExchangeRates, RateKind
from receivables.days import check_day
from receivables.disputes.objects import standings
from receivables.documents.model import ItemKind
from receivables.errors import PolicyError
from receivables.ledger.casework import DisputeOpened, PromiseMade
from receivables.ledger.objects import Ledger, LedgerColumns
from receivables.measures import rules
from receivables.measures._figures import Group, figures_of
from receivables.measures._history import (
    ItemKey,
    ItemRecord,
    MoveRecord,
    is_seen,
    read_items,
)
from receivables.measures._months import month_of
from receivables.measures.model import (
    GroupBy,
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
    MoveKind,
)
from receivables.money import digits
from receivables.parties import UNIDENTIFIED
from receivables.promises.model import PromiseState
from receivables.promises.objects import judge

__all__ = ["measure_columns", "measure_series", "measures"]

_POLICY: Final = MeasurePolicy()
_NO_SEGMENTS: Final[Mapping[str, str]] = {}
_ONE_DAY: Final = dt.timedelta(days=1)

_Cell: TypeAlias = tuple[str, str, str, str]
"""Creditor (where it is told apart), segment, customer and currency."""

_Moment: TypeAlias = "dt.datetime | Mapping[dt.date, dt.datetime] | None"


def measures(  # noqa: PLR0913  # a question about a day, and what it is answered by
    ledger: Ledger,
    creditor: str | None = None,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    by: Iterable[GroupBy | str] = (),
    policy: MeasurePolicy = _POLICY,
    measures: Iterable[Measure] | None = None,
    segments: Mapping[str, str] | None = None,
    currency: str = "",
    rates: ExchangeRates | None = None,
) -> MeasureTable:
    """The measures of a creditor, or of all of them together, at the end of a day.

    Figures are told apart by `by`, and always by currency; with `currency` and `rates` all amounts,
    earlier ones too, are in that currency at the closing rates of the day.  `segments` says which
    customer belongs to which segment.  Without `measures` it is all of them.  An item counts on the
    account on which it is on the day.

    Raises `PolicyError` for a group by segment without segments, and for a currency without rates;
    `MissingRateError` where a rate is missing.
    """
    found = measure_series(
        ledger,
        creditor,
        days=(as_of,),
        known_at=known_at,
        by=by,
        policy=policy,
        measures=measures,
        segments=segments,
        currency=currency,
        rates=rates,
    )
    return found.tables[0]


def measure_series(  # noqa: PLR0913  # see above
    ledger: Ledger,
    creditor: str | None = None,
    *,
    days: Iterable[dt.date],
    known_at: _Moment = None,
    by: Iterable[GroupBy | str] = (),
    policy: MeasurePolicy = _POLICY,
    measures: Iterable[Measure] | None = None,
    segments: Mapping[str, str] | None = None,
    currency: str = "",
    rates: ExchangeRates | None = None,
) -> MeasureSeries:
    """The same on several days, in the order of the days; the ledger is read once.

    `known_at` is one moment for all days, or one for each: with the end of every day as its moment
    the series is what would have been seen then.
    """
    wanted = sorted(set(_checked(days)))
    groups = tuple(dict.fromkeys(GroupBy(one) for one in by))
    if GroupBy.SEGMENT in groups and segments is None:
        msg = "segments must say which customer belongs to which, to measure by segment, got none"
        raise PolicyError(msg)
    if currency and rates is None:
        msg = f"rates must be given to measure in {currency}, got none"
        raise PolicyError(msg)
    if currency:
        digits(currency)
    asked = tuple(Measure) if measures is None else tuple(map(Measure, measures))
    desk = _Desk(
        ledger=ledger,
        creditor=creditor,
        items=read_items(ledger, creditor),
        by=groups,
        policy=policy,
        measures=[one for one in Measure if one in asked],
        segments=_NO_SEGMENTS if segments is None else segments,
        currency=currency,
        rates=rates,
        cases={type(event) for event in ledger.events} & {DisputeOpened, PromiseMade},
    )
    return MeasureSeries(tables=[desk.on(day, _moment(known_at, day)) for day in wanted])


def _checked(days: Iterable[dt.date]) -> Iterable[dt.date]:
    for day in days:
        check_day(day, name="as_of")
        yield day


def _moment(known_at: _Moment, day: dt.date) -> dt.datetime | None:
    if not isinstance(known_at, Mapping):
        return known_at
    if day not in known_at:
        msg = f"known_at must have a moment for every day, got none for {day}"
        raise PolicyError(msg)
    return known_at[day]


@attrs.frozen(kw_only=True, eq=False)
class _View:
    """A day, the day before its period, and a moment; days are ordinals."""

    as_of: dt.date
    day: int
    before: int
    known_at: dt.datetime | None
    disputed: Mapping[ItemKey, int]
    disputed_before: Mapping[ItemKey, int]

    def in_period(self, day: int) -> bool:
        """Whether a day belongs to the period."""
        return bool(rules.is_in_period(day, before=self.before, as_of=self.day))


@attrs.frozen(kw_only=True, eq=False)
class _Desk:
    """A ledger that was read, and the question."""

    ledger: Ledger
    creditor: str | None
    items: Mapping[ItemKey, ItemRecord]
    by: tuple[GroupBy, ...]
    policy: MeasurePolicy
    measures: Collection[Measure]
    segments: Mapping[str, str]
    currency: str
    rates: ExchangeRates | None
    cases: Collection[type]

    def on(self, day: dt.date, known_at: dt.datetime | None) -> MeasureTable:
        """The figures of a day."""
        view = self._view(day, known_at)
        cells: dict[_Cell, Group] = {}
        for record in self.items.values():
            if not is_seen(record.since, record.at, view.day, known_at):
                continue
            customer = record.customer
            if record.owners:
                customer = record.customer_on(view.day, known_at)
            cell = self._cell(cells, record.creditor, customer, record.currency)
            if known_at is None and record.settled_after <= view.before:
                # Nothing of it is left to see but that it was sold.
                _count_sales(cell, record, view, self.policy, record.moves)
            else:
                _count(cell, record, view, self.policy)
        if PromiseMade in self.cases and Measure.PROMISE_KEPT_RATE in self.measures:
            self._count_promises(cells, view)
        return MeasureTable(
            as_of=day, policy=self.policy, by=self.by, figures=self._figures(cells, day)
        )

    def _view(self, day: dt.date, known_at: dt.datetime | None) -> _View:
        ordinal = day.toordinal()
        before = max(ordinal - self.policy.days, 0)
        return _View(
            as_of=day,
            day=ordinal,
            before=before,
            known_at=known_at,
            disputed=self._disputed(ordinal, known_at),
            disputed_before=self._disputed(before, known_at)
            if self.policy.leaves_out_disputed
            else {},
        )

    def _creditors(self) -> list[str]:
        if self.creditor is not None:
            return [self.creditor]
        return sorted({creditor for creditor, _ in self.items})

    def _disputed(self, day: int, known_at: dt.datetime | None) -> Mapping[ItemKey, int]:
        """What open disputes contest of each item."""
        held: dict[ItemKey, int] = {}
        if DisputeOpened not in self.cases or day < 1:
            return held
        for creditor in self._creditors():
            as_of = dt.date.fromordinal(day)
            for one in standings(self.ledger, creditor, as_of=as_of, known_at=known_at):
                for part in one.parts:
                    key = (creditor, str(part.item))
                    held[key] = held.get(key, 0) + part.held_minor
        return held

    def _cell(
        self, cells: dict[_Cell, Group], creditor: str, customer: str, currency: str
    ) -> Group:
        key = (
            creditor if GroupBy.CREDITOR in self.by else "",
            self.segments.get(customer, ""),
            customer,
            currency,
        )
        found = cells.get(key)
        if found is None:
            found = cells[key] = Group()
        return found

    def _count_promises(self, cells: dict[_Cell, Group], view: _View) -> None:
        for creditor in self._creditors():
            for one in judge(self.ledger, creditor, as_of=view.as_of, known_at=view.known_at):
                on = one.decided_on
                if on is None or not one.state.is_decided or not view.in_period(on.toordinal()):
                    continue
                promise = one.promise
                cell = self._cell(
                    cells, creditor, str(promise.customer), promise.amount.currency.code
                )
                cell.counts["decided"] += 1
                cell.counts["kept"] += one.state is PromiseState.KEPT

    def _figures(self, cells: Mapping[_Cell, Group], day: dt.date) -> list[MeasureFigure]:
        groups: dict[_Cell, Group] = {}
        for (creditor, segment, customer, code), cell in self._converted(cells, day).items():
            place = (
                creditor,
                segment if GroupBy.SEGMENT in self.by else "",
                customer if GroupBy.CUSTOMER in self.by else "",
                code,
            )
            cell.age(self.policy)
            if GroupBy.CUSTOMER in self.by:
                # A customer is in one segment, so that its sums are those of its group.
                group = groups[place] = cell
            else:
                group = groups.get(place) or groups.setdefault(place, Group())
                group.add(cell, 1)
            if customer != UNIDENTIFIED:
                group.hold(customer, cell.sums["net"])
        return [
            figure
            for place, group in sorted(groups.items(), key=lambda pair: pair[0])
            for figure in figures_of(
                group, place, as_of=day, policy=self.policy, measures=self.measures
            )
        ]

    def _converted(self, cells: Mapping[_Cell, Group], day: dt.date) -> Mapping[_Cell, Group]:
        """The sums of each customer in the one currency that is asked for, else as they are."""
        if not self.currency:
            return cells
        found: dict[_Cell, Group] = {}
        for (creditor, segment, customer, code), cell in cells.items():
            place = (creditor, segment, customer, self.currency)
            group = found.get(place)
            if group is None:
                group = found[place] = Group()
            group.add(cell, self._rate(code, day))
        return found

    def _rate(self, code: str, day: dt.date) -> Fraction | int:
        if code == self.currency or self.rates is None:
            return 1
        applied = self.rates.rate(code, self.currency, on=day, kind=RateKind.CLOSING)
        return Fraction(*applied.minor_ratio)


def _count(cell: Group, record: ItemRecord, view: _View, policy: MeasurePolicy) -> None:
    """What an item adds to its customer's sums."""
    seen = [move for move in record.moves if is_seen(move.day, move.at, view.day, view.known_at)]
    open_minor = record.amount_minor - sum(move.amount_minor for move in seen)
    opening = 0
    if record.since <= view.before:
        gone = sum(move.amount_minor for move in seen if move.day <= view.before)
        opening = record.amount_minor - gone
    if record.kind is ItemKind.UNAPPLIED_CASH:
        _count_cash(cell, record, view, seen, open_minor, opening)
    else:
        _count_open(cell, record, view, policy, open_minor, opening)
        _count_sales(cell, record, view, policy, seen)
    if seen:
        _count_moves(cell, record, view, policy, seen)


def _count_cash(  # the receipt, its moves, and what is left of it on two days
    cell: Group,
    record: ItemRecord,
    view: _View,
    seen: Iterable[MoveRecord],
    open_minor: int,
    opening: int,
) -> None:
    sums = cell.sums
    sums["unapplied"] -= open_minor
    sums["credits"] += open_minor
    sums["opening_credits"] += opening
    if view.in_period(record.since):
        returned = sum(move.amount_minor for move in seen if move.kind is MoveKind.RETURNED)
        sums["received"] += returned - record.amount_minor
        sums["applied"] += returned - record.amount_minor + open_minor


def _count_open(  # the item, and what is open of it on two days
    cell: Group,
    record: ItemRecord,
    view: _View,
    policy: MeasurePolicy,
    open_minor: int,
    opening: int,
) -> None:
    sums, key = cell.sums, (record.creditor, record.item)
    if record.amount_minor > 0:
        sums["debits"] += open_minor
        sums["disputed"] += view.disputed.get(key, 0)
        if policy.leaves_out_disputed:
            open_minor -= view.disputed.get(key, 0)
            opening -= view.disputed_before.get(key, 0)
    if policy.without_tax and (open_minor or opening):
        cell.is_untold |= record.tax_minor is None
        open_minor, opening = record.without_tax(open_minor), record.without_tax(opening)
    if record.amount_minor < 0:
        sums["credits"] += open_minor
        sums["credit_notes"] += open_minor
        sums["opening_credits"] += opening
        return
    sums["opening_debits"] += opening
    if not open_minor:
        return
    due = rules.NEVER if (said := record.due_on(view.day, view.known_at)) is None else said
    parts = rules.open_parts(open_minor, as_of=view.day, due=due, way=policy.beyond_terms)
    for name, minor in parts.items():
        sums[name] += minor
    month = cell.months[record.month]
    month.open_minor += open_minor
    month.open_days += open_minor * (view.day - record.since)


def _count_sales(
    cell: Group,
    record: ItemRecord,
    view: _View,
    policy: MeasurePolicy,
    seen: Iterable[MoveRecord],
) -> None:
    """What was sold, on its day; what was cancelled counts against the sales of that day."""
    sales = record.sales_minor + (record.charges_minor if policy.counts_charges else 0)
    if policy.without_tax and sales:
        cell.is_untold |= record.tax_minor is None
        sales = record.without_tax(sales)
    if sales:
        cell.sell(record.since, sales, month=record.month, in_period=view.in_period(record.since))
    if record.kind is ItemKind.DEDUCTION and view.in_period(record.since):
        cell.sums["deducted"] += _told(cell, record, policy, record.amount_minor)
    for move in seen:
        if move.kind is not MoveKind.CANCELLED:
            continue
        if sales:
            month = month_of(move.day)
            cell.sell(move.day, -sales, month=month, in_period=view.in_period(move.day))
        if record.kind is ItemKind.DEDUCTION and view.in_period(move.day):
            cell.sums["deducted"] -= _told(cell, record, policy, record.amount_minor)


def _told(cell: Group, record: ItemRecord, policy: MeasurePolicy, minor: int) -> int:
    """An amount of an item, without its tax where that is asked for."""
    if not policy.without_tax:
        return minor
    cell.is_untold |= record.tax_minor is None
    return record.without_tax(minor)


def _count_moves(
    cell: Group,
    record: ItemRecord,
    view: _View,
    policy: MeasurePolicy,
    seen: Iterable[MoveRecord],
) -> None:
    """What was paid, written off and recovered in the period."""
    sums = cell.sums
    due = rules.NEVER if (said := record.due_on(view.day, view.known_at)) is None else said
    for move in seen:
        if move.kind is MoveKind.PAID and record.amount_minor > 0 and view.in_period(move.paid_on):
            days, weight = rules.weighed(
                move.amount_minor, day=move.paid_on, due=due, way=policy.lateness
            )
            sums["paid_days"] += days
            sums["paid"] += weight
        elif move.kind is MoveKind.WRITTEN_OFF and view.in_period(move.day):
            sums["written_off"] += _told(cell, record, policy, move.amount_minor)
        elif move.kind is MoveKind.RECOVERED and view.in_period(move.day):
            tax = move.tax_minor if policy.without_tax else 0
            sums["recovered"] -= move.amount_minor - tax


def measure_columns(
    ledger: Ledger,
    creditor: str | None = None,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    segments: Mapping[str, str] | None = None,
) -> LedgerColumns:
    """Items and moves as `receivables.measures.columns` takes them, with all that it can tell.

    Beside what `Ledger.to_columns` has, items say their ``sales_minor``, what is contested of them
    on the day (``contested_minor``) and, with `segments`, the ``segment`` of their customer; moves
    say their ``kind`` (a value of `MoveKind`) and the day of the money (``paid_on``).  Customers,
    due dates and disputes are those of the day, as known at the moment.

    >>> from receivables.ledger import Ledger
    >>> measure_columns(Ledger(), as_of=dt.date(2026, 10, 31)).moves["paid_on"]
    []
    """
    check_day(as_of, name="as_of")
    desk = _Desk(
        ledger=ledger,
        creditor=creditor,
        items=read_items(ledger, creditor),
        by=(),
        policy=_POLICY,
        measures=(),
        segments=_NO_SEGMENTS if segments is None else segments,
        currency="",
        rates=None,
        cases={type(event) for event in ledger.events} & {DisputeOpened},
    )
    day = as_of.toordinal()
    held = desk._disputed(day, known_at)  # noqa: SLF001  # the same module
    rows = [
        _item_row(record, day, known_at, held.get(key, 0), segments)
        for key, record in desk.items.items()
    ]
    moves = [_move_row(record, move) for record in desk.items.values() for move in record.moves]
    names = _ITEM_NAMES if segments is None else (*_ITEM_NAMES, "segment")
    return LedgerColumns(
        items={name: [row[name] for row in rows] for name in names},
        moves={name: [row[name] for row in moves] for name in _MOVE_NAMES},
    )


_ITEM_NAMES: Final = (
    "creditor",
    "item",
    "customer",
    "currency",
    "kind",
    "amount_minor",
    "due_date",
    "effective_on",
    "recorded_at",
    "sales_minor",
    "contested_minor",
)
_MOVE_NAMES: Final = (
    "creditor",
    "item",
    "amount_minor",
    "effective_on",
    "recorded_at",
    "paid_on",
    "kind",
)


def _item_row(
    record: ItemRecord,
    day: int,
    known_at: dt.datetime | None,
    held: int,
    segments: Mapping[str, str] | None,
) -> dict[str, object]:
    customer = record.customer_on(day, known_at)
    due = record.due_on(day, known_at)
    return {
        "creditor": record.creditor,
        "item": record.item,
        "customer": customer,
        "currency": record.currency,
        "kind": record.kind.value,
        "amount_minor": record.amount_minor,
        "due_date": None if due is None else dt.date.fromordinal(due),
        "effective_on": dt.date.fromordinal(record.since),
        "recorded_at": record.at,
        "sales_minor": record.sales_minor,
        "contested_minor": held,
        "segment": (segments or {}).get(customer, ""),
    }


def _move_row(record: ItemRecord, move: MoveRecord) -> dict[str, object]:
    return {
        "creditor": record.creditor,
        "item": record.item,
        "amount_minor": move.amount_minor,
        "effective_on": dt.date.fromordinal(move.day),
        "recorded_at": move.at,
        "paid_on": dt.date.fromordinal(move.paid_on),
        "kind": move.kind.value,
    }
