"""Exposure: what a customer, a payer group, a country or all entities may lose, in named parts.

Amounts include tax, as items do: what is lost on a claim is what was invoiced (in France an *encours
client* is TTC).  All of one component in one currency is summed exactly, then weighted and converted
in one division that is rounded once, so that one more invoice never lowers what counts.

>>> from receivables.testing.builders import an_open_item
>>> items = [an_open_item(amount="1200.00"), an_open_item("AV-1", amount="-200.00")]
>>> found = exposures(items, creditor="MIRA", as_of=dt.date(2026, 10, 31), currency="EUR")["C-017"]
>>> found.total_minor, [(part.kind.value, part.weighted_minor) for part in found.components]
(100000, [('open-items', 120000), ('credits', -20000)])
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from receivables.casework.credit import LimitScope
from receivables.casework.holding import Holdback, HoldReason
from receivables.credit import rules
from receivables.credit._converting import closing_rate
from receivables.credit.limits import currencies_of, limits_in_force
from receivables.credit.model import (
    Commitment,
    ComponentKind,
    Exposure,
    ExposureComponent,
    ExposurePart,
    ExposurePolicy,
)
from receivables.currencies.model import AppliedRate, ExchangeRates
from receivables.days import check_day, days_past
from receivables.disputes import DisputePolicy, holdbacks, holdbacks_until_credited
from receivables.disputes.rules import clear_part, contested_part
from receivables.documents.model import ItemKind, OpenItem
from receivables.errors import DocumentError, LimitError
from receivables.ledger.model import Event, ReceiptRecorded, ReceiptReturned
from receivables.ledger.objects import Ledger
from receivables.limits import SUM_MINOR_MAX
from receivables.money import digits, from_minor, to_minor
from receivables.parties import UNIDENTIFIED, Customer, CustomerId
from receivables.receipts.model import Receipt, ReceiptId, ReceiptMethod

__all__ = [
    "exposure_from_ledger",
    "exposure_parts",
    "exposures",
    "exposures_of",
    "uncleared_receipts",
]

_POLICY: Final = ExposurePolicy()
_DISPUTES: Final = DisputePolicy()
_CONTESTED: Final = frozenset({HoldReason.DISPUTE, HoldReason.CREDIT})
"""What may end as a credit note: contested, or decided for the customer and not credited yet."""
_BOUNCING: Final = frozenset({ReceiptMethod.CHEQUE, ReceiptMethod.DIRECT_DEBIT})
_GIVING_WAY: Final = (ComponentKind.UNAPPLIED_CASH, ComponentKind.CREDITS)
"""The components below zero, in the order in which they stop counting."""

_ItemKey: TypeAlias = tuple[str, str]
_Cell: TypeAlias = tuple[ComponentKind, bool, str]
"""What is rounded once: a component, whether it may still come back, a currency."""


def exposures(  # noqa: PLR0913  # what an exposure is made of, each by its name
    items: Iterable[OpenItem],
    *,
    creditor: str | Collection[str],
    as_of: dt.date,
    currency: str,
    currencies: Mapping[str, str] | None = None,
    policy: ExposurePolicy = _POLICY,
    commitments: Iterable[Commitment] = (),
    held: Iterable[Holdback] = (),
    receipts: Iterable[Receipt] = (),
    customers: Iterable[Customer] = (),
    by: LimitScope | str = LimitScope.CUSTOMER,
    rates: ExchangeRates | None = None,
) -> Mapping[str, Exposure]:
    """The exposure to each customer, payer group or country at the end of a day, sorted by holder.

    `creditor` is one entity, or several whose exposures are added; items of others do not count.
    Each exposure is in the currency of its holder in `currencies`, or else in `currency`, at the
    closing rate of the day.  `held` says what is disputed, `receipts` what has come in and has not
    come back: a cheque or direct debit that has not cleared, a bill that is not due.  Money whose
    payer nobody knows lowers nothing.  Customers without a group or a country stand under ``""``.

    Within a customer, or within a payer group, credits count against debts.  They do not count
    against the debts of another customer of the country, nor against those owed to another entity:
    where several such accounts are added, each counts for zero or more.

    Raises `MissingRateError` for a currency without a rate, and `DocumentError` for a commitment
    that comes twice.
    """
    parts = exposure_parts(
        items,
        creditor=creditor,
        as_of=as_of,
        policy=policy,
        commitments=commitments,
        held=held,
        receipts=receipts,
    )
    return exposures_of(
        parts,
        creditor=creditor,
        as_of=as_of,
        currency=currency,
        currencies=currencies,
        policy=policy,
        customers=customers,
        by=by,
        rates=rates,
    )


def exposure_from_ledger(  # noqa: PLR0913  # what an exposure is made of, each by its name
    ledger: Ledger | Iterable[Ledger],
    creditor: str | Collection[str],
    *,
    as_of: dt.date,
    currency: str,
    known_at: dt.datetime | None = None,
    currencies: Mapping[str, str] | None = None,
    policy: ExposurePolicy = _POLICY,
    disputes: DisputePolicy = _DISPUTES,
    commitments: Iterable[Commitment] = (),
    customers: Iterable[Customer] = (),
    by: LimitScope | str = LimitScope.CUSTOMER,
    rates: ExchangeRates | None = None,
) -> Mapping[str, Exposure]:
    """The exposure to each holder as the ledger stood at the end of a day, as known at a moment.

    Disputes and money that may still come back are read from the ledger, or from several, each
    creditor's from the one that has it.  Where no `currencies` are given, each holder's is that of
    its limit in force, and `currency` that of who has none.  A policy of disputes by which contested
    amounts do not count gives them a weight of zero, unless the exposure policy states one.

    Raises what `exposures` does.
    """
    ledgers = (ledger,) if isinstance(ledger, Ledger) else tuple(ledger)
    names = _names(creditor)
    if not disputes.counts_in_exposure and ComponentKind.DISPUTED not in policy.weights:
        policy = attrs.evolve(policy, weights=_without_disputed(policy))
    scope = LimitScope(by)
    asked = [(one, name) for one in ledgers for name in names]
    if currencies is None:
        limits = [
            limit
            for one, name in asked
            for limit in limits_in_force(one, name, as_of=as_of, known_at=known_at)
        ]
        currencies = currencies_of(limits, scope=scope)
    return exposures(
        [item for one in ledgers for item in one.open_items(as_of=as_of, known_at=known_at)],
        creditor=names,
        as_of=as_of,
        currency=currency,
        currencies=currencies,
        policy=policy,
        commitments=commitments,
        held=[
            hold
            for one, name in asked
            for read in (holdbacks, holdbacks_until_credited)
            for hold in read(one, name, as_of=as_of, known_at=known_at)
        ],
        receipts=[
            receipt
            for one, name in asked
            for receipt in uncleared_receipts(
                one, name, as_of=as_of, known_at=known_at, policy=policy
            )
        ],
        customers=customers,
        by=scope,
        rates=rates,
    )


def _without_disputed(policy: ExposurePolicy) -> dict[ComponentKind | str, int]:
    weights: dict[ComponentKind | str, int] = dict(policy.weights.items())
    return {**weights, ComponentKind.DISPUTED: 0}


def uncleared_receipts(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: ExposurePolicy = _POLICY,
) -> tuple[Receipt, ...]:
    """The receipts that may still come back, for what has not come back yet, by booking date.

    A cheque or a direct debit may up to `policy.clearing_days` after its booking; a bill of exchange
    up to its value date, which is its maturity, or as long as a cheque where that is later.
    """
    check_day(as_of, name="as_of")
    known = tuple(_known_events(ledger.events, as_of=as_of, known_at=known_at))
    returned = _returned(known, creditor)
    found = [
        _net_of(event.receipt, returned.get(event.receipt.receipt, 0), ledger, as_of, known_at)
        for event in known
        if isinstance(event, ReceiptRecorded)
        and event.receipt.creditor == creditor
        and _may_bounce(event.receipt, as_of=as_of, policy=policy) is not None
    ]
    return tuple(
        sorted(
            (receipt for receipt in found if receipt is not None),
            key=lambda receipt: (receipt.booking_date, receipt.receipt),
        )
    )


def _known_events(
    events: Iterable[Event], *, as_of: dt.date, known_at: dt.datetime | None
) -> Iterator[Event]:
    return (
        event
        for event in events
        if isinstance(event, ReceiptRecorded | ReceiptReturned)
        and event.effective_on <= as_of
        and (known_at is None or event.recorded_at <= known_at)
    )


def _returned(events: Iterable[Event], creditor: str) -> Mapping[ReceiptId, int | None]:
    """What came back of each receipt, in minor units; None where all of it did."""
    back: dict[ReceiptId, int | None] = {}
    for event in events:
        if not isinstance(event, ReceiptReturned) or event.creditor != creditor:
            continue
        part = None if event.amount is None else to_minor(event.amount)
        back[event.receipt] = _plus(back.get(event.receipt, 0), part)
    return back


def _plus(before: int | None, more: int | None) -> int | None:
    """Two parts of a whole together, where None is the whole."""
    return None if before is None or more is None else before + more


def _net_of(
    receipt: Receipt,
    returned: int | None,
    ledger: Ledger,
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> Receipt | None:
    """A receipt for what is left of it, of the customer it is known to be of; None for nothing."""
    left = 0 if returned is None else to_minor(receipt.amount) - returned
    if left <= 0:
        return None
    item = ledger.item(receipt.creditor, receipt.receipt, as_of=as_of, known_at=known_at)
    owner = receipt.customer if item is None else item.customer
    return attrs.evolve(receipt, amount=from_minor(left, receipt.currency), customer=owner)


def _may_bounce(
    receipt: Receipt, *, as_of: dt.date, policy: ExposurePolicy
) -> ComponentKind | None:
    """The component of a receipt that may still come back; None where it may not."""
    age = days_past(receipt.booking_date, as_of=as_of)
    if age < 0:
        return None
    is_young = bool(policy.clearing_days) and age <= policy.clearing_days
    if receipt.method is ReceiptMethod.BILL_OF_EXCHANGE:
        is_due = receipt.value_date is None or receipt.value_date <= as_of
        return None if is_due and not is_young else ComponentKind.BILLS
    return ComponentKind.CHEQUES if is_young and receipt.method in _BOUNCING else None


def exposure_parts(
    items: Iterable[OpenItem],
    *,
    creditor: str | Collection[str],
    as_of: dt.date,
    policy: ExposurePolicy = _POLICY,
    commitments: Iterable[Commitment] = (),
    held: Iterable[Holdback] = (),
    receipts: Iterable[Receipt] = (),
) -> tuple[ExposurePart, ...]:
    """Everything that an exposure is made of, thing by thing, in the currencies that it is owed in.

    Whoever wants to know which item pushed a customer over its limit looks here.  Raises
    `DocumentError` for a commitment that comes twice.
    """
    check_day(as_of, name="as_of")
    names = frozenset(_names(creditor))
    own = [item for item in items if item.creditor in names and item.customer != UNIDENTIFIED]
    uncleared = {
        (receipt.creditor, str(receipt.receipt)): (receipt, kind)
        for receipt in receipts
        if receipt.creditor in names and receipt.customer != UNIDENTIFIED
        if (kind := _may_bounce(receipt, as_of=as_of, policy=policy)) is not None
    }
    contested = _contested(held)
    found = [part for item in own for part in _of_item(item, contested, uncleared)]
    left = _unapplied(own)
    for key, (receipt, kind) in uncleared.items():
        applied = to_minor(receipt.amount) - left.get(key, 0)
        if applied > 0:
            found.append(_of_receipt(receipt, kind, applied))
    found.extend(_of_commitments(commitments, names, as_of=as_of, policy=policy))
    return tuple(found)


def _names(creditor: str | Collection[str]) -> tuple[str, ...]:
    return (creditor,) if isinstance(creditor, str) else tuple(sorted(set(creditor)))


def _contested(held: Iterable[Holdback]) -> Mapping[_ItemKey, int | None]:
    """What is contested of each item, in minor units; None where all of it is."""
    stated: dict[_ItemKey, int | None] = {}
    for hold in held:
        if hold.reason in _CONTESTED:
            key = (str(hold.creditor), str(hold.item))
            stated[key] = _plus(stated.get(key, 0), hold.amount_minor)
    return stated


def _of_item(
    item: OpenItem,
    contested: Mapping[_ItemKey, int | None],
    uncleared: Collection[_ItemKey],
) -> Iterator[ExposurePart]:
    """The parts of an open item: what is clear of it, and what is disputed."""
    key = (str(item.creditor), str(item.item))
    stated = contested.get(key, 0)
    disputed = contested_part(
        item.open_minor if stated is None else stated, open_minor=item.open_minor
    )
    clear = clear_part(item.open_minor, disputed_minor=disputed)
    is_cash = item.kind is ItemKind.UNAPPLIED_CASH
    kind = ComponentKind(rules.of_item(is_cash=is_cash, is_debit=clear > 0))
    for part_kind, amount in ((kind, clear), (ComponentKind.DISPUTED, disputed)):
        if amount:
            yield ExposurePart(
                kind=part_kind,
                reference=str(item.item),
                creditor=str(item.creditor),
                customer=item.customer,
                currency=item.currency,
                amount_minor=amount,
                is_uncleared=part_kind is ComponentKind.UNAPPLIED_CASH and key in uncleared,
                on=item.document_date,
            )


def _unapplied(items: Iterable[OpenItem]) -> Mapping[_ItemKey, int]:
    """What is not applied of each receipt, in minor units, positive."""
    return {
        (str(item.creditor), str(item.item)): -item.open_minor
        for item in items
        if item.kind is ItemKind.UNAPPLIED_CASH
    }


def _of_receipt(receipt: Receipt, kind: ComponentKind, applied: int) -> ExposurePart:
    """What of a receipt would be owed again if it came back: the part that settled something."""
    return ExposurePart(
        kind=kind,
        reference=str(receipt.receipt),
        creditor=str(receipt.creditor),
        customer=receipt.customer,
        currency=receipt.currency,
        amount_minor=applied,
        on=receipt.booking_date,
    )


def _of_commitments(
    commitments: Iterable[Commitment],
    creditors: Collection[str],
    *,
    as_of: dt.date,
    policy: ExposurePolicy,
) -> Iterator[ExposurePart]:
    """The commitments that stand on a day and are expected within their horizon."""
    seen: set[tuple[str, ComponentKind, str, str]] = set()
    for one in commitments:
        key = (one.creditor, one.kind, str(one.customer), one.commitment)
        if key in seen:
            msg = f"commitments must come once each, got {one.kind.value} {one.commitment} of {one.customer} twice"
            raise DocumentError(msg)
        seen.add(key)
        is_ours = not one.creditor or one.creditor in creditors
        if is_ours and one.counts_on(as_of) and _is_near(one, as_of=as_of, policy=policy):
            yield ExposurePart(
                kind=one.kind,
                reference=one.commitment,
                creditor=one.creditor,
                customer=one.customer,
                currency=one.amount.currency.code,
                amount_minor=to_minor(one.amount),
                on=one.since,
            )


def _is_near(one: Commitment, *, as_of: dt.date, policy: ExposurePolicy) -> bool:
    """Whether a commitment is expected within the horizon of its kind; what is not dated is."""
    horizon = policy.horizons.get(one.kind)
    if horizon is None or one.expected_on is None:
        return True
    return -days_past(one.expected_on, as_of=as_of) <= horizon


def exposures_of(  # noqa: PLR0913  # what an exposure is made of, each by its name
    parts: Iterable[ExposurePart],
    *,
    creditor: str | Collection[str],
    as_of: dt.date,
    currency: str,
    currencies: Mapping[str, str] | None = None,
    policy: ExposurePolicy = _POLICY,
    customers: Iterable[Customer] = (),
    by: LimitScope | str = LimitScope.CUSTOMER,
    rates: ExchangeRates | None = None,
) -> Mapping[str, Exposure]:
    """The exposures that parts add up to, sorted by holder; see `exposures` for what is asked."""
    check_day(as_of, name="as_of")
    scope = LimitScope(by)
    names = _names(creditor)
    holder_of = _holders(customers, scope)
    accounts: dict[str, dict[_ItemKey, list[ExposurePart]]] = {}
    for part in parts:
        holder = holder_of(part.customer)
        # Whose credits count against whose debts: a group pays for its members, a country does not.
        set_off = holder if scope is LimitScope.GROUP and holder else str(part.customer)
        account = accounts.setdefault(holder, {}).setdefault((part.creditor, set_off), [])
        account.append(part)
    _merge_unnamed(accounts, names)
    desk = _Desk(as_of=as_of, policy=policy, rates=rates)
    wanted = currencies or {}
    return MappingProxyType(
        {
            holder: desk.exposure(
                accounts[holder].values(),
                creditor=", ".join(names),
                holder=holder,
                scope=scope,
                currency=wanted.get(holder, currency),
            )
            for holder in sorted(accounts)
        }
    )


def _merge_unnamed(
    accounts: Mapping[str, dict[_ItemKey, list[ExposurePart]]], creditors: Collection[str]
) -> None:
    """Put commitments that name no creditor to the only one, where there is only one."""
    if len(creditors) > 1:
        return
    for of_holder in accounts.values():
        for creditor, owner in [key for key in of_holder if not key[0]]:
            (name,) = creditors or ("",)
            unnamed = of_holder.pop((creditor, owner))
            of_holder.setdefault((name, owner), []).extend(unnamed)


def _holders(customers: Iterable[Customer], scope: LimitScope) -> Callable[[CustomerId], str]:
    """Who holds the exposure to a customer: itself, its payer group or its country."""
    if scope is LimitScope.CUSTOMER:
        return str
    held = {
        one.customer: one.payer_group
        if scope is LimitScope.GROUP
        else (one.country or one.address.country).upper()
        for one in customers
    }
    return lambda customer: held.get(customer, "")


@attrs.frozen(kw_only=True)
class _Desk:
    """What is asked of every exposure: the day, the weights and the rates."""

    as_of: dt.date
    policy: ExposurePolicy
    rates: ExchangeRates | None
    _found: dict[tuple[str, str], AppliedRate] = attrs.field(factory=dict, init=False)

    def exposure(
        self,
        accounts: Collection[list[ExposurePart]],
        *,
        creditor: str,
        holder: str,
        scope: LimitScope,
        currency: str,
    ) -> Exposure:
        """One exposure from its accounts, each of them zero or more where there are several."""
        digits(currency)
        summed = [self._components(parts, currency) for parts in accounts]
        if len(summed) > 1:
            summed = [_floored(components) for components in summed]
        codes = sorted({part.currency for parts in accounts for part in parts} - {currency})
        return Exposure(
            creditor=creditor,
            holder=holder,
            scope=scope,
            currency=currency,
            as_of=self.as_of,
            components=_added(summed),
            rates=tuple((code, str(self._rate(code, currency))) for code in codes),
        )

    def _components(self, parts: Iterable[ExposurePart], currency: str) -> list[ExposureComponent]:
        cells: dict[_Cell, int] = {}
        references: dict[ComponentKind, dict[str, None]] = {}
        for part in parts:
            cell = (part.kind, part.is_uncleared, part.currency)
            cells[cell] = cells.get(cell, 0) + part.amount_minor
            references.setdefault(part.kind, {})[part.reference] = None
        return [
            self._component(kind, cells, currency, tuple(references[kind]))
            for kind in ComponentKind
            if kind in references
        ]

    def _component(
        self,
        kind: ComponentKind,
        cells: Mapping[_Cell, int],
        currency: str,
        references: tuple[str, ...],
    ) -> ExposureComponent:
        own = {cell: amount for cell, amount in cells.items() if cell[0] is kind}
        by_currency: dict[str, int] = {}
        for (_, _, code), amount in own.items():
            by_currency[code] = by_currency.get(code, 0) + amount
        whole = sum(self._counted(code, minor, currency) for code, minor in by_currency.items())
        weighted = sum(
            self._counted(
                code,
                minor,
                currency,
                weight_bps=rules.weight_of(self.policy, kind, is_uncleared=is_uncleared),
            )
            for (_, is_uncleared, code), minor in own.items()
        )
        return ExposureComponent(
            kind=kind,
            amount_minor=whole,
            weight_bps=self.policy.weight(kind),
            weighted_minor=weighted,
            by_currency=tuple(sorted(by_currency.items())),
            references=references,
        )

    def _counted(self, code: str, minor: int, currency: str, *, weight_bps: int = 10_000) -> int:
        ratio = (1, 1) if code == currency else self._rate(code, currency).minor_ratio
        found: int = rules.counted(
            minor, weight_bps=weight_bps, ratio=ratio, rounding=self.policy.rounding
        )
        if abs(found) > SUM_MINOR_MAX:
            msg = f"exposure must be at most {SUM_MINOR_MAX} minor units of {currency}, got {found}"
            raise LimitError(msg)
        return found

    def _rate(self, code: str, currency: str) -> AppliedRate:
        key = (code, currency)
        if key not in self._found:
            self._found[key] = closing_rate(code, currency, as_of=self.as_of, rates=self.rates)
        return self._found[key]


def _floored(components: list[ExposureComponent]) -> list[ExposureComponent]:
    """The components of an account whose credits count for no more than what it owes."""
    by_kind = {part.kind: part for part in components}
    giving = [by_kind[kind] for kind in _GIVING_WAY if kind in by_kind]
    total = sum(part.weighted_minor for part in components)
    _, kept = rules.floored(total, [part.weighted_minor for part in giving])
    for part, weighted in zip(giving, kept, strict=True):
        by_kind[part.kind] = attrs.evolve(part, weighted_minor=weighted)
    return [by_kind[part.kind] for part in components]


def _added(accounts: Iterable[Iterable[ExposureComponent]]) -> tuple[ExposureComponent, ...]:
    """The components of several accounts, added kind by kind."""
    by_kind: dict[ComponentKind, list[ExposureComponent]] = {}
    for components in accounts:
        for part in components:
            by_kind.setdefault(part.kind, []).append(part)
    return tuple(_sum(by_kind[kind]) for kind in ComponentKind if kind in by_kind)


def _sum(parts: list[ExposureComponent]) -> ExposureComponent:
    if len(parts) == 1:
        return parts[0]
    by_currency: dict[str, int] = {}
    for code, minor in (pair for part in parts for pair in part.by_currency):
        by_currency[code] = by_currency.get(code, 0) + minor
    return attrs.evolve(
        parts[0],
        amount_minor=sum(part.amount_minor for part in parts),
        weighted_minor=sum(part.weighted_minor for part in parts),
        by_currency=tuple(sorted(by_currency.items())),
        references=tuple(dict.fromkeys(name for part in parts for name in part.references)),
    )
