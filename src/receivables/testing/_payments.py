"""When payers pay, what and how much: one simulation per payer, each with draws of its own."""

from __future__ import annotations

import datetime as dt
import enum
import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import attrs

from receivables.allocation.model import Leg
from receivables.documents.model import ItemId
from receivables.parties import CustomerId
from receivables.receipts.model import Payer, Remittance
from receivables.testing._dice import Dice, Quantiles, Weights
from receivables.testing._market import Market, Method, PayingUnit
from receivables.testing._noise import Noise
from receivables.testing._remittance import pay_as, remit
from receivables.testing._sales import Sale

__all__ = ["Payment", "TruthKind", "payments_of"]

Debt: TypeAlias = tuple[int, str, int, Sale]
"""Day it is due, number, amount left, sale: ordered by age."""

_RUN_SIZES: Final = Weights(
    *((500, (1, 1)), (230, (2, 2)), (100, (3, 3)), (60, (4, 4))),
    *((40, (5, 5)), (46, (6, 10)), (14, (11, 29)), (10, (30, 97))),
)
"""What a payer would like to pay at once; with what is due there to pay, about 65 % pay one."""
_RUN_WINDOW: Final = 16
_SKIPPED: Final = 120
_JITTER: Final = Weights(
    *((31, (0, 0)), (16, (1, 1)), (15, (-1, -1)), (15, (-5, -2))),
    *((16, (2, 5)), (6, (6, 14)), (1, (15, 45))),
)
_FAVOURITE_DAY: Final = 180
_CREDIT_NETTED: Final = 900
_RETURNED: Final = 45
_RETURN_REASONS: Final = Weights((60, "AM04"), (25, "MS03"), (15, "MD06"))
_MADE_GOOD: Final = 700
_CHARGES: Final = Quantiles((0, 500), (500, 1500), (1000, 4500))


class TruthKind(enum.Enum):
    """What money is there for."""

    PAYS = "pays"
    """It pays documents; what it does not pay is an overpayment."""
    ON_ACCOUNT = "on-account"
    """An advance payment that pays no document."""
    DUPLICATE = "duplicate"
    """The same payment once more: nothing is left to be paid by it."""
    NOT_RECEIVABLE = "not-receivable"
    """It is not from a customer: a tax refund, interest, an internal transfer."""


@attrs.frozen(kw_only=True)
class Payment:
    """One payment of a customer, before the bank books it; days are ordinals."""

    day: int
    currency: str
    amount_minor: int
    method: Method
    kind: TruthKind
    customer: CustomerId
    payer: Payer
    remittance: Remittance
    legs: tuple[Leg, ...] = ()
    noise: tuple[str, ...] = ()
    charges_minor: int = 0
    returned_day: int | None = None
    return_reason: str = ""


@attrs.define
class _Plan:
    """What a run pays: parts of debts and whole credits, and how it differs from them."""

    parts: list[tuple[Sale, int]]
    extra_minor: int = 0
    charges_minor: int = 0
    noise: tuple[str, ...] = ()

    @property
    def amount_minor(self) -> int:
        return sum(amount for _, amount in self.parts) + self.extra_minor


def payments_of(
    seed: int, market: Market, sales: Sequence[Sale], *, noise: Noise, last_day: int
) -> Iterator[Payment]:
    """The payments up to a day, payer by payer."""
    by_customer: dict[CustomerId, list[Sale]] = {}
    for sale in sales:
        by_customer.setdefault(sale.customer, []).append(sale)
    for unit in market.units:
        owed = [sale for member in unit.members for sale in by_customer.get(member, ())]
        dice = Dice(seed, "payments", unit.payer.customer)
        yield from _PayerLife(unit, owed, noise=noise, dice=dice, last_day=last_day).payments()


class _PayerLife:
    """One payer over the whole period: what it still owes, and what it does about it."""

    def __init__(
        self,
        unit: PayingUnit,
        sales: Sequence[Sale],
        *,
        noise: Noise,
        dice: Dice,
        last_day: int,
    ) -> None:
        self._unit = unit
        self._noise = noise
        self._dice = dice
        self._last_day = last_day
        debts = sorted((sale for sale in sales if not sale.kind.is_credit), key=_by_day)
        paid = [
            sale
            for place, sale in enumerate(debts)
            if place < unit.insolvent_after and not dice.chance(noise.never_paid)
        ]
        self._debts: list[Debt] = [self._debt(sale) for sale in paid]
        heapq.heapify(self._debts)
        notes = sorted((sale for sale in sales if sale.kind.is_credit), key=_by_day)
        self._credits = deque(notes)

    @staticmethod
    def _debt(sale: Sale) -> Debt:
        due = sale.due_date or sale.document_date
        return (due.toordinal(), sale.number, sale.amount_minor, sale)

    def payments(self) -> Iterator[Payment]:
        """Every payment up to the last day; what is planned later stays open."""
        while self._debts:
            run = self._take_run()
            day = self._day_of(run)
            if day > self._last_day:
                continue
            if self._unit.method is Method.DEBIT:
                yield self._collected(run[0], day)
            else:
                yield from self._paid(run, day)

    def _take_run(self) -> list[Debt]:
        low, high = (1, 1) if self._unit.method is Method.DEBIT else _RUN_SIZES.draw(self._dice)
        size = self._dice.between(low, high)
        run = [heapq.heappop(self._debts)]
        skipped: list[Debt] = []
        while len(run) < size and self._debts and self._debts[0][0] <= run[0][0] + _RUN_WINDOW:
            debt = heapq.heappop(self._debts)
            (skipped if self._dice.chance(_SKIPPED) else run).append(debt)
        for debt in skipped:
            heapq.heappush(self._debts, debt)
        return run

    def _day_of(self, run: Sequence[Debt]) -> int:
        due = run[len(run) // 2][0]
        if self._unit.method is Method.DEBIT:
            return _working(due)
        low, high = _JITTER.draw(self._dice)
        day = due + self._unit.lateness + self._dice.between(low, high)
        earliest = max(debt[3].document_date.toordinal() for debt in run) + 1
        day = _working(max(day, earliest + 1))
        if self._dice.chance(_FAVOURITE_DAY):
            day += (self._unit.weekday - (day - 1)) % 7
        return day

    def _collected(self, debt: Debt, day: int) -> Payment:
        """A direct debit, which may come back some days later."""
        _, number, amount, sale = debt
        returned = day + self._dice.between(2, 5) if self._dice.chance(_RETURNED) else None
        if returned is not None:
            returned = _working(returned)
            if self._dice.chance(_MADE_GOOD):
                heapq.heappush(
                    self._debts, (returned + self._dice.between(7, 30), number, amount, sale)
                )
        payment = self._payment(_Plan([(sale, amount)]), day, kind=TruthKind.PAYS)
        if returned is None or returned > self._last_day:
            return payment
        reason = _RETURN_REASONS.draw(self._dice)
        noise = (*payment.noise, "returned")
        return attrs.evolve(payment, returned_day=returned, return_reason=reason, noise=noise)

    def _paid(self, run: Sequence[Debt], day: int) -> Iterator[Payment]:
        plan = self._plan(run, day)
        payment = self._payment(plan, day, kind=TruthKind.PAYS)
        yield payment
        later = _working(day + self._dice.between(3, 15))
        if self._dice.chance(self._noise.duplicated) and later <= self._last_day:
            yield attrs.evolve(
                payment, day=later, kind=TruthKind.DUPLICATE, legs=(), noise=("duplicate",)
            )
        if self._dice.chance(self._noise.on_account) and later <= self._last_day:
            amount = self._dice.between(2, 60) * 50_000
            yield self._payment(_Plan([], extra_minor=amount), later, kind=TruthKind.ON_ACCOUNT)

    def _plan(self, run: Sequence[Debt], day: int) -> _Plan:
        parts = [(sale, amount) for _, _, amount, sale in run]
        untouched = len(run) == 1 and run[0][2] == run[0][3].amount_minor
        if untouched and (split := self._split(run[0], day)):
            return split
        plan = _Plan([*parts, *self._netted(sum(amount for _, amount in parts), day)])
        if len(plan.parts) > len(parts):
            plan.noise = ("credit-netted",)
        self._shorten(plan, place=len(parts) - 1)
        if self._dice.chance(self._noise.overpaid):
            plan.extra_minor = self._dice.between(1, 20) * 500
            plan.noise += ("overpaid",)
        return plan

    def _split(self, debt: Debt, day: int) -> _Plan | None:
        """Pay a part now, and let the rest come due some weeks later."""
        if not self._dice.chance(self._noise.split):
            return None
        _, number, amount, sale = debt
        part = max(1, amount * self._dice.between(30, 70) // 100)
        if part == amount:
            return None
        rest = (day + self._dice.between(15, 40), number, amount - part, sale)
        heapq.heappush(self._debts, rest)
        return _Plan([(sale, part)], noise=("partial",))

    def _netted(self, total: int, day: int) -> Iterator[tuple[Sale, int]]:
        """Credit notes that the payer deducts, whole and in their order; some it never asks for."""
        while self._credits and self._credits[0].document_date.toordinal() < day:
            if self._credits[0].amount_minor >= total:
                return
            sale = self._credits.popleft()
            if self._dice.chance(_CREDIT_NETTED):
                total -= sale.amount_minor
                yield sale, -sale.amount_minor

    def _shorten(self, plan: _Plan, *, place: int) -> None:
        """Deductions, discounts and bank charges, at the expense of one document."""
        sale, amount = plan.parts[place]
        kind, short = self._shortfall(amount)
        if 0 < short < min(amount, plan.amount_minor):
            plan.parts[place] = (sale, amount - short)
            plan.noise += (kind,)
            plan.charges_minor = short if kind == "charges" else 0

    def _shortfall(self, amount: int) -> tuple[str, int]:
        if self._dice.chance(self._noise.deducted):
            return "deduction", amount * self._dice.between(1, 15) // 100
        if self._dice.chance(self._noise.discounted):
            return "discount", amount * 2 // 100
        if self._unit.method is Method.FOREIGN and self._dice.chance(self._noise.charged):
            return "charges", _CHARGES.draw(self._dice)
        return "", 0

    def _payment(self, plan: _Plan, day: int, *, kind: TruthKind) -> Payment:
        remittance, written = remit(self._unit, plan.parts, noise=self._noise, dice=self._dice)
        payer, named = pay_as(self._unit, noise=self._noise, dice=self._dice)
        return Payment(
            day=day,
            currency=self._unit.currency,
            amount_minor=plan.amount_minor,
            method=self._unit.method,
            kind=kind,
            customer=self._unit.payer.customer,
            payer=payer,
            remittance=remittance,
            legs=tuple(Leg(ItemId(sale.number), amount) for sale, amount in plan.parts),
            noise=(*plan.noise, *written, *named),
            charges_minor=plan.charges_minor,
        )


def _by_day(sale: Sale) -> dt.date:
    return sale.document_date


def _working(day: int) -> int:
    """The day itself, or the working day nearest to it."""
    return day + (0, 0, 0, 0, 0, -1, 1)[(day - 1) % 7]
