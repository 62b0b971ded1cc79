"""What was sold: invoices, credit notes and debit notes, as light rows that become documents."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

import attrs

from receivables.documents.model import CreditNote, DebitNote, Document, Invoice, ItemKind
from receivables.money import from_minor
from receivables.parties import CustomerId
from receivables.terms import due_date, parse_terms
from receivables.testing import _digits
from receivables.testing._dice import Dice, Quantiles, Weights
from receivables.testing._market import Market

__all__ = ["Sale", "sell"]

_KINDS: Final = {
    "FA": ItemKind.INVOICE,
    "AV": ItemKind.CREDIT_NOTE,
    "ND": ItemKind.DEBIT_NOTE,
}
_DIGITS: Final = 5
_WEEKEND: Final = 5
_MONTH_END_WEIGHT: Final = 4
_MONTH_END_DAYS: Final = 4
_REPEATED: Final = 150
_CREDITED: Final = 30
_CREDITED_WHOLLY: Final = 200
_DEBIT_NOTES: Final = 5
_ZIPF: Final = 1.05
_WEIGHT: Final = 10**9

_AMOUNTS: Final = Quantiles(
    *((0, 2_000), (1, 4_787), (10, 18_789), (50, 63_633), (100, 121_929), (200, 267_980)),
    *((300, 472_831), (400, 768_103), (500, 1_208_838), (600, 1_902_466), (700, 3_090_511)),
    *((800, 5_452_977), (900, 11_984_773), (950, 22_964_456), (975, 40_366_295)),
    *((990, 77_775_177), (996, 139_332_698), (999, 305_263_536), (1000, 420_000_000)),
)
"""A lognormal of mu 9.40 and sigma 1.79 by its quantiles, in minor units."""


@attrs.frozen(kw_only=True)
class Sale:
    """One document as a light row; `document` builds the value with all its checks.

    `amount_minor` is positive, as the document prints it; the kind says which way it counts.
    """

    number: str
    kind: ItemKind
    customer: CustomerId
    document_date: dt.date
    due_date: dt.date | None
    amount_minor: int
    currency: str
    terms: str
    order: str
    """The customer's own order number."""
    corrects: str = ""

    @property
    def signed_minor(self) -> int:
        """The amount with its sign on the account: a credit is negative."""
        return -self.amount_minor if self.kind.is_credit else self.amount_minor

    @property
    def reference(self) -> str:
        """The structured creditor reference that the invoice prints; a credit note has none."""
        if self.kind.is_credit:
            return ""
        return _digits.creditor_reference(self.number.replace("-", ""))

    @property
    def references(self) -> tuple[str, ...]:
        """The other numbers by which a payer may name it."""
        return tuple(filter(None, (self.reference, self.order)))

    def document(self, creditor: str) -> Document:
        """The invoice, credit note or debit note."""
        shared: dict[str, Any] = {
            "number": self.number,
            "creditor": creditor,
            "customer": self.customer,
            "document_date": self.document_date,
            "due_date": self.due_date,
            "total": from_minor(self.amount_minor, self.currency),
            "terms": self.terms,
            "references": self.references,
        }
        if self.kind is ItemKind.CREDIT_NOTE:
            return CreditNote(corrects=self.corrects, **shared)
        return (DebitNote if self.kind is ItemKind.DEBIT_NOTE else Invoice)(**shared)


@attrs.define
class _Draft:
    """A sale before it has its number."""

    day: int
    prefix: str
    customer: int
    amount_minor: int
    order: str
    corrects: _Draft | None = None
    number: str = ""


def sell(
    seed: int, market: Market, *, invoices: int, first_day: dt.date, last_day: dt.date
) -> tuple[Sale, ...]:
    """Draw the documents of a period, numbered by day within each year and kind."""
    dice = Dice(seed, "sales")
    drafts = _invoices(dice, len(market.customers), invoices, _calendar(first_day, last_day))
    notes = _notes(Dice(seed, "notes"), drafts)
    drafts = drafts + [note for note in notes if note.day <= last_day.toordinal()]
    drafts.sort(key=lambda draft: draft.day)
    _number(drafts)
    dates = _DueDates()
    return tuple(_sale(draft, market, dates) for draft in drafts)


def _calendar(first_day: dt.date, last_day: dt.date) -> Weights[int]:
    """Working days; the last of a month get more invoices than the others."""
    days = [
        day
        for day in map(dt.date.fromordinal, range(first_day.toordinal(), last_day.toordinal() + 1))
        if day.weekday() < _WEEKEND
    ]
    rows = [
        (
            _MONTH_END_WEIGHT
            if (day + dt.timedelta(days=_MONTH_END_DAYS)).month != day.month
            else 1,
            day,
        )
        for day in days
    ]
    return Weights(*((weight, day.toordinal()) for weight, day in rows))


def _invoices(dice: Dice, customers: int, count: int, calendar: Weights[int]) -> list[_Draft]:
    shares = list(accumulate(int(_WEIGHT / rank**_ZIPF) for rank in range(1, customers + 1)))
    last_amounts: dict[int, int] = {}
    drafts = []
    for number in range(count):
        customer = bisect_right(shares, dice.below(shares[-1]))
        repeated = dice.chance(_REPEATED) and customer in last_amounts
        amount = last_amounts[customer] if repeated else _AMOUNTS.draw(dice)
        last_amounts[customer] = amount
        order = f"BC{dice.below(10**6):06d}" if number % 2 else f"PO-{dice.below(10**5):05d}"
        drafts.append(_Draft(calendar.draw(dice), "FA", customer, amount, order))
    return drafts


def _notes(dice: Dice, invoices: Sequence[_Draft]) -> Iterator[_Draft]:
    """Credit notes some weeks after their invoice, and a few debit notes."""
    for invoice in invoices:
        if dice.chance(_CREDITED):
            part = 100 if dice.chance(_CREDITED_WHOLLY) else dice.between(5, 40)
            yield _Draft(
                _weekday(invoice.day + dice.between(4, 40)),
                "AV",
                invoice.customer,
                max(1, invoice.amount_minor * part // 100),
                invoice.order,
                invoice,
            )
        elif dice.chance(_DEBIT_NOTES):
            yield _Draft(
                _weekday(invoice.day + dice.between(10, 90)),
                "ND",
                invoice.customer,
                dice.between(15, 180) * 100,
                "",
            )


def _weekday(day: int) -> int:
    """The day itself, or the Monday after it."""
    return day + (0, 0, 0, 0, 0, 2, 1)[(day - 1) % 7]


def _number(drafts: Sequence[_Draft]) -> None:
    digits = max(_DIGITS, len(str(len(drafts))))
    counts: dict[str, int] = {}
    for draft in drafts:
        series = f"{draft.prefix}-{dt.date.fromordinal(draft.day).year}"
        counts[series] = count = counts.get(series, 0) + 1
        draft.number = f"{series}-{count:0{digits}d}"


class _DueDates:
    """Due dates by terms and day, each worked out once: a book has few days and fewer terms."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], dt.date] = {}

    def of(self, terms: str, day: int) -> dt.date:
        known = self._known.get((terms, day))
        if known is None:
            known = due_date(parse_terms(terms), baseline_date=dt.date.fromordinal(day))
            self._known[terms, day] = known
        return known


def _sale(draft: _Draft, market: Market, dates: _DueDates) -> Sale:
    customer = market.customers[draft.customer]
    day = dt.date.fromordinal(draft.day)
    kind = _KINDS[draft.prefix]
    credit = kind is ItemKind.CREDIT_NOTE
    return Sale(
        number=draft.number,
        kind=kind,
        customer=customer.customer,
        document_date=day,
        due_date=None if credit else dates.of(customer.terms, draft.day),
        amount_minor=draft.amount_minor,
        currency=market.currencies[draft.customer],
        terms="" if credit else customer.terms,
        order=draft.order,
        corrects=draft.corrects.number if draft.corrects else "",
    )
