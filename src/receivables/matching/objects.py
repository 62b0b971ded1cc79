"""Matching receipts with open items: references first, then the payer and the amount.

A search has one implementation, for values; a run goes through the receipts by booking date, and
what a certain proposal uses is not offered to the next receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from receivables.allocation.model import Leg
from receivables.allocation.rules import oldest_first
from receivables.documents.model import ItemId, OpenItem
from receivables.matching._index import Index, Payers
from receivables.matching.model import (
    Evidence,
    EvidenceKind,
    MatchingPolicy,
    MatchProposal,
    Outcome,
    Proposals,
)
from receivables.matching.rules import plain_reference, text_keys
from receivables.money import to_minor
from receivables.parties import UNIDENTIFIED, Customer, CustomerId
from receivables.receipts.model import Receipt

__all__ = ["match"]


def match(
    receipts: Iterable[Receipt],
    *,
    items: Iterable[OpenItem],
    customers: Iterable[Customer] = (),
    settled: Iterable[str] = (),
    policy: MatchingPolicy | None = None,
) -> Proposals:
    """Propose what each receipt pays.

    `items` are the creditor's open items; `settled` names documents that are settled already, so
    that a second payment of one is recognized as such.  All receipts are whole: what was applied
    before is not proposed again.

    >>> import datetime as dt
    >>> from receivables.documents import Invoice, open_items
    >>> from receivables.money import money
    >>> from receivables.receipts import Remittance
    >>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
    ...                   document_date=dt.date(2026, 9, 30), total=money("1200.00", "EUR"))
    >>> receipt = Receipt(receipt="r-1", creditor="MIRA", amount=money("1200.00", "EUR"),
    ...                   booking_date=dt.date(2026, 10, 28),
    ...                   remittance=Remittance(text=["REGLT FACT 2026 0117"]))
    >>> proposal, = match([receipt], items=open_items(invoice))
    >>> proposal.outcome, [evidence.kind.value for evidence in proposal.evidence]
    (<Outcome.CERTAIN: 'certain'>, ['document-in-text', 'payer-unknown', 'amount-exact'])
    """
    run = _Run(Index(items, settled), Payers.of(customers), policy or MatchingPolicy())
    ordered = sorted(receipts, key=lambda receipt: (receipt.booking_date, receipt.receipt))
    return Proposals(tuple(run.propose(receipt) for receipt in ordered))


@attrs.frozen
class _Named:
    """The documents that a receipt names, and how it names them."""

    documents: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    unclear: tuple[tuple[str, ...], ...] = ()
    """References that fit more than one document."""


@attrs.frozen
class _Payer:
    """Who paid, as far as the bank's words tell, and everybody they may pay for."""

    customers: frozenset[CustomerId] = frozenset()
    is_sure: bool = attrs.field(default=False, kw_only=True)
    """Known by the bank account or by the ledger, not by a name alone."""
    group: frozenset[CustomerId] = frozenset()
    evidence: tuple[Evidence, ...] = ()


@attrs.frozen
class _Run:
    index: Index
    payers: Payers
    policy: MatchingPolicy

    def propose(self, receipt: Receipt) -> MatchProposal:
        payer = self._payer(receipt)
        named = self._named(receipt, payer)
        if named.documents:
            proposal = self._by_reference(receipt, named, payer)
        elif named.unclear:
            proposal = self._unclear(receipt, named, payer)
        else:
            proposal = self._by_amount(receipt, payer)
        if proposal.outcome is Outcome.CERTAIN:
            self.index.use({part.item: part.amount_minor for part in proposal.parts})
        return proposal

    def _payer(self, receipt: Receipt) -> _Payer:
        """Who paid: as the ledger says, unless the bank's words tell the same more modestly."""
        told = self._payer_told(receipt)
        if receipt.customer == UNIDENTIFIED or told.customers == {receipt.customer}:
            return told
        customers = frozenset({receipt.customer})
        return _Payer(customers, is_sure=True, group=self.payers.group_of(customers))

    def _payer_told(self, receipt: Receipt) -> _Payer:
        account = receipt.payer.account
        if customers := self.payers.with_account(account):
            evidence = (Evidence(EvidenceKind.PAYER_ACCOUNT, account),)
            group = self.payers.group_of(customers)
            return _Payer(customers, is_sure=True, group=group, evidence=evidence)
        for name in (receipt.payer.name, receipt.payer.ultimate_name):
            if customers := self.payers.with_name(name):
                evidence = (Evidence(EvidenceKind.PAYER_NAME, name),)
                group = self.payers.group_of(customers)
                return _Payer(customers, is_sure=False, group=group, evidence=evidence)
        return _Payer()

    def _named(self, receipt: Receipt, payer: _Payer) -> _Named:
        documents: dict[str, Evidence] = {}
        unclear: dict[str, tuple[str, ...]] = {}
        for kind, key, shown in _references(receipt, self.index, self.policy.shortest_reference):
            found = self._in_group(self.index.documents(key), payer)
            if len(found) == 1:
                documents.setdefault(next(iter(found)), Evidence(kind, shown))
            elif found:
                unclear.setdefault(key, tuple(sorted(found)))
        return _Named(tuple(documents), tuple(documents.values()), tuple(unclear.values()))

    def _in_group(self, documents: frozenset[str], payer: _Payer) -> frozenset[str]:
        """Where a key fits several documents, those of the payer's group decide."""
        if len(documents) <= 1 or not payer.group:
            return documents
        own = frozenset(
            number
            for number in documents
            if any(
                self.index.items[item].customer in payer.group
                for item in self.index.of_document(number)
            )
        )
        return own or documents

    def _by_reference(self, receipt: Receipt, named: _Named, payer: _Payer) -> MatchProposal:
        items = [
            item
            for number in named.documents
            for item in self.index.of_document(number)
            if self.index.items[item].currency == receipt.currency
        ]
        if not items:
            settled = Evidence(EvidenceKind.ALREADY_SETTLED, ", ".join(named.documents))
            evidence = (*named.evidence, *payer.evidence, settled)
            return self._unmatched(receipt, payer, evidence)
        owners = frozenset(self.index.items[item].customer for item in items)
        knows = self._payer_evidence(owners, payer)
        fit, parts, is_sure = self._fit(receipt, items, confirmed=knows is None)
        evidence = (*named.evidence, *payer.evidence, *filter(None, [knows]), fit)
        if knows is not None and knows.kind is EvidenceKind.PAYER_DIFFERS:
            is_sure = False
        return self._proposal(
            receipt,
            Outcome.CERTAIN if is_sure and not named.unclear else Outcome.PROPOSED,
            customer=_owner(owners, payer),
            parts=parts,
            evidence=evidence,
        )

    def _payer_evidence(self, owners: frozenset[CustomerId], payer: _Payer) -> Evidence | None:
        """What speaks against the payer; None where the payer is one who pays for the owners."""
        if not payer.customers:
            return Evidence(EvidenceKind.PAYER_UNKNOWN)
        if owners <= payer.group:
            return None
        return Evidence(EvidenceKind.PAYER_DIFFERS, ", ".join(sorted(payer.customers)))

    def _fit(
        self, receipt: Receipt, items: list[ItemId], *, confirmed: bool
    ) -> tuple[Evidence, list[Leg], bool]:
        """How the amount fits the named items: exactly, less, or more."""
        amount = to_minor(receipt.amount)
        opens = [self.index.open_minor[item] for item in items]
        net = sum(opens)
        if amount == net:
            legs = [Leg(item, minor) for item, minor in zip(items, opens, strict=True)]
            return Evidence(EvidenceKind.AMOUNT_EXACT, str(len(items))), legs, True
        if credit := self._missing_credit(items, net - amount):
            legs = [Leg(item, self.index.open_minor[item]) for item in (*items, credit)]
            return Evidence(EvidenceKind.AMOUNT_LESS_CREDIT, credit), legs, confirmed
        if amount < net:
            one = len({self.index.items[item].document for item in items}) == 1
            sure = confirmed and one and self.policy.apply_partial
            return Evidence(EvidenceKind.AMOUNT_PARTIAL), self._partial(items, amount), sure
        legs = (
            [Leg(item, minor) for item, minor in zip(items, opens, strict=True)] if net > 0 else []
        )
        sure = confirmed and net > 0 and self.policy.apply_overpayment
        return Evidence(EvidenceKind.AMOUNT_OVER), legs, sure

    def _missing_credit(self, items: list[ItemId], shortfall: int) -> ItemId | None:
        """The one credit of the same customers that is what the amount falls short by."""
        first = self.index.items[items[0]]
        owners = {self.index.items[item].customer for item in items}
        found = [
            item
            for item in self.index.of_customers(owners, first.currency)
            if item not in items and self.index.open_minor[item] == -shortfall < 0
        ]
        return found[0] if len(found) == 1 else None

    def _partial(self, items: list[ItemId], amount: int) -> list[Leg]:
        given = [item for item in items if self.index.open_minor[item] < 0]
        debits = [item for item in items if self.index.open_minor[item] > 0]
        legs = [Leg(item, self.index.open_minor[item]) for item in given]
        budget = amount - sum(leg.amount_minor for leg in legs)
        parts = oldest_first(budget, [self.index.open_minor[item] for item in debits])
        return legs + [Leg(item, part) for item, part in zip(debits, parts, strict=True) if part]

    def _unclear(self, receipt: Receipt, named: _Named, payer: _Payer) -> MatchProposal:
        return self._proposal(
            receipt,
            Outcome.AMBIGUOUS,
            customer=_only(payer.customers),
            evidence=payer.evidence,
            alternatives=[tuple(ItemId(number) for number in numbers) for numbers in named.unclear],
        )

    def _by_amount(self, receipt: Receipt, payer: _Payer) -> MatchProposal:
        items = [
            item
            for item in self.index.of_customers(payer.customers, receipt.currency)
            if self.index.items[item].posting_date <= receipt.booking_date
        ]
        answers = list(_answers(to_minor(receipt.amount), items, self.index))
        if not answers:
            return self._unmatched(receipt, payer, payer.evidence)
        sets = {tuple(sorted(found)): kind for kind, found in reversed(answers)}
        if len(sets) > 1:
            kinds = dict.fromkeys(kind for kind, _ in answers)
            return self._proposal(
                receipt,
                Outcome.AMBIGUOUS,
                customer=_only(payer.customers),
                evidence=(*payer.evidence, *(Evidence(kind, str(len(sets))) for kind in kinds)),
                alternatives=[found for _, found in answers],
            )
        ((chosen, kind),) = sets.items()
        sure = payer.is_sure and self.policy.apply_amount_of_known_account
        owners = frozenset(self.index.items[item].customer for item in chosen)
        return self._proposal(
            receipt,
            Outcome.CERTAIN if sure else Outcome.PROPOSED,
            customer=_owner(owners, payer),
            parts=[Leg(item, self.index.open_minor[item]) for item in chosen],
            evidence=(*payer.evidence, Evidence(kind, str(len(chosen)))),
        )

    def _unmatched(
        self, receipt: Receipt, payer: _Payer, evidence: tuple[Evidence, ...]
    ) -> MatchProposal:
        return self._proposal(
            receipt,
            Outcome.UNMATCHED,
            customer=_only(payer.customers),
            evidence=evidence or (Evidence(EvidenceKind.PAYER_UNKNOWN),),
        )

    def _proposal(
        self,
        receipt: Receipt,
        outcome: Outcome,
        *,
        customer: CustomerId,
        parts: Iterable[Leg] = (),
        evidence: Iterable[Evidence] = (),
        alternatives: Iterable[tuple[ItemId, ...]] = (),
    ) -> MatchProposal:
        return MatchProposal(
            receipt=receipt.receipt,
            creditor=receipt.creditor,
            outcome=outcome,
            amount_minor=to_minor(receipt.amount),
            currency=receipt.currency,
            customer=customer,
            parts=parts,
            evidence=evidence,
            alternatives=alternatives,
        )


def _references(
    receipt: Receipt, index: Index, shortest: int
) -> Iterator[tuple[EvidenceKind, str, str]]:
    """Every reference of a receipt: its kind, its key, and how it was written."""
    remittance = receipt.remittance
    for reference in remittance.references:
        yield EvidenceKind.STRUCTURED_REFERENCE, plain_reference(reference), reference
    for document in remittance.documents:
        yield EvidenceKind.REFERRED_DOCUMENT, plain_reference(document.number), document.number
    for text in (*remittance.text, remittance.end_to_end):
        for key in text_keys(text, is_known=index.knows, shortest=shortest):
            yield EvidenceKind.DOCUMENT_IN_TEXT, key, key


def _answers(
    amount: int, items: list[ItemId], index: Index
) -> Iterator[tuple[EvidenceKind, tuple[ItemId, ...]]]:
    """The sets of a payer's items, the first due first, that the amount pays to the cent.

    Only one item, or everything due up to a day: among all subsets, chance finds one too often.
    """
    equal = [item for item in items if index.open_minor[item] == amount]
    alone = EvidenceKind.AMOUNT_UNIQUE if len(equal) == 1 else EvidenceKind.AMOUNT_REPEATED
    for item in equal:
        yield alone, (item,)
    total = 0
    for count, item in enumerate(items, start=1):
        total += index.open_minor[item]
        is_last = count == len(items)
        if total == amount and count > 1 and (is_last or index.due(items[count]) > index.due(item)):
            kind = EvidenceKind.AMOUNT_OF_ALL if is_last else EvidenceKind.AMOUNT_OF_ALL_DUE
            yield kind, tuple(items[:count])


def _only(customers: frozenset[CustomerId]) -> CustomerId:
    return next(iter(customers)) if len(customers) == 1 else UNIDENTIFIED


def _owner(owners: frozenset[CustomerId], payer: _Payer) -> CustomerId:
    """Whose receipt it is: the payer where known, else whoever owns all that it pays."""
    if (payer_alone := _only(payer.customers)) and owners <= payer.group:
        return payer_alone
    return _only(owners) or _only(payer.customers)
