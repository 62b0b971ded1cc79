"""Rows become documents with what is settled of them; what is unclear is refused with its place."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, DebitNote, Invoice
from receivables.parties import Customer

HEAD = "number,customer,document-date,amount"


def _one(documents, collected):
    assert [str(one) for one in collected.report.problems] == []
    (document,) = documents(collected)
    return document


def _settled(collected):
    return [row for row in collected.rows if isinstance(row, SourceAllocation)]


def test_document_says_what_the_row_says(read, documents):
    """Every field of a row is in the document, leading zeros and all, with its place."""
    head = f"{HEAD},posting-date,due-date,currency,terms,references"
    text = f"{head}\n0042,007,2026-01-31,10.5,2026-02-01,2026-03-02,CAD,net 30,PO-1|RF18 5390\n"

    document = _one(documents, read(text))

    assert (document.number, document.customer, document.creditor) == ("0042", "007", "MIRA")
    assert (str(document.total.amount), document.currency) == ("10.50", "CAD")
    assert document.posting_date == dt.date(2026, 2, 1)
    assert document.due_date == dt.date(2026, 3, 2)
    assert (document.terms, document.references) == ("net 30", ("PO-1", "RF18 5390"))
    assert str(document.source) == "list.csv:2"


def test_columns_go_by_their_headings(read, documents):
    """The settings say which heading is which field."""
    columns = {"number": "No.", "customer": "Acc", "document_date": "Date", "amount": "Total due"}

    assert _one(documents, read("Date,No.,Acc,Total due\n2026-01-31,1,C,5\n", columns=columns))


def test_constant_stands_in_for_a_column(read, documents):
    """What is the same on every row can be said in the settings."""
    constants = {"currency": "CHF", "type": "debit-note"}
    document = _one(documents, read(f"{HEAD}\n1,C,2026-01-31,5\n", constants=constants))

    assert (type(document), document.currency) == (DebitNote, "CHF")


AMOUNTS = {
    "decimal comma": ({"decimal": ","}, '"1234,50"', 1234_50),
    "grouped": ({"decimal": ",", "grouping": "."}, '"1.234,50"', 1234_50),
    "no-break space": ({"decimal": ",", "grouping": " "}, '"1\u00a0234,50"', 1234_50),
    "thousand of dollars": ({"decimal": ".", "grouping": ","}, '"1,234"', 1234_00),
    "proved by itself": ({}, '"1,234.50"', 1234_50),
    "parentheses": ({}, '"(1,234.50)"', -1234_50),
    "trailing minus": ({}, "99.50-", -99_50),
    "declared symbol": ({"currency-symbol": "€"}, "€ 99.50", 99_50),
    "declared symbol behind": ({"currency-symbol": "€"}, "99.50 €", 99_50),
    "declared symbol after a minus": ({"currency-symbol": "$"}, "-$99.50", -99_50),
    "zero": ({}, "0.00", 0),
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_amount_is_read_as_declared(case, read, documents):
    """Marks, signs and symbols are those of the settings; a minus makes a credit note."""
    settings, text, expected = AMOUNTS[case]
    document = _one(documents, read(f"{HEAD}\n1,C,2026-01-31,{text}\n", **settings))

    assert document.total.amount * 100 == abs(expected)
    assert type(document) is (CreditNote if expected < 0 else Invoice)


BAD_CELLS = {
    "tenth of a cent": ("1,C,2026-01-31,1.0051", "amount.inexact", "amount"),
    "two readings": ('1,C,2026-01-31,"1,234"', "locale.ambiguous", "amount"),
    "no number": ("1,C,2026-01-31,NaN", "amount.invalid", "amount"),
    "infinite": ("1,C,2026-01-31,inf", "amount.invalid", "amount"),
    "undeclared symbol": ("1,C,2026-01-31,€5", "amount.invalid", "amount"),
    "no amount": ("1,C,2026-01-31,", "amount.invalid", "amount"),
    "too much": ("1,C,2026-01-31,99999999999999.00", "amount.limit", "amount"),
    "no number of a document": (",C,2026-01-31,5", "document.missing", "number"),
    "no customer": ("1, ,2026-01-31,5", "customer.missing", "customer"),
    "no date": ("1,C,,5", "date.missing", "document-date"),
    "impossible date": ("1,C,2026-02-30,5", "date.invalid", "document-date"),
    "two days": ("1,C,03/04/2026,5", "locale.ambiguous", "document-date"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_bad_cell_refuses_its_row(case, read, documents, problems):
    """A cell that cannot be read is noted with line and heading; the other rows are read."""
    row, code, field = BAD_CELLS[case]
    found = read(f"{HEAD}\n{row}\n2,C,2026-01-31,5\n")

    assert problems(found) == [(code, 2, field)]
    assert [one.number for one in documents(found)] == ["2"]
    assert not found.report.complete


def test_problem_names_the_heading_of_the_file(read, problems):
    """The field of a problem is what the reader of the file sees there."""
    columns = {"number": "Nr", "customer": "Kunde", "document-date": "Datum", "amount": "Betrag"}
    found = read("Nr,Kunde,Datum,Betrag\n1,C,31.13.2026,x\n", columns=columns)

    assert problems(found) == [("amount.invalid", 2, "Betrag"), ("date.invalid", 2, "Datum")]


CURRENCIES = {"XXX": "currency.unknown", "eur": "currency.unknown", "": "currency.missing"}


@pytest.mark.parametrize("code", CURRENCIES)
def test_currency_of_a_column_is_never_guessed(code, read, problems):
    """Where there is a currency column, an empty or unknown code refuses the row."""
    found = read(f"{HEAD},currency\n1,C,2026-01-31,5,{code}\n")

    assert problems(found) == [(CURRENCIES[code], 2, "currency")]


def test_currency_must_be_said_somewhere(read, problems):
    """Without a column, a constant or a setting there is no currency."""
    found = read(f"{HEAD}\n1,C,2026-01-31,5\n", currency="")

    assert problems(found) == [("currency.missing", 2, "currency")]


def test_date_format_is_that_of_the_settings(read, documents):
    """The third of April is the fourth of March where the settings say so."""
    text = f"{HEAD}\n1,C,03/04/2026,5\n"
    day_first = _one(documents, read(text, **{"date-format": "%d/%m/%Y"}))
    month_first = _one(documents, read(text, **{"date-format": "%m/%d/%Y"}))

    assert day_first.document_date == dt.date(2026, 4, 3)
    assert month_first.document_date == dt.date(2026, 3, 4)


TYPES = {"RV": "invoice", "DG": "credit-note", "DR": "debit-note"}


@pytest.mark.parametrize(
    ("code", "amount", "kind"),
    [
        ("RV", "5", Invoice),
        ("DG", "5", CreditNote),
        ("DG", "-5", CreditNote),
        ("DR", "5", DebitNote),
        ("RV", "0", Invoice),
    ],
)
def test_type_is_what_the_map_says(code, amount, kind, read, documents):
    """A mapped code says the kind; a credit note may be written with or without its minus."""
    text = f"{HEAD},type\n1,C,2026-01-31,{amount},{code}\n"

    assert type(_one(documents, read(text, types=TYPES))) is kind


@pytest.mark.parametrize("code", ["AB", "", "rv", "invoice"])
def test_unmapped_type_is_never_guessed(code, read, problems):
    """A code that is not in the map refuses its row."""
    found = read(f"{HEAD},type\n1,C,2026-01-31,5,{code}\n", types=TYPES)

    assert (found.rows, problems(found)) == ((), [("document.type-unknown", 2, "type")])


def test_negative_invoice_contradicts_itself(read, problems):
    """An amount whose sign its type forbids refuses the row."""
    found = read(f"{HEAD},type\n1,C,2026-01-31,-5,RV\n", types=TYPES)

    assert problems(found) == [("amount.sign", 2, "amount")]


def test_customer_comes_once_before_its_documents(read):
    """A column of names gives customers; the first name of each is taken."""
    rows = "1,C,2026-01-31,5,Ann\n2,D,2026-01-31,5,\n3,C,2026-01-31,5,Anne\n"
    found = read(f"{HEAD},customer-name\n{rows}")

    assert [type(row).__name__ for row in found.rows] == ["Customer"] + ["Invoice"] * 3
    assert found.rows[0] == Customer(customer="C", name="Ann")


def test_clear_date_settles_the_document(read):
    """A document with a day of settlement is settled whole on it, and one without is open."""
    found = read(f"{HEAD},settled-on\n1,C,2026-01-31,5,2026-02-20\n2,C,2026-01-31,5,\n")
    (settled,) = _settled(found)

    assert settled.items == ("1",)
    assert (settled.settled_on, settled.settled_minor) == (dt.date(2026, 2, 20), None)
    assert str(settled.source) == "list.csv:2"


def test_settlement_before_the_posting_is_moved_to_it(read):
    """Nothing can be settled before it is there; the move is noted."""
    head = f"{HEAD},posting-date,settled-on"
    found = read(f"{head}\n1,C,2026-01-31,5,2026-02-03,2026-01-20\n")

    assert _settled(found)[0].settled_on == dt.date(2026, 2, 3)
    assert [one.code for one in found.report.problems] == ["date.order"]
    assert found.report.complete


OPEN_AMOUNTS = {
    "all open": ("100,100", []),
    "open amount left blank": ("100,", []),
    "part open": ("100,30", [70_00]),
    "nothing open": ("100,0", [None]),
    "credit note, part open": ("-100,-30", [-70_00]),
    "credit note, nothing open": ("-100,0", [None]),
}


@pytest.mark.parametrize("case", OPEN_AMOUNTS)
def test_open_amount_says_what_is_settled(case, read):
    """What the open amount lacks is settled by the day of the list, with the item's sign."""
    cells, expected = OPEN_AMOUNTS[case]
    text = f"number,customer,document-date,amount,open-amount\n1,C,2026-01-31,{cells}\n"
    settled = _settled(read(text, **{"snapshot-date": dt.date(2026, 3, 1)}))

    assert [one.settled_minor for one in settled] == expected
    assert all(one.settled_on == dt.date(2026, 3, 1) for one in settled)


def test_day_of_the_row_goes_before_the_day_of_the_list(read):
    """A row with a day and an open amount was settled in part on that day."""
    text = f"{HEAD},open-amount,settled-on\n1,C,2026-01-31,100,30,2026-02-10\n"
    (settled,) = _settled(read(text))

    assert (settled.settled_minor, settled.settled_on) == (70_00, dt.date(2026, 2, 10))


def test_open_amount_needs_the_day_of_the_list(read, problems):
    """Without the day of the list nobody knows since when a part is settled."""
    found = read(f"{HEAD},open-amount\n1,C,2026-01-31,100,30\n2,C,2026-01-31,5,5\n")

    assert problems(found) == [("settings.invalid", 2, "open-amount")]
    assert len(found.rows) == 1


@pytest.mark.parametrize("amount", ["5", "0"])
def test_day_of_settlement_that_does_not_exist_is_refused(amount, read, problems):
    """An impossible day of settlement refuses its row, whatever the amount."""
    found = read(f"{HEAD},settled-on\n1,C,2026-01-31,{amount},2026-02-30\n")

    assert (found.rows, problems(found)) == ((), [("date.invalid", 2, "settled-on")])


BAD_OPEN_AMOUNTS = {
    "more than the amount": ("100,130,", "open-amount"),
    "other sign": ("100,-30,", "open-amount"),
    "open though settled": ("100,100,2026-02-01", "settled-on"),
}


@pytest.mark.parametrize("case", BAD_OPEN_AMOUNTS)
def test_open_amount_that_is_no_part_is_refused(case, read, problems):
    """An open amount is a part of the amount, and less than it where something was settled."""
    cells, field = BAD_OPEN_AMOUNTS[case]
    found = read(
        f"{HEAD},open-amount,settled-on\n1,C,2026-01-31,{cells}\n",
        **{"snapshot-date": "2026-03-01"},
    )

    assert (found.rows, problems(found)) == ((), [("document.unbalanced", 2, field)])


def test_installments_of_a_number_are_one_document(read, documents):
    """Rows of one number are one document, its installments in their order, its parts settled."""
    head = "number,customer,document-date,amount,installment,due-date,settled-on"
    rows = [
        "1,C,2026-01-31,20.00,2,2026-03-31,",
        "2,C,2026-01-31,5.00,1,2026-02-28,2026-02-25",
        "1,C,2026-01-31,10.00,1,2026-02-28,2026-03-02",
    ]
    found = read("\n".join([head, *rows]))
    first, second = documents(found)

    assert str(first.total.amount) == "30.00"
    assert [str(one.amount.amount) for one in first.installments] == ["10.00", "20.00"]
    assert [one.due_date.month for one in first.installments] == [2, 3]
    assert second.due_date == dt.date(2026, 2, 28)
    assert [one.items for one in _settled(found)] == [("1/1",), ("2",)]


BAD_INSTALLMENTS = {
    "the same one twice": ("1,C,2026-01-31,5,1", "document.duplicate", "installment"),
    "another customer": ("1,D,2026-01-31,5,2", "document.duplicate", "number"),
    "another day": ("1,C,2026-01-30,5,2", "document.duplicate", "number"),
    "no number of it": ("1,C,2026-01-31,5,x", "document.unbalanced", "installment"),
    "number zero": ("1,C,2026-01-31,5,0", "document.unbalanced", "installment"),
    "an amount that cannot be read": ("1,C,2026-01-31,x,2", "amount.invalid", "amount"),
}


@pytest.mark.parametrize("case", BAD_INSTALLMENTS)
def test_broken_installment_refuses_its_document(case, read, documents, problems):
    """A document that lacks an installment would say less than is owed."""
    row, code, field = BAD_INSTALLMENTS[case]
    found = read(f"{HEAD},installment\n1,C,2026-01-31,5,1\n{row}\n2,C,2026-01-31,5,\n")

    assert problems(found) == [(code, 3, field)]
    assert [one.number for one in documents(found)] == ["2"]


def test_installments_beyond_the_limit_are_refused(read, problems):
    """The sum of a document's installments has a bound as each of them has."""
    half = "1,C,2026-01-31,9999999999999.00"
    found = read(f"{HEAD},installment\n{half},1\n{half},2\n")

    assert (found.rows, problems(found)) == ((), [("document.unbalanced", 2, None)])


TWICE = f"{HEAD}\n1,C,2026-01-31,5\n1,C,2026-01-31,5\n1,C,2026-01-31,6\n"


def test_second_document_of_a_number_is_refused(read, documents, problems):
    """The first is read, the others are problems; the list is not complete."""
    found = read(TWICE)

    assert len(documents(found)) == 1
    assert problems(found) == [
        ("document.duplicate", 3, "number"),
        ("document.duplicate", 4, "number"),
    ]
    assert "line 2" in found.report.problems[0].message


def test_identical_rows_can_be_skipped(read, documents):
    """A row that was exported twice is left out with a warning; another content is an error."""
    found = read(TWICE, duplicates="skip-identical")

    assert len(documents(found)) == 1
    assert [one.is_error for one in found.report.problems] == [False, True]


def test_rows_of_one_number_can_be_numbered(read, documents):
    """Where a number is no identity, each row gets one, and the number stays a reference."""
    found = read(TWICE + "1~2,C,2026-01-31,7\n", duplicates="number-lines")

    assert [one.number for one in documents(found)] == ["1", "1~2", "1~3", "1~2~2"]
    assert [one.references for one in documents(found)] == [(), ("1",), ("1",), ("1~2",)]
    assert found.report.complete
