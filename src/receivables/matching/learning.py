"""What a confirmed match teaches: facts to be recorded, never weights changed in secret."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from receivables.allocation.model import ResidualKind
from receivables.matching.facts import Facts
from receivables.matching.model import BASIS_POINTS, MatchProposal
from receivables.matching.rules import name_key, plain_reference
from receivables.parties import UNIDENTIFIED, Customer
from receivables.receipts.facts import Fact, FactKind
from receivables.receipts.model import Receipt

__all__ = ["lessons"]


def lessons(
    proposal: MatchProposal,
    receipt: Receipt,
    *,
    customer: Customer | None,
    facts: Facts,
    learned_on: dt.date,
    source: str,
) -> tuple[Fact, ...]:
    """The facts that a confirmed match teaches and that were not known yet.

    A payer's account and name that the customer's own data do not have, and the share that a
    deduction takes of what was due, where it is a whole number of basis points.  A proposal without
    a customer teaches nothing.

    >>> from receivables.matching.model import Outcome
    >>> from receivables.receipts import Payer
    >>> from receivables.testing.builders import a_customer, a_receipt
    >>> receipt = a_receipt("r-1", payer=Payer(name="DUPONT OUEST", account="FR76 3000 6000 01"))
    >>> proposal = MatchProposal(receipt="r-1", creditor="MIRA", outcome=Outcome.PROPOSED,
    ...                          amount_minor=100, currency="EUR", customer="C-017")
    >>> [fact.fact for fact in lessons(proposal, receipt, customer=a_customer("C-017"), facts=Facts(),
    ...                                learned_on=dt.date(2026, 10, 5), source="review of 5 October")]
    ['payer-account:C-017:FR763000600001', 'payer-name:C-017:DUPONT OUEST']
    """
    if proposal.customer == UNIDENTIFIED:
        return ()
    values = dict.fromkeys(_taught(proposal, receipt, customer, facts))
    return tuple(
        Fact(
            kind=kind,
            value=value,
            customer=proposal.customer,
            learned_on=learned_on,
            source=source,
            meaning=meaning,
        )
        for kind, value, meaning in values
    )


def _taught(
    proposal: MatchProposal, receipt: Receipt, customer: Customer | None, facts: Facts
) -> Iterator[tuple[FactKind, str, str]]:
    owner = proposal.customer
    ibans = {plain_reference(iban) for iban in customer.ibans} if customer else set()
    names = {name_key(name) for name in (customer.name, *customer.aliases)} if customer else set()
    account = plain_reference(receipt.payer.account)
    if account and account not in ibans and owner not in facts.customers_of_account(account):
        yield FactKind.PAYER_ACCOUNT, account, ""
    name = receipt.payer.ultimate_name or receipt.payer.name
    key = name_key(name)
    if key and key not in names and owner not in facts.customers_of_name(key):
        yield FactKind.PAYER_NAME, name, ""
    known = facts.deductions_of([owner])
    for bps, reason in _deducted(proposal):
        if bps not in known:
            yield FactKind.DEDUCTION_HABIT, str(bps), reason


def _deducted(proposal: MatchProposal) -> Iterator[tuple[int, str]]:
    """The whole basis points that deductions take of what was due."""
    cash = sum(part.amount_minor for part in proposal.parts)
    for residual in proposal.residuals:
        due = cash + residual.amount_minor
        is_habit = residual.kind is ResidualKind.DEDUCTION and residual.reason and due > 0
        bps, rest = divmod(residual.amount_minor * BASIS_POINTS, due) if is_habit else (0, 1)
        if bps and not rest:
            yield bps, residual.reason
