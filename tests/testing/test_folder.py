"""The files of the folder: read back with the standard library only, and proved by their own sums."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tomllib
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from receivables.testing.company import folder_files, generate, write_folder

_NS = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"


def _statements(folder):
    """The statement element of each page, in the order of account and time."""
    return [
        ET.fromstring(content).find(f"{_NS}BkToCstmrStmt/{_NS}Stmt")  # noqa: S314  # our own file
        for path, content in folder.items()
        if path.startswith("statements/")
    ]


def _text(element, path):
    return element.findtext("/".join(f"{_NS}{part}" for part in path.split("/")))


def _all(element, path):
    return element.findall("/".join(f"{_NS}{part}" for part in path.split("/")))


def _signed(element):
    amount = Decimal(_text(element, "Amt"))
    return amount if _text(element, "CdtDbtInd") == "CRDT" else -amount


def _balances(statement):
    first, last = _all(statement, "Bal")
    return _signed(first), _signed(last)


def _booked(statement):
    return [entry for entry in _all(statement, "Ntry") if _text(entry, "Sts/Cd") == "BOOK"]


def test_the_bytes_are_the_same_again(company, folder):
    """The same company gives the same files, all at once or one by one."""
    assert folder == write_folder(company, page_size=10)
    assert folder == dict(folder_files(company, page_size=10))


def test_every_page_is_proved_by_its_balances(folder):
    """Opening plus booked entries is closing, recomputed from the text of each page."""
    for statement in _statements(folder):
        opening, closing = _balances(statement)

        assert closing == opening + sum(map(_signed, _booked(statement)))


def test_pages_and_months_join(folder):
    """Each page opens with the balance that the page before it closed with."""
    closings = {}
    for statement in _statements(folder):
        account = _text(statement, "Acct/Id/IBAN")
        opening, closing = _balances(statement)

        assert closings.get(account, opening) == opening
        closings[account] = closing


def test_pages_are_numbered(folder):
    """Pages of a statement count from 1, and only the last says that it is; sequences have no gap."""
    numbers = {}
    for statement in _statements(folder):
        key = (_text(statement, "Acct/Id/IBAN"), int(_text(statement, "ElctrncSeqNb")))
        page = (_text(statement, "StmtPgntn/PgNb"), _text(statement, "StmtPgntn/LastPgInd"))
        numbers.setdefault(key, []).append(page)

    for pages in numbers.values():
        expected = [(str(n), str(n == len(pages)).lower()) for n in range(1, len(pages) + 1)]
        assert expected == pages
    assert max(map(len, numbers.values())) > 1
    assert {sequence for _, sequence in numbers} == set(range(1, 25))


def test_details_add_up_to_their_entry(folder):
    """A batch says how many transactions it has and what they come to."""
    batches = 0
    for statement in _statements(folder):
        for entry in _all(statement, "Ntry"):
            details = _all(entry, "NtryDtls/TxDtls")
            assert _signed(entry) == sum(map(_signed, details))
            if _text(entry, "NtryDtls/Btch/NbOfTxs"):
                assert len(details) == int(_text(entry, "NtryDtls/Btch/NbOfTxs"))
                batches += 1

    assert batches > 0


@pytest.mark.parametrize(
    "path",
    [
        "NtryDtls/TxDtls/RtrInf/Rsn/Cd",
        "NtryDtls/TxDtls/Chrgs/Rcrd/Amt",
        "NtryDtls/TxDtls/RmtInf/Strd/CdtrRefInf/Ref",
        "NtryDtls/TxDtls/RmtInf/Strd/RfrdDocInf/Nb",
        "NtryDtls/TxDtls/RltdPties/UltmtDbtr/Pty/Nm",
        "NtryDtls/TxDtls/Refs/MndtId",
    ],
)
def test_the_statements_have_what_readers_stumble_on(path, folder):
    """Returns, charges, structured references, third parties and mandates all occur."""
    assert any(_all(entry, path) for page in _statements(folder) for entry in _all(page, "Ntry"))


def test_one_entry_is_pending_and_counts_in_no_balance(folder):
    """The last statement announces a transfer that is not booked yet."""
    entries = [entry for page in _statements(folder) for entry in _all(page, "Ntry")]

    assert 1 == sum(_text(entry, "Sts/Cd") == "PDNG" for entry in entries)


def test_texts_fit_their_fields(folder):
    """Names have at most 35 characters here, and remittance texts 140."""
    for page in _statements(folder):
        for details in _all(page, "Ntry/NtryDtls/TxDtls"):
            assert len(_text(details, "RltdPties/Dbtr/Pty/Nm") or "") <= 35
            assert len(_text(details, "RmtInf/Ustrd") or "") <= 140


def test_the_invoices_are_those_of_the_company(company, folder):
    """The list of documents has each document with the amount that it prints."""
    rows = csv.DictReader(io.StringIO(folder["invoices.csv"].decode("cp1252")), delimiter=";")
    listed = [(row["N° pièce"], row["Montant TTC"], row["Devise"]) for row in rows]

    expected = [
        (sale.number, f"{Decimal(sale.amount_minor) / 100:.2f}".replace(".", ","), sale.currency)
        for sale in company.sales
    ]
    assert expected == listed


def test_the_customers_are_those_of_the_company(company, folder):
    """The list of customers has each customer once."""
    rows = csv.DictReader(io.StringIO(folder["customers.csv"].decode()), delimiter=";")

    assert [customer.customer for customer in company.customers] == [r["Code client"] for r in rows]


def test_the_settings_name_the_files(folder):
    """The settings are TOML, name the creditor and lead to files that are there."""
    settings = tomllib.loads(folder["receivables.toml"].decode())
    files = [name for source in settings["ledger"] for name in source["files"]]

    assert "MIRA" == settings["creditor"]["creditor"]
    assert set(files) < set(folder)


def test_an_empty_month_has_a_statement():
    """A month without entries still proves its balance."""
    made = generate(invoices=1, customers=1, first_day=dt.date(2026, 1, 1))
    statements = _statements(write_folder(made))

    assert 20 == len(statements)
    assert any(not _all(statement, "Ntry") for statement in statements)
