"""What the lines of an export become: customers, documents, receipts, allocations."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.allocation import SourceAllocation
from receivables.documents import Document
from receivables.parties import Customer
from receivables.receipts import Receipt
from receivables.testing.ledger_source import balances, items_of

_NAMES = ("Invoice", "DebitNote", "CreditNote", "Receipt")


def _items(collected):
    """The kind of each item of a read, in order."""
    kinds = [type(row).__name__ for row in collected.rows]
    return [kind for kind in kinds if kind in _NAMES]


def _identities(collected):
    documents = [row.number for row in collected.rows if isinstance(row, Document)]
    return documents + [row.receipt for row in collected.rows if isinstance(row, Receipt)]


def _settled(collected):
    return [row for row in collected.rows if isinstance(row, SourceAllocation)]


KINDS = [
    # journal, side of the receivable line, the other accounts of the entry, what it becomes
    ("VE", "Debit", ["70600000", "44571000"], "Invoice"),
    ("VE", "Credit", ["70600000"], "CreditNote"),
    ("BQ", "Credit", ["51200000"], "Receipt"),
    ("CA", "Credit", ["53000000"], "Receipt"),
    ("BQ", "Debit", ["51200000"], "DebitNote"),
    ("BQ", "Credit", ["51200000", "76600000"], "Receipt"),
    ("VE", "Debit", ["70700000", "53000000"], "Invoice"),
    ("OD", "Debit", ["41600000"], "DebitNote"),
    ("OD", "Credit", ["65400000"], "CreditNote"),
    ("AN", "Debit", ["51200000", "10100000"], "Invoice"),
    ("AN", "Credit", ["51200000", "10100000"], "CreditNote"),
]


@pytest.mark.parametrize(("journal", "side", "others", "kind"), KINDS)
def test_the_other_accounts_of_an_entry_say_what_it_is(
    journal, side, others, kind, export, line, read
):
    """Income makes an invoice, cash a receipt, and an opening journal brings invoices forward."""
    other_side = "Credit" if side == "Debit" else "Debit"
    first, *rest = others
    lines = [
        line(journal, "1", "41100000", **{side: "10,00"}),
        line(journal, "1", first, **{other_side: "10,00"}),
        *(line(journal, "1", account) for account in rest),
    ]

    assert _items(read(export(*lines))) == [kind]


DECLARED = {
    "sales": ["Invoice", "CreditNote"],
    "opening": ["Invoice", "CreditNote"],
    "cash": ["DebitNote", "Receipt"],
    "other": ["DebitNote", "CreditNote"],
}


@pytest.mark.parametrize("kind", DECLARED)
def test_a_declared_journal_goes_before_the_rule(kind, export, line, read):
    """What the settings say of a journal is taken."""
    lines = [
        line("X1", "1", "41100000", piece="A", Debit="10,00"),
        line("X1", "1", "41100000", piece="B", Credit="10,00"),
    ]

    assert _items(read(export(*lines), journals={"X1": kind})) == DECLARED[kind]


@pytest.mark.parametrize("name", ["A NOUVEAUX", "Report à nouveau", "à-nouveaux détaillés"])
def test_opening_journal_is_known_by_its_name(name, export, line, read):
    """A journal of balances brought forward is known whatever its code."""
    lines = [
        line("Z9", "1", "41100000", JournalLib=name, Debit="10,00"),
        line("Z9", "1", "51200000", JournalLib=name, Credit="10,00"),
    ]

    assert _items(read(export(*lines))) == ["Invoice"]


def test_entries_without_a_number_are_told_apart_by_their_piece(export, sale, payment, read):
    """Where EcritureNum is always 0, journal, PieceRef and date name an entry."""
    found = read(export(*sale("0"), *payment("0"), *sale("0", "F002"), *payment("0", "B002")))

    assert _items(found) == ["Invoice", "Invoice", "Receipt", "Receipt"]


def test_document_says_what_the_line_says(export, sale, read):
    """Number, customer, both dates, amount and place come from the line; there is no due date."""
    invoice = read(export(*sale(PieceDate="20260112"))).rows[1]

    assert (invoice.number, invoice.customer, invoice.creditor) == ("F001", "0042", "MIRA")
    assert invoice.document_date == dt.date(2026, 1, 12)
    assert invoice.posting_date == dt.date(2026, 1, 15)
    assert invoice.due_date is None
    assert (str(invoice.total.amount), invoice.currency) == ("120.00", "EUR")
    assert str(invoice.source) == "fec.txt:2"


def test_document_date_falls_back_to_the_posting_date(export, sale, read):
    """A line without PieceDate is dated on its entry."""
    assert read(export(*sale(PieceDate=""))).rows[1].document_date == dt.date(2026, 1, 15)


def test_receipt_says_what_the_line_says(export, payment, read):
    """The text of the line is what the payer said, as far as the accounts know."""
    receipt = read(export(*payment(EcritureLib="VIR SOCIETE GENERIQUE F001"))).rows[1]

    assert receipt.receipt == "B001~BQ-2"
    assert receipt.booking_date == dt.date(2026, 2, 10)
    assert receipt.remittance.text == ("VIR SOCIETE GENERIQUE F001",)
    assert (receipt.customer, receipt.payer.name) == ("0042", "Société Générique")


def test_customer_comes_once_under_the_first_name(export, sale, read):
    """A customer is its auxiliary account, leading zeros kept."""
    found = read(export(*sale(), *sale("2", "F002", CompAuxLib="Other"), *sale("3", "F003")))
    customers = [row for row in found.rows if isinstance(row, Customer)]

    assert [(one.customer, one.name, one.locale) for one in customers] == [
        ("0042", "Société Générique", "fr-FR")
    ]


def test_account_stands_in_for_a_missing_auxiliary(export, sale, read):
    """Firms with one account per customer have no auxiliary accounts."""
    found = read(export(*sale(CompAuxNum="", CompAuxLib="", CompteLib="Client divers")))

    assert (found.rows[0].customer, found.rows[0].name) == ("41100000", "Client divers")


def test_customer_without_any_name_is_called_by_its_identifier(export, sale, read):
    """A name is never empty."""
    assert read(export(*sale(CompAuxLib=""))).rows[0].name == "0042"


def test_only_the_accounts_asked_for_are_receivables(export, line, read):
    """Doubtful customers are read where the settings add their account."""
    lines = [
        line("OD", "1", "41600000", piece="D1", Debit="10,00"),
        line("OD", "1", "41100000", piece="D1", Credit="10,00"),
    ]

    assert _items(read(export(*lines))) == ["CreditNote"]
    assert _items(read(export(*lines), accounts=["411", "416"])) == ["DebitNote", "CreditNote"]


def test_line_of_zero_is_no_item(export, line, read):
    """A line that moves nothing creates nothing."""
    found = read(export(line("VE", "1", "41100000"), line("VE", "1", "70600000")))

    assert (found.rows, found.report.complete) == ((), True)


def test_amount_in_another_currency_is_left_out(export, sale, read):
    """The item is in the currency of the accounts."""
    found = read(export(*sale(Montantdevise="130,00", Idevise="USD")))

    assert str(found.rows[1].total) == str(read(export(*sale())).rows[1].total)


def test_shared_piece_belongs_to_the_sale_posted_first(export, sale, payment, read):
    """A PieceRef that several lines share names the first sale; the others are told apart."""
    lines = [
        *payment("7", "F001", "20260101"),
        *sale("9", "F001", "20260301"),
        *sale("8", "F001", "20260201"),
    ]

    assert _identities(read(export(*lines))) == ["F001~VE-9", "F001", "F001~BQ-7"]


def test_document_with_another_number_keeps_its_piece_as_a_reference(export, sale, read):
    """What a payer may name is not lost with the number."""
    found = read(export(*sale("1", "F001"), *sale("2", "F001")))

    assert [row.references for row in found.rows[1:]] == [(), ("F001",)]


def test_lines_of_one_entry_are_told_apart_by_their_place(export, line, read):
    """Two receivable lines of one entry have the same piece, number and date."""
    lines = [line("BQ", "5", "41100000", piece="R1", Credit="1,00") for _ in range(3)]
    lines.append(line("BQ", "5", "51200000", piece="R1", Debit="3,00"))

    assert _identities(read(export(*lines))) == ["R1~BQ-5", "R1~BQ-5.2", "R1~BQ-5.3"]


def test_line_without_a_piece_has_an_identity(export, sale, payment, read):
    """Journal and entry number name it alone."""
    found = read(export(*sale(piece=""), *payment(piece="")))

    assert _identities(found) == ["VE-1", "BQ-2"]


def test_imitated_identity_stays_unique(export, sale, read):
    """A PieceRef that looks like one of our names takes no name away."""
    lines = [*sale("1", "F1"), *sale("2", "F1"), *sale("3", "F1~VE-2")]

    identities = _identities(read(export(*lines)))

    assert len(set(identities)) == 3
    assert {"F1", "F1~VE-2"} <= set(identities)


def test_identities_stay_when_the_export_grows(export, sale, payment, read):
    """Entries posted later change the name of nothing."""
    lines = [*sale("1", "F001"), *payment("2", "F001"), *sale("3", "F002")]
    later = [*sale("4", "F001", "20260401"), *payment("5", "F002", "20260402")]

    before = _identities(read(export(*lines)))

    assert set(before) < set(_identities(read(export(*lines, *later))))


def test_lettering_group_settles_its_items(export, sale, payment, read):
    """A group that adds up to zero is an allocation of its items on the day of lettering."""
    letter = {"EcritureLet": "AA", "DateLet": "20260214"}
    (settled,) = _settled(read(export(*sale(**letter), *payment(**letter), *sale("3", "F002"))))

    assert settled.items == ("F001", "B001~BQ-2")
    assert (settled.customer, settled.label) == ("0042", "AA")
    assert settled.settled_on == dt.date(2026, 2, 14)
    assert str(settled.source) == "fec.txt:2"


DAYS = {
    "blank": ("", "2026-02-10"),
    "before the last entry": ("20260120", "2026-02-10"),
    "later": ("20260301", "2026-03-01"),
}


@pytest.mark.parametrize("case", DAYS)
def test_group_is_settled_no_earlier_than_its_last_line(case, export, sale, payment, read):
    """A blank DateLet, or one before the last entry, is the day of the last entry."""
    given, expected = DAYS[case]
    letter = {"EcritureLet": "AA", "DateLet": given}
    (settled,) = _settled(read(export(*sale(**letter), *payment(**letter))))

    assert settled.settled_on == dt.date.fromisoformat(expected)


def test_unbalanced_group_is_noted_and_not_used(export, sale, payment, read):
    """Payments of opening items are lettered without them; their group settles nothing."""
    found = read(export(*sale(), *payment(EcritureLet="AA")))

    assert _settled(found) == []
    assert [(one.code, one.is_error) for one in found.report.problems] == [
        ("lettering.unbalanced", False)
    ]
    assert found.report.complete


def test_letter_is_used_again_for_each_customer(export, sale, payment, read):
    """The same letter of two customers is two groups."""
    one, two = {"EcritureLet": "AA"}, {"EcritureLet": "AA", "CompAuxNum": "0043"}
    lines = [*sale("1", "F1", **one), *payment("2", **one)]
    lines += [*sale("3", "F2", **two), *payment("4", **two)]

    assert [row.customer for row in _settled(read(export(*lines)))] == ["0042", "0043"]


def test_lettering_can_be_ignored(export, sale, payment, read):
    """Who does not trust the lettering gets the items alone."""
    letter = {"EcritureLet": "AA"}
    content = export(*sale(**letter), *payment(**letter))

    assert _settled(read(content, lettering="ignore")) == []


_ENTRY = st.fixed_dictionaries(
    {
        "journal": st.sampled_from(["VE", "BQ", "OD", "AN"]),
        "number": st.sampled_from(["0", "1", "2"]),
        "piece": st.sampled_from(["", "F1", "F1~VE-1", "F1~VE-1.2"]),
        "date": st.sampled_from(["20260101", "20260102"]),
        "other": st.sampled_from(["70600000", "51200000", "40100000"]),
        "amount": st.integers(-99, 99),
        "letter": st.sampled_from(["", "A", "B"]),
    }
)


@given(entries=st.lists(_ENTRY, max_size=12))
@settings(max_examples=50)
def test_no_cent_and_no_name_is_lost(entries, export, line, read):
    """Whatever the entries: the balance is that of the account, identities differ, groups are zero."""
    lines = []
    for one in entries:
        where = {"date": one["date"], "piece": one["piece"]}
        amount = f"{one['amount']},00"
        first = line(
            one["journal"], one["number"], "411", Debit=amount, EcritureLet=one["letter"], **where
        )
        lines += [first, line(one["journal"], one["number"], one["other"], Credit=amount, **where)]
    rows = read(export(*lines)).rows
    items = {item.item: item.amount_minor for item in items_of(rows)}

    assert sum(balances(rows).values()) == 100 * sum(one["amount"] for one in entries)
    assert len(items) == sum(bool(one["amount"]) for one in entries)
    for row in rows:
        assert not isinstance(row, SourceAllocation) or not sum(items[one] for one in row.items)
