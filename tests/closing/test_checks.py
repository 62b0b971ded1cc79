"""The checks of a close: what each names, and what it leaves in peace."""

from __future__ import annotations

import ast
import datetime as dt
from decimal import Decimal

import attrs
import pytest

from receivables.accounting import (
    GlAccount,
    JournalEntry,
    JournalLine,
    Role,
    chart,
    journal,
)
from receivables.closing import (
    CHECKS,
    MONTH_END,
    YEAR_END,
    ClosingPapers,
    Draft,
    GlPosting,
    examine,
    tie_out,
)
from receivables.closing._words import LANGUAGES, TITLES, say
from receivables.intercompany import HandOver, agree, collected_for, intercompany_lines
from receivables.ledger import ItemHeld, Ledger, PeriodClosed
from receivables.money import ExchangeRate, Rounding
from receivables.problems import Place, Problem
from receivables.receipts import BankBalance, BankStatement
from receivables.testing.builders import (
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
    recorded,
)

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)


def _papers(*events, **fields):
    known = {"creditor": "MIRA", "first": FIRST, "last": LAST, **fields}
    return ClosingPapers(ledger=Ledger().record(*events), **known)


def _named(check, papers):
    (finding,) = examine(papers, checks=[CHECKS[check]]).findings
    return [item.key for item in finding.items]


def _statement(name, opening, closing, **fields):
    known = {
        "account": "FR76",
        "currency": "EUR",
        "opening_minor": opening,
        "closing_minor": closing,
        "credits_minor": closing - opening,
        **fields,
    }
    day = known.pop("day", LAST)
    balances = [BankBalance(type="CLBD", amount_minor=closing, currency="EUR", date=day)]
    return BankStatement(statement=name, balances=balances, **known)


def test_unapplied_and_unidentified_receipts_are_named_apart():
    """A receipt of a known customer waits for an allocation, one of nobody for a payer."""
    papers = _papers(
        received(a_receipt("known", amount="10.00")),
        received(a_receipt("unknown", amount="20.00", customer=""), minute=2),
    )

    assert ["known"] == _named("receipts-applied", papers)
    assert ["unknown"] == _named("unidentified-cash", papers)


def test_an_applied_receipt_is_in_order():
    """What is settled on the last day needs no explanation."""
    papers = _papers(issued(), received(), an_allocation())

    assert [] == _named("receipts-applied", papers)


STATEMENTS = {
    "none": ([], ["statements"]),
    "whole": ([_statement("1", 0, 5, day=FIRST), _statement("2", 5, 9)], []),
    "a gap": ([_statement("1", 0, 5, day=FIRST), _statement("2", 6, 9)], ["FR76|1>2"]),
    "a number left out": (
        [
            _statement("1", 0, 5, day=FIRST, sequence=11),
            _statement("3", 5, 9, sequence=13),
        ],
        ["FR76|1>3#"],
    ),
    "entries missing": ([attrs.evolve(_statement("1", 0, 5), credits_minor=4)], ["FR76|1"]),
    "no balance": ([attrs.evolve(_statement("1", 0, 5), opening_minor=None)], ["FR76|1"]),
    "ending early": ([_statement("1", 0, 5, day=dt.date(2026, 10, 30))], ["FR76|end"]),
    "a copy": ([_statement("1", 0, 5), _statement("1", 0, 5, is_copy=True)], []),
}


@pytest.mark.parametrize("case", STATEMENTS)
def test_bank_statements_must_be_whole_and_continuous(case):
    """Each statement proves its entries, and begins where the one before ended."""
    statements, expected = STATEMENTS[case]

    assert expected == _named("bank-statements", _papers(statements=statements))


def test_an_account_without_a_statement_is_named():
    """An account that must have statements is asked for by name."""
    papers = _papers(statements=[_statement("1", 0, 5)], accounts=["FR76", "ES91"])

    assert ["ES91"] == _named("bank-statements", papers)


def test_a_tie_out_must_be_given_of_the_last_day_and_without_differences():
    """None, one of another day, and one with a difference each keep the period open."""
    invoice = issued(an_invoice())
    ledger = Ledger().record(invoice)
    posting = GlPosting(
        account="411",
        date=dt.date(2026, 9, 30),
        amount_minor=10_000,
        currency="EUR",
        document="FA-1",
        customer="C-017",
    )
    good = tie_out(ledger, [posting], creditor="MIRA", as_of=LAST)
    early = tie_out(ledger, [posting], creditor="MIRA", as_of=FIRST)
    bad = tie_out(ledger, [], creditor="MIRA", as_of=LAST)

    assert ["tie-out"] == _named("tie-out", _papers(invoice))
    assert [] == _named("tie-out", _papers(invoice, tie_outs=[good]))
    assert ["as-of:2026-10-01"] == _named("tie-out", _papers(invoice, tie_outs=[early]))
    assert [bad.differences[0].key] == _named("tie-out", _papers(invoice, tie_outs=[bad]))


def _in_dollars():
    day = dt.date(2026, 9, 30)
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.08"), date=day)
    invoice = issued(an_invoice(total="10000.00", currency="USD", exchange_rate=rate))
    books = journal([invoice], chart=chart("fr-pcg"), functional_currency="EUR")
    return invoice, books


def _revalued(books, minor):
    lines = [
        JournalLine(
            account=GlAccount(number, number),
            role=role,
            amount_minor=0,
            currency="USD",
            functional_minor=sign * minor,
            customer="C-017",
            item="FA-1",
        )
        for number, role, sign in (("411", Role.RECEIVABLE, 1), ("476", Role.TRANSLATION_LOSS, -1))
    ]
    entry = JournalEntry(
        entry="reval",
        creditor="MIRA",
        date=LAST,
        kind="revaluation",
        functional_currency="EUR",
        lines=lines,
    )
    return books.with_entries([entry])


class _Closing:
    """The closing rate of 1.10."""

    def convert(self, amount, /, *, to, on):
        rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.10"), date=on)
        return rate.convert(amount, rounding=Rounding.HALF_UP)


def test_items_in_foreign_currencies_must_be_revalued():
    """A journal without a revaluation entry of the last day is not ready."""
    invoice, books = _in_dollars()

    assert ["USD"] == _named("revaluation", _papers(invoice, journal=books))
    assert [] == _named("revaluation", _papers(invoice, journal=_revalued(books, -16_835)))
    assert [] == _named("revaluation", _papers(issued(an_invoice())))


@pytest.mark.parametrize(("minor", "expected"), [(-16_835, []), (-16_834, []), (-16_000, ["USD"])])
def test_the_closing_rates_prove_the_revaluation(minor, expected):
    """With the rates the carrying amount itself is checked: USD 10,000 at 1.10 is EUR 9,090.91."""
    invoice, books = _in_dollars()
    papers = _papers(invoice, journal=_revalued(books, minor), rates=_Closing())

    assert expected == _named("revaluation", papers)


def test_an_allowance_must_be_booked_where_something_is_owed():
    """Open items without an allowance entry in the period are named; an empty ledger needs none."""
    invoice = issued(an_invoice())
    books = journal([invoice], chart=chart("fr-pcg"), functional_currency="EUR")
    line = {"amount_minor": 100, "currency": "EUR", "functional_minor": 100}
    entry = JournalEntry(
        entry="a",
        creditor="MIRA",
        date=LAST,
        kind="allowance",
        functional_currency="EUR",
        lines=[
            JournalLine(account=GlAccount("6817", "x"), role=Role.ALLOWANCE_EXPENSE, **line),
            JournalLine(
                account=GlAccount("491", "x"),
                role=Role.ALLOWANCE,
                **{**line, "amount_minor": -100, "functional_minor": -100},
            ),
        ],
    )

    assert ["allowance"] == _named("allowance", _papers(invoice, journal=books))
    assert [] == _named("allowance", _papers(invoice, journal=books.with_entries([entry])))
    assert [] == _named("allowance", _papers())


def _handed_over():
    ledger = Ledger().record(received(a_receipt(customer="")))
    found = HandOver(
        creditor="MIRA", receipt="r-1", owner="SUD", effective_on=dt.date(2026, 10, 20)
    )
    return ledger.record(*collected_for(ledger, found, recorded_at=recorded(30)).events)


def test_balances_within_the_group_must_be_agreed():
    """A balance with an entity needs an agreement of the last day, and no difference in it."""
    ledger = _handed_over()
    lines = intercompany_lines(ledger)
    parties = {"creditor": "MIRA", "counterparty": "SUD", "as_of": LAST}
    good, bad = agree(lines, lines, **parties), agree(lines, [], **parties)

    assert ["SUD|EUR"] == _named("intercompany", _papers(*ledger.events))
    assert [] == _named("intercompany", _papers(*ledger.events, agreements=[good]))
    assert ["SUD|" + bad.differences[0].key] == _named(
        "intercompany", _papers(*ledger.events, agreements=[bad])
    )


def _held(reason):
    return ItemHeld(
        event=f"held:{reason}",
        effective_on=dt.date(2026, 10, 20),
        recorded_at=recorded(20),
        creditor="MIRA",
        customer="C-017",
        item="r-1",
        reason=reason,
    )


def test_what_is_held_or_in_draft_needs_a_reason():
    """A hold and a draft with a reason are known; without one they are named."""
    drafts = [
        Draft(number="B-1", customer="C-017", amount_minor=5, currency="EUR"),
        Draft(number="B-2", customer="C-017", amount_minor=5, currency="EUR", reason="no order"),
    ]

    assert ["r-1", "draft:B-1"] == _named("held", _papers(received(), _held(""), drafts=drafts))
    assert [] == _named("held", _papers(received(), _held("overpaid")))


NUMBERS = {
    "none missing": (["F-1", "F-2", "AV-1"], []),
    "one missing": (["F-0098", "F-0100"], ["F-0099"]),
    "several missing": (["2026-001", "2026-005"], ["2026-002..2026-004"]),
    "two series": (["A-1", "B-7"], []),
    "across ten": (["F-9", "F-11"], ["F-10"]),
    "no digits": (["first", "second"], []),
    "the year's own series": (["2025-9", "2026-1"], []),
    "a suffix": (["7/A", "9/A"], ["8/A"]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_document_numbers_have_no_gaps(case):
    """What is missing between two numbers of a series is named, once for each gap."""
    numbers, expected = NUMBERS[case]
    events = [
        issued(an_invoice(number, document_date=FIRST), minute=at)
        for at, number in enumerate(numbers)
    ]

    assert expected == _named("document-numbers", _papers(*events))


def test_a_gap_of_an_earlier_period_is_not_named_again():
    """Only gaps at a document of the period count."""
    old = dt.date(2026, 8, 1)
    events = [
        issued(an_invoice("F-1", document_date=old)),
        issued(an_invoice("F-3", document_date=old), minute=1),
        issued(an_invoice("F-4", document_date=FIRST), minute=2),
    ]

    assert [] == _named("document-numbers", _papers(*events))


def test_a_year_looks_at_credit_balances_months_and_cut_off():
    """What a year asks besides is named by the customer, the day and the document."""
    year = {"first": dt.date(2026, 1, 1), "last": dt.date(2026, 12, 31)}
    late = an_invoice(
        document_date=dt.date(2026, 12, 31), posting_date=dt.date(2027, 1, 2), customer="C-018"
    )
    papers = _papers(received(), issued(late, minute=3), **year)

    assert ["C-017|EUR"] == _named("credit-balances", papers)
    assert ["through:2026-11-30"] == _named("months-closed", papers)
    assert ["FA-1"] == _named("cut-off", papers)


def test_months_that_are_closed_are_in_order():
    """A year may be closed once the eleven months before are."""
    closed = PeriodClosed(
        event="closed",
        effective_on=dt.date(2026, 11, 30),
        recorded_at=recorded(),
        creditor="MIRA",
        through=dt.date(2026, 11, 30),
    )
    papers = _papers(closed, first=dt.date(2026, 1, 1), last=dt.date(2026, 12, 31))

    assert [] == _named("months-closed", papers)


def test_the_accounting_export_must_be_checked_and_whole():
    """Without a check there is no proof; each error is named, warnings are not."""
    error = Problem("entries.unbalanced", "off by 1", place=Place("fec.txt", line=7))

    assert ["export"] == _named("export", _papers())
    assert [] == _named("export", _papers(export_problems=[]))
    assert ["entries.unbalanced|fec.txt:7"] == _named("export", _papers(export_problems=[error]))


def test_every_check_has_a_title_in_every_language():
    """The page can be made in each of them."""
    assert set(TITLES) == set(CHECKS)
    assert all(set(check.titles) == set(LANGUAGES) for check in CHECKS.values())
    assert YEAR_END[: len(MONTH_END)] == MONTH_END


def test_every_text_of_a_check_is_translated(root):
    """No sentence of the library's own checks is left in English."""
    source = (root / "src/receivables/closing/checks.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
        if id(node) not in docstrings
    }

    assert len(texts) > 20
    assert [text for text in texts if say(text, "fr") == text] == []
