"""Interest and compensation as documents of their own: debit notes, and the way back.

An invoice is never changed.  A run charges what is new since the last one, so that a day is charged
once, and running it again charges nothing.

>>> from receivables.interest.loading import jurisdiction
>>> from receivables.interest.model import RateSeries, RateTable
>>> from receivables.money import money
>>> mro = RateSeries.stepwise("ecb.mro", {"2025-06-11": "2.15", "2026-06-17": "2.40"}, source="ECB")
>>> policy = InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([mro]))
>>> late = LateItem.of(money("1200.00", "EUR"), item="F-1", creditor="MIRA", customer="C-017",
...                    due_date=dt.date(2026, 5, 31))
>>> charging = Charging(number=lambda category, customer: f"{category}-1", payable_days=30)
>>> run = interest_documents([late], policy=policy, as_of=dt.date(2026, 7, 31), charging=charging)
>>> [(note.number, note.total, note.concerns) for note in run.documents]
[('compensation-1', Money('40.00', 'EUR'), ('F-1',)), ('late-interest-1', Money('24.62', 'EUR'), ('F-1',))]
>>> again = interest_documents([late], policy=policy, as_of=dt.date(2026, 7, 31), charging=charging,
...                            charged=charged_in(run.documents))
>>> again.documents
()
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from receivables import limits
from receivables.documents.model import CreditNote, DebitNote, Document, ItemId, Line
from receivables.errors import DocumentError, PolicyError
from receivables.interest.accrual import Interest, InterestPolicy, LateItem
from receivables.interest.objects import compensation_for, interest_on
from receivables.money import Money, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "CATEGORIES",
    "CHARGE_CATEGORIES",
    "COMPENSATION",
    "LATE_INTEREST",
    "Charge",
    "Charged",
    "Charging",
    "InterestRun",
    "Overcharge",
    "charged_in",
    "described",
    "interest_documents",
    "reversal_of",
]

LATE_INTEREST: Final = "late-interest"
"""The category of lines that charge interest."""

COMPENSATION: Final = "compensation"
"""The category of lines that charge the fixed sum for recovery costs."""

CATEGORIES: Final = frozenset({COMPENSATION, LATE_INTEREST})

CHARGE_CATEGORIES: Final = CATEGORIES | {"dunning-fee", "return-fee"}
"""Items of these categories are charges: they bear no fee and no interest themselves."""


@attrs.frozen(kw_only=True)
class Charge:
    """One line to be charged: for interest, with the days and rates that are new."""

    category: str
    item: ItemId
    creditor: CreditorId
    customer: CustomerId
    amount: Money
    interest: Interest | None = None


def described(charge: Charge) -> str:
    """What a line says, in English and plainly; give `Charging` another to say it otherwise."""
    if charge.interest is None or not charge.interest.segments:
        return f"{charge.category} on {charge.item}"
    segments = charge.interest.segments
    return (
        f"{charge.category} on {charge.item}, {segments[0].first} to {segments[-1].last}, "
        f"{charge.interest.days} days"
    )


@attrs.frozen(kw_only=True)
class Charging:
    """How charges become documents.

    `number` is asked for each document, by category and customer, and only once it will be made.
    Documents are dated on the day of the run and due `payable_days` later; `posting_date` is the
    day they count in the books, where it is another.  `together` puts interest and compensation
    into one document, numbered by the category of interest.
    """

    number: Callable[[str, str], str]
    payable_days: int = attrs.field(default=0)
    posting_date: dt.date | None = None
    together: bool = False
    with_compensation: bool = True
    describe: Callable[[Charge], str] = described

    @payable_days.validator
    def _check_payable_days(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= limits.TERM_DAYS_MAX:
            msg = f"payable_days must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Charged:
    """What was charged on an item for one category already, and up to which day."""

    creditor: CreditorId = attrs.field(converter=CreditorId)
    item: ItemId = attrs.field(converter=ItemId)
    category: str
    until: dt.date
    amount_minor: int


_Known: TypeAlias = Mapping[tuple[str, str, str], Charged]
"""What was charged by creditor, item and category."""


@attrs.frozen(kw_only=True)
class Overcharge:
    """What was charged above what is right now: a payment was found that came earlier, say."""

    category: str
    item: ItemId
    creditor: CreditorId
    amount: Money


@attrs.frozen(kw_only=True)
class InterestRun:
    """The documents of one day, their charges one by one, and what was charged too much before.

    Nothing is recorded: issue the documents, or drop them.  An overcharge makes no document; a
    reversal of the note that made it does, and the next run then charges what is right.
    """

    as_of: dt.date
    documents: tuple[DebitNote, ...]
    charges: tuple[Charge, ...]
    overcharged: tuple[Overcharge, ...]


def interest_documents(
    items: Iterable[LateItem],
    *,
    policy: InterestPolicy,
    as_of: dt.date,
    charging: Charging,
    charged: Iterable[Charged] = (),
) -> InterestRun:
    """The debit notes that charge interest and compensation up to a day, less what was charged.

    One note for interest and one for compensation, per creditor, customer and currency, in their
    order; each line charges one item, the lines' items are `concerns`, and there is no tax.  The
    amounts of all runs add up to what one run would have charged, to the cent.  What was charged up
    to the day, or beyond it, is left alone.
    """
    known: _Known = {(one.creditor, one.item, one.category): one for one in charged}
    found = [
        charge
        for item in items
        for charge in (
            _interest_left(item, policy, as_of, known),
            _compensation_left(item, policy, as_of, known) if charging.with_compensation else None,
        )
        if charge is not None
    ]
    charges = tuple(one for one in found if to_minor(one.amount) > 0)
    return InterestRun(
        as_of=as_of,
        documents=tuple(_documents(charges, as_of, charging)),
        charges=charges,
        overcharged=tuple(_overcharge(one) for one in found if to_minor(one.amount) < 0),
    )


def _interest_left(
    item: LateItem, policy: InterestPolicy, as_of: dt.date, known: _Known
) -> Charge | None:
    """The interest that is right less what was charged; None where that is nothing."""
    before = known.get((item.creditor, item.item, LATE_INTEREST))
    if before is not None and as_of <= before.until:
        return None
    interest = interest_on(item, policy=policy, as_of=as_of)
    minor = interest.amount_minor - (before.amount_minor if before else 0)
    if not minor:
        return None
    if before is not None:
        interest = interest_on(item, policy=policy, as_of=as_of, since=before.until)
    return _charge(item, LATE_INTEREST, from_minor(minor, item.currency), interest)


def _compensation_left(
    item: LateItem, policy: InterestPolicy, as_of: dt.date, known: _Known
) -> Charge | None:
    """The fixed sum less what was charged; None where that is nothing."""
    before = known.get((item.creditor, item.item, COMPENSATION))
    if before is not None and as_of <= before.until:
        return None
    due = compensation_for(item, jurisdiction=policy.jurisdiction, as_of=as_of)
    minor = (to_minor(due) if due else 0) - (before.amount_minor if before else 0)
    if not minor:
        return None
    return _charge(item, COMPENSATION, from_minor(minor, policy.jurisdiction.currency))


def _charge(
    item: LateItem, category: str, amount: Money, interest: Interest | None = None
) -> Charge:
    return Charge(
        category=category,
        item=item.item,
        creditor=item.creditor,
        customer=item.customer,
        amount=amount,
        interest=interest,
    )


def _overcharge(found: Charge) -> Overcharge:
    return Overcharge(
        category=found.category, item=found.item, creditor=found.creditor, amount=-found.amount
    )


def _documents(
    charges: Iterable[Charge], as_of: dt.date, charging: Charging
) -> Iterator[DebitNote]:
    def account(charge: Charge) -> tuple[str, str, str, str]:
        kind = LATE_INTEREST if charging.together else charge.category
        return (charge.creditor, charge.customer, charge.amount.currency.code, kind)

    ordered = sorted(charges, key=account)
    for (_, customer, _, kind), group in itertools.groupby(ordered, key=account):
        lines = list(group)
        yield _document(lines, charging.number(kind, customer), as_of, charging)


def _document(
    charges: Sequence[Charge], number: str, as_of: dt.date, charging: Charging
) -> DebitNote:
    first = charges[0]
    return DebitNote(
        number=number,
        creditor=first.creditor,
        customer=first.customer,
        document_date=as_of,
        posting_date=charging.posting_date or as_of,
        due_date=as_of + dt.timedelta(days=charging.payable_days),
        lines=[
            Line(description=charging.describe(one), net=one.amount, category=one.category)
            for one in charges
        ],
        concerns=[one.item for one in charges],
    )


def charged_in(documents: Iterable[Document]) -> tuple[Charged, ...]:
    """What debit notes have charged on each item, less the credit notes that correct them.

    A note counts up to the day it is dated; a correction takes off what its own lines say, and a
    note that is reversed in full counts for nothing.  Raises `DocumentError` for a note whose lines
    and `concerns` do not go together, and for a correction that has other lines than its note.
    """
    held = list(documents)
    notes = {
        (note.creditor, note.number): note
        for note in held
        if isinstance(note, DebitNote) and any(line.category in CATEGORIES for line in note.lines)
    }
    left = {key: [to_minor(line.net) for line in note.lines] for key, note in notes.items()}
    for credit in held:
        key = (credit.creditor, credit.corrects) if isinstance(credit, CreditNote) else None
        if key in notes:
            left[key] = _less(left[key], credit)
    totals: dict[tuple[str, str, str], Charged] = {}
    for key, note in notes.items():
        for one in _charged_by(note, left[key]):
            place = (one.creditor, one.item, one.category)
            totals[place] = _added(totals[place], one) if place in totals else one
    return tuple(totals[place] for place in sorted(totals))


def _less(amounts: Sequence[int], credit: Document) -> list[int]:
    if len(credit.lines) != len(amounts):
        msg = f"credit note {credit.number} must have the {len(amounts)} lines of what it corrects, got {len(credit.lines)}"
        raise DocumentError(msg)
    return [minor - to_minor(line.net) for minor, line in zip(amounts, credit.lines, strict=True)]


def _charged_by(note: DebitNote, amounts: Sequence[int]) -> Iterator[Charged]:
    if len(note.concerns) != len(note.lines):
        msg = f"concerns of {note.number} must name an item for each of its {len(note.lines)} lines, got {len(note.concerns)}"
        raise DocumentError(msg)
    for item, line, minor in zip(note.concerns, note.lines, amounts, strict=True):
        if minor and line.category in CATEGORIES:
            yield Charged(
                creditor=note.creditor,
                item=item,
                category=line.category,
                until=note.document_date,
                amount_minor=minor,
            )


def _added(one: Charged, other: Charged) -> Charged:
    return attrs.evolve(
        one,
        until=max(one.until, other.until),
        amount_minor=one.amount_minor + other.amount_minor,
    )


def reversal_of(note: DebitNote, *, number: str, document_date: dt.date) -> CreditNote:
    """The credit note that takes a debit note back in full, line by line."""
    return CreditNote(
        number=number,
        creditor=note.creditor,
        customer=note.customer,
        document_date=document_date,
        lines=note.lines,
        corrects=note.number,
        references=(note.number,),
    )
