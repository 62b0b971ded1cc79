"""A loss allowance from a ledger, as of any day and as known at any moment.

>>> from receivables.aging import AgingScheme
>>> from receivables.testing.builders import an_invoice, issued
>>> matrix = ProvisionMatrix(name="house", version="1", scheme=AgingScheme(30),
...                          segments={"": ["0", "2 %", "25 %"]})
>>> ledger = Ledger().record(issued(an_invoice("FA-1", total="1200.00")))
>>> ledger_allowance(ledger, "MIRA", matrix=matrix,
...                  as_of=dt.date(2026, 11, 15)).total_minor("EUR")
2400
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from fractions import Fraction

import attrs

from receivables.allowance.impairment import ImpairmentReason, credit_impaired, specific_allowances
from receivables.allowance.model import AllowanceFacts, LossAllowance
from receivables.allowance.objects import loss_allowance
from receivables.allowance.policies import AllowanceBase, ProvisionMatrix
from receivables.currencies.model import ExchangeRates
from receivables.disputes.model import DisputePolicy
from receivables.disputes.objects import standings
from receivables.documents.model import Document, OpenItem
from receivables.ledger.model import DocumentIssued
from receivables.ledger.objects import Ledger
from receivables.money import to_minor

__all__ = ["contested_amounts", "ledger_allowance", "tax_shares"]

_NAMED_MAX = 5


def ledger_allowance(  # noqa: PLR0913  # an allowance rests on all of this, and each has its name
    ledger: Ledger,
    creditor: str,
    *,
    matrix: ProvisionMatrix,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    facts: AllowanceFacts | None = None,
    disputes: DisputePolicy | None = None,
    rates: ExchangeRates | None = None,
    functional: str = "",
) -> LossAllowance:
    """The loss allowance of one creditor at the end of a day, as known at a moment.

    Open items, specific allowances, taxes and disputes are those of the ledger; `facts` bring what
    the ledger does not know: customers, segments, covers.  What is contested is left out of the pools
    where the policy of disputes says so, once: a specific allowance judges its items whole.  `notes`
    name customers in proceedings whom nobody has judged yet.
    """
    known = AllowanceFacts() if facts is None else facts
    items = [
        item
        for item in ledger.open_items(as_of=as_of, known_at=known_at)
        if item.creditor == creditor
    ]
    own = specific_allowances(ledger, creditor, as_of=as_of, known_at=known_at)
    is_net = matrix.base is AllowanceBase.NET_OF_TAX
    leaves_out = disputes is not None and not disputes.counts_in_allowance
    contested = (
        contested_amounts(ledger, creditor, as_of=as_of, known_at=known_at) if leaves_out else {}
    )
    complete = attrs.evolve(
        known,
        specifics=(*own, *known.specifics),
        contested={**contested, **known.contested},
        tax_shares={**(tax_shares(ledger, creditor, items) if is_net else {}), **known.tax_shares},
    )
    found = loss_allowance(
        items, matrix=matrix, as_of=as_of, facts=complete, rates=rates, functional=functional
    )
    notes = _notes(ledger, creditor, found, complete)
    return attrs.evolve(found, known_at=known_at, notes=notes)


def contested_amounts(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> dict[str, int]:
    """What open disputes contest of each item at the end of a day, in minor units, added up."""
    found: dict[str, int] = {}
    for standing in standings(ledger, creditor, as_of=as_of, known_at=known_at):
        for part in standing.parts if standing.is_open else ():
            found[part.item] = found.get(part.item, 0) + part.held_minor
    return {item: minor for item, minor in found.items() if minor}


def tax_shares(ledger: Ledger, creditor: str, items: Iterable[OpenItem]) -> dict[str, Fraction]:
    """The share of tax in each item whose document states its taxes, exactly."""
    wanted: dict[str, list[str]] = {}
    for item in items:
        wanted.setdefault(item.document, []).append(item.item)
    return {
        item: share
        for document in _documents(ledger, creditor)
        if document.number in wanted and (share := _tax_share(document))
        for item in wanted[document.number]
    }


def _documents(ledger: Ledger, creditor: str) -> Iterator[Document]:
    return (
        event.document
        for event in ledger.events
        if isinstance(event, DocumentIssued) and event.document.creditor == creditor
    )


def _tax_share(document: Document) -> Fraction:
    taxes = sum(to_minor(tax.amount) for line in document.lines for tax in line.taxes)
    total = to_minor(document.total)
    return Fraction(taxes, total) if 0 < taxes <= total else Fraction(0)


def _notes(
    ledger: Ledger, creditor: str, found: LossAllowance, facts: AllowanceFacts
) -> tuple[str, ...]:
    """What a reader should know: who is in proceedings and measured in a pool all the same."""
    policy = found.matrix.impairment
    impaired = credit_impaired(
        ledger, creditor, as_of=found.as_of, known_at=found.known_at, policy=policy
    )
    judged = {one.customer for one in facts.specifics if not one.items}
    waiting = sorted(
        {
            one.customer
            for one in impaired
            if ImpairmentReason.INSOLVENCY in one.reasons
            and not one.specific
            and one.customer not in judged
        }
    )
    notes = []
    if waiting:
        more = f" and {len(waiting) - _NAMED_MAX} more" if len(waiting) > _NAMED_MAX else ""
        names = ", ".join(waiting[:_NAMED_MAX])
        notes.append(f"in proceedings and measured in a pool: {names}{more}")
    if policy.rebuttal:
        notes.append(f"default presumed at {policy.default_days} days past due: {policy.rebuttal}")
    if not found.matrix.is_verified:
        notes.append(f"matrix {found.matrix.name} is not verified against its sources")
    return tuple(notes)
