"""From parameters to a set: payers, plans, numbers, texts, and the truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import attrs

from receivables._collecting import collecting_paused
from receivables.allocation.model import Leg
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.money import ExchangeRate, from_minor
from receivables.parties import UNIDENTIFIED, Creditor, Customer
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.model import Payer, Receipt, ReceiptId, Remittance
from receivables.testing._cash_books import Books, Role
from receivables.testing._cash_model import CashSet, CashTruth, Shortfall
from receivables.testing._cash_noise import (
    CASH_NOISES,
    CashNoise,
    CashShape,
    NoiseName,
    happens,
)
from receivables.testing._cash_numbers import NUMBERINGS, Numbering
from receivables.testing._cash_parties import build_payers
from receivables.testing._cash_runs import EUROS_IN, NOBODY, Planned, Planner
from receivables.testing._cash_texts import (
    Named,
    Written,
    write,
    write_advance,
    write_payer,
    write_sundry,
)
from receivables.testing._dice import Dice
from receivables.testing._market import creditor, dollar_iban
from receivables.testing._payments import TruthKind

__all__ = ["cash_set"]

_LAST_DAY: Final = dt.date(2026, 10, 30)
_ITEMS_PER_RECEIPT: Final = 10
_LEAST_ITEMS: Final = 4
_SETTLED_PER_RECEIPT: Final = 5
_ADVISED_CHEQUES: Final = 6_000
_DEFAULT_SHAPE: Final = CashShape()


def cash_set(  # noqa: PLR0913  # each is a choice of its own, by keyword
    *,
    seed: int,
    receipts: int,
    noise: NoiseName | CashNoise = "medium",
    numbering: str | Numbering = "dashed",
    customers: int | None = None,
    open_items: int | None = None,
    first_day: dt.date | None = None,
    last_day: dt.date = _LAST_DAY,
    days: int = 3,
    shape: CashShape = _DEFAULT_SHAPE,
) -> CashSet:
    """The receipts of the last `days` days, and the items that were open before them.

    There are ten open items for each receipt, and as many customers as give the measured share of
    those with one item, where nothing else is said; four items for each receipt are the least.
    `first_day` says on which day the receipts begin, in place of `days`.  `noise` and `numbering`
    are names of `CASH_NOISES` and `NUMBERINGS`, or values.  Raises `PolicyError` where the size,
    the days or a name makes no set.
    """
    degree = _degree(noise)
    count = receipts * _ITEMS_PER_RECEIPT if open_items is None else open_items
    numbers = _numbering(numbering).sized(count * shape.issued_per_open)
    start = last_day - dt.timedelta(days=days - 1) if first_day is None else first_day
    _check(receipts=receipts, items=count, customers=customers, days=(last_day - start).days + 1)
    with collecting_paused():
        payers = build_payers(seed, items=count, customers=customers, shape=shape, noise=degree)
        books = Books(payers, shape=shape, dice=Dice(seed, "cash", "books"))
        span = range(start.toordinal(), last_day.toordinal() + 1)
        planner = Planner(
            books, shape=shape, noise=degree, dice=Dice(seed, "cash", "runs"), days=span
        )
        planned = planner.plan(receipts)
        books.close(numbers, last_day=span[-1], settled=receipts * _SETTLED_PER_RECEIPT)
        desk = _Desk(books, noise=degree, numbering=numbers, seed=seed)
        desk.receive(planned)
        party = creditor()
        return CashSet(
            creditor=party,
            customers=payers.customers,
            payer_groups=payers.groups,
            items=tuple(books.items(numbers, creditor=party.creditor)),
            receipts=tuple(desk.receipts),
            truth=desk.truth,
            advices=tuple(desk.advices),
            settled=tuple(books.settled),
            rates=_rates(last_day),
            numbering=numbers,
            noise=degree,
            seed=seed,
            first_day=start,
            last_day=last_day,
        )


def _degree(noise: NoiseName | CashNoise) -> CashNoise:
    if isinstance(noise, CashNoise):
        return noise
    if noise not in CASH_NOISES:
        msg = f"noise must be {', '.join(CASH_NOISES)} or a CashNoise, got {noise!r}"
        raise PolicyError(msg)
    return CASH_NOISES[noise]


def _numbering(numbering: str | Numbering) -> Numbering:
    if isinstance(numbering, Numbering):
        return numbering
    if numbering not in NUMBERINGS:
        msg = f"numbering must be {', '.join(NUMBERINGS)} or a Numbering, got {numbering!r}"
        raise PolicyError(msg)
    return NUMBERINGS[numbering]


def _check(*, receipts: int, items: int, customers: int | None, days: int) -> None:
    if receipts < 1 or items < _LEAST_ITEMS * receipts:
        msg = f"open_items must be {_LEAST_ITEMS} or more for each of 1 or more receipts, got {items} for {receipts}"
        raise PolicyError(msg)
    if customers is not None and not 1 <= customers <= items:
        msg = f"customers must be 1 to {items}, the open items, got {customers}"
        raise PolicyError(msg)
    if days < 1:
        msg = f"last_day must not be before first_day, got {days} days"
        raise PolicyError(msg)


def _rates(day: dt.date) -> dict[str, ExchangeRate]:
    return {
        currency: ExchangeRate(
            base="EUR", quote=currency, rate=Decimal(rate).scaleb(-4), date=day, source="invented"
        )
        for currency, rate in EUROS_IN.items()
    }


class _Desk:
    """Writes what is planned, and keeps the truth beside it."""

    def __init__(self, books: Books, *, noise: CashNoise, numbering: Numbering, seed: int) -> None:
        self.receipts: list[Receipt] = []
        self.truth: dict[ReceiptId, CashTruth] = {}
        self.advices: list[PaymentAdvice] = []
        self._books = books
        self._noise = noise
        self._numbering = numbering
        self._dice = Dice(seed, "cash", "texts")
        self._creditor: Creditor = creditor()
        self._open: dict[int, int] = {}
        self._written: dict[int, tuple[Payer, Written, list[str]]] = {}

    def receive(self, planned: Sequence[Planned]) -> None:
        """Make receipts of payments, in their order."""
        for index, one in enumerate(planned, start=1):
            receipt = ReceiptId(f"R-{index:07d}")
            if one.kind is TruthKind.NOT_RECEIVABLE:
                payer, written = write_sundry(self._dice)
                self._book(receipt, one, payer, written, named=(), noise=[])
                continue
            named = tuple(self._named(one))
            payer, written, noise = self._say(one, named)
            self._book(receipt, one, payer, written, named=named, noise=noise)
            if named and self._is_advised(written):
                self._advise(one, named)
            for place, amount in one.parts:
                self._open[place] = self._open_of(place) - abs(amount)

    def _say(self, planned: Planned, named: Sequence[Named]) -> tuple[Payer, Written, list[str]]:
        """What the bank shows of a payment; a copy shows the same again."""
        if planned.copies is not None:
            first = planned.copies
            said = self._written.get(id(first)) or self._said(first, tuple(self._named(first)))
            payer, written, noise = said
            return payer, written, [*noise, "duplicate"]
        said = self._said(planned, named)
        self._written[id(planned)] = said
        return said

    def _said(self, planned: Planned, named: Sequence[Named]) -> tuple[Payer, Written, list[str]]:
        unit = self._books.units[planned.unit]
        customer = self._books.payers.customers[unit.payer]
        payer, noise = write_payer(customer, noise=self._noise, dice=self._dice)
        if not named:
            return payer, write_advance(unit.language, self._dice), noise
        written = write(
            named,
            language=unit.language,
            is_whole_range=planned.is_whole_range,
            customer=customer,
            noise=self._noise,
            dice=self._dice,
        )
        if "cheque" in written.noise:
            return Payer(), written, []
        return payer, written, noise

    def _open_of(self, place: int) -> int:
        return self._open.get(place, self._books.amounts[place] - self._books.before.get(place, 0))

    def _named(self, planned: Planned) -> Iterator[Named]:
        books = self._books
        for place, amount in planned.parts:
            number = books.numbers[place]
            is_invoice = books.roles[place] in (Role.INVOICE, Role.SETTLED)
            yield Named(
                number=number,
                parts=books.parts(place, self._numbering),
                reference=self._numbering.structured(number) if is_invoice else "",
                amount_minor=amount,
                open_minor=self._open_of(place),
                short=tuple((kind, cut) for at, kind, cut in planned.short if at == place),
                is_credit=books.roles[place] == Role.CREDIT,
                date=dt.date.fromordinal(books.issued[place]),
            )

    def _book(
        self,
        receipt: ReceiptId,
        planned: Planned,
        payer: Payer,
        written: Written,
        *,
        named: Sequence[Named],
        noise: Sequence[str],
    ) -> None:
        day = dt.date.fromordinal(planned.day)
        unit = None if planned.unit == NOBODY else self._books.units[planned.unit]
        currency = unit.currency if unit else "EUR"
        amount = from_minor(
            planned.euros_minor or planned.worth_minor, "EUR" if planned.euros_minor else currency
        )
        self.receipts.append(
            Receipt(
                receipt=receipt,
                creditor=self._creditor.creditor,
                amount=amount,
                booking_date=day,
                value_date=day,
                payer=payer,
                remittance=written.remittance,
                account=self._creditor.iban if amount.currency.code == "EUR" else dollar_iban(),
                method=written.method,
            )
        )
        self._note(receipt, planned, written, named=named, noise=noise, currency=currency)

    def _note(
        self,
        receipt: ReceiptId,
        planned: Planned,
        written: Written,
        *,
        named: Sequence[Named],
        noise: Sequence[str],
        currency: str,
    ) -> None:
        """Keep the truth about a receipt."""
        found = [*planned.noise, *written.noise, *noise]
        customer = self._payer_of(planned)
        if customer is not None and self._is_for_branches(planned):
            found.append("head-office")
        self.truth[receipt] = CashTruth(
            receipt=receipt,
            kind=planned.kind,
            customer=UNIDENTIFIED if customer is None else customer.customer,
            worth_minor=planned.worth_minor,
            currency=currency,
            legs=tuple(Leg(ItemId(one.number), one.amount_minor) for one in named),
            short=tuple(
                Shortfall(item=ItemId(one.number), kind=kind, amount_minor=cut)
                for one in named
                for kind, cut in one.short
            ),
            noise=tuple(dict.fromkeys(found)),
            references=written.references,
        )

    def _payer_of(self, planned: Planned) -> Customer | None:
        if planned.unit == NOBODY:
            return None
        return self._books.payers.customers[self._books.units[planned.unit].payer]

    def _is_for_branches(self, planned: Planned) -> bool:
        unit = self._books.units[planned.unit]
        return len(unit.members) > 1 and any(
            self._books.owner_of(place) != unit.payer for place, _ in planned.parts
        )

    def _is_advised(self, written: Written) -> bool:
        if written.is_complete:
            return False
        is_cheque = "cheque" in written.noise
        return happens(self._dice, _ADVISED_CHEQUES if is_cheque else self._noise.advised)

    def _advise(self, planned: Planned, named: Sequence[Named]) -> None:
        """An advice by e-mail, some days before or after."""
        customer = self._payer_of(planned)
        receipt = self.receipts[-1]
        truth = self.truth[receipt.receipt]
        self.truth[receipt.receipt] = attrs.evolve(
            truth, references=(*truth.references, "advice"), noise=(*truth.noise, "advice-apart")
        )
        with_reasons = bool(self._dice.below(2))
        day = planned.day + self._dice.between(-3, 2)
        self.advices.append(
            PaymentAdvice(
                kind=AdviceKind.REMITTANCE,
                batch=f"ADV-{len(self.advices) + 1:05d}",
                index=1,
                amount_minor=planned.euros_minor or planned.worth_minor,
                currency=receipt.currency,
                date=dt.date.fromordinal(day),
                payer=Payer(name=customer.name if customer else ""),
                remittance=Remittance(
                    documents=[one.referred(with_reasons=with_reasons) for one in named]
                ),
                method=receipt.method,
            )
        )
