"""Statements of account from a ledger: one customer, a payer group, or every customer.

>>> from receivables.documents import Invoice
>>> from receivables.ledger import DocumentIssued
>>> from receivables.money import money
>>> learned = dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)
>>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
...                   document_date=dt.date(2026, 9, 30), due_date=dt.date(2026, 10, 30),
...                   total=money("1200.00", "EUR"))
>>> ledger = Ledger().record(DocumentIssued.of(invoice, recorded_at=learned))
>>> statement = statement_of_account(ledger, "MIRA", "C-017", as_of=dt.date(2026, 11, 2))
>>> [(part.currency, part.closing_minor) for part in statement.parts]
[('EUR', 120000)]
>>> statement.parts[0].items[0].days_past_due
3
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import attrs

from receivables.aging.model import AgingRow, AgingScheme
from receivables.aging.objects import age
from receivables.days import check_day, days_past
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.ledger.objects import Ledger
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId, PayerGroup
from receivables.statements._account import Reader
from receivables.statements.model import (
    STANDARD_SCHEME,
    StatementForm,
    StatementItem,
    StatementMovement,
    StatementMovementKind,
    StatementOfAccount,
    StatementPart,
)

__all__ = ["group_statement", "statement_of_account", "statements_of_account"]


def statement_of_account(
    ledger: Ledger,
    creditor: str,
    customer: str,
    *,
    as_of: dt.date,
    since: dt.date | None = None,
    form: StatementForm | None = None,
    known_at: dt.datetime | None = None,
    scheme: AgingScheme = STANDARD_SCHEME,
) -> StatementOfAccount:
    """What a customer owes at the end of a day, per currency, with its aging.

    The form is that of open items, or with `since` that of a running balance from that day on;
    a running balance without `since` starts from nothing.  With `known_at`, a moment in UTC, only
    what was recorded by then counts.  Raises `PolicyError` for days that are none or that do not
    follow each other, and `DocumentError` where the scheme refuses items without a due date.
    """
    asked = _asked(as_of=as_of, since=since, form=form, known_at=known_at, scheme=scheme)
    office = _Office(ledger, creditor, asked)
    return office.statement(CustomerId(customer), (CustomerId(customer),))


def group_statement(
    ledger: Ledger,
    creditor: str,
    group: PayerGroup,
    *,
    as_of: dt.date,
    since: dt.date | None = None,
    form: StatementForm | None = None,
    known_at: dt.datetime | None = None,
    scheme: AgingScheme = STANDARD_SCHEME,
) -> StatementOfAccount:
    """One statement for the payer of a group over all its members, a part for each of them.

    The rest is as for `statement_of_account`.
    """
    asked = _asked(as_of=as_of, since=since, form=form, known_at=known_at, scheme=scheme)
    members = tuple(dict.fromkeys((group.payer, *group.members)))
    return _Office(ledger, creditor, asked).statement(group.payer, members)


def statements_of_account(
    ledger: Ledger,
    creditor: str,
    customers: Iterable[str] | None = None,
    *,
    as_of: dt.date,
    since: dt.date | None = None,
    form: StatementForm | None = None,
    known_at: dt.datetime | None = None,
    scheme: AgingScheme = STANDARD_SCHEME,
) -> Iterator[StatementOfAccount]:
    """A statement for each customer, reading the ledger once; those with nothing to say are left out.

    Without `customers` they are all customers of the creditor, but for the account of unidentified
    receipts.  The rest is as for `statement_of_account`.
    """
    asked = _asked(as_of=as_of, since=since, form=form, known_at=known_at, scheme=scheme)
    office = _Office(ledger, creditor, asked)
    known = [name for name in office.customers if name != UNIDENTIFIED]
    for name in known if customers is None else map(CustomerId, customers):
        statement = office.statement(name, (name,))
        if statement.parts:
            yield statement


@attrs.frozen(kw_only=True)
class _Asked:
    """What is asked of a ledger."""

    as_of: dt.date
    since: dt.date | None
    form: StatementForm
    known_at: dt.datetime | None
    scheme: AgingScheme

    @property
    def is_running(self) -> bool:
        return self.form is StatementForm.RUNNING_BALANCE


def _asked(
    *,
    as_of: dt.date,
    since: dt.date | None,
    form: StatementForm | None,
    known_at: dt.datetime | None,
    scheme: AgingScheme,
) -> _Asked:
    check_day(as_of, name="as_of")
    if since is not None:
        check_day(since, name="since")
        if since > as_of:
            msg = f"since must be {as_of} or earlier, got {since}"
            raise PolicyError(msg)
        if form is StatementForm.OPEN_ITEM:
            msg = f"since must be left out of an open-item statement, got {since}"
            raise PolicyError(msg)
    if known_at is not None and known_at.tzinfo is None:
        msg = f"known_at must be a moment with a time zone, got {known_at!r}"
        raise PolicyError(msg)
    default = StatementForm.OPEN_ITEM if since is None else StatementForm.RUNNING_BALANCE
    return _Asked(as_of=as_of, since=since, form=form or default, known_at=known_at, scheme=scheme)


class _Office:
    """A ledger read for one question, from which statements of any customer are written."""

    def __init__(self, ledger: Ledger, creditor: str, asked: _Asked) -> None:
        self._creditor = CreditorId(creditor)
        self._asked = asked
        self._reader = Reader(ledger, creditor, asked.known_at)
        self._open = self._open_on(ledger, asked.as_of)
        before = asked.since and asked.since > dt.date.min and asked.since - dt.timedelta(days=1)
        self._opened = self._open_on(ledger, before) if before else {}

    def _open_on(
        self, ledger: Ledger, day: dt.date
    ) -> dict[tuple[CustomerId, str], list[OpenItem]]:
        found: dict[tuple[CustomerId, str], list[OpenItem]] = defaultdict(list)
        for item in ledger.open_items(as_of=day, known_at=self._asked.known_at):
            if item.creditor == self._creditor:
                found[item.customer, item.currency].append(item)
        return found

    @property
    def customers(self) -> tuple[CustomerId, ...]:
        return self._reader.customers

    def statement(
        self, customer: CustomerId, customers: tuple[CustomerId, ...]
    ) -> StatementOfAccount:
        parts = [part for name in customers for part in self._parts(name)]
        # The sort is stable, so that the customers keep their order within a currency.
        parts.sort(key=lambda part: part.currency)
        asked = self._asked
        return StatementOfAccount(
            creditor=self._creditor,
            customer=customer,
            customers=customers,
            as_of=asked.as_of,
            since=asked.since,
            known_at=asked.known_at,
            form=asked.form,
            scheme=asked.scheme,
            parts=parts,
        )

    def _parts(self, customer: CustomerId) -> Iterator[StatementPart]:
        moved = self._moved(customer) if self._asked.is_running else {}
        accounts = (*self._open, *self._opened)
        currencies = {currency for name, currency in accounts if name == customer}
        for currency in sorted({*currencies, *moved}):
            yield self._part(customer, currency, moved.get(currency, []))

    def _moved(self, customer: CustomerId) -> dict[str, list[StatementMovement]]:
        asked, found = self._asked, defaultdict[str, list[StatementMovement]](list)
        for each in self._reader.movements(customer):
            first = asked.since or dt.date.min
            if first <= each.movement.on <= asked.as_of:
                found[each.currency].append(each.movement)
        return found

    def _part(
        self, customer: CustomerId, currency: str, movements: Sequence[StatementMovement]
    ) -> StatementPart:
        items = self._open.get((customer, currency), [])
        closing = sum(item.open_minor for item in items)
        opening = sum(item.open_minor for item in self._opened.get((customer, currency), []))
        running = self._asked.is_running
        return StatementPart(
            creditor=self._creditor,
            customer=customer,
            currency=currency,
            opening_minor=opening if running else None,
            movements=self._running(movements, opening, closing) if running else (),
            closing_minor=closing,
            items=self._items(items),
            aging=self._aging(customer, currency, items),
        )

    def _running(
        self, movements: Sequence[StatementMovement], opening: int, closing: int
    ) -> Iterator[StatementMovement]:
        balance = opening
        for movement in movements:
            balance += movement.amount_minor
            yield attrs.evolve(movement, balance_minor=balance)
        if balance != closing:
            # What the columns of the ledger do not tell must still be seen.
            yield self._unknown(closing - balance, closing)

    def _unknown(self, amount_minor: int, closing: int) -> StatementMovement:
        return StatementMovement(
            on=self._asked.as_of,
            recorded_at=self._asked.known_at or dt.datetime.min.replace(tzinfo=dt.UTC),
            kind=StatementMovementKind.OTHER,
            document="",
            amount_minor=amount_minor,
            balance_minor=closing,
        )

    def _items(self, items: Sequence[OpenItem]) -> list[StatementItem]:
        as_of = self._asked.as_of
        return [
            StatementItem(
                item=item,
                days_past_due=None
                if item.due_date is None or item.open_minor < 0
                else days_past(item.due_date, as_of=as_of),
                settled_parts=self._reader.settled_parts(item.item, as_of=as_of)
                if item.open_minor != item.amount_minor
                else (),
            )
            for item in sorted(items, key=_oldest_first)
        ]

    def _aging(self, customer: CustomerId, currency: str, items: Sequence[OpenItem]) -> AgingRow:
        aging = age(items, scheme=self._asked.scheme, as_of=self._asked.as_of)
        if aging.rows:
            return aging.rows[0]
        return AgingRow(
            creditor=self._creditor,
            customer=customer,
            currency=currency,
            buckets_minor=(0,) * self._asked.scheme.bucket_count,
            credits_minor=0,
            total_minor=0,
            items=0,
        )


def _oldest_first(item: OpenItem) -> tuple[dt.date, dt.date, str]:
    return (item.due_date or item.document_date, item.document_date, item.item)
