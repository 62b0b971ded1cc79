"""The worked cases of a journal: the French chart and a generic one, accounts and amounts."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest

from receivables.accounting import RevaluationScheme, Role, revaluation_entries
from receivables.allocation import Residual, ResidualKind
from receivables.currencies import AppliedRate, Revaluation, RevaluationRow
from receivables.documents import DebitNote, Installment
from receivables.money import ExchangeRate, money
from receivables.receipts import ReceiptMethod

DAY = dt.date(2026, 3, 2)
SAID = {"on": DAY, "name": "by-hand-1"}

NAMES = {
    "AR - disputed (sub-ledger status)": [Role.DISPUTED_RECEIVABLE],
    "AR - trade": [Role.RECEIVABLE],
    "Accounts receivable": [Role.RECEIVABLE],
    "Accounts receivable (disputed)": [Role.RECEIVABLE, Role.DISPUTED_RECEIVABLE],
    "Allowance (or recovery income)": [Role.ALLOWANCE, Role.RECOVERY_INCOME],
    "Allowance for credit losses": [Role.ALLOWANCE],
    "Bank": [Role.BANK],
    "Bank charges": [Role.BANK_CHARGE],
    "Bills receivable": [Role.BILLS_RECEIVABLE],
    "Cash": [Role.CASH],
    "Cash rounding": [Role.CASH_ROUNDING_LOSS],
    "Customer deposits": [Role.ADVANCE],
    "Doubtful accounts receivable": [Role.DISPUTED_RECEIVABLE],
    "Due from factor": [Role.FACTOR],
    "Due to affiliate B": [Role.INTERCOMPANY],
    "FX loss (realised)": [Role.EXCHANGE_LOSS],
    "FX loss (unrealised)": [Role.UNREALIZED_LOSS],
    "Factoring fee": [Role.FACTORING_FEE],
    "Fee income": [Role.FEE_INCOME],
    "Interest income": [Role.INTEREST_INCOME],
    "Late-payment compensation income": [Role.COMPENSATION_INCOME],
    "PSP clearing": [Role.PROCESSOR],
    "Payment processing fees": [Role.PROCESSOR_FEE],
    "Retention receivable": [Role.RETENTION_RECEIVABLE],
    "Revenue": [Role.REVENUE],
    "Sales discounts": [Role.SETTLEMENT_DISCOUNT],
    "Small balance write-off": [Role.DIFFERENCE_LOSS],
    "VAT payable": [Role.TAX],
    "VAT payable (bad debt relief)": [Role.TAX],
}
"""What the generic column calls each account of the generic chart."""


def _advance(house):
    house.invoice("300.00")
    house.receipt("300.00", is_advance=True)
    house.allocate({"F-1": 30000, "R-1": -30000})
    return house.posted("Allocated")


def _discount(house):
    house.invoice(lines=[house.line("1000.00", tax="200.00")])
    house.receipt("1180.00")
    discount = Residual(ResidualKind.SETTLEMENT_DISCOUNT, 2000)
    house.allocate({"F-1": 120000, "R-1": -118000}, discount)
    return house.posted("ReceiptRecorded", "Allocated")


def _write_off(house):
    is_doubtful = house.chart.name == "fr-pcg"
    entry = house.by_hand.write_off(
        money("1200.00", "EUR"), tax=money("200.00", "EUR"), is_doubtful=is_doubtful, **SAID
    )
    return _of(entry)


def _returned(house, fee, **said):
    house.invoice("1200.00")
    house.receipt("1200.00", **said)
    house.allocate({"F-1": 120000, "R-1": -120000})
    house.unallocate()
    house.send_back(fee=money(fee, "EUR"))
    return house.posted("Unallocated", "ReceiptReturned")


def _recharge(house):
    house.invoice(cls=DebitNote, lines=[house.line("15.00", category="return-fee")])
    return house.posted()


def _by_card(house, amount):
    house.receipt(amount, method=ReceiptMethod.CARD)
    return house.posted()


def _interest(house):
    lines = [
        house.line("33.29", category="late-interest"),
        house.line("40.00", category="compensation"),
    ]
    house.invoice(cls=DebitNote, lines=lines)
    return house.posted()


def _revaluation(house):
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.10"), date=DAY)
    row = RevaluationRow(
        item="F-1",
        customer="C-1",
        currency="USD",
        open_minor=1_000_000,
        carrying_minor=925_926,
        revalued_minor=909_091,
        rate=AppliedRate.of(rate, base="USD"),
    )
    revaluation = Revaluation(creditor="MIRA", as_of=DAY, functional="EUR", rows=[row])
    french = house.chart.name == "fr-pcg"
    scheme = RevaluationScheme.TRANSLATION if french else RevaluationScheme.PROFIT_AND_LOSS
    made = revaluation_entries(revaluation, chart=house.chart, scheme=scheme)
    return _of(*(entry for entry in (made.closing, made.provision) if entry))


def _settled_at_a_loss(house):
    house.currency = "USD"
    rates = [
        ExchangeRate(base="USD", quote="EUR", rate=Decimal(r), date=DAY) for r in ("0.9", "0.88")
    ]
    house.invoice("1000.00", exchange_rate=rates[0])
    house.receipt("1000.00", exchange_rate=rates[1])
    house.allocate({"F-1": 100000, "R-1": -100000})
    return house.posted("ReceiptRecorded", "Allocated")


def _short_payment(house):
    house.invoice("100.00")
    house.receipt("99.97")
    house.allocate({"F-1": 10000, "R-1": -9997}, Residual(ResidualKind.SMALL_DIFFERENCE, 3))
    return house.posted("ReceiptRecorded", "Allocated")


def _retention(house):
    category = "works" if house.chart.name == "fr-pcg" else ""
    house.invoice(
        lines=[house.line("1000.00", tax="200.00", category=category)],
        installments=[
            Installment(DAY, money("1140.00", "EUR")),
            Installment(None, money("60.00", "EUR"), is_retention=True),
        ],
    )
    return house.posted()


def _bill(house):
    house.invoice("1200.00")
    house.receipt("1200.00", method=ReceiptMethod.BILL_OF_EXCHANGE)
    house.allocate({"F-1": 120000, "R-1": -120000})
    found = house.posted("ReceiptRecorded", "Allocated")
    assert found == _of(house.by_hand.bill_accepted(money("1200.00", "EUR"), **SAID))
    return found


def _factoring(house):
    fee, kept = money("24.00", "EUR"), money("120.00", "EUR")
    return _of(house.by_hand.factored(money("1200.00", "EUR"), fee=fee, kept=kept, **SAID))


def _cash_rounding(house):
    house.invoice("4.92")
    house.receipt("4.90", method=ReceiptMethod.CASH)
    house.allocate({"F-1": 492, "R-1": -490}, Residual(ResidualKind.CASH_ROUNDING, 2))
    return house.posted("ReceiptRecorded", "Allocated")


def _for_affiliate(house):
    house.receipt("1000.00")
    theirs = Residual(ResidualKind.INTERCOMPANY, -100000, counterparty="B")
    house.allocate({"R-1": -100000}, theirs)
    found = house.posted()
    by_hand = house.by_hand.received_for_affiliate(money("1000.00", "EUR"), affiliate="B", **SAID)
    assert found == _of(by_hand)
    return found


def _of(*entries):
    totals: dict[str, int] = {}
    for entry in entries:
        for line in entry.lines:
            number = line.account.number
            totals[number] = totals.get(number, 0) + line.functional_minor
    return totals


HANDLERS = {
    "advance-clear": _advance,
    "discount-taken-no-vat": _discount,
    "doubtful": lambda house: _of(house.by_hand.doubtful(money("1200.00", "EUR"), **SAID)),
    "write-off": _write_off,
    "recovery": lambda house: _of(
        house.by_hand.recovery(money("600.00", "EUR"), tax=money("100.00", "EUR"), **SAID)
    ),
    "nsf": lambda house: _returned(house, "15.00"),
    "nsf-recharge": _recharge,
    "chargeback": lambda house: _returned(house, "20.00", method=ReceiptMethod.CARD),
    "chargeback-won": lambda house: _by_card(house, "1200.00"),
    "dispute": lambda house: _of(house.by_hand.disputed(money("1200.00", "EUR"), **SAID)),
    "psp-capture": lambda house: _by_card(house, "100.00"),
    "psp-payout": lambda house: _of(
        house.by_hand.payout(money("100.00", "EUR"), fee=money("2.90", "EUR"), **SAID)
    ),
    "interco": _for_affiliate,
    "late-interest": _interest,
    "fx-reval-loss": _revaluation,
    "fx-settle-loss": _settled_at_a_loss,
    "short-pay-tolerance": _short_payment,
    "retention": _retention,
    "bill-of-exchange": _bill,
    "factoring": _factoring,
    "cash-rounding": _cash_rounding,
}


def _expected(rows):
    return [
        (account, int(Decimal(debit).scaleb(2)) - int(Decimal(credit).scaleb(2)))
        for account, debit, credit in rows
    ]


def _numbers(account: str, chart) -> list[str]:
    """The numbers that a case accepts for an account; a longer number is a finer account of it."""
    if account in NAMES:
        return [chart.account(role).number for role in NAMES[account]]
    return re.findall(r"\d+", account)


@pytest.mark.parametrize(("name", "column"), [("fr-pcg", "fr"), ("generic", "generic")])
def test_every_worked_case_is_posted_so(name, column, journal_case, house):
    """Each case has a handler, and posts the accounts and the amounts of its source."""
    mine = house(name)
    found = {number: minor for number, minor in HANDLERS[journal_case["id"]](mine).items() if minor}

    for account, minor in _expected(journal_case["expected"][column]):
        wanted = _numbers(account, mine.chart)
        number = next(
            (each for each in found if each.startswith(tuple(wanted)) and found[each] == minor),
            None,
        )
        assert number is not None, f"{journal_case['source']['title']}: {account} {minor}, {found}"
        del found[number]

    assert found == {}, journal_case["source"]["title"]
