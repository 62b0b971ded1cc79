"""Journal entries that bring the books to an allowance: what is needed less what is booked.

>>> from receivables.accounting import chart
>>> from receivables.aging import AgingScheme
>>> from receivables.allowance.policies import ProvisionMatrix
>>> from receivables.allowance.objects import loss_allowance
>>> from receivables.testing.builders import an_open_item
>>> matrix = ProvisionMatrix(name="house", version="1", scheme=AgingScheme(30),
...                          segments={"": ["0", "2 %", "25 %"]})
>>> found = loss_allowance([an_open_item(amount="1200.00")], matrix=matrix,
...                        as_of=dt.date(2026, 11, 15))
>>> by_hand = ManualEntries(chart=chart("fr-pcg"), creditor="MIRA", functional_currency="EUR")
>>> [entry] = allowance_entries(found, by_hand=by_hand)
>>> [(line.account.number, line.amount_minor) for line in entry.lines]
[('68174', 2400), ('491', -2400)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.accounting.manual import ManualEntries, Said
from receivables.accounting.model import Journal, JournalEntry, JournalLine, Role
from receivables.allowance.impairment import CreditImpaired, ImpairmentReason
from receivables.allowance.model import LossAllowance
from receivables.allowance.movement import MovementGrain
from receivables.currencies.model import ExchangeRates, RateKind
from receivables.documents.model import OpenItem
from receivables.errors import CurrencyMismatchError, MissingRateError
from receivables.money import ExchangeRate, from_minor

__all__ = [
    "DOUBTFUL_REASONS",
    "BookedDoubtful",
    "allowance_entries",
    "booked_allowance",
    "booked_doubtful",
    "doubtful_entries",
]

_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})

DOUBTFUL_REASONS: Final = (ImpairmentReason.SPECIFIC, ImpairmentReason.INSOLVENCY)
"""What makes a claim doubtful in the accounts (PCG art. 1214-41): a judgment, or proceedings.

Days past due alone make nothing doubtful there; add the reason where a house says that they do.
"""

_SEGMENT: Final = "segment"


def booked_allowance(
    journal: Journal,
    *,
    as_of: dt.date,
    grain: MovementGrain,
    segments: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, int]:
    """The loss allowance that the books hold, by customer or by pool, in functional minor units.

    A line of a pool says its segment as a dimension; one that does not belongs to the segment of its
    customer, as `segments` say.
    """
    found: dict[str, int] = {}
    for entry in journal:
        if entry.date > as_of:
            continue
        for line in entry.lines:
            if line.role is Role.ALLOWANCE:
                key = _key_of(line, grain, segments)
                found[key] = found.get(key, 0) - line.functional_minor
    return {key: minor for key, minor in found.items() if minor}


def _key_of(line: JournalLine, grain: MovementGrain, segments: Mapping[str, str]) -> str:
    if grain is MovementGrain.CUSTOMER:
        return line.customer
    return dict(line.dimensions).get(_SEGMENT) or segments.get(line.customer, "")


def allowance_entries(
    allowance: LossAllowance,
    *,
    by_hand: ManualEntries,
    booked: Journal | Mapping[str, int] = _NOTHING,
    grain: MovementGrain | None = None,
    on: dt.date | None = None,
) -> tuple[JournalEntry, ...]:
    """The charges and releases that bring what is booked to what is needed, by customer or by pool.

    One entry for each customer (France, Spain: each claim is judged by itself) or for each segment,
    in the functional currency, on the day of the allowance unless `on` says another; without `grain`
    by customer where the matrix is one of incurred losses, and else by pool.  `booked` is the journal
    of the books, up to that day, or what they hold by customer or by segment.  What is booked
    for a customer who needs none any more is released.  Raises `CurrencyMismatchError` where the
    allowance does not say its amounts in the currency of the books.
    """
    by = grain or MovementGrain.usual(allowance.matrix.standard)
    needed = _needed(allowance, by_hand, by)
    day = on or allowance.as_of
    held = _held(allowance, booked, by_hand, day=day, grain=by)
    entries = []
    for key in sorted({*needed, *held}):
        change = needed.get(key, 0) - held.get(key, 0)
        if change:
            said = _said(by_hand, key, day, by)
            money = from_minor(change, by_hand.functional_currency)
            entries.append(by_hand.allowance(money, **said))
    return tuple(entries)


def _held(
    allowance: LossAllowance,
    booked: Journal | Mapping[str, int],
    by_hand: ManualEntries,
    *,
    day: dt.date,
    grain: MovementGrain,
) -> Mapping[str, int]:
    """What the books hold, grouped as the entries will be."""
    if not isinstance(booked, Journal):
        return booked
    segments: dict[str, str] = {line.customer: line.segment for line in allowance.lines}
    own = [entry for entry in booked if entry.creditor == by_hand.creditor]
    journal = attrs.evolve(booked, entries=own)
    return booked_allowance(journal, as_of=day, grain=grain, segments=segments)


def _needed(
    allowance: LossAllowance, by_hand: ManualEntries, grain: MovementGrain
) -> dict[str, int]:
    currency = by_hand.functional_currency
    own = allowance.functional_currency
    if own != currency and (own or set(allowance.currencies) - {currency}):
        said = own or ", ".join(allowance.currencies)
        msg = f"allowance must say its amounts in {currency}, the currency of the books, got {said}"
        raise CurrencyMismatchError(msg)
    found: dict[str, int] = {}
    for line in allowance.lines:
        if line.creditor == by_hand.creditor:
            key = line.customer if grain is MovementGrain.CUSTOMER else line.segment
            minor = (line.functional_minor or 0) if own else line.allowance_minor
            found[key] = found.get(key, 0) + minor
    return found


def _said(by_hand: ManualEntries, key: str, day: dt.date, grain: MovementGrain) -> Said:
    said: Said = {"on": day, "name": f"allowance:{by_hand.creditor}:{key}:{day}"}
    if grain is MovementGrain.CUSTOMER:
        said["customer"] = key
    else:
        said["dimensions"] = ((_SEGMENT, key),)
    return said


@attrs.frozen(kw_only=True)
class BookedDoubtful:
    """What of an item stands among the doubtful claims in the books, in minor units of its currency."""

    item: str
    customer: str
    currency: str
    amount_minor: int


def booked_doubtful(journal: Journal, *, as_of: dt.date) -> tuple[BookedDoubtful, ...]:
    """What the books hold as doubtful of each item, from their lines on that account."""
    found: dict[str, BookedDoubtful] = {}
    for entry in journal:
        for line in entry.lines if entry.date <= as_of else ():
            if line.role is Role.DISPUTED_RECEIVABLE and line.item:
                before = found.get(line.item)
                found[line.item] = BookedDoubtful(
                    item=line.item,
                    customer=line.customer,
                    currency=line.currency,
                    amount_minor=line.amount_minor + (before.amount_minor if before else 0),
                )
    return tuple(one for _, one in sorted(found.items()) if one.amount_minor)


def doubtful_entries(
    items: Iterable[OpenItem],
    impaired: Iterable[CreditImpaired],
    *,
    by_hand: ManualEntries,
    on: dt.date,
    booked: Iterable[BookedDoubtful] = (),
    reasons: Collection[ImpairmentReason] = DOUBTFUL_REASONS,
    rates: ExchangeRates | None = None,
) -> tuple[JournalEntry, ...]:
    """The entries that put claims among the doubtful ones, whole and with their tax, or take them back.

    One for each item: what is open of it and doubtful, less what is booked so.  A claim that was paid
    or is no longer doubtful goes back to the customer's account (PCG art. 1214-41).  An item in a
    foreign currency needs a published closing rate of its pair among `rates`.
    """
    doubtful = {one.item for one in impaired if set(one.reasons) & set(reasons)}
    needed: dict[str, OpenItem] = {
        item.item: item for item in items if item.item in doubtful and item.open_minor > 0
    }
    before = {one.item: one for one in booked}
    entries = []
    for name in sorted({*needed, *before}):
        item, known = needed.get(name), before.get(name)
        change = (item.open_minor if item else 0) - (known.amount_minor if known else 0)
        if change:
            currency = item.currency if item else before[name].currency
            customer = item.customer if item else before[name].customer
            said: Said = {"on": on, "name": f"doubtful:{by_hand.creditor}:{name}:{on}"}
            said["customer"], said["item"] = customer, name
            if currency != by_hand.functional_currency:
                said["rate"] = _rate(rates, currency, by_hand.functional_currency, on)
            entries.append(by_hand.doubtful(from_minor(change, currency), **said))
    return tuple(entries)


def _rate(rates: ExchangeRates | None, base: str, quote: str, on: dt.date) -> ExchangeRate:
    """The published closing rate of a pair; an entry says one rate, and no chain of them."""
    applied = (rates or ExchangeRates()).rate(base, quote, on=on, kind=RateKind.CLOSING)
    if len(applied.legs) != 1:
        msg = f"a rate of {base}/{quote} must be published for an entry, got one through a pivot"
        raise MissingRateError(msg)
    return applied.legs[0]
