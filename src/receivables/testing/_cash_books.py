"""The open items while they are planned: columns by place, the items of a payer side by side.

The places of a payer go from its oldest item to its newest.  What a payment needs (an amount, a
credit note, a due date later than another) is noted at the place; the rest is drawn at the end.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import attrs

from receivables.documents.model import DiscountOffer, ItemId, ItemKind, OpenItem
from receivables.money import from_minor
from receivables.parties import CreditorId, CustomerId
from receivables.testing._cash_noise import CashShape, happens
from receivables.testing._cash_numbers import Numbering, NumberParts
from receivables.testing._cash_parties import Payers, PayerUnit
from receivables.testing._dice import Dice, Quantiles, Weights

__all__ = ["Books", "Gate", "Offer", "Role"]

_WHOLE: Final = 10_000
_SPREAD: Final = 9_000
"""How much of the days that the terms allow is filled with due dates."""
_HASH: Final = 2_654_435_761
_HASH_BITS: Final = 32
_ORDERS: Final = ("PO-{}", "45000{}", "CDE {}", "B/{}")
_OFFER_DAYS: Final = 10
_OFFER_PERCENT: Final = 2


class Role:
    """What stands at a place."""

    INVOICE: Final = 0
    CREDIT: Final = 1
    PENALTY: Final = 2
    SETTLED: Final = 3
    """It was settled before, and is no open item."""


class Gate:
    """What is asked of the due date at a place."""

    FREE: Final = 0
    LATER: Final = 1
    """Later than at the place before."""
    EQUAL: Final = 2


_KINDS: Final = {
    Role.INVOICE: ItemKind.INVOICE,
    Role.CREDIT: ItemKind.CREDIT_NOTE,
    Role.PENALTY: ItemKind.DEBIT_NOTE,
}


@attrs.frozen
class Offer:
    """A settlement discount that an item offers: its last day, as an ordinal, and its amount."""

    until: int
    amount_minor: int


class Books:
    """Columns by place: amounts, roles, gates, and after `close` due dates and numbers."""

    def __init__(self, payers: Payers, *, shape: CashShape, dice: Dice) -> None:
        self.payers = payers
        self.units = payers.units
        self.starts = list(accumulate((unit.size for unit in self.units), initial=0))
        self.count = self.starts[-1]
        self.amounts = [0] * self.count
        """Positive; zero where nothing was planned."""
        self.roles = bytearray(self.count)
        self.gates = bytearray(self.count)
        self.before: dict[int, int] = {}
        """What was paid of an item earlier."""
        self.offers: dict[int, Offer] = {}
        self.anchors: dict[int, tuple[int, int]] = {}
        """The first payment of a payer: its day, and the oldest place that it pays."""
        self.extra: list[tuple[int, int]] = []
        """The payer and the due date of each settled document, at the places after the others."""
        self.due: list[int] = []
        self.issued: list[int] = []
        """The day that a document was issued on, as an ordinal."""
        self.numbers: list[str] = []
        self.orders: list[str] = []
        self.settled: list[str] = []
        self._shape = shape
        self._dice = dice
        self._draw_amount = Quantiles(*shape.amounts).draw
        self._jitter = Weights(*shape.jitter)
        self._open: dict[int, list[int]] = {}
        self._owners: dict[int, list[int]] = {}
        self._serials: list[int] = []

    def open_of(self, unit: int) -> list[int]:
        """The places of the invoices that a payer has not paid yet, the oldest first."""
        found = self._open.get(unit)
        if found is None:
            found = self._open[unit] = list(range(self.starts[unit], self.starts[unit + 1]))
        return found

    def unit_of(self, place: int) -> int:
        """The payer of a place."""
        if place >= self.count:
            return self.extra[place - self.count][0]
        return bisect_right(self.starts, place) - 1

    def owner_of(self, place: int) -> int:
        """The customer who owes what stands at a place, by its place among the customers."""
        number = self.unit_of(place)
        unit = self.units[number]
        if len(unit.members) == 1 or place >= self.count:
            return unit.payer
        if number not in self._owners:
            self._owners[number] = _shuffled(unit, Dice(number, "owners"))
        return self._owners[number][place - self.starts[number]]

    def amount(self, place: int) -> int:
        """The amount at a place, drawn now if it was not before."""
        if not self.amounts[place]:
            self.amounts[place] = self._draw_amount(self._dice)
        return self.amounts[place]

    def add_settled(self, unit: int, *, due: int) -> int:
        """A document that was settled before; its place is after all the others."""
        self.extra.append((unit, due))
        self.amounts.append(self._draw_amount(self._dice))
        self.roles.append(Role.SETTLED)
        return len(self.amounts) - 1

    def close(self, numbering: Numbering, *, last_day: int, settled: int) -> None:
        """Draw what was left open, and number everything by the day of issue.

        `settled` is about how many numbers of settled documents are told.
        """
        self._fill_amounts()
        self._date(last_day)
        self._order()
        self._number(numbering, settled)

    def _fill_amounts(self) -> None:
        """Amounts of what nobody pays here; some repeat an earlier one of the same customer."""
        amounts, dice, draw = self.amounts, self._dice, self._draw_amount
        left = amounts.count(0) or 1
        repeated = min(_WHOLE, self._shape.repeated * self.count // left)
        for number, unit in enumerate(self.units):
            alone = len(unit.members) == 1
            seen: dict[int, list[int]] = {}
            for place in range(self.starts[number], self.starts[number + 1]):
                if amounts[place]:
                    continue
                own = seen.setdefault(unit.payer if alone else self.owner_of(place), [])
                if own and happens(dice, repeated):
                    amounts[place] = dice.pick(own)
                else:
                    amounts[place] = draw(dice)
                    own.append(amounts[place])

    def _date(self, last_day: int) -> None:
        """Due dates that rise with the place, as the gates ask, and issued before they are paid."""
        self.due = []
        for number, unit in enumerate(self.units):
            start, end = self.starts[number], self.starts[number + 1]
            day, anchor = self.anchors.get(number, (last_day + self._dice.below(20), start))
            known = min(day, last_day + 1)
            late = max(1 - unit.terms, unit.lateness + self._jittered())
            due = day - late
            most = known - 1 + unit.terms
            offsets = self._offsets(start, end, days=max(1, most - due))
            gated = self._last_gated(start, end)
            shift = due - offsets[anchor - start]
            if gated >= start:
                shift -= max(0, offsets[gated - start] + shift - most)
            due_days = [min(most, offset + shift) for offset in offsets]
            self.due += due_days
            self.issued += [day - unit.terms for day in due_days]
        self.due += [due for _, due in self.extra]
        self.issued += [due - self.units[unit].terms for unit, due in self.extra]

    def _jittered(self) -> int:
        return self._dice.between(*self._jitter.draw(self._dice))

    def _offsets(self, start: int, end: int, *, days: int) -> list[int]:
        """Days since the oldest item of a payer, place by place."""
        dice, gates = self._dice, self.gates
        most = 2 * days * _SPREAD // _WHOLE // (end - start)
        chance = days * _SPREAD // (end - start)
        offset = 0
        offsets = [0]
        for place in range(start + 1, end):
            gate = gates[place]
            if gate != Gate.EQUAL:
                gap = dice.between(0, most) if most else int(happens(dice, chance))
                offset += max(gap, gate)
            offsets.append(offset)
        return offsets

    def _last_gated(self, start: int, end: int) -> int:
        return self.gates.rfind(bytes([Gate.LATER]), start, end)

    def _order(self) -> None:
        """Order numbers, each customer in its way; some were delivered in parts."""
        shape, dice = self._shape, self._dice
        orders = self.orders = [""] * len(self.amounts)
        for number, unit in enumerate(self.units):
            pattern, last = _ORDERS[unit.orders], ""
            for place in range(self.starts[number], self.starts[number + 1]):
                if self.roles[place] == Role.INVOICE and happens(dice, shape.ordered):
                    if not (last and happens(dice, shape.order_shared)):
                        last = pattern.format(dice.between(10_000, 99_999))
                    orders[place] = last

    def _number(self, numbering: Numbering, settled: int) -> None:
        """Serials by the day of issue, mixed within a day; the numbers between are settled."""
        dice, step = self._dice, 2 * self._shape.issued_per_open - 1
        told = settled * _WHOLE // len(self.amounts)
        self._serials = [0] * len(self.amounts)
        self.numbers = [""] * len(self.amounts)
        serials = [numbering.first, numbering.credit_first]
        dates = _Dates()
        for place in sorted(range(len(self.amounts)), key=self._issue_key):
            is_credit = self.roles[place] == Role.CREDIT
            year = dates[self.issued[place]].year
            serials[is_credit] += 1 + dice.below(step)
            serial = self._serials[place] = serials[is_credit]
            self.numbers[place] = numbering.number(serial, year=year, is_credit=is_credit)
            if self.roles[place] == Role.SETTLED:
                self.settled.append(self.numbers[place])
            elif not is_credit and happens(dice, told) and dice.below(step):
                self.settled.append(numbering.number(serial + 1, year=year))
                serials[0] += 1

    def _issue_key(self, place: int) -> int:
        mixed = (place * _HASH) % (1 << _HASH_BITS)
        return (self.issued[place] << _HASH_BITS) + mixed

    def parts(self, place: int, numbering: Numbering) -> NumberParts:
        """The number at a place, taken apart."""
        year = dt.date.fromordinal(self.issued[place]).year
        is_credit = self.roles[place] == Role.CREDIT
        parts = numbering.parts(self._serials[place], year=year, is_credit=is_credit)
        return attrs.evolve(parts, order=self.orders[place])

    def items(self, numbering: Numbering, *, creditor: CreditorId) -> Iterator[OpenItem]:
        """The open items, payer by payer, before any of the payments."""
        dates = _Dates()
        ids = [customer.customer for customer in self.payers.customers]
        for number, unit in enumerate(self.units):
            alone = len(unit.members) == 1
            for place in range(self.starts[number], self.starts[number + 1]):
                owner = ids[unit.payer if alone else self.owner_of(place)]
                yield self._item(place, unit, owner, numbering, creditor, dates)

    def _item(
        self,
        place: int,
        unit: PayerUnit,
        owner: CustomerId,
        numbering: Numbering,
        creditor: CreditorId,
        dates: _Dates,
    ) -> OpenItem:
        role, number, due = self.roles[place], self.numbers[place], self.due[place]
        sign = -1 if role == Role.CREDIT else 1
        issued = dates[self.issued[place]]
        amount = sign * self.amounts[place]
        before = self.before.get(place)
        return OpenItem(
            item=ItemId(number),
            document=number,
            kind=_KINDS[role],
            creditor=creditor,
            customer=owner,
            currency=unit.currency,
            amount_minor=amount,
            open_minor=amount if before is None else amount - before,
            document_date=issued,
            posting_date=issued,
            due_date=issued if role == Role.CREDIT else dates[due],
            references=self._references(place, numbering),
            discounts=self._discounts(place, unit, dates) if role == Role.INVOICE else (),
            category="late-interest" if role == Role.PENALTY else "",
        )

    def _references(self, place: int, numbering: Numbering) -> tuple[str, ...]:
        if self.roles[place] != Role.INVOICE:
            return ()
        structured = numbering.structured(self.numbers[place])
        order = self.orders[place]
        if structured:
            return (structured, order) if order else (structured,)
        return (order,) if order else ()

    def _discounts(self, place: int, unit: PayerUnit, dates: _Dates) -> tuple[DiscountOffer, ...]:
        offer = self.offers.get(place)
        issued = self.issued[place]
        if offer is None:
            if not happens(self._dice, self._shape.offered):
                return ()
            offer = Offer(issued + _OFFER_DAYS, self.amounts[place] * _OFFER_PERCENT // 100)
        until = dates[max(issued, offer.until)]
        return (DiscountOffer(until=until, amount=from_minor(offer.amount_minor, unit.currency)),)


class _Dates(dict[int, dt.date]):
    """Dates by ordinal, each made once."""

    def __missing__(self, ordinal: int) -> dt.date:
        day = self[ordinal] = dt.date.fromordinal(ordinal)
        return day


def _shuffled(unit: PayerUnit, dice: Dice) -> list[int]:
    """The members of a group, each as often as it has items, in a mixed order."""
    owners = [
        member for member, size in zip(unit.members, unit.sizes, strict=True) for _ in range(size)
    ]
    for place in range(len(owners) - 1, 0, -1):
        other = dice.below(place + 1)
        owners[place], owners[other] = owners[other], owners[place]
    return owners
