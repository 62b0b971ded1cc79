"""Netting: what may be set off across entities and under which conditions, and net positions.

What an entity's customer owes may be settled by what another entity owes that customer.  In each book
an allocation settles its own items, and the entities owe each other what they did for one another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import attrs

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.documents.model import OpenItem
from receivables.errors import DocumentError
from receivables.intercompany.model import (
    ConditionResult,
    IntercompanyLine,
    NetPayment,
    NetPosition,
    NettingAgreement,
    NettingCondition,
    NettingExclusion,
    NettingProposal,
)
from receivables.money import from_minor, to_minor

__all__ = ["net_payments", "net_positions", "propose_netting"]

_Pair: TypeAlias = tuple[str, str]


def propose_netting(
    name: str,
    items: Iterable[OpenItem],
    *,
    agreement: NettingAgreement | None,
    counterparties: Mapping[tuple[str, str], str],
    as_of: dt.date,
    disputed: Collection[tuple[str, str]] = (),
) -> NettingProposal:
    """Set off what a counterparty owes some entities against what others owe it.

    `items` are open items of all entities, debits and credits.  `counterparties` says which legal
    entity a customer is, by creditor and customer; a customer that it does not name is left out.
    `disputed` names items by creditor and item.  What is due first is set off first.  Each item that is
    left out comes with the condition that it does not meet.

    The law that lets debts be set off is not decided here: in France they must be fungible, certain,
    liquid and due (*C. civ. art. 1347-1*, from memory, unverified), unless a contract says otherwise.
    """
    groups: dict[_Pair, list[_Part]] = {}
    excluded: list[NettingExclusion] = []
    for item in sorted(items, key=_due_first):
        legal = counterparties.get((item.creditor, item.customer), "")
        is_disputed = (item.creditor, item.item) in disputed
        failed = _failed(item, legal, agreement, as_of=as_of, is_disputed=is_disputed)
        if failed is not None:
            excluded.append(failed)
        elif agreement is not None and (part := _part(item, agreement)) is not None:
            groups.setdefault((legal, part.currency), []).append(part)
    allocations = [
        allocation
        for (legal, currency), parts in sorted(groups.items())
        for allocation in _set_off(parts, currency, name=name, counterparty=legal)
    ]
    return NettingProposal(
        name=name,
        agreement="" if agreement is None else agreement.name,
        as_of=as_of,
        allocations=allocations,
        conditions=_conditions(agreement, excluded),
        excluded=excluded,
    )


@attrs.frozen
class _Part:
    """An item that may be set off: its open amount, and what that is in the currency of settlement."""

    item: OpenItem
    currency: str
    value_minor: int
    agreement: NettingAgreement

    def taken(self, value_minor: int) -> int:
        """How much of the item is worth so much, never more than is open of it."""
        if value_minor == self.value_minor:
            return self.item.open_minor
        if self.currency == self.item.currency:
            return value_minor
        rate = self.agreement.rate(self.item.currency)
        assert rate is not None  # noqa: S101  # without a rate there is no part
        back = rate.convert(
            from_minor(value_minor, self.currency), rounding=self.agreement.rounding
        )
        limit = abs(self.item.open_minor)
        return max(-limit, min(limit, to_minor(back)))


def _due_first(item: OpenItem) -> tuple[dt.date, str, str]:
    return (item.due_date or item.document_date, item.creditor, item.item)


def _failed(
    item: OpenItem,
    legal: str,
    agreement: NettingAgreement | None,
    *,
    as_of: dt.date,
    is_disputed: bool,
) -> NettingExclusion | None:
    """The first condition that an item does not meet."""
    condition = NettingCondition
    if agreement is None:
        checks = [(condition.AGREEMENT, False, "there is none")]
    else:
        is_due = item.due_date <= as_of if item.due_date else item.kind.is_credit
        currency = item.currency
        covered = agreement.covers(item.creditor, legal, as_of=as_of)
        rated = agreement.currency in ("", currency) or agreement.rate(currency) is not None
        checks = [
            (condition.SAME_COUNTERPARTY, bool(legal), f"{item.customer} is no known legal entity"),
            (condition.AGREEMENT, covered, f"{agreement.name} does not cover it on {as_of}"),
            (condition.CURRENCY, rated, f"{agreement.name} states no rate of {currency}"),
            (condition.DUE, is_due, f"due on {item.due_date or 'no day'}"),
            (condition.UNDISPUTED, not is_disputed, "disputed"),
        ]
    required = (NettingCondition.AGREEMENT,) if agreement is None else agreement.required
    for each, is_met, detail in checks:
        if not is_met and each in required:
            return NettingExclusion(
                creditor=item.creditor, item=item.item, condition=each, detail=detail
            )
    return None


def _part(item: OpenItem, agreement: NettingAgreement) -> _Part | None:
    """An item with its value; None where nothing is open of it, or it rounds to nothing."""
    currency = agreement.currency or item.currency
    rate = None if currency == item.currency else agreement.rate(item.currency)
    value = item.open_minor
    if rate is not None:
        value = to_minor(rate.convert(item.open_amount, rounding=agreement.rounding))
    return _Part(item, currency, value, agreement) if value else None


def _set_off(
    parts: Sequence[_Part], currency: str, *, name: str, counterparty: str
) -> Iterator[Allocation]:
    """One allocation for each entity that takes part; nothing where only one side has anything."""
    spent = _spend(parts)
    positions: dict[str, int] = {}
    for part, value, _ in spent:
        creditor = str(part.item.creditor)
        positions[creditor] = positions.get(creditor, 0) + value
    owed = _pairwise(positions)
    for creditor in positions:
        own = [each for each in spent if each[0].item.creditor == creditor]
        reference = f"{name}:{counterparty}:{currency}"
        residuals = [*_conversions(own, currency)]
        residuals += [
            Residual(
                ResidualKind.INTERCOMPANY,
                minor if creditor == payee else -minor,
                counterparty=payer if creditor == payee else payee,
                reason=reference,
            )
            for (payer, payee), minor in owed.items()
            if creditor in (payer, payee)
        ]
        yield Allocation(
            allocation=reference,
            creditor=own[0][0].item.creditor,
            currency=currency,
            legs=[_leg(part, taken, currency) for part, _, taken in own],
            residuals=residuals,
            reason=f"netting {name} with {counterparty}",
        )


_Spent: TypeAlias = tuple[_Part, int, int]
"""A part, the value that is set off of it, and how much of the item that is; all signed."""


def _spend(parts: Sequence[_Part]) -> list[_Spent]:
    """Spend the smaller side on the larger, what is due first at first."""
    debits = [part for part in parts if part.value_minor > 0]
    owed = [part for part in parts if part.value_minor < 0]
    total = min(sum(part.value_minor for part in debits), -sum(part.value_minor for part in owed))
    while True:
        spent = [*_side(debits, total), *_side(owed, -total)]
        # A rest too small for a unit of the item's own currency is left to the next run.
        lost = sum(abs(value) for _, value, taken in spent if not taken)
        if not lost:
            return spent
        total -= lost


def _side(parts: Sequence[_Part], total: int) -> Iterator[_Spent]:
    left = abs(total)
    for part in parts:
        size = min(left, abs(part.value_minor))
        left -= size
        value = size if part.value_minor > 0 else -size
        if value:
            yield part, value, part.taken(value)


def _leg(part: _Part, taken: int, currency: str) -> Leg:
    own = part.item.currency
    return Leg(part.item.item, taken, currency="" if own == currency else own)


def _conversions(own: Iterable[_Spent], currency: str) -> Iterator[Residual]:
    """Both sides of what was converted at the rate of the agreement, one pair per currency."""
    sums: dict[str, tuple[int, int]] = {}
    for part, value, taken in own:
        code = part.item.currency
        if code != currency:
            before = sums.get(code, (0, 0))
            sums[code] = (before[0] + taken, before[1] + value)
    for code, (taken, value) in sorted(sums.items()):
        if taken:
            yield Residual(ResidualKind.CONVERSION, taken, currency=code)
        if value:
            yield Residual(ResidualKind.CONVERSION, -value)


def _pairwise(positions: Mapping[str, int]) -> dict[_Pair, int]:
    """Who owes whom so that all positions become zero, by payer and payee: the largest first.

    There is always one payment less than there are entities, at most.
    """
    payees = sorted((-minor, name) for name, minor in positions.items() if minor > 0)
    payers = sorted((minor, name) for name, minor in positions.items() if minor < 0)
    owed: dict[_Pair, int] = {}
    while payees and payers:
        (asked, payee), (offered, payer) = payees.pop(0), payers.pop(0)
        paid = min(-asked, -offered)
        owed[payer, payee] = paid
        if -asked > paid:
            payees.insert(0, (asked + paid, payee))
        if -offered > paid:
            payers.insert(0, (offered + paid, payer))
    return owed


def _conditions(
    agreement: NettingAgreement | None, excluded: Collection[NettingExclusion]
) -> list[ConditionResult]:
    """The conditions of items as they came out, and the two of presentation."""
    found = []
    if agreement is None:
        detail = "no agreement was given"
        return [ConditionResult(condition=NettingCondition.AGREEMENT, is_met=False, detail=detail)]
    for condition in agreement.required:
        count = sum(one.condition is condition for one in excluded)
        detail = f"{count} items do not meet it and are left out" if count else ""
        found.append(ConditionResult(condition=condition, is_met=True, detail=detail))
    said = f"said by {agreement.name}"
    pairs = (
        (NettingCondition.ENFORCEABLE_RIGHT, agreement.is_enforceable),
        (NettingCondition.NET_SETTLEMENT, agreement.settles_net),
    )
    found += [ConditionResult(condition=each, is_met=is_met, detail=said) for each, is_met in pairs]
    return found


def net_positions(lines: Iterable[IntercompanyLine], *, as_of: dt.date) -> tuple[NetPosition, ...]:
    """What each entity is owed by all others together, by currency, from the books of all of them.

    Raises `DocumentError` where the positions of a currency do not add up to zero, because then two
    books do not agree (`receivables.intercompany.agree` says which lines).

    >>> books = [("A", "B", -100), ("B", "A", 100), ("B", "C", -80), ("C", "B", 80)]
    >>> day = dt.date(2026, 10, 31)
    >>> lines = [IntercompanyLine(creditor=own, counterparty=other, date=day, amount_minor=minor,
    ...                           currency="EUR") for own, other, minor in books]
    >>> [(each.creditor, each.amount_minor) for each in net_positions(lines, as_of=day)]
    [('A', -100), ('B', 20), ('C', 80)]
    """
    totals: dict[_Pair, int] = {}
    for line in lines:
        if line.date <= as_of:
            key = (line.currency, str(line.creditor))
            totals[key] = totals.get(key, 0) + line.amount_minor
    for currency in sorted({code for code, _ in totals}):
        rest = sum(minor for (code, _), minor in totals.items() if code == currency)
        if rest:
            msg = f"positions in {currency} must add up to zero, got {rest}; agree the books first"
            raise DocumentError(msg)
    return tuple(
        NetPosition(creditor=creditor, currency=currency, amount_minor=minor)
        for (currency, creditor), minor in sorted(totals.items())
    )


def net_payments(positions: Iterable[NetPosition]) -> tuple[NetPayment, ...]:
    """The few payments that settle net positions, currency by currency; no sum across currencies."""
    by_currency: dict[str, dict[str, int]] = {}
    for each in positions:
        of_currency = by_currency.setdefault(each.currency, {})
        name = str(each.creditor)
        of_currency[name] = of_currency.get(name, 0) + each.amount_minor
    return tuple(
        NetPayment(payer=payer, payee=payee, currency=currency, amount_minor=minor)
        for currency, of_currency in sorted(by_currency.items())
        for (payer, payee), minor in _pairwise(of_currency).items()
    )
