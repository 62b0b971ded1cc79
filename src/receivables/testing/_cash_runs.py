"""Who pays what on the days of a set: runs through a payer's open items, and how far they are off."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from receivables.testing._cash_books import Books, Gate, Offer, Role
from receivables.testing._cash_model import ShortfallKind
from receivables.testing._cash_noise import CashNoise, CashShape, happens
from receivables.testing._dice import Dice, Quantiles, Weights
from receivables.testing._payments import TruthKind

__all__ = ["EUROS_IN", "NOBODY", "Planned", "Planner"]

NOBODY: Final = -1
"""The payer of what is no receivable."""
EUROS_IN: Final = {"USD": 10_812, "GBP": 8_464, "CHF": 9_437, "CAD": 14_978}
"""What 10,000 euros are in a currency (A); all have two decimals."""
_WHOLE: Final = 10_000
_CHARGES: Final = Quantiles((0, 500), (500, 1_500), (1000, 4_500))
_FOLLOWS_EVERY: Final = 6
"""Other payments between a first part and its rest, about."""
_LEFTOVERS: Final = 300
"""Payments that would be complete, were no part of an older invoice left by one before (bps)."""
_PREFERENCE: Final = 6
"""How often another payer is looked at, if this is not its day."""
_LEAST_SPLIT: Final = 2_000
_PENALTY: Final = 4_000
"""The fixed compensation for recovery costs, and the least of a penalty."""
_TWINLESS: Final = 8_400
"""Payments that have an item to spare for a twin, about."""
_SUNDRY: Final = Quantiles((0, 100), (300, 8_000), (700, 90_000), (1000, 9_000_000))
_ADVANCES: Final = Quantiles((0, 5), (500, 20), (900, 100), (1000, 500))
_PARTIALS: Final = Weights((45, "earlier"), (30, "later"), (25, "both"))


@attrs.define(kw_only=True)
class Planned:
    """A payment before anything is written on it: what it pays, by place, and what it is short of."""

    unit: int
    day: int
    kind: TruthKind
    parts: list[tuple[int, int]] = attrs.Factory(list)
    """Places and amounts, a credit note's below zero."""
    short: list[tuple[int, ShortfallKind, int]] = attrs.Factory(list)
    extra_minor: int = 0
    noise: list[str] = attrs.Factory(list)
    is_whole_range: bool = False
    """Whether no open invoice of the payer stands between the first and the last of the paid."""
    copies: Planned | None = None
    euros_minor: int = 0
    """What it is in the creditor's currency, where it comes in that one for items in another."""

    @property
    def worth_minor(self) -> int:
        """Its amount, in the currency of its items."""
        return sum(amount for _, amount in self.parts) + self.extra_minor


class _Picker:
    """Finds a payer by how many open items it has left."""

    def __init__(self, sizes: Sequence[int], dice: Dice) -> None:
        self._dice = dice
        self._by_size: dict[int, list[int]] = {}
        for unit, size in enumerate(sizes):
            self._by_size.setdefault(size, []).append(unit)
        self._sizes = sorted(self._by_size)

    @property
    def largest(self) -> int:
        """The most open items that a payer has."""
        return self._sizes[-1] if self._sizes else 0

    def take(self, wanted: int, *, least: int, prefers: Callable[[int], bool]) -> int:
        """A payer with about as many open items as wanted, and as many as needed if any has."""
        place = min(bisect_left(self._sizes, wanted), len(self._sizes) - 1)
        if place and self._sizes[place - 1] >= least:
            below, above = self._sizes[place - 1], self._sizes[place]
            if abs(wanted - below) < abs(above - wanted):
                place -= 1
        size = self._sizes[place]
        units = self._by_size[size]
        chosen = self._dice.below(len(units))
        for _ in range(_PREFERENCE):
            if prefers(units[chosen]):
                break
            chosen = self._dice.below(len(units))
        units[chosen], units[-1] = units[-1], units[chosen]
        unit = units.pop()
        if not units:
            del self._by_size[size]
            del self._sizes[place]
        return unit

    def give(self, unit: int, size: int) -> None:
        """Put a payer back with what it has left."""
        if not size:
            return
        if size not in self._by_size:
            insort(self._sizes, size)
        self._by_size.setdefault(size, []).append(unit)


class Planner:
    """Plans the payments of a set, one after the other."""

    def __init__(
        self,
        books: Books,
        *,
        shape: CashShape,
        noise: CashNoise,
        dice: Dice,
        days: Sequence[int],
    ) -> None:
        self._books = books
        self._shape = shape
        self._noise = noise
        self._dice = dice
        self._days = Weights(*((shape.weekdays[(day - 1) % 7], day) for day in days))
        self._today = days[0]
        self._picker = _Picker([unit.size for unit in books.units], dice)
        self._runs = Weights(*shape.runs)
        self._open = Quantiles(*shape.open_at_payment)
        self._rests: list[tuple[int, int, int]] = []
        self._made: list[Planned] = []

    def plan(self, count: int) -> list[Planned]:
        """So many payments, by day."""
        for self._today in sorted(self._days.draw(self._dice) for _ in range(count)):
            self._made.append(self._next()())
        return self._made

    def _take(self, wanted: int, *, least: int) -> int:
        """A payer, rather one whose favorite day is today."""
        if not happens(self._dice, self._shape.favorite_day):
            return self._picker.take(wanted, least=least, prefers=_anybody)
        weekday, units = (self._today - 1) % 7, self._books.units
        return self._picker.take(
            wanted, least=least, prefers=lambda unit: units[unit].weekday == weekday
        )

    def _next(self) -> Callable[[], Planned]:
        dice, noise = self._dice, self._noise
        if self._rests and not dice.below(_FOLLOWS_EVERY):
            return self._rest
        draw = dice.below(_WHOLE)
        for share, make in (
            (noise.not_receivable, self._sundry),
            (noise.on_account, self._advance),
            (noise.duplicated // 2, self._again),
            (noise.duplicated - noise.duplicated // 2, self._settled_again),
        ):
            if draw < share:
                return make
            draw -= share
        return self._pays

    def _sundry(self) -> Planned:
        amount = _SUNDRY.draw(self._dice)
        return Planned(
            unit=NOBODY, day=self._today, kind=TruthKind.NOT_RECEIVABLE, extra_minor=amount
        )

    def _advance(self) -> Planned:
        unit = self._take(self._wanted(1), least=1)
        self._picker.give(unit, len(self._books.open_of(unit)))
        amount = _ADVANCES.draw(self._dice) * 10_000
        return Planned(unit=unit, day=self._today, kind=TruthKind.ON_ACCOUNT, extra_minor=amount)

    def _again(self) -> Planned:
        """A payment of the set once more, with everything that is written on it."""
        plain = [
            made
            for made in self._made[-50:]
            if made.kind is TruthKind.PAYS and not (made.short or made.noise or made.euros_minor)
        ]
        if not plain:
            return self._pays()
        first = self._dice.pick(plain)
        return Planned(
            unit=first.unit,
            day=self._today,
            kind=TruthKind.DUPLICATE,
            extra_minor=first.worth_minor,
            copies=first,
        )

    def _settled_again(self) -> Planned:
        """What was paid days ago, paid again."""
        unit = self._take(self._wanted(1), least=1)
        self._picker.give(unit, len(self._books.open_of(unit)))
        day = self._today
        count = 1 if self._dice.below(3) else 2
        due = day - self._books.units[unit].lateness - self._dice.between(3, 40)
        places = [self._books.add_settled(unit, due=due) for _ in range(count)]
        parts = [(place, self._books.amount(place)) for place in places]
        copied = Planned(unit=unit, day=day, kind=TruthKind.PAYS, parts=parts)
        return Planned(
            unit=unit,
            day=day,
            kind=TruthKind.DUPLICATE,
            extra_minor=copied.worth_minor,
            copies=copied,
        )

    def _rest(self) -> Planned:
        """The second part of an invoice whose first one is among the payments."""
        unit, place, amount = self._rests.pop(0)
        planned = Planned(unit=unit, day=self._today, kind=TruthKind.PAYS)
        planned.noise.append("rest")
        if amount > _LEAST_SPLIT and happens(
            self._dice, self._noise.three_payments * _WHOLE // max(1, self._noise.two_payments)
        ):
            part = amount * self._dice.between(30, 70) // 100
            planned.short.append((place, ShortfallKind.PARTIAL, amount - part))
            self._rests.append((unit, place, amount - part))
            amount = part
        planned.parts.append((place, amount))
        return planned

    def _pays(self) -> Planned:
        dice, noise = self._dice, self._noise
        count = min(dice.between(*self._runs.draw(dice)), max(1, self._picker.largest))
        spare = [happens(dice, noise.netted), happens(dice, noise.penalties), self._has_twin()]
        least = count + sum(spare)
        all_of_it = happens(dice, self._shape.pays_all)
        unit = self._take(least if all_of_it else self._wanted(count), least=least)
        planned = Planned(unit=unit, day=self._today, kind=TruthKind.PAYS)
        places = self._run(planned, count - spare[2] if all_of_it and count > 1 else count)
        planned.parts = [(place, self._books.amount(place)) for place in places]
        if spare[2]:
            self._add_twin(planned)
        if spare[1]:
            self._add_penalty(planned)
        self._split_and_shorten(planned)
        if spare[0]:
            self._net(planned)
        self._go_over(planned)
        self._picker.give(unit, len(self._books.open_of(unit)))
        return planned

    def _has_twin(self) -> bool:
        return happens(self._dice, self._shape.twins * _WHOLE // _TWINLESS)

    def _wanted(self, count: int) -> int:
        """About how many open items a payer has that pays so many, and not all."""
        if not happens(self._dice, self._shape.open_beyond):
            return count + self._open.draw(self._dice)
        wanted, largest = self._shape.open_at_payment[-1][1], self._picker.largest
        while wanted * 2 < largest and self._dice.below(2):
            wanted *= 2
        return wanted + self._dice.below(wanted)

    def _run(self, planned: Planned, count: int) -> list[int]:
        """The places that a run pays, taken off the payer's open ones."""
        books, opens = self._books, self._books.open_of(planned.unit)
        count = min(count, len(opens))
        draw = self._dice.below(_WHOLE)
        shape = self._shape
        complete, oldest = (
            (shape.complete_one, shape.oldest_one)
            if count == 1
            else (shape.complete_many, shape.oldest_many)
        )
        if count == len(opens) or draw < _beyond(complete, shape.pays_all):
            places, opens[:count] = opens[:count], []
            planned.is_whole_range = True
            if opens and books.gates[opens[0]] == Gate.FREE:
                books.gates[opens[0]] = Gate.LATER
        elif draw < _beyond(oldest, shape.pays_all):
            places, opens[:count] = opens[:count], []
            if opens[0] == places[-1] + 1 and books.gates[opens[0]] == Gate.FREE:
                books.gates[opens[0]] = Gate.EQUAL
        else:
            places = self._skipping(opens, count)
            planned.noise.append("skips-older")
        books.anchors.setdefault(planned.unit, (planned.day, places[0]))
        return places

    def _skipping(self, opens: list[int], count: int) -> list[int]:
        """Some of the older ones stay unpaid, for whatever reason."""
        dice = self._dice
        skipped = dice.between(1, min(len(opens) - count, 2 * count + 4))
        window = opens[: count + skipped]
        last = window.pop()
        for place in range(skipped):
            other = dice.between(place, len(window) - 1)
            window[place], window[other] = window[other], window[place]
        opens[: count + skipped] = sorted(window[:skipped])
        if self._books.gates[last] == Gate.FREE:
            self._books.gates[last] = Gate.LATER
        return [*sorted(window[skipped:]), last]

    def _free(self, unit: int) -> int | None:
        """The place of an open invoice of which nothing is known yet."""
        opens = self._books.open_of(unit)
        for _ in range(4):
            if opens:
                place = self._dice.pick(opens)
                if not self._books.amounts[place]:
                    return place
        return None

    def _add_twin(self, planned: Planned) -> None:
        place = self._free(planned.unit)
        if place is not None:
            self._books.amounts[place] = self._dice.pick(planned.parts)[1]
            planned.noise.append("twin")
        elif len(planned.parts) > 1:
            first, second = planned.parts[:2]
            self._books.amounts[second[0]] = first[1]
            planned.parts[1] = (second[0], first[1])
            planned.noise.append("twin")

    def _add_penalty(self, planned: Planned) -> None:
        place = self._free(planned.unit)
        if place is None:
            return
        self._books.open_of(planned.unit).remove(place)
        self._books.roles[place] = Role.PENALTY
        amount = _PENALTY + self._dice.pick(planned.parts)[1] * self._dice.between(0, 30) // 1000
        self._books.amounts[place] = amount
        if happens(self._dice, self._noise.penalty_ignored):
            planned.noise.append("penalty-ignored")
        else:
            planned.parts.append((place, amount))
            planned.noise.append("penalty-paid")

    def _net(self, planned: Planned) -> None:
        """A credit note that the payer takes off."""
        place = self._free(planned.unit)
        most = planned.worth_minor * self._dice.between(3, 60) // 100
        if place is None or most < 1:
            return
        self._books.open_of(planned.unit).remove(place)
        self._books.roles[place] = Role.CREDIT
        self._books.amounts[place] = most
        planned.parts.append((place, -most))
        planned.noise.append("credit-netted")

    def _split_and_shorten(self, planned: Planned) -> None:
        noise = self._noise
        split = noise.two_payments + noise.three_payments
        for index, (place, amount) in enumerate(planned.parts):
            if self._books.roles[place] != Role.INVOICE:
                continue
            draw = self._dice.below(_WHOLE)
            if draw < split:
                self._split(planned, index)
            elif draw < split + noise.deducted:
                cut = amount * self._dice.between(1, 15) // 100
                self._shorten(planned, index, ShortfallKind.DEDUCTION, cut)
            elif draw < split + noise.deducted + noise.discounted:
                self._discount(planned, index)
        self._change(planned)

    def _split(self, planned: Planned, index: int) -> None:
        place, amount = planned.parts[index]
        if amount < _LEAST_SPLIT:
            return
        way = _PARTIALS.draw(self._dice)
        part = amount * self._dice.between(30, 70) // 100
        if way == "earlier":
            self._books.before[place] = amount - part
            planned.parts[index] = (place, part)
            planned.noise.append("paid-before")
            return
        self._shorten(planned, index, ShortfallKind.PARTIAL, amount - part)
        if way == "both":
            self._rests.append((planned.unit, place, amount - part))

    def _shorten(self, planned: Planned, index: int, kind: ShortfallKind, cut: int) -> None:
        place, amount = planned.parts[index]
        if 0 < cut < amount:
            planned.parts[index] = (place, amount - cut)
            planned.short.append((place, kind, cut))
            planned.noise.append(kind.value)

    def _discount(self, planned: Planned, index: int) -> None:
        """Seven in ten are earned, two are late, one was never offered."""
        place, amount = planned.parts[index]
        cut = amount * self._dice.pick((2, 2, 3)) // 100
        draw = self._dice.below(10)
        self._shorten(planned, index, ShortfallKind.DISCOUNT, cut)
        if draw == 0 or not cut:
            planned.noise.append("discount-not-offered")
            return
        is_late = draw <= 2  # noqa: PLR2004  # two in ten
        days = -self._dice.between(1, 10) if is_late else self._dice.between(0, 12)
        self._books.offers[place] = Offer(planned.day + days, cut)
        if is_late:
            planned.noise.append("discount-late")

    def _change(self, planned: Planned) -> None:
        """What is foreign: bank charges, or money in the creditor's currency."""
        currency = self._books.units[planned.unit].currency
        if currency == "EUR":
            return
        is_split = {place for place, kind, _ in planned.short if kind is ShortfallKind.PARTIAL}
        amounts = [0 if place in is_split else amount for place, amount in planned.parts]
        index = amounts.index(max(amounts))
        if not amounts[index]:
            return
        if happens(self._dice, self._noise.charged):
            cut = _CHARGES.draw(self._dice)
            self._shorten(planned, index, ShortfallKind.CHARGE, min(cut, amounts[index] // 2))
        elif happens(self._dice, self._noise.other_currency):
            off = self._dice.between(0, 100)
            cut = amounts[index] * off // _WHOLE
            self._shorten(planned, index, ShortfallKind.EXCHANGE, cut)
            planned.euros_minor = 1
            planned.noise.append("other-currency")

    def _go_over(self, planned: Planned) -> None:
        if planned.euros_minor:
            rate = EUROS_IN[self._books.units[planned.unit].currency]
            planned.euros_minor = (planned.worth_minor * _WHOLE + rate - 1) // rate
        elif not planned.short and happens(self._dice, self._noise.overpaid):
            more = planned.worth_minor * self._dice.between(1, 20) // 100
            planned.extra_minor = max(1, more)
            planned.noise.append("overpayment")


def _anybody(_unit: int) -> bool:
    return True


def _beyond(share: int, pays_all: int) -> int:
    """A share among those payments that do not pay all, which have it anyway."""
    return max(0, (share + _LEFTOVERS - pays_all) * _WHOLE // (_WHOLE - pays_all))
