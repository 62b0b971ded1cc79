"""From bank entries that took money back to returns of the ledger: which receipt it was.

A return is recognized by what the bank repeats of the original payment: its end-to-end reference,
or the payer's account together with the amount.  It is applied where that leads to one receipt and
no other; anything else is for a person.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import attrs

from receivables.accounting import settled_payout
from receivables.adapters import PayoutRecord
from receivables.documents.model import ItemId
from receivables.errors import EventError, ReceivablesError
from receivables.ledger.model import Event, EventId
from receivables.ledger.objects import Ledger
from receivables.ledger.payouts import PayoutSettled
from receivables.ledger.returns import ReopenedDue, Return, plan_return
from receivables.money import Money, from_minor, to_minor
from receivables.parties import CreditorId
from receivables.problems import Place, Problem, Severity
from receivables.receipts.identity import Names
from receivables.receipts.model import BankEntry, EntryDetail, Receipt, ReceiptId, ReturnReason
from receivables.receipts.objects import entry_names
from receivables.receipts.returns import return_reason
from receivables.receipts.settling import (
    MatchedPayout,
    SettledPayouts,
    SettlingPolicy,
    TakenBack,
    settle_payouts,
)

__all__ = ["PaidOut", "Returned", "apply_payouts", "apply_returns", "apply_taken_back"]

_WINDOW: Final = dt.timedelta(days=400)
"""How long after a receipt a return may come: thirteen months for a debit that nobody authorized
(SEPA Direct Debit Core rulebook, section 4.3.4; unverified), and some days for the bank."""


@attrs.frozen(kw_only=True)
class Returned:
    """What became of the entries that took money back: the ledger, and a problem for each unknown."""

    ledger: Ledger
    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()


@attrs.frozen(kw_only=True)
class PaidOut:
    """What became of payouts: the ledger with those that are settled now, and what is no receipt."""

    ledger: Ledger
    settled: SettledPayouts
    not_receipts: frozenset[ReceiptId] = frozenset()
    """The names of receipts that bank entries would have if they were no payouts."""
    problems: tuple[Problem, ...] = ()


def apply_payouts(
    records: Iterable[PayoutRecord],
    entries: Sequence[BankEntry],
    *,
    ledger: Ledger,
    creditor: str,
    recorded_at: dt.datetime,
    policy: SettlingPolicy | None = None,
    customer_accounts: Collection[str] = (),
) -> PaidOut:
    """Settle payouts for good: each on the day of its bank entry, and one of nothing on its own day.

    What was settled before stays so, whether its report is still there or not.  A bank entry that
    was a receipt before its report came is taken off the ledger again: what it had paid is open, and
    a warning ``payout.was-receipt`` says so.
    """
    names = list(entry_names(entries))
    known = _settled_before(ledger, creditor, names)
    settled = settle_payouts(
        records,
        entries,
        creditor=creditor,
        policy=policy,
        settled=known,
        customer_accounts=customer_accounts,
    )
    by_entry = {id(entry): own for entry, own in zip(entries, names, strict=True)}
    left = {id(entry) for entry in settled.entries}
    problems: list[Problem] = []
    for matched in settled.payouts:
        if matched.is_known or not _is_settled(matched, recorded_at.date()):
            continue
        own = by_entry.get(id(matched.entry), ())
        event = _settling(matched, own, ledger, creditor, recorded_at)
        ledger = ledger.record(event)
        ledger = _withdrawn(event, ledger, recorded_at, problems)
    taken = (name for entry, own in by_entry.items() if entry not in left for name in own)
    return PaidOut(
        ledger=ledger,
        settled=settled,
        not_receipts=frozenset(taken),
        problems=(*settled.problems, *problems),
    )


def _settled_before(
    ledger: Ledger, creditor: str, names: Sequence[tuple[ReceiptId, ...]]
) -> dict[tuple[str, str], int | None]:
    """The payouts that were settled before, each with the place of its entry."""
    places = {own[0]: place for place, own in enumerate(names)}
    found: dict[tuple[str, str], int | None] = {}
    for event in ledger.casework(creditor, as_of=dt.date.max, kinds=(PayoutSettled,)):
        assert isinstance(event, PayoutSettled)  # noqa: S101  # what was asked for
        payout = event.payout
        name = payout.payout.removeprefix(f"{payout.processor}:")
        found[payout.processor, name] = places.get(payout.receipts[0]) if payout.receipts else None
    return found


def _is_settled(matched: MatchedPayout, today: dt.date) -> bool:
    """Whether it is on the bank; one that comes to nothing never is, and is settled on its day."""
    payout = matched.payout
    is_nothing = not payout.amount_minor and payout.movements > 0 and payout.paid_on <= today
    return matched.entry is not None or is_nothing


def _settling(
    matched: MatchedPayout,
    names: tuple[ReceiptId, ...],
    ledger: Ledger,
    creditor: str,
    recorded_at: dt.datetime,
) -> PayoutSettled:
    settled = settled_payout(matched, receipts=names)
    return PayoutSettled(
        event=EventId(f"payout:{creditor}:{settled.payout}"),
        effective_on=ledger.open_day(creditor, matched.day),
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        payout=settled,
    )


def _withdrawn(
    event: PayoutSettled, ledger: Ledger, recorded_at: dt.datetime, problems: list[Problem]
) -> Ledger:
    """Take receipts off the ledger that were recorded before it was known that they are a payout."""
    receipts = ledger.receipts()
    for name in event.payout.receipts:
        found = receipts.get((event.creditor, name))
        if found is None or not _left(ledger, found):
            continue
        day = ledger.open_day(event.creditor, found.booking_date)
        planned = Return(
            name=f"{event.payout.payout}:{name}",
            creditor=event.creditor,
            receipt=name,
            effective_on=day,
            reason=ReturnReason.PROCESSING_ERROR,
            reason_code="payout",
        )
        what = f"receipt {name} of {found.amount.amount} {found.currency} is the payout {event.payout.payout}"
        message = f"{what}; it was taken off again, and what it had paid is open"
        try:
            ledger = ledger.record(*plan_return(ledger, planned, recorded_at=recorded_at))
        except EventError as error:
            message = f"{what}, and could not be taken off: {error}; undo by hand what it had paid"
        place = found.source or Place(found.account or "ledger")
        severity = Severity.WARNING
        problems.append(Problem("payout.was-receipt", message, place=place, severity=severity))
    return ledger


def apply_returns(
    entries: Iterable[BankEntry],
    *,
    ledger: Ledger,
    creditor: str,
    recorded_at: dt.datetime,
    due: ReopenedDue = ReopenedDue.ORIGINAL,
) -> Returned:
    """Record the returns that lead to one receipt; the others are warnings ``receipt.returned``.

    A return that is on the ledger already changes nothing.  One that the ledger refuses (its period
    is closed, what it had left owed is settled) is a warning too, with the ledger's own words.
    """
    events: list[Event] = []
    problems: list[Problem] = []
    names = Names()
    for entry in entries:
        own = names.name(entry)
        for index, detail in enumerate(entry.details or (EntryDetail(),)):
            one = _One(entry, own, detail, index, creditor, due)
            if f"returned:{creditor}:{one.name}" in ledger:
                continue
            found = one.find(ledger)
            if found is None:
                problems.append(one.problem("undo by hand what it had paid"))
                continue
            try:
                planned = plan_return(ledger, found, recorded_at=recorded_at)
                ledger = ledger.record(*planned)
            except EventError as error:
                problems.append(one.problem(str(error)))
            else:
                events.extend(planned)
    return Returned(ledger=ledger, events=tuple(events), problems=tuple(problems))


def apply_taken_back(
    taken: Iterable[TakenBack],
    *,
    ledger: Ledger,
    creditor: str,
    recorded_at: dt.datetime,
    due: ReopenedDue = ReopenedDue.ORIGINAL,
) -> Returned:
    """Record what processors took back; what leads to no receipt is a warning ``receipt.returned``.

    A refund, a chargeback or a late failure names the payment that it takes back; where it does
    not, the one receipt of the processor with its reference and enough left is meant.  What went
    back in a closed period, of which the report came later, goes back on the first open day.
    """
    events: list[Event] = []
    problems: list[Problem] = []
    for each in sorted(taken, key=lambda one: (one.taken_on, one.name)):
        if f"returned:{creditor}:{each.name}" in ledger:
            continue
        found = _receipt_of(each, ledger, creditor)
        if found is None:
            problems.append(_unknown(each, "undo by hand what it had paid"))
            continue
        whole = found.amount == each.amount
        planned = Return(
            name=each.name,
            creditor=found.creditor,
            receipt=found.receipt,
            effective_on=ledger.open_day(creditor, max(each.taken_on, found.booking_date)),
            amount=None if whole else each.amount,
            reason=each.reason,
            reason_code=each.code,
            due=due,
        )
        try:
            made = plan_return(ledger, planned, recorded_at=recorded_at)
            ledger = ledger.record(*made)
        except ReceivablesError as error:
            problems.append(_unknown(each, str(error)))
        else:
            events.extend(made)
    return Returned(ledger=ledger, events=tuple(events), problems=tuple(problems))


def _receipt_of(taken: TakenBack, ledger: Ledger, creditor: str) -> Receipt | None:
    receipts = ledger.receipts()
    if taken.receipt:
        return receipts.get((creditor, taken.receipt))
    processor = taken.name.partition(":")[0]
    fitting = [
        receipt
        for receipt in receipts.values()
        if taken.reference
        and receipt.creditor == creditor
        and receipt.account == processor
        and receipt.currency == taken.amount.currency.code
        and taken.reference in {one.number for one in receipt.remittance.documents}
        and receipt.booking_date <= taken.taken_on
        and _left(ledger, receipt) >= to_minor(taken.amount)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _unknown(taken: TakenBack, way_out: str) -> Problem:
    amount = f"{taken.amount.amount} {taken.amount.currency.code}"
    message = (
        f"{amount} went back on {taken.taken_on} ({taken.code or taken.reason.value}); {way_out}"
    )
    place = taken.source or Place(taken.name)
    return Problem("receipt.returned", message, place=place, severity=Severity.WARNING)


@attrs.frozen
class _One:
    """One transaction that took money back."""

    entry: BankEntry
    own: str
    """What names the entry on its account and its day."""
    detail: EntryDetail
    index: int
    creditor: str
    due: ReopenedDue

    @property
    def name(self) -> str:
        """What stays the same when the bank sends the entry again."""
        entry = self.entry
        parts = (
            entry.account,
            self.own,
            str(self.day),
            str(entry.amount_minor),
            str(self.index),
        )
        return f"return-{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:24]}"

    @property
    def day(self) -> dt.date:
        """When the bank took it."""
        day = self.entry.booking_date or self.entry.value_date
        if day is None:
            msg = f"a booked entry must have a date, got none on {self.entry.source}"
            raise EventError(msg)
        return day

    @property
    def taken_minor(self) -> int:
        """What the bank took, its own charge included, positive."""
        minor = self.detail.amount_minor
        alone = len(self.entry.details) <= 1
        return abs(self.entry.amount_minor if minor is None and alone else minor or 0)

    @property
    def fee_minor(self) -> int:
        """The part of it that is the bank's charge."""
        return self.detail.charges_minor

    @property
    def code(self) -> str:
        """The reason as the bank codes it."""
        return self.detail.returned.code if self.detail.returned is not None else ""

    @property
    def scheme(self) -> str:
        """Whose code it is."""
        said = self.detail.returned
        return (said.scheme if said is not None else "") or "iso20022"

    def find(self, ledger: Ledger) -> Return | None:
        """The return of the one receipt that it can be; None where there is none, or several."""
        for amount_minor, fee_minor in self._readings():
            fitting = [
                receipt
                for receipt in ledger.receipts().values()
                if self._is_near(receipt) and _left(ledger, receipt) >= amount_minor > 0
            ]
            for candidates in self._by_evidence(fitting, amount_minor):
                if len(candidates) == 1:
                    return self._return(candidates[0], amount_minor, fee_minor)
                if candidates:
                    return None
        return None

    def _readings(self) -> Iterator[tuple[int, int]]:
        """The amount that went back and the charge, with the charge inside the amount or beside it."""
        if self.fee_minor:
            yield self.taken_minor - self.fee_minor, self.fee_minor
        yield self.taken_minor, 0

    def _is_near(self, receipt: Receipt) -> bool:
        return (
            receipt.creditor == self.creditor
            and receipt.currency == self.entry.currency
            and receipt.booking_date <= self.day <= receipt.booking_date + _WINDOW
        )

    def _by_evidence(self, receipts: list[Receipt], amount_minor: int) -> Iterator[list[Receipt]]:
        """The receipts that each kind of evidence leads to, the strongest kind first."""
        reference = self.detail.remittance.end_to_end
        if reference:
            yield [each for each in receipts if each.remittance.end_to_end == reference]
        account = self.detail.payer.account
        if account:
            yield [
                each
                for each in receipts
                if each.payer.account == account and to_minor(each.amount) == amount_minor
            ]

    def _return(self, receipt: Receipt, amount_minor: int, fee_minor: int) -> Return:
        whole = to_minor(receipt.amount) == amount_minor
        return Return(
            name=self.name,
            creditor=receipt.creditor,
            receipt=receipt.receipt,
            effective_on=self.day,
            amount=None if whole else self._money(amount_minor),
            reason=return_reason(self.scheme, self.code),
            reason_code=self.code,
            fee=self._money(fee_minor) if fee_minor else None,
            due=self.due,
        )

    def _money(self, minor: int) -> Money:
        return from_minor(minor, self.entry.currency)

    def problem(self, way_out: str) -> Problem:
        """Say what went back, and what to do."""
        amount = f"{self._money(self.taken_minor).amount} {self.entry.currency}"
        why = self.code or "no reason given"
        message = f"{amount} went back on {self.day} ({why}); {way_out}"
        place = self.entry.source or Place(self.entry.statement)
        return Problem("receipt.returned", message, place=place, severity=Severity.WARNING)


def _left(ledger: Ledger, receipt: Receipt) -> int:
    """What of a receipt has not gone back yet: unapplied, or applied to something."""
    item = ledger.item(receipt.creditor, receipt.receipt, as_of=dt.date.max)
    unapplied = 0 if item is None else -item.open_minor
    used = sum(
        -leg.amount_minor
        for event in ledger.allocations_of(receipt.creditor, receipt.receipt)
        for leg in event.allocation.legs
        if leg.item == ItemId(receipt.receipt)
    )
    return unapplied + used
