"""From payments to what the bank books: entries in batches, returns, other money, and the truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import attrs

from receivables.allocation.model import Leg
from receivables.documents.model import ItemId
from receivables.money import from_minor, to_minor
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.receipts.model import (
    BankEntry,
    EntryDetail,
    Payer,
    Receipt,
    ReceiptId,
    Remittance,
    ReturnInfo,
)
from receivables.receipts.objects import receipts_from
from receivables.testing._dice import Dice
from receivables.testing._market import Method, creditor, dollar_iban, plain
from receivables.testing._payments import Payment, TruthKind

__all__ = ["CompanyAccount", "Truth", "book"]

_CODES: Final = {
    Method.TRANSFER: "PMNT-RCDT-ESCT",
    Method.FOREIGN: "PMNT-RCDT-XBCT",
    Method.DEBIT: "PMNT-IDDT-ESDD",
    Method.CHEQUE: "PMNT-RCHQ-CCHQ",
}
_TEXTS: Final = {Method.DEBIT: "REMISE DE PRELEVEMENTS SEPA", Method.CHEQUE: "REMISE DE CHEQUE"}
_RETURN_TEXTS: Final = {
    "AM04": "PROVISION INSUFFISANTE",
    "MS03": "MOTIF NON SPECIFIE",
    "MD06": "DEMANDE DE REMBOURSEMENT DU DEBITEUR",
}
_BATCHED: Final = 150
_BATCH_MIN: Final = 3
_CAD_IN_EUR_PERCENT: Final = 67
_NOBODY: Final = Payer()
_SWEPT_PERCENT: Final = 95
_OUTFLOWS: Final = (
    (5, 7, "PMNT-ICDT-ESCT", "VIR COTISATIONS SOCIALES"),
    (10, 38, "PMNT-ICDT-ESCT", "VIR FOURNISSEURS BOIS ET PLACAGES"),
    (17, 28, "PMNT-ICDT-ESCT", "VIR FOURNISSEURS QUINCAILLERIE ET TISSUS"),
    (27, 28, "PMNT-ICDT-SALA", "VIR SALAIRES"),
)
"""Day of the month, share of the receipts of the month before in percent, code, text."""
_QUARTER_STARTS: Final = (1, 4, 7, 10)


@attrs.frozen(kw_only=True)
class CompanyAccount:
    """A bank account of the company, and its balance before the first day."""

    iban: str
    currency: str
    opening_minor: int


@attrs.frozen(kw_only=True)
class Truth:
    """What is really so about one receipt: who paid, what for, and which noise stands in the way.

    The legs carry the sign of their item, as in an allocation: a credit note that the payer deducted
    is negative.  `customer` is the payer's own identifier; a head office pays for its branches.
    """

    receipt: ReceiptId
    kind: TruthKind
    customer: CustomerId
    amount_minor: int
    currency: str
    booking_date: dt.date
    legs: tuple[Leg, ...] = ()
    noise: tuple[str, ...] = ()
    returned_on: dt.date | None = None

    @property
    def items(self) -> tuple[ItemId, ...]:
        """The documents that it pays or uses."""
        return tuple(leg.item for leg in self.legs)

    @property
    def unapplied_minor(self) -> int:
        """What of it pays nothing."""
        return self.amount_minor - sum(leg.amount_minor for leg in self.legs)


@attrs.frozen(kw_only=True)
class _Line:
    """One line of an account before it has its number."""

    day: int
    currency: str
    amount_minor: int
    code: str
    details: tuple[EntryDetail, ...]
    payments: tuple[Payment | None, ...]
    """Who is behind each detail; None for money that is nobody's receivable."""
    text: str = ""


def book(
    payments: Iterable[Payment],
    *,
    accounts: Sequence[CompanyAccount],
    seed: int,
    first_day: dt.date,
    last_day: dt.date,
) -> tuple[tuple[BankEntry, ...], tuple[Truth, ...]]:
    """Book payments and everything else of the period; the truth is in the order of the receipts."""
    last = last_day.toordinal()
    known = sorted(payments, key=lambda payment: (payment.day, payment.currency, payment.customer))
    lines = list(_received(known, Dice(seed, "batches"), last))
    lines += _returned(known, last)
    lines += _other(lines, [account.currency for account in accounts], first_day, last_day)
    lines.sort(key=lambda line: (line.day, line.currency))
    by_currency = {account.currency: account for account in accounts}
    entries: list[BankEntry] = []
    truths: list[Truth] = []
    for number, line in enumerate(lines, start=1):
        entry = _entry(line, by_currency[line.currency], number)
        entries.append(entry)
        truths += _truths(entry, line, last)
    entries += _pending(known, by_currency, last_day)
    return tuple(entries), tuple(truths)


def _received(payments: Sequence[Payment], dice: Dice, last_day: int) -> Iterator[_Line]:
    """Direct debits of a day in one line; transfers alone, or some of a day in one batch."""
    booked = (payment for payment in payments if payment.day <= last_day)
    for _, same_day in groupby(booked, key=lambda payment: (payment.day, payment.currency)):
        of_day = tuple(same_day)
        debits = [payment for payment in of_day if payment.method is Method.DEBIT]
        others = [payment for payment in of_day if payment.method is not Method.DEBIT]
        if debits:
            yield _line(debits)
        transfers = [payment for payment in others if payment.method is Method.TRANSFER]
        if len(transfers) >= _BATCH_MIN and dice.chance(_BATCHED):
            batch = transfers[: dice.between(2, _BATCH_MIN)]
            yield _line(batch)
            others = [payment for payment in others if payment not in batch]
        for payment in others:
            yield _line([payment])


def _line(payments: Sequence[Payment]) -> _Line:
    first = payments[0]
    return _Line(
        day=first.day,
        currency=first.currency,
        amount_minor=sum(payment.amount_minor for payment in payments),
        code=_CODES[first.method],
        details=tuple(_detail(payment) for payment in payments),
        payments=tuple(payments),
        text=_TEXTS.get(first.method, ""),
    )


def _detail(payment: Payment) -> EntryDetail:
    charges = payment.charges_minor
    instructed = from_minor(payment.amount_minor + charges, payment.currency) if charges else None
    mandate = (("MndtId", f"RUM-{payment.customer}"),) if payment.method is Method.DEBIT else ()
    return EntryDetail(
        amount_minor=payment.amount_minor,
        instructed=instructed,
        charges_minor=charges,
        payer=payment.payer,
        remittance=payment.remittance,
        references=mandate,
    )


def _returned(payments: Iterable[Payment], last_day: int) -> Iterator[_Line]:
    for payment in payments:
        if payment.returned_day is None or payment.returned_day > last_day:
            continue
        reason = payment.return_reason
        detail = attrs.evolve(
            _detail(payment),
            amount_minor=-payment.amount_minor,
            returned=ReturnInfo(code=reason, text=_RETURN_TEXTS[reason]),
        )
        yield _Line(
            day=payment.returned_day,
            currency=payment.currency,
            amount_minor=-payment.amount_minor,
            code="PMNT-IDDT-UPDD",
            details=(detail,),
            payments=(None,),
            text="PRELEVEMENT IMPAYE",
        )


def _other(
    lines: Sequence[_Line], currencies: Sequence[str], first_day: dt.date, last_day: dt.date
) -> Iterator[_Line]:
    """What else moves the accounts each month, sized by the receipts of the month before."""
    received: dict[tuple[int, int, str], int] = {}
    for line in lines:
        day = dt.date.fromordinal(line.day)
        key = (day.year, day.month, line.currency)
        received[key] = received.get(key, 0) + max(0, line.amount_minor)
    month = first_day.replace(day=1)
    while month <= last_day:
        before = month - dt.timedelta(days=1)
        euros, dollars = (
            received.get((before.year, before.month, code), 0) for code in ("EUR", "CAD")
        )
        made = [*_outflows(month, euros), *_inflows(month, euros)]
        if "CAD" in currencies and dollars:
            made += _sweep(month, dollars * _SWEPT_PERCENT // 100)
        yield from (
            line for line in made if first_day.toordinal() <= line.day <= last_day.toordinal()
        )
        month = (month + dt.timedelta(days=31)).replace(day=1)


def _outflows(month: dt.date, euros: int) -> Iterator[_Line]:
    for day, percent, code, text in _OUTFLOWS:
        if amount := euros * percent // 100:
            yield _sundry(month.replace(day=day), "EUR", -amount, code=code, text=text)
    yield _sundry(
        month.replace(day=2), "EUR", -4_250, code="ACMT-MDOP-CHRG", text="FRAIS DE TENUE DE COMPTE"
    )


def _inflows(month: dt.date, euros: int) -> Iterator[_Line]:
    """Credits that no customer owes."""
    if month.month in _QUARTER_STARTS and euros:
        text = "REMBOURSEMENT CREDIT DE TVA"
        yield _sundry(
            month.replace(day=21), "EUR", euros * 4 // 100, code="PMNT-RCDT-ESCT", text=text
        )
    if month.month == 1:
        text = "INTERETS CREDITEURS"
        yield _sundry(month.replace(day=4), "EUR", 31_742, code="ACMT-MCOP-INTR", text=text)


def _sweep(month: dt.date, dollars: int) -> Iterator[_Line]:
    """Dollars changed into euros; the rate is invented."""
    day = month.replace(day=25)
    text = "VIREMENT INTERNE CHANGE CAD EUR"
    euros = dollars * _CAD_IN_EUR_PERCENT // 100
    yield _sundry(day, "CAD", -dollars, code="PMNT-ICDT-BOOK", text=text)
    own = Payer(name=plain(creditor().name), account=dollar_iban())
    yield _sundry(day, "EUR", euros, code="PMNT-RCDT-BOOK", text=text, payer=own)


def _sundry(
    day: dt.date,
    currency: str,
    amount_minor: int,
    *,
    code: str,
    text: str,
    payer: Payer = _NOBODY,
) -> _Line:
    detail = EntryDetail(
        amount_minor=amount_minor, payer=payer, remittance=Remittance(text=(text,))
    )
    ordinal = day.toordinal()
    return _Line(
        day=ordinal + (0, 0, 0, 0, 0, 2, 1)[(ordinal - 1) % 7],
        currency=currency,
        amount_minor=amount_minor,
        code=code,
        details=(detail,),
        payments=(None,),
    )


def _entry(
    line: _Line, account: CompanyAccount, number: int, *, is_booked: bool = True
) -> BankEntry:
    day = dt.date.fromordinal(line.day)
    return BankEntry(
        account=account.iban,
        statement=f"{account.currency}-{day.isoformat()[:7]}",
        index=number,
        amount_minor=line.amount_minor,
        currency=line.currency,
        is_booked=is_booked,
        booking_date=day,
        value_date=day,
        bank_reference=f"{line.currency}{day.isoformat()}-{number:07d}",
        bank_code=line.code,
        text=line.text,
        charges_minor=sum([detail.charges_minor for detail in line.details]),
        batch_count=len(line.details) if len(line.details) > 1 else None,
        details=line.details,
    )


def _truths(entry: BankEntry, line: _Line, last_day: int) -> Iterator[Truth]:
    for receipt, payment in zip(
        receipts_from([entry], creditor="-", own_accounts=[dollar_iban()]),
        line.payments,
        strict=False,
    ):
        yield _truth(receipt, payment, last_day)


def _truth(receipt: Receipt, payment: Payment | None, last_day: int) -> Truth:
    came_back = payment.returned_day if payment else None
    if came_back is not None and came_back > last_day:
        came_back = None
    return Truth(
        receipt=receipt.receipt,
        kind=payment.kind if payment else TruthKind.NOT_RECEIVABLE,
        customer=payment.customer if payment else UNIDENTIFIED,
        amount_minor=payment.amount_minor if payment else to_minor(receipt.amount),
        currency=receipt.currency,
        booking_date=receipt.booking_date,
        legs=payment.legs if payment else (),
        noise=payment.noise if payment else (),
        returned_on=dt.date.fromordinal(came_back) if came_back else None,
    )


def _pending(
    payments: Iterable[Payment], accounts: dict[str, CompanyAccount], last_day: dt.date
) -> Iterator[BankEntry]:
    """One transfer that the bank announces on the last day and books on a later one."""
    for payment in payments:
        if payment.day > last_day.toordinal() and payment.method is Method.TRANSFER:
            line = attrs.evolve(_line([payment]), day=last_day.toordinal())
            yield _entry(line, accounts[payment.currency], 9_999_999, is_booked=False)
            return
