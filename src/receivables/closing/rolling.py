"""The roll-forward: from the balance of one day to that of another, by what moved it.

>>> from receivables.testing.builders import a_receipt, an_invoice, issued, received
>>> ledger = Ledger().record(issued(an_invoice(total="100.00")), received(a_receipt(amount="40.00")))
>>> rolled = roll_forward(ledger, first=dt.date(2026, 10, 1), last=dt.date(2026, 10, 31))
>>> rolled.columns
('creditor', 'customer', 'currency', 'opening_minor', 'receipts', 'closing_minor')
>>> rolled.to_rows()
[('MIRA', 'C-017', 'EUR', 10000, -4000, 6000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import attrs

from receivables.accounting.model import Journal, JournalEntry, JournalLine, Role
from receivables.allocation.model import Allocation
from receivables.closing.model import Movement, MovementKind, RollForward, RollForwardRow
from receivables.closing.movements import RESIDUAL_KINDS, movements
from receivables.days import check_day
from receivables.documents.model import ItemKind
from receivables.errors import PolicyError
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger

__all__ = ["ROLE_KINDS", "roll_forward"]

ROLE_KINDS: Final[Mapping[Role, MovementKind]] = {
    Role.SETTLEMENT_DISCOUNT: MovementKind.SETTLEMENT_DISCOUNTS,
    Role.DIFFERENCE_LOSS: MovementKind.SMALL_DIFFERENCES,
    Role.DIFFERENCE_GAIN: MovementKind.SMALL_DIFFERENCES,
    Role.BANK_CHARGE: MovementKind.BANK_CHARGES,
    Role.COLLECTION_FEE: MovementKind.COLLECTION_FEES,
    Role.CASH_ROUNDING_LOSS: MovementKind.CASH_ROUNDING,
    Role.CASH_ROUNDING_GAIN: MovementKind.CASH_ROUNDING,
    Role.WITHHOLDING_TAX: MovementKind.WITHHOLDING_TAX,
    Role.WRITE_OFF: MovementKind.WRITE_OFFS,
    Role.ALLOWANCE: MovementKind.WRITE_OFFS,
    Role.RECOVERY_INCOME: MovementKind.RECOVERIES,
    Role.BANK: MovementKind.REFUNDS,
    Role.CASH: MovementKind.REFUNDS,
    Role.INTERCOMPANY: MovementKind.INTERCOMPANY,
    Role.SETTLED_IN_SOURCE: MovementKind.SETTLED_IN_SOURCE,
    Role.EXCHANGE_LOSS: MovementKind.EXCHANGE,
    Role.EXCHANGE_GAIN: MovementKind.EXCHANGE,
    Role.UNREALIZED_LOSS: MovementKind.REVALUATION,
    Role.UNREALIZED_GAIN: MovementKind.REVALUATION,
    Role.TRANSLATION_LOSS: MovementKind.REVALUATION,
    Role.TRANSLATION_GAIN: MovementKind.REVALUATION,
}
"""What the other side of an entry stands for, by the role of its account; a tax goes with its residual."""

_EXCHANGE: Final = frozenset({MovementKind.EXCHANGE, MovementKind.REVALUATION})
_DAY: Final = dt.timedelta(days=1)

_Key: TypeAlias = tuple[str, str, str]
"""Creditor, customer and currency."""


@attrs.define
class _Row:
    """A row under way."""

    opening_minor: int = 0
    closing_minor: int = 0
    moved: dict[MovementKind, int] = attrs.field(factory=dict)
    functional_currency: str = ""
    functional_opening_minor: int = 0
    functional: dict[MovementKind, int] = attrs.field(factory=dict)

    def move(self, kind: MovementKind, minor: int) -> None:
        self.moved[kind] = self.moved.get(kind, 0) + minor


def roll_forward(
    ledger: Ledger,
    *,
    first: dt.date,
    last: dt.date,
    known_at: dt.datetime | None = None,
    reported_at: dt.datetime | None = None,
    journal: Journal | None = None,
) -> RollForward:
    """The roll-forward of every entity, customer and currency, from `first` to `last` inclusive.

    Opening and closing are the sums of `Ledger.open_items`, of the eve of `first` and of `last`; what
    lies between comes from the events.  Whatever these do not account for would be *unexplained*.
    With `known_at` all is as known then.  With `reported_at`, the moment of an earlier close, the
    opening is as it was known then, and what was learned since is *recorded late*.  With a journal
    each row also has functional amounts, exchange differences included.

    Raises `PolicyError` where `last` lies before `first`.
    """
    check_day(first, name="first")
    check_day(last, name="last")
    if last < first:
        msg = f"last must be {first} or later, got {last}"
        raise PolicyError(msg)
    eve = first - _DAY
    rows: dict[_Key, _Row] = {}
    opening = _balances(ledger, eve, known_at)
    reported = opening if reported_at is None else _balances(ledger, eve, reported_at)
    for key in {*opening, *reported}:
        row = rows.setdefault(key, _Row())
        row.opening_minor = reported.get(key, 0)
        row.move(MovementKind.RECORDED_LATE, opening.get(key, 0) - row.opening_minor)
    for each in movements(ledger, known_at=known_at):
        if first <= each.date <= last:
            _row(rows, each).move(each.kind, each.amount_minor)
    for key, minor in _balances(ledger, last, known_at).items():
        rows.setdefault(key, _Row()).closing_minor = minor
    for row in rows.values():
        accounted = row.opening_minor + sum(row.moved.values())
        row.move(MovementKind.UNEXPLAINED, row.closing_minor - accounted)
    if journal is not None:
        _add_functional(rows, journal, ledger, first=first, last=last)
    return RollForward(
        first=first,
        last=last,
        rows=[_finished(key, row) for key, row in sorted(rows.items()) if _says_anything(row)],
    )


def _balances(ledger: Ledger, day: dt.date, known_at: dt.datetime | None) -> dict[_Key, int]:
    totals: dict[_Key, int] = {}
    for item in ledger.open_items(as_of=day, known_at=known_at):
        key = (str(item.creditor), str(item.customer), item.currency)
        totals[key] = totals.get(key, 0) + item.open_minor
    return totals


def _row(rows: dict[_Key, _Row], each: Movement) -> _Row:
    return rows.setdefault((each.creditor, each.customer, each.currency), _Row())


def _says_anything(row: _Row) -> bool:
    """Whether a row has a balance or a movement; what came and went in one kind still counts."""
    return bool(
        row.opening_minor
        or row.closing_minor
        or any(row.moved.values())
        or row.functional_opening_minor
        or any(row.functional.values())
    )


def _finished(key: _Key, row: _Row) -> RollForwardRow:
    creditor, customer, currency = key
    return RollForwardRow(
        creditor=creditor,
        customer=customer,
        currency=currency,
        opening_minor=row.opening_minor,
        movements=row.moved,
        closing_minor=row.closing_minor,
        functional_currency=row.functional_currency,
        functional_opening_minor=row.functional_opening_minor,
        functional_movements=row.functional,
        functional_closing_minor=row.functional_opening_minor + sum(row.functional.values()),
    )


def _add_functional(
    rows: dict[_Key, _Row], journal: Journal, ledger: Ledger, *, first: dt.date, last: dt.date
) -> None:
    for row in rows.values():
        row.functional_currency = journal.functional_currency
    told = _Told(ledger)
    for entry in journal:
        if entry.date > last:
            continue
        for (customer, currency), kind, minor in told.of(entry):
            row = rows.setdefault((entry.creditor, customer, currency), _Row())
            row.functional_currency = entry.functional_currency
            if entry.date < first:
                row.functional_opening_minor += minor
            else:
                row.functional[kind] = row.functional.get(kind, 0) + minor


_Place: TypeAlias = tuple[str, str]
"""Customer and currency within an entry."""


class _Told:
    """Tells what the control lines of an entry stand for, by its event and by its other lines."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._allocations = {
            (event.allocation.creditor, event.allocation.allocation): event.allocation
            for event in ledger.events
            if isinstance(event, Allocated)
        }

    def of(self, entry: JournalEntry) -> Iterator[tuple[_Place, MovementKind, int]]:
        """The functional movements of an entry; they add up to its control lines, place by place."""
        left: dict[_Place, int] = {}
        for line in entry.lines:
            if line.role.is_control:
                place = (str(line.customer), line.currency)
                left[place] = left.get(place, 0) + line.functional_minor
        event = self._ledger.get(entry.event) if entry.event else None
        allocation = self._allocation(event)
        for line in entry.lines if left else ():
            kind = None if line.role.is_control else _line_kind(line, allocation)
            if kind is not None:
                place = _nearest(line, left)
                left[place] += line.functional_minor
                yield place, kind, -line.functional_minor
        rest = _rest_kind(entry, event, left)
        yield from ((place, rest, minor) for place, minor in left.items() if minor)

    def _allocation(self, event: Event | None) -> Allocation | None:
        if isinstance(event, Allocated):
            return event.allocation
        if isinstance(event, Unallocated):
            return self._allocations.get((event.creditor, event.allocation))
        return None


def _line_kind(line: JournalLine, allocation: Allocation | None) -> MovementKind | None:
    """What a line beside the control lines stands for; None where the event itself says it."""
    kind = ROLE_KINDS.get(line.role)
    if allocation is None:
        return kind if kind in _EXCHANGE else None
    if kind is MovementKind.EXCHANGE and line.amount_minor:
        return MovementKind.CONVERSIONS
    if line.role is Role.TAX:
        taxed = [each for each in allocation.residuals if each.tax_minor]
        return RESIDUAL_KINDS[taxed[0].kind] if taxed else None
    return kind


def _nearest(line: JournalLine, places: Iterable[_Place]) -> _Place:
    """The customer and currency that a line belongs to, as far as it says."""
    return min(
        places, key=lambda place: (place[0] != line.customer, place[1] != line.currency, place)
    )


def _rest_kind(
    entry: JournalEntry, event: Event | None, places: Mapping[_Place, int]
) -> MovementKind:
    if isinstance(event, DocumentIssued):
        return _DOCUMENTS[event.document.kind]
    if isinstance(event, Allocated | Unallocated):
        currencies = {currency for _, currency in places}
        return MovementKind.CONVERSIONS if len(currencies) > 1 else MovementKind.TRANSFERS
    if event is None:
        others = [line.role for line in entry.lines if not line.role.is_control]
        is_revaluation = others and all(ROLE_KINDS.get(role) in _EXCHANGE for role in others)
        return MovementKind.REVALUATION if is_revaluation else MovementKind.UNEXPLAINED
    return _EVENTS.get(type(event), MovementKind.UNEXPLAINED)


_DOCUMENTS: Final = {
    ItemKind.INVOICE: MovementKind.INVOICES,
    ItemKind.DEBIT_NOTE: MovementKind.DEBIT_NOTES,
    ItemKind.CREDIT_NOTE: MovementKind.CREDIT_NOTES,
}
_EVENTS: Final[Mapping[type[Event], MovementKind]] = {
    DocumentCancelled: MovementKind.CANCELLATIONS,
    ReceiptIdentified: MovementKind.TRANSFERS,
    ReceiptRecorded: MovementKind.RECEIPTS,
    ReceiptReturned: MovementKind.RETURNS,
}
