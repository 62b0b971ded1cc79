"""Whatever balances is accepted by hledger, with the balances of the journal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from receivables.testing.journal_writer import journals, sample_journal
from receivables_plugins import hledger as plugin

pytestmark = pytest.mark.needs("hledger")

_SPEC = plugin.receivables_journal_writers()[0]


def _text(journal, **layout):
    return b"".join(_SPEC.build(layout).write(journal)).decode("utf-8")


def _moved(balances):
    return {key: minor for key, minor in balances.items() if minor}


# A program is started twice for each example.
@settings(max_examples=10)
@given(journal=journals())
def test_balances_at_cost_are_those_of_the_books(journal, at_cost):
    """The balance at cost of each account is its functional balance, to the minor unit."""
    assert _moved(journal.balances()) == _moved(at_cost(_text(journal, assertions=True)))


@settings(max_examples=10)
@given(journal=journals())
def test_units_are_the_amounts_of_each_currency(journal, balances):
    """In a currency other than that of the books, an account has the sum of its amounts."""
    own = journal.functional_currency
    amounts = {}
    for line in (line for entry in journal for line in entry.lines if line.currency != own):
        key = (line.account.number, line.currency)
        amounts[key] = amounts.get(key, 0) + line.amount_minor
    found = balances(_text(journal, customers="accounts"))

    foreign = {key: minor for key, minor in found.items() if key[1] != own}
    assert _moved(amounts) == _moved(foreign)


def test_a_cent_off_is_found(hledger):
    """hledger counts to the minor unit."""
    text = _text(sample_journal()).replace("USD @@ 92.37 EUR", "USD @@ 92.38 EUR", 1)

    with pytest.raises(AssertionError, match=r"0\.01 EUR"):
        hledger(text, "check", "--strict")


def test_a_wrong_balance_is_found(hledger):
    """A balance that was asserted and does not hold is an error."""
    text = _text(sample_journal(), assertions=True).replace("= -20.00 EUR", "= -20.01 EUR")

    with pytest.raises(AssertionError, match=r"-20\.01"):
        hledger(text, "check")


def test_customers_can_be_asked_for(balances):
    """A customer is a tag by which hledger finds the postings."""
    text = _text(sample_journal())

    assert {("411", "EUR"): 132_37} == balances(text, "tag:customer=C-017", "411", "--cost")
