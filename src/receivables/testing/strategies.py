"""Hypothesis strategies for the values of the library, up to whole histories that a ledger accepts.

They need the extra ``testing``.  Strategies shrink to the plainest case: one customer, one euro, one
document.

>>> from hypothesis import given, settings
>>> from receivables.ledger import Ledger
>>> @settings(max_examples=5, database=None)
... @given(histories())
... def every_history_is_legal(events):
...     assert len(Ledger.replay(events)) == len(events)
>>> every_history_is_legal()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from receivables import limits
from receivables.aging.model import AgeBasis, AgingScheme, Credits, Undated
from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.documents.model import (
    CreditNote,
    DebitNote,
    Document,
    Installment,
    Invoice,
    ItemId,
    ItemKind,
    Line,
    OpenItem,
    Tax,
)
from receivables.documents.objects import open_items
from receivables.errors import MissingExtraError
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    Event,
    EventId,
    FactLearned,
    FactWithdrawn,
    ItemHeld,
    ItemReleased,
    PeriodClosed,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.money import Money, from_minor, to_minor
from receivables.parties import UNIDENTIFIED, Customer, CustomerId
from receivables.receipts.facts import Fact, FactKind
from receivables.receipts.model import Payer, Receipt, ReceiptMethod, Remittance, ReturnReason
from receivables.receipts.objects import unapplied_item
from receivables.testing._cases import opened_case
from receivables.testing._credit_cases import opened_credit_case

try:
    from hypothesis import strategies as st
except ModuleNotFoundError:
    raise MissingExtraError.for_extra(
        "testing", needed_for="receivables.testing.strategies"
    ) from None

__all__ = [
    "aging_schemes",
    "allocations",
    "amounts_minor",
    "currencies",
    "customer_ids",
    "customers",
    "dates",
    "documents",
    "histories",
    "monies",
    "open_items_lists",
    "receipts",
]

_CREDITOR: Final = "MIRA"
_LOCALES: Final = (("fr-FR", "FR"), ("fr-CA", "CA"), ("es-ES", "ES"), ("es-MX", "MX"), ("en", "GB"))
_CURRENCIES: Final = ("EUR", "CAD", "USD", "JPY", "KWD", "CLF")
"""Two, none, three and four decimals."""
_FIRST: Final = dt.date(2025, 1, 1)
_LAST: Final = dt.date(2026, 12, 31)
_TEXT: Final = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=("Cc", "Cn", "Cs")),
    max_size=60,
)
_Draw: TypeAlias = st.DrawFn


def currencies() -> st.SearchStrategy[str]:
    """Codes with two decimals, and some with none, three or four."""
    return st.sampled_from(_CURRENCIES)


def amounts_minor(
    *, minimum: int = 1, maximum: int = limits.AMOUNT_MINOR_MAX
) -> st.SearchStrategy[int]:
    """Amounts in minor units, mostly small ones."""
    small = min(maximum, max(minimum, 100_000))
    return st.integers(minimum, small) | st.integers(minimum, maximum)


@st.composite
def monies(
    draw: _Draw,
    *,
    minimum: int = -limits.AMOUNT_MINOR_MAX,
    maximum: int = limits.AMOUNT_MINOR_MAX,
    currency: str | None = None,
) -> Money:
    """Amounts of money that are exact in their currency; the bounds are in minor units."""
    code = draw(currencies()) if currency is None else currency
    return from_minor(draw(amounts_minor(minimum=minimum, maximum=maximum)), code)


def dates(*, first: dt.date = _FIRST, last: dt.date = _LAST) -> st.SearchStrategy[dt.date]:
    """Days of two years around the worlds of the tests."""
    return st.dates(first, last)


def customer_ids(*, count: int = 4) -> st.SearchStrategy[CustomerId]:
    """Identifiers of a handful of customers, so that accounts meet."""
    return st.integers(1, count).map(lambda number: CustomerId(f"C-{number:03d}"))


@st.composite
def customers(draw: _Draw) -> Customer:
    """Customers in the languages of the library."""
    locale, country = draw(st.sampled_from(_LOCALES))
    return Customer(
        customer=draw(customer_ids(count=999)),
        name=draw(_TEXT.filter(str.strip)),
        locale=locale,
        country=country,
        payer_group=draw(st.sampled_from(("", "", "Groupe A"))),
        terms=draw(st.sampled_from(("", "net 30", "45 end of month", "end of month 30"))),
    )


@st.composite
def documents(draw: _Draw, *, number: str | None = None, currency: str | None = None) -> Document:
    """Invoices, debit notes and credit notes, some in installments, some without a due date."""
    cls: type[Document] = draw(st.sampled_from((Invoice, Invoice, DebitNote, CreditNote)))
    day = draw(dates())
    total = draw(monies(minimum=1, currency=currency))
    due = day + dt.timedelta(days=draw(st.integers(0, 120)))
    return cls(
        number=number or f"D-{draw(st.integers(1, 9999)):04d}",
        creditor=_CREDITOR,
        customer=draw(customer_ids()),
        document_date=day,
        posting_date=day + dt.timedelta(days=draw(st.integers(0, 3))),
        total=total,
        lines=draw(_document_lines(total)),
        installments=draw(_installments(total, due)),
        references=draw(st.lists(st.sampled_from(("PO-17", "BC4711")), unique=True)),
    )


@st.composite
def _document_lines(draw: _Draw, total: Money) -> tuple[Line, ...]:
    """No lines, or one or two with a tax, that add up to the total."""
    if draw(st.booleans()):
        return ()
    currency = total.currency.code
    minor = to_minor(total)
    tax = minor // draw(st.sampled_from((6, 21, 10**18)))
    first = draw(st.integers(0, minor - tax))
    nets = [first, minor - tax - first] if draw(st.booleans()) else [minor - tax]
    amounts = [from_minor(net, currency) for net in nets]
    taxes = (Tax(code="S", base=amounts[0], amount=from_minor(tax, currency)),) if tax else ()
    category = draw(st.sampled_from(("", "", "late-interest")))
    return tuple(
        Line(
            description=f"line {place}",
            net=net,
            taxes=() if place else taxes,
            category=category,
        )
        for place, net in enumerate(amounts)
    )


@st.composite
def _installments(draw: _Draw, total: Money, due: dt.date) -> tuple[Installment, ...]:
    currency = total.currency.code
    minor = int(total.amount.scaleb(-int(from_minor(1, currency).amount.as_tuple().exponent)))
    parts = draw(st.integers(1, min(3, minor)))
    sizes = [minor // parts] * (parts - 1)
    dated = draw(st.integers(0, 9)) > 0
    return tuple(
        Installment(
            due + dt.timedelta(days=30 * place) if dated else None, from_minor(size, currency)
        )
        for place, size in enumerate([*sizes, minor - sum(sizes)])
    )


@st.composite
def receipts(
    draw: _Draw,
    *,
    receipt: str | None = None,
    currency: str | None = None,
    identified: bool | None = None,
) -> Receipt:
    """Receipts of known and unknown payers, with any text."""
    known = draw(st.integers(0, 3)) > 0 if identified is None else identified
    text = draw(_TEXT)
    return Receipt(
        receipt=receipt or f"R-{draw(st.integers(1, 9999)):04d}",
        creditor=_CREDITOR,
        amount=draw(monies(minimum=1, currency=currency)),
        booking_date=draw(dates()),
        customer=draw(customer_ids()) if known else UNIDENTIFIED,
        payer=Payer(name=draw(_TEXT)),
        remittance=Remittance(text=(text,) if text else ()),
        method=draw(st.sampled_from(ReceiptMethod)),
    )


@st.composite
def open_items_lists(
    draw: _Draw, *, max_size: int = 12, currency: str | None = None, dated: bool = False
) -> list[OpenItem]:
    """Lists of open items with distinct identities, partly open, debits and credits.

    With `dated`, every item has a due date.
    """
    count = draw(st.integers(0, max_size))
    return [
        draw(_open_item(f"I-{place:04d}", currency=currency, dated=dated))
        for place in range(1, count + 1)
    ]


@st.composite
def _open_item(draw: _Draw, name: str, *, currency: str | None, dated: bool) -> OpenItem:
    kind = draw(st.sampled_from(tuple(ItemKind)))
    amount = draw(amounts_minor(maximum=limits.AMOUNT_MINOR_MAX // 100))
    sign = -1 if kind.is_credit else 1
    day = draw(dates())
    due = day + dt.timedelta(days=draw(st.integers(0, 120)))
    undated = kind is ItemKind.CREDIT_NOTE and not dated
    return OpenItem(
        item=ItemId(name),
        document=name,
        kind=kind,
        creditor=_CREDITOR,  # type: ignore[arg-type]  # converted nowhere, a plain text does
        customer=draw(customer_ids()),
        currency=draw(currencies()) if currency is None else currency,
        amount_minor=sign * amount,
        open_minor=sign * draw(st.integers(1, amount)),
        document_date=day,
        posting_date=day,
        due_date=None if undated else due,
    )


@st.composite
def aging_schemes(draw: _Draw) -> AgingScheme:
    """Schemes over every basis and every treatment of credits."""
    basis = draw(st.sampled_from(AgeBasis))
    lowest = -60 if basis is AgeBasis.DUE_DATE else 0
    bounds = draw(st.lists(st.integers(lowest, 400), min_size=1, max_size=8, unique=True))
    return AgingScheme(
        *sorted(bounds),
        basis=basis,
        credits=draw(st.sampled_from(Credits)),
        undated=draw(st.sampled_from(Undated)),
    )


@st.composite
def allocations(draw: _Draw, items: Sequence[OpenItem], *, name: str = "a-1") -> Allocation | None:
    """Allocations that the open amounts of items can pay; None where there is nothing to allocate.

    All legs are in one currency and add up to zero.
    """
    pools: dict[str, tuple[list[OpenItem], list[OpenItem]]] = {}
    for item in items:
        if item.open_minor:
            pools.setdefault(item.currency, ([], []))[item.open_minor < 0].append(item)
    payable = {code: pool for code, pool in sorted(pools.items()) if all(pool)}
    if not payable:
        return None
    currency = draw(st.sampled_from(tuple(payable)))
    sizes = [{item.item: abs(item.open_minor) for item in side} for side in payable[currency]]
    legs = draw(_legs(*sizes))
    return Allocation(allocation=name, creditor=items[0].creditor, currency=currency, legs=legs)


@st.composite
def _legs(draw: _Draw, debits: Mapping[ItemId, int], credits: Mapping[ItemId, int]) -> list[Leg]:
    """Legs over some debits and credits, spending one total on both sides."""
    chosen = [
        draw(st.lists(st.sampled_from(sorted(side)), min_size=1, max_size=3, unique=True))
        for side in (debits, credits)
    ]
    bound = min(
        sum(side[item] for item in items)
        for side, items in zip((debits, credits), chosen, strict=True)
    )
    total = draw(st.integers(1, bound) | st.just(bound))
    paid = _spend(total, [(item, debits[item]) for item in chosen[0]])
    used = _spend(total, [(item, credits[item]) for item in chosen[1]])
    return [Leg(item, part) for item, part in paid] + [Leg(item, -part) for item, part in used]


def _spend(total: int, sizes: Sequence[tuple[ItemId, int]]) -> list[tuple[ItemId, int]]:
    parts = []
    for item, size in sizes:
        part = min(total, size)
        total -= part
        if part:
            parts.append((item, part))
    return parts


@attrs.define
class _Item:
    """What a history remembers of an item: its amount and what was taken from which day on."""

    item: ItemId
    currency: str
    amount_minor: int
    since: dt.date
    customer: CustomerId
    moves: list[tuple[dt.date, int]] = attrs.field(factory=list)

    def least_open(self, day: dt.date) -> int:
        """The least that is open on any day from `day` on, without the sign."""
        days = {day, *(moved for moved, _ in self.moves if moved > day)}
        taken = [sum(part for moved, part in self.moves if moved <= on) for on in days]
        return abs(self.amount_minor) - max(taken)

    def is_untouched(self, day: dt.date) -> bool:
        """Whether it is wholly open from `day` on."""
        return self.least_open(day) == abs(self.amount_minor)


@attrs.define
class _World:
    """A history under way: what exists, so that only legal events are drawn."""

    draw: _Draw
    currencies: tuple[str, ...]
    events: list[Event] = attrs.field(factory=list)
    items: dict[ItemId, _Item] = attrs.field(factory=dict)
    documents: dict[str, tuple[Document, list[ItemId]]] = attrs.field(factory=dict)
    receipts: dict[ItemId, Receipt] = attrs.field(factory=dict)
    allocations: dict[str, Allocated] = attrs.field(factory=dict)
    held: dict[ItemId, dt.date] = attrs.field(factory=dict)
    facts: dict[str, tuple[dt.date, bool]] = attrs.field(factory=dict)
    """By fact: the day of the last word on it, and whether it holds."""
    minute: int = 0

    def now(self) -> dt.datetime:
        """The moment of the next recording; it never goes back, and may stand still."""
        self.minute += self.draw(st.sampled_from((1, 0, 60 * 24)))
        return dt.datetime(2027, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=self.minute)

    def day(self, since: dt.date) -> dt.date:
        """A day on or after another."""
        return since + dt.timedelta(days=self.draw(st.integers(0, 40)))


def _issue(world: _World) -> None:
    currency = world.draw(st.sampled_from(world.currencies))
    number = f"D-{len(world.documents) + 1:04d}"
    document = world.draw(documents(number=number, currency=currency))
    event = DocumentIssued.of(document, recorded_at=world.now())
    created = open_items(document)
    for item in created:
        world.items[item.item] = _item(item, event.effective_on)
    world.documents[number] = (document, [item.item for item in created])
    world.events.append(event)


def _receive(world: _World) -> None:
    currency = world.draw(st.sampled_from(world.currencies))
    receipt = world.draw(receipts(receipt=f"R-{len(world.receipts) + 1:04d}", currency=currency))
    event = ReceiptRecorded.of(receipt, recorded_at=world.now())
    item = unapplied_item(receipt)
    world.items[item.item] = _item(item, event.effective_on)
    world.receipts[item.item] = receipt
    world.events.append(event)


def _item(item: OpenItem, since: dt.date) -> _Item:
    return _Item(item.item, item.currency, item.amount_minor, since, item.customer)


def _identify(world: _World) -> None:
    unknown = [item for item in world.receipts if _is_unknown(world.items.get(item))]
    if not unknown:
        return
    name = world.draw(st.sampled_from(unknown))
    item = world.items[name]
    item.customer = world.draw(customer_ids())
    item.since = world.day(item.since)
    world.events.append(
        ReceiptIdentified(
            event=EventId(f"identified:{name}"),
            effective_on=item.since,
            recorded_at=world.now(),
            creditor=world.receipts[name].creditor,
            receipt=world.receipts[name].receipt,
            customer=item.customer,
        )
    )


def _is_unknown(item: _Item | None) -> bool:
    return item is not None and item.customer == UNIDENTIFIED


def _allocate(world: _World) -> None:
    known = [item for item in world.items.values() if item.customer != UNIDENTIFIED]
    if not known:
        return
    day = world.day(
        max(world.draw(st.lists(st.sampled_from([i.since for i in known]), min_size=1, max_size=2)))
    )
    sizes: dict[str, tuple[dict[ItemId, int], dict[ItemId, int]]] = {}
    for item in known:
        if item.since <= day and (least := item.least_open(day)):
            sides = sizes.setdefault(item.currency, ({}, {}))
            sides[item.amount_minor < 0][item.item] = least
    if not sizes:
        return
    currency = world.draw(st.sampled_from(sorted(sizes)))
    if all(sizes[currency]) and world.draw(st.integers(0, 3)):
        legs = world.draw(_legs(*sizes[currency]))
        _record_allocation(world, day, currency, legs, _kept_back(world, legs, sizes[currency][0]))
    else:
        _settle_alone(world, day, currency, sizes[currency])


_SETTLED_WITHOUT: Final = (
    ResidualKind.SETTLEMENT_DISCOUNT,
    ResidualKind.SMALL_DIFFERENCE,
    ResidualKind.BANK_CHARGE,
    ResidualKind.COLLECTION_FEE,
    ResidualKind.WITHHOLDING_TAX,
    ResidualKind.RETENTION,
    ResidualKind.DEDUCTION,
    ResidualKind.WRITE_OFF,
)


def _kept_back(
    world: _World, legs: list[Leg], debits: Mapping[ItemId, int]
) -> list[tuple[Leg, Residual]]:
    """What is settled of a debit beyond what the credits pay: a discount, a charge, a deduction."""
    paid = next(leg for leg in legs if leg.amount_minor > 0)
    room = debits[paid.item] - paid.amount_minor
    if room <= 0 or world.draw(st.integers(0, 2)):
        return []
    amount = world.draw(st.integers(1, min(room, 1_000)) | st.just(room))
    kind = world.draw(st.sampled_from(_SETTLED_WITHOUT))
    tax = amount // 6 if kind is ResidualKind.SETTLEMENT_DISCOUNT else 0
    return [(paid, Residual(kind, amount, tax_minor=tax, item=paid.item))]


def _settle_alone(
    world: _World, day: dt.date, currency: str, sides: tuple[dict[ItemId, int], dict[ItemId, int]]
) -> None:
    """A debit written off; a credit sent back as money, or earned on what was written off before."""
    item, size = world.draw(st.sampled_from(sorted([*sides[0].items(), *sides[1].items()])))
    amount = world.draw(st.integers(1, size) | st.just(size))
    sign = 1 if item in sides[0] else -1
    returned = world.draw(st.sampled_from((ResidualKind.REFUND, ResidualKind.RECOVERY)))
    kind = ResidualKind.WRITE_OFF if sign > 0 else returned
    legs = [Leg(item, sign * amount)]
    _record_allocation(world, day, currency, legs, [], [Residual(kind, sign * amount, item=item)])


def _record_allocation(
    world: _World,
    day: dt.date,
    currency: str,
    legs: list[Leg],
    kept: Sequence[tuple[Leg, Residual]] = (),
    residuals: Sequence[Residual] = (),
) -> None:
    name = f"A-{len(world.allocations) + 1:04d}"
    for leg, residual in kept:
        legs[legs.index(leg)] = Leg(leg.item, leg.amount_minor + residual.amount_minor)
    allocation = Allocation(
        allocation=name,
        creditor=_CREDITOR,
        currency=currency,
        legs=legs,
        residuals=[*residuals, *(residual for _, residual in kept)],
    )
    for leg in legs:
        world.items[leg.item].moves.append((day, abs(leg.amount_minor)))
    for item, residual in allocation.owed:
        owner = world.items[residual.item].customer
        world.items[item] = _Item(item, currency, residual.amount_minor, day, owner)
    event = Allocated(
        event=EventId(f"allocated:{name}"),
        effective_on=day,
        recorded_at=world.now(),
        allocation=allocation,
        customers=tuple(sorted({world.items[leg.item].customer for leg in legs})),
    )
    world.allocations[name] = event
    world.events.append(event)


def _unallocate(world: _World) -> None:
    undone = {event.allocation for event in world.events if isinstance(event, Unallocated)}
    active = [
        event
        for name, event in world.allocations.items()
        if name not in undone and _cancellable(world, [item for item, _ in event.allocation.owed])
    ]
    if not active:
        return
    done = world.draw(st.sampled_from(active))
    owed = [item for item, _ in done.allocation.owed]
    day = _first_whole_day(world, owed) if owed else world.day(done.effective_on)
    _take_whole(world, owed, day)
    for leg in done.allocation.legs:
        world.items[leg.item].moves.append((day, -abs(leg.amount_minor)))
    world.events.append(
        Unallocated(
            event=EventId(f"unallocated:{done.allocation.allocation}"),
            effective_on=day,
            recorded_at=world.now(),
            creditor=done.allocation.creditor,
            customers=done.customers,
            allocation=done.allocation.allocation,
        )
    )


def _cancel(world: _World) -> None:
    whole = [name for name, (_, items) in world.documents.items() if _cancellable(world, items)]
    if not whole:
        return
    number = world.draw(st.sampled_from(whole))
    document, items = world.documents[number]
    day = _first_whole_day(world, items)
    _take_whole(world, items, day)
    world.events.append(
        DocumentCancelled(
            event=EventId(f"cancelled:{number}"),
            effective_on=day,
            recorded_at=world.now(),
            creditor=document.creditor,
            customer=document.customer,
            number=number,
        )
    )


def _return(world: _World) -> None:
    whole = [name for name in world.receipts if _cancellable(world, [name])]
    if not whole:
        return
    name = world.draw(st.sampled_from(whole))
    customer = world.items[name].customer
    day = _first_whole_day(world, [name])
    _take_whole(world, [name], day)
    world.events.append(
        ReceiptReturned(
            event=EventId(f"returned:{name}"),
            effective_on=day,
            recorded_at=world.now(),
            creditor=world.receipts[name].creditor,
            customer=customer,
            receipt=world.receipts[name].receipt,
            reason_code=world.draw(st.sampled_from(("", "AM04", "MD06"))),
        )
    )


def _return_part(world: _World) -> None:
    free = [
        (name, size)
        for name in world.receipts
        if name in world.items and (size := world.items[name].least_open(world.items[name].since))
    ]
    if not free:
        return
    name, size = world.draw(st.sampled_from(free))
    item = world.items[name]
    amount = world.draw(st.integers(1, size))
    day = world.day(item.since)
    item.moves.append((day, amount))
    charged = from_minor(amount // 100, item.currency) if amount > 100 else None  # noqa: PLR2004  # a hundredth
    world.events.append(
        ReceiptReturned(
            event=EventId(f"returned:{name}:{len(world.events)}"),
            effective_on=day,
            recorded_at=world.now(),
            creditor=world.receipts[name].creditor,
            customer=item.customer,
            receipt=world.receipts[name].receipt,
            amount=from_minor(amount, item.currency),
            reason=world.draw(st.sampled_from(ReturnReason)),
            fee=charged,
        )
    )


def _hold_or_release(world: _World) -> None:
    if not world.items:
        return
    item = world.items[world.draw(st.sampled_from(sorted(world.items)))]
    event: Event
    known: dict[str, Any] = {
        "event": EventId(f"hold:{item.item}:{len(world.events)}"),
        "effective_on": world.day(item.since),
        "recorded_at": world.now(),
        "creditor": _CREDITOR,
        "customer": item.customer,
        "item": item.item,
    }
    if item.item in world.held:
        # The customer of the item must have been known by then.
        day = max(world.held.pop(item.item), item.since)
        event = ItemReleased(**{**known, "effective_on": day})
    else:
        event = ItemHeld(**known, reason="overpayment")
        world.held[item.item] = event.effective_on
    world.events.append(event)


def _learn_or_withdraw(world: _World) -> None:
    customers = sorted({item.customer for item in world.items.values() if item.customer})
    if not customers:
        return
    customer = world.draw(st.sampled_from(customers))
    name = world.draw(st.sampled_from(["FR76 3000 6000 0112", "DUPONT OUEST"]))
    fact = Fact(
        kind=FactKind.PAYER_ACCOUNT,
        value=name,
        customer=customer,
        learned_on=_FIRST,
        source="a person",
    )
    known: dict[str, Any] = {
        "event": EventId(f"fact:{fact.fact}:{len(world.events)}"),
        "effective_on": world.day(world.facts.get(fact.fact, (_FIRST, False))[0]),
        "recorded_at": world.now(),
        "creditor": _CREDITOR,
    }
    holds = world.facts.get(fact.fact, (_FIRST, False))[1]
    world.facts[fact.fact] = (known["effective_on"], not holds)
    if holds:
        world.events.append(FactWithdrawn(**known, customer=customer, fact=fact.fact))
    else:
        world.events.append(FactLearned(**known, fact=fact))


def _open_case(world: _World) -> None:
    """A case about an item: a promise, a dispute, a limit, an allowance…; it changes no balance."""
    owned = [item for item in world.items.values() if item.customer]
    if not owned:
        return
    item = world.draw(st.sampled_from(owned))
    place = len(world.events)
    since = world.day(item.since)
    opened = opened_case if place % 8 < 4 else opened_credit_case  # noqa: PLR2004  # four kinds of each
    kind, fields = opened(
        place,
        creditor=_CREDITOR,
        customer=item.customer,
        item=item.item,
        currency=item.currency,
        on=since,
    )
    event = EventId(f"case:{place}")
    world.events.append(kind(event=event, effective_on=since, recorded_at=world.now(), **fields))


def _change_due_date(world: _World) -> None:
    if not world.items:
        return
    item = world.items[world.draw(st.sampled_from(sorted(world.items)))]
    world.events.append(
        DueDateChanged(
            event=EventId(f"due:{item.item}:{len(world.events)}"),
            effective_on=world.day(item.since),
            recorded_at=world.now(),
            creditor=_CREDITOR,
            customer=item.customer,
            item=item.item,
            due_date=world.draw(dates()),
        )
    )


def _close(world: _World) -> None:
    """Close the books up to a day; it comes last, so that it refuses nothing."""
    world.events.append(
        PeriodClosed(
            event=EventId("closed"),
            effective_on=(through := world.draw(dates())),
            recorded_at=world.now(),
            creditor=_CREDITOR,
            through=through,
        )
    )


def _cancellable(world: _World, items: Sequence[ItemId]) -> bool:
    there = [world.items.get(item) for item in items]
    return all(item is not None and item.is_untouched(dt.date.max) for item in there)


def _first_whole_day(world: _World, items: Sequence[ItemId]) -> dt.date:
    """A day from which on nothing of the items is allocated."""
    found = [world.items[item] for item in items]
    return world.day(max(max((item.since, *(day for day, _ in item.moves))) for item in found))


def _take_whole(world: _World, items: Sequence[ItemId], day: dt.date) -> None:
    """Take items off, and forget them: nothing can happen to them any more."""
    for item in items:
        world.items[item].moves.append((day, abs(world.items[item].amount_minor)))
        del world.items[item]


_STEPS: Final[tuple[Callable[[_World], None], ...]] = (
    *(_allocate, _allocate, _allocate, _allocate, _issue, _receive),
    *(_unallocate, _unallocate, _identify, _identify, _cancel, _return),
    *(_return_part, _hold_or_release, _change_due_date, _learn_or_withdraw, _open_case),
)


@st.composite
def histories(
    draw: _Draw, *, max_steps: int = 12, currencies: Sequence[str] = ("EUR", "JPY")
) -> tuple[Event, ...]:
    """Histories that a `Ledger` accepts: documents, receipts, and everything that becomes of them.

    Events take effect on any day that the balances allow, often before the last one; they are
    recorded in their order, several at the same moment at times.
    """
    alone = draw(st.integers(0, 2)) > 0
    world = _World(draw, tuple(currencies)[:1] if alone else tuple(currencies))
    # Drawn counts give longer histories than drawn lists would.
    openings = draw(st.integers(0, min(6, max_steps)))
    for place in range(openings):
        (_issue, _receive)[place % 2](world)
    for _ in range(draw(st.integers(0, max_steps - openings))):
        draw(st.sampled_from(_STEPS))(world)
    if draw(st.integers(0, 4)) == 0:
        _close(world)
    return tuple(world.events)
