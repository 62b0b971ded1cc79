"""A review: read in a notebook, edited in a worksheet, read back, and never more than was said."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import attrs
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from receivables.allocation import Leg, Residual, ResidualKind
from receivables.book import Book
from receivables.documents import CreditNote, Installment, Invoice
from receivables.errors import IncompleteReadError
from receivables.i18n import LANGUAGES
from receivables.ledger import DocumentIssued, Ledger, ReceiptRecorded
from receivables.ledger.objects import LedgerDraft
from receivables.matching import Evidence, EvidenceKind, MatchProposal, Outcome
from receivables.money import from_minor, money
from receivables.problems import CODES
from receivables.receipts import Payer, Remittance
from receivables.reviewing import Decision, Review, read_review
from receivables.settings import FolderSettings
from receivables.testing.builders import (
    a_creditor,
    a_customer,
    a_receipt,
    an_invoice,
    recorded,
)
from receivables.testing.cash import CashSet, cash_set
from receivables.testing.strategies import histories

AS_OF = dt.date(2026, 10, 31)
EVIL = "=HYPERLINK(1)"
WRITERS = ("to_csv", "to_excel")
COLUMNS = (
    ("receipt", "encaissement", "cobro"),
    ("decision", "décision", "decisión"),
    ("customer", "client", "cliente"),
    ("document", "pièce", "documento"),
    ("pays", "règle", "paga"),
    ("residual", "solde d’autre origine", "saldo de otro origen"),
    ("residual amount", "montant de ce solde", "importe de ese saldo"),
    ("residual reason", "motif de ce solde", "motivo de ese saldo"),
)


def a_book(*receipts, locale="en", customers=("C-1", "C-2")) -> Book:
    """Three invoices of one customer, one of another, one in dollars, and some receipts."""
    documents = [
        an_invoice(number="FA-1001", customer="C-1", total=money("1000.00", "EUR")),
        an_invoice(number="FA-1002", customer="C-1", total=money("250.00", "EUR")),
        an_invoice(number="FA-1003", customer="C-1", total=money("1000.00", "EUR")),
        an_invoice(number="FB-2001", customer="C-2", total=money("90.00", "EUR")),
        an_invoice(number="FD-3001", customer="C-1", total=money("250.00", "USD")),
    ]
    events = [DocumentIssued.of(document, recorded_at=recorded()) for document in documents]
    events += [ReceiptRecorded.of(receipt, recorded_at=recorded(1)) for receipt in receipts]
    return Book(
        settings=FolderSettings(creditor=a_creditor(locale=locale)),
        customers={name: a_customer(name, name=f"Customer {name}") for name in customers},
        ledger=Ledger().record(*events),
    )


def paid(amount="1000.00", receipt="r-1", text=(), **payer):
    """A receipt of a payer that nobody knows, unless it is said."""
    known = {"name": "DUPONT OUEST", "account": "FR76 3000 6000 01", **payer}
    return a_receipt(
        receipt,
        customer="",
        amount=money(amount, "EUR"),
        payer=Payer(**known),
        remittance=Remittance(text=text),
    )


def sheet(book, *, locale="en", proposals=None, decision=Decision.APPLY) -> list[dict[str, str]]:
    """The rows of the worksheet of a book, as a spreadsheet shows them."""
    found = book.match(as_of=AS_OF) if proposals is None else proposals
    review = Review.of(book, found, as_of=AS_OF, every=True).decided(decision)
    text = review.to_csv(locale=locale).decode("utf-8-sig")
    return list(
        csv.DictReader(
            io.StringIO(text),
            delimiter=";" if ";décision" in text[:400] or ";deci" in text[:400] else ",",
        )
    )


def saved(rows, *, delimiter=",", encoding="utf-8-sig") -> bytes:
    """The rows as a spreadsheet saves them."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)


def read(book, content, **options):
    """What a worksheet says."""
    return read_review(
        io.BytesIO(content), name="review.csv", **{"book": book, "as_of": AS_OF, **options}
    )


def edited(book, *changes, rows=None, **options):
    """What the worksheet says after changes of its rows, the first row first."""
    rows = [dict(row) for row in (rows or sheet(book))]
    while len(rows) < len(changes):
        rows.append(dict.fromkeys(rows[0], "") | {"receipt": rows[0]["receipt"]})
    for row, change in zip(rows, changes, strict=False):
        row.update(change)
    return read(book, saved(rows), **options)


def codes(reviewed):
    """The codes of what is wrong."""
    return [problem.code for problem in reviewed.problems]


def parts(proposal):
    """What a proposal pays, by item."""
    return {part.item: part.amount_minor for part in proposal.parts}


def book_of(made: CashSet) -> Book:
    """The book of an invented morning: every open item a document of its own."""
    draft = LedgerDraft(Ledger())
    for item in made.items:
        total = from_minor(abs(item.open_minor), item.currency)
        document = (CreditNote if item.open_minor < 0 else Invoice)(
            number=item.item,
            creditor=item.creditor,
            customer=item.customer,
            document_date=item.document_date,
            posting_date=item.posting_date,
            references=item.references,
            total=total,
            installments=[Installment(item.due_date, total, discounts=item.discounts)],
        )
        draft.record(DocumentIssued.of(document, recorded_at=recorded()))
    for receipt in made.receipts:
        draft.record(ReceiptRecorded.of(receipt, recorded_at=recorded(1)))
    return Book(
        settings=FolderSettings(creditor=made.creditor),
        customers={customer.customer: customer for customer in made.customers},
        ledger=draft.ledger(),
    )


# What is shown


def test_only_what_needs_a_person_is_listed():
    """What is certain is left out, unless every receipt is asked for."""
    book = a_book(paid("1000.00", text=["FA-1001"]), paid("7.77", receipt="r-2"))
    proposals = book.match(as_of=AS_OF)

    assert [proposals.certain[0].receipt] == ["r-1"]
    assert [row.receipt for row in Review.of(book, proposals, as_of=AS_OF).rows] == ["r-2"]
    assert len(Review.of(book, proposals, as_of="2026-10-31", every=True)) == 2


def test_a_receipt_has_a_row_for_each_document():
    """Every row repeats its receipt, and says what the item is paid."""
    book = a_book(paid("1250.00", text=["FA-1001 FA-1002"]))

    rows = Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF, every=True).rows

    assert [(row.item, row.pays_minor, row.is_first) for row in rows] == [
        ("FA-1001", 100_000, True),
        ("FA-1002", 25_000, False),
    ]
    assert {(row.receipt, row.text, row.unapplied_minor) for row in rows} == {
        ("r-1", "FA-1001 FA-1002", 0)
    }


def test_a_notebook_shows_the_table():
    """The table is in the creditor's language, and every text is escaped."""
    book = a_book(paid(name="<b>DUPONT</b>", text=["FA-1001"]), locale="fr-FR")

    page = Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF, every=True)._repr_html_()

    assert '<table lang="fr-FR">' in page
    assert '<th scope="col">pièce</th>' in page
    assert '<th scope="row">r-1</th>' in page
    assert "&lt;b&gt;DUPONT" in page
    assert "<b>" not in page
    assert "1\u202f000,00" in page


def test_a_long_table_is_cut_with_a_note():
    """A notebook shows sixty rows, and says how many more there are."""
    book = a_book(*(paid("7.77", receipt=f"r-{number}") for number in range(70)))

    page = Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF)._repr_html_()

    assert page.count("<tr>") == 61
    assert "10 more rows are not shown" in page


def test_a_review_becomes_columns():
    """The rows are plain columns that any data frame takes, in the language that is asked for."""
    book = a_book(paid(text=["FA-1001"]), paid("7.77", receipt="r-2"))
    review = Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF, every=True)

    columns = review.to_columns(locale="es")

    assert columns["item"] == ["FA-1001", ""]
    assert columns["pays_minor"] == [100_000, None]
    assert columns["decision"] == ["", ""]
    assert columns["why"][1] == "el pagador no es conocido"
    assert {len(column) for column in columns.values()} == {2}


def test_a_decision_can_be_made_in_the_notebook():
    """Decisions are made on some receipts or on all; the review before stays as it was."""
    book = a_book(paid(), paid("7.77", receipt="r-2"))
    review = Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF, every=True)

    one = review.decided("leave", "r-2")

    assert [entry.decision.value for entry in one.entries] == ["", "leave"]
    assert [entry.decision for entry in review.entries] == [Decision.OPEN] * 2


# The worksheet


def test_the_headings_are_in_every_language():
    """Each editable column is known by its heading in each language."""
    book = a_book(paid(text=["FA-1001"]))

    for place, language in enumerate(LANGUAGES_IN_ORDER):
        (row,) = sheet(book, locale=language)

        assert {names[place] for names in COLUMNS} <= set(row)


LANGUAGES_IN_ORDER = ("en", "fr", "es")


def test_a_workbook_is_made_for_a_person():
    """Dates and amounts are values, choices are offered, keys are hidden, nothing is a formula."""
    book = a_book(paid(name=EVIL, text=["FA-1001"]), paid(receipt="r-2", account=""))
    review = Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF, every=True)

    workbook = openpyxl.load_workbook(io.BytesIO(review.to_excel(locale="fr-FR")))
    shown, hidden = workbook.worksheets

    heads = [cell.value for cell in shown[1]]
    first = dict(zip(heads, shown[2], strict=True))
    offered = {rule.formula1 for rule in shown.data_validations.dataValidation}
    assert (shown.title, hidden.title, hidden.sheet_state) == ("revue", "keys", "hidden")
    assert shown.freeze_panes == "D2"
    assert first["date de comptabilisation"].value == dt.datetime(2026, 10, 15)
    assert (first["montant"].value, first["montant"].number_format) == (1000, "#,##0.00")
    assert (first["payeur"].value, first["payeur"].data_type) == (EVIL, "s")
    assert '"lettrer,laisser"' in offered
    assert any("escompte" in choices for choices in offered)


def test_alternatives_can_be_chosen_from_a_list():
    """Where several documents fit, the cell of the document offers them."""
    book = a_book(paid(account="", name=""))
    proposal = ambiguous()

    content = Review.of(book, [proposal], as_of=AS_OF).to_excel()
    workbook = openpyxl.load_workbook(io.BytesIO(content))

    offered = {rule.formula1 for rule in workbook.worksheets[0].data_validations.dataValidation}
    assert '"FA-1001,FA-1003"' in offered


def ambiguous(*alternatives):
    """A receipt that pays one of two documents."""
    return MatchProposal(
        receipt="r-1",
        creditor="MIRA",
        outcome=Outcome.AMBIGUOUS,
        amount_minor=100_000,
        currency="EUR",
        alternatives=alternatives or [["FA-1001"], ["FA-1003"]],
        evidence=[Evidence(EvidenceKind.AMOUNT_REPEATED, "2")],
    )


def test_equal_reviews_give_equal_bytes():
    """Writing twice gives the same worksheet."""
    book = a_book(paid())
    review = Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF)

    assert review.to_csv() == review.to_csv()
    assert review.to_excel() == review.to_excel()


def test_an_amount_beyond_a_double_survives():
    """Sixteen digits are written as text, and come back to the cent."""
    receipt = a_receipt("r-1", customer="", amount=money("1234567890123.45", "EUR"))
    book = a_book(receipt)
    proposal = attrs.evolve(
        ambiguous(),
        amount_minor=123_456_789_012_345,
        parts=[Leg("FA-1001", 100_000)],
        customer="C-1",
    )
    review = Review.of(book, [proposal], as_of=AS_OF).decided("apply")

    for locale in ("en", "fr-FR"):
        assert read(book, review.to_excel(locale=locale)).proposals == (proposal,)


# The way back


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("locale", ["en", "fr-FR", "fr-CA", "es-ES", "es-MX"])
def test_what_is_not_edited_comes_back_equal(writer, locale, morning):
    """A worksheet that is applied as it is gives every proposal again, in every language."""
    book, proposals = morning
    review = Review.of(book, proposals, as_of=AS_OF, every=True).decided("apply")

    back = read(book, getattr(review, writer)(locale=locale))

    assert back.errors == ()
    assert back.proposals == tuple(proposals)


@pytest.fixture(scope="module")
def morning():
    """An invented morning with noise, and what is proposed for it."""
    book = book_of(cash_set(seed=11, receipts=60, noise="hard"))
    return book, book.match(as_of=AS_OF)


@settings(max_examples=25)
@given(
    events=histories(),
    writer=st.sampled_from(WRITERS),
    locale=st.sampled_from(["en", "fr-FR", "es-ES"]),
)
def test_every_book_round_trips(events, writer, locale):
    """What is written and read back unedited gives equal proposals, or says why it may not."""
    day = dt.date(2028, 1, 1)
    book = Book(
        settings=FolderSettings(creditor=a_creditor()), customers={}, ledger=Ledger.replay(events)
    )
    proposals = book.match(as_of=day)
    review = Review.of(book, proposals, as_of=day, every=True).decided("apply")

    back = read(book, getattr(review, writer)(locale=locale), as_of=day)

    refused = {proposal.receipt for proposal in proposals} - {each.receipt for each in back.sound}
    assert [each for each in proposals if each.receipt not in refused] == list(back.sound)
    assert len(back.errors) >= len(refused)
    assert {problem.code for problem in back.errors} <= {
        "review.amount-exceeds",
        "review.item-settled",
        "event.refused",
    }


@settings(max_examples=60)
@given(content=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_bytes_are_read(content):
    """Whatever a file holds is a list of problems, and never a traceback."""
    book = a_book(paid())

    for start in (b"", b"PK\x03\x04", b"receipt;decision\r\n"):
        assert read(book, start + content).sound == ()


@settings(max_examples=40)
@given(data=st.data())
def test_any_cells_are_read(data):
    """Whatever a person writes into a cell is a decision or a problem, and can be confirmed."""
    book = a_book(paid(text=["FA-1001 FA-1002"]), paid("90.00", receipt="r-2"))
    cell = st.sampled_from(
        [
            "",
            "apply",
            "leave",
            "FA-1001",
            "FA-1002 + FA-1003",
            "C-2",
            "12.50",
            "-1",
            "0",
            "retention",
            "x",
        ]
    ) | st.text(max_size=6)
    names = [names[0] for names in COLUMNS]
    changes = data.draw(
        st.lists(st.dictionaries(st.sampled_from(names), cell, max_size=4), max_size=4)
    )

    back = edited(book, *changes)

    assert set(codes(back)) <= CODES.keys()
    assert book.confirm(back.sound, recorded_at=recorded(2), by="anybody")


@pytest.mark.parametrize("at", [0, 30, 400, -40])
def test_a_damaged_workbook_is_refused(at):
    """A workbook with wrong bytes is a problem, and no traceback."""
    book = a_book(paid())
    content = bytearray(Review.of(book, book.match(as_of=AS_OF), as_of=AS_OF).to_excel())
    content[at : at + 20] = b"\x00" * 20

    assert read(book, bytes(content)).sound == ()


def test_a_workbook_edited_in_a_spreadsheet_is_read():
    """A workbook that another program saved is read with its keys and its changes."""
    book = a_book(paid(text=["FA-1001"]), paid("250.00", receipt="r-2"))
    proposals = book.match(as_of=AS_OF)
    content = Review.of(book, proposals, as_of=AS_OF, every=True).to_excel(locale="fr-FR")
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    shown = workbook.worksheets[0]
    at = {cell.value: cell.column for cell in shown[1]}
    shown.cell(2, at["décision"], "Lettrer ")
    shown.cell(3, at["décision"], "LETTRER")
    shown.cell(3, at["pièce"], "FA-1002")
    shown.cell(3, at["règle"], 100.1)
    shown.cell(3, at["client"], "C-1")
    buffer = io.BytesIO()
    workbook.save(buffer)

    back = read(book, buffer.getvalue())

    first, second = back.proposals
    assert first == proposals.all[0]
    assert (parts(second), second.customer) == ({"FA-1002": 10_010}, "C-1")
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == ["revue", "keys"]


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "utf-8"), ("\t", "utf-16"), (";", "cp1252")]
)
def test_a_table_is_read_as_a_spreadsheet_saves_it(delimiter, encoding):
    """Delimiter and encoding are what the spreadsheet made of them."""
    book = a_book(paid(text=["FA-1001"]))
    rows = sheet(book, locale="fr-FR")

    back = read(book, saved(rows, delimiter=delimiter, encoding=encoding))

    assert back.proposals == tuple(book.match(as_of=AS_OF))


# Decisions


@pytest.mark.parametrize("decision", [Decision.OPEN, Decision.LEAVE])
def test_what_is_left_changes_nothing(decision):
    """An empty decision and one to leave it are no proposals."""
    book = a_book(paid(text=["FA-1001"]))

    back = read(book, saved(sheet(book, decision=decision)))

    assert (back.proposals, back.left) == ((), ("r-1",))


EDITS = {
    "another document": ([{"document": "FA-1003"}], {"FA-1003": 100_000}),
    "another amount": ([{"pays": "400.00"}], {"FA-1001": 40_000}),
    "an amount with thousands": (
        [{"document": "FA-1003", "pays": "1,000.00"}],
        {"FA-1003": 100_000},
    ),
    "one more document": (
        [{"pays": "900.00"}, {"decision": "apply", "document": "FA-1002", "pays": "100"}],
        {"FA-1001": 90_000, "FA-1002": 10_000},
    ),
    "no amount": ([{"document": "FA-1002", "pays": ""}], {"FA-1002": 25_000}),
    "no amount, and less money": (
        [{"pays": "900.00"}, {"decision": "apply", "document": "FA-1002"}],
        {"FA-1001": 90_000, "FA-1002": 10_000},
    ),
    "several in one cell": (
        [{"document": "FA-1002 + FB-2001", "pays": ""}],
        {"FA-1002": 25_000, "FB-2001": 9_000},
    ),
    "nothing of one": (
        [{"pays": "0"}, {"decision": "apply", "document": "FA-1003", "pays": "1000.00"}],
        {"FA-1003": 100_000},
    ),
}


@pytest.mark.parametrize("why", EDITS)
def test_an_edited_row_is_what_it_says(why):
    """A person may change what was proposed, and the reason says that a person did."""
    changes, expected = EDITS[why]
    book = a_book(paid(text=["FA-1001"]))

    (proposal,) = edited(book, *(change | {"customer": "C-1"} for change in changes)).proposals

    assert parts(proposal) == expected
    assert proposal.evidence == (Evidence(EvidenceKind.SAID_BY_PERSON, "review.csv:2"),)
    applied = book.confirm([proposal], recorded_at=recorded(2), by="A. Martin")
    left = {item.item: item.open_minor for item in applied.open_items(as_of=AS_OF)}
    assert left.get("r-1", 0) == -proposal.unapplied_minor


def test_an_alternative_is_chosen_by_its_documents():
    """One of the alternatives, written as it is listed, is paid whole."""
    book = a_book(paid("1250.00"))
    proposal = attrs.evolve(
        ambiguous(["FA-1001", "FA-1002"], ["FA-1003", "FA-1002"]), amount_minor=125_000
    )
    rows = sheet(book, proposals=[proposal])

    (made,) = edited(book, {"document": "FA-1003 + FA-1002"}, rows=rows).proposals

    assert rows[0]["alternatives"] == "FA-1001 + FA-1002 | FA-1003 + FA-1002"
    assert (parts(made), made.customer) == ({"FA-1003": 100_000, "FA-1002": 25_000}, "C-1")


def test_a_customer_alone_identifies_the_receipt():
    """A receipt without a document goes on the account of the customer that is named."""
    book = a_book(paid("7.77"))

    back = edited(book, {"customer": "C-2"})
    done = book.confirm(back.proposals, recorded_at=recorded(2), by="A. Martin")

    (cash,) = (item for item in done.open_items(as_of=AS_OF) if item.item == "r-1")
    assert cash.customer == "C-2"
    assert [fact.value for fact in done.facts(as_of=AS_OF)] == ["FR763000600001", "DUPONT OUEST"]


def test_a_residual_closes_what_money_does_not():
    """A deduction that a person says closes the item, opens one of its own, and is learned."""
    book = a_book(paid("980.00", text=["FA-1001"]))

    back = edited(
        book,
        {"residual": "deduction", "residual amount": "20", "residual reason": "broken"},
    )
    done = book.confirm(back.proposals, recorded_at=recorded(2), by="A. Martin")

    (proposal,) = back.proposals
    residual = Residual(ResidualKind.DEDUCTION, 2_000, item="FA-1001", reason="broken")
    assert proposal.residuals == (residual,)
    opens = {item.item: item.open_minor for item in done.open_items(as_of=AS_OF)}
    assert "FA-1001" not in opens
    assert opens["match-r-1:deduction:1"] == 2_000
    assert ("deduction-habit", "200") in {
        (fact.kind.value, fact.value) for fact in done.facts(as_of=AS_OF)
    }


def test_two_residuals_of_one_document_have_two_rows():
    """What one row cannot say the next one does."""
    book = a_book(paid("980.00", text=["FA-1001"]))
    common = {"decision": "apply", "document": "FA-1001"}

    back = edited(
        book,
        {"residual": "bank charge", "residual amount": "5.00"},
        common | {"residual": "write-off", "residual amount": "15.00"},
    )

    (proposal,) = back.proposals
    again = Review.of(book, [proposal], as_of=AS_OF).decided("apply")
    assert [(each.kind.value, each.amount_minor) for each in proposal.residuals] == [
        ("bank-charge", 500),
        ("write-off", 1_500),
    ]
    assert len(again.rows) == 2
    assert read(book, again.to_csv()).proposals == (proposal,)


def test_two_receipts_teach_one_fact_once():
    """Two receipts of an unknown payer are confirmed together, and teach its account once."""
    book = a_book(paid("250.00"), paid("90.00", receipt="r-2"))

    back = edited(book, {"customer": "C-1"}, {"customer": "C-1"})
    done = book.confirm(back.proposals, recorded_at=recorded(2), by="A. Martin")

    assert len(done.facts(as_of=AS_OF)) == 2


def test_what_was_withdrawn_can_be_learned_again():
    """A fact that was taken back holds again from the day on which it was taken back."""
    book = a_book(paid("250.00"), paid("90.00", receipt="r-2"))
    first, second = book.match(as_of=AS_OF)
    owned = [attrs.evolve(each, customer="C-1", parts=(), residuals=()) for each in (first, second)]
    once = book.confirm(owned[:1], recorded_at=recorded(2), by="A. Martin")
    (account, _) = once.facts(as_of=AS_OF)
    without = once.withdraw(account.fact, on=AS_OF, recorded_at=recorded(3))

    again = without.confirm(owned[1:], recorded_at=recorded(4), by="A. Martin")

    assert account.fact in {fact.fact for fact in again.facts(as_of=AS_OF)}


# Faults

FAULTS = {
    "unknown receipt": ([{"receipt": "r-9"}], "review.receipt-unknown", "receipt"),
    "no receipt": ([{"receipt": ""}], "receipt.missing", "receipt"),
    "unknown document": ([{"document": "FX-4001"}], "review.item-unknown", "document"),
    "its own receipt": ([{"document": "r-1"}], "review.item-unknown", "document"),
    "no document": ([{"document": "", "pays": "10"}], "document.missing", "document"),
    "another currency": (
        [{"document": "FD-3001", "pays": "1"}],
        "review.item-currency",
        "document",
    ),
    "more than is open": ([{"document": "FA-1002"}], "review.amount-exceeds", "pays"),
    "more than the receipt": (
        [{}, {"decision": "apply", "document": "FA-1002", "pays": "10"}],
        "review.amount-exceeds",
        "pays",
    ),
    "nothing left": (
        [{}, {"decision": "apply", "document": "FA-1002"}],
        "review.amount-exceeds",
        "pays",
    ),
    "wrong sign": ([{"pays": "-10"}], "amount.sign", "pays"),
    "no number": ([{"pays": "ten"}], "amount.invalid", "pays"),
    "marks of another country": ([{"pays": "1.000,00"}], "amount.invalid", "pays"),
    "half a cent": ([{"pays": "10.005"}], "amount.inexact", "pays"),
    "unknown decision": ([{"decision": "maybe"}], "review.decision-unknown", "decision"),
    "unknown customer": ([{"customer": "C-9"}], "customer.unknown", "customer"),
    "a document twice": (
        [{"pays": "1"}, {"decision": "apply", "document": "FA-1001", "pays": "1"}],
        "review.rows-differ",
        "document",
    ),
    "two decisions": ([{}, {"document": "FA-1002", "pays": "1"}], "review.rows-differ", "decision"),
    "two customers": (
        [{}, {"decision": "apply", "customer": "C-2", "document": "FB-2001", "pays": "1"}],
        "review.rows-differ",
        "customer",
    ),
    "several with an amount": (
        [{"document": "FA-1002 + FB-2001", "pays": "100"}],
        "review.rows-differ",
        "pays",
    ),
    "a residual without amount": (
        [{"residual": "write-off"}],
        "review.residual-invalid",
        "residual",
    ),
    "a residual without kind": (
        [{"residual amount": "1"}],
        "review.residual-invalid",
        "residual",
    ),
    "a residual that nobody says": (
        [{"residual": "conversion", "residual amount": "1"}],
        "review.residual-invalid",
        "residual",
    ),
    "a deduction below zero": (
        [{"residual": "deduction", "residual amount": "-1"}],
        "review.residual-invalid",
        "residual amount",
    ),
    "a residual of what is not paid": (
        [
            {},
            {
                "decision": "apply",
                "document": "FA-1002",
                "pays": "0",
                "residual": "write-off",
                "residual amount": "1",
            },
        ],
        "review.residual-invalid",
        "residual",
    ),
    "no owner": (
        [
            {"document": "FA-1002", "pays": "1", "customer": ""},
            {"decision": "apply", "document": "FB-2001", "pays": "1"},
        ],
        "customer.missing",
        "customer",
    ),
}


@pytest.mark.parametrize("why", FAULTS)
def test_a_fault_is_a_problem_with_its_place(why):
    """What is wrong is said with its row and its heading, and nothing of the receipt is applied."""
    changes, code, field = FAULTS[why]
    book = a_book(paid(text=["FA-1001"]))

    back = edited(book, *changes)

    (problem, *_) = back.errors
    assert (problem.code, problem.place.field) == (code, field), back.problems
    assert problem.place.source == "review.csv"
    assert problem.place.line in {2, 3}
    assert back.sound == ()
    with pytest.raises(IncompleteReadError, match=r"review review\.csv must have no error"):
        back.proposals  # noqa: B018  # asking is what raises


def test_rows_without_a_fault_can_be_applied():
    """The caller may take what is sound in spite of a fault elsewhere."""
    book = a_book(paid(text=["FA-1001"]), paid("250.00", receipt="r-2", text=["FA-1002"]))

    back = edited(book, {"pays": "ten"}, {})

    assert [each.receipt for each in back.sound] == ["r-2"]


def test_one_document_is_not_paid_twice():
    """What one receipt pays is not there for the next one, in the order of the rows."""
    book = a_book(paid(text=["FA-1001"]), paid(receipt="r-2"))

    back = edited(book, {}, {"document": "FA-1001", "customer": "C-1"})

    assert [each.receipt for each in back.sound] == ["r-1"]
    assert codes(back) == ["review.amount-exceeds"]


def test_an_identified_receipt_keeps_its_customer():
    """The ledger knows whose receipt it is, and a worksheet does not say otherwise."""
    receipt = attrs.evolve(paid("7.77"), customer="C-1")
    book = a_book(receipt)

    assert codes(edited(book, {"customer": "C-2"})) == ["review.customer-differs"]


def test_the_same_sheet_again_is_known():
    """A second reading of what was confirmed is neither a fault nor a decision."""
    book = a_book(paid(text=["FA-1001"]), paid("250.00", receipt="r-2"))
    rows = sheet(book)
    rows[1] |= {"document": "FA-1002", "customer": "C-1"}
    first = read(book, saved(rows))
    done = book.confirm(first.proposals, recorded_at=recorded(2), by="A. Martin")

    again = read(done, saved(rows))

    assert (again.proposals, again.known, again.problems) == ((), ("r-1", "r-2"), ())


def test_a_receipt_that_was_applied_otherwise_is_a_fault():
    """What somebody else did with a receipt meanwhile is not overwritten."""
    book = a_book(paid(text=["FA-1001"]))
    rows = sheet(book)
    other = [
        attrs.evolve(each, parts=[Leg("FA-1003", 100_000)]) for each in book.match(as_of=AS_OF)
    ]
    done = book.apply(other, recorded_at=recorded(2))

    assert codes(read(done, saved(rows))) == ["review.receipt-applied"]


def test_a_document_that_was_settled_meanwhile_is_a_fault():
    """A document that another receipt has paid is named, with the row."""
    book = a_book(paid(text=["FA-1001"]), paid(receipt="r-2"))
    rows = sheet(book)
    _, second = book.match(as_of=AS_OF)
    other = attrs.evolve(second, parts=[Leg("FA-1001", 100_000)], customer="C-1")
    done = book.apply([other], recorded_at=recorded(2))

    back = read(done, saved(rows[:1]))

    assert codes(back) == ["review.item-settled"]


def test_what_the_ledger_refuses_is_a_problem():
    """What the ledger would not take is found before it is recorded, and keeps nobody else back."""
    book = a_book(paid(text=["FA-1001"]), paid("250.00", receipt="r-2", text=["FA-1002"]))
    applied = book.apply(book.match(as_of=AS_OF).all[:1], recorded_at=recorded(2))
    (done,) = applied.ledger.allocations_of("MIRA", "r-1")
    undone = applied.record(
        applied.ledger.unallocated(
            "MIRA", done.allocation.allocation, effective_on=AS_OF, recorded_at=recorded(3)
        )
    )

    back = read(undone, saved(sheet(undone)))

    assert "r-2" in {each.receipt for each in back.sound}
    assert set(codes(back)) <= {"event.refused"}
    assert undone.confirm(back.sound, recorded_at=recorded(4), by="A. Martin")


def test_a_stale_sheet_says_so():
    """Where the ledger has moved on, the worksheet is checked again, and a warning says it."""
    book = a_book(paid(text=["FA-1001"]))
    rows = sheet(book)
    late = an_invoice(number="FA-1009", customer="C-1")
    moved = book.record(DocumentIssued.of(late, recorded_at=recorded(2)))

    back = read(moved, saved(rows))

    assert codes(back) == ["review.stale"]
    assert back.proposals == tuple(book.match(as_of=AS_OF))


def test_a_damaged_key_leaves_the_rows():
    """Without what was proposed the rows stand for themselves, and a warning says so."""
    book = a_book(paid(text=["FA-1001"]))

    back = edited(book, {"key": "0123:abcd"})

    assert codes(back) == ["review.key-damaged"]
    (proposal,) = back.proposals
    assert parts(proposal) == {"FA-1001": 100_000}
    assert proposal.evidence[0].kind is EvidenceKind.SAID_BY_PERSON


def test_without_keys_an_ambiguous_amount_is_refused():
    """Where no key says the marks of a country, an amount is read in one way or not at all."""
    book = a_book(paid(text=["FA-1001"]))

    assert codes(edited(book, {"key": "", "pays": "1,000"})) == ["amount.invalid"]
    assert edited(book, {"key": "", "pays": "1000,00"}).sound


def test_an_empty_decision_is_warned_of():
    """A receipt that is to be applied to nothing changes nothing, and is pointed out."""
    book = a_book(paid("7.77"))

    back = edited(book, {})

    assert codes(back) == ["review.empty"]
    assert (
        book.confirm(back.proposals, recorded_at=recorded(2), by="x").ledger.since(book.ledger)
        == ()
    )


SHEETS = {
    "nothing": (b"", "file.empty"),
    "blank lines": (b"\r\n;;\r\n", "file.empty"),
    "another table": (b"a;b\r\n1;2\r\n", "column.missing"),
    "a heading twice": (b"receipt;cobro\r\nr;r\r\n", "column.duplicate"),
    "no workbook": (b"PK\x03\x04nothing", "file.format"),
}


@pytest.mark.parametrize("why", SHEETS)
def test_a_file_that_is_no_review_is_refused(why):
    """A file without the headings is one problem, not one for each row."""
    content, code = SHEETS[why]

    back = read(a_book(paid()), content)

    assert code in codes(back)
    assert back.sound == ()


def test_a_workbook_that_would_unpack_too_far_is_refused():
    """A small file that says it holds a gigabyte is not unpacked."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", b"small")
    content = bytearray(buffer.getvalue())
    size = content.index(b"PK\x01\x02") + 24  # of the part unpacked, as the directory says it
    content[size : size + 4] = (10**9).to_bytes(4, "little")

    assert codes(read(a_book(), bytes(content))) == ["file.too-large"]


def test_a_workbook_that_spans_too_far_is_refused():
    """Two cells at the corners of a sheet are few bytes, and more memory than there is."""
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "receipt"
    workbook.active["XFD1048576"] = "far"
    buffer = io.BytesIO()
    workbook.save(buffer)

    assert codes(read(a_book(), buffer.getvalue())) == ["file.too-large"]


def test_all_languages_are_tried():
    """The test above walks every language that the library has."""
    assert sorted(LANGUAGES_IN_ORDER) == sorted(LANGUAGES)
