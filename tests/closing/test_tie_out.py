"""The tie-out: every cause of a difference, and what is no difference."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.accounting import chart, journal
from receivables.closing import (
    Difference,
    DifferenceCause,
    GlBalance,
    GlPosting,
    TieOut,
    TieOutRow,
    control_movements,
    gl_postings,
    gl_postings_from,
    tie_out,
)
from receivables.documents import Installment
from receivables.errors import DocumentError
from receivables.ledger import Ledger
from receivables.money import money
from receivables.testing.builders import (
    a_credit_note,
    a_receipt,
    an_invoice,
    issued,
    received,
)

AS_OF = dt.date(2026, 10, 31)
INVOICED = dt.date(2026, 9, 30)
PAID = dt.date(2026, 10, 15)
LATER = dt.date(2026, 11, 2)


def _posting(document="FA-1", amount=10_000, day=INVOICED, **fields):
    known = {"account": "411", "currency": "EUR", "customer": "C-017", **fields}
    return GlPosting(date=day, amount_minor=amount, document=document, **known)


def _ledger(*documents):
    return Ledger().record(*(issued(each, minute=at) for at, each in enumerate(documents)))


def _paid():
    return Ledger().record(issued(an_invoice()), received())


def _tied(ledger, *general, **options):
    return tie_out(ledger, general, creditor="MIRA", as_of=AS_OF, **options)


def _found(tied):
    return [(one.cause.value, one.document, one.difference_minor) for one in tied.differences]


ONE_INVOICE = _ledger(an_invoice())

DIFFERENCES = {
    "not posted": (ONE_INVOICE, [], [("missing-in-general-ledger", "FA-1", 10_000)]),
    "not in the sub-ledger": (
        Ledger(),
        [_posting("FA-9")],
        [("missing-in-sub-ledger", "FA-9", -10_000)],
    ),
    "posted after the day": (ONE_INVOICE, [_posting(day=LATER)], [("timing", "FA-1", 10_000)]),
    "recorded after the day": (
        _ledger(an_invoice(document_date=LATER)),
        [_posting(day=AS_OF)],
        [("timing", "FA-1", -10_000)],
    ),
    "another amount": (ONE_INVOICE, [_posting(amount=10_090)], [("amount", "FA-1", -90)]),
    "the other sign": (ONE_INVOICE, [_posting(amount=-10_000)], [("amount", "FA-1", 20_000)]),
    "another currency": (
        ONE_INVOICE,
        [_posting(currency="USD")],
        [("currency", "FA-1", 10_000), ("currency", "FA-1", -10_000)],
    ),
    "another customer": (
        ONE_INVOICE,
        [_posting(customer="C-018")],
        [("customer", "FA-1", 10_000), ("customer", "FA-1", -10_000)],
    ),
    "another account": (
        ONE_INVOICE,
        [_posting(account="467")],
        [("account", "FA-1", 10_000)],
    ),
    "posted twice": (
        ONE_INVOICE,
        [_posting(), _posting(day=dt.date(2026, 10, 2))],
        [("duplicate", "FA-1", -10_000)],
    ),
    "a balance alone": (
        ONE_INVOICE,
        [GlBalance(account="411", amount_minor=9_000, currency="EUR")],
        [("unknown", "", 1_000)],
    ),
    "postings that are not the balance": (
        ONE_INVOICE,
        [_posting(), GlBalance(account="411", amount_minor=12_000, currency="EUR")],
        [("unknown", "", -2_000)],
    ),
    "a receipt in transit": (
        _paid(),
        [_posting(), _posting("BQ-7", -10_000, day=LATER)],
        [("timing", "r-1", -10_000)],
    ),
    "a receipt with digits exchanged": (
        Ledger().record(received(a_receipt(amount="54.00"))),
        [_posting("BQ-7", -4_500, day=PAID)],
        [("amount", "r-1", -900)],
    ),
    "a receipt under the number of what is missing": (
        _paid(),
        [_posting("FA-1", -10_000, PAID)],
        [("missing-in-general-ledger", "FA-1", 10_000)],
    ),
    "a receipt on another customer": (
        Ledger().record(received(a_receipt())),
        [_posting("BQ-7", -10_000, day=PAID, customer="C-018")],
        [("customer", "BQ-7", 10_000), ("customer", "r-1", -10_000)],
    ),
}


@pytest.mark.parametrize("case", DIFFERENCES)
def test_each_difference_has_its_cause(case):
    """What differs is named by cause, document and amount."""
    ledger, general, expected = DIFFERENCES[case]

    tied = _tied(ledger, *general, accounts=["411"])

    assert sorted(expected) == sorted(_found(tied))
    assert not tied.is_zero


AGREEMENTS = {
    "the same lines": (ONE_INVOICE, [_posting()]),
    "another day before": (ONE_INVOICE, [_posting(day=dt.date(2026, 10, 7))]),
    "a number written otherwise": (ONE_INVOICE, [_posting("fa 1")]),
    "a general ledger without customers": (ONE_INVOICE, [_posting(customer="")]),
    "a receipt that the bank names": (_paid(), [_posting(), _posting("BQ-7", -10_000, PAID)]),
    "a receipt under the invoice's number": (
        _paid(),
        [_posting(), _posting("FA-1", -10_000, PAID)],
    ),
    "a receipt booked days later": (
        _paid(),
        [_posting(), _posting("BQ-7", -10_000, dt.date(2026, 10, 20))],
    ),
    "a document in two lines": (ONE_INVOICE, [_posting(amount=4_000), _posting(amount=6_000)]),
    "daily totals": (
        _ledger(an_invoice("FA-1"), an_invoice("FA-2", total="50.00", customer="C-018")),
        [_posting("", 15_000, customer="")],
    ),
    "daily totals per customer": (
        _ledger(an_invoice("FA-1"), an_invoice("FA-2", total="50.00")),
        [_posting("", 15_000)],
    ),
    "posted to and fro": (ONE_INVOICE, [_posting(), _posting("X", 5), _posting("X", -5)]),
    "later on both sides": (_ledger(an_invoice(document_date=LATER)), [_posting(day=LATER)]),
    "a balance alone": (
        ONE_INVOICE,
        [GlBalance(account="411", amount_minor=10_000, currency="EUR")],
    ),
}


@pytest.mark.parametrize("case", AGREEMENTS)
def test_what_is_the_same_is_no_difference(case):
    """Lines that only look different agree."""
    ledger, general = AGREEMENTS[case]

    tied = _tied(ledger, *general)

    assert [] == _found(tied)
    assert all(row.difference_minor == 0 for row in tied.rows)


def test_installments_are_one_posting():
    """A document in installments is several items here and one line there."""
    parts = [Installment(dt.date(2026, 10, day), money("50.00", "EUR")) for day in (10, 20)]
    ledger = _ledger(an_invoice(installments=parts))

    assert _tied(ledger, _posting()).is_zero


def test_two_errors_that_cancel_out_are_two_differences():
    """Equal balances prove nothing: what is missing here and there is named."""
    tied = _tied(_ledger(an_invoice("FA-1")), _posting("FA-2"))

    assert tied.rows[0].difference_minor == 0
    assert not tied.is_zero
    assert [cause for cause, _, _ in _found(tied)] == [
        "missing-in-general-ledger",
        "missing-in-sub-ledger",
    ]


def test_an_opening_balance_stands_for_what_was_open():
    """A general ledger that begins in the year opens with a sum; the items of before make it up."""
    ledger = _ledger(an_invoice("FA-1"), an_invoice("FA-2", total="50.00"))
    opening = _posting("AN", 15_000, day=dt.date(2026, 10, 1))

    assert _tied(ledger, opening, since=dt.date(2026, 10, 1)).is_zero


def test_an_opening_balance_in_detail_is_compared_in_detail():
    """Where the opening names documents, the one that is wrong is named."""
    ledger = _ledger(an_invoice("FA-1"), an_invoice("FA-2", total="50.00"))
    day = dt.date(2026, 10, 1)

    tied = _tied(ledger, _posting(day=day), _posting("FA-2", 5_100, day=day), since=day)

    assert [("amount", "FA-2", -100)] == _found(tied)


def test_a_journal_ties_out_account_by_account():
    """The control accounts of the journal are compared one by one, in the functional currency."""
    ledger = Ledger().record(issued(an_invoice()), received(a_receipt(customer="", amount="30.00")))
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR")
    wrong = [
        GlPosting(
            account="411",
            date=each.date,
            amount_minor=each.amount_minor,
            currency=each.currency,
            document=each.document,
            customer=each.customer,
        )
        for each in gl_postings(books)
    ]

    tied = tie_out(control_movements(books), gl_postings(books), creditor="MIRA", as_of=AS_OF)
    moved = tie_out(control_movements(books), wrong, creditor="MIRA", as_of=AS_OF)

    assert tied.is_zero
    assert {row.account: row.sub_ledger_minor for row in tied.rows} == {
        "411": 10_000,
        "471": -3_000,
    }
    assert {one.account: one.difference_minor for one in moved.differences} == {
        "411": 3_000,
        "471": -3_000,
    }
    assert {one.cause for one in moved.differences} == {DifferenceCause.ACCOUNT}


def test_records_of_an_export_become_postings_again():
    """What a source made of the lines of a general ledger is taken back to lines."""
    records = [
        an_invoice("FA-1"),
        a_credit_note("AV-1~OD-3"),
        a_receipt("B-7~BQ-2"),
        object(),
    ]

    postings = gl_postings_from(records, account="411")

    assert [(each.document, each.amount_minor) for each in postings] == [
        ("FA-1", 10_000),
        ("AV-1", -3_000),
        ("B-7", -10_000),
    ]


def test_only_the_entity_asked_for_is_compared():
    """The items of another entity are none of this general ledger's business."""
    ledger = _ledger(an_invoice("FA-1"), an_invoice("FA-1", creditor="SUD"))

    assert _tied(ledger, _posting()).is_zero


def test_differences_keep_their_key():
    """A difference has the same key in the next tie-out, so that an explanation holds."""
    first, second = (_tied(ONE_INVOICE).differences[0] for _ in range(2))

    assert first.key == second.key == "missing-in-general-ledger||C-017|EUR|FA-1|2026-09-30"


def test_a_table_has_the_columns_it_names():
    """Each difference is a row with both dates and both amounts."""
    tied = _tied(ONE_INVOICE, _posting(amount=9_000))

    (row,) = [dict(zip(tied.columns, each, strict=True)) for each in tied.to_rows()]

    assert (row["sub_ledger_minor"], row["general_ledger_minor"]) == (10_000, 9_000)
    assert row["cause"] == "amount"


def test_a_tie_out_whose_differences_do_not_add_up_is_refused():
    """No list of differences may fall short of the total."""
    row = TieOutRow(account="", currency="EUR", sub_ledger_minor=5, general_ledger_minor=0)
    one = Difference(cause=DifferenceCause.AMOUNT, difference_minor=4, currency="EUR")

    with pytest.raises(DocumentError, match="must add up to 5, got 4"):
        TieOut(creditor="MIRA", as_of=AS_OF, rows=[row], differences=[one])
