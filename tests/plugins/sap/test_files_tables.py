"""Rows of SAP's tables: signs, decimals, due dates, what is left out, what was cleared."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, Invoice
from receivables.errors import PolicyError
from receivables.money import money
from receivables.parties import Customer
from receivables.receipts import Receipt
from receivables.testing.ledger_source import balances
from receivables_plugins.sap.tables import TablesSource, rows_of_tables
from receivables_plugins.sap.tables_settings import SapTablesSettings

ROW = {
    "BUKRS": "1000", "KUNNR": "0000000042", "BELNR": "0090000001", "GJAHR": "2026", "BUZEI": "001",
    "BUDAT": "20260131", "BLDAT": "20260131", "WAERS": "EUR", "SHKZG": "S", "WRBTR": "120.00",
    "BSCHL": "01", "BLART": "RV",
}  # fmt: skip
CREDIT = {**ROW, "BELNR": "0090000002", "SHKZG": "H", "BSCHL": "11", "BLART": "DG"}
PAYMENT = {**ROW, "BELNR": "1400000007", "SHKZG": "H", "BSCHL": "15", "BLART": "DZ"}


def _read(*rows, table="BSID", more=None, **said):
    given = {"creditor": "MIRA", **said}
    tables = {table: rows, **(more or {})}
    return rows_of_tables(tables, settings=SapTablesSettings(**given)).collect()


def _of(read, kind):
    return [row for row in read.rows if isinstance(row, kind)]


def _codes(read):
    return [problem.code for problem in read.report.problems]


def test_unsigned_amount_has_the_sign_of_its_side():
    """What is debit is owed, what is credit is owed less."""
    assert balances(_read(ROW, CREDIT | {"WRBTR": "20.00"}).rows) == {"EUR": 100_00}


@pytest.mark.parametrize(
    ("currency", "raw", "expected"),
    [("JPY", "10.00", "1000"), ("EUR", "10.00", "10.00"), ("KWD", "10.05", "1.005")],
)
def test_raw_amounts_have_two_decimals_of_every_currency(currency, raw, expected):
    """The decimals of the currency say what a raw amount really is."""
    [invoice] = _of(_read(ROW | {"WAERS": currency, "WRBTR": raw}, curr="raw"), Invoice)

    assert invoice.total == money(expected, currency)


def test_yen_without_a_declaration_is_refused():
    """An amount that is a hundred times more or less is never guessed."""
    read = _read(ROW | {"WAERS": "JPY", "WRBTR": "1000"})

    assert _codes(read) == ["sap.decimals-unsaid"]
    assert not read.report.complete


def test_due_date_counts_the_net_days_from_the_baseline():
    """The vector of the reference: 30 December and 17 days."""
    row = ROW | {"ZFBDT": "20221230", "ZBD1T": "17"}

    assert _of(_read(row), Invoice)[0].due_date == dt.date(2023, 1, 16)


@pytest.mark.parametrize("order", [1, -1])
def test_credit_of_an_invoice_is_due_with_it(order):
    """Whichever of the two comes first in the table."""
    invoice = ROW | {"ZFBDT": "20260131", "ZBD3T": "60"}
    credit = CREDIT | {"REBZG": "0090000001", "REBZJ": "2026", "REBZZ": "001"}

    [found] = _of(_read(*[invoice, credit][::order]), CreditNote)

    assert found.due_date == dt.date(2026, 4, 1)
    assert found.corrects == "0090000001-2026-001"


def test_credit_without_an_invoice_is_due_at_once():
    """Its terms do not count."""
    credit = CREDIT | {"ZFBDT": "20260201", "ZBD1T": "30"}

    assert _of(_read(credit), CreditNote)[0].due_date == dt.date(2026, 2, 1)


def test_partial_payment_names_its_invoice_and_stays_an_item():
    """The receipt says for what it is; nothing is settled by that."""
    payment = PAYMENT | {"WRBTR": "20.00", "REBZG": "0090000001", "REBZJ": "2026", "REBZZ": "001"}
    read = _read(ROW, payment)
    [receipt] = _of(read, Receipt)

    assert [one.number for one in receipt.remittance.documents] == ["0090000001-2026-001"]
    assert _of(read, SourceAllocation) == []


CLEARED = {"AUGBL": "1400000007", "AUGDT": "20260210"}


def test_what_one_document_cleared_is_settled_whole():
    """On the day of clearing, with the number of the clearing document as its label."""
    read = _read(ROW | CLEARED, PAYMENT | CLEARED, table="BSAD")
    [settled] = _of(read, SourceAllocation)

    assert settled.items == ("0090000001-2026-001", "1400000007-2026-001")
    assert (settled.settled_on, settled.label) == (dt.date(2026, 2, 10), "1400000007-2026")
    assert read.report.problems == ()


def test_clearing_that_does_not_balance_is_reported():
    """Something that is not in the table settled the rest."""
    read = _read(ROW | CLEARED, table="BSAD")

    assert _codes(read) == ["sap.clearing-unbalanced"]
    assert read.report.complete


def test_noted_items_and_special_ledger_stay_out_with_a_warning():
    """They are in no balance of the customer, and the report counts them."""
    read = _read(
        ROW,
        ROW | {"BUZEI": "002", "BSTAT": "S"},
        ROW | {"BUZEI": "003", "UMSKZ": "W", "BSCHL": "09"},
    )

    assert balances(read.rows) == {"EUR": 120_00}
    assert sorted(_codes(read)) == ["sap.noted-item", "sap.special-gl"]


def test_down_payment_is_an_advance():
    """Special general ledger A is money that came before there was anything to pay."""
    [receipt] = _of(_read(PAYMENT | {"UMSKZ": "A", "BSCHL": "19"}), Receipt)

    assert receipt.is_advance


def test_down_payment_that_is_used_leaves_its_special_ledger():
    """The debit that moves it is a debit note, and both are settled by the document that moved it."""
    moved = {"AUGBL": "1400000010", "AUGDT": "20260215"}
    came = PAYMENT | {"UMSKZ": "A", "BSCHL": "19"} | moved
    went = PAYMENT | moved | {"BELNR": "1400000010", "UMSKZ": "A", "BSCHL": "09", "SHKZG": "S"}
    here = PAYMENT | {"BELNR": "1400000010", "BUZEI": "002"}

    read = _read(here, more={"BSAD": [came, went]})

    assert (_codes(read), balances(read.rows)) == ([], {"EUR": -120_00})
    assert [row.items for row in _of(read, SourceAllocation)] == [
        ("1400000007-2026-001", "1400000010-2026-001")
    ]


def test_special_ledger_without_its_indicator_is_refused():
    """A posting key of special ledger says that the list lacks a column: the line may be a noted one."""
    read = _read(PAYMENT | {"BSCHL": "19"})

    assert (_codes(read), read.report.complete) == (["sap.special-gl"], False)


def test_lines_of_bseg_take_what_only_their_head_says():
    """With BKPF, the lines of customers in BSEG are like those of BSID."""
    head = {
        name: ROW[name] for name in ("BUKRS", "BELNR", "GJAHR", "BUDAT", "BLDAT", "WAERS", "BLART")
    }
    bare = {
        name: value
        for name, value in ROW.items()
        if name not in {"BUDAT", "BLDAT", "WAERS", "BLART"}
    }
    lines = [bare | {"KOART": "D"}, bare | {"KOART": "S", "BUZEI": "002"}]

    read = _read(*lines, table="BSEG", more={"BKPF": [head]})

    assert balances(read.rows) == {"EUR": 120_00}


def test_customers_have_the_terms_and_the_head_office_of_their_company_code():
    """KNB1 adds to KNA1 what belongs to a company code."""
    masters = {
        "KNA1": [{"KUNNR": "0000000042", "NAME1": "Brasserie", "NAME2": "Nord", "LAND1": "FR",
                  "SPRAS": "F", "PSTLZ": "44000", "ORT01": "Nantes", "STCD1": "73282932000074",
                  "STCEG": "FR44732829320"}],
        "KNB1": [{"KUNNR": "0000000042", "BUKRS": "1000", "AKONT": "140000", "ZTERM": "0002",
                  "KNRZE": "0000000001"}],
    }  # fmt: skip
    [customer] = _of(_read(more=masters, payment_terms={"0002": "net 30"}), Customer)

    assert (customer.name, customer.locale, customer.terms) == ("Brasserie Nord", "fr", "net 30")
    assert customer.payer_group == "0000000001"
    assert [one.scheme for one in customer.identifiers] == ["fr.siret", "eu.vat"]


def test_values_of_a_bridge_may_be_typed():
    """Whole numbers get their zeros back, Decimals and days are taken as they are."""
    row = ROW | {"KUNNR": 42, "BELNR": 90000001, "BUZEI": 1, "WRBTR": Decimal("120.00"),
                 "BUDAT": dt.date(2026, 1, 31), "ZFBDT": None}  # fmt: skip

    [invoice] = _of(_read(row), Invoice)

    assert (invoice.customer, invoice.number) == ("0000000042", "0090000001-2026-001")


def test_a_float_is_no_amount():
    """It cannot be said which cent it meant."""
    with pytest.raises(TypeError, match="float"):
        _read(ROW | {"WRBTR": 120.0})


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"SHKZG": ""}, "amount.sign"),
        ({"SHKZG": "X"}, "amount.sign"),
        ({"WRBTR": "-120.00"}, "amount.sign"),
        ({"WRBTR": ""}, "amount.invalid"),
        ({"WRBTR": "1.200,00"}, "amount.invalid"),
        ({"WRBTR": "120.005"}, "amount.inexact"),
        ({"WAERS": ""}, "currency.missing"),
        ({"WAERS": "XQX"}, "currency.unknown"),
        ({"KUNNR": ""}, "customer.missing"),
        ({"BELNR": ""}, "document.missing"),
        ({"BUDAT": "00000000"}, "date.missing"),
        ({"BUDAT": "20260230"}, "date.invalid"),
        ({"AUGBL": "1400000007"}, "date.missing"),
        ({"ZBD1T": "1000"}, "terms.invalid"),
    ],
)
def test_wrong_rows_are_noted_and_left_out(wrong, code):
    """Each is an error with its row and its field, and the others are kept."""
    read = _read(ROW | {"BUZEI": "002"}, ROW | wrong)

    assert code in _codes(read)
    assert not read.report.complete
    assert balances(read.rows) == {"EUR": 120_00}


def test_two_clients_and_two_company_codes_are_not_mixed():
    """The same number means another document there."""
    clients = _read(ROW | {"MANDT": "100"}, ROW | {"MANDT": "200", "BUZEI": "002"})
    codes = _read(ROW, ROW | {"BUKRS": "2000", "BUZEI": "002"})

    assert _codes(clients) == ["sap.clients-mixed"]
    assert _codes(codes) == ["sap.companies-mixed"]
    assert _read(ROW, ROW | {"BUKRS": "2000"}, creditors={"2000": "NORD"}).report.complete


def test_settings_say_the_form_of_people():
    """An export with German amounts and days is read where it is declared."""
    row = ROW | {"WRBTR": "1.200,00", "BUDAT": "31.01.2026", "BLDAT": "31.01.2026"}
    read = _read(row, decimal=",", grouping=".", date_format="%d.%m.%Y")

    assert balances(read.rows) == {"EUR": 1_200_00}


@pytest.mark.parametrize("name", ["BKPF", "KNB1", "KNKK"])
def test_table_that_says_nothing_alone_is_refused(name):
    """It must come together with lines or customers."""
    fields = {
        "BKPF": ["BELNR", "GJAHR", "BLART", "BUKRS"],
        "KNB1": ["KUNNR", "BUKRS", "AKONT"],
        "KNKK": ["KUNNR", "KKBER", "KLIMK"],
    }[name]
    content = (";".join(fields) + "\n" + ";".join("1" for _ in fields) + "\n").encode()
    source = TablesSource(SapTablesSettings(creditor="MIRA"))

    read = source.read(io.BytesIO(content), name="a.csv").collect()

    assert _codes(read) == ["sap.table-alone"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_headings_may_be_in_any_case_and_delimited_in_four_ways(mark):
    """Replication writes fields in lower case."""
    content = "\n".join(mark.join(line) for line in ([name.lower() for name in ROW], ROW.values()))
    source = TablesSource(SapTablesSettings(creditor="MIRA"))

    read = source.read(io.BytesIO(content.encode()), name="a.csv").collect()

    assert source.recognizes(content.encode(), name="x")
    assert balances(read.rows) == {"EUR": 120_00}


@pytest.mark.parametrize(
    "given",
    [
        {"curr": "cents"},
        {"amounts": "group"},
        {"amounts": "local"},
        {"currency": "XQX"},
        {"special_gl": {"A": "age"}},
        {"date_format": "%B"},
    ],
)
def test_impossible_settings_are_refused(given):
    """The message names what is possible."""
    with pytest.raises((PolicyError, LookupError)):
        SapTablesSettings(**given)


def test_unknown_tables_are_refused():
    """A table of vendors is none of ours."""
    with pytest.raises(PolicyError, match="BSIK"):
        rows_of_tables({"BSIK": []})


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 10**9)), max_size=20))
def test_balance_is_debits_less_credits(lines):
    """Whatever the lines, in any order, to the cent."""
    rows = [
        ROW | {"BUZEI": f"{place:03}", "SHKZG": "H" if credit else "S", "BSCHL": "11" if credit else "01",
               "WRBTR": f"{minor // 100}.{minor % 100:02}"}
        for place, (credit, minor) in enumerate(lines, start=1)
    ]  # fmt: skip
    expected = sum(-minor if credit else minor for credit, minor in lines)

    assert sum(balances(_read(*rows).rows).values()) == expected


@pytest.mark.parametrize("name", ["bsad_bck", "kna1", "bseg"])
def test_tables_of_a_connector_are_recognized(shared, name):
    """The column layouts of a replication, whose values are scrambled."""
    path = shared / "fivetran_seeds" / f"{name}.csv"
    content = path.read_bytes()
    source = TablesSource(SapTablesSettings(creditor="MIRA"))

    read = source.read(io.BytesIO(content), name=path.name).collect()

    assert source.recognizes(content[:4096], name=path.name)
    # BSEG has lines of general ledger accounts alone, and the values of BSAD are noise.
    expected = {
        "kna1": (3, set()),
        "bsad_bck": (0, {"currency.missing", "sap.clients-mixed"}),
        "bseg": (0, set()),
    }
    assert (len(read.rows), set(_codes(read))) == expected[name]
