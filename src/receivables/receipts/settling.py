"""Payouts of processors: held against the bank's entries, and told apart into receipts in gross.

A customer who pays 100.00 by card has paid 100.00, whatever the processor keeps; and the one amount
that it transfers later is no receipt, but what it owed us.  `settle_payouts` finds the bank entry of
each payout, and gives a receipt for each payment and what was taken back for each refund,
chargeback and late failure.

>>> import datetime as dt
>>> from receivables.receipts.payouts import MovementKind, ProcessorMovement, payout_of
>>> day = dt.date(2026, 10, 1)
>>> paid = ProcessorMovement(movement="txn_1", processor="stripe", kind=MovementKind.PAYMENT,
...     gross_minor=10000, fee_minor=290, currency="EUR", occurred_on=day, payout="po_1",
...     reference="F-0042")
>>> payout = payout_of([paid], payout="po_1", processor="stripe", amount_minor=9710,
...                    currency="EUR", paid_on=day)
>>> entry = BankEntry(account="FR76", statement="1", index=1, amount_minor=9710, currency="EUR",
...                   booking_date=day, text="STRIPE po_1")
>>> settled = settle_payouts([paid, payout], [entry], creditor="MIRA")
>>> [(each.amount, each.account) for each in settled.receipts], settled.entries
([(Money('100.00', 'EUR'), 'stripe')], ())
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from receivables import limits
from receivables.errors import PolicyError
from receivables.money import Money, from_minor
from receivables.parties import CreditorId
from receivables.problems import Place, Problem, Severity
from receivables.receipts.model import (
    BankEntry,
    Receipt,
    ReceiptId,
    ReceiptMethod,
    ReferredDocument,
    Remittance,
    ReturnReason,
)
from receivables.receipts.payouts import (
    MovementKind,
    Payout,
    ProcessorDispute,
    ProcessorMovement,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from receivables.adapters import PayoutRecord

    Evidence: TypeAlias = Callable[[Payout, int], bool]
    PayoutKey: TypeAlias = tuple[str, str]

__all__ = ["MatchedPayout", "SettledPayouts", "SettlingPolicy", "TakenBack", "settle_payouts"]

_DEBITS: Final = ("debit", "bacs", "sepa", "ach", "becs", "autogiro", "pad")
"""What the names of direct debits have in them (``sepa_debit``, ``bacs``…)."""
_REASONS: Final = {
    MovementKind.CHARGEBACK: ReturnReason.GOODS_DISPUTED,
    MovementKind.FAILED: ReturnReason.UNSPECIFIED,
    MovementKind.REFUND: ReturnReason.REFUND_REQUESTED,
}


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        msg = f"statement_names must be a list of texts, got {values!r}"
        raise PolicyError(msg)
    texts = tuple(values)
    if any(type(each) is not str or not each.strip() for each in texts):
        msg = f"statement_names must be texts that say something, got {texts!r}"
        raise PolicyError(msg)
    return texts


def _check_days(_instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    if not 0 <= value <= limits.TERM_DAYS_MAX:
        msg = f"{attribute.name} must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class SettlingPolicy:
    """How a payout is recognized on a bank account.

    Its entry has its amount and its currency, and is booked from `days_before` its day to
    `days_after`.  `statement_names` are how processors call themselves on statements: an entry
    with such a name that is no known payout is kept back and said, because it is no customer's.
    """

    days_before: int = attrs.field(default=3, validator=_check_days)
    days_after: int = attrs.field(default=7, validator=_check_days)
    statement_names: tuple[str, ...] = attrs.field(default=(), converter=_texts)


@attrs.frozen(kw_only=True)
class MatchedPayout:
    """A payout with the one bank entry that it is; None where there is none yet."""

    payout: Payout
    entry: BankEntry | None = None
    is_known: bool = False
    """Whether it was settled before."""

    @property
    def day(self) -> dt.date:
        """The day of its bank entry, or its own day without one."""
        said = None if self.entry is None else self.entry.booking_date or self.entry.value_date
        return said or self.payout.paid_on


@attrs.frozen(kw_only=True)
class TakenBack:
    """Money of a receipt that a processor took back: a refund, a chargeback, a late failure."""

    name: str
    """What names it for good."""
    receipt: ReceiptId
    """The receipt of the payment that it takes back; empty where the report does not name it."""
    amount: Money
    taken_on: dt.date
    reason: ReturnReason
    code: str = ""
    reference: str = ""
    source: Place | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True)
class SettledPayouts:
    """Payouts with their entries, receipts in gross, what was taken back, and what is left over."""

    payouts: tuple[MatchedPayout, ...]
    receipts: tuple[Receipt, ...]
    taken_back: tuple[TakenBack, ...]
    disputes: tuple[ProcessorDispute, ...]
    entries: tuple[BankEntry, ...]
    """The bank entries that are no payouts."""
    problems: tuple[Problem, ...] = ()


def settle_payouts(
    records: Iterable[PayoutRecord],
    entries: Sequence[BankEntry],
    *,
    creditor: str,
    policy: SettlingPolicy | None = None,
    settled: Mapping[PayoutKey, int | None] | None = None,
    customer_accounts: Collection[str] = (),
) -> SettledPayouts:
    """Hold the records of processors against bank entries.

    What stands in several reports counts once; the same movement with another amount is an error
    ``payout.duplicate``, and the first one stays.  A payout that its movements do not come to is an
    error ``payout.unbalanced``, and none of its movements is taken.  One without exactly one entry
    that could be it is a warning ``payout.unmatched``; its payments are receipts all the same,
    because the customers have paid.

    `settled` are payouts that were settled before, by processor and name, each with the place of its
    entry (None where it is not among `entries`): they stay so, whatever the reports say now.  Nothing
    that came from one of `customer_accounts` is taken for a payout by its amount alone.
    """
    problems: list[Problem] = []
    movements, payouts, disputes = _once(records, problems)
    bad = {_key(each) for each in payouts if each.difference_minor}
    problems += [_unbalanced(each) for each in payouts if _key(each) in bad]
    good = [each for each in payouts if _key(each) not in bad]
    matcher = _Matcher(good, entries, policy or SettlingPolicy(), customer_accounts)
    matcher.keep(settled or {})
    matched, left = _matched(matcher, problems)
    own = [each for each in movements if not each.payout or _key(each) not in bad]
    return SettledPayouts(
        payouts=matched,
        receipts=tuple(_receipts(own, CreditorId(creditor), problems)),
        taken_back=tuple(_taken_back(own)),
        disputes=tuple(disputes),
        entries=left,
        problems=tuple(problems),
    )


def _key(record: Payout | ProcessorMovement) -> PayoutKey:
    """What names a payout: two processors may give one name to two payouts."""
    return record.processor, record.payout


def _once(
    records: Iterable[PayoutRecord], problems: list[Problem]
) -> tuple[list[ProcessorMovement], list[Payout], list[ProcessorDispute]]:
    """Every record once; of a dispute the last word counts, of all else the first."""
    movements: dict[tuple[str, str], ProcessorMovement] = {}
    payouts: dict[tuple[str, str], Payout] = {}
    disputes: dict[tuple[str, str], ProcessorDispute] = {}
    for record in records:
        if isinstance(record, ProcessorDispute):
            disputes[record.processor, record.dispute] = record
        elif isinstance(record, Payout):
            known = payouts.setdefault(_key(record), record)
            _compare("payout", record.payout, known, record, problems)
        else:
            key = (record.processor, record.movement)
            first = movements.setdefault(key, record)
            _compare("movement", record.movement, first, record, problems)
            if record.payout and not first.payout:
                movements[key] = attrs.evolve(first, payout=record.payout)
    return list(movements.values()), list(payouts.values()), list(disputes.values())


def _compare(
    what: str,
    name: str,
    first: Payout | ProcessorMovement,
    record: Payout | ProcessorMovement,
    problems: list[Problem],
) -> None:
    """Say where two reports contradict each other: on the amount, or on the payout."""
    place = record.source or Place(record.processor)
    if _worth(first) != _worth(record):
        message = f"{what} {name} must have one amount, got {_worth(first)} and {_worth(record)}"
        problems.append(Problem("payout.duplicate", message, place=place))
    if first.payout and record.payout and first.payout != record.payout:
        message = f"{what} {name} must be in one payout, got {first.payout} and {record.payout}"
        problems.append(Problem("payout.duplicate", message, place=place))


def _worth(record: Payout | ProcessorMovement) -> str:
    minor = record.amount_minor if isinstance(record, Payout) else record.gross_minor
    return f"{minor} {record.currency}"


def _unbalanced(payout: Payout) -> Problem:
    off = payout.difference_minor
    message = f"movements of {payout.payout} must come to {payout.amount_minor}, got {off} less"
    place = payout.source or Place(payout.processor)
    return Problem("payout.unbalanced", message, place=place)


def _matched(
    matcher: _Matcher, problems: list[Problem]
) -> tuple[tuple[MatchedPayout, ...], tuple[BankEntry, ...]]:
    matcher.by_evidence()
    payouts, entries, found, known = matcher.payouts, matcher.entries, matcher.found, matcher.known
    for place, payout in enumerate(payouts):
        if place not in found and place not in known and payout.amount_minor:
            problems.append(matcher.unmatched(place))
    taken = {*found.values(), *matcher.kept}
    left = []
    for place, entry in enumerate(entries):
        if place in taken:
            continue
        if matcher.is_of_processor(entry):
            problems.append(_unexplained(entry))
        else:
            left.append(entry)
    matched = [
        MatchedPayout(
            payout=payout,
            entry=entries[found[place]] if place in found else None,
            is_known=place in known,
        )
        for place, payout in enumerate(payouts)
    ]
    return tuple(matched), tuple(left)


class _Matcher:
    """Which entry is which payout: by its reference, then by the processor's name, then by amount."""

    def __init__(
        self,
        payouts: Sequence[Payout],
        entries: Sequence[BankEntry],
        policy: SettlingPolicy,
        customer_accounts: Collection[str] = (),
    ) -> None:
        self.payouts = payouts
        self.entries = entries
        self._policy = policy
        self._customers = {_compact(each) for each in customer_accounts if each}
        self.found: dict[int, int] = {}
        self.known: set[int] = set()
        self.kept: set[int] = set()
        """Entries that are payouts since before, in the reports or not."""
        self._by_amount: dict[tuple[str, int], list[int]] = {}
        for place, entry in enumerate(entries):
            if entry.is_booked:
                key = (entry.currency, entry.amount_minor)
                self._by_amount.setdefault(key, []).append(place)
        self._names = [name.casefold() for name in policy.statement_names]
        self._texts = {place: _said(entry) for place, entry in enumerate(entries)}

    def keep(self, settled: Mapping[PayoutKey, int | None]) -> None:
        """Keep what was settled before."""
        self.kept = {place for place in settled.values() if place is not None}
        for place, payout in enumerate(self.payouts):
            if _key(payout) not in settled:
                continue
            self.known.add(place)
            entry = settled[_key(payout)]
            if entry is not None:
                self.found[place] = entry

    def by_evidence(self) -> None:
        """Pair payouts with entries, the strongest evidence first."""
        self._pair(self._has_reference)
        self._pair(self._has_name)
        self._pair(lambda _payout, place: not self._names and not self._is_of_customer(place))

    def _pair(self, fits: Evidence) -> None:
        """Pair what fits nothing else; equals that fit the same entries are paired in turn."""
        done = self.found.keys() | self.known
        open_payouts = [place for place in range(len(self.payouts)) if place not in done]
        options = {place: self._options(place, fits) for place in open_payouts}
        groups: dict[tuple[int, ...], list[int]] = {}
        for place, found in options.items():
            if found:
                groups.setdefault(found, []).append(place)
        for found, members in groups.items():
            # An entry that another group could take as well is nobody's.
            others = {one for key in groups if key != found for one in key}
            if len(found) == len(members) and others.isdisjoint(found):
                due = sorted(members, key=lambda place: self.payouts[place].paid_on)
                booked = sorted(found, key=lambda place: _day(self.entries[place]))
                self.found.update(zip(due, booked, strict=True))

    def _options(self, place: int, fits: Evidence) -> tuple[int, ...]:
        payout = self.payouts[place]
        if not payout.amount_minor:
            return ()
        taken = {*self.found.values(), *self.kept}
        near = self._by_amount.get((payout.currency, payout.amount_minor), ())
        return tuple(
            one
            for one in near
            if one not in taken and self._is_near(payout, self.entries[one]) and fits(payout, one)
        )

    def _is_near(self, payout: Payout, entry: BankEntry) -> bool:
        day = entry.booking_date or entry.value_date
        if day is None:
            return False
        late = (day - payout.paid_on).days
        return -self._policy.days_before <= late <= self._policy.days_after

    def _has_reference(self, payout: Payout, place: int) -> bool:
        text = self._texts[place]
        names = (payout.bank_reference, payout.payout)
        return any(_stands_in(name, text, is_whole=True) for name in names)

    def _has_name(self, payout: Payout, place: int) -> bool:
        return _stands_in(payout.processor, self._texts[place]) or self._is_named(place)

    def _is_named(self, place: int) -> bool:
        return any(_stands_in(name, self._texts[place]) for name in self._names)

    def _is_of_customer(self, place: int) -> bool:
        details = self.entries[place].details
        return any(_compact(each.payer.account) in self._customers for each in details)

    def is_of_processor(self, entry: BankEntry) -> bool:
        """Whether an entry calls itself one of a processor's."""
        return entry.is_booked and any(_stands_in(name, _said(entry)) for name in self._names)

    def unmatched(self, place: int) -> Problem:
        """Say that a payout has no entry, or could be several."""
        payout = self.payouts[place]
        count = len(self._options(place, lambda _payout, _place: True))
        amount = from_minor(payout.amount_minor, payout.currency)
        message = f"payout {payout.payout} of {amount.amount} {payout.currency} must have one bank entry, got {count}"
        where = payout.source or Place(payout.processor)
        return Problem("payout.unmatched", message, place=where, severity=Severity.WARNING)


def _compact(account: str) -> str:
    return "".join(account.split()).upper()


def _day(entry: BankEntry) -> dt.date:
    return entry.booking_date or entry.value_date or dt.date.max


def _stands_in(name: str, text: str, *, is_whole: bool = False) -> bool:
    """Whether a name begins a word of a text of small letters, or is the whole of some words."""
    if not name.strip():
        return False
    end = r"(?![^\W_])" if is_whole else ""
    return re.search(rf"(?<![^\W_]){re.escape(name.strip().casefold())}{end}", text) is not None


def _said(entry: BankEntry) -> str:
    """Everything that an entry says in words, in one text of small letters."""
    parts = [entry.text, entry.bank_reference]
    for detail in entry.details:
        parts += [
            detail.payer.name,
            detail.remittance.end_to_end,
            *detail.remittance.text,
            *detail.remittance.references,
            *(value for _, value in detail.references),
        ]
    return "\n".join(parts).casefold()


def _unexplained(entry: BankEntry) -> Problem:
    amount = from_minor(entry.amount_minor, entry.currency)
    message = f"{amount.amount} {entry.currency} of a processor is no payout that is known; read its report"
    place = entry.source or Place(entry.statement)
    return Problem("payout.unmatched", message, place=place, severity=Severity.WARNING)


def _name(movement: ProcessorMovement, original: str = "") -> ReceiptId:
    return ReceiptId(f"{movement.processor}:{original or movement.movement}")


def _receipts(
    movements: Iterable[ProcessorMovement], creditor: CreditorId, problems: list[Problem]
) -> Iterator[Receipt]:
    for each in movements:
        if not each.kind.is_of_customer or (each.kind in _REASONS and each.gross_minor <= 0):
            continue
        # A refund that failed, or a chargeback with the sign of a payment, is money again.
        if each.gross_minor <= 0:
            message = f"amount of payment {each.movement} must be positive, got {each.gross_minor}"
            place = each.source or Place(each.processor)
            problems.append(Problem("amount.sign", message, place=place))
            continue
        yield Receipt(
            receipt=_name(each),
            creditor=creditor,
            amount=from_minor(each.gross_minor, each.currency),
            booking_date=each.occurred_on,
            value_date=each.available_on,
            payer=each.payer,
            remittance=_remittance(each),
            account=each.processor,
            source=each.source,
            method=_method(each.method),
        )


def _method(name: str) -> ReceiptMethod:
    is_debit = any(each in name.casefold() for each in _DEBITS)
    return ReceiptMethod.DIRECT_DEBIT if is_debit else ReceiptMethod.CARD


def _remittance(movement: ProcessorMovement) -> Remittance:
    said = movement.remittance
    documents = said.documents
    if movement.reference and movement.reference not in {one.number for one in documents}:
        documents = (*documents, ReferredDocument(number=movement.reference))
    text = said.text or ((movement.text,) if movement.text else ())
    return attrs.evolve(said, documents=documents, text=text)


def _taken_back(movements: Iterable[ProcessorMovement]) -> Iterator[TakenBack]:
    for each in movements:
        reason = _REASONS.get(each.kind)
        if reason is None or each.gross_minor >= 0:
            continue
        yield TakenBack(
            name=str(_name(each)),
            receipt=_name(each, each.original) if each.original else ReceiptId(""),
            amount=from_minor(-each.gross_minor, each.currency),
            taken_on=each.occurred_on,
            reason=reason,
            code=each.raw_kind,
            reference=each.reference,
            source=each.source,
        )
