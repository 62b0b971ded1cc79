"""Whatever balances is accepted by beancount, with the balances of the journal."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings

from receivables.money import digits
from receivables.testing.journal_writer import journals, sample_journal
from receivables_plugins import beancount as plugin

pytestmark = pytest.mark.needs("beancount")

_SPEC = plugin.receivables_journal_writers()[0]


def _text(journal, **layout):
    return b"".join(_SPEC.build(layout).write(journal)).decode("utf-8")


def _moved(balances):
    return {key: minor for key, minor in balances.items() if minor}


@settings(max_examples=40)
@given(journal=journals(creditors=2))
def test_balances_at_price_are_those_of_the_books(journal, at_price):
    """The value at price of each account is its functional balance, to the minor unit."""
    assert _moved(journal.balances()) == _moved(at_price(_text(journal)))


@settings(max_examples=20)
@given(journal=journals())
def test_asserted_balances_hold(journal, load):
    """With customers as accounts, every balance that the file asserts is one that beancount finds."""
    load(_text(journal, customers="accounts", assertions=True))


@settings(max_examples=20)
@given(journal=journals())
def test_units_are_the_amounts_of_each_currency(journal, load, numbers_of):
    """In a currency other than that of the books, an account has the sum of its amounts."""
    entries = load(_text(journal))
    numbers, units, amounts = numbers_of(entries), Counter(), Counter()
    for posting in (one for entry in entries for one in getattr(entry, "postings", ())):
        code = posting.units.currency
        minor = posting.units.number.scaleb(digits(code))
        units[numbers[posting.account], code] += int(minor)
    for line in (line for entry in journal for line in entry.lines):
        amounts[line.account.number, line.currency] += line.amount_minor

    assert {
        key: minor
        for key, minor in amounts.items()
        if minor and key[1] != journal.functional_currency
    } == {
        key: minor
        for key, minor in units.items()
        if minor and key[1] != journal.functional_currency
    }


def test_bean_check_accepts_the_file(tmp_path):
    """The program that users run says nothing and ends well."""
    path = tmp_path / "journal.beancount"
    path.write_text(_text(sample_journal(texts='"; \\ \n'), assertions=True), encoding="utf-8")
    program = Path(sys.executable).parent / "bean-check"

    ran = subprocess.run([program, path], capture_output=True, check=False, text=True)

    assert (0, "", "") == (ran.returncode, ran.stdout, ran.stderr)


def test_a_cent_off_is_found(load):
    """The tolerance that the file sets lets no minor unit pass."""
    text = _text(sample_journal())
    posting = "100.01 USD @@ 92.37 EUR"

    with pytest.raises(AssertionError, match="does not balance"):
        load(text.replace(posting, "100.01 USD @@ 92.38 EUR", 1))

    assert posting in text
