"""Payment advices joined to the entries of the statement that they explain.

An advice is no money: it says what the money of an entry is for, who paid it, or why it went back.
It is joined where one entry and no other can be meant, and left, with the reason, where it cannot:

- a remittance to the credit that has its reference and its amount, or that the same payer paid in
  that amount within some days;
- the cheques of a deposit, or the collections of a batch, to the one credit of their sum;
- returns to the debit of the sum of their batch, or each to the debit of its amount;
- rejections, states and changes explain no entry: nothing moved.

Nothing is joined twice, neither an advice nor an entry, and an entry keeps its identity: the receipts
of an entry that was joined have the name that they would have had without.

>>> import datetime as dt
>>> entry = BankEntry(account="DE89", statement="S-1", index=1, amount_minor=80_00, currency="EUR",
...                   booking_date=dt.date(2026, 10, 5),
...                   details=[EntryDetail(remittance=Remittance(end_to_end="E-7"))])
>>> advice = PaymentAdvice(kind=AdviceKind.REMITTANCE, batch="1", index=0, amount_minor=80_00,
...                        currency="EUR", references=[("trace", "E-7")],
...                        remittance=Remittance(documents=[ReferredDocument(number="F-0042")]))
>>> joined = with_advices([entry], [advice])
>>> joined.entries[0].details[0].remittance.documents[0].number, joined.unused
('F-0042', ())
"""

from __future__ import annotations

import datetime as dt
import enum
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

import attrs

from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.identity import Names
from receivables.receipts.model import (
    BankEntry,
    EntryDetail,
    Payer,
    ReceiptMethod,
    ReferredDocument,
    Remittance,
    ReturnInfo,
)

__all__ = ["Join", "Joined", "JoiningPolicy", "Unused", "UnusedAdvice", "with_advices"]

_BATCHED: Final = frozenset({AdviceKind.DEPOSIT, AdviceKind.COLLECTION, AdviceKind.RETURN})


class Unused(enum.Enum):
    """Why an advice was not joined."""

    NOTHING_MOVED = "nothing-moved"
    """It tells of no movement: a rejection, a state, a change of the payer's account."""
    NO_ENTRY = "no-entry"
    """No entry has its reference and amount, or its payer, its amount and its days."""
    AMBIGUOUS = "ambiguous"
    """Several entries, or several advices, fit each other as well."""
    AMOUNT_DIFFERS = "amount-differs"
    """An entry has its reference, and another amount."""
    DUPLICATE = "duplicate"
    """The same advice was read before."""


@attrs.frozen(kw_only=True)
class JoiningPolicy:
    """How far an entry may be from its advice, in days either way.

    `days_max` is for the payer with the amount and for sums, `reference_days_max` where a reference
    leads to it.
    """

    days_max: int = attrs.field(default=7, validator=attrs.validators.ge(0))
    reference_days_max: int = attrs.field(default=60, validator=attrs.validators.ge(0))


def _advices(values: Iterable[PaymentAdvice]) -> tuple[PaymentAdvice, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Join:
    """Advices that explain an entry, and what led from the ones to the other."""

    entry: int
    """The position of the entry among those that were given."""
    advices: tuple[PaymentAdvice, ...] = attrs.field(converter=_advices)
    evidence: str


@attrs.frozen
class UnusedAdvice:
    """An advice that was not joined, and why."""

    advice: PaymentAdvice
    reason: Unused = attrs.field(kw_only=True)


@attrs.frozen(kw_only=True)
class Joined:
    """Entries with what advices say about them, in the order they were given."""

    entries: tuple[BankEntry, ...]
    joins: tuple[Join, ...] = ()
    unused: tuple[UnusedAdvice, ...] = ()


_POLICY: Final = JoiningPolicy()


def with_advices(
    entries: Iterable[BankEntry],
    advices: Iterable[PaymentAdvice],
    *,
    policy: JoiningPolicy = _POLICY,
    settled: Callable[[BankEntry], bool] = lambda _entry: False,
) -> Joined:
    """Join advices to the entries that they explain.

    Entries that `settled` says are recorded already stay as they are: what is on a ledger is not
    made anew by an advice that comes late.
    """
    joining = _Joining(tuple(entries), policy, settled)
    joining.run(_once(advices, joining.unused))
    found = _named(joining.entries, [join.entry for join in joining.joins])
    for join in joining.joins:
        found[join.entry] = _explained(found[join.entry], join.advices)
    return Joined(
        entries=tuple(found),
        joins=tuple(sorted(joining.joins, key=lambda join: join.entry)),
        unused=tuple(joining.unused),
    )


def _once(advices: Iterable[PaymentAdvice], unused: list[UnusedAdvice]) -> Iterator[PaymentAdvice]:
    """Each advice once that may explain an entry; the others are unused for a reason."""
    seen: set[PaymentAdvice] = set()
    for advice in advices:
        if advice in seen:
            unused.append(UnusedAdvice(advice, reason=Unused.DUPLICATE))
            continue
        seen.add(advice)
        if advice.kind in _BATCHED or advice.kind is AdviceKind.REMITTANCE:
            yield advice
        else:
            unused.append(UnusedAdvice(advice, reason=Unused.NOTHING_MOVED))


@attrs.define
class _Joining:
    """Advices and entries while they find each other; what is found is taken out."""

    entries: tuple[BankEntry, ...]
    policy: JoiningPolicy
    settled: Callable[[BankEntry], bool]
    joins: list[Join] = attrs.field(factory=list)
    unused: list[UnusedAdvice] = attrs.field(factory=list)
    taken: set[int] = attrs.field(factory=set)
    by_amount: dict[tuple[str, int], list[int]] = attrs.field(factory=dict)
    by_reference: dict[str, list[int]] = attrs.field(factory=dict)
    accounts: set[str] = attrs.field(factory=set)

    def run(self, advices: Iterable[PaymentAdvice]) -> None:
        """Join by references first, then by sums of batches, then by what one advice says alone."""
        left = list(advices)
        if not left:
            return
        self._index(left)
        left = self._join_each(left, self._by_reference, "reference {0}")
        left = self._join_batches(left)
        left = self._join_each(left, self._by_payer, "payer, amount and day")
        for advice in left:
            self.unused.append(UnusedAdvice(advice, reason=self._why(advice)))

    def _index(self, advices: Sequence[PaymentAdvice]) -> None:
        """Remember of the entries what some advice may ask for."""
        references = {reference for advice in advices for reference in _references(advice)}
        self.accounts = {_plain(entry.account) for entry in self.entries}
        for place, entry in enumerate(self.entries):
            # What a bank lists by itself is not explained by what another list says.
            is_single = entry.is_booked and len(entry.details) <= 1
            if is_single and not self.settled(entry):
                self.by_amount.setdefault((entry.currency, entry.amount_minor), []).append(place)
                for reference in _entry_references(entry) & references:
                    self.by_reference.setdefault(reference, []).append(place)

    def _join_each(
        self,
        advices: Sequence[PaymentAdvice],
        fitting: Callable[[PaymentAdvice], Sequence[int]],
        evidence: str,
    ) -> list[PaymentAdvice]:
        """Join each advice to the one entry that fits it, where no other advice fits that one."""
        found = [fitting(advice) for advice in advices]
        wanted = Counter(place for places in found for place in places)
        left = []
        for advice, places in zip(advices, found, strict=True):
            if len(places) == 1 and wanted[places[0]] == 1:
                said = evidence.format(self._shared(advice, places[0]))
                self._join(places[0], [advice], said)
            else:
                left.append(advice)
        return left

    def _by_reference(self, advice: PaymentAdvice) -> Sequence[int]:
        """The entries of the amount that have a reference of the advice."""
        places = {
            place
            for reference in _references(advice)
            for place in self.by_reference.get(reference, ())
        }
        return [
            place
            for place in sorted(places)
            if place not in self.taken
            and _has_amount(self.entries[place], advice)
            and _is_near(self.entries[place], advice, self.policy.reference_days_max)
        ]

    def _shared(self, advice: PaymentAdvice, place: int) -> str:
        both = _references(advice) & _entry_references(self.entries[place])
        return min(both, default="")

    def _by_payer(self, advice: PaymentAdvice) -> Sequence[int]:
        """The entries of the amount, within the days, that the same payer paid."""
        return [
            place
            for place in self._of_amount(advice.currency, _signed(advice))
            if _is_near(self.entries[place], advice, self.policy.days_max)
            and _same_payer(self.entries[place], advice)
            and self._is_on_account(place, advice)
        ]

    def _of_amount(self, currency: str, amount_minor: int) -> list[int]:
        places = self.by_amount.get((currency, amount_minor), ())
        return [place for place in places if place not in self.taken]

    def _join_batches(self, advices: Sequence[PaymentAdvice]) -> list[PaymentAdvice]:
        """Join each batch to the one entry of its sum, where no other batch fits that one."""
        batches: dict[tuple[str, str, AdviceKind, str], list[PaymentAdvice]] = {}
        for advice in advices:
            if advice.kind in _BATCHED:
                file = "" if advice.source is None else advice.source.source
                key = (file, advice.batch, advice.kind, advice.currency)
                batches.setdefault(key, []).append(advice)
        found = {key: self._of_sum(batch) for key, batch in batches.items()}
        wanted = Counter(place for places in found.values() for place in places)
        joined: set[int] = set()
        for key, places in found.items():
            if len(places) == 1 and wanted[places[0]] == 1:
                batch = batches[key]
                self._join(places[0], batch, f"sum of {len(batch)} in batch {key[1]}")
                joined.update(id(advice) for advice in batch)
        return [advice for advice in advices if id(advice) not in joined]

    def _of_sum(self, batch: Sequence[PaymentAdvice]) -> list[int]:
        total = sum(_signed(advice) for advice in batch)
        first = batch[0]
        if not total:
            return []
        return [
            place
            for place in self._of_amount(first.currency, total)
            if _is_near(self.entries[place], first, self.policy.days_max)
            and self._is_on_account(place, first)
            and not _payer_account(self.entries[place])
        ]

    def _is_on_account(self, place: int, advice: PaymentAdvice) -> bool:
        """Whether an entry may be on the account that an advice names, in whatever form."""
        named = _plain(advice.account)
        known = [account for account in self.accounts if _is_part(named, account)]
        return not named or not known or _is_part(named, _plain(self.entries[place].account))

    def _join(self, place: int, advices: Sequence[PaymentAdvice], evidence: str) -> None:
        self.taken.add(place)
        self.joins.append(Join(entry=place, advices=advices, evidence=evidence))

    def _why(self, advice: PaymentAdvice) -> Unused:
        """Why an advice found no entry."""
        if self._by_reference(advice) or self._by_payer(advice):
            return Unused.AMBIGUOUS
        if advice.kind in _BATCHED and self._of_sum([advice]):
            return Unused.AMBIGUOUS
        named = {
            place
            for reference in _references(advice)
            for place in self.by_reference.get(reference, ())
        }
        return Unused.AMOUNT_DIFFERS if named - self.taken else Unused.NO_ENTRY


def _signed(advice: PaymentAdvice) -> int:
    """What the entry of an advice amounts to: a return takes away what had come."""
    minor = advice.amount_minor
    return -minor if advice.kind is AdviceKind.RETURN else minor


def _plain(text: str) -> str:
    """A reference without what the formats pad it with."""
    return "".join(text.split()).upper().lstrip("0")


def _is_part(one: str, other: str) -> bool:
    return bool(one and other) and (one in other or other in one)


def _references(advice: PaymentAdvice) -> set[str]:
    said = advice.remittance
    found = (said.end_to_end, *said.references, *(value for _, value in advice.references))
    return {_plain(each) for each in found} - {""}


def _entry_references(entry: BankEntry) -> set[str]:
    """What may be a reference: those that are given as such, and each word of the text."""
    found = [entry.bank_reference, *entry.text.split()]
    for detail in entry.details:
        said = detail.remittance
        found += [said.end_to_end, *said.references, *(value for _, value in detail.references)]
        found += " ".join(said.text).split()
    return {_plain(each) for each in found} - {""}


def _has_amount(entry: BankEntry, advice: PaymentAdvice) -> bool:
    """Whether an entry is of the amount of an advice, less what the bank says it kept."""
    if entry.currency == advice.currency:
        wanted = _signed(advice)
        kept = (0, entry.charges_minor, *(detail.charges_minor for detail in entry.details))
        if any(entry.amount_minor + charges == wanted for charges in kept):
            return True
    ordered = [detail.instructed for detail in entry.details if detail.instructed is not None]
    is_credit = entry.amount_minor > 0 and bool(advice.currency)
    return is_credit and any(each == advice.amount for each in ordered)


def _is_near(entry: BankEntry, advice: PaymentAdvice, days: int) -> bool:
    day = entry.booking_date or entry.value_date
    if day is None or advice.date is None:
        return True
    return abs(day - advice.date) <= dt.timedelta(days=days)


def _payer_account(entry: BankEntry) -> str:
    return _plain(entry.details[0].payer.account) if entry.details else ""


def _same_payer(entry: BankEntry, advice: PaymentAdvice) -> bool:
    """Whether entry and advice name one payer, by account or else by name.

    For a return it is enough that they do not name two: the payer of such a debit is often unsaid.
    """
    payer = entry.details[0].payer if entry.details else Payer()
    mine, yours = _plain(payer.account), _plain(advice.payer.account)
    if mine and yours:
        return mine == yours
    names = {_name(payer.name), _name(payer.ultimate_name)} - {""}
    if names and _name(advice.payer.name):
        return _name(advice.payer.name) in names
    return advice.kind is AdviceKind.RETURN


def _name(text: str) -> str:
    return " ".join("".join(each if each.isalnum() else " " for each in text.casefold()).split())


def _named(entries: Sequence[BankEntry], joined: Collection[int]) -> list[BankEntry]:
    """The entries, with those named that change, and those named that look like them.

    Without a reference of the bank an entry is named by its look, which changes with its details.
    """
    names = Names()
    amounts = {(entries[place].currency, entries[place].amount_minor) for place in joined}
    return [
        attrs.evolve(entry, identity=names.name(entry))
        if not entry.bank_reference and (entry.currency, entry.amount_minor) in amounts
        else entry
        for entry in entries
    ]


def _explained(entry: BankEntry, advices: Sequence[PaymentAdvice]) -> BankEntry:
    """An entry with what its advices say."""
    known = entry.details[0] if entry.details else EntryDetail()
    if len(advices) == 1:
        details = [_merged(known, advices[0])]
    else:
        details = [_detail(advice) for advice in advices]
    methods = {advice.method for advice in advices}
    is_unsaid = entry.method is ReceiptMethod.UNSAID and len(methods) == 1
    return attrs.evolve(entry, details=details, method=methods.pop() if is_unsaid else entry.method)


def _detail(advice: PaymentAdvice) -> EntryDetail:
    return EntryDetail(
        amount_minor=_signed(advice),
        payer=advice.payer,
        remittance=advice.remittance,
        references=advice.references,
        returned=_returned(advice),
    )


def _returned(advice: PaymentAdvice) -> ReturnInfo | None:
    if advice.kind is not AdviceKind.RETURN:
        return None
    said = advice.returned or ReturnInfo()
    return attrs.evolve(said, scheme=said.scheme or advice.return_scheme)


def _merged(detail: EntryDetail, advice: PaymentAdvice) -> EntryDetail:
    """What the bank says stands; an advice says the rest."""
    return attrs.evolve(
        detail,
        payer=_merged_payer(detail.payer, advice.payer),
        remittance=_merged_remittance(detail.remittance, advice.remittance),
        references=tuple(dict.fromkeys((*detail.references, *advice.references))),
        returned=detail.returned or _returned(advice),
    )


def _merged_payer(bank: Payer, advice: Payer) -> Payer:
    return Payer(
        name=bank.name or advice.name,
        account=bank.account or advice.account,
        ultimate_name=bank.ultimate_name or advice.ultimate_name,
    )


def _merged_remittance(bank: Remittance, advice: Remittance) -> Remittance:
    documents: tuple[ReferredDocument, ...] = advice.documents or bank.documents
    return Remittance(
        references=tuple(dict.fromkeys((*bank.references, *advice.references))),
        documents=documents,
        text=tuple(dict.fromkeys((*bank.text, *advice.text))),
        end_to_end=bank.end_to_end or advice.end_to_end,
    )
