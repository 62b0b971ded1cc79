"""What a statement says about itself, and whether it proves its entries."""

from __future__ import annotations

import pytest


def test_header(read, message, statement, entry, element, statements):
    """Sequence, page, copy and time of creation are those of the statement."""
    head = (
        element("StmtPgntn", element("PgNb", "1") + element("LastPgInd", "YES"))
        + element("ElctrncSeqNb", "244")
        + element("LglSeqNb", "12")
        + element("CreDtTm", "2026-10-31T18:00:00+01:00")
        + element("CpyDplctInd", "DUPL")
    )
    (found,) = statements(read(message(statement(entry(), head=head))))

    assert (found.sequence, found.page, found.is_last_page, found.is_copy) == (244, 1, True, True)
    assert found.created_at == "2026-10-31T18:00:00+01:00"
    assert (found.statement, found.currency) == ("2026-10", "EUR")


def test_header_of_the_message_stands_in(read, message, statement, entry, element, statements):
    """Where the statement does not say its page and its time, the message does."""
    head = element("CreDtTm", "2026-10-31T18:00:00") + element(
        "MsgPgntn", element("PgNb", "2") + element("LastPgInd", "false")
    )
    (found,) = statements(
        read(message(statement(entry(), head=element("LglSeqNb", "7")), head=head))
    )

    assert (found.sequence, found.page, found.is_last_page) == (7, 2, False)
    assert found.created_at == "2026-10-31T18:00:00"


@pytest.mark.parametrize(
    ("balances", "expected"),
    [
        ([("OPBD", "1.00"), ("CLBD", "101.00")], (1_00, 101_00)),
        ([("PRCD", "1.00"), ("CLBD", "101.00")], (1_00, 101_00)),
        ([("PRCD", "9.00"), ("OPBD", "1.00"), ("CLBD", "101.00")], (1_00, 101_00)),
        (
            [("CLAV", "9.00"), ("OPBD", "1.00"), ("ITBD", "5.00"), ("CLBD", "101.00")],
            (1_00, 101_00),
        ),
        ([("OPBD", "1.00"), ("CLAV", "9.00")], (1_00, None)),
        ([], (None, None)),
    ],
)
def test_opening_and_closing(
    balances, expected, read, message, statement, entry, balance, statements
):
    """Booked balances count, whatever others stand beside them; all of them are kept."""
    written = "".join(balance(kind, amount) for kind, amount in balances)
    (found,) = statements(read(message(statement(entry(), balances=written))))

    assert expected == (found.opening_minor, found.closing_minor)
    assert [kind for kind, _ in balances] == [one.type for one in found.balances]


def test_negative_balance(read, message, statement, entry, balance, statements):
    """The sign of a balance is its direction."""
    balances = balance("OPBD", "33.06", sign="DBIT") + balance("CLBD", "66.94")
    (found,) = statements(read(message(statement(entry(), balances=balances))))

    assert (found.opening_minor, found.difference_minor) == (-33_06, 0)


def test_pages_of_a_statement(read, message, statement, entry, element, balance, statements, codes):
    """On pages, interim balances stand for the balances that are on other pages."""
    pages = [
        ("1", "false", balance("OPBD", "0.00") + balance("ITBD", "100.00")),
        ("2", "false", balance("ITBD", "100.00") + balance("ITBD", "200.00")),
        ("3", "true", balance("ITBD", "200.00") + balance("CLBD", "300.00")),
    ]
    written = [
        statement(
            entry(),
            head=element("StmtPgntn", element("PgNb", page) + element("LastPgInd", last)),
            balances=balances,
        )
        for page, last, balances in pages
    ]
    collected = read(message(*written))

    assert [0, 0, 0] == [one.difference_minor for one in statements(collected)]
    assert codes(collected) == []


@pytest.mark.parametrize(("page", "is_complete"), [("1", False), ("2", True)])
def test_unbalanced_is_an_error_unless_it_is_a_page(
    page, is_complete, read, message, statement, entry, element, codes
):
    """A whole statement that does not add up lacks something; a page may have its rest elsewhere."""
    head = element("StmtPgntn", element("PgNb", page) + element("LastPgInd", "true"))
    collected = read(message(statement(entry("99.99"), head=head)))

    assert codes(collected) == ["statement.unbalanced"]
    assert is_complete is collected.report.complete
    assert "got a difference of 1 minor units of EUR" in collected.report.problems[0].message


def test_statement_without_balance_is_not_proved(read, message, statement, entry, balance, codes):
    """A statement that lacks a balance says so; what it has is complete."""
    collected = read(message(statement(entry(), balances=balance("CLBD", "100.00"))))

    assert codes(collected) == ["statement.incomplete"]
    assert collected.report.complete


@pytest.mark.parametrize(("kind", "name"), [("052", "Rpt"), ("054", "Ntfctn")])
def test_reports_and_notifications_need_no_balance(kind, name, read, message, statement, entry):
    """Reports during the day and notifications have the same entries, and no balance to prove."""
    collected = read(message(statement(entry(), name=name, balances=""), kind=kind))

    assert [100_00, None] == [
        collected.rows[0].amount_minor,
        collected.rows[1].closing_minor,
    ]
    assert collected.report.problems == ()


def test_entries_in_another_currency_are_said(read, message, statement, entry, balance, codes):
    """A sum over two currencies proves nothing, and the report says so."""
    balances = balance("OPBD", "0.00") + balance("CLBD", "100.00")
    collected = read(
        message(statement(entry("60.00"), entry("40.00", currency="USD"), balances=balances))
    )

    assert codes(collected) == ["camt053.currency-differs"]
    assert not collected.report.complete


@pytest.mark.parametrize(
    ("declared", "expected"), [("1", []), ("3", []), ("35", ["camt053.count-differs"])]
)
def test_declared_count(declared, expected, read, message, statement, entry, element, codes):
    """A summary that counts neither the entries nor their transactions shows that some are lost."""
    summary = element("TxsSummry/TtlNtries/NbOfNtries", declared)
    transactions = element("NtryDtls", element("TxDtls", "") * 3)
    collected = read(message(statement(summary, entry(details=transactions))))

    assert expected == codes(collected)


def test_several_statements(read, message, statement, entry, statements):
    """Each statement of a file has its own sums and its own numbering."""
    written = [statement(entry(), iban=iban) for iban in ("FR1", "FR2")]
    collected = read(message(*written))

    assert ["FR1", "FR2"] == [one.account for one in statements(collected)]
    assert [1, 1] == [row.index for row in collected.rows if hasattr(row, "index")]
    assert [1, 1] == [one.entries for one in statements(collected)]
