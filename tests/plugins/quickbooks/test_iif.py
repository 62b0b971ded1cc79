"""Files of Desktop are read transaction by transaction, and each must come to zero."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.documents import CreditNote, Invoice
from receivables.money import from_minor
from receivables.outbox import PostingBatch, ReceiptPosting
from receivables.receipts import Receipt
from receivables.testing.ledger_source import balances
from receivables_plugins.quickbooks import IifSettings, IifTargetSettings
from receivables_plugins.quickbooks.iif import IifSource
from receivables_plugins.quickbooks.iif_target import IifTarget

from .test_source_conformance import IIF

HEADS = (
    "!TRNS\tTRNSID\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\tDOCNUM\tDUEDATE\tTERMS\tMEMO\n"
    "!SPL\tSPLID\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\n"
    "!ENDTRNS\n"
)
AR = "Accounts Receivable"


def read(text, **more):
    """What the source makes of a text."""
    source = IifSource(IifSettings(creditor="MIRA", **{"currency": "USD", **more}))
    return source.read(io.BytesIO(text.encode()), name="a.iif").collect()


def transaction(kind="INVOICE", day="8/1/2026", account=AR, name="Acme", amount="10.00", **more):
    """A transaction of two lines, with its headings."""
    head = [more.get("id", "7"), kind, day, account, name, amount, more.get("number", "1")]
    rest = [more.get("due", ""), more.get("terms", ""), more.get("memo", "")]
    off = more.get("off", f"-{amount}".replace("--", ""))
    other = more.get("other", "Sales")
    lines = ["TRNS\t" + "\t".join([*head, *rest]), f"SPL\t8\t{kind}\t{day}\t{other}\t\t{off}"]
    return HEADS + "\n".join([*lines, "ENDTRNS\n"])


def codes(found):
    """The codes of the problems, each once."""
    return {problem.code for problem in found.report.problems}


REFUSED = [
    (transaction(off="-9.99"), "quickbooks.unbalanced", "it does not come to zero"),
    (transaction(amount="ten", off="-10"), "amount.invalid", "no number"),
    (transaction(amount="1,00", off="-1"), "amount.invalid", "grouped wrongly"),
    (transaction(day="31/8/2026"), "date.invalid", "no month has that number"),
    (transaction(due="2/30/2026"), "date.invalid", "no such day"),
    (transaction(name=""), "customer.missing", "of nobody"),
    (transaction(kind="BARTER"), "document.type-unknown", "a type that is not known"),
    (transaction(amount="-10.00", off="10.00"), "amount.sign", "an invoice that lowers"),
    (transaction(kind="CREDIT MEMO"), "amount.sign", "a credit that raises"),
    (transaction(kind="PAYMENT"), "amount.sign", "a payment that raises"),
    (transaction(number="", id=""), "document.missing", "without a name"),
    (transaction() + transaction(number="1"), "document.duplicate", "the number twice"),
    (transaction().replace("ENDTRNS\n", "TRNS\t"), "file.format", "another begins in it"),
    (transaction().removesuffix("ENDTRNS\n"), "file.truncated", "it has no end"),
    (HEADS + "SPL\t8\n", "file.format", "a line of nothing"),
    ("TRNS\t8\n", "file.format", "a row without headings"),
    (transaction().replace("\tAMOUNT", "\tSUM"), "column.missing", "no column of amounts"),
    (transaction() + "!CUST\tNAME\nCUST\tAcme\n", "file.format", "a list behind"),
    (transaction(kind="PAYMENT", amount="-1", number="4111111111111111"), "card.number", "card"),
    ("", "file.empty", "nothing"),
]


@pytest.mark.parametrize(("text", "code", "why"), REFUSED, ids=lambda _: "")
def test_what_is_wrong_is_refused(text, code, why):
    """Each way of being wrong has its code, and makes the read incomplete."""
    found = read(text)

    assert code in codes(found), why
    assert not found.report.complete


def test_jobs_are_customers_of_a_group():
    """A job is a customer of its own, in the payer group of the one above it."""
    first, second, *_ = read(IIF).rows

    assert (first.name, first.terms, first.payer_group) == (
        "Sunset Bakery",
        "Net 30",
        "Sunset Bakery",
    )
    assert (second.customer, second.name) == ("Sunset Bakery:Ocean View", "Ocean View")
    assert second.payer_group == "Sunset Bakery"


def test_payments_that_look_alike_are_two():
    """Two payments that nothing tells apart are both read, with a warning."""
    paid = transaction(kind="PAYMENT", amount="-10.00", id="")
    found = read(paid + paid.removeprefix(HEADS))

    assert [row.receipt for row in found.rows if isinstance(row, Receipt)] == [
        "PAYMENT-2026-08-01-Acme-1-1000",
        "PAYMENT-2026-08-01-Acme-1-1000~2",
    ]
    assert codes(found) == {"receipt.duplicate"}


def test_accounts_may_show_their_numbers():
    """An account with its number before it is the one of the list."""
    found = read(transaction(account=f"1200 \u00b7 {AR}"))

    assert balances(found.rows) == {"USD": 10_00}


def test_commas_may_part_cells():
    """A file whose cells are parted by commas is read as well."""
    assert balances(read(transaction().replace("\t", ",")).rows) == {"USD": 10_00}


def test_terms_that_nobody_understands_are_left_out():
    """Terms that cannot be understood are a warning, and the document has none."""
    found = read(transaction(terms="When pigs fly"))

    assert (found.rows[0].terms, codes(found)) == ("", {"terms.invalid"})
    assert read(transaction(terms="Net 15")).rows[0].terms == "Net 15"


AMOUNTS = st.integers(min_value=1, max_value=10**9)
KINDS = st.sampled_from([Invoice, CreditNote, ReceiptPosting])


@settings(max_examples=30)
@given(drawn=st.lists(st.tuples(KINDS, AMOUNTS), min_size=1, max_size=8))
def test_what_is_written_is_read_again(drawn):
    """A file that the target writes comes to the same balance when the source reads it."""
    records = [_record(kind, minor, place) for place, (kind, minor) in enumerate(drawn)]
    batch = PostingBatch.of(records, creditor="MIRA", target="quickbooks-iif")
    target = IifTarget(IifTargetSettings(income_accounts={"": "Sales"}))
    [payload] = target.propose(batch).payloads
    found = read(payload.content.decode("cp1252"))
    signs = {Invoice: 1, CreditNote: -1, ReceiptPosting: -1}

    assert found.report.complete
    total = sum(signs[kind] * minor for kind, minor in drawn)
    assert balances(found.rows) == {"USD": total}


def _record(kind, minor, place):
    amount, day = from_minor(minor, "USD"), dt.date(2026, 10, 1 + place)
    if kind is ReceiptPosting:
        return kind(receipt=f"R-{place}", customer="Acme", amount=amount, booking_date=day)
    return kind(
        number=f"N-{place}", creditor="MIRA", customer="Acme", document_date=day, total=amount
    )
