"""Money for what was written off: income, tax due again, and never more than was given up."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import Role, chart, journal, posting_rules
from receivables.errors import CurrencyMismatchError, EventError
from receivables.money import money
from receivables.testing.builders import an_unallocation, recorded
from receivables.writeoffs import (
    ReliefFacts,
    efforts,
    recoveries,
    recovery,
    relief_rules,
    tax_relief,
    write_off_standing,
    written_off,
)

from .worlds import (
    CUSTOMER,
    DAY,
    LENIENT,
    MIRA,
    asked,
    euros,
    given_up,
    insolvent,
    invoice,
    ledger_of,
    money_in,
    taxed,
)

AFTER = dt.date(2027, 3, 1)


def _recover(ledger, receipt="r-1", *, on=AFTER, minute=40, **given):
    return recovery(ledger, receipt, creditor=MIRA, on=on, recorded_at=recorded(minute), **given)


def french(*events):
    """A ledger on which 12,000.00 of a customer in liquidation was given up, with its tax."""
    ledger = ledger_of(taxed(), insolvent(), *events)
    _, what = asked(ledger, reason="insolvency")
    facts = ReliefFacts(
        proofs=efforts(ledger, MIRA, CUSTOMER, as_of=DAY), debtor_told_on=DAY, written_off_on=DAY
    )
    relief = tax_relief(
        ledger, what.parts, creditor=MIRA, rules=relief_rules("FR"), facts=facts, as_of=DAY
    )
    return given_up(ledger, reason="insolvency", relief=relief)


def test_a_french_recovery_is_income_less_tax(oracle):
    """1,200.00 on a claim with tax at 20 % are 1,000.00 of income, and 200.00 are due again."""
    case = oracle("fr-recovery-amortised")["expected"]["entry"]
    ledger = french(money_in(amount="1200.00", on=AFTER))
    event = _recover(ledger)
    ledger = ledger.record(event)

    found = Counter()
    numbers = {}
    for entry in journal(
        ledger, chart=chart("fr-pcg"), functional_currency="EUR", rules=posting_rules("fr-pcg")
    ).entries:
        if entry.date == AFTER:
            for line in entry.lines:
                found[line.role] += line.amount_minor
                numbers[line.role] = line.account.number
    (bank, _, _), (income, _, net), (_, _, tax) = case
    assert numbers[Role.BANK].startswith(bank)
    assert income == numbers[Role.RECOVERY_INCOME]
    assert -int(net) * 100 == found[Role.RECOVERY_INCOME]
    assert -int(tax) * 100 == found[Role.TAX]


def test_it_is_linked_to_the_write_off():
    """Who recovered it, on which receipt, and the request that had given it up."""
    ledger = given_up(ledger_of(invoice(), money_in(amount="30.00", on=AFTER)))

    ledger = ledger.record(_recover(ledger, by="Agence du Port"))

    (found,) = recoveries(ledger, MIRA, as_of=AFTER)
    assert ("r-1", "FA-1", 3_000, "Agence du Port", "W-1") == (
        found.receipt,
        found.item,
        found.amount_minor,
        found.by,
        found.write_off,
    )
    standing = write_off_standing(ledger, MIRA, "W-1", as_of=AFTER, policy=LENIENT)
    assert {"EUR": euros("30.00")} == standing.recovered
    assert () == recoveries(ledger, MIRA, as_of=DAY)


def test_what_is_above_stays_unapplied():
    """A receipt of more than was given up keeps the rest."""
    ledger = given_up(ledger_of(invoice(), money_in(amount="130.00", on=AFTER)))

    ledger = ledger.record(_recover(ledger))

    (rest,) = ledger.open_items(as_of=AFTER)
    assert ("r-1", -3_000) == (rest.item, rest.open_minor)
    with pytest.raises(EventError, match="written off in EUR"):
        _recover(ledger, minute=41)


def test_a_receipt_may_recover_twice():
    """Each recovery has an identity of its own, and an undone one frees what it took."""
    ledger = given_up(ledger_of(invoice(), money_in(amount="50.00", on=AFTER)))
    first = _recover(ledger, amount=euros("20.00"))
    ledger = ledger.record(first)
    second = _recover(ledger, minute=41)
    both = ledger.record(second)
    undone = both.record(an_unallocation(first, minute=42))

    assert ["recovery:r-1", "recovery:r-1:2"] == [
        event.allocation.allocation for event in (first, second)
    ]
    assert [5_000] == [one.left_minor for one in written_off(both, MIRA, as_of=AFTER)]
    assert [7_000] == [one.left_minor for one in written_off(undone, MIRA, as_of=AFTER)]


REFUSED = [
    ({"receipt": "r-9"}, EventError, "something unapplied"),
    ({"items": ["FA-9"]}, EventError, "something of FA-9"),
    ({"amount": euros("100.01")}, EventError, "at most"),
    ({"amount": money("1.00", "USD")}, CurrencyMismatchError, "must be in EUR"),
    ({"on": dt.date(2026, 12, 1)}, EventError, "something unapplied"),
    ({"receipt": "r-2", "items": ["FA-1"]}, CurrencyMismatchError, "written off in USD"),
]


@pytest.mark.parametrize(("fields", "error", "said"), REFUSED)
def test_what_cannot_be_recovered_is_refused(fields, error, said):
    """Each with a sentence that says why."""
    dollars = money_in("r-2", amount=money("5.00", "USD"), on=AFTER)
    ledger = given_up(ledger_of(invoice(), money_in(amount="500.00", on=AFTER), dollars))
    fields = {"receipt": "r-1", **fields}

    with pytest.raises(error, match=said):
        _recover(ledger, fields.pop("receipt"), **fields)


@given(parts=st.lists(st.integers(1, 1_500_000), min_size=1, max_size=6))
def test_what_stays_given_up_is_never_below_zero(parts):
    """Whatever comes in, neither the claim nor its tax is recovered twice."""
    receipts = [
        money_in(f"r-{n}", amount=f"{part // 100}.{part % 100:02d}", on=AFTER, minute=9)
        for n, part in enumerate(parts)
    ]
    ledger = french(*receipts)
    for n in range(len(parts)):
        (left,) = written_off(ledger, MIRA, as_of=AFTER)
        if left.left_minor:
            ledger = ledger.record(_recover(ledger, f"r-{n}", minute=40 + n))

    (left,) = written_off(ledger, MIRA, as_of=AFTER)
    assert max(0, 1_200_000 - sum(parts)) == left.left_minor
    assert 0 <= left.tax_minor <= 200_000
